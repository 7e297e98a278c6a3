//! A credential that cannot be printed, and that is found in what others write. Only a request to the configured origin
//! holds one. A server may quote what it was sent, so every text of a server is searched before it is shown: for the
//! credential in each form in which requests carry it. It is a search in constant memory that takes about as long as key
//! and text are long together.

use crate::ascii;
use crate::text::Text;
use core::fmt;

/// A credential, borrowed from the caller. Its `Debug` form shows nothing of it, and it has no `Display`.
#[derive(Clone, Copy)]
pub struct Secret<'a>(&'a str);

impl<'a> Secret<'a> {
    /// Takes a credential that can be sent in a header field: visible ASCII and nothing else. It has no space, so the scheme
    /// before it is never a part of it.
    ///
    /// # Errors
    ///
    /// Names the place of the first character that cannot be sent, and nothing of the secret itself.
    pub const fn new(secret: &'a str) -> Result<Self, SecretError> {
        let mut rest = secret.as_bytes();
        if rest.is_empty() {
            return Err(SecretError::Empty);
        }
        while let [byte, after @ ..] = rest {
            if !byte.is_ascii_graphic() {
                return Err(SecretError::Unsendable { offset: secret.len().saturating_sub(rest.len()) });
            }
            rest = after;
        }
        Ok(Self(secret))
    }

    /// The secret itself, to be written into a header field.
    pub const fn expose(&self) -> &'a str {
        self.0
    }
}

/// A text tells nothing by fewer characters of a key than these, unless the key is shorter.
const RUN: usize = 8;

/// A key shorter than this is looked for as a whole word only: as a part of words it would be in every text.
const SHORTEST: usize = 4;

/// The beginning of a key at the very end of a text is withheld from this length on: a text is often cut short.
const BEGINNING: usize = 6;

impl<'a> Secret<'a> {
    /// Stands for a secret that nobody remembers: any text may quote it.
    pub(crate) const IN_EVERYTHING: Self = Secret("");

    /// The key: of `user:key` (RFC 7617 §2) what follows the first colon. Where less than four characters follow it, the colon
    /// separates nothing, and all is the key.
    fn key(&self) -> &'a str {
        match ascii::split_once(self.0, b':') {
            Some((_, key)) if key.len() >= SHORTEST => key,
            _ => self.0,
        }
    }

    /// Whether a text that somebody else wrote quotes the secret: eight characters in a row of it, or all of it if it is
    /// shorter. Found in any form in which it is sent, and in any letter case: as it is, percent-encoded, and in Base64
    /// of either alphabet (RFC 4648 §4, §5), wherever it stands in what was encoded. Of `user:key` the key is a secret, and so
    /// is the user if it has eight characters: a shorter one may be any word of a message.
    ///
    /// A key of less than four characters is found only as it is, and only as a whole word.
    pub fn is_in(&self, text: &str) -> bool {
        self.is_in_bytes(text.as_bytes())
    }

    #[inline(never)]
    fn is_in_bytes(&self, text: &[u8]) -> bool {
        let key = self.key().as_bytes();
        if key.is_empty() {
            return true;
        }
        if key.len() < SHORTEST {
            return is_word_in(key, text);
        }
        is_cut_short_in(key, text) || is_sent_in(key, text, RUN) || self.has_user_in(text)
    }

    /// Whether the text quotes the user of `user:key`.
    fn has_user_in(&self, text: &[u8]) -> bool {
        let user = self.0.len().checked_sub(self.key().len().saturating_add(1));
        match user.and_then(|end| self.0.as_bytes().get(..end)) {
            // A shorter one may be any word of a message.
            Some(user) if user.len() >= RUN => is_sent_in(user, text, RUN),
            _ => false,
        }
    }

    /// Whether a text holds all of the secret, in any of those forms. Texts that may well share a part with it, such as
    /// the header of a JSON Web Token, are judged by this.
    pub fn is_whole_in(&self, text: &str) -> bool {
        is_sent_in(self.key().as_bytes(), text.as_bytes(), usize::MAX)
    }
}

/// Whether the text ends in the key's beginning.
fn is_cut_short_in(key: &[u8], text: &[u8]) -> bool {
    (BEGINNING..RUN).any(|len| {
        let tail = text.len().checked_sub(len).and_then(|at| text.get(at..));
        key.get(..len).zip(tail).is_some_and(|(beginning, tail)| tail.eq_ignore_ascii_case(beginning))
    })
}

