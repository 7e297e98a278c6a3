//! TLS against rustls as the server: every certificate of the matrix and every handshake is accepted, or refused with its
//! own reason, and a server that is refused has received nothing of the caller's.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use rand_core::OsRng;
use std::cell::Cell;
use std::sync::Arc;
use std::time::SystemTime;
use tidegate_core::http::{BaseUrl, Origin};
use tidegate_core::time::UnixTime;
use tidegate_embassy::tls::{
    Buffers, Certificate, CertificateFault, RecordLength, SEND_BUFFER, TlsConnector, TlsFault, Trust, Which,
};
use tidegate_embassy::{Connect, ConnectError, Connection};
use tidegate_simulator::certificates::{Case, Shown, shown};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use tokio_rustls::rustls::{Error, ServerConfig, SignatureAlgorithm, SignatureScheme};

thread_local! {
    /// How many connections of this test were ended at once.
    static ABORTED: Cell<usize> = const { Cell::new(0) };
}

/// tokio's sockets as an embedded device sees its own.
struct Tcp(TcpStream);

impl ErrorType for Tcp {
    type Error = ErrorKind;
}

impl Read for Tcp {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.read(buffer).await.map_err(|_| ErrorKind::Other)
    }
}

impl Write for Tcp {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.0.write(bytes).await.map_err(|_| ErrorKind::Other)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.0.flush().await.map_err(|_| ErrorKind::Other)
    }
}

impl Connection for Tcp {
    fn is_reusable(&mut self) -> bool {
        self.0.try_read(&mut [0]).is_err()
    }

    async fn close(&mut self) {
        let _ = self.0.shutdown().await;
    }

    async fn abort(&mut self) {
        ABORTED.set(ABORTED.get().saturating_add(1));
    }
}

/// Connects to this machine, whatever the host is called.
struct Loopback;

impl Connect for Loopback {
    type Connection<'c> = Tcp;

    async fn connect(&mut self, origin: Origin<'_>) -> Result<Tcp, ConnectError> {
        let socket = TcpStream::connect(("127.0.0.1", origin.port())).await;
        socket.map(Tcp).map_err(|_| ConnectError::Refused)
    }
}

/// How a server ends what it has to say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    CloseNotify,
    Abruptly,
    /// It waits for the client to end it.
    ByClient,
}

const ANSWER: &[u8] = b"all of it";

/// A server for one connection. It gives back what it received of the request.
async fn serve(config: ServerConfig, ending: Ending) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let served = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let Ok(mut tls) = acceptor.accept(socket).await else { return Vec::new() };
        let mut received = vec![0; 7];
        match tls.read_exact(&mut received).await {
            Ok(_) => {}
            Err(_) => return Vec::new(),
        }
        tls.write_all(ANSWER).await.unwrap();
        tls.flush().await.unwrap();
        match ending {
            Ending::CloseNotify => tls.shutdown().await.unwrap(),
            Ending::Abruptly => tls.get_mut().0.shutdown().await.unwrap(),
            Ending::ByClient => assert_eq!(tls.read(&mut [0]).await.unwrap(), 0, "a close_notify"),
        }
        received
    });
    (port, served)
}

fn config(shown: &Shown, wrap: impl Fn(Arc<dyn SigningKey>) -> Arc<dyn SigningKey>) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let key =
        provider.key_provider.load_private_key(PrivatePkcs8KeyDer::from(shown.key.clone()).into()).unwrap();
    let chain = shown.chain.iter().cloned().map(CertificateDer::from).collect();
    let certified = CertifiedKey::new(chain, wrap(key));
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
}

fn now() -> Option<UnixTime> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Some(UnixTime::from_secs(since.as_secs()))
}

