//! reqwless's response reader, with which its client ends every request. It has no opinion on whether a connection may be
//! kept.

use crate::case::Case;
use crate::stream::Stream;
use crate::verdict::Verdict;
use reqwless::Error;
use reqwless::request::Method;
use reqwless::response::Response;
use tokio::runtime::Builder;

pub(crate) fn run(case: &Case, pieces: &[&[u8]]) -> Verdict {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(read(case, pieces)).unwrap_or(Verdict::Refused)
}

async fn read(case: &Case, pieces: &[&[u8]]) -> Result<Verdict, Error> {
    let mut stream = Stream::new(pieces);
    let (mut head_buffer, mut body) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let method = if case.is_head { Method::HEAD } else { Method::GET };
    let response = Response::read(&mut stream, method, &mut head_buffer).await?;
    let status = response.status.0;
    let length = response.body().reader().read_to_end(&mut body).await?;
    body.truncate(length);
    Ok(Verdict::Whole { status, body, keeps: None })
}
