//! What is between the quotes of a string or a name: RFC 8259, section 7 for the escapes, RFC 3629 for UTF-8.
//! Knows nothing of what the text is for.

use super::machine::{Event, Machine, Role, State};

impl Machine {
    /// A byte between characters.
    pub(super) fn plain(&mut self, byte: u8) -> Event {
        match byte {
            b'"' => match self.role {
                Role::Name => self.go(State::Colon, Event::NameEnd),
                Role::Value => self.go(State::After, Event::ValueEnd),
            },
            b'\\' => self.go(State::Escape, Event::Pass),
            0x00..0x20 => Event::Refused,
            0x20..0x80 => {
                self.code = byte.into();
                Event::Char
            }
            _ => self.begin_character(byte),
        }
    }

    /// The first of several bytes of a character, by the table of RFC 3629, section 4. The bounds of the second byte keep out
    /// overlong forms, surrogates and all above U+10FFFF.
    fn begin_character(&mut self, byte: u8) -> Event {
        let (left, first, last) = match byte {
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return Event::Refused,
        };
        self.place = left;
        self.bounds = (first, last);
        self.code = u32::from(byte) & 0x3F >> left;
        self.go(State::Utf8, Event::Pass)
    }

    /// A further byte of a character.
    pub(super) fn character(&mut self, byte: u8) -> Event {
        if byte < self.bounds.0 || byte > self.bounds.1 {
            return Event::Refused;
        }
        self.bounds = (0x80, 0xBF);
        self.code = self.code << 6 | u32::from(byte & 0x3F);
        self.place = self.place.saturating_sub(1);
        if self.place == 0 { self.go(State::Plain, Event::Char) } else { Event::Pass }
    }

    /// The byte behind a backslash.
    pub(super) fn escape(&mut self, byte: u8) -> Event {
        if byte == b'u' {
            (self.place, self.unit) = (4, 0);
            return self.go(State::Hex, Event::Pass);
        }
        let Some(c) = escaped(byte) else { return Event::Refused };
        if self.high != 0 {
            return self.unpaired();
        }
        self.code = c.into();
        self.go(State::Plain, Event::Escaped)
    }

    /// A digit of `\u1234`.
    pub(super) fn hex(&mut self, byte: u8) -> Event {
        let Some(digit) = hex_digit(byte) else { return Event::Refused };
        let unit = self.unit << 4 | digit;
        if self.place == 1 {
            return self.end_hex(unit);
        }
        self.unit = unit;
        self.place = self.place.saturating_sub(1);
        Event::Pass
    }

    /// The last digit makes the escape come to this.
    fn end_hex(&mut self, unit: u16) -> Event {
        if self.high != 0 {
            let Some(c) = pair(self.high, unit) else { return self.unpaired() };
            self.high = 0;
            self.code = c.into();
            return self.go(State::Plain, Event::Escaped);
        }
        self.code = unit.into();
        match unit {
            0xD800..0xDC00 => {
                self.high = unit;
                self.go(State::Pair, Event::Pass)
            }
            0xDC00..0xE000 => self.go(State::Plain, Event::Unpaired),
            _ => self.go(State::Plain, Event::Escaped),
        }
    }

    /// The byte behind an escaped high surrogate.
    pub(super) fn pair(&mut self, byte: u8) -> Event {
        if byte == b'\\' {
            return self.go(State::Escape, Event::Pass);
        }
        self.state = State::Plain;
        self.unpaired()
    }

    /// The high surrogate stays alone.
    fn unpaired(&mut self) -> Event {
        self.code = self.high.into();
        self.high = 0;
        Event::UnpairedBefore
    }
}

/// What `\` and this byte stand for.
fn escaped(byte: u8) -> Option<u8> {
    const ESCAPES: [(u8, u8); 8] = [
        (b'"', b'"'),
        (b'\\', b'\\'),
        (b'/', b'/'),
        (b'b', 0x08),
        (b'f', 0x0C),
        (b'n', b'\n'),
        (b'r', b'\r'),
        (b't', b'\t'),
    ];
    for (letter, c) in ESCAPES {
        if letter == byte {
            return Some(c);
        }
    }
    None
}

/// Whether a backslash and the byte stand for a character.
#[cfg(any(not(target_pointer_width = "64"), tidegate_narrow))]
pub(super) fn is_escaped(byte: u8) -> bool {
    escaped(byte).is_some()
}

/// Whether the byte, between characters, is one and stands for itself.
pub(super) fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..0x80) && byte != b'"' && byte != b'\\'
}

fn hex_digit(byte: u8) -> Option<u16> {
    char::from(byte).to_digit(16).and_then(|digit| u16::try_from(digit).ok())
}

/// The character of two surrogates (RFC 8259, section 7), if the second is a low one.
fn pair(high: u16, low: u16) -> Option<char> {
    let bits = |surrogate: u16| u32::from(surrogate & 0x3FF);
    let code = (bits(high) << 10 | bits(low)).wrapping_add(0x1_0000);
    if matches!(low, 0xDC00..0xE000) { char::from_u32(code) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_surrogates_are_the_character_that_the_standard_library_makes_of_them() {
        for high in 0xD800..0xDC00 {
            for low in (0..=u16::MAX).step_by(13).chain([0xDBFF, 0xDC00, 0xDFFF, 0xE000]) {
                let decoded = char::decode_utf16([high, low]).next().and_then(Result::ok);
                assert_eq!(pair(high, low), decoded, "{high:x} {low:x}");
            }
        }
    }
}
