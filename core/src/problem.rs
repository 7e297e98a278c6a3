//! What an error body says: Problem Details (RFC 9457), and what servers send that have never heard of them, of any size.
//! A few members are read, each bounded; all else is passed over, and a body that is not JSON explains nothing. Nothing
//! is decided by the text of a sentence: those are for people.
//!
//! | member | is read as |
//! |---|---|
//! | `type` | the kind |
//! | `code`, `error_code` | the code |
//! | `title`, `message`, `error`, `error_message` | the title; if there is one already, the detail |
//! | `detail`, `error_description` | the detail |
//! | `errors`, `validation_errors` | the detail, if it was not given before: the first `message`, or text in an array |
//!
//! Of an array the first element is read.

use crate::json::{JsonEvent, Kind, Tokenizer};
use crate::secret::Secret;
use crate::text::Text;
use core::fmt;

/// What an error body says of itself. A member that is missing, or no text, is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `type`: a URI that tells kinds of problem apart (RFC 9457 §3.1.1). One that is cut off here is no kind that an API's
    /// description can name.
    pub kind: Text<60>,
    /// The server's own name or number for the kind of problem.
    pub code: Text<16>,
    /// The kind of problem, for people.
    pub title: Text<40>,
    /// This very problem, for people.
    pub detail: Text<80>,
}

impl Problem {
    /// Nothing is known.
    pub const NONE: Self =
        Self { kind: Text::EMPTY, code: Text::EMPTY, title: Text::EMPTY, detail: Text::EMPTY };

    /// The same without the texts that repeat a secret: servers are known to quote the key that they refuse.
    pub(crate) fn without(self, secret: Secret<'_>) -> Self {
        Self {
            kind: self.kind.without(secret),
            code: self.code.without(secret),
            title: self.title.without(secret),
            detail: self.detail.without(secret),
        }
    }

    /// Where a value of this kind under such a name goes, unless something is there already.
    fn place(&self, named: Named, kind: Kind) -> Option<Member> {
        let member = match (named, kind) {
            (Named::Kind, Kind::String) => Member::Kind,
            (Named::Code, Kind::String | Kind::Number) => Member::Code,
            (Named::Sentence, Kind::String) if self.title.is_empty() => Member::Title,
            (Named::Sentence | Named::Detail, Kind::String) => Member::Detail,
            _ => return None,
        };
        let is_free = match member {
            Member::Kind => self.kind.is_empty(),
            Member::Code => self.code.is_empty(),
            Member::Title => self.title.is_empty(),
            Member::Detail => self.detail.is_empty(),
        };
        is_free.then_some(member)
    }

    /// Adds a piece of a text, as it is shown: in one line. Half a character is nothing to show.
    fn write(&mut self, member: Member, piece: JsonEvent<'_>) {
        let mut write = |c: char| {
            // Escaped or written out: where a chunk ends decides which of the two a character comes as.
            let c = if c.is_control() { ' ' } else { c };
            match member {
                Member::Kind => self.kind.push(c),
                Member::Code => self.code.push(c),
                Member::Title => self.title.push(c),
                Member::Detail => self.detail.push(c),
            }
        };
        match piece {
            JsonEvent::Text(text) => text.chars().for_each(write),
            JsonEvent::Char(c) => write(c),
            _ => {}
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.title.is_empty(), self.detail.is_empty()) {
            (true, true) if self.code.is_empty() => return f.write_str("no explanation was given"),
            (true, true) => return write!(f, "code {}", self.code),
            (false, true) => self.title.fmt(f)?,
            (true, false) => self.detail.fmt(f)?,
            (false, false) => write!(f, "{}: {}", self.title, self.detail)?,
        }
        if self.code.is_empty() { Ok(()) } else { write!(f, " (code {})", self.code) }
    }
}

/// Reads an error body, in chunks of any size. It cannot fail: the status was the news, the body is a courtesy.
#[derive(Clone, Debug)]
pub(crate) struct ProblemScanner {
    tokens: Tokenizer,
    state: State,
}

