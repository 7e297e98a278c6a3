//! Structured field values (RFC 9651), as much of them as rate-limit fields use: lists and dictionaries of items with
//! parameters, read in place. Knows the grammar and no field.
//!
//! A value that breaks the grammar anywhere is as good as absent (§4.2), so a caller uses what came before only after it has
//! seen the end. Inner lists and display strings are malformed here: no field that is read has them.

use super::digits::whole_number;

/// The value is no such list or dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// An item without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare<'a> {
    /// A whole number of at most 15 digits (§3.3.1).
    Integer(i64),
    /// A string as written between its quotes, or a token (§3.3.3, §3.3.4).
    Text(&'a str),
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
    pub(super) fn parameter(&self, name: &str) -> Option<Bare<'a>> {
        let (mut reader, mut found) = (self.parameters, None);
        while let Ok(Some((key, value))) = reader.parameter() {
            if key == name {
                found = Some(value);
            }
        }
        found
    }

    /// The parameter of that name, if it is a whole number and not below zero.
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        match self.parameter(name) {
            Some(Bare::Integer(number)) => u64::try_from(number).ok(),
            Some(Bare::Text(_) | Bare::Other) | None => None,
        }
    }
}

/// The items of a list (§4.2.1).
pub(super) fn list(value: &str) -> List<'_> {
    List(Members::new(value))
}

/// The names and items of a dictionary (§4.2.2).
pub(super) fn dictionary(value: &str) -> Dictionary<'_> {
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
    type Item = Result<(&'a str, Item<'a>), Malformed>;

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
    fn new(value: &'a str) -> Self {
        let mut rest = Reader(value);
        rest.take_while(|byte| byte == b' ');
        Self { rest, is_due: !rest.0.is_empty() }
    }

    /// The next member. Those of a list have no names.
    fn next(&mut self, is_named: bool) -> Option<Result<(&'a str, Item<'a>), Malformed>> {
        if !self.is_due {
            return None;
        }
        self.is_due = false;
        Some(self.member(is_named))
    }

    fn member(&mut self, is_named: bool) -> Result<(&'a str, Item<'a>), Malformed> {
        let name = if is_named { self.rest.key()? } else { "" };
        // A name alone stands for true.
        let value = if !is_named || self.rest.pass(b'=') { self.rest.bare()? } else { Bare::Other };
        let item = self.rest.with_parameters(value)?;
        self.rest.pass_spaces();
        self.is_due = self.rest.pass(b',');
        self.rest.pass_spaces();
        // What is behind a member is a comma or nothing.
        if !self.is_due && !self.rest.0.is_empty() {
            return Err(Malformed);
        }
        Ok((name, item))
    }
}

