//! Why TLS failed. Each reason is its own, so that its reader can act on it: renew a certificate, mend a list of
//! roots, set a clock, or suspect that somebody is in between.

use core::fmt;
use embedded_io_async::ErrorKind;

/// Why there is no connection with TLS, or no longer one.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFault {
    /// The origin's scheme is `http`.
    PlainText,
    /// The origin's host is neither a DNS name nor an IP address, so no certificate can be for it.
    HostName,
    /// A certificate can only be judged by somebody who knows what time it is.
    ClockUnknown,
    /// The server showed no certificate.
    NoCertificate,
    /// A certificate is not what it must be.
    Certificate {
        /// Which one.
        which: Which,
        /// What is wrong with it.
        fault: CertificateFault,
    },
    /// The chain that the server sent does not come to a trusted authority.
    UnknownAuthority,
    /// More certificates lead to a trusted authority than are followed.
    ChainTooLong,
    /// The server's key is not the pinned one.
    WrongKey,
    /// The server signed the handshake with an algorithm that was not agreed on.
    HandshakeScheme,
    /// The handshake is not signed with the key of the server's certificate.
    HandshakeSignature,
    /// The server's certificate and its signature came twice or in the wrong order.
    OutOfOrder,
    /// The handshake came to an end without the server having proved who it is.
    NotProven,
    /// A record has a form that TLS 1.3 does not allow at its place.
    Record,
    /// A record is longer than the buffer for received ones.
    RecordTooLong,
    /// The server broke off with this alert (RFC 8446 §6).
    Alert(u8),
    /// The server closed the connection before the handshake was over.
    Closed,
    /// The connection ended without the server having said so: what came may be cut short.
    Truncated,
    /// The connection below failed.
    Transport(ErrorKind),
    /// The server does not speak TLS 1.3 as it must, or needs a part of it that is not supported.
    Protocol,
    /// An earlier read or write failed or was given up in the middle.
    Broken,
}

/// A certificate, counted from 0.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// One of those that the server sent; the first is its own.
    Sent(u8),
    /// One of the trusted authorities.
    Trusted(u8),
}

/// What is wrong with a certificate.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateFault {
    /// It is not an X.509 certificate of version 3 in DER.
    Malformed,
    /// Its key is not of P-256.
    Key,
    /// It is not signed with ECDSA and SHA-256.
    Algorithm,
    /// It has an extension twice.
    DuplicateExtension,
    /// It has a critical extension that is not understood.
    CriticalExtension,
    /// It limits the names it may be used for, which is not supported.
    NameConstraints,
    /// It is not for this host.
    Host,
    /// It is not valid any more.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is not for servers.
    Purpose,
    /// Its key may not sign a handshake.
    KeyUsage,
    /// It is not an authority's, and yet another was issued with it.
    NotAuthority,
    /// Its key may not sign certificates, and yet it did.
    NotForIssuing,
    /// It allows fewer authorities below it than there are.
    PathTooLong,
    /// The next one is not its issuer's.
    Issuer,
    /// It is not signed by its issuer.
    Signature,
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate { which, fault } => return write!(f, "{which} {fault}"),
            Self::Alert(code) => return write!(f, "the server broke off the handshake with TLS alert {code}"),
            Self::Transport(kind) => {
                return write!(f, "the connection below TLS failed ({kind:?}): it can be tried again");
            }
            Self::PlainText => "the origin is http://, and only https:// goes over TLS: correct the base URL",
            Self::HostName => "the origin's host is neither a DNS name nor an IP address: correct the base URL",
            Self::ClockUnknown => "the time is unknown, so no certificate can be judged: set the clock first",
            Self::NoCertificate => "the server showed no certificate",
            Self::UnknownAuthority => {
                "no trusted authority stands behind the server's certificate: check the roots, and whether the \
                 server sends its intermediate certificates"
            }
            Self::ChainTooLong => {
                "too many certificates lead to a trusted authority: trust an intermediate authority instead"
            }
            Self::WrongKey => {
                "the server's key is not the pinned one: if it was renewed on purpose, pin the new one"
            }
            Self::HandshakeScheme => {
                "the server signed the handshake with another algorithm than ecdsa_secp256r1_sha256"
            }
            Self::HandshakeSignature => {
                "the server did not sign the handshake with its certificate's key: somebody may be in between"
            }
            Self::OutOfOrder => "the server's certificate and signature came twice or in the wrong order",
            Self::NotProven => "the handshake ended without the server having proved who it is",
            Self::Record => "the server sent a record that TLS 1.3 does not allow there",
            Self::RecordTooLong => {
                "the server sent a longer record than the buffer holds: give it 16,401 bytes, or have the server \
                 send shorter ones"
            }
            Self::Closed => "the server closed the connection during the handshake",
            Self::Truncated => "the connection ended without the server having said so: data may be missing",
            Self::Protocol => "the server does not speak TLS 1.3 with P-256 and AES-128-GCM as it must",
            Self::Broken => "an earlier read or write on this connection failed or was given up: open a new one",
        })
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent(0) => f.write_str("the server's certificate"),
            Self::Sent(index) => write!(f, "the certificate at index {index} of those that the server sent"),
            Self::Trusted(index) => write!(f, "the trusted authority at index {index}"),
        }
    }
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "is not an X.509 certificate of version 3 in DER",
            Self::Key => "has a key that is not of P-256: use an ECDSA certificate",
            Self::Algorithm => "is not signed with ECDSA and SHA-256: use an ECDSA authority",
            Self::DuplicateExtension => "has an extension twice",
            Self::CriticalExtension => "has a critical extension that is not understood",
            Self::NameConstraints => "limits the names it may be used for, which is not supported",
            Self::Host => {
                "is not for this host: its alternative names must have it (a common name does not count)"
            }
            Self::Expired => "has expired, or the clock is wrong",
            Self::NotYetValid => "is not valid yet, or the clock is wrong",
            Self::Purpose => "is not for servers: its extended key usage must have serverAuth",
            Self::KeyUsage => "may not sign a handshake: its key usage must have digitalSignature",
            Self::NotAuthority => "is not an authority's, and yet another was issued with it",
            Self::NotForIssuing => "may not issue others: its key usage must have keyCertSign",
            Self::PathTooLong => "allows fewer authorities below it than there are",
            Self::Issuer => "was not issued by the next one: the server must send them in their order",
            Self::Signature => "is not signed by its issuer: it may be forged",
        })
    }
}

impl core::error::Error for TlsFault {}

impl embedded_io_async::Error for TlsFault {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Transport(kind) => *kind,
            Self::Truncated | Self::Closed => ErrorKind::ConnectionAborted,
            Self::Broken => ErrorKind::NotConnected,
            Self::Record | Self::RecordTooLong | Self::Protocol => ErrorKind::InvalidData,
            Self::PlainText | Self::HostName => ErrorKind::InvalidInput,
            _ => ErrorKind::Other,
        }
    }
}