/// A name, as much of it as has to be known to tell it from the longest of those looked for.
type Name = Text<18>;

/// What a member's name says of its value.
#[derive(Clone, Copy, Debug)]
enum Named {
    Kind,
    Code,
    Sentence,
    Detail,
    Errors,
    Nothing,
}

impl Named {
    fn by(name: &Name) -> Self {
        match name.as_str() {
            _ if name.is_cut() => Self::Nothing,
            "type" => Self::Kind,
            "code" | "error_code" => Self::Code,
            "title" | "message" | "error" | "error_message" => Self::Sentence,
            "detail" | "error_description" => Self::Detail,
            "errors" | "validation_errors" => Self::Errors,
            _ => Self::Nothing,
        }
    }
}

/// A part of a [`Problem`].
#[derive(Clone, Copy, Debug)]
enum Member {
    Kind,
    Code,
    Title,
    Detail,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The document itself.
    Root,
    /// An array that is the document, before its first element.
    Elements,
    /// Between two members.
    Object,
    /// A member's name.
    Name(Name),
    /// The value of a member.
    Value(Named),
    /// The text of a member.
    Text(Member),
    /// A value that is of no interest, inside so many containers.
    Skip { depth: u8 },
    /// Somewhere in the list of what is wrong, which is inside so many containers. A text that comes now explains.
    Errors { depth: u8, explains: bool },
    /// The name of a member there.
    ErrorsName { depth: u8, name: Name },
    /// A text there that explains.
    ErrorsText { depth: u8 },
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

    #[inline(never)]
    fn on(&self, state: State, event: JsonEvent<'_>, problem: &mut Problem) -> State {
        let depth_now = self.tokens.depth();
        match (state, event) {
            (State::Root, JsonEvent::Value(Kind::Array)) => State::Elements,
            (State::Root | State::Elements, JsonEvent::Value(Kind::Object)) => State::Object,
            (State::Root | State::Elements, _) => State::Over,
            (State::Object, JsonEvent::NameStart) => State::Name(Name::EMPTY),
            (State::Object, JsonEvent::ValueEnd) => State::Over,
            (State::Name(name), JsonEvent::NameEnd) => State::Value(Named::by(&name)),
            (State::Name(name), event) => State::Name(longer(name, event)),
            (State::Value(Named::Errors), JsonEvent::Value(kind @ (Kind::Object | Kind::Array)))
                if problem.detail.is_empty() =>
            {
                State::Errors { depth: depth_now, explains: kind == Kind::Array }
            }
            (State::Value(named), JsonEvent::Value(kind)) => match problem.place(named, kind) {
                Some(member) => State::Text(member),
                None => State::Skip { depth: depth_now },
            },
            (State::Text(_), JsonEvent::ValueEnd) => State::Object,
            (State::Text(member), event) => {
                problem.write(member, event);
                state
            }
            (State::Errors { depth, .. }, JsonEvent::NameStart) => {
                State::ErrorsName { depth, name: Name::EMPTY }
            }
            (State::ErrorsName { depth, name }, JsonEvent::NameEnd) => {
                State::Errors { depth, explains: !name.is_cut() && name.as_str() == "message" }
            }
            (State::ErrorsName { depth, name }, event) => {
                State::ErrorsName { depth, name: longer(name, event) }
            }
            (State::Errors { depth, explains: true }, JsonEvent::Value(Kind::String))
                if problem.detail.is_empty() =>
            {
                State::ErrorsText { depth }
            }
            (State::Errors { depth, .. }, JsonEvent::Value(kind)) => {
                // By field, each with its sentences; further down an array may hold anything.
                let is_of_sentences = depth_now <= depth.saturating_add(1);
                State::Errors { depth, explains: kind == Kind::Array && is_of_sentences }
            }
            (State::Errors { depth, .. } | State::ErrorsText { depth }, JsonEvent::ValueEnd) => {
                if depth_now > depth { State::Errors { depth, explains: false } } else { State::Object }
            }
            (State::ErrorsText { .. }, event) => {
                problem.write(Member::Detail, event);
                state
            }
            // The tokenizer tells nothing of interest in these places.
            (state, _) => state,
        }
    }
}

