//! hyper's client connection over an in-memory pipe. Whether it keeps the connection is seen by not closing that, and asking
//! whether it takes another request.

use crate::case::Case;
use crate::verdict::Verdict;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::runtime::Builder;
use tokio::task::{LocalSet, yield_now};
use tokio::time::timeout;

/// Time is paused: it passes only when nothing else can happen.
const FOR_EVER: Duration = Duration::from_secs(3_600);

pub(crate) fn run(case: &Case, pieces: &[&[u8]]) -> Verdict {
    match exchange(case, pieces, true) {
        Verdict::Whole { status, body, .. } => {
            let keeps = matches!(exchange(case, pieces, false), Verdict::Whole { keeps: Some(true), .. });
            Verdict::Whole { status, body, keeps: Some(keeps) }
        }
        other => other,
    }
}

fn exchange(case: &Case, pieces: &[&[u8]], closes: bool) -> Verdict {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    LocalSet::new().block_on(&runtime, async {
        let (ours, theirs) = duplex(1 << 20);
        tokio::task::spawn_local(serve(theirs, pieces.iter().map(|piece| piece.to_vec()).collect(), closes));
        timeout(FOR_EVER, ask(case, ours)).await.unwrap_or(Ok(Verdict::Endless)).unwrap_or(Verdict::Refused)
    })
}

async fn ask(case: &Case, stream: DuplexStream) -> hyper::Result<Verdict> {
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(connection);
    let method = if case.is_head { Method::HEAD } else { Method::GET };
    let request = Request::builder().method(method).uri("/").header("host", "api.example");
    let response = sender.send_request(request.body(Empty::<Bytes>::new()).expect("a request")).await?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes().to_vec();
    for _ in 0..100 {
        yield_now().await;
    }
    let keeps = timeout(FOR_EVER, sender.ready()).await.is_ok_and(|ready| ready.is_ok());
    Ok(Verdict::Whole { status, body, keeps: Some(keeps) })
}

async fn serve(mut stream: DuplexStream, pieces: Vec<Vec<u8>>, closes: bool) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await.is_ok_and(|read| read == 0) {
            return;
        }
    }
    for piece in pieces {
        if stream.write_all(&piece).await.is_err() {
            return;
        }
        yield_now().await;
        yield_now().await;
    }
    if !closes {
        tokio::time::sleep(FOR_EVER * 10).await;
    }
}
