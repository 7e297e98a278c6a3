//! Opens connections with TLS over those of another [`Connect`].

use super::chain::{Expected, Trust};
use super::embedded::{EmbeddedTls, RecordLength};
use super::fault::TlsFault;
use super::guard::Watch;
use super::names::Host;
use super::secured::{Secured, prove};
use crate::{Connect, ConnectError};
use core::fmt;
use rand_core::CryptoRngCore;
use tidegate_core::http::{Origin, Scheme};
use tidegate_core::time::UnixTime;

/// The least that the buffer for sent records can be: the first message of a handshake with the longest host name fits.
pub const SEND_BUFFER: usize = 640;

/// Where records are put together and taken apart, for one connection at a time.
#[derive(Debug)]
pub struct Buffers<'b> {
    receive: &'b mut [u8],
    send: &'b mut [u8],
    record_length: RecordLength,
}

impl<'b> Buffers<'b> {
    /// Takes a buffer for received records, of at least [`RecordLength::buffer`] bytes, and one for sent ones, of at least
    /// [`SEND_BUFFER`]. A request that is longer than the latter goes out in several records.
    ///
    /// # Errors
    ///
    /// Says how long the buffer must be that is too short.
    pub fn new(
        receive: &'b mut [u8],
        send: &'b mut [u8],
        record_length: RecordLength,
    ) -> Result<Self, BufferTooShort> {
        let check = |given: &[u8], needed| {
            if given.len() < needed { Err(BufferTooShort { given: given.len(), needed }) } else { Ok(()) }
        };
        check(receive, record_length.buffer())?;
        check(send, SEND_BUFFER)?;
        Ok(Self { receive, send, record_length })
    }
}

/// A buffer for records is too short.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferTooShort {
    /// How many bytes it has.
    pub given: usize,
    /// How many it must have.
    pub needed: usize,
}

impl fmt::Display for BufferTooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the buffer for TLS records has {} bytes and needs {}", self.given, self.needed)
    }
}

impl core::error::Error for BufferTooShort {}

/// Opens connections with TLS 1.3 over those that `C` opens, to servers that prove who they are.
///
/// * `R` is a cryptographically secure generator, on a microcontroller the hardware's. Every handshake takes its randomness
///   from it afresh. It must never give the same twice: not after a restart either.
/// * `K` gives the time, if it is known.
#[derive(Debug)]
pub struct TlsConnector<'b, C, R, K> {
    inner: C,
    buffers: Buffers<'b>,
    trust: Trust<'b>,
    random: R,
    clock: K,
    watch: Watch,
}

impl<'b, C, R, K> TlsConnector<'b, C, R, K>
where
    C: Connect,
    R: CryptoRngCore,
    K: Fn() -> Option<UnixTime>,
{
    /// A connector that has not connected yet.
    pub const fn new(inner: C, buffers: Buffers<'b>, trust: Trust<'b>, random: R, clock: K) -> Self {
        Self { inner, buffers, trust, random, clock, watch: Watch::new() }
    }

    /// Whom to expect at an origin. What cannot be known later either is refused before anything is sent.
    fn expected<'o>(&self, origin: Origin<'o>) -> Result<Expected<'o>, TlsFault>
    where
        'b: 'o,
    {
        if origin.scheme() != Scheme::Https {
            return Err(TlsFault::PlainText);
        }
        let host = Host::parse(origin.host()).ok_or(TlsFault::HostName)?;
        match (self.trust, (self.clock)()) {
            (Trust::Authority(_), None) => Err(TlsFault::ClockUnknown),
            (trust, now) => Ok(Expected { host, trust, now }),
        }
    }
}

impl<C, R, K> Connect for TlsConnector<'_, C, R, K>
where
    C: Connect,
    R: CryptoRngCore,
    K: Fn() -> Option<UnixTime>,
{
    type Connection<'c>
        = Secured<EmbeddedTls<'c, C::Connection<'c>, R>>
    where
        Self: 'c;

    async fn ready(&mut self) {
        self.inner.ready().await;
    }

    async fn connect<'c>(&'c mut self, origin: Origin<'_>) -> Result<Self::Connection<'c>, ConnectError> {
        let host = self.expected(origin).map_err(ConnectError::Tls)?.host;
        let inner = apart!(self.inner.connect(origin))?;
        // Asked again: connecting may have taken its time.
        let expected = Expected { host, trust: self.trust, now: (self.clock)() };
        self.watch = Watch::new();
        let Buffers { receive, send, record_length } = &mut self.buffers;
        let mut layer =
            EmbeddedTls::new(inner, &self.watch, &mut self.random, *record_length, (receive, send));
        match apart!(prove(&mut layer, expected)) {
            Ok(proof) => Ok(Secured::proved(layer, proof)),
            Err(fault) => Err(ConnectError::Tls(fault)),
        }
    }
}
