//! Connections to an origin, as the driver sees them: bytes in, bytes out, and whether another request may go over the
//! same one. Who opens them, over which network and with or without TLS, is not its concern.

use core::fmt;
use tidegate_core::http::Origin;

/// An open connection. One that is dropped rather than closed gives back whatever it held, without a word to the peer.
#[allow(
    async_fn_in_trait,
    reason = "an executor of this field runs on one thread: its futures need not be `Send`"
)]
pub trait Connection: embedded_io_async::Read + embedded_io_async::Write {
    /// Whether another request may go over it: it is still open, and nothing came that nobody asked for.
    fn is_reusable(&mut self) -> bool;

    /// Says goodbye. What happens to the goodbye is nobody's concern.
    async fn close(&mut self);
}

/// Opens connections.
#[allow(
    async_fn_in_trait,
    reason = "an executor of this field runs on one thread: its futures need not be `Send`"
)]
pub trait Connect {
    /// What is opened.
    type Connection<'c>: Connection
    where
        Self: 'c;

    /// Opens a connection to an origin.
    ///
    /// # Errors
    ///
    /// Says why there is none. Nothing of a request was sent.
    async fn connect<'c>(&'c mut self, origin: Origin<'_>) -> Result<Self::Connection<'c>, ConnectError>;
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectError {
    /// The host's name was not found.
    Name,
    /// Nobody answers there, or the network is down.
    Refused,
    /// The server did not prove that it is who it should be, or TLS failed in another way.
    #[cfg(feature = "tls")]
    Tls(crate::tls::TlsFault),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => {
                f.write_str("the host's name was not found: check the base URL and the name server")
            }
            Self::Refused => f.write_str("nobody answers there: check the base URL and the network"),
            #[cfg(feature = "tls")]
            Self::Tls(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for ConnectError {}
