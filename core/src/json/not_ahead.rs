//! Stands in for `ahead` where that is left out, on small devices: the machine reads every byte but those in the middle of
//! a text, which are most.

use super::machine::{Machine, State};
use super::text::{self, Text};

impl Machine {
    /// Goes over what is plain in a text, and gives how far it came. No value ends there.
    #[inline(always)]
    pub(super) fn run_ahead(&mut self, input: &[u8], start: usize, _: u8) -> (usize, bool) {
        let State::Text(_, Text::Plain) = self.state else { return (start, false) };
        let rest = input.get(start..).unwrap_or_default();
        let plain = rest.iter().position(|byte| !text::is_plain(*byte)).unwrap_or(rest.len());
        (start.saturating_add(plain), false)
    }

    /// Finds none.
    pub(super) fn element(&mut self, _: &[u8]) -> Option<usize> {
        None
    }
}
