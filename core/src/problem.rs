//! Problem Details (RFC 9457) out of an error body of any size, and out of bodies that are no such thing. Only three
//! members are read, each bounded; all else is passed over, and a body that is not JSON is simply no problem
//! document. Nothing is decided by the text of a title or a detail: that is for people.

use crate::json::{Event, Kind, Tokenizer};
use crate::secret::Secret;
use crate::text::Text;
use core::fmt;

/// What an error body says of itself. A member that is missing, or no text, is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `type`: a URI that tells kinds of problem apart (RFC 9457 §3.1.1).
    pub kind: Text<96>,
    /// `title`: the kind of problem, for people.
    pub title: Text<64>,
    /// `detail`: this very problem, for people.
    pub detail: Text<128>,
}

impl Problem {
    /// Nothing is known.
    pub const NONE: Self = Self { kind: Text::EMPTY, title: Text::EMPTY, detail: Text::EMPTY };

    /// The same without the texts that repeat a secret: servers are known to quote the key that they refuse.
    pub(crate) fn without(self, secret: Secret<'_>) -> Self {
        Self {
            kind: self.kind.without(secret),
            title: self.title.without(secret),
            detail: self.detail.without(secret),
        }
    }

    fn member(&mut self, member: Member) -> &mut dyn fmt::Write {
        match member {
            Member::Kind => &mut self.kind,
            Member::Title => &mut self.title,
            Member::Detail => &mut self.detail,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.title.is_empty(), self.detail.is_empty()) {
            (true, true) => f.write_str("no explanation was given"),
            (false, true) => self.title.fmt(f),
            (true, false) => self.detail.fmt(f),
            (false, false) => write!(f, "{}: {}", self.title, self.detail),
        }
    }
}

/// Reads an error body, in chunks of any size. It cannot fail: the status was the news, the body is a courtesy.
#[derive(Clone, Debug)]
pub(crate) struct ProblemScanner {
    tokens: Tokenizer,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum Member {
    Kind,
    Title,
    Detail,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The document itself.
    Root,
    /// Between two members.
    Object,
    /// A member's name.
    Name(Text<8>),
    /// The value of a member.
    Value(Option<Member>),
    /// The text of a member.
    Text(Member),
    /// A value that is of no interest, inside so many containers.
    Skip { depth: u8 },
    /// Nothing more is to be had.
    Over,
}

impl ProblemScanner {
    pub(crate) const fn new() -> Self {
        Self { tokens: Tokenizer::new(), state: State::Root }
    }

