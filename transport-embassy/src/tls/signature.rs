//! ECDSA on P-256 with SHA-256, the one kind of signature that is checked here (RFC 8446 §4.2.3 names it
//! `ecdsa_secp256r1_sha256`). A key or a signature that is none at all is the same as a wrong one.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

/// A point of P-256 as it stands in a certificate: 4, then x, then y (SEC 1 §2.3.3). Whether it is on the curve shows
/// when it is used.
pub type PublicKey = [u8; 65];

/// The SHA-256 of what was signed, in pieces so that nobody has to put them together.
pub(super) fn digest<const N: usize>(pieces: [&[u8]; N]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece);
    }
    hash.finalize().into()
}

/// Whether the signature, in DER, was made of this digest with the key that belongs to this point.
// Its own frame: the numbers of the curve lie on the stack only while they are needed.
#[inline(never)]
pub(super) fn is_by(key: &PublicKey, digest: [u8; 32], signature: &[u8]) -> bool {
    let key = VerifyingKey::from_sec1_bytes(key);
    let signature = Signature::from_der(signature);
    match (key, signature) {
        (Ok(key), Ok(signature)) => key.verify_prehash(&digest, &signature).is_ok(),
        _ => false,
    }
}
