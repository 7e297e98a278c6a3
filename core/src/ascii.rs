//! Texts that are cut at characters of ASCII, byte by byte. The patterns of `str` do it for all characters, and take far more of a
//! device.

/// Where the first such byte is, or the end.
#[inline(never)]
pub(crate) fn find(text: &[u8], byte: u8) -> usize {
    text.iter().position(|own| *own == byte).unwrap_or(text.len())
}

/// Whether there is such a byte. What `contains` brings for that looks at several bytes at a time, and is eight times as large.
pub(crate) fn has(text: &[u8], byte: u8) -> bool {
    find(text, byte) < text.len()
}

/// What stands before the first such byte, and what behind it. `None` if there is none.
#[inline(never)]
pub(crate) fn split_once(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let (before, [_, behind @ ..]) = text.split_at_checked(find(text, at))? else { return None };
    Some((before, behind))
}

/// What stands before the first such byte, or all.
pub(crate) fn before(text: &[u8], at: u8) -> &[u8] {
    text.get(..find(text, at)).unwrap_or_default()
}

/// The members of a list: what stands between commas, without the space around it (RFC 9110 §5.6.1). One more than there are commas.
pub(crate) fn members(list: &[u8]) -> Members<'_> {
    Members(Some(list))
}

/// See [`members`].
pub(crate) struct Members<'t>(Option<&'t [u8]>);

impl<'t> Iterator for Members<'t> {
    type Item = &'t [u8];

    #[inline(never)]
    fn next(&mut self) -> Option<&'t [u8]> {
        let rest = self.0?;
        let (member, behind) = match split_once(rest, b',') {
            Some((member, behind)) => (member, Some(behind)),
            None => (rest, None),
        };
        self.0 = behind;
        Some(trimmed(member))
    }
}

/// The text without the spaces, tabs and line ends around it.
#[inline(never)]
pub(crate) fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] | [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = text {
        text = rest;
    }
    text
}

/// Whether two texts differ in nothing but the case of letters of ASCII.
#[inline(never)]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether it is a letter, a digit or one of these marks.
#[inline(never)]
pub(crate) fn is_alphanumeric_or(marks: &[u8], byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || has(marks, byte)
}

/// The marks that may stand in a token beside letters and digits (RFC 9110 §5.6.2).
pub(crate) const TOKEN_MARKS: &[u8] = b"!#$%&'*+-.^_`|~";

/// Which of the words a word is, without case. The words are in one text, with spaces between them: a table of few bytes.
#[inline(never)]
pub(crate) fn place(words: &str, word: &[u8]) -> Option<usize> {
    let (mut rest, mut place) = (words.as_bytes(), 0_usize);
    while !rest.is_empty() {
        let end = find(rest, b' ');
        if is_same(rest.get(..end).unwrap_or_default(), word) {
            return Some(place);
        }
        rest = rest.get(end.wrapping_add(1)..).unwrap_or_default();
        place = place.wrapping_add(1);
    }
    None
}

/// The number with one more digit behind it, unless the character is none or the number has more than 64 bits.
#[inline(never)]
pub(crate) fn with_digit(number: u64, digit: char) -> Option<u64> {
    let digit = digit.to_digit(10)?;
    if number > u64::MAX / 10 { None } else { number.wrapping_mul(10).checked_add(digit.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_text_is_cut_as_the_standard_library_cuts_it() {
        for text in ["", ",", "a", "a,b", ",a,,é,", "é", " a b ", "\t , \t", "a\r\n"] {
            let bytes = text.as_bytes();
            let cut = text.split_once(',').map(|(before, behind)| (before.as_bytes(), behind.as_bytes()));
            assert_eq!(split_once(bytes, b','), cut, "{text:?}");
            let parts: Vec<_> = text.split(',').collect();
            assert_eq!(before(bytes, b','), parts[0].as_bytes(), "{text:?}");
            let trim = |text: &'static str| text.trim_matches([' ', '\t', '\r', '\n']).as_bytes();
            assert!(members(bytes).eq(parts.into_iter().map(trim)), "{text:?}");
            assert_eq!(trimmed(bytes), trim(text), "{text:?}");
        }
    }

    #[test]
    fn a_word_is_one_of_several_if_it_is_the_whole_of_one() {
        for word in ["", "a", "ab", "abc", "ABC", "abcd", "b", "bc", "cd", "d", "c", "abc d", "d "] {
            let expected = "ab abc d".split(' ').position(|one| one.eq_ignore_ascii_case(word));
            assert_eq!(place("ab abc d", word.as_bytes()), expected, "{word:?}");
        }
        assert_eq!(place("", b""), None);
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