    /// Takes a whole chunk, and adds what it says to `problem`.
    pub(crate) fn push(&mut self, chunk: &[u8], problem: &mut Problem) {
        let mut rest = chunk;
        loop {
            let read = match self.state {
                State::Over => return,
                State::Skip { depth } => self
                    .tokens
                    .skip(rest, depth)
                    .map(|(taken, is_over)| (taken, is_over.then_some(State::Object))),
                state => match self.tokens.next(rest) {
                    Ok((taken, Some(event))) => Ok((taken, Some(self.on(state, event, problem)))),
                    Ok((taken, None)) => Ok((taken, None)),
                    Err(error) => Err(error),
                },
            };
            let Ok((taken, next)) = read else {
                self.state = State::Over;
                return;
            };
            let Some(next) = next else { return };
            self.state = next;
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    fn on(&self, state: State, event: Event<'_>, problem: &mut Problem) -> State {
        match (state, event) {
            (State::Root, Event::Value(Kind::Object)) => State::Object,
            (State::Root, Event::Value(_)) => State::Over,
            (State::Object, Event::NameStart) => State::Name(Text::EMPTY),
            (State::Object, Event::ValueEnd) => State::Over,
            (State::Name(mut name), Event::Text(piece)) => {
                name.push_str(piece);
                State::Name(name)
            }
            (State::Name(mut name), Event::Char(c)) => {
                name.push(c);
                State::Name(name)
            }
            (State::Name(name), Event::NameEnd) if name.is_cut() => State::Value(None),
            (State::Name(name), Event::NameEnd) => State::Value(match name.as_str() {
                "type" => Some(Member::Kind),
                "title" => Some(Member::Title),
                "detail" => Some(Member::Detail),
                _ => None,
            }),
            (State::Value(Some(member)), Event::Value(Kind::String)) => State::Text(member),
            (State::Value(_), Event::Value(_)) => State::Skip { depth: self.tokens.depth() },
            (State::Text(_), Event::ValueEnd) => State::Object,
            (State::Text(member), Event::Text(piece)) => {
                // A bounded text takes what fits.
                let _ = problem.member(member).write_str(piece);
                state
            }
            (State::Text(member), Event::Char(c)) => {
                let shown = if c.is_control() { ' ' } else { c };
                let _ = problem.member(member).write_char(shown);
                state
            }
            // Half a character, in a name or a text: nothing to show.
            (state, _) => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    const MAINTENANCE: &str = r#"{
        "title": "Server undergoing maintenance",
        "detail": "Server is undergoing maintenance and all api endpoints are currently unavailable",
        "status": 503,
        "type": "https://schemas.nti.biz/comanage/errors/under-maintenance"
    }"#;

    fn scan(body: &[u8], chunk: usize) -> Problem {
        let (mut scanner, mut problem) = (ProblemScanner::new(), Problem::NONE);
        body.chunks(chunk).for_each(|chunk| scanner.push(chunk, &mut problem));
        problem
    }

    #[test]
    fn a_problem_document_is_read_the_same_however_it_is_split() {
        let whole = scan(MAINTENANCE.as_bytes(), usize::MAX);
        assert_eq!(whole.kind.as_str(), "https://schemas.nti.biz/comanage/errors/under-maintenance");
        assert_eq!(whole.title.as_str(), "Server undergoing maintenance");
        for chunk in 1..MAINTENANCE.len() {
            assert_eq!(scan(MAINTENANCE.as_bytes(), chunk), whole);
        }
    }

    #[test]
    fn members_of_other_types_and_unknown_ones_are_passed_over() {
        let body =
            r#"{"type":null,"title":["a",{"detail":"inner"}],"traceId":"x","d\u0065tail":"a\nb\ud800"}"#;
        let problem = scan(body.as_bytes(), 3);
        assert_eq!((problem.kind.as_str(), problem.title.as_str(), problem.detail.as_str()), ("", "", "a b"));
    }

    #[test]
    fn what_is_no_problem_document_explains_nothing() {
        for body in [
            "",
            "<html><title>502</title>",
            "[{\"title\":\"x\"}]",
            "\"title\"",
            "{\"title\":1}",
            "{\"title\"",
        ] {
            assert_eq!(scan(body.as_bytes(), 4), Problem::NONE, "{body}");
        }
    }

    #[test]
    fn a_long_traceback_is_cut() {
        let body = std::format!("{{\"detail\":\"{}\",\"title\":\"after\"}}", "x".repeat(10_000));
        let problem = scan(body.as_bytes(), 100);
        assert!(problem.detail.is_cut());
        assert_eq!(problem.title.as_str(), "after");
    }

    #[test]
    fn a_text_that_quotes_the_key_is_withheld() {
        let key = Secret::new("k3y-of-the-project").unwrap();
        let body = r#"{"title":"Unauthorized","detail":"The key k3y-of-the-project has expired"}"#;
        let problem = scan(body.as_bytes(), 5).without(key);
        assert_eq!(problem.to_string(), "Unauthorized: (withheld)");
    }

    #[test]
    fn a_problem_is_shown_as_a_sentence() {
        let show = |title, detail| {
            Problem { kind: Text::EMPTY, title: Text::new(title), detail: Text::new(detail) }.to_string()
        };
        assert_eq!(show("A", "b"), "A: b");
        assert_eq!(show("A", ""), "A");
        assert_eq!(show("", ""), String::from("no explanation was given"));
    }
}
