//! The server: binds a loopback port, accepts, and lets each connection run. What it answers is the model's business;
//! what it adds is a clock, TLS if wanted, and an end to all of it when it is dropped.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::connection::{Shared, serve};
use crate::model::Simulator;
use crate::tls::TlsIdentity;

/// Unix milliseconds, from wherever a test takes them.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Where and how to serve.
#[derive(Clone)]
pub struct ServerOptions {
    /// A loopback address; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Called exactly once a request, when its head has come, under the simulator's lock; not for `/_simulator/`.
    pub clock: Clock,
    /// Called when a stall has sent all that it will send.
    pub on_stall: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Called with the milliseconds that a response is to be late by, before anything of it is sent.
    pub on_delay: Option<Arc<dyn Fn(u64) + Send + Sync>>,
    /// Serve https with this.
    pub tls: Option<TlsIdentity>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: Arc::new(system_clock),
            on_stall: None,
            on_delay: None,
            tls: None,
        }
    }
}

impl fmt::Debug for ServerOptions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ServerOptions")
            .field("addr", &self.addr)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// A running server. It stops when dropped, and its connections with it.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    scheme: &'static str,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Serves the simulator from now on. An address that is not loopback is an error: the data is made up and the keys
    /// are in the source.
    pub async fn start(simulator: Arc<Mutex<Simulator>>, options: ServerOptions) -> io::Result<Self> {
        if !options.addr.ip().is_loopback() {
            let message = format!("{} is not a loopback address", options.addr);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listener = TcpListener::bind(options.addr).await?;
        let addr = listener.local_addr()?;
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let shared = Shared {
            simulator,
            clock: options.clock,
            on_stall: options.on_stall,
            on_delay: options.on_delay,
            tls: options.tls.as_ref().map(TlsIdentity::acceptor),
        };
        let accepting = tokio::spawn(accept(listener, Arc::new(shared)));
        Ok(Self { addr, scheme, accepting })
    }

    /// Such as `http://127.0.0.1:40123`; without the configured base path.
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.scheme, self.addr)
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops, and returns when the port is free again.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // The only outcome is the cancellation that was just asked for.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Owns every connection: when this is dropped, they are.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&shared)));
                }
                // Out of descriptors, most likely: let some connections end first.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

fn system_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
