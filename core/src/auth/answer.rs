//! The answer of a token endpoint (RFC 6749 §5.1), read as it comes. `expires_in` is a number by the RFC and a text at
//! some vendors. Members that are not looked for are passed over.

use crate::ascii;
use crate::json::{Event, JsonError, Kind, Tokenizer};
use crate::text::Text;
use crate::time::Duration;
use core::fmt;

/// Why an answer grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFault {
    /// It is not JSON.
    Json(JsonError),
    /// It is cut short.
    CutShort,
    /// It has no `access_token`.
    Missing,
    /// The token is of another type than `bearer`.
    Type,
    /// The token has a character that cannot stand in a field.
    Unsendable,
    /// There is no room for the token.
    TooLong {
        /// Its length in bytes, or as much of it as was read.
        needed: usize,
        /// The room there is.
        room: usize,
    },
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token endpoint's answer cannot be used: ")?;
        match self {
            Self::Json(error) => error.fmt(f),
            Self::CutShort => f.write_str("it ends before it is whole"),
            Self::Missing => f.write_str("it has no access_token: check the token URL"),
            Self::Type => f.write_str("its token_type is not bearer"),
            Self::Unsendable => f.write_str("its access_token has a character that cannot be sent"),
            Self::TooLong { needed, room } => write!(
                f,
                "its access_token has {needed} bytes, and there is room for {room}: give the item buffer and the gate more"
            ),
        }
    }
}

impl core::error::Error for TokenFault {}

/// What was granted. The token itself lies in the buffer into which it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) length: usize,
    pub(crate) lifetime: Option<Duration>,
}

/// A name. It is as long as the longest one that is looked for.
type Name = Text<12>;

#[derive(Clone, Copy, Debug)]
enum Member {
    Token,
    Type,
    Lifetime,
    Other,
}

impl Member {
    fn by(name: &Name) -> Self {
        match name.as_str() {
            _ if name.is_cut() => Self::Other,
            "access_token" => Self::Token,
            "token_type" => Self::Type,
            "expires_in" => Self::Lifetime,
            _ => Self::Other,
        }
    }
}

/// Reads the answer, in chunks of any size. The token's text is put into a buffer that the caller lends again each time.
#[derive(Clone, Debug)]
pub(crate) struct TokenScanner {
    tokens: Tokenizer,
    /// The name in hand.
    name: Name,
    /// What the value in hand is.
    member: Member,
    length: usize,
    has_token: bool,
    kind: Text<12>,
    /// In seconds; `None` once what stands there is no whole number.
    lifetime: Option<Option<u64>>,
}

impl TokenScanner {
    pub(crate) const fn new() -> Self {
        Self {
            tokens: Tokenizer::new(),
            name: Name::EMPTY,
            member: Member::Other,
            length: 0,
            has_token: false,
            kind: Text::EMPTY,
            lifetime: None,
        }
    }

    /// Takes a whole chunk.
    pub(crate) fn push(&mut self, chunk: &[u8], buffer: &mut [u8]) -> Result<(), TokenFault> {
        let mut at = 0;
        loop {
            match self.tokens.event(chunk, &mut at) {
                Event::Pass => return Ok(()),
                Event::Refused => return self.tokens.finish().map_err(TokenFault::Json),
                Event::NameStart => self.name = Name::EMPTY,
                Event::NameEnd => self.member = Member::by(&self.name),
                Event::Value if self.tokens.depth() > 0 => self.value(),
                Event::Value if self.tokens.kind() == Kind::Object => {}
                Event::Value => return Err(TokenFault::Missing),
                Event::ValueEnd | Event::ValueEndBefore => {}
                _ if self.tokens.is_in_name() => self.name.push(self.tokens.char()),
                _ => self.take(self.tokens.char(), buffer),
            }
        }
    }

    /// The value of a member begins. The first one of each counts.
    fn value(&mut self) {
        match (self.member, self.tokens.kind()) {
            (Member::Token, Kind::String) if !self.has_token => self.has_token = true,
            (Member::Type, Kind::String) if self.kind.is_empty() => {}
            (Member::Lifetime, Kind::String | Kind::Number) if self.lifetime.is_none() => {
                self.lifetime = Some(Some(0));
            }
            _ => self.tokens.pass_over(),
        }
    }

