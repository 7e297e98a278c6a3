//! A reply as it goes out: in its coding, fields and framing, and broken as a fault of the wire says. The same for every
//! service.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::config::{Config, Gzip};
use crate::date::http_date;
use crate::fault::Fault;
use crate::random::Random;
use crate::reply::Reply;
use crate::request::Request;
use crate::response::{Ending, Framing, Response};

/// Puts a reply into its coding, fields and framing, and breaks it as the fault says.
pub(crate) fn dress(
    config: &Config,
    now_ms: u64,
    request: &Request<'_>,
    reply: Reply,
    fault: Option<Fault>,
) -> Response {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut field = |name: &str, value: String| fields.push((name.to_owned(), value));
    if config.date {
        field("Date", http_date(now_ms));
    }
    if let Some(content_type) = reply.content_type {
        field("Content-Type", content_type.to_owned());
    }
    for (name, value) in reply.fields {
        field(name, value);
    }
    let mut body = reply.body;
    if reply.status == 200 && compresses(config, request) {
        body = gzip(&body);
        field("Content-Encoding", "gzip".to_owned());
        field("Vary", "Accept-Encoding".to_owned());
    }
    if let Some(Fault::LongHead { bytes }) = fault {
        field("X-Padding", "x".repeat(bytes as usize));
    }
    if let Some(Fault::Garbage { at }) = fault {
        garble(&mut body, at, config.seed);
    }
    let wrong_by = if let Some(Fault::WrongLength { by }) = fault { Some(by) } else { None };
    let bodiless = matches!(reply.status, 204 | 304);
    let framing = if wrong_by.is_some() || bodiless { Framing::ContentLength } else { config.framing };
    match framing {
        Framing::ContentLength if bodiless => body.clear(),
        Framing::ContentLength => {
            let declared = (body.len() as i64).saturating_add(wrong_by.unwrap_or(0)).max(0);
            field("Content-Length", declared.to_string());
        }
        Framing::Chunked => field("Transfer-Encoding", "chunked".to_owned()),
        Framing::CloseDelimited => {}
    }
    if framing == Framing::CloseDelimited || request.asks_to_close() {
        field("Connection", "close".to_owned());
    }
    let ending = ending(fault.as_ref(), body.len() as u64);
    Response { status: reply.status, fields, body, framing, ending, delay_ms: 0 }
}

fn compresses(config: &Config, request: &Request<'_>) -> bool {
    match config.gzip {
        Gzip::Never => false,
        Gzip::WhenAccepted => request.accepts_gzip(),
        Gzip::Always => true,
    }
}

fn ending(fault: Option<&Fault>, body_length: u64) -> Ending {
    match fault {
        Some(&Fault::CutWire { at }) => Ending::CutWire { at },
        Some(&Fault::Cut { at }) => Ending::Cut { at },
        Some(&Fault::Reset { at }) => Ending::Reset { at },
        Some(&Fault::Stall { at }) => Ending::Stall { at },
        Some(Fault::StallBeforeHead) => Ending::StallBeforeHead,
        Some(&Fault::WrongLength { by }) if by > 0 => Ending::Cut { at: body_length },
        _ => Ending::Complete,
    }
}

fn garble(body: &mut [u8], at: u64, seed: u64) {
    let mut random = Random::of(&[seed, at, 7]);
    let untouched = usize::try_from(at).unwrap_or(usize::MAX);
    for byte in body.iter_mut().skip(untouched) {
        *byte = random.next() as u8;
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    encoder.write_all(body).and_then(|()| encoder.finish()).unwrap_or_default()
}
