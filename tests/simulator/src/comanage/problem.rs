//! CoManage's own refusals. Maintenance is the vendor's sample, byte for byte in its members; the rest the vendor leaves
//! open, so it is what ASP.NET Core sends, with an `errors` map and a `traceId` where a parameter is at fault.

use crate::reply::{PROBLEM, Reply, TRACE};

const UNDER_MAINTENANCE: &str = r#"{
"title": "Server undergoing maintenance",
"detail": "Server is undergoing maintenance and all api endpoints are currently unavailable",
"status": 503,
"type": "https://schemas.nti.biz/comanage/errors/under-maintenance"
}"#;

pub(super) fn maintenance() -> Reply {
    Reply::new(503, PROBLEM, UNDER_MAINTENANCE)
}

pub(super) fn rejected() -> Reply {
    Reply::problem(429, "Rate limit exceeded. Wait until the current window resets before retrying.")
}

/// A parameter that is missing or cannot be read.
pub(super) fn invalid_parameter(name: &str, message: &str) -> Reply {
    let body = format!(
        concat!(
            r#"{{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","#,
            r#""title":"One or more validation errors occurred.","status":400,"#,
            r#""errors":{{"{}":["{}"]}},"traceId":"{}"}}"#
        ),
        name, message, TRACE
    );
    Reply::new(400, PROBLEM, body)
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
        let reply = maintenance();
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
    fn every_refusal_is_json_with_its_status() {
        for reply in [rejected(), invalid_parameter("afterId", "The value is not valid.")] {
            assert_eq!(parsed(&reply)["status"], reply.status);
        }
    }
}
