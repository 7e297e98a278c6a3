//! Kontent.ai's errors: `request_id`, `error_code`, `message`, and `validation_errors` where a body is at fault. The
//! codes 5, 7 and 10000 are the vendor's; which it has for the rest is not published, so those are made up.

use crate::object::{Object, array};
use crate::reply::{JSON, Reply};

pub(super) const INVALID_BODY: u32 = 5;
pub(super) const REVOKED: u32 = 7;
pub(super) const RATE_LIMIT: u32 = 10_000;
const NO_ACCESS: u32 = 1;
const NOT_FOUND: u32 = 100;
const NOT_ALLOWED: u32 = 106;
const BAD_TOKEN: u32 = 4;

/// An error before it is given its request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    status: u16,
    code: u32,
    message: String,
    /// Each a JSON object.
    validation_errors: Vec<String>,
    allow: Option<&'static str>,
}

impl Problem {
    fn new(status: u16, code: u32, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), validation_errors: Vec::new(), allow: None }
    }

    pub(super) fn no_access(message: &str) -> Self {
        Self::new(401, NO_ACCESS, message)
    }

    pub(super) fn revoked() -> Self {
        let message = "The provided API key was revoked. You can find a valid API key for this project in \
                       Kontent.ai.";
        Self::new(403, REVOKED, message)
    }

    pub(super) fn rejected() -> Self {
        Self::new(429, RATE_LIMIT, "API rate limit exceeded. Please retry your request later.")
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, NOT_FOUND, "The requested resource was not found.")
    }

    pub(super) fn not_allowed(allow: &'static str) -> Self {
        let problem = Self::new(405, NOT_ALLOWED, "The requested HTTP method is not supported here.");
        Self { allow: Some(allow), ..problem }
    }

    pub(super) fn bad_token() -> Self {
        Self::new(400, BAD_TOKEN, "The provided continuation token is not valid for this request.")
    }

    /// The body is not JSON.
    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        let detail = Object::new()
            .text("message", "The request body is not valid JSON.")
            .number("line", error.line() as u64)
            .number("position", error.column() as u64);
        Self { validation_errors: vec![detail.done()], ..Self::invalid() }
    }

    /// A member of the body is missing or wrong.
    pub(super) fn wrong_member(path: &str, message: &str) -> Self {
        let detail = Object::new().text("message", message).text("path", path);
        Self { validation_errors: vec![detail.done()], ..Self::invalid() }
    }

    fn invalid() -> Self {
        let message = "The provided request body is invalid. See 'validation_errors' for more information and \
                       specify a valid JSON object.";
        Self::new(400, INVALID_BODY, message)
    }

    pub(super) fn reply(&self, request_id: &str) -> Reply {
        let mut body = Object::new()
            .text("request_id", request_id)
            .number("error_code", self.code.into())
            .text("message", &self.message);
        if !self.validation_errors.is_empty() {
            body = body.raw("validation_errors", array(&self.validation_errors));
        }
        let reply = Reply::new(self.status, JSON, body.done());
        match self.allow {
            Some(allow) => reply.with("Allow", allow),
            None => reply,
        }
    }
}
