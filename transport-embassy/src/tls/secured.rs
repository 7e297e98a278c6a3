//! The rule that everything here is for: a request, and the secret in it, goes only to a server that has proved who it is
//! on this very connection. It is held in types. [`Layer`] is whatever library speaks TLS, and none is trusted to have
//! checked anything; [`Secured`] is the only connection a pull can use, and is made only with a [`Proof`]: by
//! [`Secured::open`], or within this module by `prove` and `proved`, which are its two halves. A defence that does not depend on any library stays when the library is another one.

use super::chain::Expected;
use super::fault::TlsFault;
use super::verifier::{Proof, Verifier};
use crate::Connection;
use embedded_io_async::{ErrorType, Read, Write};

/// A library that speaks TLS over a connection of its own.
#[allow(
    async_fn_in_trait,
    reason = "an executor of this field runs on one thread: its futures need not be `Send`"
)]
pub trait Layer {
    /// Does the handshake, and shows the verifier all that the server shows.
    async fn handshake(&mut self, verifier: &mut Verifier<'_>) -> Result<(), TlsFault>;

    /// Reads decrypted bytes: at least one, or none once the server has said that there are no more (RFC 8446 §6.1).
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, TlsFault>;

    /// Takes at least one byte to be sent.
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, TlsFault>;

    /// Sends all that was taken.
    async fn flush(&mut self) -> Result<(), TlsFault>;

    /// Whether the connection is open and nothing came that was not read. Does not wait.
    fn is_idle(&mut self) -> bool;

    /// Tells the server that nothing more comes, and closes the connection below.
    async fn close(&mut self);

    /// Ends the connection below at once, without a word.
    async fn abort(&mut self);
}

/// A connection to a server that has proved who it is.
///
/// A read or write that fails, or that is dropped before it is done, leaves it unusable: nobody knows then where in a record
/// it stopped.
#[derive(Debug)]
pub struct Secured<L> {
    layer: L,
    state: State,
    _proof: Proof,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// The server has said that nothing more comes.
    Ended,
    /// Something is under way, or was and did not come to its end.
    Broken,
}

impl<L: Layer> Secured<L> {
    /// Does the handshake and opens the connection, or drops it without having sent anything of the caller's.
    ///
    /// # Errors
    ///
    /// Says why the server is not who it should be, or what else went wrong.
    pub async fn open(mut layer: L, expected: Expected<'_>) -> Result<Self, TlsFault> {
        let proof = prove(&mut layer, expected).await?;
        Ok(Self::proved(layer, proof))
    }

    /// The connection of a layer over which [`prove`] has just been told this.
    pub(super) const fn proved(layer: L, proof: Proof) -> Self {
        Self { layer, state: State::Open, _proof: proof }
    }

    /// Goes into what is under way. If that never ends, the connection stays broken.
    fn begin(&mut self) -> Result<(), TlsFault> {
        match core::mem::replace(&mut self.state, State::Broken) {
            State::Open => Ok(()),
            State::Ended => {
                self.state = State::Ended;
                Err(TlsFault::Closed)
            }
            State::Broken => Err(TlsFault::Broken),
        }
    }
}

/// Does the handshake over a layer, which is ended at once if the server proves nothing. Apart from [`Secured::open`] because a layer is large, and one that is passed around by
/// value lies on the stack below the whole handshake.
pub(super) async fn prove(layer: &mut impl Layer, expected: Expected<'_>) -> Result<Proof, TlsFault> {
    let mut verifier = Verifier::new(expected);
    let answer = apart!(layer.handshake(&mut verifier));
    let proof = verifier.proof(answer);
    if proof.is_err() {
        apart!(layer.abort());
    }
    proof
}

impl<L> ErrorType for Secured<L> {
    type Error = TlsFault;
}

impl<L: Layer> Read for Secured<L> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, TlsFault> {
        if buffer.is_empty() || self.state == State::Ended {
            return Ok(0);
        }
        self.begin()?;
        let read = self.layer.read(buffer).await?;
        self.state = if read == 0 { State::Ended } else { State::Open };
        Ok(read)
    }
}

impl<L: Layer> Write for Secured<L> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, TlsFault> {
        if bytes.is_empty() {
            return Ok(0);
        }
        self.begin()?;
        let written = self.layer.write(bytes).await?;
        self.state = State::Open;
        Ok(written)
    }

    async fn flush(&mut self) -> Result<(), TlsFault> {
        self.begin()?;
        self.layer.flush().await?;
        self.state = State::Open;
        Ok(())
    }
}

impl<L: Layer> Connection for Secured<L> {
    fn is_reusable(&mut self) -> bool {
        if self.state == State::Open && !self.layer.is_idle() {
            self.state = State::Broken;
        }
        self.state == State::Open
    }

    async fn close(&mut self) {
        match core::mem::replace(&mut self.state, State::Broken) {
            State::Open => self.layer.close().await,
            State::Ended | State::Broken => self.layer.abort().await,
        }
    }

    async fn abort(&mut self) {
        self.state = State::Broken;
        self.layer.abort().await;
    }
}

#[cfg(test)]
#[path = "secured_tests.rs"]
mod tests;
