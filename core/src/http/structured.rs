//! Structured field values (RFC 9651), as much of them as rate-limit fields use: lists and dictionaries of items with
//! parameters, read in place. Knows the grammar and no field.
//!
//! A value that breaks the grammar anywhere is as good as absent (§4.2), so a caller uses what came before only after it has
//! seen the end. Inner lists and display strings are malformed here: no field that is read has them.

use super::digits::whole_number;
use crate::ascii;

/// The value is no such list or dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// An item without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare<'a> {
    /// A whole number of at most 15 digits (§3.3.1).
    Integer(i64),
    /// A string as written between its quotes, or a token (§3.3.3, §3.3.4).
    Text(&'a [u8]),
    /// A value of another kind.
    Other,
}

/// An item of a list or dictionary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
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

    /// The parameter of that name, if it is a whole number and not below zero.
    pub(super) fn count(&self, name: &[u8]) -> Option<u64> {
        match self.parameter(name) {
            Some(Bare::Integer(number)) => u64::try_from(number).ok(),
            Some(Bare::Text(_) | Bare::Other) | None => None,
        }
    }
}

/// The items of a list (§4.2.1).
pub(super) fn list(value: &[u8]) -> List<'_> {
    List(Members::new(value))
}

/// The names and items of a dictionary (§4.2.2).
pub(super) fn dictionary(value: &[u8]) -> Dictionary<'_> {
    Dictionary(Members::new(value))
}

/// See [`list`].
pub(super) struct List<'a>(Members<'a>);

/// See [`dictionary`].
pub(super) struct Dictionary<'a>(Members<'a>);

impl<'a> Iterator for List<'a> {
    type Item = Result<Item<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next(false)?.map(|(_, item)| item))
    }
}

impl<'a> Iterator for Dictionary<'a> {
    type Item = Result<(&'a [u8], Item<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next(true)
    }
}

/// What has commas between its members.
struct Members<'a> {
    rest: Reader<'a>,
    /// A member must come: at the start of a value that is not empty, and behind a comma.
    is_due: bool,
}

impl<'a> Members<'a> {
    fn new(value: &'a [u8]) -> Self {
        let mut rest = Reader { text: value, at: 0, is_malformed: false };
        rest.pass_all(b" ");
        Self { is_due: !rest.is_over(), rest }
    }

    /// The next member. Those of a list have no names.
    #[inline(never)]
    fn next(&mut self, is_named: bool) -> Option<Result<(&'a [u8], Item<'a>), Malformed>> {
        if !self.is_due {
            return None;
        }
        let rest = &mut self.rest;
        let name = if is_named { rest.key() } else { &[] };
        // A name alone stands for true.
        let value = if !is_named || rest.pass(b'=') { rest.bare() } else { Bare::Other };
        let parameters = *rest;
        while rest.parameter().is_some() {}
        rest.pass_all(b" \t");
        self.is_due = rest.pass(b',');
        rest.pass_all(b" \t");
        // What is behind a member is a comma or nothing.
        if rest.is_malformed || !self.is_due && !rest.is_over() {
            self.is_due = false;
            return Some(Err(Malformed));
        }
        Some(Ok((name, Item { value, parameters })))
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
    fn key(&mut self) -> &'a [u8] {
        let start = self.at;
        self.is_malformed |= !matches!(self.next(), Some(b'*' | b'a'..=b'z'));
        while let Some(byte) = self.next()
            && !byte.is_ascii_uppercase()
            && ascii::is_alphanumeric_or(b"_-.*", byte)
        {
            self.at = self.at.wrapping_add(1);
        }
        self.since(start)
    }

