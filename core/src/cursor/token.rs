//! Tokens: texts by which a server knows where the next page begins. Nobody says how long they get, and one that was cut
//! would be another, so one that does not fit is refused.

use crate::fingerprint::Fingerprint;
use core::fmt;

/// A server's text for where a page begins, of at most [`Token::CAPACITY`] bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token {
    bytes: [u8; Self::CAPACITY],
    length: u16,
}

impl Token {
    /// How long a token may be, in bytes: 16 KiB with the feature `large`, 1,024 with the feature `tokens`, which makes every
    /// checkpoint and every pull larger by that; without them none can be kept.
    pub const CAPACITY: usize = if cfg!(feature = "large") {
        16 << 10
    } else if cfg!(feature = "tokens") {
        1_024
    } else {
        0
    };

    /// A token; `None` if it is too long.
    pub fn new(text: &str) -> Option<Self> {
        let mut token = Self { bytes: [0; Self::CAPACITY], length: u16::try_from(text.len()).ok()? };
        token.bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(token)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.bytes
            .get(..usize::from(self.length))
            .and_then(|text| core::str::from_utf8(text).ok())
            .unwrap_or_default()
    }

    /// A number that another token hardly has, and not zero.
    pub(super) fn mark(&self) -> u64 {
        Fingerprint::of(|out| out.put(self.as_str())).max(1)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}
