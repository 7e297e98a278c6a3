//! What is answered instead of a page. Maintenance is the vendor's sample, byte for byte in its members; the rest the
//! vendor leaves open, so it is what ASP.NET Core sends: Problem Details (RFC 9457), with an `errors` map and a
//! `traceId` where a parameter is at fault.

use crate::fault::ErrorBody;
use crate::response::reason;

/// A response before its framing: what it says, not how it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) const JSON: &str = "application/json; charset=utf-8";
const PROBLEM: &str = "application/problem+json";
const HTML: &str = "text/html";
const TEXT: &str = "text/plain; charset=utf-8";

const UNDER_MAINTENANCE: &str = r#"{
"title": "Server undergoing maintenance",
"detail": "Server is undergoing maintenance and all api endpoints are currently unavailable",
"status": 503,
"type": "https://schemas.nti.biz/comanage/errors/under-maintenance"
}"#;

impl Reply {
    fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: Some(content_type), fields: Vec::new(), body: body.into() }
    }

    pub(crate) fn json(body: Vec<u8>) -> Self {
        Self::new(200, JSON, body)
    }

    pub(crate) fn maintenance() -> Self {
        Self::new(503, PROBLEM, UNDER_MAINTENANCE)
    }

    /// Problem Details of the plain kind. `detail` is the simulator's own text and needs no escaping.
    pub(crate) fn problem(status: u16, detail: &str) -> Self {
        let title = reason(status);
        let body = format!(
            r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}","traceId":"{TRACE}"}}"#
        );
        Self::new(status, PROBLEM, body)
    }

    /// A parameter that is missing or cannot be read.
    pub(crate) fn invalid_parameter(name: &str, message: &str) -> Self {
        let body = format!(
            concat!(
                r#"{{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","#,
                r#""title":"One or more validation errors occurred.","status":400,"#,
                r#""errors":{{"{}":["{}"]}},"traceId":"{}"}}"#
            ),
            name, message, TRACE
        );
        Self::new(400, PROBLEM, body)
    }

    pub(crate) fn rejected() -> Self {
        Self::problem(429, "Rate limit exceeded. Wait until the current window resets before retrying.")
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// A status that somebody between client and API might send.
    pub(crate) fn foreign(status: u16, body: ErrorBody) -> Self {
        match body {
            ErrorBody::Problem => Self::problem(status, "An error occurred while processing your request."),
            ErrorBody::Html => Self::new(status, HTML, html(status)),
            ErrorBody::Empty => Self { status, content_type: None, fields: Vec::new(), body: Vec::new() },
            ErrorBody::Traceback => Self::new(status, TEXT, traceback()),
            ErrorBody::JsonOther => Self::new(
                status,
                JSON,
                r#"{"error_message":"Sorry, this request could not be processed.","traceback":["a","b"],"nextPageKey":1}"#,
            ),
        }
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::foreign(status, ErrorBody::Empty).with("Location", location)
    }

    /// A page of HTML where JSON is due, as sign-in portals send it.
    pub(crate) fn not_json() -> Self {
        Self::new(200, HTML, html(200))
    }
}

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

fn html(status: u16) -> String {
    let title = reason(status);
    format!(
        "<!DOCTYPE html>\r\n<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n\
         <center><h1>{status} {title}</h1></center>\r\n<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    )
}

fn traceback() -> String {
    let mut text = String::from("System.InvalidOperationException: Sequence contains no elements\n");
    for line in 1..60 {
        text.push_str(&format!(
            "   at CoManage.External.Api.Layer{line}.InvokeAsync() in /src/Layer{line}.cs:line {line}\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parsed(reply: &Reply) -> Value {
        serde_json::from_slice(&reply.body).expect("the body is JSON")
    }

    #[test]
    fn maintenance_reads_as_the_vendor_prints_it() {
        let reply = Reply::maintenance();
        assert_eq!((reply.status, reply.content_type), (503, Some("application/problem+json")));
        assert_eq!(
            parsed(&reply),
            json!({
                "title": "Server undergoing maintenance",
                "detail": "Server is undergoing maintenance and all api endpoints are currently unavailable",
                "status": 503,
                "type": "https://schemas.nti.biz/comanage/errors/under-maintenance"
            })
        );
    }

    #[test]
    fn every_problem_is_json_with_its_status() {
        let replies = [
            Reply::rejected(),
            Reply::problem(404, "no such path"),
            Reply::invalid_parameter("afterId", "The value is not valid."),
            Reply::foreign(502, ErrorBody::Problem),
        ];
        for reply in replies {
            assert_eq!(parsed(&reply)["status"], reply.status);
        }
    }

    #[test]
    fn a_traceback_is_several_kilobytes() {
        assert!(Reply::foreign(500, ErrorBody::Traceback).body.len() > 3_000);
    }
}
