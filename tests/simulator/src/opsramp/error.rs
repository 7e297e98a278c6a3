//! OpsRamp's refusals, in the three shapes that its documentation prints: `{error, error_description}` from the gate in
//! front, `{code, message}` from the services behind it, and an array of `{code, fieldName, message}` for fields.

use super::config::ErrorBodies;
use crate::reply::{JSON, Reply, TEXT};
use crate::text::quoted;

/// The first shape.
fn gate(status: u16, error: &str, description: &str) -> Reply {
    let body = format!(r#"{{"error":{},"error_description":{}}}"#, quoted(error), quoted(description));
    Reply::new(status, JSON, body)
}

/// The second shape.
fn service(status: u16, code: &str, message: &str) -> Reply {
    Reply::new(status, JSON, format!(r#"{{"code":{},"message":{}}}"#, quoted(code), quoted(message)))
}

pub(super) fn unable_to_authenticate() -> Reply {
    gate(400, "invalid_request", "Unable to authenticate")
}

/// The text quotes the token, as servers built on Spring do.
pub(super) fn expired(status: u16, token: &str) -> Reply {
    gate(status, "invalid_token", &format!("Access token expired: {token}"))
}

pub(super) fn unknown_token(token: &str) -> Reply {
    gate(401, "invalid_token", &format!("Invalid access token: {token}"))
}

pub(super) fn throttled() -> Reply {
    gate(429, "throttled", "Too Many Requests")
}

pub(super) fn unknown_tenant(tenant: &str) -> Reply {
    service(404, "0002", &format!("Tenant {tenant} was not found"))
}

pub(super) fn tenant_gone(tenant: &str) -> Reply {
    service(410, "0004", &format!("Tenant {tenant} is unavailable or deactivated"))
}

pub(super) fn no_such_path() -> Reply {
    service(404, "0001", "Requested resource was not found")
}

pub(super) fn not_allowed(allowed: &'static str) -> Reply {
    service(405, "0009", "HTTP method is not allowed").with("Allow", allowed)
}

pub(super) fn bad_request(message: &str) -> Reply {
    service(400, "0007", message)
}

/// A 500 that means: not there.
pub(super) fn no_such_resource(id: &str) -> Reply {
    service(500, "0003", &format!("No resource found with UUID : {id}"))
}

/// A 500 that means: ask again soon.
pub(super) fn not_ready() -> Reply {
    service(500, "0005", "Dependent object is not ready")
}

/// The third shape.
pub(super) fn invalid_field(name: &str, message: &str) -> Reply {
    let body = format!(r#"[{{"code":"0008","fieldName":{},"message":{}}}]"#, quoted(name), quoted(message));
    Reply::new(400, JSON, body)
}

/// A refusal with the body that is to stand in it; anything else as it is.
pub(super) fn with_body(mut reply: Reply, bodies: ErrorBodies) -> Reply {
    if reply.status < 400 {
        return reply;
    }
    match bodies {
        ErrorBodies::Own => {}
        ErrorBodies::Empty => {
            reply.body.clear();
            reply.content_type = None;
        }
        ErrorBodies::NotJson => {
            reply.body = b"upstream says no\n{\"code\":".to_vec();
            reply.content_type = Some(TEXT);
        }
    }
    reply
}
