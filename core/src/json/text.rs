//! What is between the quotes of a string or a name: RFC 8259, section 7 for the escapes, RFC 3629 for UTF-8.
//! Knows nothing of what the text is for.

use super::{Expected, JsonErrorKind};

/// Where in a text the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// Between characters.
    Plain,
    /// Behind an escaped high surrogate, which the next escape may complete.
    Pair { high: u16 },
    /// Behind a backslash, and perhaps such a surrogate.
    Escape { high: Option<u16> },
    /// In the digits of `\u1234`.
    Hex { high: Option<u16>, value: u16, digits: u8 },
    /// In a character of several bytes.
    Utf8(Partial),
}

/// A character that lacks its last bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Partial {
    /// The bits so far.
    value: u32,
    /// How many bytes are to come.
    left: u8,
    /// The bounds of the next one: for the second byte they are what keeps out overlong forms, surrogates and all
    /// above U+10FFFF.
    first: u8,
    last: u8,
}

/// What one byte of a text meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing yet: it is part of an escape.
    InEscape,
    /// Nothing yet: it is part of a character.
    InCharacter,
    /// The byte is itself a character.
    Ascii,
    /// It was the last of a character written out.
    Written(char),
    /// It was the last of a character's escape.
    Escaped(char),
    /// It was the last of the escape of a surrogate that completes nothing.
    Unpaired(u16),
    /// The surrogate before it stays alone. The byte itself has not been looked at.
    UnpairedBefore(u16),
    /// The closing quote.
    Close,
}

impl Text {
    /// Where the next byte is once `byte` was read, and what it meant.
    #[inline(always)]
    pub(super) fn step(self, byte: u8) -> Result<(Self, Meaning), JsonErrorKind> {
        match self {
            Self::Plain => Self::plain(byte),
            Self::Pair { high } if byte == b'\\' => {
                Ok((Self::Escape { high: Some(high) }, Meaning::InEscape))
            }
            Self::Pair { high } => Ok((Self::Plain, Meaning::UnpairedBefore(high))),
            Self::Escape { high } if byte == b'u' => {
                Ok((Self::Hex { high, value: 0, digits: 0 }, Meaning::InEscape))
            }
            Self::Escape { high } => {
                let c = escaped(byte).ok_or(unexpected(byte, Expected::Escape))?;
                match high {
                    Some(high) => Ok((Self::Escape { high: None }, Meaning::UnpairedBefore(high))),
                    None => Ok((Self::Plain, Meaning::Escaped(c))),
                }
            }
            Self::Hex { high, value, digits } => {
                let digit = hex_digit(byte).ok_or(unexpected(byte, Expected::HexDigit))?;
                let unit = value << 4 | digit;
                match (digits, high) {
                    (0..3, _) => {
                        let digits = digits.saturating_add(1);
                        Ok((Self::Hex { high, value: unit, digits }, Meaning::InEscape))
                    }
                    (_, Some(high)) => Ok(match pair(high, unit) {
                        Some(c) => (Self::Plain, Meaning::Escaped(c)),
                        None => (Self::Hex { high: None, value, digits }, Meaning::UnpairedBefore(high)),
                    }),
                    (_, None) => Ok(match (unit, char::from_u32(u32::from(unit))) {
                        (_, Some(c)) => (Self::Plain, Meaning::Escaped(c)),
                        (0xD800..0xDC00, None) => (Self::Pair { high: unit }, Meaning::InEscape),
                        (_, None) => (Self::Plain, Meaning::Unpaired(unit)),
                    }),
                }
            }
            Self::Utf8(partial) => partial.step(byte),
        }
    }

    #[inline(always)]
    fn plain(byte: u8) -> Result<(Self, Meaning), JsonErrorKind> {
        match byte {
            b'"' => Ok((Self::Plain, Meaning::Close)),
            b'\\' => Ok((Self::Escape { high: None }, Meaning::InEscape)),
            0x00..0x20 => Err(JsonErrorKind::ControlCharacter(byte)),
            _ if is_plain(byte) => Ok((Self::Plain, Meaning::Ascii)),
            _ => {
                let partial = Partial::begin(byte).ok_or(JsonErrorKind::NotUtf8(byte))?;
                Ok((Self::Utf8(partial), Meaning::InCharacter))
            }
        }
    }
}

impl Partial {
    /// The table of RFC 3629, section 4.
    fn begin(byte: u8) -> Option<Self> {
        let (bits, left, first, last) = match byte {
            0xC2..=0xDF => (byte & 0x1F, 1, 0x80, 0xBF),
            0xE0 => (0, 2, 0xA0, 0xBF),
            0xED => (byte & 0x0F, 2, 0x80, 0x9F),
            0xE1..=0xEF => (byte & 0x0F, 2, 0x80, 0xBF),
            0xF0 => (0, 3, 0x90, 0xBF),
            0xF1..=0xF3 => (byte & 0x07, 3, 0x80, 0xBF),
            0xF4 => (byte & 0x07, 3, 0x80, 0x8F),
            _ => return None,
        };
        Some(Self { value: u32::from(bits), left, first, last })
    }

    fn step(self, byte: u8) -> Result<(Text, Meaning), JsonErrorKind> {
        if !(self.first..=self.last).contains(&byte) {
            return Err(JsonErrorKind::NotUtf8(byte));
        }
        let value = self.value << 6 | u32::from(byte & 0x3F);
        match self.left.saturating_sub(1) {
            0 => {
                let c = char::from_u32(value).ok_or(JsonErrorKind::NotUtf8(byte))?;
                Ok((Text::Plain, Meaning::Written(c)))
            }
            left => Ok((Text::Utf8(Self { value, left, first: 0x80, last: 0xBF }), Meaning::InCharacter)),
        }
    }
}

/// Whether the byte, between characters, is one and stands for itself.
pub(super) fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..0x80) && byte != b'"' && byte != b'\\'
}

/// What `\` and this byte stand for.
fn escaped(byte: u8) -> Option<char> {
    match byte {
        b'"' | b'\\' | b'/' => Some(char::from(byte)),
        b'b' => Some('\u{8}'),
        b'f' => Some('\u{c}'),
        b'n' => Some('\n'),
        b'r' => Some('\r'),
        b't' => Some('\t'),
        _ => None,
    }
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

fn unexpected(found: u8, expected: Expected) -> JsonErrorKind {
    JsonErrorKind::Unexpected { found, expected }
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