/// A name with one more piece of it.
fn longer(mut name: Name, event: JsonEvent<'_>) -> Name {
    match event {
        JsonEvent::Text(piece) => name.push_str(piece),
        JsonEvent::Char(c) => name.push(c),
        // Half a character: no name that is looked for has one.
        _ => name.push(char::REPLACEMENT_CHARACTER),
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

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
            "[]",
            "[[{\"title\":\"x\"}]]",
            "[1,{\"title\":\"x\"}]",
            "\"title\"",
            "{\"title\":1}",
            "{\"title\"",
        ] {
            assert_eq!(scan(body.as_bytes(), 4), Problem::NONE, "{body}");
        }
    }

    #[test]
    fn bodies_of_servers_without_problem_documents_explain_themselves_too() {
        let table = [
            (
                r#"{"error":"unauthorized","error_description":"Bad credentials"}"#,
                "unauthorized: Bad credentials",
            ),
            (r#"{"code":"0003","message":"No resource"}"#, "No resource (code 0003)"),
            (r#"[{"code":"x","fieldName":"f","message":"Wrong"},{"message":"Later"}]"#, "Wrong (code x)"),
            (r#"{"error_message":"Oops","traceback":"File \"a\"\n  b"}"#, "Oops"),
            (r#"{"error":{"message":"inner"},"message":"outer"}"#, "outer"),
            (r#"{"error":true,"code":null,"message":"said"}"#, "said"),
            (r#"{"error":"a","message":"b","detail":"c"}"#, "a: b"),
            (
                r#"{"request_id":"r","error_code":5,"message":"Invalid body","validation_errors":[
                    {"line":3,"path":["p","q"],"message":"Missing name"},{"message":"Another"}]}"#,
                "Invalid body: Missing name (code 5)",
            ),
            (
                r#"{"error_code":5,"message":"Invalid","validation_errors":[{"path":"p","message":"No name"}]}"#,
                "Invalid: No name (code 5)",
            ),
            (
                r#"{"title":"Not valid","errors":{"afterId":["The value 'x' is not valid.","y"]},"status":400}"#,
                "Not valid: The value 'x' is not valid.",
            ),
            (r#"{"errors":{"message":{"message":["deep"]},"x":"y"},"title":"T"}"#, "T"),
            (r#"{"errors":{"x":"y"},"title":"T"}"#, "T"),
            (r#"{"errors":"x","title":"T"}"#, "T"),
        ];
        for (body, sentence) in table {
            for chunk in 1..body.len() {
                assert_eq!(scan(body.as_bytes(), chunk).to_string(), sentence, "{body} by {chunk}");
            }
        }
    }

    #[test]
    fn a_control_character_is_shown_the_same_written_out_or_escaped_and_however_it_is_split() {
        for body in ["{\"detail\":\"a\u{8d}b\"}", "{\"detail\":\"a\\u008db\"}"] {
            for chunk in 1..=body.len() {
                assert_eq!(scan(body.as_bytes(), chunk).detail.as_str(), "a b", "{body} by {chunk}");
            }
        }
    }

    #[test]
    fn a_member_that_is_there_twice_is_read_once() {
        let body = br#"{"type":"a","type":"b","code":1,"code":2,"detail":"c","detail":"d"}"#;
        let problem = scan(body, 7);
        assert_eq!((problem.kind.as_str(), problem.code.as_str()), ("a", "1"));
        assert_eq!(problem.detail.as_str(), "c");
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
            let problem = Problem { title: Text::new(title), detail: Text::new(detail), ..Problem::NONE };
            [problem, Problem { code: Text::new("0005"), ..problem }].map(|problem| problem.to_string())
        };
        assert_eq!(show("A", "b"), ["A: b", "A: b (code 0005)"]);
        assert_eq!(show("A", ""), ["A", "A (code 0005)"]);
        assert_eq!(show("", "b"), ["b", "b (code 0005)"]);
        assert_eq!(show("", ""), ["no explanation was given", "code 0005"]);
    }
}
