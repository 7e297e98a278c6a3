//! Errors in the many shapes that Tastypie has for them, as recorded from it: some are empty, some JSON with its text
//! escaped for HTML, some a page of the web framework's own.

use crate::object::Object;
use crate::reply::Reply;
use crate::response::reason;

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// 401, 404 of an object, and 429 say nothing at all.
pub(super) fn empty(status: u16) -> Reply {
    Reply::new(status, HTML, "")
}

/// A query or body that cannot be obeyed.
pub(super) fn bad_request(text: &str) -> Reply {
    Reply::new(400, JSON, Object::spaced().text("error", escaped(text)).done())
}

/// A verb that is not allowed: the body is those that are.
pub(super) fn not_allowed(allowed: &str) -> Reply {
    Reply::new(405, HTML, allowed).with("Allow", allowed)
}

/// Something that the server did not foresee.
pub(super) fn failure(status: u16, text: &str, debug: bool) -> Reply {
    let body = Object::spaced().text("error_message", text);
    let body = if debug { body.text("traceback", traceback(text)) } else { body };
    Reply::new(status, JSON, body.done())
}

/// The framework's page, where no resource is.
pub(super) fn page(status: u16) -> Reply {
    let title = reason(status);
    let body = format!(
        "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>{title}</title>\n</head>\n<body>\n  \
         <h1>{title}</h1><p>The requested resource was not found on this server.</p>\n</body>\n</html>\n"
    );
    Reply::new(status, HTML, body)
}

/// A storage's refusal.
pub(super) fn storage(status: u16, code: &str) -> Reply {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>");
    Reply::new(status, "application/xml", body)
}

/// As Django escapes for HTML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#x27;"),
            plain => escaped.push(plain),
        }
        escaped
    })
}

fn traceback(text: &str) -> String {
    let mut trace = String::from("Traceback (most recent call last):\n\n");
    for line in 1..40 {
        trace.push_str(&format!(
            "  File \"/usr/lib/python3/dist-packages/tastypie/layer{line}.py\", line {line}, in wrapper\n    \
             response = callback(request, *args, **kwargs)\n\n"
        ));
    }
    trace + text + "\n"
}
