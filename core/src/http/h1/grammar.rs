//! The grammar of a response (RFC 9112): a machine that looks at each byte once, other than the bytes of a body's data. It
//! refuses a byte as soon as it comes. What the bytes mean is `head`'s to judge, and how many there may be, the decoder's.
//!
//! | state | byte | leads to |
//! |---|---|---|
//! | `Beginning` | of `HTTP/1.1 200` (§2.3, §4) | `Beginning` |
//! | | space; CR, behind the status | `Reason`; `LineLf` |
//! | `Reason` | CR; any but a control character | `LineLf`; `Reason` |
//! | `LineLf` | LF | `LineStart` |
//! | `LineStart` | CR; a name's character (§5) | `LastLf`; `Name` |
//! | `Name` | a name's character; `:` | `Name`; `Value` |
//! | `Value`, `Unread` | CR; any but a control character | `LineLf`; itself |
//! | `LastLf` | LF | `Due`: lines are over, of a head or of a chunked body's trailers |
//! | `Size` | hexadecimal digit, at most 16 (§7.1) | `Size` |
//! | | whitespace, behind a digit | `Padding`: some servers write sizes of fixed width |
//! | | `;`, CR, behind a digit | `Extension`, `SizeLf` |
//! | `Padding` | whitespace; `;`; CR | `Padding`; `Extension`; `SizeLf` |
//! | `Extension` | CR; any but a control character | `SizeLf`; `Extension` |
//! | `SizeLf` | LF | `Chunk` |
//! | `ChunkCr`, `ChunkLf` | CR, LF | `ChunkLf`, `Size` |
//!
//! Any other byte is refused.

use super::error::Fault;
use crate::ascii::{TOKEN_MARKS, is_alphanumeric_or};

/// Where in a response the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// In the version and the status.
    Beginning,
    /// In the text behind the status.
    Reason,
    /// At the start of a field line, or of the empty line that ends them.
    LineStart,
    /// In a field's name.
    Name,
    /// In a field's value.
    Value,
    /// In the value of a field that nobody reads: the same to the grammar.
    Unread,
    /// Behind the CR of a line.
    LineLf,
    /// Behind the CR of the empty line.
    LastLf,
    /// In a chunk's size.
    Size,
    /// In whitespace behind the size.
    Padding,
    /// In the extensions behind the size.
    Extension,
    /// Behind the CR of the size's line.
    SizeLf,
    /// In a chunk's data.
    Chunk,
    /// Behind a chunk's data.
    ChunkCr,
    /// Behind the CR behind a chunk's data.
    ChunkLf,
    /// In a body that has a length.
    Length,
    /// In a body that ends with the connection.
    UntilClose,
    /// Behind the response, whose end was not told yet.
    Due,
    /// Behind the response.
    Over,
    /// Nowhere: the bytes are no response.
    Failed(Fault),
}

/// Where a head has the last digit of its version.
pub(super) const MINOR_AT: usize = 7;

/// Where it has its status.
pub(super) const STATUS_AT: usize = 9;

const SIZE_DIGITS_LIMIT: u8 = 16;

impl State {
    /// What one byte leads to, behind `seen` bytes of the beginning or digits of a chunk's size.
    pub(super) fn step(self, byte: u8, seen: u8) -> Result<Self, Fault> {
        let next = match byte {
            _ if self == Self::Beginning => return beginning(byte, seen),
            b'\r' => self.behind_cr(seen),
            b'\n' => self.behind_lf(),
            _ => self.behind(byte, seen),
        };
        next.ok_or_else(|| self.refusal(byte, seen))
    }

    fn behind_cr(self, seen: u8) -> Option<Self> {
        match self {
            Self::Reason | Self::Value | Self::Unread => Some(Self::LineLf),
            Self::LineStart => Some(Self::LastLf),
            // A line without a size is no last chunk: that would end a body that was cut there.
            Self::Size if seen == 0 => None,
            Self::Size | Self::Padding | Self::Extension => Some(Self::SizeLf),
            Self::ChunkCr => Some(Self::ChunkLf),
            _ => None,
        }
    }

    fn behind_lf(self) -> Option<Self> {
        match self {
            Self::LineLf => Some(Self::LineStart),
            Self::LastLf => Some(Self::Due),
            Self::SizeLf => Some(Self::Chunk),
            Self::ChunkLf => Some(Self::Size),
            _ => None,
        }
    }

    /// What a byte that ends no line leads to.
    fn behind(self, byte: u8, seen: u8) -> Option<Self> {
        match (self, byte) {
            (Self::Reason | Self::Value | Self::Unread | Self::Extension, _)
                if byte == b'\t' || !byte.is_ascii_control() =>
            {
                Some(self)
            }
            (Self::Name, b':') => Some(Self::Value),
            (Self::LineStart | Self::Name, _) if is_alphanumeric_or(TOKEN_MARKS, byte) => Some(Self::Name),
            (Self::Size, _) if byte.is_ascii_hexdigit() && seen < SIZE_DIGITS_LIMIT => Some(Self::Size),
            (Self::Size, _) if seen == 0 => None,
            (Self::Size | Self::Padding, b' ' | b'\t') => Some(Self::Padding),
            (Self::Size | Self::Padding, b';') => Some(Self::Extension),
            _ => None,
        }
    }

    /// What is wrong with a byte that leads nowhere.
    fn refusal(self, byte: u8, seen: u8) -> Fault {
        match (self, byte) {
            (Self::ChunkCr | Self::ChunkLf, _) => Fault::ChunkEnd,
            (Self::Size, _) if seen == 0 => Fault::ChunkSize,
            (_, b'\n') | (Self::LineLf | Self::LastLf | Self::SizeLf, _) => Fault::LineEnd,
            (Self::LineStart, b' ' | b'\t') => Fault::Folded,
            (Self::LineStart | Self::Name, _) => Fault::FieldName,
            (Self::Size | Self::Padding, _) => Fault::ChunkSize,
            (Self::Extension, _) => Fault::ChunkExtension,
            (Self::Reason, _) => Fault::StatusLine,
            _ => Fault::FieldValue,
        }
    }

    /// Whether a byte that led here behind the head is one that nobody reads and that a server could send without end.
    pub(super) fn is_skipped(self) -> bool {
        matches!(self, Self::Name | Self::Value | Self::LineLf | Self::Padding | Self::Extension)
    }
}

/// What one byte of the version and the status leads to, as in `HTTP/1.1 200`, or the byte behind them.
fn beginning(byte: u8, seen: u8) -> Result<State, Fault> {
    let fits = match seen {
        ..7 => b"HTTP/1.".get(usize::from(seen)) == Some(&byte),
        7 => matches!(byte, b'0' | b'1'),
        8 => byte == b' ',
        9 => matches!(byte, b'1'..=b'5'),
        10 | 11 => byte.is_ascii_digit(),
        _ => false,
    };
    match byte {
        _ if fits => Ok(State::Beginning),
        b' ' if seen == 12 => Ok(State::Reason),
        b'\r' if seen == 12 => Ok(State::LineLf),
        b'\n' if seen >= 7 => Err(Fault::LineEnd),
        _ if seen < 9 => Err(Fault::Version),
        _ => Err(Fault::StatusLine),
    }
}
