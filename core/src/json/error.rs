//! What is wrong with a document, and at which byte. Knows only how to say it.

use core::fmt;

use super::MAX_DEPTH;

/// Bytes that are not JSON, or stop before it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Bytes of the document before the one that broke the grammar; its length if it was cut short.
    pub offset: u64,
    /// What is wrong there.
    pub kind: JsonErrorKind,
}

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonErrorKind {
    /// A byte that the grammar does not allow here.
    Unexpected {
        /// The byte.
        found: u8,
        /// What the grammar allows instead.
        expected: Expected,
    },
    /// A control character inside a string that was not escaped.
    ControlCharacter(u8),
    /// A byte that cannot be part of UTF-8 here: overlong, a surrogate, above U+10FFFF, or out of place.
    NotUtf8(u8),
    /// One more array or object inside one another than [`MAX_DEPTH`].
    TooDeep,
    /// The document ended before it was whole.
    CutShort,
}

/// What the grammar allows at some place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A value.
    Value,
    /// A value, or the end of an array that is still empty.
    ValueOrArrayEnd,
    /// A member's name.
    Name,
    /// A member's name, or the end of an object that is still empty.
    NameOrObjectEnd,
    /// The colon behind a name.
    Colon,
    /// The comma behind an element, or the array's end.
    CommaOrArrayEnd,
    /// The comma behind a member, or the object's end.
    CommaOrObjectEnd,
    /// Nothing but whitespace: the document is whole.
    Nothing,
    /// A digit of a number.
    Digit,
    /// The next letter of `true`, `false` or `null`.
    Letter(u8),
    /// What may follow a backslash.
    Escape,
    /// A digit of a `\u` escape.
    HexDigit,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, kind } = self;
        match kind {
            JsonErrorKind::Unexpected { found, expected } => {
                write!(f, "expected {expected} at byte {offset}, found {}", Byte(*found))
            }
            JsonErrorKind::ControlCharacter(found) => {
                write!(
                    f,
                    "the control character {} at byte {offset} must be escaped inside a string",
                    Byte(*found)
                )
            }
            JsonErrorKind::NotUtf8(found) => write!(f, "{} at byte {offset} is not UTF-8", Byte(*found)),
            JsonErrorKind::TooDeep => {
                write!(f, "more than {MAX_DEPTH} arrays and objects inside one another at byte {offset}")
            }
            JsonErrorKind::CutShort => {
                write!(f, "the document ends after {offset} bytes, before it is whole")
            }
        }
    }
}

impl core::error::Error for JsonError {}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "a value",
            Self::ValueOrArrayEnd => "a value or `]`",
            Self::Name => "a member's name",
            Self::NameOrObjectEnd => "a member's name or `}`",
            Self::Colon => "`:`",
            Self::CommaOrArrayEnd => "`,` or `]`",
            Self::CommaOrObjectEnd => "`,` or `}`",
            Self::Nothing => "nothing more",
            Self::Digit => "a digit",
            Self::Letter(letter) => return write!(f, "{}", Byte(*letter)),
            Self::Escape => "one of `\"\\/bfnrtu` behind the backslash",
            Self::HexDigit => "a hexadecimal digit",
        })
    }
}

/// A byte as a reader can look for it: itself when it shows, else its number.
struct Byte(u8);

impl fmt::Display for Byte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_ascii_graphic() {
            write!(f, "`{}`", char::from(self.0))
        } else {
            write!(f, "0x{:02x}", self.0)
        }
    }
}
