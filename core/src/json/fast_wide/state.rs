//! How far the fast path has come, and why it stops. Knows no grammar.

use super::super::containers::Containers;
use super::super::machine::{Role, State};
use super::super::number::Number;

/// How many bytes of a text are marked at once: one for each bit.
pub(super) const BLOCK: usize = 64;

/// Why it goes no further: the value that is skipped is over, or the next byte is for the machine.
///
/// It could be the machine's state, if that were not too large for the compiler to keep in registers.
#[derive(Clone, Copy)]
pub(super) enum Stop {
    Ended,
    Value,
    FirstElement,
    FirstName,
    Name,
    Colon,
    Text(Role),
    Number(Number),
    After,
}

/// The input, how far it was read, and what is known of what comes.
pub(super) struct FastPath<'a> {
    pub(super) input: &'a [u8],
    /// How far it has come.
    pub(super) at: usize,
    /// What in the block of the input that begins at `marked` is no plain text.
    pub(super) marks: u64,
    pub(super) marked: usize,
    /// How many spaces the last line began with.
    pub(super) indent: usize,
    pub(super) open: Containers,
    /// How many containers are open around the value that is skipped.
    pub(super) around: u8,
}

impl Stop {
    /// The state in which the machine goes on.
    pub(super) fn state(self) -> State {
        match self {
            Self::Value => State::Value,
            Self::FirstElement => State::FirstElement,
            Self::FirstName => State::FirstName,
            Self::Name => State::Name,
            Self::Colon => State::Colon,
            Self::Text(_) => State::Plain,
            Self::Number(_) => State::Number,
            Self::After | Self::Ended => State::After,
        }
    }
}

impl<'a> FastPath<'a> {
    #[inline(always)]
    pub(super) fn new(input: &'a [u8], start: usize, open: Containers, around: u8) -> Self {
        // As if the block before were marked: the first text marks its own.
        let marked = start.wrapping_sub(BLOCK);
        Self { input, at: start, marks: 0, marked, indent: 0, open, around }
    }

    #[inline(always)]
    pub(super) fn pass(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    /// What comes.
    #[inline(always)]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    /// The next so many bytes, if they are there.
    #[inline(always)]
    pub(super) fn block<const LEN: usize>(&self) -> Option<&'a [u8; LEN]> {
        self.input.get(self.at..)?.first_chunk()
    }
}
