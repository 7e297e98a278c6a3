//! Structured field values (RFC 9651), as much of them as rate-limit fields use: lists and dictionaries of items with
//! parameters, read in place. Knows the grammar and no field.
//!
//! A value that breaks the grammar anywhere is as good as absent (§4.2), so a caller uses what came before only after it has
//! seen the end. Inner lists and display strings are malformed here: no field that is read has them.

use super::digits::signed_number;
use crate::ascii;

/// An item without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare<'a> {
    /// A whole number of at most 15 digits (§3.3.1), as written.
    Integer(&'a [u8]),
    /// A string as written between its quotes, or a token (§3.3.3, §3.3.4).
    Text(&'a [u8]),
    /// A value of another kind.
    Other,
}

/// No count: no number has so many digits. An `Option` would be handed over in memory.
pub(super) const NO_COUNT: u64 = u64::MAX;

impl Bare<'_> {
    /// The number, if it is a whole one and not below zero; else [`NO_COUNT`].
    #[inline(never)]
    pub(super) fn count(self) -> u64 {
        match self {
            Self::Integer(number) => signed_number(number).map_or(NO_COUNT, |number| number.max(-1) as u64),
            Self::Text(_) | Self::Other => NO_COUNT,
        }
    }
}

/// An item of a list or dictionary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    /// Its name in a dictionary. Those of a list have none.
    pub(super) name: &'a [u8],
    pub(super) value: Bare<'a>,
    parameters: Reader<'a>,
}

impl<'a> Item<'a> {
    /// The parameter of that name. If there are several, the last one counts (§4.2.3.2).
    #[inline(never)]
    pub(super) fn parameter(&self, name: &[u8]) -> Option<Bare<'a>> {
        let (mut reader, mut found) = (self.parameters, None);
        while let Some((key, value)) = reader.parameter() {
            if key == name {
                found = Some(value);
            }
        }
        found
    }

    /// The parameter of that name, if it is a whole number and not below zero; else [`NO_COUNT`].
    #[inline(never)]
    pub(super) fn count(&self, name: &[u8]) -> u64 {
        self.parameter(name).map_or(NO_COUNT, Bare::count)
    }
}

/// The items of a list (§4.2.1), or the members of a dictionary (§4.2.2), which may stand on several lines (§4.2). There are no
/// more behind one that is malformed.
pub(super) struct Items<'l, 'a> {
    /// The lines that are not begun yet.
    lines: &'l [Option<&'a [u8]>],
    are_named: bool,
    reader: Reader<'a>,
    /// An item must come: at the start of a line that is not empty, and behind a comma.
    is_due: bool,
}

impl<'l, 'a> Items<'l, 'a> {
    /// Those of a list.
    pub(super) fn of_list(lines: &'l [Option<&'a [u8]>]) -> Self {
        Self { lines, are_named: false, reader: Reader::of(&[]), is_due: false }
    }

    /// Those of a dictionary.
    pub(super) fn of_dictionary(lines: &'l [Option<&'a [u8]>]) -> Self {
        Self { are_named: true, ..Self::of_list(lines) }
    }

    /// Whether what was read so far breaks the grammar.
    pub(super) fn are_malformed(&self) -> bool {
        self.reader.is_malformed
    }
}

impl<'a> Iterator for Items<'_, 'a> {
    type Item = Item<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Item<'a>> {
        while !self.is_due {
            let [Some(line), behind @ ..] = self.lines else { return None };
            self.lines = behind;
            self.reader = Reader::of(line);
            self.reader.pass_all(b" ");
            self.is_due = !self.reader.is_over();
        }
        let reader = &mut self.reader;
        let name = if self.are_named { reader.key() } else { &[] };
        // A name alone stands for true.
        let value = if !self.are_named || reader.pass(b'=') { reader.bare() } else { Bare::Other };
        let parameters = *reader;
        while reader.parameter().is_some() {}
        reader.pass_all(b" \t");
        self.is_due = reader.pass(b',');
        reader.pass_all(b" \t");
        // What is behind an item is a comma or nothing.
        reader.is_malformed |= !self.is_due && !reader.is_over();
        if reader.is_malformed {
            (self.is_due, self.lines) = (false, &[]);
            return None;
        }
        Some(Item { name, value, parameters })
    }
}

