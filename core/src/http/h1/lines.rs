//! Field lines up to the empty line behind them, as a head has them (RFC 9112 §5) and a chunked body as trailers (§7.1.2): a
//! machine of a few states that looks at each byte once.
//!
//! | state | byte | leads to |
//! |---|---|---|
//! | `Start` | CR; a name's character | `EndLf`; `Name` |
//! | `Name` | a name's character; `:` | `Name`; `Value` |
//! | `Value` | CR; any but a control character | `Lf`; `Value` |
//! | `Lf` | LF | `Start` |
//! | `EndLf` | LF | `Over` |
//!
//! Any other byte is refused.

use super::H1ErrorKind;

/// Where in the lines the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// At the start of a line, or of the empty line that ends them.
    Start,
    /// In a name.
    Name,
    /// In a value.
    Value,
    /// Behind the CR of a line.
    Lf,
    /// Behind the CR of the empty line.
    EndLf,
    /// Behind the empty line.
    Over,
}

impl Lines {
    /// What one byte leads to.
    #[inline(never)]
    pub(super) fn step(self, byte: u8) -> Result<Self, H1ErrorKind> {
        match (self, byte) {
            (Self::Start | Self::Name | Self::Value, b'\n') => Err(H1ErrorKind::LineEnd),
            (Self::Start, b'\r') => Ok(Self::EndLf),
            (Self::Start, b' ' | b'\t') => Err(H1ErrorKind::Folded),
            (Self::Name, b':') => Ok(Self::Value),
            (Self::Start | Self::Name, _) if is_name(byte) => Ok(Self::Name),
            (Self::Start | Self::Name, _) => Err(H1ErrorKind::FieldName),
            (Self::Value, b'\r') => Ok(Self::Lf),
            (Self::Value, _) if is_control(byte) => Err(H1ErrorKind::FieldValue),
            (Self::Value, _) => Ok(Self::Value),
            (Self::Lf, b'\n') => Ok(Self::Start),
            (Self::EndLf, b'\n') => Ok(Self::Over),
            (Self::Lf | Self::EndLf, _) => Err(H1ErrorKind::LineEnd),
            (Self::Over, _) => Ok(Self::Over),
        }
    }
}

/// A control character other than the tab.
pub(super) fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

/// A character of a field's name (RFC 9110 §5.6.2).
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