    /// The body has ended.
    pub(crate) fn finish(&self, buffer: &[u8]) -> Result<Granted, TokenFault> {
        self.tokens.finish().map_err(|_| TokenFault::CutShort)?;
        let token = buffer.get(..self.length);
        let token = token.ok_or(TokenFault::TooLong { needed: self.length, room: buffer.len() })?;
        if !self.has_token || token.is_empty() {
            return Err(TokenFault::Missing);
        }
        if !self.kind.is_empty() && !self.kind.as_str().eq_ignore_ascii_case("bearer") {
            return Err(TokenFault::Type);
        }
        if !token.iter().all(u8::is_ascii_graphic) {
            return Err(TokenFault::Unsendable);
        }
        Ok(Granted { length: self.length, lifetime: self.lifetime.flatten().map(Duration::from_secs) })
    }

    /// One more character of a value that is looked for. Half a character is none that any may have.
    fn take(&mut self, c: char, buffer: &mut [u8]) {
        match self.member {
            Member::Token => {
                // What is no ASCII is refused in the end; until then it counts as one byte.
                if let Some(place) = buffer.get_mut(self.length) {
                    *place = u8::try_from(c).unwrap_or(0);
                }
                self.length = self.length.saturating_add(1);
            }
            Member::Type => self.kind.push(c),
            Member::Lifetime => {
                let so_far = self.lifetime.flatten();
                self.lifetime = Some(so_far.and_then(|so_far| ascii::with_digit(so_far, c)));
            }
            Member::Other => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn read(body: &str, room: usize, chunk: usize) -> Result<(Vec<u8>, Option<Duration>), TokenFault> {
        let (mut scanner, mut buffer) = (TokenScanner::new(), std::vec![0; room]);
        for chunk in body.as_bytes().chunks(chunk) {
            scanner.push(chunk, &mut buffer)?;
        }
        let granted = scanner.finish(&buffer)?;
        Ok((buffer[..granted.length].to_vec(), granted.lifetime))
    }

    #[test]
    fn a_grant_is_read_the_same_however_it_is_split_and_whatever_form_its_lifetime_has() {
        let lifetime = |secs| Some(Duration::from_secs(secs));
        let table = [
            (
                r#"{"access_token":"ab-c","token_type":"bearer","expires_in":7199,"scope":"x"}"#,
                lifetime(7199),
            ),
            (r#"{"token_type":"Bearer","expires_in":"5999","access_token":"ab-c"}"#, lifetime(5999)),
            (r#"{"access_token":"ab\u002dc","expires_in":"soon","expires_on":"1"}"#, None),
            (r#"{"access_token":"ab-c","expires_in":1.5e3}"#, None),
            (r#"{"access_token":"ab-c","expires_in":99999999999999999999999}"#, None),
            (r#"{"more":{"access_token":"no"},"access_token":"ab-c","access_token":"later"}"#, None),
        ];
        for (body, lifetime) in table {
            for chunk in 1..=body.len() {
                assert_eq!(read(body, 64, chunk), Ok((b"ab-c".to_vec(), lifetime)), "{body} by {chunk}");
            }
        }
    }

    #[test]
    fn an_answer_that_grants_nothing_says_why() {
        let table = [
            ("{}", TokenFault::Missing),
            ("[]", TokenFault::Missing),
            (r#"{"access_token":""}"#, TokenFault::Missing),
            (r#"{"access_token":null}"#, TokenFault::Missing),
            (r#"{"access_token":"abc","token_type":"mac"}"#, TokenFault::Type),
            (r#"{"access_token":"a b"}"#, TokenFault::Unsendable),
            (r#"{"access_token":"a\r\nX: y"}"#, TokenFault::Unsendable),
            (r#"{"access_token":"é"}"#, TokenFault::Unsendable),
            (r#"{"access_token":"123456789"}"#, TokenFault::TooLong { needed: 9, room: 8 }),
            (r#"{"access_token":"abc""#, TokenFault::CutShort),
        ];
        for (body, fault) in table {
            assert_eq!(read(body, 8, 3), Err(fault), "{body}");
        }
        assert!(matches!(read("<html>", 8, 3), Err(TokenFault::Json(_))));
    }
}
