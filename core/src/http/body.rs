//! Bodies of requests. They are written piece by piece while they are sent, so no buffer holds a whole one. What is put
//! together here cannot break out of its frame: form fields are percent-encoded (WHATWG URL, section 5.2), a JSON string
//! is escaped (RFC 8259 §7), and a file with the boundary of its multipart body in it is refused (RFC 2046 §5.1.1).

use super::percent::{self, FORM, hex};
use crate::secret::Secret;
use crate::sink::{Sink, show};
use core::fmt;

/// A file that holds it is refused.
const BOUNDARY: &str = "tidegate-7f2c1e0b9a4d46d8b35e";

/// The body of a request. Its `Debug` form never shows a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body<'a> {
    /// None at all.
    #[default]
    None,
    /// A JSON text, sent as it is.
    Json(&'a str),
    /// A text, sent as one JSON string.
    JsonString(&'a str),
    /// Anything, sent as it is.
    Bytes {
        /// Its `Content-Type`.
        media: &'static str,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// `multipart/form-data` (RFC 7578) with one file in it.
    File {
        /// The name of the part.
        part: &'static str,
        /// What the file is called: visible ASCII without quotes.
        name: &'a str,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// Client credentials as a form (RFC 6749 §4.4.2).
    Credentials(Credentials<'a>),
}

/// The client credentials with which a token is requested.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a> {
    /// `client_id`
    pub(crate) id: &'a str,
    /// `client_secret`
    pub(crate) secret: Secret<'a>,
    /// One field more, such as `resource` or `scope`.
    pub(crate) extra: Option<(&'a str, &'a str)>,
}

impl PartialEq for Credentials<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.secret.expose(), self.extra) == (other.id, other.secret.expose(), other.extra)
    }
}

impl Eq for Credentials<'_> {}

impl Body<'_> {
    /// The `Content-Type`, if there is a body.
    pub const fn media(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json(_) | Self::JsonString(_) => Some("application/json"),
            Self::Bytes { media, .. } => Some(media),
            Self::File { .. } => Some("multipart/form-data; boundary=tidegate-7f2c1e0b9a4d46d8b35e"),
            Self::Credentials(_) => Some("application/x-www-form-urlencoded"),
        }
    }

    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        let mut length = Length(0);
        self.write_to(&mut length);
        length.0
    }

    /// Hands over all of it, piece by piece.
    pub fn write(&self, take: &mut dyn FnMut(&[u8])) {
        self.write_to(&mut Pieces(take));
    }

    #[inline(never)]
    pub(super) fn write_to(&self, out: &mut dyn Sink) {
        match self {
            Self::None => {}
            Self::Json(text) => out.put(text),
            Self::JsonString(text) => json_string(text, out),
            Self::Bytes { bytes, .. } => out.take(bytes),
            Self::File { part, name, bytes } => {
                let disposition = "\r\nContent-Disposition: form-data; name=\"";
                let media = "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
                out.put_all(&["--", BOUNDARY, disposition, part, "\"; filename=\"", name, media]);
                out.take(bytes);
                out.put_all(&["\r\n--", BOUNDARY, "--\r\n"]);
            }
            Self::Credentials(Credentials { id, secret, extra }) => {
                out.put("grant_type=client_credentials");
                form_field("client_id", id, out);
                form_field("client_secret", secret.expose(), out);
                if let Some((name, value)) = extra {
                    form_field(name, value, out);
                }
            }
        }
    }

    /// Whether its name and its bytes fit into its frame.
    pub(crate) fn is_sendable(&self) -> bool {
        match self {
            Self::File { name, bytes, .. } => {
                let plain =
                    |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b'"' && byte != b'\\';
                let has_boundary = bytes.windows(BOUNDARY.len()).any(|part| part == BOUNDARY.as_bytes());
                name.bytes().all(plain) && !has_boundary
            }
            _ => true,
        }
    }
}

/// Counts what is written.
struct Length(u64);

