//! One connection: reads request heads (RFC 9112 sections 2, 3, 5 and 6, parsed by httparse), asks the model, and
//! writes its bytes as they are. What HTTP leaves to the server is strict here: a client that a lenient server forgives
//! should fail in a test. Time limits are Kestrel's defaults.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::control;
use crate::model::Simulator;
use crate::reply::Reply;
use crate::request::Request;
use crate::request_head::{Body, RequestHead, Unreadable};
use crate::response::{Ending, Response};
use crate::serve::Clock;

const KEEP_ALIVE: Duration = Duration::from_secs(130);
const HEAD_TIME: Duration = Duration::from_secs(30);
const BODY_TIME: Duration = Duration::from_secs(30);
const LINGER: Duration = Duration::from_secs(1);
const HEAD_LIMIT: usize = 32 * 1024;
const BODY_LIMIT: u64 = 1024 * 1024;
const LINGER_LIMIT: u64 = 64 * 1024;

/// What all connections of a server have in common.
pub(crate) struct Shared {
    pub(crate) simulator: Arc<Mutex<Simulator>>,
    pub(crate) clock: Clock,
    pub(crate) on_stall: Option<Arc<dyn Fn() + Send + Sync>>,
    pub(crate) on_delay: Option<Arc<dyn Fn(u64) + Send + Sync>>,
    pub(crate) tls: Option<TlsAcceptor>,
}

/// A socket, with or without TLS over it.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// The socket itself, to treat it as TLS would not.
    fn socket(&mut self) -> &mut TcpStream;
}

impl Stream for TcpStream {
    fn socket(&mut self) -> &mut TcpStream {
        self
    }
}

impl Stream for TlsStream<TcpStream> {
    fn socket(&mut self) -> &mut TcpStream {
        self.get_mut().0
    }
}

/// What becomes of the connection after a response.
enum After {
    KeepAlive,
    Close,
    /// Closed under TLS, without its goodbye.
    Cut,
    Reset,
    Hold,
}

/// Serves a connection until one side ends it. An I/O error ends it too and concerns nobody else.
pub(crate) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Small responses shall not wait for an acknowledgement; a socket that refuses is about to fail anyway.
    let _ = stream.set_nodelay(true);
    let _ended = match &shared.tls {
        None => Connection::new(stream, &shared).run().await,
        Some(acceptor) => match timeout(HEAD_TIME, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Connection::new(stream, &shared).run().await,
            Ok(Err(_)) | Err(_) => return,
        },
    };
}

struct Connection<'a, S> {
    stream: S,
    shared: &'a Shared,
    /// Bytes that came and were not yet used.
    buffer: Vec<u8>,
}

impl<'a, S: Stream> Connection<'a, S> {
    fn new(stream: S, shared: &'a Shared) -> Self {
        Self { stream, shared, buffer: Vec::new() }
    }

    async fn run(mut self) -> io::Result<()> {
        loop {
            let after = match self.read_head().await? {
                None => return Ok(()),
                Some(Ok(head)) => self.exchange(head).await?,
                Some(Err(unreadable)) => {
                    let mut refusal = control::plain(Reply::problem(unreadable.status, unreadable.detail));
                    close_after(&mut refusal);
                    self.stream.write_all(&refusal.wire_bytes()).await?;
                    After::Close
                }
            };
            match after {
                After::KeepAlive => {}
                After::Close => {
                    self.stream.shutdown().await?;
                    return self.linger().await;
                }
                After::Cut => {
                    self.stream.socket().shutdown().await?;
                    return self.linger().await;
                }
                After::Reset => return self.reset().await,
                After::Hold => return self.hold().await,
            }
        }
    }

    /// One request and its response.
    async fn exchange(&mut self, head: RequestHead) -> io::Result<After> {
        let body = self.read_body(head.body).await?;
        let mut response = self.answer(&head, body.as_deref().unwrap_or_default()).await;
        if body.is_none() {
            close_after(&mut response);
        }
        let all = if head.method == "HEAD" { response.head_bytes() } else { response.wire_bytes() };
        let sent = response.sent_bytes().min(all.len());
        self.stream.write_all(&all[..sent]).await?;
        self.stream.flush().await?;
        Ok(match response.ending {
            Ending::Complete if response.closes() => After::Close,
            Ending::Complete => After::KeepAlive,
            Ending::CutWire { .. } | Ending::Cut { .. } => After::Cut,
            Ending::Reset { .. } => After::Reset,
            Ending::Stall { .. } | Ending::StallBeforeHead => After::Hold,
        })
    }

