//! A credential that cannot be printed, and that is found in what others write. Only a request to the configured origin
//! holds one. A server may quote what it was sent, so every text of a server is searched before it is shown: for the
//! credential in each form in which requests carry it. It is a search in constant memory that takes about as long as key
//! and text are long together.

use crate::ascii;
use crate::text::{Kept, Text};
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
        let colon = ascii::find(self.0.as_bytes(), b':');
        match self.0.get(colon.wrapping_add(1)..) {
            Some(key) if key.len() >= SHORTEST => key,
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
        match key.len() {
            0 => true,
            1..SHORTEST => is_word_in(key, text),
            _ => is_cut_short_in(key, text) || is_sent_in(key, text, RUN) || self.has_user_in(text),
        }
    }

    /// Whether the text quotes the user of `user:key`. One of less than eight characters may be any word of a message.
    fn has_user_in(&self, text: &[u8]) -> bool {
        let colon = self.0.len().wrapping_sub(self.key().len()).wrapping_sub(1);
        let user = self.0.as_bytes().get(..colon).unwrap_or_default();
        user.len() >= RUN && is_sent_in(user, text, RUN)
    }

    /// Whether a text holds all of the secret, in any of those forms. Texts that may well share a part with it, such as
    /// the header of a JSON Web Token, are judged by this.
    pub fn is_whole_in(&self, text: &str) -> bool {
        is_sent_in(self.key().as_bytes(), text.as_bytes(), usize::MAX)
    }
}

/// Whether the text ends in the key's beginning.
fn is_cut_short_in(key: &[u8], text: &[u8]) -> bool {
    for length in BEGINNING..RUN {
        let end = text.get(text.len().wrapping_sub(length)..);
        if let (Some(beginning), Some(end)) = (key.get(..length), end)
            && ascii::is_same(end, beginning)
        {
            return true;
        }
    }
    false
}

