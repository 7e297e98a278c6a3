//! The fast path of small devices, which have less flash than time: plain text, four bytes at once, escapes, whitespace and
//! digits. It refuses nothing: at any other byte it stops, and the machine decides.

use super::machine::{Machine, State, is_whitespace};
use super::text::{is_escaped, is_plain};

impl Machine {
    /// Goes on from `start` in the input. Gives how far it came, and that no value ended there.
    pub(super) fn fast_path(&self, input: &[u8], start: usize, _depth: u8) -> (usize, bool) {
        let mut at = start;
        match self.state {
            State::Plain => loop {
                at = at.wrapping_add(plain_words(input.get(at..).unwrap_or_default()));
                while input.get(at).is_some_and(|byte| is_plain(*byte)) {
                    at = at.wrapping_add(1);
                }
                let escape = escape(input.get(at..).unwrap_or_default());
                at = at.wrapping_add(escape);
                if escape == 0 {
                    break;
                }
            },
            State::Value
            | State::FirstElement
            | State::FirstName
            | State::Name
            | State::Colon
            | State::After => {
                while input.get(at).is_some_and(|byte| is_whitespace(*byte)) {
                    at = at.wrapping_add(1);
                }
            }
            State::Number if self.number.takes_digits() => {
                while input.get(at).is_some_and(u8::is_ascii_digit) {
                    at = at.wrapping_add(1);
                }
            }
            _ => {}
        }
        (at, false)
    }
}

/// How many bytes at the front are an escape, if all of it is there. A surrogate may stay alone, so each stands for itself.
fn escape(bytes: &[u8]) -> usize {
    match bytes {
        [b'\\', b'u', digits @ ..] => match digits.first_chunk::<4>() {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => 6,
            _ => 0,
        },
        [b'\\', letter, ..] if is_escaped(*letter) => 2,
        _ => 0,
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
                let plain = if is_plain(byte) { 8 } else { at / 4 * 4 };
                assert_eq!(plain_words(&bytes), plain, "{byte:#x} at {at}");
            }
        }
    }
}