impl Sink for Length {
    fn take(&mut self, piece: &[u8]) {
        self.0 = self.0.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
    }
}

/// Hands on what is written.
pub(super) struct Pieces<'t>(pub(super) &'t mut dyn FnMut(&[u8]));

impl Sink for Pieces<'_> {
    fn take(&mut self, piece: &[u8]) {
        self.0(piece);
    }
}

/// One more field of a form.
#[inline(never)]
fn form_field(name: &str, value: &str, out: &mut dyn Sink) {
    for (mark, text) in [("&", name), ("=", value)] {
        out.put(mark);
        percent::encode(text.as_bytes(), FORM, out);
    }
}

/// A text in quotes, and with escapes for what RFC 8259 §7 demands one for.
#[inline(never)]
fn json_string(text: &str, out: &mut dyn Sink) {
    let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
    out.put("\"");
    let mut rest = text.as_bytes();
    loop {
        let plain = rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
        let (written, special) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        out.take(written);
        let [byte, behind @ ..] = special else { break };
        match byte {
            b'"' => out.put("\\\""),
            b'\\' => out.put("\\\\"),
            control => {
                out.put("\\u00");
                out.take(&hex(*control));
            }
        }
        rest = behind;
    }
    out.put("\"");
}

impl Body<'_> {
    /// Writes what identifies a body, for fingerprints: its data, and nothing of credentials.
    pub(crate) fn write_identity(&self, out: &mut dyn Sink) {
        match self {
            Self::None | Self::Credentials(_) => {}
            Self::Json(text) => out.put(text),
            Self::JsonString(text) => {
                out.put("string ");
                out.put(text)
            }
            Self::Bytes { bytes, .. } | Self::File { bytes, .. } => {
                for byte in *bytes {
                    out.take(&hex(*byte));
                }
            }
        }
    }
}

impl fmt::Display for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, |out| self.write_identity(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn written(body: &Body<'_>) -> String {
        let mut bytes = Vec::new();
        body.write(&mut |piece| bytes.extend_from_slice(piece));
        assert_eq!(body.length(), bytes.len() as u64);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_text_sent_as_a_json_string_is_read_back_as_it_was() {
        for text in ["", "openapi: 3.0.1\n\ttitle: \"a\\b\"", "\u{0}\u{1f}\u{7f}é🌊", "\\", "\"\"", "plain"]
        {
            let read: String = serde_json::from_str(&written(&Body::JsonString(text))).unwrap();
            assert_eq!(read, text);
        }
    }

    #[test]
    fn a_form_field_cannot_break_out_of_its_place() {
        let credentials = Credentials {
            id: "a b&c",
            secret: Secret::new("p=q&r+s%").unwrap(),
            extra: Some(("resource", "api://x/y")),
        };
        assert_eq!(
            written(&Body::Credentials(credentials)),
            "grant_type=client_credentials&client_id=a%20b%26c&client_secret=p%3Dq%26r%2Bs%25&\
             resource=api%3A%2F%2Fx%2Fy"
        );
    }

    #[test]
    fn a_file_that_could_end_its_own_part_is_refused() {
        let file = |name, bytes| Body::File { part: "file", name, bytes };
        assert!(file("spec.json", b"{}").is_sendable());
        assert!(!file("spec.json", BOUNDARY.as_bytes()).is_sendable());
        assert!(!file("a\"; name=\"b", b"{}").is_sendable());
        assert!(!file("a\r\nb", b"{}").is_sendable());
        let written = written(&file("spec.json", b"{}"));
        assert!(written.ends_with(&std::format!("\r\n\r\n{{}}\r\n--{BOUNDARY}--\r\n")), "{written}");
    }

    #[test]
    fn credentials_show_in_no_debug_form() {
        let credentials = Credentials { id: "id", secret: Secret::new("hunter2").unwrap(), extra: None };
        assert!(
            !std::format!("{:?} {}", Body::Credentials(credentials), Body::Credentials(credentials))
                .contains("hunter2")
        );
    }
}
