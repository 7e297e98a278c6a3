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
use crate::ascii;
use crate::json::{Event, Kind, Tokenizer};
use crate::text::Text;

/// Reads the members of an error, in chunks of any size.
#[derive(Clone, Debug)]
pub(super) struct Members {
    tokens: Tokenizer,
    /// The name in hand.
    name: Name,
    /// What the latest name says of the value behind it.
    named: Named,
    /// Where the text in hand goes; nowhere if it is of no interest.
    part: Option<Part>,
    /// How many containers are open in the object that is read; zero before it begins.
    inside: u8,
    /// The same in the list of what is wrong; zero outside of it.
    list: u8,
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

/// All names, with spaces between them: those of one kind in a row.
const NAMES: &str = "type code errorcode title \
    message error errormessage msg reason fault faultstring odataerror \
    detail errordescription description errors validationerrors";

impl Named {
    fn by(name: &Name) -> Self {
        if name.is_cut() {
            return Self::Nothing;
        }
        match ascii::place(NAMES, name.as_bytes()) {
            Some(0) => Self::Kind,
            Some(1..=2) => Self::Code,
            Some(3) => Self::Title,
            Some(4..=11) => Self::Sentence,
            Some(12..=14) => Self::Detail,
            Some(_) => Self::Errors,
            None => Self::Nothing,
        }
    }
}

impl Members {
    pub(super) const fn new() -> Self {
        Self {
            tokens: Tokenizer::new(),
            name: Name::EMPTY,
            named: Named::Nothing,
            part: None,
            inside: 0,
            list: 0,
        }
    }

    /// Takes a whole chunk, and tells whether more could be said.
    pub(super) fn push(&mut self, chunk: &[u8], problem: &mut Problem) -> bool {
        let mut at = 0;
        loop {
            match self.tokens.event(chunk, &mut at) {
                Event::Pass => return true,
                Event::Refused => return false,
                event => {
                    if !self.on(event, problem) {
                        return false;
                    }
                }
            }
        }
    }

    /// Tells whether more could be said.
    fn on(&mut self, event: Event, problem: &mut Problem) -> bool {
        match event {
            Event::NameStart => self.name = Name::EMPTY,
            Event::NameEnd => self.named = Named::by(&self.name),
            Event::Value if self.inside == 0 => return self.root(),
            Event::Value if self.list > 0 => self.entry(problem),
            Event::Value => self.member(problem),
            Event::ValueEnd | Event::ValueEndBefore => return self.end(),
            _ if self.tokens.is_in_name() => {
                let c = self.tokens.char().to_ascii_lowercase();
                if !matches!(c, '_' | '-' | '.') {
                    self.name.push(c);
                }
            }
            // Half a character is nothing to show.
            Event::Unpaired | Event::UnpairedBefore => {}
            _ => {
                if let Some(part) = self.part {
                    problem.push(part, self.tokens.char());
                }
            }
        }
        true
    }

    /// The document itself, or the first element of the array that it is.
    fn root(&mut self) -> bool {
        let depth = self.tokens.depth();
        match self.tokens.kind() {
            Kind::Array => depth == 0,
            Kind::Object => {
                self.inside = depth.saturating_add(1);
                true
            }
            Kind::String => {
                self.part = Some(Part::Detail);
                true
            }
            _ => false,
        }
    }

    /// The value of a member. What is there already is not written over.
    fn member(&mut self, problem: &Problem) {
        let kind = self.tokens.kind();
        let part = match (self.named, kind) {
            (Named::Kind, Kind::String) => Part::Kind,
            (Named::Code, Kind::String | Kind::Number) => Part::Code,
            (Named::Title | Named::Sentence, Kind::String) if problem.is_free(Part::Title) => Part::Title,
            (Named::Title | Named::Sentence | Named::Detail | Named::Errors, Kind::String) => Part::Detail,
            (Named::Sentence | Named::Detail, Kind::Object) => return,
            (Named::Sentence | Named::Detail | Named::Errors, Kind::Array)
            | (Named::Errors, Kind::Object)
                if problem.is_free(Part::Detail) =>
            {
                self.list = self.tokens.depth().saturating_add(1);
                self.explain(kind == Kind::Array);
                return;
            }
            _ => return self.tokens.pass_over(),
        };
        if problem.is_free(part) {
            self.part = Some(part);
        } else {
            self.tokens.pass_over();
        }
    }

    /// A value somewhere in the list of what is wrong. The first text that explains is read.
    fn entry(&mut self, problem: &Problem) {
        match (self.tokens.kind(), self.named) {
            (Kind::String, Named::Sentence | Named::Detail) if problem.is_free(Part::Detail) => {
                self.part = Some(Part::Detail);
            }
            // By field, each with its sentences; further down an array may hold anything.
            (kind, _) => self.explain(kind == Kind::Array && self.tokens.depth() <= self.list),
        }
    }

    /// Whether a text in the list that comes now explains.
    fn explain(&mut self, explains: bool) {
        self.named = if explains { Named::Sentence } else { Named::Nothing };
    }

    /// A value is over.
    fn end(&mut self) -> bool {
        let depth = self.tokens.depth();
        self.part = None;
        self.explain(false);
        if depth < self.list {
            self.list = 0;
        }
        self.inside > 0 && depth >= self.inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_of_its_kind() {
        let table: [(&[&str], &str); 7] = [
            (&["type"], "Kind"),
            (&["code", "errorcode"], "Code"),
            (&["title"], "Title"),
            (
                &["message", "error", "errormessage", "msg", "reason", "fault", "faultstring", "odataerror"],
                "Sentence",
            ),
            (&["detail", "errordescription", "description"], "Detail"),
            (&["errors", "validationerrors"], "Errors"),
            (&["", "types", "code errorcode", "titl", "messages", "validationerrorss"], "Nothing"),
        ];
        for (names, kind) in table {
            for name in names {
                assert_eq!(std::format!("{:?}", Named::by(&Name::new(name))), kind, "{name:?}");
            }
        }
    }
}
