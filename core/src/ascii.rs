//! Texts that are cut at characters of ASCII. The patterns of `str` do it for all characters, and take far more of a device.

/// What stands before the first such character, and what behind it. `None` if there is none.
#[inline(never)]
pub(crate) fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    let (before, rest) = text.split_at_checked(place)?;
    Some((before, rest.get(1..)?))
}

/// What stands before the first such character, or all.
pub(crate) fn before(text: &str, at: u8) -> &str {
    split_once(text, at).map_or(text, |(before, _)| before)
}

/// The parts between such characters: one more than there are of them.
pub(crate) fn split(text: &str, at: u8) -> Split<'_> {
    Split { rest: Some(text), at }
}

/// See [`split`].
#[derive(Clone)]
pub(crate) struct Split<'t> {
    rest: Option<&'t str>,
    at: u8,
}

impl<'t> Iterator for Split<'t> {
    type Item = &'t str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest?;
        let (part, behind) = match split_once(rest, self.at) {
            Some((part, behind)) => (part, Some(behind)),
            None => (rest, None),
        };
        self.rest = behind;
        Some(part)
    }
}

/// The text without the spaces and tabs around it.
#[inline(never)]
pub(crate) fn trimmed(text: &str) -> &str {
    let mut rest = text.as_bytes();
    while let [b' ' | b'\t', behind @ ..] = rest {
        rest = behind;
    }
    let start = text.len().saturating_sub(rest.len());
    while let [before @ .., b' ' | b'\t'] = rest {
        rest = before;
    }
    text.get(start..start.saturating_add(rest.len())).unwrap_or_default()
}

/// Whether two texts differ in nothing but the case of letters of ASCII.
#[inline(never)]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether it is a letter, a digit or one of these marks.
#[inline(never)]
pub(crate) fn is_alphanumeric_or(marks: &[u8], byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || marks.contains(&byte)
}

/// The marks that may stand in a token beside letters and digits (RFC 9110 §5.6.2).
pub(crate) const TOKEN_MARKS: &[u8] = b"!#$%&'*+-.^_`|~";

/// Whether a word is one of those that are in the text, with spaces between them.
#[inline(never)]
pub(crate) fn has_word(words: &str, word: &[u8]) -> bool {
    let mut rest = words.as_bytes();
    while !rest.is_empty() {
        if let Some([] | [b' ', ..]) = rest.strip_prefix(word) {
            return true;
        }
        // On to the next one.
        while let [byte, behind @ ..] = rest {
            rest = behind;
            if *byte == b' ' {
                break;
            }
        }
    }
    false
}

/// The number with one more digit behind it, unless the character is none or the number has more than 64 bits.
#[inline(never)]
pub(crate) fn with_digit(number: u64, digit: char) -> Option<u64> {
    number.checked_mul(10)?.checked_add(digit.to_digit(10)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_text_is_cut_as_the_standard_library_cuts_it() {
        for text in ["", ",", "a", "a,b", ",a,,é,", "é", " a b ", "\t , \t"] {
            assert_eq!(split_once(text, b','), text.split_once(','), "{text:?}");
            assert_eq!(before(text, b','), text.split(',').next().unwrap(), "{text:?}");
            assert_eq!(
                split(text, b',').collect::<Vec<_>>(),
                text.split(',').collect::<Vec<_>>(),
                "{text:?}"
            );
            assert_eq!(trimmed(text), text.trim_matches([' ', '\t']), "{text:?}");
        }
    }

    #[test]
    fn a_word_is_one_of_several_if_it_is_the_whole_of_one() {
        for word in ["", "a", "ab", "abc", "abcd", "b", "bc", "cd", "d", "c"] {
            let expected = "ab abc d".split(' ').any(|one| one == word);
            assert_eq!(has_word("ab abc d", word.as_bytes()), expected, "{word:?}");
        }
        assert!(!has_word("", b""));
    }

    #[test]
    fn a_digit_is_added_as_long_as_there_is_room() {
        for (number, digit, expected) in [
            (0, '7', Some(7)),
            (7, '0', Some(70)),
            (u64::MAX / 10, '5', Some(u64::MAX)),
            (u64::MAX / 10, '6', None),
            (u64::MAX, '0', None),
            (1, '-', None),
            (1, 'a', None),
            (1, '٣', None),
        ] {
            assert_eq!(with_digit(number, digit), expected, "{number} and {digit}");
        }
    }
}