/// Connects, asks, and reads to the end.
async fn pull(
    port: u16,
    host: &str,
    trust: Trust<'_>,
    clock: fn() -> Option<UnixTime>,
    length: RecordLength,
) -> Result<Vec<u8>, TlsFault> {
    let (mut receive, mut send) = (vec![0; length.buffer()], vec![0; SEND_BUFFER]);
    ABORTED.set(0);
    let buffers = Buffers::new(&mut receive, &mut send, length).unwrap();
    let mut connector = TlsConnector::new(Loopback, buffers, trust, OsRng, clock);
    let url = format!("https://{host}:{port}");
    let mut connection = match connector.connect(BaseUrl::parse(&url).unwrap().origin()).await {
        Ok(connection) => connection,
        Err(ConnectError::Tls(fault)) => {
            // A server that proves nothing is told at once that nobody listens any more.
            assert_eq!(ABORTED.take(), usize::from(fault != TlsFault::ClockUnknown), "{fault:?}");
            return Err(fault);
        }
        Err(other) => panic!("{other}"),
    };
    connection.write_all(b"request").await?;
    connection.flush().await?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4];
    loop {
        match connection.read(&mut buffer).await? {
            0 => break,
            len => answer.extend_from_slice(&buffer[..len]),
        }
    }
    assert!(!connection.is_reusable(), "it has ended");
    connection.close().await;
    Ok(answer)
}

const SENT: Which = Which::Sent(0);

fn expected(case: Case) -> Result<(), TlsFault> {
    use CertificateFault::*;
    let refused = |which, fault| Err(TlsFault::Certificate { which, fault });
    match case {
        Case::Good | Case::Intermediate | Case::FifthName | Case::Wildcard | Case::UnknownUncritical => {
            Ok(())
        }
        Case::OtherHost | Case::CommonNameOnly => refused(SENT, Host),
        Case::Expired => refused(SENT, Expired),
        Case::NotYetValid => refused(SENT, NotYetValid),
        Case::AuthorityExpired => refused(Which::Trusted(0), Expired),
        Case::ServerAsAuthority => refused(Which::Sent(1), NotAuthority),
        Case::AuthorityWithoutSigning => refused(Which::Sent(1), NotForIssuing),
        Case::Namesake | Case::ChangedSignature | Case::ChangedContent => refused(SENT, Signature),
        Case::OtherAuthority | Case::SelfSigned => Err(TlsFault::UnknownAuthority),
        Case::ForClients => refused(SENT, Purpose),
        Case::NoDigitalSignature => refused(SENT, KeyUsage),
        Case::PathTooLong => refused(Which::Trusted(0), PathTooLong),
        Case::UnknownCritical => refused(SENT, CriticalExtension),
        Case::NameConstraints => refused(Which::Sent(1), NameConstraints),
    }
}

#[tokio::test]
async fn every_certificate_is_accepted_or_refused_with_its_own_reason() {
    for case in Case::ALL {
        let shown = shown(case).unwrap();
        let (port, served) = serve(config(&shown, |key| key), Ending::CloseNotify).await;
        let trust = Trust::Authority(&[&shown.authority]);
        let answer = pull(port, case.host(), trust, now, RecordLength::Any).await;
        assert_eq!(answer, expected(case).map(|()| ANSWER.to_vec()), "{case:?}");
        let received = served.await.unwrap();
        assert_eq!(received.is_empty(), expected(case).is_err(), "{case:?}");
    }
}

/// The pin of a server's key.
fn pin(shown: &Shown) -> [u8; 32] {
    Certificate::parse(&shown.chain[0]).unwrap().key_pin()
}

#[tokio::test]
async fn a_pinned_key_is_who_the_server_is() {
    let other = pin(&shown(Case::Good).unwrap());
    let accepted = || Ok(ANSWER.to_vec());
    let dated = Err(TlsFault::Certificate { which: SENT, fault: CertificateFault::Expired });
    let unknown: fn() -> Option<UnixTime> = || None;
    for (case, right, clock, answer) in [
        (Case::Good, true, now as fn() -> _, accepted()),
        (Case::Good, false, now, Err(TlsFault::WrongKey)),
        (Case::SelfSigned, true, now, accepted()),
        (Case::OtherHost, true, unknown, accepted()),
        (Case::Expired, true, unknown, accepted()),
        (Case::Expired, true, now, dated),
    ] {
        let shown = shown(case).unwrap();
        let (port, served) = serve(config(&shown, |key| key), Ending::CloseNotify).await;
        let trust = Trust::Key(if right { pin(&shown) } else { other });
        assert_eq!(
            pull(port, case.host(), trust, clock, RecordLength::Any).await,
            answer,
            "{case:?}, {right}"
        );
        assert_eq!(served.await.unwrap().is_empty(), answer.is_err());
    }
}

