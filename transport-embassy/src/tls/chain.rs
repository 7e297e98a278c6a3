//! From a server's certificate to somebody who is trusted (RFC 5280 §6, as far as it applies without policies and name
//! constraints). The certificates are followed in the order in which the server sent them (RFC 8446 §4.4.2), each issued
//! by the next, until one is issued by a trusted authority; what comes after it is not looked at. Names, dates and
//! usages are compared along the whole way before the first signature is checked.

use super::certificate::{Authority, Certificate};
use super::fault::{CertificateFault, TlsFault, Which};
use super::names::Host;
use super::signature::{self, PublicKey};
use heapless::Vec;
use tidegate_core::time::UnixTime;

/// How many certificates of the server are followed, its own among them. A chain on the web has two or three.
pub const MOST_CERTIFICATES: usize = 4;

/// Who is trusted.
#[derive(Clone, Copy, Debug)]
pub enum Trust<'t> {
    /// A server with a certificate for the host from one of these authorities: X.509 certificates in DER.
    Authority(&'t [&'t [u8]]),
    /// A server with this key: the SHA-256 of its SubjectPublicKeyInfo (RFC 7469 §2.4). The key is the identity, so the names
    /// in the certificate do not matter. Its dates do if the time is known.
    Key([u8; 32]),
}

/// Whom to expect at the other end, and when.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// The host that the connection is to.
    pub host: Host<'e>,
    /// Who is trusted to be it.
    pub trust: Trust<'e>,
    /// What time it is, if that is known.
    pub now: Option<UnixTime>,
}

/// Checks the certificates that a server sent, its own first, and gives back its key.
///
/// # Errors
///
/// Says which certificate is to blame, and why.
pub fn check<'a>(
    sent: impl IntoIterator<Item = &'a [u8]>,
    expected: &Expected<'_>,
) -> Result<&'a PublicKey, TlsFault> {
    let mut sent = sent.into_iter();
    let first = sent.next().ok_or(TlsFault::NoCertificate)?;
    match expected.trust {
        Trust::Key(pin) => check_pinned(first, &pin, expected.now),
        Trust::Authority(roots) => {
            let now = expected.now.ok_or(TlsFault::ClockUnknown)?;
            let leaf = at(Which::Sent(0), Certificate::parse(first))?;
            at(Which::Sent(0), check_server(&leaf, Some(now)))?;
            if !expected.host.is_named_by(&leaf) {
                return at(Which::Sent(0), Err(CertificateFault::Host));
            }
            follow(&leaf, sent, &Anchors { roots, now })?;
            Ok(leaf.key)
        }
    }
}

fn check_pinned<'a>(der: &'a [u8], pin: &[u8; 32], now: Option<UnixTime>) -> Result<&'a PublicKey, TlsFault> {
    let leaf = at(Which::Sent(0), Certificate::parse(der))?;
    if leaf.key_pin() != *pin {
        return Err(TlsFault::WrongKey);
    }
    at(Which::Sent(0), check_server(&leaf, now))?;
    Ok(leaf.key)
}

/// What is needed of a certificate when its signature is to be checked.
#[derive(Clone, Copy)]
struct Link<'a> {
    signed: &'a [u8],
    signature: &'a [u8],
    key: &'a PublicKey,
}

impl<'a> Link<'a> {
    fn of(certificate: &Certificate<'a>) -> Self {
        Self { signed: certificate.signed, signature: certificate.signature, key: certificate.key }
    }

    fn is_signed_by(&self, issuer: &PublicKey) -> bool {
        signature::is_by(issuer, signature::digest([self.signed]), self.signature)
    }
}

/// Goes from the server's certificate up to a trusted authority, and checks the signatures on the way down.
fn follow<'a>(
    leaf: &Certificate<'a>,
    sent: impl Iterator<Item = &'a [u8]>,
    anchors: &Anchors<'_>,
) -> Result<(), TlsFault> {
    let mut below: Vec<Link<'a>, MOST_CERTIFICATES> = Vec::new();
    let mut top = *leaf;
    let mut others = sent.zip(1..);
    for index in 0.. {
        if below.push(Link::of(&top)).is_err() {
            break;
        }
        if anchors.issued(&top, index)? {
            return check_downwards(&below);
        }
        let (der, number) = others.next().ok_or_else(|| anchors.not_found())?;
        let which = Which::Sent(number);
        let issuer = at(which, Certificate::parse(der))?;
        if issuer.subject != top.issuer {
            return at(Which::Sent(index), Err(CertificateFault::Issuer));
        }
        at(which, check_issuer(&issuer, index, anchors.now))?;
        top = issuer;
    }
    Err(TlsFault::ChainTooLong)
}