/// A value, how much of it was read, and whether what was read broke the grammar.
#[derive(Clone, Copy, Debug)]
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    is_malformed: bool,
}

impl<'a> Reader<'a> {
    const fn of(text: &'a [u8]) -> Self {
        Self { text, at: 0, is_malformed: false }
    }

    /// The next parameter, if one comes (§4.2.3.2).
    #[inline(never)]
    fn parameter(&mut self) -> Option<(&'a [u8], Bare<'a>)> {
        if self.is_malformed || !self.pass(b';') {
            return None;
        }
        self.pass_all(b" ");
        let key = self.key();
        Some((key, if self.pass(b'=') { self.bare() } else { Bare::Other }))
    }

    /// §4.2.3.3
    #[inline(never)]
    fn key(&mut self) -> &'a [u8] {
        let starts = matches!(self.next(), Some(b'*' | b'a'..=b'z'));
        let key = self.word(b"_-.*");
        self.is_malformed |= !starts || key.iter().any(u8::is_ascii_uppercase);
        key
    }

    /// §4.2.3.1
    #[inline(never)]
    fn bare(&mut self) -> Bare<'a> {
        match self.next() {
            Some(b'-' | b'0'..=b'9') => return self.number(),
            Some(b'*' | b'a'..=b'z' | b'A'..=b'Z') => return Bare::Text(self.word(b"!#$%&'*+-.^_`|~:/")),
            Some(b'"') => return self.string(),
            _ => {}
        }
        let is_sound = if self.pass(b':') {
            // What is in a byte sequence is not read (§4.2.7).
            self.word(b"+/=");
            self.pass(b':')
        } else if self.pass(b'?') {
            self.pass(b'0') || self.pass(b'1')
        } else {
            self.pass(b'@') && matches!(self.number(), Bare::Integer(_))
        };
        self.is_malformed |= !is_sound;
        Bare::Other
    }

    /// §4.2.4
    #[inline(never)]
    fn number(&mut self) -> Bare<'a> {
        let start = self.at;
        self.pass(b'-');
        let whole = self.digits();
        if self.pass(b'.') {
            let fraction = self.digits();
            self.is_malformed |= !matches!((whole.len(), fraction.len()), (1..=12, 1..=3));
            return Bare::Other;
        }
        self.is_malformed |= !matches!(whole.len(), 1..=15);
        Bare::Integer(self.since(start))
    }

    fn digits(&mut self) -> &'a [u8] {
        let start = self.at;
        self.pass_all(b"0123456789");
        self.since(start)
    }

    /// §4.2.5
    fn string(&mut self) -> Bare<'a> {
        self.pass(b'"');
        let start = self.at;
        loop {
            match self.next() {
                Some(b'"') => {
                    let text = self.since(start);
                    self.pass(b'"');
                    return Bare::Text(text);
                }
                Some(b'\\') => {
                    self.pass(b'\\');
                    self.is_malformed |= !matches!(self.next(), Some(b'"' | b'\\'));
                }
                Some(b' '..=b'~') => {}
                _ => {
                    self.is_malformed = true;
                    return Bare::Other;
                }
            }
            self.at = self.at.wrapping_add(1);
        }
    }

    fn next(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn is_over(&self) -> bool {
        self.at == self.text.len()
    }

    /// Passes this character of ASCII, if it comes.
    #[inline(never)]
    fn pass(&mut self, c: u8) -> bool {
        let comes = self.next() == Some(c);
        if comes {
            self.at = self.at.wrapping_add(1);
        }
        comes
    }

    /// All letters, digits and these marks that come.
    #[inline(never)]
    fn word(&mut self, marks: &[u8]) -> &'a [u8] {
        let start = self.at;
        while let Some(byte) = self.next()
            && ascii::is_alphanumeric_or(marks, byte)
        {
            self.at = self.at.wrapping_add(1);
        }
        self.since(start)
    }

    /// Passes all of these characters that come.
    #[inline(never)]
    fn pass_all(&mut self, such: &[u8]) {
        while let Some(byte) = self.next()
            && ascii::has(such, byte)
        {
            self.at = self.at.wrapping_add(1);
        }
    }

    /// What was read from there on.
    #[inline(never)]
    fn since(&self, start: usize) -> &'a [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[derive(Debug, PartialEq)]
    struct Malformed;

    fn values(value: &str) -> Result<Vec<Bare<'_>>, Malformed> {
        let lines = [Some(value.as_bytes())];
        let mut items = Items::of_list(&lines);
        let values = items.by_ref().map(|item| item.value).collect();
        if items.are_malformed() { Err(Malformed) } else { Ok(values) }
    }

    #[test]
    fn a_list_is_read_item_by_item() {
        let table = [
            ("", Ok(std::vec![])),
            ("  ", Ok(std::vec![])),
            (" 1 ", Ok(std::vec![Bare::Integer(b"1")])),
            ("-7,\t \"a\\\"b\" , x:y/z", {
                Ok(std::vec![Bare::Integer(b"-7"), Bare::Text(b"a\\\"b"), Bare::Text(b"x:y/z")])
            }),
            ("1.5, ?1, ?0, :YQ==:, @17", Ok(std::vec![Bare::Other; 5])),
            ("999999999999999", Ok(std::vec![Bare::Integer(b"999999999999999")])),
        ];
        for (value, expected) in table {
            assert_eq!(values(value), expected, "{value:?}");
        }
    }

    #[test]
    fn what_breaks_the_grammar_anywhere_is_malformed() {
        for value in [
            ",",
            "1,",
            "1,,2",
            "1 2",
            "-",
            "--1",
            "1.",
            "1.2345",
            "1234567890123.1",
            "1000000000000000",
            "\"a",
            "\"\\x\"",
            "\"é\"",
            "é",
            "?2",
            "@1.5",
            "@x",
            ":YQ",
            ":!:",
            "(1)",
            "%\"a\"",
            "1;",
            "1;A=2",
            "1;a=",
            "1;a=(2)",
            "=1",
            "+1",
        ] {
            assert_eq!(values(value), Err(Malformed), "{value:?}");
        }
    }

    #[test]
    fn a_parameter_is_found_by_its_name_and_the_last_one_counts() {
        let lines = [Some(&b"\"x\";r=1; t=-2;a;r=3;s=\"z\""[..])];
        let item = Items::of_list(&lines).next().unwrap();
        assert_eq!((item.value, item.count(b"r")), (Bare::Text(b"x"), 3));
        assert_eq!((item.count(b"t"), item.parameter(b"t")), (NO_COUNT, Some(Bare::Integer(b"-2"))));
        assert_eq!((item.parameter(b"a"), item.parameter(b"s")), (Some(Bare::Other), Some(Bare::Text(b"z"))));
        assert_eq!((item.parameter(b"b"), item.count(b"b")), (None, NO_COUNT));
    }

    #[test]
    fn a_dictionary_has_names() {
        let lines = [Some(&b"limit=100, remaining=50;x, reset"[..])];
        let read: Vec<_> = Items::of_dictionary(&lines).map(|item| (item.name, item.value)).collect();
        let expected = [
            (&b"limit"[..], Bare::Integer(b"100")),
            (b"remaining", Bare::Integer(b"50")),
            (b"reset", Bare::Other),
        ];
        assert_eq!(read, expected);
        let lines = [Some(&b"a=1, B=2"[..])];
        let mut members = Items::of_dictionary(&lines);
        assert_eq!((members.by_ref().count(), members.are_malformed()), (1, true));
    }

    #[test]
    fn a_list_may_stand_on_several_lines_and_one_that_is_malformed_ends_it() {
        let table: [(&[&str], &[&str], bool); 5] = [
            (&["1, 2", "3"], &["1", "2", "3"], false),
            (&["", " ", "3"], &["3"], false),
            (&["1,", "2"], &["1"], true),
            (&["1", "(2)", "3"], &["1"], true),
            (&["(1)", "2"], &[], true),
        ];
        for (lines, numbers, is_malformed) in table {
            let given: Vec<_> = lines.iter().map(|line| Some(line.as_bytes())).collect();
            let mut items = Items::of_list(&given);
            let read: Vec<_> = items.by_ref().map(|item| item.value).collect();
            let numbers: Vec<_> = numbers.iter().map(|number| Bare::Integer(number.as_bytes())).collect();
            assert_eq!(read, numbers, "{lines:?}");
            assert_eq!((items.are_malformed(), items.next().is_none()), (is_malformed, true), "{lines:?}");
        }
    }
}
