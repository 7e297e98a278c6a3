//! Whitespace between tokens: RFC 8259, section 2. Mostly there is none, or a single space, or a new line that is
//! indented as the one before.

use super::state::FastPath;
use super::word;

/// A line indented further than this is read like one whose indent changes.
const INDENT: usize = 16;

/// How much further each level is indented, mostly.
const STEP: usize = 2;

const SPACES: u128 = u128::MAX / 0xFF * 0x20;

impl FastPath<'_> {
    /// The first byte that is no whitespace, if it is there. What is before it is consumed.
    #[inline(always)]
    pub(super) fn token(&mut self) -> Option<u8> {
        self.token_indented(self.indent)
    }

    /// The same behind the start of a container, where a new line is mostly indented one step further.
    #[inline(always)]
    pub(super) fn first_token(&mut self) -> Option<u8> {
        self.token_indented(self.indent.wrapping_add(STEP))
    }

    /// The same behind a member or an element. Before a comma there is mostly no new line, and before the end of the
    /// container one that is indented one step less.
    #[inline(always)]
    pub(super) fn token_behind(&mut self) -> Option<u8> {
        self.token_indented(self.indent.wrapping_sub(STEP))
    }

    #[inline(always)]
    fn token_indented(&mut self, indent: usize) -> Option<u8> {
        match self.input.get(self.at) {
            Some(byte) if *byte > b' ' => Some(*byte),
            Some(b'\n') => match self.indented(indent) {
                Some(byte) => Some(byte),
                None => self.token_far_off(),
            },
            _ => self.token_in_line(),
        }
    }

    /// The same, where no new line is expected.
    #[inline(always)]
    pub(super) fn token_in_line(&mut self) -> Option<u8> {
        match *self.rest() {
            [byte @ b'!'..=0xFF, ..] => Some(byte),
            [b' ', byte @ b'!'..=0xFF, ..] => {
                self.pass(1);
                Some(byte)
            }
            _ => self.token_far_off(),
        }
    }

    /// The first byte of a new line, if the line is indented by so many spaces.
    ///
    /// To measure the indent is slower: what comes behind could only be read once that is done.
    #[inline(always)]
    fn indented(&mut self, indent: usize) -> Option<u8> {
        let line = self.at.wrapping_add(1);
        let start = line.wrapping_add(indent);
        let others = u128::from_le_bytes(*self.input.get(line..)?.first_chunk()?) ^ SPACES;
        // Ones in the place of the spaces.
        let within = !u128::MAX.unbounded_shl((indent as u32).wrapping_mul(8));
        match self.input.get(start) {
            Some(byte) if *byte > b' ' && others & within == 0 && indent <= INDENT => {
                self.at = start;
                self.indent = indent;
                Some(*byte)
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn token_far_off(&mut self) -> Option<u8> {
        (self.at, self.indent) = behind_space(self.input, self.at);
        self.input.get(self.at).copied()
    }
}

/// Where the next byte is that is no whitespace, and how far that is into its line.
///
/// Not inlined, for it is needed in many places, and none of them often.
#[inline(never)]
fn behind_space(input: &[u8], mut at: usize) -> (usize, usize) {
    let mut line = at;
    loop {
        match input.get(at) {
            Some(b' ') => at = at.wrapping_add(word::spaces(input.get(at..).unwrap_or_default())),
            Some(b'\r' | b'\t') => at = at.wrapping_add(1),
            Some(b'\n') => {
                at = at.wrapping_add(1);
                line = at;
            }
            _ => {
                return (at, at.wrapping_sub(line).min(INDENT));
            }
        }
    }
}