/// Whether the text has the key as a word: with no letter or digit on either side.
fn is_word_in(key: &[u8], text: &[u8]) -> bool {
    let is_edge = |byte: Option<&u8>| !byte.is_some_and(u8::is_ascii_alphanumeric);
    let mut before = None;
    let mut rest = text;
    while let Some(word) = rest.get(..key.len()) {
        if ascii::is_same(word, key) && is_edge(before) && is_edge(rest.get(key.len())) {
            return true;
        }
        before = rest.first();
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// Whether `need` characters in a row of some form of the key, or all of them if there are fewer, are in the text.
#[inline(never)]
fn is_sent_in(key: &[u8], text: &[u8], need: usize) -> bool {
    for form in &FORMS {
        for is_decoded in [false, true] {
            if (Search { key, form: *form, text, is_decoded }).finds(need) {
                return true;
            }
        }
    }
    false
}

/// The forms of a key.
const FORMS: [Form; 4] =
    [Form::AsItIs, Form::Base64 { skipped: 0 }, Form::Base64 { skipped: 4 }, Form::Base64 { skipped: 2 }];

/// A form of the key.
#[derive(Clone, Copy)]
enum Form {
    AsItIs,
    /// Groups of six bits. What stands before the key decides where a group begins: at its first bit, or after the four
    /// or two bits that share a group with what stands before.
    Base64 {
        skipped: u8,
    },
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
    /// Whether each `%` with two hexadecimal digits is read as the byte that they name.
    is_decoded: bool,
}

impl Search<'_> {
    #[inline(never)]
    fn finds(&self, need: usize) -> bool {
        let length = self.length();
        let need = need.min(length);
        if need == 0 || self.is_decoded && !ascii::has(self.text, b'%') {
            return false;
        }
        let runs = Runs::of(self);
        for start in 0..length.wrapping_sub(need).wrapping_add(1) {
            if !runs.may_have(self, start, need) {
                continue;
            }
            let first = self.character(start);
            let (mut place, mut behind) = (0, 0);
            while let Some(byte) = self.read(&mut behind) {
                if byte == first && self.is_at(place, start, need) {
                    return true;
                }
                place = behind;
            }
        }
        false
    }

    /// Whether these characters of the key are at that byte of the text.
    fn is_at(&self, mut place: usize, start: usize, need: usize) -> bool {
        for at in start..start.wrapping_add(need) {
            if self.read(&mut place) != Some(self.character(at)) {
                return false;
            }
        }
        true
    }

    /// How many characters of this form the key alone decides.
    fn length(&self) -> usize {
        match self.form {
            Form::AsItIs => self.key.len(),
            Form::Base64 { skipped } => self.key.len().wrapping_mul(8).saturating_sub(skipped.into()) / 6,
        }
    }

    /// The character of the key at that place, folded.
    #[inline(never)]
    fn character(&self, at: usize) -> u8 {
        let byte = |at: usize| self.key.get(at).copied().unwrap_or(0);
        match self.form {
            Form::AsItIs => folded(byte(at)),
            Form::Base64 { skipped } => {
                let bit = at.wrapping_mul(6).wrapping_add(skipped.into());
                let first = bit / 8;
                let pair = u16::from_be_bytes([byte(first), byte(first.wrapping_add(1))]);
                match (pair << (bit % 8) >> 10) as u8 {
                    letter @ 0..26 => b'a'.wrapping_add(letter),
                    letter @ 26..52 => b'a'.wrapping_sub(26).wrapping_add(letter),
                    digit @ 52..62 => b'0'.wrapping_sub(52).wrapping_add(digit),
                    62 => b'+',
                    _ => b'/',
                }
            }
        }
    }

    /// The character of the text at that byte, folded. Goes on to the next one.
    #[inline(never)]
    fn read(&self, at: &mut usize) -> Option<u8> {
        let (byte, digits) = self.text.get(*at..)?.split_first()?;
        *at = at.wrapping_add(1);
        if let (b'%', true, [high, low, ..]) = (*byte, self.is_decoded, digits)
            && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
        {
            *at = at.wrapping_add(2);
            return Some(folded((high << 4 | low) as u8));
        }
        Some(folded(*byte))
    }
}

/// Which runs of four characters there may be in a text, by a hash, in so many words: without it, a token of a gateway is
/// compared with every place of a long text. A device has short texts and few bytes of code to spend.
struct Runs([u32; RUNS]);

const RUNS: usize = if HAS_RUNS { 256 } else { 0 };
const HAS_RUNS: bool = cfg!(feature = "large");

impl Runs {
    /// Those of the text.
    fn of(search: &Search<'_>) -> Self {
        let mut runs = Self([0; RUNS]);
        let (mut run, mut at) = (0, 0);
        while HAS_RUNS && let Some(byte) = search.read(&mut at) {
            run = run << 8 | u32::from(byte);
            let (word, bit) = Self::place(run);
            if let Some(word) = runs.0.get_mut(word) {
                *word |= bit;
            }
        }
        runs
    }

    /// Whether the text may have what the key has there.
    fn may_have(&self, search: &Search<'_>, start: usize, need: usize) -> bool {
        if !HAS_RUNS || need < 4 {
            return true;
        }
        let run = (0..4).fold(0, |run, at| run << 8 | u32::from(search.character(start.wrapping_add(at))));
        let (word, bit) = Self::place(run);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// The word and the bit in it that stand for a run.
    fn place(run: u32) -> (usize, u32) {
        // Fibonacci hashing: the upper bits of a product with 2^32 over the golden ratio.
        let hash = run.wrapping_mul(0x9e37_79b9) >> 16;
        ((hash >> 5) as usize & RUNS.saturating_sub(1), 1 << (hash & 31))
    }
}

impl<const N: usize> Text<N> {
    /// Puts a note in the place of a text that quotes one of these secrets.
    pub(crate) fn withhold(&mut self, secrets: &[Secret<'_>]) {
        self.any_size().withhold(secrets);
    }
}

impl Kept<[u8]> {
    /// See [`Text::withhold`].
    #[inline(never)]
    pub(crate) fn withhold(&mut self, secrets: &[Secret<'_>]) {
        if secrets.iter().any(|secret| secret.is_in_bytes(self.as_bytes())) {
            self.set(b"(withheld)");
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