    async fn answer(&self, head: &RequestHead, body: &[u8]) -> Response {
        if let Some(mut response) = control::answer(&self.shared.simulator, &head.target).await {
            if head.closes() {
                close_after(&mut response);
            }
            return response;
        }
        let request = Request { method: &head.method, target: &head.target, fields: &head.fields, body };
        // The clock is read under the lock, so that the model's time never runs backwards.
        let mut simulator = self.shared.simulator.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = (self.shared.clock)();
        let response = simulator.answer(now_ms, &request);
        if let Some(on_delay) = self.shared.on_delay.as_ref().filter(|_| response.delay_ms > 0) {
            on_delay(response.delay_ms);
        }
        response
    }

    /// The next request's head; `None` if the client is done, or has been silent for too long between requests.
    async fn read_head(&mut self) -> io::Result<Option<Result<RequestHead, Unreadable>>> {
        if self.buffer.is_empty() {
            match timeout(KEEP_ALIVE, self.read_more()).await {
                Ok(Ok(0)) | Err(_) => return Ok(None),
                Ok(read) => read?,
            };
        }
        let rest = timeout(HEAD_TIME, async {
            loop {
                match RequestHead::parse(&self.buffer) {
                    Ok(Some((head, length))) => {
                        self.buffer.drain(..length);
                        return Ok(Some(Ok(head)));
                    }
                    Ok(None) if self.buffer.len() > HEAD_LIMIT => {
                        return Ok(Some(Err(Unreadable::TOO_LARGE)));
                    }
                    Ok(None) => {}
                    Err(unreadable) => return Ok(Some(Err(unreadable))),
                }
                if self.read_more().await? == 0 {
                    return Ok(None);
                }
            }
        });
        rest.await.unwrap_or(Ok(Some(Err(Unreadable::TOO_SLOW))))
    }

    /// A request's body. `None` if it was left unread, for it is too long, chunked, or does not come: then it is answered
    /// as if there were none, and the connection is of no more use.
    async fn read_body(&mut self, body: Body) -> io::Result<Option<Vec<u8>>> {
        let length = match body {
            Body::Length(length) if length <= BODY_LIMIT => length as usize,
            Body::Length(_) | Body::Unbounded => return Ok(None),
        };
        while self.buffer.len() < length {
            match timeout(BODY_TIME, self.read_more()).await {
                Ok(Ok(0)) | Err(_) => return Ok(None),
                Ok(read) => read?,
            };
        }
        Ok(Some(self.buffer.drain(..length).collect()))
    }

    async fn read_more(&mut self) -> io::Result<usize> {
        self.stream.read_buf(&mut self.buffer).await
    }

    /// After our end is closed: reads what the client still sends, so that closing does not turn into a reset that takes
    /// the response with it.
    async fn linger(mut self) -> io::Result<()> {
        let drained = async {
            let mut left = LINGER_LIMIT;
            let mut sink = [0; 4_096];
            while left > 0 {
                match self.stream.socket().read(&mut sink).await {
                    Ok(0) | Err(_) => return,
                    Ok(read) => left = left.saturating_sub(read as u64),
                }
            }
        };
        // Whichever comes first, the connection ends here.
        let _ = timeout(LINGER, drained).await;
        Ok(())
    }

    /// Drops the connection with a reset. What was written is given a moment to arrive, for a reset overtakes it.
    async fn reset(mut self) -> io::Result<()> {
        tokio::time::sleep(Duration::from_millis(10)).await;
        self.stream.socket().set_zero_linger()
    }

    /// Says nothing more and waits for the client to give up.
    async fn hold(mut self) -> io::Result<()> {
        if let Some(on_stall) = &self.shared.on_stall {
            on_stall();
        }
        let mut sink = [0; 4_096];
        while self.stream.read(&mut sink).await? > 0 {}
        Ok(())
    }
}

fn close_after(response: &mut Response) {
    if !response.closes() {
        response.fields.push(("Connection".to_owned(), "close".to_owned()));
    }
}
