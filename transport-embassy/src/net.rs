//! Connections of embassy-net: TCP, with names looked up by DNS.

use crate::clock;
use crate::connect::{CONNECT, Connect, ConnectError, Connection, LOOKUP};
use embassy_net::dns::DnsQueryType;
use embassy_net::tcp::{Error, TcpSocket};
use embassy_net::{IpEndpoint, Stack};
use embedded_io_async::{ErrorType, Read, Write};
use tidegate_core::http::{Origin, Scheme};
use tidegate_core::time::Duration;

/// The longest that a reset is waited for to leave. It cannot where there is no link, or nobody has the address.
const RESET: Duration = Duration::from_secs(1);

/// Opens TCP connections through a stack of embassy-net, in buffers of the caller's.
///
/// One segment, 1,460 bytes, is a good size for the receive buffer: the stack answers a larger one late.
///
/// All addresses of a name are tried in turn. The stack keeps one of them unless `SMOLTCP_DNS_MAX_RESULT_COUNT` says more when it is
/// built (`[env]` in `.cargo/config.toml`).
pub struct Tcp<'a> {
    stack: Stack<'a>,
    receive_buffer: &'a mut [u8],
    send_buffer: &'a mut [u8],
    carries_tls: bool,
}

impl<'a> Tcp<'a> {
    /// A connector for `http`.
    pub const fn new(stack: Stack<'a>, receive_buffer: &'a mut [u8], send_buffer: &'a mut [u8]) -> Self {
        Self { stack, receive_buffer, send_buffer, carries_tls: false }
    }

    /// The same as the ground of a connector with TLS: takes `https` only, so that nothing leaves in plain text.
    #[must_use]
    pub const fn for_tls(self) -> Self {
        Self { carries_tls: true, ..self }
    }
}

impl core::fmt::Debug for Tcp<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tcp").field("carries_tls", &self.carries_tls).finish_non_exhaustive()
    }
}

impl Connect for Tcp<'_> {
    type Connection<'c>
        = TcpConnection<'c>
    where
        Self: 'c;

    async fn ready(&mut self) {
        // A fixed address stays while there is no link.
        while !(self.stack.is_link_up() && self.stack.is_config_up()) {
            self.stack.wait_link_up().await;
            self.stack.wait_config_up().await;
        }
    }

    async fn connect<'c>(&'c mut self, origin: Origin<'_>) -> Result<TcpConnection<'c>, ConnectError> {
        if self.carries_tls != (origin.scheme() == Scheme::Https) {
            return Err(ConnectError::Scheme);
        }
        let query = self.stack.dns_query(origin.host(), DnsQueryType::A);
        let answer = clock::before(clock::now().after(LOOKUP), query).await;
        let addresses = answer.map_err(|_| ConnectError::Name)?.map_err(|_| ConnectError::Name)?;
        let mut socket = TcpSocket::new(self.stack, self.receive_buffer, self.send_buffer);
        // A request leaves in few parts, and none of them should wait for an acknowledgement.
        socket.set_nagle_enabled(false);
        let mut failure = ConnectError::Name;
        for (others, address) in (0..addresses.len()).rev().zip(addresses) {
            // The last one has all the time that the request has.
            let longest = if others == 0 { Duration::MAX } else { CONNECT };
            let connecting = socket.connect(IpEndpoint::new(address, origin.port()));
            match clock::before(clock::now().after(longest), connecting).await {
                Ok(Ok(())) => return Ok(TcpConnection(socket)),
                // A socket can be used again once it is closed.
                Ok(Err(_)) | Err(_) => reset(&mut socket).await,
            }
            failure = ConnectError::Refused;
        }
        Err(failure)
    }
}

/// A TCP connection. A read or write of it that is dropped has done nothing.
pub struct TcpConnection<'c>(TcpSocket<'c>);

impl core::fmt::Debug for TcpConnection<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("TcpConnection").finish_non_exhaustive()
    }
}

impl Connection for TcpConnection<'_> {
    fn is_reusable(&mut self) -> bool {
        self.0.may_send() && self.0.may_recv() && !self.0.can_recv()
    }

    async fn close(&mut self) {
        self.0.close();
        // What the server makes of it is its own affair.
        let _ = self.0.flush().await;
    }

    async fn abort(&mut self) {
        reset(&mut self.0).await;
    }
}

/// Resets a connection, and waits until the reset has left: a socket that is dropped before tells the server nothing.
async fn reset(socket: &mut TcpSocket<'_>) {
    socket.abort();
    // A reset that cannot leave changes nothing here.
    let _ = clock::before(clock::now().after(RESET), socket.flush()).await;
}

impl ErrorType for TcpConnection<'_> {
    type Error = Error;
}

impl Read for TcpConnection<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.0.read(buffer).await
    }
}

impl Write for TcpConnection<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.0.write(bytes).await
    }

    async fn flush(&mut self) -> Result<(), Error> {
        self.0.flush().await
    }
}
