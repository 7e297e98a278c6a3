//! The fast path of small devices, which have less flash than time: token by token and, within texts, four bytes at once.
//! It reads only bytes that are plainly right, and refuses nothing: at a byte that is odd or rare it stops, and the machine
//! decides.

use super::containers::Container;
use super::machine::{Machine, Role, State, is_whitespace};
use super::number::Number;
use super::text::{self, Text};

/// What comes byte by byte is read by the machine alone, which the tests rely on.
const WORTHWHILE: usize = 8;

impl Machine {
    /// Goes on from `start` in the input, at most to the end of the value that is inside `depth` containers. Gives how
    /// far it came, and whether the value ended there.
    pub(super) fn fast_path(&mut self, input: &[u8], start: usize, depth: u8) -> (usize, bool) {
        let mut at = start;
        if input.get(start.wrapping_add(WORTHWHILE - 1)).is_none() {
            return (at, false);
        }
        while let Some(&byte) = input.get(at) {
            let (taken, state) = match (self.state, byte) {
                (State::Text(role, Text::Plain), b'"') => match role {
                    Role::Name => (1, State::Colon),
                    Role::Value => (1, State::After),
                },
                (State::Text(_, Text::Plain), byte) if text::is_plain(byte) => {
                    (plain_words(input.get(at..).unwrap_or_default()).max(1), self.state)
                }
                (State::Number(number), byte) => match number.step(byte) {
                    Some(number) => (1, State::Number(number)),
                    None if number.is_whole() => (0, State::After),
                    None => break,
                },
                (State::Text(..) | State::Word(..) | State::Opening | State::Failed(_), _) => break,
                (state, byte) if is_whitespace(byte) => (1, state),
                (State::Name | State::FirstName, b'"') => (1, State::Text(Role::Name, Text::Plain)),
                (State::Colon, b':') => (1, State::Value),
                (State::After, b',') => match self.containers.innermost() {
                    Some(Container::Object) => (1, State::Name),
                    Some(Container::Array) => (1, State::Value),
                    None => break,
                },
                (State::Value, b'"') => (1, State::Text(Role::Value, Text::Plain)),
                (State::Value, byte) => match Number::begin(byte) {
                    Some(number) => (1, State::Number(number)),
                    None => break,
                },
                _ => break,
            };
            let was_after = matches!(self.state, State::After);
            at = at.wrapping_add(taken);
            self.state = state;
            // Here it comes only from behind a string or a number.
            if !was_after && matches!(state, State::After) && self.depth() <= depth {
                return (at, true);
            }
        }
        (at, false)
    }
}

/// How many bytes at the front are plain text, as far as that can be told of four at once.
fn plain_words(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks();
    let is_plain = |word: &&[u8; 4]| {
        let word = u32::from_le_bytes(**word);
        // As in `fast_wide`: the top bit of a byte marks it, and a carry marks only bytes above one that is marked.
        let quotes_and_controls = (word ^ 0x0202_0202).wrapping_sub(0x2121_2121);
        let backslashes = (word ^ 0x5C5C_5C5C).wrapping_sub(0x0101_0101);
        (quotes_and_controls | backslashes | word) & 0x8080_8080 == 0
    };
    words.iter().take_while(is_plain).count().wrapping_mul(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bytes_are_plain_text_if_each_of_them_is() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut bytes = [b'a'; 8];
                bytes[at] = byte;
                let plain = if text::is_plain(byte) { 8 } else { at / 4 * 4 };
                assert_eq!(plain_words(&bytes), plain, "{byte:#x} at {at}");
            }
        }
    }
}