/// Each certificate is signed with the key of the next. The last one's signature is already checked.
fn check_downwards(links: &[Link<'_>]) -> Result<(), TlsFault> {
    let pairs = links.iter().zip(links.iter().skip(1)).zip(0..);
    for ((lower, upper), index) in pairs {
        if !lower.is_signed_by(upper.key) {
            return at(Which::Sent(index), Err(CertificateFault::Signature));
        }
    }
    Ok(())
}

/// The trusted authorities at a moment.
struct Anchors<'t> {
    roots: &'t [&'t [u8]],
    now: UnixTime,
}

impl Anchors<'_> {
    /// Whether one of the authorities issued this certificate, below which there are so many other authorities. Several
    /// may have the same name: one that fits is enough. Those that cannot be read are passed over.
    fn issued(&self, certificate: &Certificate<'_>, below: u8) -> Result<bool, TlsFault> {
        let mut first_fault = None;
        for (root, number) in self.roots.iter().zip(0..) {
            let Ok(root) = Certificate::parse(root) else { continue };
            if root.subject != certificate.issuer {
                continue;
            }
            let fault = match check_issuer(&root, below, self.now) {
                Ok(()) if Link::of(certificate).is_signed_by(root.key) => return Ok(true),
                Ok(()) => {
                    TlsFault::Certificate { which: Which::Sent(below), fault: CertificateFault::Signature }
                }
                Err(fault) => TlsFault::Certificate { which: Which::Trusted(number), fault },
            };
            first_fault = first_fault.or(Some(fault));
        }
        first_fault.map_or(Ok(false), Err)
    }

    /// Why none of the authorities was found: that one of them cannot be read, if so.
    fn not_found(&self) -> TlsFault {
        let mut numbered = self.roots.iter().zip(0..);
        let unreadable =
            numbered.find_map(|(root, number)| at(Which::Trusted(number), Certificate::parse(root)).err());
        unreadable.unwrap_or(TlsFault::UnknownAuthority)
    }
}

/// What every certificate must fulfil: it is in its time, for servers if it says for whom, and has no limits that are
/// not understood here.
fn check_any(certificate: &Certificate<'_>, now: Option<UnixTime>) -> Result<(), CertificateFault> {
    let Certificate { validity, extensions, .. } = certificate;
    match now.map(UnixTime::as_secs) {
        Some(now) if now < validity.not_before.as_secs() => Err(CertificateFault::NotYetValid),
        Some(now) if now > validity.not_after.as_secs() => Err(CertificateFault::Expired),
        _ if extensions.has_name_constraints => Err(CertificateFault::NameConstraints),
        _ if extensions.for_servers == Some(false) => Err(CertificateFault::Purpose),
        _ => Ok(()),
    }
}

/// The server's own certificate: its key signs the handshake.
fn check_server(certificate: &Certificate<'_>, now: Option<UnixTime>) -> Result<(), CertificateFault> {
    check_any(certificate, now)?;
    match certificate.extensions.key_usage {
        Some(usage) if !usage.digital_signature => Err(CertificateFault::KeyUsage),
        _ => Ok(()),
    }
}

/// A certificate that issued another, with so many further authorities below it.
fn check_issuer(certificate: &Certificate<'_>, below: u8, now: UnixTime) -> Result<(), CertificateFault> {
    check_any(certificate, Some(now))?;
    match certificate.extensions.authority {
        Authority::No => return Err(CertificateFault::NotAuthority),
        Authority::Yes { below: Some(most) } if below > most => return Err(CertificateFault::PathTooLong),
        Authority::Yes { .. } => {}
    }
    match certificate.extensions.key_usage {
        Some(usage) if !usage.certificate_signing => Err(CertificateFault::NotForIssuing),
        _ => Ok(()),
    }
}

fn at<T>(which: Which, result: Result<T, CertificateFault>) -> Result<T, TlsFault> {
    result.map_err(|fault| TlsFault::Certificate { which, fault })
}
