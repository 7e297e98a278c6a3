//! Names and strings: RFC 8259, section 7, and RFC 3629, section 4.
//!
//! A block of text is marked as a whole: where in it is anything but plain text. To find the end of a text then takes
//! a few steps, and the marks of the next block do not have to wait for it.

use super::super::machine::Role;
use super::super::text;
use super::state::{BLOCK, FastPath, Stop};
#[cfg(feature = "simd")]
use super::vector as block;
#[cfg(not(feature = "simd"))]
use super::word as block;

impl FastPath<'_> {
    /// To behind the closing quote.
    #[inline(always)]
    pub(super) fn text(&mut self, role: Role) -> Result<(), Stop> {
        loop {
            if self.at.wrapping_sub(self.marked) >= BLOCK {
                if self.at >= self.input.len() {
                    return Err(Stop::Text(role));
                }
                self.mark();
            }
            // The block has less bytes than a word has bits.
            let marks = self.marks.wrapping_shr(self.at.wrapping_sub(self.marked) as u32);
            if marks == 0 {
                self.at = self.marked.wrapping_add(BLOCK);
                self.plain_blocks();
                continue;
            }
            self.pass(marks.trailing_zeros() as usize);
            match self.input.get(self.at) {
                Some(b'"') => {
                    self.pass(1);
                    return Ok(());
                }
                Some(b'\\') if let Some(len) = escape(self.rest()) => self.pass(len),
                Some(0x80..) if let Some(behind) = behind_characters(self.input, self.at) => self.at = behind,
                // Marked because of the byte before it.
                Some(byte) if text::is_plain(*byte) => self.pass(1),
                _ => return Err(Stop::Text(role)),
            }
        }
    }

    /// Past blocks that are nothing but plain text, of which long texts have many.
    #[inline(always)]
    pub(super) fn plain_blocks(&mut self) {
        while let Some(block) = self.block()
            && block::is_plain(block)
        {
            self.pass(BLOCK);
        }
    }

    /// Marks the block in which it is.
    #[inline(always)]
    fn mark(&mut self) {
        // Mostly it is the next one. The processor guesses that before it knows where exactly it is.
        self.marked = self.marked.wrapping_add(BLOCK);
        if self.at.wrapping_sub(self.marked) >= BLOCK {
            self.marked = far_off(self.at);
        }
        match self.input.get(self.marked..).and_then(|rest| rest.first_chunk()) {
            Some(block) => self.marks = block::not_plain(block),
            None => (self.marked, self.marks) = mark_last(self.input),
        }
    }
}

/// The last block of the input, and its marks.
#[inline(always)]
fn mark_last(input: &[u8]) -> (usize, u64) {
    match input.last_chunk() {
        Some(block) => (input.len().wrapping_sub(BLOCK), block::not_plain(block)),
        None => (0, mark_short(input)),
    }
}

/// The marks of an input that is less than a block. What is behind its end is marked.
#[inline(never)]
fn mark_short(input: &[u8]) -> u64 {
    let mut block = [0; BLOCK];
    if let Some(room) = block.get_mut(..input.len()) {
        room.copy_from_slice(input);
    }
    block::not_plain(&block)
}

/// Keeps the compiler from computing what is hardly ever needed.
#[cold]
fn far_off(at: usize) -> usize {
    at
}

/// The length of the escape at the front, if it is right.
#[inline(always)]
fn escape(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [_, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
        // What a surrogate means is told by what comes behind it: that is for the machine.
        [_, b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => None,
        [_, b'u', digits @ ..] if begins_hexadecimal(digits) => Some(6),
        _ => None,
    }
}

/// Behind the characters of several bytes that begin here, if there is one and it is right.
#[inline(always)]
fn behind_characters(input: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let rest = input.get(at..).unwrap_or_default();
        // Most are of three bytes where there are many.
        if let Some(block) = rest.first_chunk()
            && is_three_bytes(u32::from_le_bytes(*block))
        {
            at = at.wrapping_add(3);
            continue;
        }
        let len = match rest {
            [0xC2..=0xDF, 0x80..=0xBF, ..] => 2,
            [0xE0, 0xA0..=0xBF, 0x80..=0xBF, ..] => 3,
            [0xED, 0x80..=0x9F, 0x80..=0xBF, ..] => 3,
            [0xE1..=0xEC | 0xEE..=0xEF, 0x80..=0xBF, 0x80..=0xBF, ..] => 3,
            [0xF0, 0x90..=0xBF, 0x80..=0xBF, 0x80..=0xBF, ..] => 4,
            [0xF1..=0xF3, 0x80..=0xBF, 0x80..=0xBF, 0x80..=0xBF, ..] => 4,
            [0xF4, 0x80..=0x8F, 0x80..=0xBF, 0x80..=0xBF, ..] => 4,
            _ => return (at > start).then_some(at),
        };
        at = at.wrapping_add(len);
    }
}

#[inline(always)]
fn begins_hexadecimal(bytes: &[u8]) -> bool {
    bytes.first_chunk::<4>().is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Whether the first three of four bytes are a character.
#[inline(always)]
fn is_three_bytes(bytes: u32) -> bool {
    // One bit of the second byte tells, behind 0xE0, an overlong form, and behind 0xED a surrogate.
    let lead_and_bit = bytes & 0x00_20_0F;
    bytes & 0xC0_C0_F0 == 0x80_80_E0 && lead_and_bit != 0x00_00_00 && lead_and_bit != 0x00_20_0D
}
