//! TLS 1.3 for devices without an allocator: who the server is, is checked here, and the rest is a library's.
//!
//! | room | what it holds |
//! |---|---|
//! | `connector` | [`TlsConnector`], which opens connections with TLS over others |
//! | `secured` | the rule: nothing is sent to a server that has not proved who it is |
//! | `verifier` | that proof: certificates, then a signature over the handshake |
//! | `chain`, `names`, `signature` | whether a certificate comes from somebody trusted, and is for a host |
//! | `certificate`, `validity`, `der` | what a certificate says |
//! | `records`, `guard` | what may come from a server at all |
//! | `embedded` | embedded-tls, behind a trait so that another library can take its place |
//! | `fault` | why it failed |
//!
//! Left out on purpose, because a small device cannot have it: revocation (RFC 5280 §6.3) and certificate transparency.
//! Not supported, and refused: RSA, curves other than P-256, name constraints, client certificates. Tickets for a later handshake are passed over.

mod certificate;
mod chain;
mod connector;
mod der;
mod embedded;
mod fault;
mod guard;
mod names;
mod records;
mod secured;
mod signature;
mod validity;
mod verifier;

pub use certificate::Certificate;
pub use chain::{Expected, MOST_CERTIFICATES, Trust, check};
pub use connector::{BufferTooShort, Buffers, SEND_BUFFER, TlsConnector};
pub use embedded::{EmbeddedTls, RecordLength};
pub use fault::{CertificateFault, TlsFault, Which};
pub use names::Host;
pub use secured::{Layer, Secured};
pub use signature::PublicKey;
pub use verifier::{Proof, SIGNATURE_SCHEME, Verifier};
