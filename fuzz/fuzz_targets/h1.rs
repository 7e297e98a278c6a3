//! The HTTP/1.1 decoder: the same events and verdict for every split; accepted and refused as the strict reference does
//! that core's own tests use, with the same body; and where hyper takes the response too, hyper reads the same from it.
//!
//! The reference finds what is accepted and must not be (a line that ends in LF alone, a folded field, two lengths) and
//! a body that is read short. Hyper knows nothing of either of the two readers.
#![no_main]

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use libfuzzer_sys::fuzz_target;
use tidegate_core::http::h1::{Decoder, Event, H1Error};
use tidegate_fuzz::reference::{Understood, understand};
use tidegate_fuzz::{Choices, pieces};
use tokio::io::AsyncWriteExt;

#[derive(Debug, PartialEq)]
struct Read {
    status: Option<u16>,
    fields: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    is_reusable: bool,
    verdict: Result<(), H1Error>,
}

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices::new(input);
    let head_buffer = choices.one_of([64, 256, 1_024, 8_192]);
    let split = choices.byte();
    // One response in sixteen answers `HEAD`.
    let is_head = split >= 0xf0;
    let response = choices.rest();

    let whole = read(is_head, head_buffer, std::iter::once(response));
    assert_eq!(read(is_head, head_buffer, response.chunks(1)), whole, "byte by byte");
    assert_eq!(read(is_head, head_buffer, pieces(response, split)), whole, "in pieces");

    let is_whole = whole.verdict.is_ok();
    let (status, reusable) = (whole.status, whole.is_reusable);
    let ours = Understood { status, body: whole.body, is_whole, reusable };
    assert_eq!(ours, understand(is_head, head_buffer, response), "ours, and the reference's");

    // Interim responses are left out of the comparison: hyper makes them visible in ways of its own.
    if let (true, Some(status)) = (is_whole, status)
        && !response.starts_with(b"HTTP/1.1 1")
        && let Some((their_status, their_body)) = hyper(is_head, response)
    {
        assert_eq!((status, ours.body), (their_status, their_body), "ours, and hyper's");
    }
});

fn read<'a>(is_head: bool, head_buffer: usize, pieces: impl Iterator<Item = &'a [u8]>) -> Read {
    let mut head_buffer = vec![0; head_buffer];
    let mut decoder = if is_head { Decoder::without_body() } else { Decoder::new() };
    let mut read =
        Read { status: None, fields: Vec::new(), body: Vec::new(), is_reusable: false, verdict: Ok(()) };
    for piece in pieces {
        let mut rest = piece;
        loop {
            match decoder.push(rest, &mut head_buffer) {
                Ok((taken, event)) => {
                    rest = &rest[taken..];
                    match event {
                        Some(Event::Head(head)) => {
                            assert_eq!(read.status, None, "a second head");
                            read.status = Some(head.status());
                            let fields = head.fields().map(|(name, value)| (name.to_owned(), value.to_vec()));
                            read.fields = fields.collect();
                        }
                        Some(Event::Body(bytes)) => read.body.extend_from_slice(bytes),
                        Some(Event::End) => {}
                        None => break,
                    }
                }
                Err(error) => {
                    read.verdict = Err(error);
                    return read;
                }
            }
        }
    }
    read.is_reusable = decoder.is_reusable();
    read.verdict = decoder.eof();
    read
}

/// Status and body as hyper reads them; `None` if it does not take the response.
fn hyper(is_head: bool, response: &[u8]) -> Option<(u16, Vec<u8>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(ours)).await.ok()?;
        tokio::spawn(connection);
        let method = if is_head { hyper::Method::HEAD } else { hyper::Method::GET };
        let request = hyper::Request::builder().method(method).header("host", "api.example");
        let request = request.body(Empty::<Bytes>::new()).ok()?;
        let answered = sender.send_request(request);
        theirs.write_all(response).await.ok()?;
        theirs.shutdown().await.ok()?;
        let answer = answered.await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, body.to_vec()))
    })
}
