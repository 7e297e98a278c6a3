//! The chunked transfer coding as a state machine (RFC 9112 §7.1). Looks at all bytes but a chunk's data; what becomes of
//! them is the decoder's matter, and so is how many there may be.
//!
//! | state | byte | leads to |
//! |---|---|---|
//! | `Size` | hexadecimal digit, at most 16 | `Size` |
//! | | whitespace, behind a digit | `Padding`: some servers write sizes of fixed width |
//! | | `;`, CR, behind a digit | `Extension`, `SizeLf` |
//! | `Padding` | whitespace; `;`; CR | `Padding`; `Extension`; `SizeLf` |
//! | `Extension` | CR; any but a control character | `SizeLf`; `Extension` |
//! | `SizeLf` | LF | `Data`, or `Trailers` if the size is 0 |
//! | `Data` | as many as the size says | `DataCr` |
//! | `DataCr`, `DataLf` | CR, LF | `DataLf`, `Size` |
//! | `Trailers` | | as `lines` says |
//!
//! Any other byte is refused.

use super::H1ErrorKind;
use super::lines::{Lines, is_control};

/// Where in a chunked body the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunked {
    /// In a chunk's size, behind so many digits.
    Size { size: u64, digits: u8 },
    /// In whitespace behind the size.
    Padding { size: u64 },
    /// In the extensions behind the size.
    Extension { size: u64 },
    /// Behind the CR of the size's line.
    SizeLf { size: u64 },
    /// In a chunk's data, of which so many bytes, never none, are left.
    Data { left: u64 },
    /// Behind a chunk's data.
    DataCr,
    /// Behind the CR behind a chunk's data.
    DataLf,
    /// In the trailers, or behind them, where the body is over.
    Trailers(Lines),
}

const DIGITS_LIMIT: u8 = 16;

impl Chunked {
    pub(super) const START: Self = Self::Size { size: 0, digits: 0 };

    /// What one byte that is no data leads to.
    pub(super) fn step(self, byte: u8) -> Result<Self, H1ErrorKind> {
        match (self, byte) {
            (Self::Size { size, digits }, _) => match (hex_value(byte), byte) {
                (Some(value), _) if digits < DIGITS_LIMIT => Ok(Self::Size {
                    size: size.saturating_mul(16).saturating_add(value),
                    digits: digits.saturating_add(1),
                }),
                (None, b' ' | b'\t' | b';' | b'\r' | b'\n') if digits > 0 => {
                    Self::Padding { size }.step(byte)
                }
                // A line without a size is no last chunk: that would end a body that was cut there.
                _ => Err(H1ErrorKind::ChunkSize),
            },
            (Self::Padding { size }, b' ' | b'\t') => Ok(Self::Padding { size }),
            (Self::Padding { size }, b';') => Ok(Self::Extension { size }),
            (Self::Padding { size } | Self::Extension { size }, b'\r') => Ok(Self::SizeLf { size }),
            (Self::Padding { .. } | Self::Extension { .. }, b'\n') => Err(H1ErrorKind::LineEnd),
            (Self::Padding { .. }, _) => Err(H1ErrorKind::ChunkSize),
            (Self::Extension { .. }, _) if is_control(byte) => Err(H1ErrorKind::ChunkExtension),
            (Self::Extension { size }, _) => Ok(Self::Extension { size }),
            (Self::SizeLf { size: 0 }, b'\n') => Ok(Self::Trailers(Lines::Start)),
            (Self::SizeLf { size }, b'\n') => Ok(Self::Data { left: size }),
            (Self::Data { .. }, _) => Ok(self),
            (Self::DataCr, b'\r') => Ok(Self::DataLf),
            (Self::DataLf, b'\n') => Ok(Self::START),
            (Self::DataCr | Self::DataLf, _) => Err(H1ErrorKind::ChunkEnd),
            (Self::SizeLf { .. }, _) => Err(H1ErrorKind::LineEnd),
            (Self::Trailers(lines), _) => lines.step(byte).map(Self::Trailers),
        }
    }

    /// Whether the byte that led here is one that nobody reads and that a server could send without end.
    pub(super) fn is_skipping(self) -> bool {
        match self {
            Self::Padding { .. } | Self::Extension { .. } => true,
            Self::Trailers(lines) => matches!(lines, Lines::Name | Lines::Value | Lines::Lf),
            Self::Size { .. } | Self::SizeLf { .. } => false,
            Self::Data { .. } | Self::DataCr | Self::DataLf => false,
        }
    }
}

fn hex_value(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}