/// Whether the text has the key as a word: with no letter or digit on either side.
fn is_word_in(key: &[u8], text: &[u8]) -> bool {
    let is_edge = |byte: Option<&u8>| !byte.is_some_and(u8::is_ascii_alphanumeric);
    let mut starts = 0..text.len();
    starts.any(|start| {
        let (before, rest) = text.split_at_checked(start).unwrap_or_default();
        rest.split_at_checked(key.len()).is_some_and(|(word, behind)| {
            word.eq_ignore_ascii_case(key) && is_edge(before.last()) && is_edge(behind.first())
        })
    })
}

/// Whether `need` characters in a row of some form of the key, or all of them if there are fewer, are in the text.
#[inline(never)]
fn is_sent_in(key: &[u8], text: &[u8], need: usize) -> bool {
    let forms =
        [Form::AsItIs, Form::Base64 { skipped: 0 }, Form::Base64 { skipped: 4 }, Form::Base64 { skipped: 2 }];
    [Reading::AsItIs, Reading::PercentDecoded].into_iter().any(|reading| {
        let is_other = reading == Reading::AsItIs || text.contains(&b'%');
        is_other && forms.into_iter().any(|form| Search { key, form, text, reading }.finds(need))
    })
}

/// A form of the key.
#[derive(Clone, Copy)]
enum Form {
    AsItIs,
    /// Groups of six bits. What stands before the key decides where a group begins: at its first bit, or after the four
    /// or two bits that share a group with what stands before.
    Base64 {
        skipped: usize,
    },
}

impl Form {
    /// How many characters of this form the key alone decides.
    fn length(self, key: &[u8]) -> usize {
        match self {
            Self::AsItIs => key.len(),
            Self::Base64 { skipped } => key.len().saturating_mul(8).saturating_sub(skipped) / 6,
        }
    }

    /// The character at that place, folded.
    fn at(self, key: &[u8], at: usize) -> u8 {
        let byte = |at: usize| key.get(at).copied().unwrap_or(0);
        match self {
            Self::AsItIs => folded(byte(at)),
            Self::Base64 { skipped } => {
                let bit = at.saturating_mul(6).saturating_add(skipped);
                let first = bit / 8;
                let pair = u16::from_be_bytes([byte(first), byte(first.saturating_add(1))]);
                match (pair << (bit % 8) >> 10) as u8 {
                    letter @ 0..26 => b'a'.saturating_add(letter),
                    letter @ 26..52 => b'a'.saturating_add(letter.saturating_sub(26)),
                    digit @ 52..62 => b'0'.saturating_add(digit.saturating_sub(52)),
                    62 => b'+',
                    _ => b'/',
                }
            }
        }
    }
}

/// How the bytes of a text are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    AsItIs,
    /// Each `%` with two hexadecimal digits is the byte that they name.
    PercentDecoded,
}

/// Letters in lower case, and the two characters in which the alphabets of Base64 differ as one.
fn folded(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        _ => byte.to_ascii_lowercase(),
    }
}

/// One form of the key, looked for in one reading of a text.
#[derive(Clone, Copy)]
struct Search<'s> {
    key: &'s [u8],
    form: Form,
    text: &'s [u8],
    reading: Reading,
}

/// Which of the text's runs there may be, by a hash, in so many words: without it, a token of a gateway is compared with
/// every place of a long text. A device has short texts and few bytes of code to spend.
const RUNS: usize = if HAS_RUNS { 256 } else { 0 };
const HAS_RUNS: bool = cfg!(feature = "large");

/// Up to eight characters in a row.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Run(u64);

impl Run {
    /// The run that ends one character later. `mask` has the bits of as many characters as a run has.
    fn then(self, byte: u8, mask: u64) -> Self {
        Self((self.0 << 8 | u64::from(byte)) & mask)
    }

    /// The word and the bit in it that stand for this run.
    fn bit(self) -> (usize, u32) {
        // Fibonacci hashing: the upper bits of a product with 2^32 over the golden ratio.
        let hash = ((self.0 >> 32) as u32 ^ self.0 as u32).wrapping_mul(0x9e37_79b9) >> 16;
        ((hash >> 5) as usize & RUNS.saturating_sub(1), 1 << (hash & 31))
    }
}

