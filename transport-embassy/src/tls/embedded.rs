//! embedded-tls as a [`Layer`]. It speaks TLS 1.3 with AES-128-GCM and P-256; every question of who the server is goes to
//! our [`Verifier`].

use super::fault::TlsFault;
use super::guard::{Guard, Watch};
use super::names::Host;
use super::secured::Layer;
use super::verifier::Verifier;
use crate::Connection;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use embedded_tls::{
    Aes128GcmSha256, CertificateEntryRef, CertificateRef, CertificateVerifyRef, CryptoProvider,
    MaxFragmentLength, Sha256, TlsConfig, TlsConnection, TlsContext, TlsError, TlsVerifier,
};
use rand_core::CryptoRngCore;
use sha2::Digest;

/// How long a record the server is asked to send (RFC 6066 §4). It may not heed that: then the connection ends with
/// [`TlsFault::RecordTooLong`]. The server's certificates have to fit into one record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordLength {
    /// As long as it likes: up to 16,384 bytes of data.
    #[default]
    Any,
    /// Up to 4,096 bytes of data.
    UpTo4096,
    /// Up to 2,048 bytes of data.
    UpTo2048,
}

impl RecordLength {
    /// How many bytes the buffer for received records needs: one more than a record's data, for its type, and the sixteen by
    /// which AES-GCM makes it longer (RFC 8446 §5.2, §5.4).
    pub const fn buffer(self) -> usize {
        match self {
            Self::Any => 16_384 + 17,
            Self::UpTo4096 => 4_096 + 17,
            Self::UpTo2048 => 2_048 + 17,
        }
    }

    const fn extension(self) -> Option<MaxFragmentLength> {
        match self {
            Self::Any => None,
            Self::UpTo4096 => Some(MaxFragmentLength::Bits12),
            Self::UpTo2048 => Some(MaxFragmentLength::Bits11),
        }
    }
}

/// TLS by embedded-tls over a connection.
#[allow(missing_debug_implementations, reason = "what it holds are keys")]
pub struct EmbeddedTls<'c, C: Connection, R> {
    /// None once it is closed.
    connection: Option<TlsConnection<'c, Guard<'c, C>, Aes128GcmSha256>>,
    watch: &'c Watch,
    random: &'c mut R,
    record_length: RecordLength,
}

/// Where an error came up.
#[derive(Clone, Copy)]
enum During {
    Handshake,
    Transfer,
}

impl<'c, C: Connection, R: CryptoRngCore> EmbeddedTls<'c, C, R> {
    pub(super) fn new(
        inner: C,
        watch: &'c Watch,
        random: &'c mut R,
        record_length: RecordLength,
        (receive, send): (&'c mut [u8], &'c mut [u8]),
    ) -> Self {
        let connection = TlsConnection::new(Guard::new(inner, watch), receive, send);
        Self { connection: Some(connection), watch, random, record_length }
    }

    /// Takes the connection below out of the library, which gives it back only with a goodbye. Where nothing goes out, nothing is
    /// waited for, so the large future of that is polled once and need not lie in the caller's.
    #[inline(never)]
    fn take_out(&mut self) -> Option<Guard<'c, C>> {
        let closing = pin!(self.connection.take()?.close());
        match closing.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(guard) | Err((guard, _))) => Some(guard),
            // It waits for something else, and is dropped.
            Poll::Pending => None,
        }
    }

    fn opened(&mut self) -> Result<&mut TlsConnection<'c, Guard<'c, C>, Aes128GcmSha256>, TlsFault> {
        self.connection.as_mut().ok_or(TlsFault::Broken)
    }
}