#[tokio::test]
async fn without_a_clock_no_authority_is_believed_and_nobody_is_asked() {
    let shown = shown(Case::Good).unwrap();
    let trust = Trust::Authority(&[&shown.authority]);
    // Nobody listens on port 1: had it connected, it would have been refused there.
    let answer = pull(1, "localhost", trust, || None, RecordLength::Any).await;
    assert_eq!(answer, Err(TlsFault::ClockUnknown));
}

/// A key that signs, and then changes a bit.
#[derive(Debug)]
struct Changing(Arc<dyn SigningKey>);

#[derive(Debug)]
struct ChangingSigner(Box<dyn Signer>);

impl SigningKey for Changing {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        self.0.choose_scheme(offered).map(|signer| Box::new(ChangingSigner(signer)) as _)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }
}

impl Signer for ChangingSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = self.0.sign(message)?;
        *signature.last_mut().unwrap() ^= 1;
        Ok(signature)
    }

    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }
}

#[tokio::test]
async fn a_handshake_that_the_certificates_key_did_not_sign_is_refused() {
    let mut shown = shown(Case::Good).unwrap();
    let changed = config(&shown, |key| Arc::new(Changing(key)));
    let authority = shown.authority.clone();
    shown.key = self::shown(Case::Good).unwrap().key;
    let with_another_key = config(&shown, |key| key);
    for config in [changed, with_another_key] {
        let (port, served) = serve(config, Ending::CloseNotify).await;
        let answer = pull(port, "localhost", Trust::Authority(&[&authority]), now, RecordLength::Any).await;
        assert_eq!(answer, Err(TlsFault::HandshakeSignature));
        assert!(served.await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_end_that_the_server_did_not_announce_is_an_error() {
    let shown = shown(Case::Good).unwrap();
    let (port, _served) = serve(config(&shown, |key| key), Ending::Abruptly).await;
    let answer = pull(port, "localhost", Trust::Authority(&[&shown.authority]), now, RecordLength::Any).await;
    assert_eq!(answer, Err(TlsFault::Truncated));
}

#[tokio::test]
async fn a_connection_with_nothing_unread_is_reusable_until_it_says_goodbye() {
    let shown = shown(Case::Good).unwrap();
    let (port, served) = serve(config(&shown, |key| key), Ending::ByClient).await;
    let (mut receive, mut send) = (vec![0; 16_640], vec![0; SEND_BUFFER]);
    let buffers = Buffers::new(&mut receive, &mut send, RecordLength::Any).unwrap();
    let roots: [&[u8]; 1] = [&shown.authority];
    let mut connector = TlsConnector::new(Loopback, buffers, Trust::Authority(&roots), OsRng, now);
    let url = format!("https://localhost:{port}");
    let mut connection = connector.connect(BaseUrl::parse(&url).unwrap().origin()).await.unwrap();
    connection.write_all(b"request").await.unwrap();
    connection.flush().await.unwrap();
    let mut answer = [0; 9];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, ANSWER);
    assert!(connection.is_reusable());
    assert!(connection.is_reusable(), "asking changes nothing");
    connection.close().await;
    assert!(!connection.is_reusable());
    assert_eq!(served.await.unwrap(), b"request");
}

#[tokio::test]
async fn a_plain_origin_and_a_host_that_is_none_are_refused() {
    let (mut receive, mut send) = (vec![0; 2_304], vec![0; SEND_BUFFER]);
    let buffers = Buffers::new(&mut receive, &mut send, RecordLength::UpTo2048).unwrap();
    let mut connector = TlsConnector::new(Loopback, buffers, Trust::Key([0; 32]), OsRng, now);
    for (url, fault) in [("http://localhost", TlsFault::PlainText), ("https://a..b", TlsFault::HostName)] {
        let origin = BaseUrl::parse(url).unwrap().origin();
        assert_eq!(connector.connect(origin).await.err(), Some(ConnectError::Tls(fault)), "{url}");
    }
}

#[tokio::test]
async fn the_longest_name_fits_into_the_smallest_buffer() {
    let shown = shown(Case::Good).unwrap();
    let (port, _served) = serve(config(&shown, |key| key), Ending::CloseNotify).await;
    let host = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
    let answer = pull(port, &host, Trust::Key(pin(&shown)), now, RecordLength::UpTo4096).await;
    assert_eq!(answer, Ok(ANSWER.to_vec()));
}