impl Search<'_> {
    #[inline(never)]
    fn finds(&self, need: usize) -> bool {
        let length = self.form.length(self.key);
        let need = need.min(length);
        let width = need.min(RUN);
        if width == 0 {
            return false;
        }
        let mask = u64::MAX >> RUN.saturating_sub(width).saturating_mul(8);
        let mut runs = [0_u32; RUNS];
        if HAS_RUNS {
            self.any_run(width, mask, |run, _| {
                let (word, bit) = run.bit();
                if let Some(word) = runs.get_mut(word) {
                    *word |= bit;
                }
                false
            });
        }
        // Behind each run of the key enough of it must follow.
        let ends = width..=length.saturating_sub(need).saturating_add(width);
        let mut run = Run(0);
        for end in 1..=*ends.end() {
            run = run.then(self.form.at(self.key, end.saturating_sub(1)), mask);
            let (word, bit) = run.bit();
            let may_be = !HAS_RUNS || runs.get(word).is_some_and(|word| word & bit != 0);
            if may_be && ends.contains(&end) {
                let last = end.saturating_sub(width).saturating_add(need);
                if self.any_run(width, mask, |there, rest| there == run && self.goes_on(end..last, rest)) {
                    return true;
                }
            }
        }
        false
    }

    /// Whether these characters of the key come next in the text.
    fn goes_on(&self, mut characters: core::ops::Range<usize>, mut rest: usize) -> bool {
        characters.all(|at| match self.read(rest) {
            Some((byte, behind)) => {
                rest = behind;
                byte == self.form.at(self.key, at)
            }
            None => false,
        })
    }

    /// Goes over the runs of the text, each with where the text goes on behind it, until one will do.
    fn any_run(&self, width: usize, mask: u64, mut will_do: impl FnMut(Run, usize) -> bool) -> bool {
        let (mut run, mut read, mut at) = (Run(0), 0_usize, 0);
        while let Some((byte, behind)) = self.read(at) {
            (run, read, at) = (run.then(byte, mask), read.saturating_add(1), behind);
            if read >= width && will_do(run, at) {
                return true;
            }
        }
        false
    }

    /// The character of the text at that byte, folded, and where the next one is.
    fn read(&self, at: usize) -> Option<(u8, usize)> {
        let digit = |at: usize| self.text.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        let (second, third, fourth) = (at.saturating_add(1), at.saturating_add(2), at.saturating_add(3));
        let byte = *self.text.get(at)?;
        if let (b'%', Reading::PercentDecoded, Some(high), Some(low)) =
            (byte, self.reading, digit(second), digit(third))
        {
            return Some((folded((high << 4 | low) as u8), fourth));
        }
        Some((folded(byte), second))
    }
}

