//! What a driver needs of a network: something that opens connections, and connections. Bring your own for a modem, a
//! serial line or another stack; `net` has embassy-net's, and `nal` those of any stack with the traits of `embedded-nal-async`.

use core::fmt;
use embedded_io_async::{Read, Write};
use tidegate_core::http::Origin;
#[cfg(any(feature = "nal", feature = "net"))]
use tidegate_core::time::Duration;

/// The longest that a name is looked up: a name server that is silent must not use up a request's whole time.
#[cfg(any(feature = "nal", feature = "net"))]
pub(crate) const LOOKUP: Duration = Duration::from_secs(10);

/// The longest that one address of a name is tried while there are others. The stack has asked three times by then, and the
/// last of four addresses still has some of the 30 s that a request usually has.
#[cfg(any(feature = "nal", feature = "net"))]
pub(crate) const CONNECT: Duration = Duration::from_secs(6);

/// An open connection, over which requests and their responses go, one after the other. Dropping it ends it at once.
///
/// A future of it that was dropped before it was done may have taken bytes with it; the connection is then of no more use,
/// and the driver drops it.
#[allow(async_fn_in_trait, reason = "one executor, one core: nothing is sent between threads")]
pub trait Connection: Read + Write {
    /// Whether another request may go over it: it is still open, and nothing came that nobody asked for.
    fn is_reusable(&mut self) -> bool;

    /// Closes it properly. The driver does not wait for it long.
    async fn close(&mut self);

    /// Ends it at once, and tells the server so if that is possible: what else it sends is not read. The driver does not wait
    /// for it long. Unless it is implemented, the connection is closed.
    async fn abort(&mut self) {
        self.close().await;
    }
}

/// Opens connections, one at a time.
#[allow(async_fn_in_trait, reason = "one executor, one core: nothing is sent between threads")]
pub trait Connect {
    /// A connection, which may borrow the buffers that live here.
    type Connection<'c>: Connection
    where
        Self: 'c;

    /// Waits until there is a network. A request that is due waits for it before it is counted against the limit, so a lost
    /// link costs no attempt. Unless it is implemented, there always is one.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost with the future.
    async fn ready(&mut self) {}

    /// Opens a connection to an origin, and to no other: with TLS where its scheme is `https`, and not without the server
    /// having proved who it is.
    ///
    /// # Errors
    ///
    /// Why none came about.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, so is what there was of the connection.
    async fn connect<'c>(&'c mut self, origin: Origin<'_>) -> Result<Self::Connection<'c>, ConnectError>;
}

/// Why no connection came about.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectError {
    /// The host's name was not found, or in time.
    Name,
    /// Nobody answers there, or there is no network.
    Refused,
    /// This connector does not speak the origin's scheme.
    Scheme,
    /// The server did not prove that it is who it should be, or TLS failed in another way.
    #[cfg(feature = "tls")]
    Tls(crate::tls::TlsFault),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the host's name was not found: check the base URL and the name server",
            Self::Refused => "nobody answers at the host's port: check the base URL and the network",
            Self::Scheme => "the connector does not speak the base URL's scheme: https needs one with TLS",
            #[cfg(feature = "tls")]
            Self::Tls(fault) => return fault.fmt(f),
        })
    }
}

impl core::error::Error for ConnectError {}
