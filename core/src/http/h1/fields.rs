//! The field lines of a head that was found to be in order (RFC 9112 §5): names, values and where they stand. Only takes
//! apart; whatever is wrong with a line was refused before.

/// The field lines that are left, each ended by CR LF.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldLines<'a> {
    rest: &'a [u8],
    /// Where `rest` begins in the head.
    at: usize,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldLine<'a> {
    pub(super) name: &'a str,
    /// Without the whitespace around it.
    pub(super) value: &'a [u8],
    /// Where the line begins in the head.
    pub(super) at: usize,
}

impl<'a> FieldLines<'a> {
    /// Those of a head: all lines but the first and the empty one.
    pub(super) fn of(head: &'a [u8]) -> Self {
        let status_line = line_length(head);
        Self { rest: head.get(status_line..).unwrap_or_default(), at: status_line }
    }
}

impl<'a> Iterator for FieldLines<'a> {
    type Item = FieldLine<'a>;

    fn next(&mut self) -> Option<FieldLine<'a>> {
        let (line, rest) = self.rest.split_at_checked(line_length(self.rest))?;
        // The empty line has no colon, and is the last.
        let colon = line.iter().position(|&byte| byte == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        let name = core::str::from_utf8(name).ok()?;
        let field = FieldLine { name, value: trimmed(value.get(1..)?), at: self.at };
        self.at = self.at.saturating_add(line.len());
        self.rest = rest;
        Some(field)
    }
}

/// The length of the first line with what ends it.
fn line_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| end.saturating_add(1))
}

/// Without the whitespace, and the line's end, around it.
pub(super) fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = value {
        value = rest;
    }
    value
}