#[inline(never)]
fn is_any_in(secrets: &[Secret<'_>], text: &[u8]) -> bool {
    secrets.iter().any(|secret| secret.is_in_bytes(text))
}

impl<const N: usize> Text<N> {
    /// Puts a note in the place of a text that quotes one of these secrets.
    pub(crate) fn withhold(&mut self, secrets: &[Secret<'_>]) {
        if is_any_in(secrets, self.as_bytes()) {
            *self = Self::new("(withheld)");
        }
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A credential that cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// There is none.
    Empty,
    /// It has a character that cannot be sent in a header field.
    Unsendable {
        /// The byte where that character is.
        offset: usize,
    },
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the credential is empty"),
            Self::Unsendable { offset } => write!(
                f,
                "the credential has a character at byte {offset} that cannot be sent: remove spaces and line ends"
            ),
        }
    }
}

impl core::error::Error for SecretError {}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;
    use std::format;
    use std::string::String;

    #[test]
    fn a_secret_cannot_be_printed() {
        let secret = Secret::new("hunter2").unwrap();
        assert!(!format!("{secret:?}").contains("hunter2"));
    }

    fn secret(text: &str) -> Secret<'_> {
        Secret::new(text).unwrap()
    }

    #[test]
    fn a_secret_is_found_in_what_others_write() {
        for text in [
            "hunter22",
            "the key hunter22 is revoked",
            "xhunter22x",
            "HUNTER22",
            "Hunter22",
            "é%hunter22",
            "%68unter22",
            "%68%75%6E%74%65%72%32%32",
            "%68%75%6e%74%65%72%32%32",
            "cut short: hunter",
            "hunter",
            "cut short: hunter2",
        ] {
            assert!(secret("hunter22").is_in(text), "{text}");
        }
        for text in
            ["", "hunte", "hunters", "the key is revoked", "é", "hunter2 ", "hunter 22", "%", "%6", "%zz"]
        {
            assert!(!secret("hunter22").is_in(text), "{text}");
        }
    }

    #[test]
    fn eight_characters_in_a_row_of_a_longer_secret_are_enough() {
        let key = secret("k3y-that/nobody+may=see");
        for text in [
            "k3y-that",
            "key ...nobody+m...",
            "y+may=see",
            "nobody%2Bmay%3Dsee",
            "nobody%2bmay%3dsee",
            "K3Y-THAT%2FNOBODY",
        ] {
            assert!(key.is_in(text), "{text}");
        }
        for text in ["k3y-tha and y+may=s", "nobody may see that key", "k3y-t*******see"] {
            assert!(!key.is_in(text), "{text}");
        }
    }

    #[test]
    fn each_part_of_a_credential_is_a_secret() {
        let table = [
            ("administrator:0123456789abcdef", "no user administrator", true),
            ("administrator:0123456789abcdef", "no administrat", true),
            ("administrator:0123456789abcdef", "no such key", false),
            ("administrator:0123456789abcdef", "administrator:0123", true),
            ("administrator:0123456789abcdef", "the key 0123456789abcdef has expired", true),
            ("administrator:0123456789abcdef", "the key 89ABCDEF has expired", true),
            ("administrator:0123456789abcdef", "administrator:0123456789abcdef", true),
            ("administrator:0123456789abcdef", "administrator%3A0123456789abcdef", true),
            ("admin:s3cr3t", "wrong: s3cr3t", true),
            ("admin:s3cr3t", "wrong: S3CR3T!", true),
            ("admin:s3cr3t", "no admin of that name", false),
            ("user:part:part", "part:part", true),
            // Nothing is separated here, so all of it is secret.
            ("0123456789:", "0123456789", true),
            ("0123456789:abc", "456789:a", true),
        ];
        for (credential, text, is_in) in table {
            assert_eq!(secret(credential).is_in(text), is_in, "{credential} in {text}");
        }
    }

    #[test]
    fn a_secret_in_base64_is_found_wherever_it_stands_in_what_was_encoded() {
        // `user:` and so on before the key, as Basic authentication has it (RFC 7617 §2).
        for text in [
            "Basic dTprM3ktb2YtdGhlLXByb2plY3Q=",
            "Basic dXM6azN5LW9mLXRoZS1wcm9qZWN0",
            "Basic dXNlOmszeS1vZi10aGUtcHJvamVjdA==",
            "Basic DXNLOMSZES1VZI10AGUTCHJVAMVJDA==",
            "azN5LW9mLXRoZS1wcm9qZWN0",
            "...LXRoZS1wcm9...",
            "authorization=Basic%20dXNlOmszeS1vZi10aGUtcHJvamVjdA%3D%3D",
        ] {
            assert!(secret("k3y-of-the-project").is_in(text), "{text}");
            assert!(secret("use:k3y-of-the-project").is_in(text), "{text}");
        }
        // Both alphabets: base64 of `>>>???>>>` is `Pj4+Pz8/Pj4+`.
        for text in ["Pj4+Pz8/Pj4+", "Pj4-Pz8_Pj4-", "Pj4%2BPz8%2fPj4%2B"] {
            assert!(secret(">>>???>>>").is_in(text), "{text}");
        }
        assert!(!secret("k3y-of-the-project").is_in("Basic dXNlcjphbm90aGVyIHBhc3N3b3Jk"));
    }

    #[test]
    fn a_very_short_key_is_found_as_a_word_only() {
        for (key, text, is_in) in [
            ("key", "no such key", true),
            ("key", "KEY: wrong", true),
            ("key", "keys, monkey and keyword", false),
            ("a", "a", true),
            ("a", "cannot", false),
            ("a", "", false),
            ("--", "-- x", true),
            ("user:ab", "user:ab", true),
            // Nothing is separated here, so all of it is secret.
            ("user:ab", "no such user", false),
            ("abcd", "xabcdx", true),
        ] {
            assert_eq!(secret(key).is_in(text), is_in, "{key} in {text}");
        }
    }

    #[test]
    fn texts_that_share_a_part_with_a_secret_need_not_hold_all_of_it() {
        let token = secret("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl");
        let cursor = "eyJhbGciOiJIUzI1NiJ9.eyJwYWdlIjoyfQ.b3RoZXI";
        assert!(token.is_in(cursor) && !token.is_whole_in(cursor));
        for text in [
            "x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl!",
            "eyJhbGciOiJIUzI1NiJ9%2EeyJzdWIiOiJhIn0%2ec2lnbmF0dXJl",
            "OmV5SmhiR2NpT2lKSVV6STFOaUo5LmV5SnpkV0lpT2lKaEluMC5jMmxuYm1GMGRYSmw=",
        ] {
            assert!(token.is_whole_in(text), "{text}");
        }
        assert!(!token.is_whole_in("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJ"));
    }

    /// What goes before a secret and behind it, in the forms in which we send it.
    fn sent(form: u8, before: &str, key: &str, behind: &str) -> String {
        let whole = format!("{before}{key}{behind}");
        let base64 = |alphabet: &[u8; 64]| {
            let mut text = String::new();
            for group in whole.as_bytes().chunks(3) {
                let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*group.get(at).unwrap_or(&0)));
                let letters = (0..=group.len()).map(|at| alphabet[(bits >> (18 - 6 * at)) as usize & 63]);
                text.extend(letters.map(char::from));
            }
            text
        };
        const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        match form {
            0 => whole,
            1 => whole.to_ascii_uppercase(),
            2 => whole.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            3 => whole.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            4 => utf8_percent_encode(&whole, NON_ALPHANUMERIC).collect(),
            5 => base64(STANDARD),
            6 => base64(URL),
            _ => utf8_percent_encode(&base64(STANDARD), NON_ALPHANUMERIC).collect(),
        }
    }

    proptest! {
        #[test]
        fn a_secret_of_any_length_is_found_in_any_form(
            key in "[!-9;-~]{4,200}",
            (before, behind) in ("[ -~]{0,9}", "[ -~]{0,9}"),
            form in 0..8_u8,
            (cut, whole) in (0.0..1.0_f64, any::<bool>()),
        ) {
            // Nine characters, so that eight groups of six bits are always whole.
            let start = (cut * key.len().saturating_sub(9) as f64) as usize;
            let part = if whole { &key[..] } else { &key[start..key.len().min(start + 9)] };
            let text = sent(form, &before, part, &behind);
            prop_assert!(Secret::new(&key).unwrap().is_in(&text), "{text}");
            let with_user = format!("user:{key}");
            prop_assert!(Secret::new(&with_user).unwrap().is_in(&text), "{text}");
            if whole {
                prop_assert!(Secret::new(&key).unwrap().is_whole_in(&text), "{text}");
            }
        }

        #[test]
        fn what_shares_no_run_is_shown(key in "[a-m]{8,99}", text in "[n-z .:%]{0,200}") {
            prop_assert!(!Secret::new(&key).unwrap().is_in(&text));
        }

        #[test]
        fn any_text_can_be_searched(key in "[!-~]{1,99}", text in "\\PC{0,99}") {
            let secret = Secret::new(&key).unwrap();
            prop_assert!(!secret.is_whole_in(&text) || secret.is_in(&text) || key.len() < 4 || key.contains(':'));
        }
    }

    #[test]
    fn a_token_of_sixteen_kilobytes_is_searched_for_as_well() {
        let token = "0123456789abcdef".repeat(1_024);
        let (text, last) = ("ghijklmnopqrstuv%41%42 ".repeat(44), &token[token.len() - 8..]);
        assert!(!secret(&token).is_in(&text));
        assert!(secret(&token).is_in(&format!("{text}{last}")));
    }

    #[test]
    fn a_secret_that_could_end_a_field_is_refused_without_being_shown() {
        for (text, offset) in [("key\r\nX: y", 3), ("key\n", 3), ("a b", 1), ("\0", 0), ("k\u{e9}y", 1)] {
            let error = Secret::new(text).unwrap_err();
            assert_eq!(error, SecretError::Unsendable { offset });
            assert!(!format!("{error}").contains(text));
        }
        assert_eq!(Secret::new("").unwrap_err(), SecretError::Empty);
    }
}
