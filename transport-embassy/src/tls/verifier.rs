//! The server's proof of who it is (RFC 8446 §4.4.2, §4.4.3), in the only order there is: first its certificates, then a
//! signature over this handshake with the key of the first of them. A [`Verifier`] is asked by whatever library speaks
//! TLS; whether it was asked, and what it answered, is then read from itself and not from that library. It fails closed:
//! after a refusal, or a question out of order, nothing makes it content.

use super::chain::{self, Expected};
use super::fault::TlsFault;
use super::names::Host;
use super::signature::{self, PublicKey};

/// `ecdsa_secp256r1_sha256` (RFC 8446 §4.2.3), the only scheme that is checked.
pub const SIGNATURE_SCHEME: u16 = 0x0403;

/// What a server's signature begins with, so that it cannot be taken for any other (RFC 8446 §4.4.3).
const CONTEXT: &[u8] = b"TLS 1.3, server CertificateVerify\0";

/// Checks what a server shows in one handshake.
#[derive(Debug)]
pub struct Verifier<'e> {
    expected: Expected<'e>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing was shown yet.
    Fresh,
    /// The certificates are good; this key has to sign this transcript.
    Shown {
        key: PublicKey,
        transcript: [u8; 32],
    },
    /// The key has signed.
    Proven,
    Refused(TlsFault),
}

/// That a server has proved who it is. Nothing but a [`Verifier`] makes one, and there is no second of it.
#[derive(Debug)]
pub struct Proof(());

impl<'e> Verifier<'e> {
    /// A verifier for one handshake.
    pub(super) const fn new(expected: Expected<'e>) -> Self {
        Self { expected, state: State::Fresh }
    }

    /// The host that the connection is to.
    pub const fn host(&self) -> Host<'e> {
        self.expected.host
    }

    /// Takes the server's certificates in the order they came in, and the hash of the transcript from the ClientHello up
    /// to and with the message that held them.
    ///
    /// # Errors
    ///
    /// Says what is wrong with them. The handshake must end here.
    pub fn take_certificates<'a>(
        &mut self,
        sent: impl IntoIterator<Item = &'a [u8]>,
        transcript: [u8; 32],
    ) -> Result<(), TlsFault> {
        let shown = match self.state {
            State::Fresh => {
                chain::check(sent, &self.expected).map(|key| State::Shown { key: *key, transcript })
            }
            State::Refused(fault) => Err(fault),
            State::Shown { .. } | State::Proven => Err(TlsFault::OutOfOrder),
        };
        self.enter(shown)
    }

    /// Takes the server's signature over the handshake.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it. The handshake must end here.
    pub fn take_signature(&mut self, scheme: u16, signature: &[u8]) -> Result<(), TlsFault> {
        let proven = match &self.state {
            State::Shown { .. } if scheme != SIGNATURE_SCHEME => Err(TlsFault::HandshakeScheme),
            State::Shown { key, transcript } => {
                let signed = signature::digest([&[b' '; 64], CONTEXT, transcript]);
                if signature::is_by(key, signed, signature) {
                    Ok(State::Proven)
                } else {
                    Err(TlsFault::HandshakeSignature)
                }
            }
            State::Refused(fault) => Err(*fault),
            State::Fresh | State::Proven => Err(TlsFault::OutOfOrder),
        };
        self.enter(proven)
    }

    /// The proof, once the handshake is over. `answer` is what the library said of it: both have to be content.
    ///
    /// # Errors
    ///
    /// The verifier's own reason comes before the library's.
    pub(super) fn proof(self, answer: Result<(), TlsFault>) -> Result<Proof, TlsFault> {
        match (self.state, answer) {
            (State::Refused(fault), _) | (_, Err(fault)) => Err(fault),
            (State::Fresh | State::Shown { .. }, Ok(())) => Err(TlsFault::NotProven),
            (State::Proven, Ok(())) => Ok(Proof(())),
        }
    }

    fn enter(&mut self, next: Result<State, TlsFault>) -> Result<(), TlsFault> {
        let (state, answer) = match next {
            Ok(state) => (state, Ok(())),
            Err(fault) => (State::Refused(fault), Err(fault)),
        };
        self.state = state;
        answer
    }
}
