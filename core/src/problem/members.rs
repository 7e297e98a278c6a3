//! An error as a JSON object. Names are compared without case and without `_`, `-` and `.`: `errorDescription`,
//! `ErrorDescription` and `error_description` are one name.
//!
//! | member | is read as |
//! |---|---|
//! | `type` | the kind |
//! | `code`, `error_code` | the code |
//! | `title` | the title; if there is one already, the detail |
//! | `message`, `error`, `error_message`, `msg`, `reason`, `fault`, `fault_string`, `odata.error` | the same; an object there is read like the body itself |
//! | `detail`, `error_description`, `description` | the detail; an object there is read like the body itself |
//! | `errors`, `validation_errors`, and an array under any name but `title` | the detail, if it was not given before: the text itself, the first text in an array, or the first `message`, `msg`, `detail`, `description`, `reason` or `error` |
//!
//! The members are those of RFC 9457, of OAuth (RFC 6749 §5.2), and of what large vendors send: Google, Microsoft, Amazon,
//! Apigee, Stripe; and web frameworks: Spring, Rails, Laravel, FastAPI, NestJS.

use super::{Part, Problem};
use crate::json::{JsonEvent, Kind, Tokenizer};
use crate::text::Text;

/// Reads the members of an error, in chunks of any size.
#[derive(Clone, Debug)]
pub(super) struct Members {
    tokens: Tokenizer,
    state: State,
    /// How many containers are around the object that is read.
    around: u8,
}

/// A name without case and marks. It is as long as the longest name in the table.
type Name = Text<16>;

/// What a member's name says of its value.
#[derive(Clone, Copy, Debug)]
enum Named {
    Kind,
    Code,
    Title,
    Sentence,
    Detail,
    Errors,
    Nothing,
}

impl Named {
    #[inline(never)]
    fn by(name: &Name) -> Self {
        match name.as_str() {
            _ if name.is_cut() => Self::Nothing,
            "type" => Self::Kind,
            "code" | "errorcode" => Self::Code,
            "title" => Self::Title,
            "message" | "error" | "errormessage" | "msg" | "reason" | "fault" | "faultstring"
            | "odataerror" => Self::Sentence,
            "detail" | "errordescription" | "description" => Self::Detail,
            "errors" | "validationerrors" => Self::Errors,
            _ => Self::Nothing,
        }
    }

    /// Whether a text of that name explains an entry of a list of errors.
    fn explains(self) -> bool {
        matches!(self, Self::Sentence | Self::Detail)
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The document itself.
    Root,
    /// An array that is the document, before its first element.
    Elements,
    /// Between two members of the object, or of one inside it.
    Object,
    /// A member's name.
    Name(Name),
    /// The value of a member.
    Value(Named),
    /// The text of a member.
    Text(Part),
    /// A text that is the document, or its first element.
    Only,
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

impl Members {
    pub(super) const fn new() -> Self {
        Self { tokens: Tokenizer::new(), state: State::Root, around: 0 }
    }

    /// Takes a whole chunk, and tells whether more could be said.
    pub(super) fn push(&mut self, chunk: &[u8], problem: &mut Problem) -> bool {
        let mut rest = chunk;
        loop {
            let read = match self.state {
                State::Over => return false,
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
                return false;
            };
            let Some(next) = next else { return true };
            self.state = next;
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    #[inline(never)]
    fn on(&mut self, state: State, event: JsonEvent<'_>, problem: &mut Problem) -> State {
        let depth_now = self.tokens.depth();
        match (state, event) {
            (State::Root, JsonEvent::Value(Kind::Array)) => State::Elements,
            (State::Root | State::Elements, JsonEvent::Value(Kind::Object)) => {
                self.around = depth_now;
                State::Object
            }
            (State::Root | State::Elements, JsonEvent::Value(Kind::String)) => State::Only,
            (State::Root | State::Elements, _) | (State::Only, JsonEvent::ValueEnd) => State::Over,
            (State::Only, event) => {
                write(problem, Part::Detail, event);
                state
            }
            (State::Object, JsonEvent::NameStart) => State::Name(Name::EMPTY),
            (State::Object, JsonEvent::ValueEnd) if depth_now <= self.around => State::Over,
            (State::Name(name), JsonEvent::NameEnd) => State::Value(Named::by(&name)),
            (State::Name(name), event) => State::Name(longer(name, event)),
            (State::Value(named), JsonEvent::Value(kind)) => value_of(named, kind, depth_now, problem),
            (State::Text(_), JsonEvent::ValueEnd) => State::Object,
            (State::Text(part), event) => {
                write(problem, part, event);
                state
            }
            (State::Errors { depth, .. }, JsonEvent::NameStart) => {
                State::ErrorsName { depth, name: Name::EMPTY }
            }
            (State::ErrorsName { depth, name }, JsonEvent::NameEnd) => {
                State::Errors { depth, explains: Named::by(&name).explains() }
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
                write(problem, Part::Detail, event);
                state
            }
            // The tokenizer tells nothing of interest in these places.
            (state, _) => state,
        }
    }
}

/// What is done with a value of this kind under such a name. What is there already is not written over.
fn value_of(named: Named, kind: Kind, depth: u8, problem: &Problem) -> State {
    let is_free = |part| if problem.is_free(part) { State::Text(part) } else { State::Skip { depth } };
    match (named, kind) {
        (Named::Kind, Kind::String) => is_free(Part::Kind),
        (Named::Code, Kind::String | Kind::Number) => is_free(Part::Code),
        (Named::Title | Named::Sentence, Kind::String) if problem.title.is_empty() => {
            State::Text(Part::Title)
        }
        (Named::Title | Named::Sentence | Named::Detail | Named::Errors, Kind::String) => {
            is_free(Part::Detail)
        }
        (Named::Sentence | Named::Detail, Kind::Object) => State::Object,
        (Named::Sentence | Named::Detail | Named::Errors, Kind::Array) | (Named::Errors, Kind::Object)
            if problem.detail.is_empty() =>
        {
            State::Errors { depth, explains: kind == Kind::Array }
        }
        _ => State::Skip { depth },
    }
}

/// Adds a piece of a text. Half a character is nothing to show.
fn write(problem: &mut Problem, part: Part, piece: JsonEvent<'_>) {
    match piece {
        JsonEvent::Text(text) => text.chars().for_each(|c| problem.push(part, c)),
        JsonEvent::Char(c) => problem.push(part, c),
        _ => {}
    }
}

/// A name with one more piece of it.
fn longer(mut name: Name, event: JsonEvent<'_>) -> Name {
    let mut add = |c: char| {
        if !matches!(c, '_' | '-' | '.') {
            name.push(c.to_ascii_lowercase());
        }
    };
    match event {
        JsonEvent::Text(piece) => piece.chars().for_each(add),
        JsonEvent::Char(c) => add(c),
        // Half a character: no name that is looked for has one.
        _ => add(char::REPLACEMENT_CHARACTER),
    }
    name
}
