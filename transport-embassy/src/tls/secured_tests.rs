//! The rule, tried with libraries that are none: they say what they like, and do with the verifier what they like.

use super::*;
use crate::tls::{Certificate, Host, SIGNATURE_SCHEME, Trust};
use core::cell::RefCell;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{DerSignature, SigningKey};
use std::vec::Vec;
use tidegate_simulator::certificates::{Case, Shown, shown};

const TRANSCRIPT: [u8; 32] = [7; 32];

/// What a library shows the verifier, one after the other.
#[derive(Clone, Copy, Debug)]
enum Shows {
    Certificates,
    OthersCertificates,
    NoCertificates,
    Signature,
    OthersSignature,
    /// Of another transcript.
    OldSignature,
    OfAnotherScheme,
}

/// A server's certificate and its key.
struct Identity(Shown);

impl Identity {
    fn new() -> Self {
        Self(shown(Case::Good).unwrap())
    }

    fn pin(&self) -> [u8; 32] {
        Certificate::parse(&self.0.chain[0]).unwrap().key_pin()
    }

    fn sign(&self, transcript: &[u8; 32]) -> Vec<u8> {
        // The key is the 32 bytes behind the header of the inner ECPrivateKey (RFC 5915 §3).
        let at = self.0.key.windows(5).position(|head| head == [0x02, 0x01, 0x01, 0x04, 0x20]).unwrap() + 5;
        let key = SigningKey::from_slice(&self.0.key[at..at + 32]).unwrap();
        let context = b"TLS 1.3, server CertificateVerify\0";
        let digest = crate::tls::signature::digest([&[0x20; 64], context, transcript]);
        let signature: DerSignature = key.sign_prehash(&digest).unwrap();
        signature.as_bytes().to_vec()
    }
}

/// A library that shows what it is told to, does not care for what it hears, and gives its own answer.
struct Stub<'s> {
    server: &'s Identity,
    other: &'s Identity,
    shows: &'s [Shows],
    answer: Result<(), TlsFault>,
    written: &'s RefCell<Vec<u8>>,
    /// What the server says; where it is over, a read never comes back.
    says: &'s [u8],
}