/// What is still to be read.
#[derive(Clone, Copy, Debug)]
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    /// §4.2.3.2
    fn with_parameters(&mut self, value: Bare<'a>) -> Result<Item<'a>, Malformed> {
        let parameters = *self;
        while self.parameter()?.is_some() {}
        Ok(Item { value, parameters })
    }

    /// The next parameter, if one comes (§4.2.3.2).
    fn parameter(&mut self) -> Result<Option<(&'a str, Bare<'a>)>, Malformed> {
        if !self.pass(b';') {
            return Ok(None);
        }
        self.take_while(|byte| byte == b' ');
        let key = self.key()?;
        let value = if self.pass(b'=') { self.bare()? } else { Bare::Other };
        Ok(Some((key, value)))
    }

    /// §4.2.3.3
    fn key(&mut self) -> Result<&'a str, Malformed> {
        if !self.0.starts_with(|c: char| c.is_ascii_lowercase() || c == '*') {
            return Err(Malformed);
        }
        Ok(self.take_while(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.' | b'*')
        }))
    }

    /// §4.2.3.1
    fn bare(&mut self) -> Result<Bare<'a>, Malformed> {
        match self.0.as_bytes() {
            [b'-' | b'0'..=b'9', ..] => self.number(),
            [b'"', ..] => self.string(),
            [b'*' | b'a'..=b'z' | b'A'..=b'Z', ..] => {
                Ok(Bare::Text(self.take_while(|byte| is_token(byte) || matches!(byte, b':' | b'/'))))
            }
            [b':', ..] => self.byte_sequence(),
            [b'?', b'0' | b'1', ..] => {
                self.0 = self.0.get(2..).unwrap_or_default();
                Ok(Bare::Other)
            }
            [b'@', b'-' | b'0'..=b'9', ..] => {
                self.pass(b'@');
                match self.number()? {
                    Bare::Integer(_) => Ok(Bare::Other),
                    Bare::Text(_) | Bare::Other => Err(Malformed),
                }
            }
            _ => Err(Malformed),
        }
    }

    /// §4.2.4
    fn number(&mut self) -> Result<Bare<'a>, Malformed> {
        let is_below_zero = self.pass(b'-');
        let whole = self.take_while(|byte| byte.is_ascii_digit());
        if self.pass(b'.') {
            let fraction = self.take_while(|byte| byte.is_ascii_digit());
            let is_right = (1..=12).contains(&whole.len()) && (1..=3).contains(&fraction.len());
            return if is_right { Ok(Bare::Other) } else { Err(Malformed) };
        }
        let size = whole_number(whole).and_then(|size| i64::try_from(size).ok()).ok_or(Malformed)?;
        let number = if is_below_zero { size.saturating_neg() } else { size };
        if whole.len() <= 15 { Ok(Bare::Integer(number)) } else { Err(Malformed) }
    }

    /// §4.2.5
    fn string(&mut self) -> Result<Bare<'a>, Malformed> {
        self.pass(b'"');
        let text = self.0;
        loop {
            self.take_while(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
            if self.pass(b'"') {
                let len = text.len().saturating_sub(self.0.len()).saturating_sub(1);
                return text.get(..len).map(Bare::Text).ok_or(Malformed);
            }
            if !(self.pass(b'\\') && (self.pass(b'"') || self.pass(b'\\'))) {
                return Err(Malformed);
            }
        }
    }

    /// §4.2.7. What is in it is not read.
    fn byte_sequence(&mut self) -> Result<Bare<'a>, Malformed> {
        self.pass(b':');
        self.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        if self.pass(b':') { Ok(Bare::Other) } else { Err(Malformed) }
    }

    /// Passes this character of ASCII, if it comes.
    #[inline(never)]
    fn pass(&mut self, c: u8) -> bool {
        let comes = self.0.as_bytes().first() == Some(&c);
        if comes {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        comes
    }

    /// Optional whitespace (RFC 9110 §5.6.3).
    fn pass_spaces(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t'));
    }

    #[inline(never)]
    fn take_while(&mut self, is_such: fn(u8) -> bool) -> &'a str {
        let len = self.0.bytes().position(|byte| !is_such(byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(len).unwrap_or((self.0, ""));
        self.0 = rest;
        taken
    }
}

/// RFC 9110 §5.6.2
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn values(value: &str) -> Result<Vec<Bare<'_>>, Malformed> {
        list(value).map(|item| item.map(|item| item.value)).collect()
    }

    #[test]
    fn a_list_is_read_item_by_item() {
        let table = [
            ("", Ok(std::vec![])),
            ("  ", Ok(std::vec![])),
            (" 1 ", Ok(std::vec![Bare::Integer(1)])),
            ("-7,\t \"a\\\"b\" , x:y/z", {
                Ok(std::vec![Bare::Integer(-7), Bare::Text("a\\\"b"), Bare::Text("x:y/z")])
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
        let item = list("\"x\";r=1; t=-2;a;r=3;s=\"z\"").next().unwrap().unwrap();
        assert_eq!((item.value, item.count("r")), (Bare::Text("x"), Some(3)));
        assert_eq!((item.count("t"), item.parameter("t")), (None, Some(Bare::Integer(-2))));
        assert_eq!((item.parameter("a"), item.parameter("s")), (Some(Bare::Other), Some(Bare::Text("z"))));
        assert_eq!(item.parameter("b"), None);
    }

    #[test]
    fn a_dictionary_has_names() {
        let read: Vec<_> = dictionary("limit=100, remaining=50;x, reset")
            .map(|member| member.map(|(name, item)| (name, item.value)))
            .collect();
        let expected =
            [("limit", Bare::Integer(100)), ("remaining", Bare::Integer(50)), ("reset", Bare::Other)];
        assert_eq!(read, expected.map(Ok));
        assert!(dictionary("a=1, B=2").any(|member| member.is_err()));
    }
}
