//! What a service answers, before it is put into fields and framing; and what others between it and the client answer
//! in its place. Problem Details (RFC 9457) are as ASP.NET Core sends them.

use crate::fault::{ErrorBody, Fault};
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
pub(crate) const PROBLEM: &str = "application/problem+json";
pub(crate) const HTML: &str = "text/html";
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

impl Reply {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: Some(content_type), fields: Vec::new(), body: body.into() }
    }

    pub(crate) fn json(body: Vec<u8>) -> Self {
        Self::new(200, JSON, body)
    }

    /// A status and nothing with it.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, content_type: None, fields: Vec::new(), body: Vec::new() }
    }

    /// Problem Details of the plain kind. `detail` is the simulator's own text and needs no escaping.
    pub(crate) fn problem(status: u16, detail: &str) -> Self {
        let title = reason(status);
        let body = format!(
            r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}","traceId":"{TRACE}"}}"#
        );
        Self::new(status, PROBLEM, body)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// The same with these fields before its own.
    pub(crate) fn after(mut self, fields: Vec<(&'static str, String)>) -> Self {
        self.fields.splice(0..0, fields);
        self
    }

    /// A status that somebody between client and API might send.
    pub(crate) fn foreign(status: u16, body: ErrorBody) -> Self {
        match body {
            ErrorBody::Problem => Self::problem(status, "An error occurred while processing your request."),
            ErrorBody::Html => Self::new(status, HTML, html(status)),
            ErrorBody::Empty => Self::empty(status),
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
    fn not_json() -> Self {
        Self::new(200, HTML, html(200))
    }

    /// What takes the place of the service's own answer, if the fault is one that does so.
    pub(crate) fn in_place(fault: &Fault) -> Option<Self> {
        match fault {
            &Fault::Status { status, body } => Some(Self::foreign(status, body)),
            Fault::Redirect { status, location } => Some(Self::redirect(*status, location)),
            Fault::NotJson => Some(Self::not_json()),
            _ => None,
        }
    }
}

pub(crate) const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

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
    use serde_json::Value;

    use super::*;

    fn parsed(reply: &Reply) -> Value {
        serde_json::from_slice(&reply.body).expect("the body is JSON")
    }

    #[test]
    fn every_problem_is_json_with_its_status() {
        let replies = [Reply::problem(404, "no such path"), Reply::foreign(502, ErrorBody::Problem)];
        for reply in replies {
            assert_eq!(parsed(&reply)["status"], reply.status);
        }
    }

    #[test]
    fn a_traceback_is_several_kilobytes() {
        assert!(Reply::foreign(500, ErrorBody::Traceback).body.len() > 3_000);
    }
}
