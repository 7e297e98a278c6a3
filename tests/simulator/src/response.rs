//! A response and its exact bytes on the wire (RFC 9112 sections 4, 6 and 7). The server writes what is computed here
//! and a driver without sockets asks here what a client would have seen, so both mean the same by "cut at byte 700".

use std::fmt::Write as _;

use crate::random::Random;

/// One response, garbled and compressed if it is to be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// All fields, `Date`, `Content-Length` or `Transfer-Encoding`, and `Connection` included.
    pub fields: Vec<(String, String)>,
    /// The body, without chunk framing.
    pub body: Vec<u8>,
    /// How the body's end is marked.
    pub framing: Framing,
    /// How far it gets.
    pub ending: Ending,
    /// How long the server takes before it begins, in milliseconds, on top of the way there and back.
    pub delay_ms: u64,
}

/// How the end of a body is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length`.
    ContentLength,
    /// `Transfer-Encoding: chunked`, in chunks of all sizes.
    Chunked,
    /// By the end of the connection.
    CloseDelimited,
}

/// How far a response gets, and what becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of it.
    Complete,
    /// Closed after so many bytes of the whole response.
    CutWire {
        /// Bytes that are sent, head included.
        at: u64,
    },
    /// Closed after so many bytes of the body.
    Cut {
        /// Body bytes that are sent.
        at: u64,
    },
    /// Reset after so many bytes of the body.
    Reset {
        /// Body bytes that are sent.
        at: u64,
    },
    /// Silent after so many bytes of the body.
    Stall {
        /// Body bytes that are sent.
        at: u64,
    },
    /// Silent from the beginning.
    StallBeforeHead,
}

/// What a correct client makes of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The body as far as it came; `None` if the head never came whole.
    pub body: Option<&'a [u8]>,
    /// What comes after it.
    pub end: SeenEnd,
}

/// What follows the bytes that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenEnd {
    /// The framing says that this was all. A body that ends with its connection is complete wherever that closes.
    Complete,
    /// The connection closed too early.
    Closed,
    /// The connection was reset.
    Reset,
    /// Nothing, until the client gives up.
    Silence,
}

impl Response {
    /// Status line and fields, with the empty line that ends them.
    pub fn head_bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.fields {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The whole response as it would be if nothing cut it short.
    pub fn wire_bytes(&self) -> Vec<u8> {
        let mut wire = self.head_bytes();
        match self.framing {
            Framing::ContentLength | Framing::CloseDelimited => wire.extend_from_slice(&self.body),
            Framing::Chunked => {
                let mut rest = self.body.as_slice();
                for chunk in chunks(self.body.len()) {
                    let (data, after) = rest.split_at(chunk.data);
                    wire.extend_from_slice(chunk.size_line().as_bytes());
                    wire.extend_from_slice(data);
                    wire.extend_from_slice(b"\r\n");
                    rest = after;
                }
                wire.extend_from_slice(LAST_CHUNK);
            }
        }
        wire
    }

    /// How many of [`Response::wire_bytes`] are sent.
    pub fn sent_bytes(&self) -> usize {
        let whole = self.wire_length();
        match self.ending {
            Ending::Complete => whole,
            Ending::StallBeforeHead => 0,
            Ending::CutWire { at } => clamp(at, whole),
            Ending::Cut { at } | Ending::Reset { at } | Ending::Stall { at } => {
                self.head_bytes().len() + self.framed_length(clamp(at, self.body.len()))
            }
        }
    }

    /// What a correct client makes of it.
    pub fn seen(&self) -> Seen<'_> {
        let (head, sent) = (self.head_bytes().len(), self.sent_bytes());
        let broken_off = match self.ending {
            Ending::Complete | Ending::CutWire { .. } | Ending::Cut { .. } => SeenEnd::Closed,
            Ending::Reset { .. } => SeenEnd::Reset,
            Ending::Stall { .. } | Ending::StallBeforeHead => SeenEnd::Silence,
        };
        if sent < head {
            return Seen { body: None, end: broken_off };
        }
        let received = &self.body[..self.body_length(sent - head)];
        match self.framing {
            Framing::ContentLength => {
                let declared = self.declared_length().unwrap_or(self.body.len());
                match received.get(..declared) {
                    Some(body) => Seen { body: Some(body), end: SeenEnd::Complete },
                    None => Seen { body: Some(received), end: broken_off },
                }
            }
            Framing::Chunked => {
                let complete = sent == self.wire_length();
                Seen { body: Some(received), end: if complete { SeenEnd::Complete } else { broken_off } }
            }
            Framing::CloseDelimited => {
                let end = if broken_off == SeenEnd::Closed { SeenEnd::Complete } else { broken_off };
                Seen { body: Some(received), end }
            }
        }
    }

