//! Finds the id of an item. The item was read as JSON before, so only its quotes and brackets are looked at, and within texts a
//! word of bytes at once.

use crate::fingerprint;

/// A fingerprint of the text or number that an object's member of this name holds, as it is written. The item was read as JSON
/// before, so only its quotes and brackets are looked at here. A name or an id in another spelling, with escapes, is another:
/// then an item may come twice, and none is lost.
#[inline(never)]
pub(super) fn id_of(item: &[u8], id: &str) -> Option<u64> {
    let (mut at, mut depth) = (0_usize, 0_usize);
    loop {
        let byte = item.get(at)?;
        at = at.wrapping_add(1);
        match byte {
            b'"' => {
                let end = closing_quote(item, at);
                let text = item.get(at..end)?;
                at = end.wrapping_add(1);
                if depth == 1
                    && text == id.as_bytes()
                    && let Some(value) = behind_space(item.get(at..)?).strip_prefix(b":")
                {
                    return text_or_number(behind_space(value)).map(fingerprint::of_line);
                }
            }
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// The text or number at the front, as it is written.
fn text_or_number(value: &[u8]) -> Option<&[u8]> {
    let length = match value.first()? {
        b'"' => closing_quote(value, 1).wrapping_add(1),
        b'-' | b'0'..=b'9' => {
            let goes_on = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
            value.iter().take_while(goes_on).count()
        }
        _ => return None,
    };
    value.get(..length)
}

fn behind_space(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\n' | b'\r' | b'\t', behind @ ..] = text {
        text = behind;
    }
    text
}

/// Where the text that begins at `start` has its closing quote.
fn closing_quote(item: &[u8], start: usize) -> usize {
    let mut at = start;
    loop {
        if let Some(word) = item.get(at..).and_then(|rest| rest.first_chunk()) {
            let ordinary = before_quote_or_backslash(word);
            at = at.wrapping_add(ordinary);
            if ordinary == word.len() {
                continue;
            }
        }
        match item.get(at) {
            Some(b'"') | None => return at,
            Some(b'\\') => at = at.wrapping_add(2),
            Some(_) => at = at.wrapping_add(1),
        }
    }
}

/// How many bytes of a word come before its first quote or backslash.
fn before_quote_or_backslash(word: &[u8; size_of::<usize>()]) -> usize {
    // The top bit of a byte marks it. A carry marks only bytes above one that is marked.
    const ONES: usize = usize::MAX / 0xFF;
    let word = usize::from_le_bytes(*word);
    let quotes = (word ^ ONES.wrapping_mul(0x22)).wrapping_sub(ONES);
    let backslashes = (word ^ ONES.wrapping_mul(0x5C)).wrapping_sub(ONES);
    let marks = (quotes | backslashes) & !word & (ONES << 7);
    usize::try_from(marks.trailing_zeros() >> 3).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::String, vec::Vec};

    #[test]
    fn an_id_is_the_member_of_that_name_and_no_other() {
        let of = |item: &str| id_of(item.as_bytes(), "id");
        let seven = of(r#"{"id":7}"#);
        assert!(seven.is_some());
        for item in [
            r#"{"a":{"id":8},"b":[{"id":9},"]"],"c":"id","id2":1,"id":7}"#,
            r#" {"x":null,"id":7} "#,
            "{ \"e\" : \"\\\\\", \"f\" :\t\"a\\\"b\" ,\n\"g\":-1.5e3 , \"id\" : 7 }",
            r#"{"":[],"h":{},"k":{"}":["{"]},"l":true,"id":7,"m":0}"#,
        ] {
            assert_eq!(of(item), seven, "{item}");
        }
        assert_ne!(of(r#"{"id":"7"}"#), seven, "a text is no number");
        assert_ne!(of(r#"{"id":"é"}"#), of(r#"{"id":"\u00e9"}"#), "as it is written");
        for item in ["7", "[]", "{}", r#"{"id":null}"#, r#"{"id":{}}"#, r#"{"ids":7}"#, r#"{"i":7}"#] {
            assert_eq!(of(item), None, "{item}");
        }
        // What is no JSON may be recalled, and says nothing or something.
        for item in ["", "{", "{\"", "{\"id", "{\"id\"", "{\"id\":", "{\"id\"7", "{\"a\":[", "{\"a\":\"\\"] {
            assert_eq!(of(item), None, "{item}");
        }
    }

    #[test]
    fn a_text_ends_at_its_first_quote_that_is_not_escaped() {
        let mut random = fastrand::Rng::with_seed(3);
        // Beside quotes and backslashes are their neighbours, what differs from them in one bit, and bytes of other characters.
        let bytes = b"\"\"\\\\aaaaaaaa!#[]\x02\x5D\xA2\xDC\xFF";
        for _ in 0..20_000 {
            let text: Vec<u8> =
                (0..random.usize(0..40)).map(|_| bytes[random.usize(0..bytes.len())]).collect();
            let start = random.usize(0..=text.len());
            let (mut is_escaped, mut expected) = (false, start);
            while let Some(byte) = text.get(expected)
                && (is_escaped || *byte != b'"')
            {
                is_escaped = *byte == b'\\' && !is_escaped;
                expected += 1;
            }
            // Behind the end there is no text: it may be passed by the byte that a last backslash escapes.
            let end = closing_quote(&text, start).min(text.len());
            assert_eq!(end, expected, "{} from {start}", text.escape_ascii());
        }
    }

    #[test]
    fn a_word_is_read_up_to_its_first_quote_or_backslash_and_past_all_else() {
        const WORD: usize = size_of::<usize>();
        for byte in 0..=u8::MAX {
            for at in 0..WORD {
                let mut word = [b'a'; WORD];
                word[at] = byte;
                let expected = if matches!(byte, b'"' | b'\\') { at } else { WORD };
                assert_eq!(before_quote_or_backslash(&word), expected, "{byte:#x} at {at}");
            }
        }
    }

    /// The same byte by byte.
    fn plainly(item: &[u8], name: &str) -> Option<u64> {
        let (mut at, mut depth) = (0, 0);
        while at < item.len() {
            match item[at] {
                b'"' => {
                    let begin = at;
                    at += 1;
                    while item[at] != b'"' {
                        at += if item[at] == b'\\' { 2 } else { 1 };
                    }
                    let behind = behind_space(&item[at + 1..]);
                    if depth == 1 && item[begin + 1..at] == *name.as_bytes() && behind.starts_with(b":") {
                        return text_or_number(behind_space(&behind[1..])).map(fingerprint::of_bytes);
                    }
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Some value, with texts that look like what is around them.
    fn value(random: &mut fastrand::Rng, depth: u8) -> String {
        let space = |random: &mut fastrand::Rng| ["", "", " ", "\n\t"][random.usize(0..4)];
        let text = |random: &mut fastrand::Rng| {
            const PARTS: [&str; 14] =
                ["id", "i", "d", "{", "}", "[", "]", ":", "\\\"", "\\\\", "\\u00e9", "é", "Y_y\u{7f}", " "];
            let parts = random.usize(0..6);
            format!("\"{}\"", (0..parts).map(|_| PARTS[random.usize(0..PARTS.len())]).collect::<String>())
        };
        let members = random.usize(0..6);
        match random.u8(0..if depth == 0 { 3 } else { 6 }) {
            0 => text(random),
            1 => format!("{}", random.i16(..)),
            2 => String::from(["null", "true", "1e-7", "\"id\""][random.usize(0..4)]),
            3 => {
                let elements = (0..members).map(|_| value(random, depth - 1)).collect::<Vec<_>>();
                format!("[{}]", elements.join(&format!("{},", space(random))))
            }
            _ => {
                let members = (0..members)
                    .map(|_| {
                        let name = if random.u8(0..3) == 0 { String::from("\"id\"") } else { text(random) };
                        let (before, behind) = (space(random), space(random));
                        format!("{name}{before}:{behind}{}", value(random, depth - 1))
                    })
                    .collect::<Vec<_>>();
                format!("{}{{{}}}", space(random), members.join(&format!(",{}", space(random))))
            }
        }
    }

    #[test]
    fn it_is_the_same_as_byte_by_byte() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut found = 0;
        for _ in 0..20_000 {
            let item = value(&mut random, 3);
            for name in ["id", "", "i", "\\\"", "é"] {
                let expected = plainly(item.as_bytes(), name);
                assert_eq!(id_of(item.as_bytes(), name), expected, "{name} in {item}");
                found += usize::from(expected.is_some());
            }
        }
        assert!(found > 1_000, "{found}");
    }
}
