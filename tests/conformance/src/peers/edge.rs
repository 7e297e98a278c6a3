//! edge-http's client connection.

use crate::case::Case;
use crate::stream::Stream;
use crate::verdict::Verdict;
use core::convert::Infallible;
use edge_http::Method;
use edge_http::io::Error;
use edge_http::io::client::Connection;
use embedded_io_async::Read;
use tokio::runtime::Builder;

pub(crate) fn run(case: &Case, pieces: &[&[u8]]) -> Verdict {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(read(case, pieces)).unwrap_or(Verdict::Refused)
}

async fn read(case: &Case, pieces: &[&[u8]]) -> Result<Verdict, Error<Infallible>> {
    let stream = Stream::new(pieces);
    let mut buffer = vec![0; 64 << 10];
    let address = ([127, 0, 0, 1], 80).into();
    let mut connection = Connection::<_, 64>::new(&mut buffer, &stream, address);
    let method = if case.is_head { Method::Head } else { Method::Get };
    connection.initiate_request(true, method, "/", &[("Host", "api.example")]).await?;
    connection.initiate_response().await?;
    let status = connection.headers()?.code;
    let (mut body, mut piece) = (Vec::new(), [0; 1024]);
    loop {
        match connection.read(&mut piece).await? {
            0 => break,
            length => body.extend_from_slice(&piece[..length]),
        }
    }
    let keeps = Some(!connection.needs_close());
    Ok(Verdict::Whole { status, body, keeps })
}
