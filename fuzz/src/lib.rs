//! What the targets share: how an input's first bytes choose buffer sizes and where the rest is split, and the pull
//! that two of them drive, and the reference reader of responses that core's own tests use.

pub mod leaves;
pub mod pull;
#[path = "../../core/tests/h1/reference.rs"]
pub mod reference;

/// Reads choices from the front of an input.
#[derive(Clone, Copy, Debug)]
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// Choices from the front of `input`.
    pub fn new(input: &'a [u8]) -> Self {
        Self(input)
    }

    /// The next byte; zero at the end.
    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                first
            }
            None => 0,
        }
    }

    /// One of the values.
    pub fn one_of<T: Copy, const N: usize>(&mut self, values: [T; N]) -> T {
        values[usize::from(self.byte()) % N]
    }

    /// So many bytes, or what there is.
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// All that is left.
    pub fn rest(self) -> &'a [u8] {
        self.0
    }

    /// Whether nothing is left.
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

/// The input in pieces whose sizes are drawn from a seed; none is longer than 1 to 40 bytes, depending on the seed.
pub fn pieces(input: &[u8], seed: u8) -> impl Iterator<Item = &[u8]> {
    let longest = usize::from(seed % 40) + 1;
    let mut state = u32::from(seed).wrapping_mul(2_654_435_761) | 1;
    let mut rest = input;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let len = (state >> 16) as usize % longest + 1;
        let (piece, after) = rest.split_at(len.min(rest.len()));
        rest = after;
        Some(piece)
    })
}
