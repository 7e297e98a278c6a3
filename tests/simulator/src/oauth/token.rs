//! The texts of tokens. Each carries a stamp, which looks like a UUID: a serial number, the end of its life, and a number
//! that only who has the seed can make. To a client all of it is opaque.

use super::Dialect;
use crate::random::Random;

/// What makes a token unfit for a header field, put at its end.
pub(super) const UNFIT: &str = ".\r\nX-Injected: þ\0";

/// A JWT's header, `{"typ":"JWT","alg":"RS256"}`, and the beginning of its claims.
const JWT_START: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJ";
const JWT_END: &str = ".c2lnbmF0dXJl-bm90LWNoZWNrZWQ_";
const STAMP_LENGTH: usize = 36;

/// What a token's stamp says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The how many-eth token of its server; 16 bits of it are kept.
    pub(super) serial: u64,
    /// The first moment at which it no longer holds; 48 bits of it are kept.
    pub(super) expires_ms: u64,
}

impl Stamp {
    /// The stamp of a token that was issued under this seed.
    pub(super) fn read(token: &str, seed: u64) -> Option<Self> {
        let text = token.strip_prefix(JWT_START).unwrap_or(token);
        let (text, rest) = text.split_at_checked(STAMP_LENGTH)?;
        let is_end = rest.is_empty() || rest.starts_with('.');
        let digits: String = text.chars().filter(|&character| character != '-').collect();
        let bits = u128::from_str_radix(&digits, 16).ok().filter(|_| is_end)?;
        let told = (bits >> 64) as u64;
        let stamp = Self { serial: told >> 48, expires_ms: told & 0xFFFF_FFFF_FFFF };
        (stamp.text(seed) == text).then_some(stamp)
    }

    /// Its text, like a UUID.
    pub(super) fn text(self, seed: u64) -> String {
        let told = self.serial << 48 | self.expires_ms & 0xFFFF_FFFF_FFFF;
        let proof = Random::of(&[seed, told, 0x70]).next();
        let digits = format!("{told:016x}{proof:016x}");
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        parts.join("-")
    }

    /// The token that carries it.
    pub(super) fn token(self, dialect: &Dialect, seed: u64) -> String {
        match dialect {
            Dialect::OpsRamp => self.text(seed),
            Dialect::Entra { .. } => format!("{JWT_START}{}{JWT_END}", self.text(seed)),
        }
    }
}

/// Makes a token at least so long, and leaves it good.
pub(super) fn lengthen(token: &mut String, bytes: usize) {
    let missing = bytes.saturating_sub(token.len() + 1);
    token.push('.');
    token.push_str(&"a".repeat(missing));
}
