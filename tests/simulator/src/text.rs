//! JSON strings (RFC 8259 section 7): a given text as a string, and made-up ones that hold what clients get wrong, every
//! escape and every plane of Unicode.

use std::fmt::Write as _;

use crate::random::Random;

/// A text as a JSON string, with its quotes; only what must be escaped is.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\u{0}'..='\u{1F}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// A UUID whose last part is `index`, so that [`uuid_index`] finds it again.
pub(crate) fn uuid(random: &mut Random, index: u64) -> String {
    let bits = random.next();
    let (time, clock) = (random.next() >> 32, bits & 0x3FFF | 0x8000);
    format!(
        "{time:08x}-{:04x}-4{:03x}-{clock:04x}-{:012x}",
        bits >> 48,
        bits >> 32 & 0xFFF,
        index & 0xFFFF_FFFF_FFFF
    )
}

/// The index that a UUID was made with.
pub(crate) fn uuid_index(uuid: &str) -> Option<u64> {
    let (_, last) = uuid.rsplit_once('-')?;
    u64::from_str_radix(last, 16).ok()
}

/// A number that stands for a text, the same in every run (FNV-1a).
pub(crate) fn number_of(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// A title of a few words, some with letters and signs that need care.
pub(crate) fn title(random: &mut Random) -> String {
    let count = random.between(1, 4);
    (0..count).map(|_| random.pick(&WORDS)).collect::<Vec<_>>().join(" ")
}

const WORDS: [&str; 16] = [
    "On",
    "Roasts",
    "Harbour",
    "tide",
    "GATE",
    "größe",
    "Þingvellir",
    "名前",
    "🌊",
    "\"quoted\"",
    "back\\slash",
    "a/b",
    "R&D",
    "<b>",
    "tab\there",
    "],}",
];

/// A JSON string of at most `room` bytes or so, its quotes included.
pub(crate) fn push_string(random: &mut Random, room: usize, text: &mut String) {
    let most = room.saturating_sub(2).min((room / 8).max(60));
    let end = text.len() + 1 + random.below(most as u64 + 1) as usize;
    text.push('"');
    while text.len() < end {
        push_character(random, text);
    }
    text.push('"');
}

/// One character in one of the forms that RFC 8259 section 7 allows for it.
fn push_character(random: &mut Random, text: &mut String) {
    match random.below(100) {
        0..60 => match random.between(0x20, 0x7F) as u8 {
            plain @ (b'"' | b'\\') => text.extend(['\\', char::from(plain)]),
            plain => text.push(char::from(plain)),
        },
        60..68 => text.push_str(random.pick(&["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"])),
        68..74 => push_escaped(random, 0x0000, 0xFFFF, text),
        74..78 => push_escaped(random, 0x1_0000, 0x10_FFFF, text),
        78..85 => text.push(scalar(random, 0x80, 0x7FF)),
        85..93 => text.push(scalar(random, 0x800, 0xFFFF)),
        _ => text.push(scalar(random, 0x1_0000, 0x10_FFFF)),
    }
}

/// A character as `\uXXXX`, or as a pair of them beyond the first plane.
fn push_escaped(random: &mut Random, low: u64, high: u64, text: &mut String) {
    let mut units = [0; 2];
    let upper = random.below(2) == 0;
    for unit in scalar(random, low, high).encode_utf16(&mut units) {
        text.push_str(&if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") });
    }
}

fn scalar(random: &mut Random, low: u64, high: u64) -> char {
    loop {
        if let Some(found) = char::from_u32(random.between(low, high) as u32) {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_read_back_as_it_was() {
        for text in ["", "plain", "\"so\"", "a\\b", "\0\t\r\n\u{1f}\u{7f}", "größe 名前 🌊", "</a>"] {
            assert_eq!(serde_json::from_str::<String>(&quoted(text)).expect("a JSON string"), text);
        }
    }

    #[test]
    fn a_uuid_tells_its_index() {
        for index in [0, 1, 999, 1 << 40] {
            let made = uuid(&mut Random::of(&[index]), index);
            assert_eq!((made.len(), uuid_index(&made)), (36, Some(index)), "{made}");
        }
        assert_eq!((uuid_index("x"), uuid_index("a-")), (None, None));
    }

    #[test]
    fn made_up_strings_are_json() {
        let mut random = Random::of(&[11]);
        for _ in 0..2_000 {
            let mut text = String::new();
            push_string(&mut random, 200, &mut text);
            serde_json::from_str::<String>(&text).expect("a JSON string");
        }
    }
}
