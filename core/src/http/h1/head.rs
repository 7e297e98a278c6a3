//! What a whole head says: its status, how its body is framed, and whether the connection outlives it. Pure functions over
//! the bytes of a head whose grammar `scan` has found to be in order.
//!
//! How a body is framed (RFC 9112 §6.3, where that leaves a choice the strict one), the first row that fits:
//!
//! | response | body |
//! |---|---|
//! | status 101 | refused: nobody asked for it |
//! | other 1xx | an interim response; the next head follows |
//! | to `HEAD`, or status 204 or 304 | none, whatever the fields say |
//! | `Transfer-Encoding` and `Content-Length` | refused |
//! | `Transfer-Encoding` in HTTP/1.0, twice, or other than `chunked` | refused |
//! | `Transfer-Encoding: chunked` | chunks |
//! | `Content-Length` that is no number, too large, or given twice and different | refused |
//! | `Content-Length` | so many bytes |
//! | neither | all until the connection closes |
//!
//! The connection outlives it (RFC 9112 §9.3) unless the body ends with it, `Connection` lists `close`, it is HTTP/1.0 and
//! `Connection` does not list `keep-alive`, or a 204 says that it has a body: the server may mean it.

use super::H1ErrorKind;
use super::chunked::Chunked;
use super::fields::{FieldLine, FieldLines, trimmed};
use super::scan::{MINOR_AT, STATUS_AT};

/// What a head announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    /// Nothing yet: another head follows.
    Interim,
    /// The response.
    Response { status: u16, body: Option<Body>, after: Connection },
}

/// What is left of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes, never none.
    Length(u64),
    /// Chunks.
    Chunked(Chunked),
    /// All until the connection closes.
    UntilClose,
}

/// What becomes of the connection after the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    Keep,
    Close,
}

/// What is wrong with a head, and at which of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeadFault {
    pub(super) kind: H1ErrorKind,
    pub(super) at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

/// Reads a head whose last byte ends its empty line.
pub(super) fn read(head: &[u8], may_have_body: bool) -> Result<Announced, HeadFault> {
    let version = if head.get(MINOR_AT) == Some(&b'0') { Version::Http10 } else { Version::Http11 };
    let digits = head.get(STATUS_AT..).unwrap_or_default().iter().take(3);
    let status = digits.fold(0_u16, |status, digit| {
        status.saturating_mul(10).saturating_add(u16::from(digit.saturating_sub(b'0')))
    });
    match status {
        101 => Err(HeadFault { kind: H1ErrorKind::SwitchedProtocols, at: STATUS_AT }),
        ..=199 => Ok(Announced::Interim),
        _ => {
            let (body, after) = framing(version, status, FieldLines::of(head), may_have_body)?;
            Ok(Announced::Response { status, body, after })
        }
    }
}

fn framing(
    version: Version,
    status: u16,
    fields: FieldLines<'_>,
    may_have_body: bool,
) -> Result<(Option<Body>, Connection), HeadFault> {
    let after = connection(version, fields);
    if status == 204 && declares_body(fields) {
        return Ok((None, Connection::Close));
    }
    if !may_have_body || status == 204 || status == 304 {
        return Ok((None, after));
    }
    let fault = |kind, line: FieldLine<'_>| Err(HeadFault { kind, at: line.at });
    let encoding = transfer_encoding(version, fields)?;
    let length = content_length(fields)?;
    match (encoding, length) {
        (Some(encoding), Some((length, _))) => {
            let second = if encoding.at > length.at { encoding } else { length };
            fault(H1ErrorKind::LengthAndTransferEncoding, second)
        }
        (Some(_), None) => Ok((Some(Body::Chunked(Chunked::START)), after)),
        (None, Some((_, 0))) => Ok((None, after)),
        (None, Some((_, length))) => Ok((Some(Body::Length(length)), after)),
        (None, None) => Ok((Some(Body::UntilClose), Connection::Close)),
    }
}

/// The field that says that the body comes in chunks.
fn transfer_encoding<'a>(
    version: Version,
    fields: FieldLines<'a>,
) -> Result<Option<FieldLine<'a>>, HeadFault> {
    let mut found = None;
    for line in named(fields, "transfer-encoding") {
        let is_chunked = line.value.eq_ignore_ascii_case(b"chunked");
        if found.is_some() || !is_chunked || version == Version::Http10 {
            return Err(HeadFault { kind: H1ErrorKind::TransferEncoding, at: line.at });
        }
        found = Some(line);
    }
    Ok(found)
}

/// The length and the first field that says it. `5, 5` is what a sender or a proxy makes of two equal fields.
fn content_length(fields: FieldLines<'_>) -> Result<Option<(FieldLine<'_>, u64)>, HeadFault> {
    let mut found = None;
    for line in named(fields, "content-length") {
        for number in line.value.split(|&byte| byte == b',') {
            let fault = |kind| HeadFault { kind, at: line.at };
            let length = number_of(trimmed(number)).ok_or(fault(H1ErrorKind::Length))?;
            match found {
                None => found = Some((line, length)),
                Some((_, known)) if known == length => {}
                Some(_) => return Err(fault(H1ErrorKind::LengthsDiffer)),
            }
        }
    }
    Ok(found)
}

/// Digits and nothing else: no sign, no whitespace.
fn number_of(digits: &[u8]) -> Option<u64> {
    let add = |number: u64, digit: &u8| {
        let value = digit.checked_sub(b'0').filter(|value| *value < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(value))
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, add) }
}

fn connection(version: Version, fields: FieldLines<'_>) -> Connection {
    let lists = |option: &[u8]| {
        named(fields, "connection")
            .flat_map(|line| line.value.split(|&byte| byte == b','))
            .any(|listed| trimmed(listed).eq_ignore_ascii_case(option))
    };
    match version {
        _ if lists(b"close") => Connection::Close,
        Version::Http10 if !lists(b"keep-alive") => Connection::Close,
        Version::Http10 | Version::Http11 => Connection::Keep,
    }
}

/// Whether a body is said to follow, rightly or not.
fn declares_body(fields: FieldLines<'_>) -> bool {
    named(fields, "transfer-encoding").next().is_some()
        || named(fields, "content-length").any(|line| number_of(line.value) != Some(0))
}

fn named<'a>(fields: FieldLines<'a>, name: &'static str) -> impl Iterator<Item = FieldLine<'a>> {
    fields.filter(move |line| line.name.eq_ignore_ascii_case(name))
}
