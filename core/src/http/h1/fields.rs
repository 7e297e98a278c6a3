//! The field lines of a head that was found to be in order (RFC 9112 §5): names and values. Only takes apart; whatever is
//! wrong with a line was refused before.

use crate::ascii;

/// The field lines that are left, each ended by CR LF.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldLines<'a>(&'a [u8]);

/// One of them: its name, and its value without the whitespace around it.
pub(super) type FieldLine<'a> = (&'a str, &'a [u8]);

impl<'a> FieldLines<'a> {
    /// Those of a head: all lines but the first and the empty one.
    pub(super) fn of(head: &'a [u8]) -> Self {
        Self(ascii::split_once(head, b'\n').map_or(&[], |(_, lines)| lines))
    }
}

impl<'a> Iterator for FieldLines<'a> {
    type Item = FieldLine<'a>;

    fn next(&mut self) -> Option<FieldLine<'a>> {
        let (line, rest) = ascii::split_once(self.0, b'\n')?;
        self.0 = rest;
        let (name, value) = field(line)?;
        Some((core::str::from_utf8(name).ok()?, value))
    }
}

/// Name and value of a line. The empty line has none.
pub(super) fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, value) = ascii::split_once(line, b':')?;
    Some((name, ascii::trimmed(value)))
}