    /// The value of a field, if it is there.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the connection ends with this response, even if nothing goes wrong.
    pub(crate) fn closes(&self) -> bool {
        self.framing == Framing::CloseDelimited
            || self.field("Connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    fn declared_length(&self) -> Option<usize> {
        self.field("Content-Length")?.parse().ok()
    }

    /// The length of [`Response::wire_bytes`], without making them.
    fn wire_length(&self) -> usize {
        let end = match self.framing {
            Framing::ContentLength | Framing::CloseDelimited => 0,
            Framing::Chunked if self.body.is_empty() => LAST_CHUNK.len(),
            Framing::Chunked => "\r\n".len() + LAST_CHUNK.len(),
        };
        self.head_bytes().len() + self.framed_length(self.body.len()) + end
    }

    /// Bytes after the head up to and including the `body_bytes`-th of the body.
    fn framed_length(&self, body_bytes: usize) -> usize {
        if self.framing != Framing::Chunked || body_bytes == 0 {
            return body_bytes;
        }
        let (mut framed, mut left) = (0, body_bytes);
        for chunk in chunks(self.body.len()) {
            framed += chunk.size_line().len();
            if left <= chunk.data {
                return framed + left;
            }
            framed += chunk.data + 2;
            left -= chunk.data;
        }
        framed
    }

    /// Bytes of the body among the first `framed` after the head.
    fn body_length(&self, framed: usize) -> usize {
        if self.framing != Framing::Chunked {
            return framed.min(self.body.len());
        }
        let (mut left, mut body) = (framed, 0);
        for chunk in chunks(self.body.len()) {
            left = left.saturating_sub(chunk.size_line().len());
            body += left.min(chunk.data);
            left = left.saturating_sub(chunk.data + 2);
        }
        body
    }
}

const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// One chunk of a body.
struct Chunk {
    data: usize,
    upper_case: bool,
}

impl Chunk {
    fn size_line(&self) -> String {
        if self.upper_case { format!("{:X}\r\n", self.data) } else { format!("{:x}\r\n", self.data) }
    }
}

/// How a body of this length is cut into chunks: always the same way, with sizes from one byte to some KB.
fn chunks(length: usize) -> impl Iterator<Item = Chunk> {
    let mut random = Random::of(&[length as u64, 6]);
    let mut left = length;
    std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let most = random.pick(&[1, 16, 300, 4_096, 16_384, 65_536]);
        let data = (1 + random.below(most) as usize).min(left);
        left -= data;
        Some(Chunk { data, upper_case: random.below(2) == 0 })
    })
}

fn clamp(at: u64, length: usize) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX).min(length)
}

