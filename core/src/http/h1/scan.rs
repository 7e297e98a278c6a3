//! Where a head ends (RFC 9112 §2.1): a machine of a few states that looks at each byte once, so that a head that comes
//! byte by byte costs no more than one that comes whole, and is parsed once. It refuses at once what cannot become a head:
//! an answer in another protocol, a line that does not end in CR LF, a folded line. The rest is `head`'s to judge.

use super::H1ErrorKind;

/// Where in a head the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// In what every head begins with, after so many bytes of it.
    Version(u8),
    /// In a line.
    Line,
    /// Behind the CR of a line.
    LineLf,
    /// At the start of a field line, or of the empty line that ends the head.
    LineStart,
    /// Behind the CR of the empty line.
    EndLf,
    /// Behind the head.
    Over,
}

/// How every response of a version that is understood begins. The digit behind it is `head`'s to judge.
const BEGINNING: &[u8] = b"HTTP/1.";

impl Scan {
    pub(super) const START: Self = Self::Version(0);

    /// What one byte leads to.
    pub(super) fn step(self, byte: u8) -> Result<Self, H1ErrorKind> {
        match (self, byte) {
            (Self::Version(seen), _) => match BEGINNING.get(usize::from(seen)) {
                Some(expected) if *expected == byte => Ok(Self::Version(seen.saturating_add(1))),
                Some(_) => Err(H1ErrorKind::Version),
                None => Self::Line.step(byte),
            },
            (Self::LineStart, b'\r') => Ok(Self::EndLf),
            (Self::LineStart, b' ' | b'\t') => Err(H1ErrorKind::Folded),
            (Self::Line, b'\r') => Ok(Self::LineLf),
            (Self::Line | Self::LineStart, b'\n') => Err(H1ErrorKind::LineEnd),
            (Self::Line | Self::LineStart, _) => Ok(Self::Line),
            (Self::LineLf, b'\n') => Ok(Self::LineStart),
            (Self::EndLf, b'\n') => Ok(Self::Over),
            (Self::LineLf | Self::EndLf, _) => Err(H1ErrorKind::LineEnd),
            (Self::Over, _) => Ok(Self::Over),
        }
    }
}