impl Layer for Stub<'_> {
    async fn handshake(&mut self, verifier: &mut Verifier<'_>) -> Result<(), TlsFault> {
        let (server, other) = (&self.server, &self.other);
        let chain = |identity: &Identity| identity.0.chain.clone();
        for shows in self.shows {
            let _ = match shows {
                Shows::Certificates => {
                    verifier.take_certificates(chain(server).iter().map(Vec::as_slice), TRANSCRIPT)
                }
                Shows::OthersCertificates => {
                    verifier.take_certificates(chain(other).iter().map(Vec::as_slice), TRANSCRIPT)
                }
                Shows::NoCertificates => verifier.take_certificates([], TRANSCRIPT),
                Shows::Signature => verifier.take_signature(SIGNATURE_SCHEME, &server.sign(&TRANSCRIPT)),
                Shows::OthersSignature => verifier.take_signature(SIGNATURE_SCHEME, &other.sign(&TRANSCRIPT)),
                Shows::OldSignature => verifier.take_signature(SIGNATURE_SCHEME, &server.sign(&[8; 32])),
                Shows::OfAnotherScheme => verifier.take_signature(0x0503, &server.sign(&TRANSCRIPT)),
            };
        }
        self.answer
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, TlsFault> {
        match self.says.split_first() {
            Some((byte, rest)) => {
                buffer[0] = *byte;
                self.says = rest;
                Ok(1)
            }
            None => core::future::pending().await,
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<usize, TlsFault> {
        self.written.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), TlsFault> {
        Ok(())
    }

    fn is_idle(&mut self) -> bool {
        self.says.is_empty()
    }

    async fn abort(&mut self) {}

    async fn close(&mut self) {
        self.written.borrow_mut().extend_from_slice(b"goodbye");
    }
}

fn now<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match now(future) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn whatever_a_library_says_a_server_without_proof_is_refused_and_nothing_is_written() {
    use Shows::*;
    let (server, other) = (Identity::new(), Identity::new());
    type Row<'r> = (&'r [Shows], Result<(), TlsFault>, Option<TlsFault>);
    let table: [Row<'_>; 15] = [
        (&[Certificates, Signature], Ok(()), None),
        (&[], Ok(()), Some(TlsFault::NotProven)),
        (&[Certificates], Ok(()), Some(TlsFault::NotProven)),
        (&[Signature], Ok(()), Some(TlsFault::OutOfOrder)),
        (&[Signature, Certificates], Ok(()), Some(TlsFault::OutOfOrder)),
        (&[Signature, Certificates, Signature], Ok(()), Some(TlsFault::OutOfOrder)),
        (&[Certificates, Certificates, Signature], Ok(()), Some(TlsFault::OutOfOrder)),
        (&[Certificates, Signature, OthersCertificates], Ok(()), Some(TlsFault::OutOfOrder)),
        (&[Certificates, Signature, Signature], Ok(()), Some(TlsFault::OutOfOrder)),
        (&[OthersCertificates, Certificates, Signature], Ok(()), Some(TlsFault::WrongKey)),
        (&[NoCertificates, Certificates, Signature], Ok(()), Some(TlsFault::NoCertificate)),
        (&[Certificates, OthersSignature, Signature], Ok(()), Some(TlsFault::HandshakeSignature)),
        (&[Certificates, OldSignature], Ok(()), Some(TlsFault::HandshakeSignature)),
        (&[Certificates, OfAnotherScheme, Signature], Ok(()), Some(TlsFault::HandshakeScheme)),
        (&[Certificates, Signature], Err(TlsFault::Protocol), Some(TlsFault::Protocol)),
    ];
    for (shows, answer, fault) in table {
        let written = RefCell::new(Vec::new());
        let stub = Stub { server: &server, other: &other, shows, answer, written: &written, says: &[] };
        let expected = Expected { host: Host::Name("localhost"), trust: Trust::Key(server.pin()), now: None };
        let opened = ready(Secured::open(stub, expected));
        assert_eq!(opened.as_ref().err(), fault.as_ref(), "{shows:?}");
        assert!(written.borrow().is_empty(), "{shows:?}");
    }
}

#[test]
fn a_read_that_is_dropped_leaves_the_connection_unusable() {
    let server = Identity::new();
    let written = RefCell::new(Vec::new());
    let shows = &[Shows::Certificates, Shows::Signature];
    let stub = Stub { server: &server, other: &server, shows, answer: Ok(()), written: &written, says: b"x" };
    let expected = Expected { host: Host::Name("localhost"), trust: Trust::Key(server.pin()), now: None };
    let mut connection = ready(Secured::open(stub, expected)).ok().unwrap();
    let mut buffer = [0; 4];
    assert_eq!(ready(connection.read(&mut buffer)), Ok(1));
    assert!(connection.is_reusable());
    assert!(now(connection.read(&mut buffer)).is_pending());
    assert!(!connection.is_reusable());
    assert_eq!(ready(connection.read(&mut buffer)), Err(TlsFault::Broken));
    assert_eq!(ready(connection.write(b"request")), Err(TlsFault::Broken));
    ready(connection.close());
    assert!(written.borrow().is_empty(), "no goodbye in the middle of a record");
}

#[test]
fn what_nobody_asked_for_makes_a_connection_unusable() {
    let server = Identity::new();
    let written = RefCell::new(Vec::new());
    let shows = &[Shows::Certificates, Shows::Signature];
    let stub = Stub { server: &server, other: &server, shows, answer: Ok(()), written: &written, says: b"x" };
    let expected = Expected { host: Host::Name("localhost"), trust: Trust::Key(server.pin()), now: None };
    let mut connection = ready(Secured::open(stub, expected)).ok().unwrap();
    assert!(!connection.is_reusable());
    assert_eq!(ready(connection.read(&mut [0; 4])), Err(TlsFault::Broken));
}