/// The reason phrase of a status (RFC 9110 section 15); `Unknown` for what has none.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMINGS: [Framing; 3] = [Framing::ContentLength, Framing::Chunked, Framing::CloseDelimited];

    fn response(framing: Framing, ending: Ending) -> Response {
        let body: Vec<u8> = (0..20_000u32).map(|byte| byte as u8).collect();
        let fields = match framing {
            Framing::ContentLength => vec![("Content-Length".to_owned(), body.len().to_string())],
            Framing::Chunked => vec![("Transfer-Encoding".to_owned(), "chunked".to_owned())],
            Framing::CloseDelimited => vec![("Connection".to_owned(), "close".to_owned())],
        };
        Response { status: 200, fields, body, framing, ending, delay_ms: 0 }
    }

    #[test]
    fn a_complete_response_is_seen_whole() {
        for framing in FRAMINGS {
            let whole = response(framing, Ending::Complete);
            assert_eq!(whole.seen(), Seen { body: Some(&whole.body), end: SeenEnd::Complete }, "{framing:?}");
            assert_eq!(whole.sent_bytes(), whole.wire_bytes().len());
        }
    }

    #[test]
    fn a_cut_in_the_body_leaves_exactly_so_many_bytes() {
        for framing in FRAMINGS {
            for at in [0, 1, 2, 999, 19_999] {
                let cut = response(framing, Ending::Cut { at });
                let end =
                    if framing == Framing::CloseDelimited { SeenEnd::Complete } else { SeenEnd::Closed };
                let body = Some(&cut.body[..at as usize]);
                assert_eq!(cut.seen(), Seen { body, end }, "{framing:?} at {at}");
            }
        }
    }

    #[test]
    fn each_way_to_break_off_is_seen_as_what_it_is() {
        let cases = [
            (Ending::Reset { at: 5 }, Some(5), SeenEnd::Reset),
            (Ending::Stall { at: 5 }, Some(5), SeenEnd::Silence),
            (Ending::StallBeforeHead, None, SeenEnd::Silence),
            (Ending::CutWire { at: 0 }, None, SeenEnd::Closed),
            (Ending::CutWire { at: 10 }, None, SeenEnd::Closed),
        ];
        for framing in [Framing::ContentLength, Framing::Chunked] {
            for (ending, length, end) in cases {
                let broken = response(framing, ending);
                assert_eq!(broken.seen(), Seen { body: length.map(|length| &broken.body[..length]), end });
            }
        }
    }

    #[test]
    fn a_cut_of_the_wire_is_complete_only_at_its_last_byte() {
        let whole = response(Framing::Chunked, Ending::Complete);
        let (head, length) = (whole.head_bytes().len(), whole.wire_bytes().len());
        let mut longest = 0;
        for at in 0..=length {
            let cut = Response { ending: Ending::CutWire { at: at as u64 }, ..whole.clone() };
            let seen = cut.seen();
            assert_eq!(seen.body.is_some(), at >= head);
            assert_eq!(seen.end == SeenEnd::Complete, at == length);
            let received = seen.body.map_or(0, <[u8]>::len);
            assert!(received == longest || received == longest + 1);
            longest = received;
        }
        assert_eq!(longest, whole.body.len());
    }

    #[test]
    fn an_empty_body_is_framed_as_well() {
        for framing in FRAMINGS {
            let empty =
                Response { body: Vec::new(), fields: Vec::new(), ..response(framing, Ending::Complete) };
            assert_eq!(empty.sent_bytes(), empty.wire_bytes().len(), "{framing:?}");
            assert_eq!(empty.seen(), Seen { body: Some(&[]), end: SeenEnd::Complete }, "{framing:?}");
        }
    }

    #[test]
    fn a_wrong_length_shortens_what_is_seen_or_leaves_it_incomplete() {
        let mut wrong = response(Framing::ContentLength, Ending::Complete);
        wrong.fields[0].1 = "19990".to_owned();
        assert_eq!(wrong.seen(), Seen { body: Some(&wrong.body[..19_990]), end: SeenEnd::Complete });
        wrong.fields[0].1 = "20010".to_owned();
        assert_eq!(wrong.seen(), Seen { body: Some(&wrong.body), end: SeenEnd::Closed });
    }

    #[test]
    fn chunks_carry_the_body_and_nothing_else() {
        for length in [0, 1, 15, 5_000, 300_000] {
            assert_eq!(chunks(length).map(|chunk| chunk.data).sum::<usize>(), length);
            assert!(chunks(length).all(|chunk| chunk.data > 0));
        }
    }
}