impl<C: Connection, R: CryptoRngCore> Layer for EmbeddedTls<'_, C, R> {
    async fn handshake(&mut self, verifier: &mut Verifier<'_>) -> Result<(), TlsFault> {
        let mut config = TlsConfig::new();
        // An address is not sent as a name (RFC 6066 §3).
        if let Host::Name(name) = verifier.host() {
            config = config.with_server_name(name);
        }
        if let Some(length) = self.record_length.extension() {
            config = config.with_max_fragment_length(length);
        }
        let watch = self.watch;
        let connection = self.connection.as_mut().ok_or(TlsFault::Broken)?;
        let provider = Provider { random: &mut *self.random, questions: Questions(verifier) };
        let opened = connection.open(TlsContext::new(&config, provider)).await;
        opened.map_err(|error| fault(error, During::Handshake, watch))
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, TlsFault> {
        let watch = self.watch;
        match self.opened()?.read(buffer).await {
            Err(TlsError::ConnectionClosed) => Ok(0),
            Ok(0) => Err(TlsFault::Protocol),
            read => read.map_err(|error| fault(error, During::Transfer, watch)),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<usize, TlsFault> {
        let watch = self.watch;
        self.opened()?.write(bytes).await.map_err(|error| fault(error, During::Transfer, watch))
    }

    async fn flush(&mut self) -> Result<(), TlsFault> {
        let watch = self.watch;
        self.opened()?.flush().await.map_err(|error| fault(error, During::Transfer, watch))
    }

    fn is_idle(&mut self) -> bool {
        let watch = self.watch;
        let mut byte = [0];
        let nothing_came = {
            let read = pin!(self.read(&mut byte));
            let polled = read.poll(&mut Context::from_waker(Waker::noop()));
            matches!(polled, Poll::Pending)
        };
        // A read that is dropped between two records has taken nothing that is missing later.
        nothing_came && watch.is_between_records.get()
    }

    async fn close(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let (Ok(guard) | Err((guard, _))) = connection.close().await;
        guard.close().await;
    }

    async fn abort(&mut self) {
        self.watch.is_silenced.set(true);
        if let Some(guard) = self.take_out() {
            guard.abort().await;
        }
    }
}

fn fault(error: TlsError, during: During, watch: &Watch) -> TlsFault {
    match (error, during) {
        _ if watch.has_refused.get() => TlsFault::Record,
        (TlsError::Io(kind), _) => TlsFault::Transport(kind),
        (TlsError::InsufficientSpace, _) => TlsFault::RecordTooLong,
        (TlsError::HandshakeAborted(_, description), _) => TlsFault::Alert(description as u8),
        (TlsError::IoError | TlsError::ConnectionClosed, During::Handshake) => TlsFault::Closed,
        (TlsError::IoError, During::Transfer) => TlsFault::Truncated,
        _ => TlsFault::Protocol,
    }
}

/// What embedded-tls takes from its user for one handshake.
struct Provider<'p, 'e, R> {
    random: &'p mut R,
    questions: Questions<'p, 'e>,
}

impl<R: CryptoRngCore> CryptoProvider for Provider<'_, '_, R> {
    type CipherSuite = Aes128GcmSha256;
    /// Of a client's certificate, which there is none of.
    type Signature = [u8; 0];

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut *self.random
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Aes128GcmSha256>, TlsError> {
        Ok(&mut self.questions)
    }
}

/// The questions of embedded-tls, handed on to the verifier. What it is told in answer is only that it must stop; the
/// reason is kept in the verifier.
struct Questions<'p, 'e>(&'p mut Verifier<'e>);

impl TlsVerifier<Aes128GcmSha256> for Questions<'_, '_> {
    fn set_hostname_verification(&mut self, _: &str) -> Result<(), TlsError> {
        Ok(()) // The verifier knows the host.
    }

    fn verify_certificate(
        &mut self,
        transcript: &Sha256,
        certificates: CertificateRef<'_>,
    ) -> Result<(), TlsError> {
        let sent = certificates.entries.iter().map(|entry| match entry {
            CertificateEntryRef::X509(der) => *der,
            // Nothing but X.509 was offered (RFC 7250). This is no certificate, and is refused as one.
            CertificateEntryRef::RawPublicKey(_) => &[],
        });
        let transcript = transcript.clone().finalize().into();
        self.0.take_certificates(sent, transcript).map_err(|_| TlsError::InvalidCertificate)
    }

    fn verify_signature(&mut self, verify: CertificateVerifyRef<'_>) -> Result<(), TlsError> {
        let scheme = verify.signature_scheme.as_u16();
        self.0.take_signature(scheme, verify.signature).map_err(|_| TlsError::InvalidSignature)
    }
}
