//! Continuation tokens: how they look, and which were issued for what. A token is good for the listing and the body that
//! it was issued for, and for as long as one likes.

use std::collections::BTreeMap;

use super::config::TokenForm;
use crate::random::Random;
use crate::text::number_of;

/// The tokens issued so far, as what they stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    offsets: BTreeMap<u64, u64>,
}

impl Tokens {
    /// The token to the page that begins at `offset`. `asked` is the listing with its filters, and its body if it has
    /// one.
    pub(super) fn issue(&mut self, form: TokenForm, asked: &str, offset: u64) -> String {
        let token = written(form, number_of(asked), offset);
        self.offsets.insert(key(asked, &token), offset);
        token
    }

    /// Where the page begins; `None` for a token that was never issued, or for something else.
    pub(super) fn offset(&self, asked: &str, token: &str) -> Option<u64> {
        self.offsets.get(&key(asked, token)).copied()
    }
}

fn key(asked: &str, token: &str) -> u64 {
    number_of(&format!("{token}\n{asked}"))
}

fn written(form: TokenForm, listing: u64, offset: u64) -> String {
    let mut random = Random::of(&[listing, offset, 21]);
    match form {
        TokenForm::Offset => base64(offset.to_string().as_bytes()),
        TokenForm::Rid => rid(&mut random, offset),
        TokenForm::Wrapped => {
            let inner = rid(&mut random, offset);
            base64(format!(r#"[{{"token":"{inner}","range":{{"min":"","max":"FF"}}}}]"#).as_bytes())
        }
        TokenForm::Opaque(length) => {
            (0..length.max(16)).map(|_| char::from(random.pick(URL_ALPHABET))).collect()
        }
    }
}

/// As Cosmos DB writes it: signs that must not be percent-encoded or trimmed in a header.
fn rid(random: &mut Random, offset: u64) -> String {
    let document: Vec<u8> = (0..16).map(|_| random.next() as u8).collect();
    format!("+RID:~{}#RT:1#TRC:{offset}#ISV:2#IEO:65567#QCF:8", base64(&document))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 with padding (RFC 4648 section 4).
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, expected) in cases {
            assert_eq!(base64(plain.as_bytes()), expected);
        }
    }

    #[test]
    fn each_form_looks_as_it_was_seen() {
        let cases = [
            (TokenForm::Offset, "MTAw", 4..5),
            (TokenForm::Rid, "+RID:~", 40..90),
            (TokenForm::Wrapped, "W3sidG9rZW4iOi", 60..200),
            (TokenForm::Opaque(64), "", 64..65),
            (TokenForm::Opaque(3_000), "", 3_000..3_001),
        ];
        for (form, start, length) in cases {
            let token = Tokens::default().issue(form, "items", 100);
            assert!(token.starts_with(start) && length.contains(&token.len()), "{form:?}: {token}");
        }
    }

    #[test]
    fn a_token_is_good_for_what_it_was_issued_for_and_nothing_else() {
        let mut tokens = Tokens::default();
        for form in [TokenForm::Offset, TokenForm::Rid, TokenForm::Wrapped, TokenForm::Opaque(64)] {
            let token = tokens.issue(form, "items", 100);
            assert_eq!(tokens.offset("items", &token), Some(100), "{form:?}");
            assert_eq!(tokens.offset("types", &token), None, "{form:?}");
            assert_eq!(tokens.offset("items", &token[1..]), None, "{form:?}");
        }
    }
}
