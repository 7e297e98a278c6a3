//! The grammar of a response (RFC 9112): a machine that looks at each byte once, other than the bytes of a body's data. It
//! refuses a byte as soon as it comes. What the bytes mean is `head`'s to judge, and how many there may be, the decoder's.
//!
//! In the state [`State::Beginning`] come the bytes of `HTTP/1.1 200` (§2.3, §4), and behind them a space or CR. Where each other
//! byte leads to, the table [`RULES`] says; what it does not say is refused.

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
    /// Behind the CR of a line.
    LineLf,
    /// In the value of a field that nobody reads: the same to the grammar.
    Unread,
    /// Behind the CR of its line.
    UnreadLf,
    /// Behind the CR of the empty line.
    LastLf,
    /// At the start of a chunk's size.
    SizeStart,
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
}

/// The lowest and the highest byte at each place of a head's beginning.
const BEGINNING: [[u8; 2]; 12] =
    [*b"HH", *b"TT", *b"TT", *b"PP", *b"//", *b"11", *b"..", *b"01", *b"  ", *b"15", *b"09", *b"09"];

/// Where a head has the last digit of its version.
pub(super) const MINOR_AT: usize = 7;

/// Where it has its status.
pub(super) const STATUS_AT: usize = 9;

// Classes of bytes. A byte may be of several.
const CR: u8 = 1;
const LF: u8 = 2;
const SPACE: u8 = 4;
const COLON: u8 = 8;
const SEMICOLON: u8 = 16;
const HEX_DIGIT: u8 = 32;
/// May stand in a name.
const TOKEN: u8 = 64;
/// Any but a control character; a tab is none here.
const TEXT: u8 = 128;

/// In a state, a byte of such a class leads to that state. The first that fits counts.
const RULES: [(State, u8, State); 26] = [
    (State::Reason, CR, State::LineLf),
    (State::Reason, TEXT, State::Reason),
    (State::LineLf, LF, State::LineStart),
    // A field line (§5), or the end of the fields: of a head, or of a chunked body's trailers.
    (State::LineStart, CR, State::LastLf),
    (State::LineStart, TOKEN, State::Name),
    (State::Name, COLON, State::Value),
    (State::Name, TOKEN, State::Name),
    (State::Value, CR, State::LineLf),
    (State::Value, TEXT, State::Value),
    (State::Unread, CR, State::UnreadLf),
    (State::Unread, TEXT, State::Unread),
    (State::UnreadLf, LF, State::LineStart),
    (State::LastLf, LF, State::Due),
    // A chunk (§7.1). A line without a size is no last chunk: that would end a body that was cut there. Some servers write
    // sizes of fixed width, and spaces behind them.
    (State::SizeStart, HEX_DIGIT, State::Size),
    (State::Size, HEX_DIGIT, State::Size),
    (State::Size, SPACE, State::Padding),
    (State::Size, SEMICOLON, State::Extension),
    (State::Size, CR, State::SizeLf),
    (State::Padding, SPACE, State::Padding),
    (State::Padding, SEMICOLON, State::Extension),
    (State::Padding, CR, State::SizeLf),
    (State::Extension, CR, State::SizeLf),
    (State::Extension, TEXT, State::Extension),
    (State::SizeLf, LF, State::Chunk),
    (State::ChunkCr, CR, State::ChunkLf),
    (State::ChunkLf, LF, State::SizeStart),
];

/// The classes that a byte is of.
fn classes(byte: u8) -> u8 {
    let itself = match byte {
        b'\r' => return CR,
        b'\n' => return LF,
        b'\t' | b' ' => SPACE,
        b':' => COLON,
        b';' => SEMICOLON,
        _ if byte.is_ascii_control() => return 0,
        _ if byte.is_ascii_hexdigit() => HEX_DIGIT | TOKEN,
        _ if is_alphanumeric_or(TOKEN_MARKS, byte) => TOKEN,
        _ => 0,
    };
    itself | TEXT
}

impl State {
    /// What one byte leads to, behind `seen` bytes of the beginning.
    #[inline(never)]
    pub(super) fn step(self, byte: u8, seen: u8) -> Result<Self, Fault> {
        if self == Self::Beginning {
            return beginning(byte, seen);
        }
        let classes = classes(byte);
        for (from, such, to) in &RULES {
            if *from == self && such & classes != 0 {
                return Ok(*to);
            }
        }
        Err(self.refusal(byte))
    }

    /// What is wrong with a byte that leads nowhere.
    fn refusal(self, byte: u8) -> Fault {
        match (self, byte) {
            (Self::ChunkCr | Self::ChunkLf, _) => Fault::ChunkEnd,
            (Self::SizeStart, _) => Fault::ChunkSize,
            (_, b'\n') | (Self::LineLf | Self::UnreadLf | Self::LastLf | Self::SizeLf, _) => Fault::LineEnd,
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

/// What one byte of the version and the status leads to, or the byte behind them.
fn beginning(byte: u8, seen: u8) -> Result<State, Fault> {
    match (BEGINNING.get(usize::from(seen)), byte) {
        (Some([lowest, highest]), _) if *lowest <= byte && byte <= *highest => Ok(State::Beginning),
        (None, b' ') => Ok(State::Reason),
        (None, b'\r') => Ok(State::LineLf),
        (_, b'\n') if usize::from(seen) >= MINOR_AT => Err(Fault::LineEnd),
        _ if usize::from(seen) < STATUS_AT => Err(Fault::Version),
        _ => Err(Fault::StatusLine),
    }
}