    /// §4.2.3.1
    #[inline(never)]
    fn bare(&mut self) -> Bare<'a> {
        let start = self.at;
        match self.next() {
            Some(b'-' | b'0'..=b'9') => return self.number(),
            Some(b'*' | b'a'..=b'z' | b'A'..=b'Z') => {
                while let Some(byte) = self.next()
                    && (ascii::is_alphanumeric_or(ascii::TOKEN_MARKS, byte) || matches!(byte, b':' | b'/'))
                {
                    self.at = self.at.wrapping_add(1);
                }
                return Bare::Text(self.since(start));
            }
            Some(b'"') => return self.string(),
            Some(b':') => {
                // What is in a byte sequence is not read (§4.2.7).
                self.pass(b':');
                while let Some(byte) = self.next()
                    && ascii::is_alphanumeric_or(b"+/=", byte)
                {
                    self.at = self.at.wrapping_add(1);
                }
                self.is_malformed |= !self.pass(b':');
            }
            Some(b'?') => {
                self.pass(b'?');
                self.is_malformed |= !self.pass(b'0') && !self.pass(b'1');
            }
            Some(b'@') => {
                self.pass(b'@');
                self.is_malformed |= !matches!(self.number(), Bare::Integer(_));
            }
            _ => self.is_malformed = true,
        }
        Bare::Other
    }

    /// §4.2.4
    #[inline(never)]
    fn number(&mut self) -> Bare<'a> {
        let is_below_zero = self.pass(b'-');
        let whole = self.digits();
        if self.pass(b'.') {
            let fraction = self.digits();
            self.is_malformed |= !matches!((whole.len(), fraction.len()), (1..=12, 1..=3));
            return Bare::Other;
        }
        self.is_malformed |= !matches!(whole.len(), 1..=15);
        let size = whole_number(whole).unwrap_or_default() as i64;
        Bare::Integer(if is_below_zero { size.wrapping_neg() } else { size })
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
        while let Some(byte) = self.next() {
            match byte {
                b'"' => {
                    let text = self.since(start);
                    self.pass(b'"');
                    return Bare::Text(text);
                }
                b'\\' => {
                    self.pass(b'\\');
                    if !matches!(self.next(), Some(b'"' | b'\\')) {
                        break;
                    }
                }
                b' '..=b'~' => {}
                _ => break,
            }
            self.at = self.at.wrapping_add(1);
        }
        self.is_malformed = true;
        Bare::Other
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

    /// Passes all of these characters that come.
    #[inline(never)]
    fn pass_all(&mut self, such: &[u8]) {
        while let Some(byte) = self.next()
            && such.contains(&byte)
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

    fn values(value: &str) -> Result<Vec<Bare<'_>>, Malformed> {
        list(value.as_bytes()).map(|item| item.map(|item| item.value)).collect()
    }

    #[test]
    fn a_list_is_read_item_by_item() {
        let table = [
            ("", Ok(std::vec![])),
            ("  ", Ok(std::vec![])),
            (" 1 ", Ok(std::vec![Bare::Integer(1)])),
            ("-7,\t \"a\\\"b\" , x:y/z", {
                Ok(std::vec![Bare::Integer(-7), Bare::Text(b"a\\\"b"), Bare::Text(b"x:y/z")])
            }),
            ("1.5, ?1, ?0, :YQ==:, @17", Ok(std::vec![Bare::Other; 5])),
            ("999999999999999", Ok(std::vec![Bare::Integer(999_999_999_999_999)])),
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
        let item = list(b"\"x\";r=1; t=-2;a;r=3;s=\"z\"").next().unwrap().unwrap();
        assert_eq!((item.value, item.count(b"r")), (Bare::Text(b"x"), Some(3)));
        assert_eq!((item.count(b"t"), item.parameter(b"t")), (None, Some(Bare::Integer(-2))));
        assert_eq!((item.parameter(b"a"), item.parameter(b"s")), (Some(Bare::Other), Some(Bare::Text(b"z"))));
        assert_eq!(item.parameter(b"b"), None);
    }

    #[test]
    fn a_dictionary_has_names() {
        let read: Vec<_> = dictionary(b"limit=100, remaining=50;x, reset")
            .map(|member| member.map(|(name, item)| (name, item.value)))
            .collect();
        let expected =
            [(&b"limit"[..], Bare::Integer(100)), (b"remaining", Bare::Integer(50)), (b"reset", Bare::Other)];
        assert_eq!(read, expected.map(Ok));
        assert!(dictionary(b"a=1, B=2").any(|member| member.is_err()));
    }
}
