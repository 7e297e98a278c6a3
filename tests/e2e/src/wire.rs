//! The wire between the virtual-clock driver and the simulator's model: requests as bytes, written by core's HTTP/1.1
//! encoder, and the simulator's own bytes, cut off where the scenario says, read by core's decoder. All that a driver on a
//! socket does but the socket.

use crate::virtually::{Asked, Link, Received};
use tidegate_core::http::Request;
use tidegate_core::http::h1::{self, Decoder, Event};
use tidegate_simulator::{Ending, Framing, Response};

/// The largest head. The simulator's are some hundred bytes long.
const HEAD_BUFFER: usize = 2 << 10;

/// The size of the parts in which requests are written, as on a device that has no room for a whole one.
const PART: usize = 96;

/// Bytes on a wire.
pub(crate) struct Wire;

impl Link for Wire {
    fn request(request: &Request<'_>) -> Asked {
        let (mut written, mut part) = (Vec::new(), [0; PART]);
        loop {
            let length = h1::encode_part(request, written.len(), &mut part);
            if length == 0 {
                break;
            }
            written.extend_from_slice(&part[..length]);
        }
        read(&written)
    }

    fn response(response: &Response, chunk: usize) -> Vec<Received> {
        let wire = response.wire_bytes();
        let sent = &wire[..response.sent_bytes()];
        let (mut decoder, mut head_buffer) = (Decoder::new(), [0; HEAD_BUFFER]);
        let mut received = Vec::new();
        for piece in sent.chunks(chunk) {
            if take(&mut decoder, &mut head_buffer, piece, &mut received).is_err() {
                received.push(Received::Broken);
                return received;
            }
        }
        if matches!(received.last(), Some(Received::End)) {
            assert_eq!(decoder.is_reusable(), is_kept(response, sent), "{:?}", response.fields);
            return received;
        }
        match response.ending {
            Ending::Complete | Ending::CutWire { .. } | Ending::Cut { .. } => {
                received.push(if decoder.eof().is_ok() { Received::End } else { Received::Broken });
            }
            Ending::Reset { .. } => received.push(Received::Broken),
            Ending::Stall { .. } | Ending::StallBeforeHead => {}
        }
        received
    }
}

/// All that a piece of the wire holds.
fn take(
    decoder: &mut Decoder,
    head_buffer: &mut [u8],
    mut piece: &[u8],
    received: &mut Vec<Received>,
) -> Result<(), h1::H1Error> {
    loop {
        let (taken, event) = decoder.push(piece, head_buffer)?;
        received.push(match event {
            Some(Event::Head(head)) => {
                let fields = head.fields().map(|(name, value)| (name.to_owned(), value.to_vec()));
                Received::Head { status: head.status(), fields: fields.collect() }
            }
            Some(Event::Body(bytes)) => Received::Body(bytes.to_vec()),
            Some(Event::End) => Received::End,
            None => return Ok(()),
        });
        piece = &piece[taken..];
    }
}

/// Whether a connection is good for another request after a response that was received whole.
pub(crate) fn is_kept(response: &Response, sent: &[u8]) -> bool {
    let closes = response.field("Connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let declared = response.field("Content-Length").and_then(|length| length.parse::<usize>().ok());
    let is_more_sent = match response.framing {
        Framing::ContentLength => sent.len() > response.head_bytes().len() + declared.unwrap_or(0),
        Framing::Chunked => false,
        Framing::CloseDelimited => true,
    };
    !closes && !is_more_sent
}

/// How long a request is whose bytes begin so; `None` while its head is not whole.
pub(crate) fn request_length(written: &[u8]) -> Option<usize> {
    let head = written.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let fields = std::str::from_utf8(&written[..head]).expect("ASCII").split("\r\n");
    let length = fields.filter_map(|line| line.strip_prefix("content-length: ")).next();
    Some(head + length.map_or(0, |length| length.parse::<usize>().expect("a length")))
}

/// A request as a server reads it.
pub(crate) fn read(written: &[u8]) -> Asked {
    assert_eq!(request_length(written), Some(written.len()), "one whole request");
    let end = written.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an empty line at the end");
    let head = std::str::from_utf8(&written[..end]).expect("ASCII");
    let mut lines = head.split("\r\n");
    let request_line: Vec<&str> = lines.next().expect("a request line").split(' ').collect();
    let [method, target, "HTTP/1.1"] = request_line[..] else { panic!("{request_line:?}") };
    let field = |line: &str| {
        let (name, value) = line.split_once(": ").expect("a name and a value");
        (name.to_owned(), value.to_owned())
    };
    let (method, target) = (method.to_owned(), target.to_owned());
    Asked { method, target, fields: lines.map(field).collect(), body: written[end + 4..].to_vec() }
}
