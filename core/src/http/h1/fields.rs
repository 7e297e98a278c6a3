//! The field lines of a head that was found to be in order (RFC 9112 §5): names and values. Only takes apart; whatever is
//! wrong with a line was refused before.

/// The field lines that are left, each ended by CR LF.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldLines<'a>(&'a [u8]);

/// One of them: its name, and its value without the whitespace around it.
pub(super) type FieldLine<'a> = (&'a str, &'a [u8]);

impl<'a> FieldLines<'a> {
    /// Those of a head: all lines but the first and the empty one.
    pub(super) fn of(head: &'a [u8]) -> Self {
        Self(split_behind(head, b'\n').1)
    }
}

impl<'a> Iterator for FieldLines<'a> {
    type Item = FieldLine<'a>;

    fn next(&mut self) -> Option<FieldLine<'a>> {
        let (line, rest) = split_behind(self.0, b'\n');
        self.0 = rest;
        let (name, value) = field(line);
        // The empty line has no name.
        Some((core::str::from_utf8(name).ok().filter(|name| !name.is_empty())?, value))
    }
}

/// Name and value of a line.
pub(super) fn field(line: &[u8]) -> (&[u8], &[u8]) {
    let (name, value) = split_behind(line, b':');
    (name.strip_suffix(b":").unwrap_or_default(), trimmed(value))
}

/// What stands up to the first such byte, that byte included, and what behind it.
#[inline(never)]
fn split_behind(bytes: &[u8], end: u8) -> (&[u8], &[u8]) {
    let length = bytes.iter().position(|&byte| byte == end).map_or(bytes.len(), |at| at.wrapping_add(1));
    bytes.split_at_checked(length).unwrap_or((bytes, &[]))
}

/// Without the whitespace, and the line's end, around it.
#[inline(never)]
pub(super) fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = value {
        value = rest;
    }
    value
}
