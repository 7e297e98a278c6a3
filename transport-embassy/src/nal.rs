//! Connections of any stack with the traits of `embedded-nal-async`: those of Wi-Fi chips, modems and operating systems that other
//! HTTP clients of this field run on.

use crate::clock;
use crate::connect::{CONNECT, Connect, ConnectError, Connection, LOOKUP};
use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::pin::pin;
use core::task::{Context, Waker};
use embedded_io_async::{ErrorType, Read, Write};
use embedded_nal_async::{AddrType, Dns, TcpConnect};
use tidegate_core::http::{Origin, Scheme};
use tidegate_core::time::Duration;

/// Opens TCP connections with `T`, to the addresses that `D` finds.
///
/// The traits tell neither whether there is a network nor how to reset a connection: what fails costs an attempt, and a connection is
/// ended by dropping it. Where the stack has a link that gets lost, wait for it in a [`Connect`] of your own around this one.
pub struct Nal<T, D> {
    tcp: T,
    dns: D,
    carries_tls: bool,
    is_kept: bool,
}

impl<T, D> Nal<T, D> {
    /// A connector for `http`. Often both are the same stack, lent twice.
    pub const fn new(tcp: T, dns: D) -> Self {
        Self { tcp, dns, carries_tls: false, is_kept: true }
    }

    /// The same as the ground of a connector with TLS: takes `https` only, so that nothing leaves in plain text.
    #[must_use]
    pub fn for_tls(self) -> Self {
        Self { carries_tls: true, ..self }
    }

    /// The same with a connection for each request. For stacks whose reads may lose bytes when they are dropped, as those of some
    /// modems: whether a connection is still open is seen by beginning a read.
    #[must_use]
    pub fn for_one_request_each(self) -> Self {
        Self { is_kept: false, ..self }
    }
}

impl<T, D> fmt::Debug for Nal<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nal")
            .field("carries_tls", &self.carries_tls)
            .field("is_kept", &self.is_kept)
            .finish_non_exhaustive()
    }
}

impl<T: TcpConnect, D: Dns> Connect for Nal<T, D> {
    type Connection<'c>
        = NalConnection<T::Connection<'c>>
    where
        Self: 'c;

    async fn connect<'c>(&'c mut self, origin: Origin<'_>) -> Result<Self::Connection<'c>, ConnectError> {
        let Self { tcp, dns, carries_tls, is_kept } = self;
        if *carries_tls != (origin.scheme() == Scheme::Https) {
            return Err(ConnectError::Scheme);
        }
        let kept = |connection| NalConnection { connection, is_kept: *is_kept };
        // The traits find one address of a kind.
        let first = address(dns, origin.host(), AddrType::IPv4).await;
        let missed = match connected(tcp, first, origin.port(), CONNECT).await {
            Ok(connection) => return Ok(kept(connection)),
            Err(missed) => missed,
        };
        let other = address(dns, origin.host(), AddrType::IPv6).await;
        // Where there is no other, one that is slow is tried again for as long as the request has time.
        let last = if missed == Missed::Slow { other.or(first) } else { other };
        match connected(tcp, last, origin.port(), Duration::MAX).await {
            Ok(connection) => Ok(kept(connection)),
            Err(_) if first.is_some() || other.is_some() => Err(ConnectError::Refused),
            Err(_) => Err(ConnectError::Name),
        }
    }
}

/// Why there is no connection to an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missed {
    /// It did not come about in time.
    Slow,
    /// Nobody answers there, or there is no address.
    Refused,
}

async fn connected<'t, T: TcpConnect>(
    tcp: &'t T,
    address: Option<IpAddr>,
    port: u16,
    within: Duration,
) -> Result<T::Connection<'t>, Missed> {
    let connecting = tcp.connect(SocketAddr::new(address.ok_or(Missed::Refused)?, port));
    let connected = clock::before(clock::now().after(within), connecting).await.map_err(|_| Missed::Slow)?;
    connected.map_err(|_| Missed::Refused)
}

/// An address of a host. One that is an address itself needs no name server.
async fn address(dns: &impl Dns, host: &str, kind: AddrType) -> Option<IpAddr> {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match (literal.parse::<IpAddr>(), kind) {
        (Ok(address), AddrType::IPv4) => address.is_ipv4().then_some(address),
        (Ok(address), _) => address.is_ipv6().then_some(address),
        (Err(_), kind) => {
            let found = clock::before(clock::now().after(LOOKUP), dns.get_host_by_name(host, kind)).await;
            found.ok()?.ok()
        }
    }
}

/// A connection of a stack with the traits of `embedded-nal-async`.
pub struct NalConnection<C> {
    connection: C,
    is_kept: bool,
}

impl<C> fmt::Debug for NalConnection<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NalConnection").field("is_kept", &self.is_kept).finish_non_exhaustive()
    }
}

impl<C: Read + Write> Connection for NalConnection<C> {
    fn is_reusable(&mut self) -> bool {
        // A byte that nobody asked for, an end and an error are all there is that a read does not wait for.
        let mut byte = [0];
        self.is_kept
            && pin!(self.connection.read(&mut byte))
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
    }

    async fn close(&mut self) {
        // What the server makes of it is its own affair; dropping the connection closes it.
        let _ = self.connection.flush().await;
    }

    async fn abort(&mut self) {}
}

impl<C: ErrorType> ErrorType for NalConnection<C> {
    type Error = C::Error;
}

impl<C: Read> Read for NalConnection<C> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, C::Error> {
        self.connection.read(buffer).await
    }
}

impl<C: Write> Write for NalConnection<C> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, C::Error> {
        self.connection.write(bytes).await
    }

    async fn flush(&mut self) -> Result<(), C::Error> {
        self.connection.flush().await
    }
}
