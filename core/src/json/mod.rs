//! A strict JSON reader that is fed a document in pieces of any size and keeps a few words of state: no allocation,
//! no recursion. It knows the grammar of RFC 8259, UTF-8 (RFC 3629) and nothing about pages or APIs. Whatever the
//! grammar refuses is an error at the byte that broke it, and every way to cut the same bytes into pieces gives the
//! same answer.
//!
//! One byte at a time through the state machine in `machine.rs` is the only thing that decides. A fast path may
//! read bytes that are plainly right before it, and leaves the rest to it.

mod containers;
mod error;
// There are two fast paths. A small device has neither the flash nor the registers for the wide one. With
// `--cfg tidegate_narrow` the tests of a large machine run the narrow one.
#[cfg(any(not(target_pointer_width = "64"), tidegate_narrow))]
mod fast_narrow;
#[cfg(all(target_pointer_width = "64", not(tidegate_narrow)))]
mod fast_wide;
mod machine;
mod number;
mod text;
mod tokenizer;

#[cfg(test)]
mod tests;

use core::fmt;

pub use containers::MAX_DEPTH;
pub use error::{Expected, JsonError, JsonErrorKind};
pub(crate) use machine::Event;
pub use tokenizer::Tokenizer;

/// What a value is, as its first byte tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// `-12.5e3`
    Number,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
}

impl Kind {
    /// The kind of the value that begins with `first`, if one can.
    fn of(first: u8) -> Option<Self> {
        match first {
            b'{' => Some(Self::Object),
            b'[' => Some(Self::Array),
            b'"' => Some(Self::String),
            b'-' | b'0'..=b'9' => Some(Self::Number),
            b't' => Some(Self::True),
            b'f' => Some(Self::False),
            b'n' => Some(Self::Null),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::True => "true",
            Self::False => "false",
            Self::Null => "null",
        })
    }
}

/// What [`Tokenizer::next`] tells.
///
/// Each value gives [`Value`](Self::Value), what is in it, [`ValueEnd`](Self::ValueEnd). In an object each member
/// gives [`NameStart`](Self::NameStart), the name, [`NameEnd`](Self::NameEnd), then its value. Where a text is cut
/// into pieces depends on how the document was; the joined text does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonEvent<'a> {
    /// A value of this kind comes. Its first byte is the next one: nothing of it has been consumed.
    Value(Kind),
    /// The innermost value is over, and its last byte consumed. A number is over at the byte behind it, so one that
    /// is the whole document ends only with [`Tokenizer::finish`].
    ValueEnd,
    /// A member's name begins; its opening quote has been consumed.
    NameStart,
    /// The name is over.
    NameEnd,
    /// A piece, never empty, of a name, a string or a number, as written.
    Text(&'a str),
    /// One character of a name or a string that could not be lent: it was escaped, or lay across a piece's edge.
    Char(char),
    /// An escaped surrogate without its other half: the grammar allows it, but it is no character.
    Unpaired(u16),
}
