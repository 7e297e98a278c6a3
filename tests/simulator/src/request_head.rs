//! A request's head out of bytes: httparse, and on top of it what RFC 9112 demands and httparse forgives. An HTTP/1.1
//! request must name one host (section 3.2), lines end with CRLF (section 2.2), a body has one length (section 6.3).

/// A head that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestHead {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Body,
}

/// What follows the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Length(u64),
    /// Chunked, or held back until it is asked for: not worth reading.
    Unbounded,
}

/// Why a head cannot be answered, as a status and a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub(crate) status: u16,
    pub(crate) detail: &'static str,
}

impl Unreadable {
    pub(crate) const TOO_LARGE: Self = Self { status: 431, detail: "The request head is too large." };
    pub(crate) const TOO_SLOW: Self = Self { status: 408, detail: "The request head did not come in time." };

    const fn bad(detail: &'static str) -> Self {
        Self { status: 400, detail }
    }
}

const MOST_FIELDS: usize = 100;

impl RequestHead {
    /// A head and its length in bytes; `None` if more bytes are needed.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Unreadable> {
        let mut storage = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut parsed = httparse::Request::new(&mut storage);
        let length = match parsed.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(Unreadable::TOO_LARGE),
            Err(httparse::Error::Version) => {
                return Err(Unreadable { status: 505, detail: "This is an HTTP/1.1 server." });
            }
            Err(_) => return Err(Unreadable::bad("The request head is malformed.")),
        };
        if parsed.version != Some(1) {
            return Err(Unreadable { status: 505, detail: "This is an HTTP/1.1 server." });
        }
        if has_bare_line_feed(&bytes[..length]) {
            return Err(Unreadable::bad("A line of the request head ends without CR."));
        }
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let fields: Vec<(String, String)> =
            parsed.headers.iter().map(|field| (field.name.to_owned(), text(field.value))).collect();
        if values(&fields, "Host").count() != 1 {
            return Err(Unreadable::bad("A request names its host once."));
        }
        let body = body(&fields)?;
        let method = parsed.method.unwrap_or_default().to_owned();
        let target = parsed.path.unwrap_or_default().to_owned();
        Ok(Some((Self { method, target, fields, body }, length)))
    }

    /// Whether the client wants the connection to end after the response.
    pub(crate) fn closes(&self) -> bool {
        values(&self.fields, "Connection")
            .flat_map(|value| value.split(','))
            .any(|option| option.trim().eq_ignore_ascii_case("close"))
    }
}

fn body(fields: &[(String, String)]) -> Result<Body, Unreadable> {
    let mut lengths = values(fields, "Content-Length");
    let length = lengths.next();
    let chunked = values(fields, "Transfer-Encoding").next().is_some();
    if lengths.next().is_some() || (chunked && length.is_some()) {
        return Err(Unreadable::bad("The request has more than one body length."));
    }
    let awaits_permission = values(fields, "Expect").next().is_some();
    if chunked || awaits_permission {
        return Ok(Body::Unbounded);
    }
    let Some(length) = length else { return Ok(Body::Length(0)) };
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = if digits { length.parse().ok() } else { None };
    parsed.map(Body::Length).ok_or(Unreadable::bad("Content-Length is not a number."))
}

fn values<'a>(fields: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn has_bare_line_feed(head: &[u8]) -> bool {
    head.first() == Some(&b'\n') || head.windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<(RequestHead, usize)>, u16> {
        RequestHead::parse(text.as_bytes()).map_err(|unreadable| unreadable.status)
    }

    #[test]
    fn a_head_is_read_with_its_length_and_its_body_s() {
        let text = "POST /folders?afterId=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET";
        let (head, length) = parse(text).expect("readable").expect("complete");
        assert_eq!((head.method.as_str(), head.target.as_str()), ("POST", "/folders?afterId=1"));
        assert_eq!((head.body, &text[length..]), (Body::Length(3), "abcGET"));
        assert!(!head.closes());
    }

    #[test]
    fn every_proper_beginning_of_a_head_asks_for_more() {
        let text = "GET /folders HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n";
        for end in 0..text.len() {
            assert_eq!(parse(&text[..end]), Ok(None), "{end} bytes");
        }
        assert!(parse(text).expect("readable").expect("complete").0.closes());
    }

    #[test]
    fn hostile_heads_are_refused_with_the_right_status() {
        let too_many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: b\r\n".repeat(200));
        let cases = [
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("GET / HTTP/1.1\nHost: a\n\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
            ("\x16\x03\x01\x02", 400),
            ("GET / HTTP/1.0\r\nHost: a\r\n\r\n", 505),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
            (&too_many, 431),
        ];
        for (text, status) in cases {
            assert_eq!(parse(text), Err(status), "{text:?}");
        }
    }
}
