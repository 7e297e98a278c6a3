//! The answer of a token endpoint (RFC 6749 §5.1), read as it comes. `expires_in` is a number by the RFC and a text at
//! some vendors. Members that are not looked for are passed over.

use crate::json::{JsonError, JsonEvent, Kind, Tokenizer};
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

type Name = Text<12>;

#[derive(Clone, Copy, Debug)]
enum Member {
    Token,
    Type,
    Lifetime,
    Other,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Root,
    Object,
    Name(Name),
    Member(Member),
    Value(Member),
    Skip { depth: u8 },
}

/// Reads the answer, in chunks of any size. The token's text is put into a buffer that the caller lends again each time.
#[derive(Clone, Debug)]
pub(crate) struct TokenScanner {
    tokens: Tokenizer,
    state: State,
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
            state: State::Root,
            length: 0,
            has_token: false,
            kind: Text::EMPTY,
            lifetime: None,
        }
    }

    /// Takes a whole chunk.
    pub(crate) fn push(&mut self, chunk: &[u8], buffer: &mut [u8]) -> Result<(), TokenFault> {
        let mut rest = chunk;
        loop {
            let (taken, next) = match self.state {
                State::Skip { depth } => {
                    let (taken, is_over) = self.tokens.skip(rest, depth).map_err(TokenFault::Json)?;
                    (taken, is_over.then_some(State::Object))
                }
                state => {
                    let (taken, event) = self.tokens.next(rest).map_err(TokenFault::Json)?;
                    match event {
                        Some(event) => (taken, Some(self.on(state, event, buffer)?)),
                        None => (taken, None),
                    }
                }
            };
            let Some(next) = next else { return Ok(()) };
            self.state = next;
            rest = rest.get(taken..).unwrap_or_default();
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

    fn on(&mut self, state: State, event: JsonEvent<'_>, buffer: &mut [u8]) -> Result<State, TokenFault> {
        Ok(match (state, event) {
            (State::Root, JsonEvent::Value(Kind::Object)) => State::Object,
            (State::Root, _) => return Err(TokenFault::Missing),
            (State::Object, JsonEvent::NameStart) => State::Name(Name::EMPTY),
            (State::Name(name), JsonEvent::NameEnd) => State::Member(match name.as_str() {
                _ if name.is_cut() => Member::Other,
                "access_token" => Member::Token,
                "token_type" => Member::Type,
                "expires_in" => Member::Lifetime,
                _ => Member::Other,
            }),
            (State::Name(mut name), event) => {
                each_char(event, |c| name.push(c));
                State::Name(name)
            }
            (State::Member(member), JsonEvent::Value(kind)) => match (member, kind) {
                (Member::Token, Kind::String) if !self.has_token => {
                    self.has_token = true;
                    State::Value(member)
                }
                (Member::Type, Kind::String) if self.kind.is_empty() => State::Value(member),
                (Member::Lifetime, Kind::String | Kind::Number) if self.lifetime.is_none() => {
                    self.lifetime = Some(Some(0));
                    State::Value(member)
                }
                _ => State::Skip { depth: self.tokens.depth() },
            },
            (State::Value(_), JsonEvent::ValueEnd) => State::Object,
            (State::Value(member), event) => {
                each_char(event, |c| self.take(member, c, buffer));
                state
            }
            (state, _) => state,
        })
    }

    fn take(&mut self, member: Member, c: char, buffer: &mut [u8]) {
        match member {
            Member::Token => {
                // What is no ASCII is refused in the end; until then it counts as one byte.
                if let Some(place) = buffer.get_mut(self.length) {
                    *place = u8::try_from(c).unwrap_or(0);
                }
                self.length = self.length.saturating_add(1);
            }
            Member::Type => self.kind.push(c),
            Member::Lifetime => {
                let digit = c.to_digit(10).map(u64::from);
                let so_far = self.lifetime.flatten().zip(digit);
                self.lifetime =
                    Some(so_far.and_then(|(so_far, digit)| so_far.checked_mul(10)?.checked_add(digit)));
            }
            Member::Other => {}
        }
    }
}

/// The characters of a piece of a text or number. Half a character is none that anything here may have.
fn each_char(event: JsonEvent<'_>, mut take: impl FnMut(char)) {
    match event {
        JsonEvent::Text(piece) => piece.chars().for_each(take),
        JsonEvent::Char(c) => take(c),
        _ => take(char::REPLACEMENT_CHARACTER),
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
