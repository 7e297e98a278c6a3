//! The HTTP/1.1 decoder: the same events and verdict for every split, and where it accepts a response, hyper either
//! reads the same from it or refuses it.
#![no_main]

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use libfuzzer_sys::fuzz_target;
use tidegate_core::http::h1::{Decoder, Event, H1Error};
use tidegate_fuzz::{Choices, pieces};
use tokio::io::AsyncWriteExt;

#[derive(Debug, PartialEq)]
struct Read {
    status: Option<u16>,
    fields: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// Bytes up to the response's end; `None` if that is the connection's.
    length: Option<usize>,
    is_reusable: bool,
    verdict: Result<(), H1Error>,
}

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices::new(input);
    let head_buffer = choices.one_of([64, 256, 1_024, 8_192]);
    let split = choices.byte();
    let response = choices.rest();

    let whole = read(head_buffer, std::iter::once(response));
    assert_eq!(read(head_buffer, response.chunks(1)), whole, "byte by byte");
    assert_eq!(read(head_buffer, pieces(response, split)), whole, "in pieces");
    // Interim responses are left out of the comparison: hyper makes them visible in ways of its own.
    if let (Ok(()), Some(status)) = (whole.verdict, whole.status)
        && !response.starts_with(b"HTTP/1.1 1")
        && let Some((their_status, their_body)) = hyper(&response[..whole.length.unwrap_or(response.len())])
    {
        assert_eq!((status, &whole.body), (their_status, &their_body));
    }
});

fn read<'a>(head_buffer: usize, pieces: impl Iterator<Item = &'a [u8]>) -> Read {
    let mut head_buffer = vec![0; head_buffer];
    let mut decoder = Decoder::new();
    let mut read = Read {
        status: None,
        fields: Vec::new(),
        body: Vec::new(),
        length: None,
        is_reusable: false,
        verdict: Ok(()),
    };
    let mut consumed = 0;
    for piece in pieces {
        let mut rest = piece;
        loop {
            match decoder.push(rest, &mut head_buffer) {
                Ok((taken, event)) => {
                    consumed += taken;
                    rest = &rest[taken..];
                    match event {
                        Some(Event::Head(head)) => {
                            assert_eq!(read.status, None, "a second head");
                            read.status = Some(head.status());
                            let fields = head.fields().map(|(name, value)| (name.to_owned(), value.to_vec()));
                            read.fields = fields.collect();
                        }
                        Some(Event::Body(bytes)) => read.body.extend_from_slice(bytes),
                        Some(Event::End) => read.length = read.length.or(Some(consumed)),
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
fn hyper(response: &[u8]) -> Option<(u16, Vec<u8>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(ours)).await.ok()?;
        tokio::spawn(connection);
        let request =
            hyper::Request::get("/").header("host", "api.example").body(Empty::<Bytes>::new()).ok()?;
        let answered = sender.send_request(request);
        theirs.write_all(response).await.ok()?;
        theirs.shutdown().await.ok()?;
        let answer = answered.await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, body.to_vec()))
    })
}
