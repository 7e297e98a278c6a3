//! The grammar of a head (RFC 9112 §2.1, §4): a machine that looks at each byte once, so a head that comes byte by byte costs
//! no more than one that comes whole. It refuses a byte as soon as it comes; what the head then says is `head`'s to judge.

use super::H1ErrorKind;
use super::limits::FIELDS_LIMIT;
use super::lines::Lines;

/// Where in a head the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// In the version and the status, behind so many bytes of them.
    Beginning(u8),
    /// In the lines, behind so many whole ones. The text behind the status is written as a field's value is.
    Lines(Lines, u8),
}

/// Where a head has the last digit of its version.
pub(super) const MINOR_AT: usize = 7;

/// Where it has its status.
pub(super) const STATUS_AT: usize = 9;

impl Scan {
    pub(super) const START: Self = Self::Beginning(0);

    /// Behind the head.
    pub(super) const fn is_over(self) -> bool {
        matches!(self, Self::Lines(Lines::Over, _))
    }

    /// What one byte leads to.
    #[inline(never)]
    pub(super) fn step(self, byte: u8) -> Result<Self, H1ErrorKind> {
        match self {
            Self::Beginning(seen) => beginning(seen, byte),
            Self::Lines(lines, whole) => match (lines.step(byte), whole) {
                // Only the status line came before the first field.
                (Ok(Lines::Start), _) if usize::from(whole) > FIELDS_LIMIT => Err(H1ErrorKind::TooManyFields),
                (Ok(Lines::Start), _) => Ok(Self::Lines(Lines::Start, whole.saturating_add(1))),
                (Ok(next), _) => Ok(Self::Lines(next, whole)),
                (Err(H1ErrorKind::FieldValue), 0) => Err(H1ErrorKind::StatusLine),
                (Err(kind), _) => Err(kind),
            },
        }
    }
}

/// What one byte of the version and the status leads to, as in `HTTP/1.1 200`, or the byte behind them.
fn beginning(seen: u8, byte: u8) -> Result<Scan, H1ErrorKind> {
    let next = Ok(Scan::Beginning(seen.saturating_add(1)));
    match (seen, byte) {
        (0..7, _) if b"HTTP/1.".get(usize::from(seen)) == Some(&byte) => next,
        (7, b'0' | b'1') | (8, b' ') | (9, b'1'..=b'5') | (10 | 11, b'0'..=b'9') => next,
        (12, b' ' | b'\r') => Lines::Value.step(byte).map(|lines| Scan::Lines(lines, 0)),
        (7.., b'\n') => Err(H1ErrorKind::LineEnd),
        (..9, _) => Err(H1ErrorKind::Version),
        _ => Err(H1ErrorKind::StatusLine),
    }
}
