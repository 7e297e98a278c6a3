//! Fingerprints: short numbers by which what is long is known again. They tell mistakes apart, not attacks.

use core::fmt;

/// 64-bit FNV-1a over what is written to it (Fowler, Noll and Vo; draft-eastlake-fnv).
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// The one of all that `parts` shows.
    pub(crate) fn of(parts: impl fmt::Display) -> u64 {
        let mut fingerprint = Self::new();
        // Writing to a fingerprint does not fail.
        let _ = fmt::write(&mut fingerprint, format_args!("{parts}"));
        fingerprint.0
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(crate) const fn get(&self) -> u64 {
        self.0
    }
}

impl fmt::Write for Fingerprint {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add(text.as_bytes());
        Ok(())
    }
}
