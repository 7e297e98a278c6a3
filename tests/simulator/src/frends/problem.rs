//! Frends's refusals: Problem Details (RFC 9457), with members that no schema names, some of which look like its own.

use crate::object::Object;
use crate::reply::{PROBLEM, Reply, TRACE};
use crate::response::reason;

/// A refusal before it is told where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    status: u16,
    detail: String,
    field: Option<(&'static str, &'static str)>,
}

impl Problem {
    fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), field: None }
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, detail)
    }

    pub(super) fn unauthorized(description: &str) -> Self {
        let field = ("WWW-Authenticate", r#"Bearer error="invalid_token""#);
        Self { field: Some(field), ..Self::new(401, description) }
    }

    pub(super) fn forbidden() -> Self {
        Self::new(403, "The application has not the role Administrator.")
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(404, format!("{what} was not found."))
    }

    pub(super) fn not_allowed(allowed: &'static str) -> Self {
        Self { field: Some(("Allow", allowed)), ..Self::new(405, "The method is not allowed here.") }
    }

    pub(super) fn path_in_use(base: &str) -> Self {
        Self::new(409, format!("The path {base} is already used by another API."))
    }

    pub(super) fn media_type(wanted: &str) -> Self {
        Self::new(415, format!("The body must be {wanted}."))
    }

    pub(super) fn rejected() -> Self {
        Self::new(429, "Too many requests.")
    }

    /// The response to a request for this path.
    pub(super) fn reply(self, path: &str) -> Reply {
        let body = Object::new()
            .text("type", format!("https://httpstatuses.io/{}", self.status))
            .text("title", reason(self.status))
            .number("status", self.status.into())
            .text("detail", self.detail)
            .text("instance", path)
            .text("traceId", TRACE)
            .raw("context", r#"{"status":200,"detail":["nested"],"data":[]}"#)
            .done();
        let reply = Reply::new(self.status, PROBLEM, body);
        self.field.into_iter().fold(reply, |reply, (name, value)| reply.with(name, value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_refusal_is_problem_details_with_its_status() {
        let cases = [
            (Problem::bad_request("\"x\""), 400, None),
            (Problem::unauthorized("x"), 401, Some("WWW-Authenticate")),
            (Problem::forbidden(), 403, None),
            (Problem::not_found("It"), 404, None),
            (Problem::not_allowed("GET"), 405, Some("Allow")),
            (Problem::path_in_use("/þ"), 409, None),
            (Problem::media_type("x"), 415, None),
            (Problem::rejected(), 429, None),
        ];
        for (problem, status, field) in cases {
            let reply = problem.reply("/api/v1/a");
            let body: Value = serde_json::from_slice(&reply.body).expect("JSON");
            assert_eq!(
                (reply.status, &body["status"], &body["instance"]),
                (status, &status.into(), &"/api/v1/a".into())
            );
            assert_eq!(reply.content_type, Some("application/problem+json"));
            assert_eq!(reply.fields.first().map(|(name, _)| *name), field);
        }
    }
}
