//! Fingerprints: short numbers by which what is long is known again. They tell mistakes apart, not attacks.

use crate::sink::Sink;

/// 64-bit FNV-1a over what is written to it (Fowler, Noll and Vo; draft-eastlake-fnv).
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// The one of all that is written to it.
    pub(crate) fn of(write: impl FnOnce(&mut dyn Sink)) -> u64 {
        let mut fingerprint = Self::new();
        write(&mut fingerprint);
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

/// A fingerprint of many bytes, sixteen at a time: another one than [`Fingerprint`]'s, and as good for telling mistakes apart.
#[inline(never)]
pub(crate) fn of_bytes(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks();
    let mut last = [0; 16];
    if let Some(place) = last.get_mut(..rest.len()) {
        place.copy_from_slice(rest);
    }
    let mut so_far = Blocks::of(bytes.len());
    blocks.iter().for_each(|block| so_far.add(block));
    so_far.end(&last)
}

/// The same of the bytes that are no line ends: an item has the same one as the line in which it is stored.
#[inline(never)]
pub(crate) fn of_line(bytes: &[u8]) -> u64 {
    let is_line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let length = bytes.iter().filter(|byte| !is_line_end(byte)).count();
    // A device has one way for all.
    if cfg!(target_pointer_width = "64") && length == bytes.len() {
        return of_bytes(bytes);
    }
    let mut so_far = Blocks::of(length);
    let (mut block, mut filled) = ([0; 16], 0_usize);
    for byte in bytes {
        if is_line_end(byte) {
            continue;
        }
        if let Some(place) = block.get_mut(filled) {
            *place = *byte;
        }
        filled = filled.wrapping_add(1);
        if filled == block.len() {
            so_far.add(&block);
            (block, filled) = ([0; 16], 0);
        }
    }
    so_far.end(&block)
}

/// The fingerprint of so many bytes in blocks. The last one, which may be empty, is filled up with zeros.
struct Blocks {
    even: u64,
    odd: u64,
}

impl Blocks {
    fn of(length: usize) -> Self {
        Self { even: u64::try_from(length).unwrap_or(u64::MAX), odd: 0 }
    }

    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn add(&mut self, block: &[u8; 16]) {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *block;
        self.even = mix(self.even, u64::from_le_bytes([a, b, c, d, e, f, g, h]));
        self.odd = mix(self.odd, u64::from_le_bytes([i, j, k, l, m, n, o, p]));
    }

    fn end(mut self, last: &[u8; 16]) -> u64 {
        self.add(last);
        mix(self.even, self.odd)
    }
}

/// One more word in a fingerprint. The order of words counts.
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) const fn mix(so_far: u64, word: u64) -> u64 {
    let product = (so_far ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}

impl Sink for Fingerprint {
    fn take(&mut self, piece: &[u8]) {
        self.add(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_over_several_lines_is_known_by_the_line_in_which_it_is_stored() {
        for length in 0..70 {
            let line = &br#"{"id": 7, "name": "a name of some length", "more": ["x", "y", "z"]}"#[..];
            let line = &line[..length.min(line.len())];
            for at in 0..=line.len() {
                let lines = [&line[..at], b"\r\n", &line[at..], b"\n"].concat();
                assert_eq!(of_line(&lines), of_bytes(line), "{length} bytes, ended at {at}");
                assert_eq!(of_line(line), of_bytes(line));
            }
        }
        assert_ne!(of_line(b"a b"), of_bytes(b"ab"), "a space counts");
    }

    #[test]
    fn bytes_that_differ_in_content_length_or_order_have_other_fingerprints() {
        let texts: [&[u8]; 10] = [
            b"",
            b"\0",
            b"a",
            b"b",
            b"abcdefghABCDEFGHx",
            b"12345678",
            b"1234567\0",
            b"123456789",
            b"8765432112345678",
            b"1234567887654321",
        ];
        for (i, one) in texts.iter().enumerate() {
            for (j, other) in texts.iter().enumerate() {
                assert_eq!(of_bytes(one) == of_bytes(other), i == j, "{one:?} {other:?}");
            }
        }
    }
}
