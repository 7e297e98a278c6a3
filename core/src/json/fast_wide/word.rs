//! Eight bytes at once, in ordinary arithmetic. Knows nothing of what they are part of.
//!
//! Each byte is a lane of a word, the first one lowest, and a lane's top bit marks it. A carry out of a lane that is
//! marked can mark others, but only above it: the lowest mark is always right, and none is ever missing.

const ONES: u64 = u64::MAX / 0xFF;
const TOPS: u64 = ONES << 7;

/// How many of eight bytes, at the front, are digits.
#[inline(always)]
pub(super) fn digits_of(block: &[u8; 8]) -> usize {
    // With `0` taken from each, all but digits are above nine.
    let values = u64::from_le_bytes(*block) ^ lanes(b'0');
    first_lane((values.wrapping_add(lanes(0x80 - 10)) | values) & TOPS)
}

/// How many bytes at the front are digits.
#[inline(always)]
pub(super) fn digits(bytes: &[u8]) -> usize {
    count(bytes, digits_of, |byte| byte.is_ascii_digit())
}

/// How many bytes at the front are spaces.
#[inline(always)]
pub(super) fn spaces(bytes: &[u8]) -> usize {
    count(bytes, |block| first_lane(u64::from_le_bytes(*block) ^ lanes(b' ')), |byte| byte == b' ')
}

/// A bit for each byte that may be no plain text: quotes, backslashes, control characters, all that is not ASCII, and
/// perhaps a byte behind one of these.
#[cfg(not(feature = "simd"))]
#[inline(always)]
pub(super) fn not_plain(block: &[u8; super::state::BLOCK]) -> u64 {
    let (words, _) = block.as_chunks();
    words.iter().rev().fold(0, |marks, word| {
        // Gathers the tops into one byte: each is shifted to its place in the highest one.
        marks << 8 | (not_plain_of(word) & TOPS).wrapping_mul(0x0002_0408_1020_4081) >> 56
    })
}

/// Whether all is plain text.
#[cfg(not(feature = "simd"))]
#[inline(always)]
pub(super) fn is_plain(block: &[u8; super::state::BLOCK]) -> bool {
    let (words, _) = block.as_chunks();
    words.iter().fold(0, |marks, word| marks | not_plain_of(word)) & TOPS == 0
}

#[cfg(not(feature = "simd"))]
#[inline(always)]
fn not_plain_of(block: &[u8; 8]) -> u64 {
    let word = u64::from_le_bytes(*block);
    // With one bit turned the quote comes right behind the control characters, which saves a test.
    let quotes_and_controls = (word ^ lanes(0x02)).wrapping_sub(lanes(0x21));
    let backslashes = (word ^ lanes(b'\\')).wrapping_sub(ONES);
    quotes_and_controls | backslashes | word
}

/// How many bytes at the front are such: eight at once, then one by one.
#[inline(always)]
fn count(bytes: &[u8], of_block: fn(&[u8; 8]) -> usize, is_such: fn(u8) -> bool) -> usize {
    let mut rest = bytes;
    while let Some((block, behind)) = rest.split_first_chunk() {
        let such = of_block(block);
        if such < block.len() {
            return bytes.len().wrapping_sub(rest.len()).wrapping_add(such);
        }
        rest = behind;
    }
    let such = rest.iter().take_while(|byte| is_such(**byte)).count();
    bytes.len().wrapping_sub(rest.len()).wrapping_add(such)
}

/// The byte in each lane.
const fn lanes(byte: u8) -> u64 {
    ONES.wrapping_mul(byte as u64)
}

/// The lane of the lowest bit; eight if there is none.
#[inline(always)]
fn first_lane(bits: u64) -> usize {
    (bits.trailing_zeros() >> 3) as usize
}
