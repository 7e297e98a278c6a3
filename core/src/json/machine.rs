//! The grammar of a document as a state machine: RFC 8259, sections 2 to 5. It says what each byte leads to, and alone
//! decides what is JSON, and knows neither offsets nor callers.

use super::containers::{Container, Containers};
use super::number::Number;
use super::text::{Meaning, Text};
use super::{Expected, JsonErrorKind, JsonEvent, Kind};

/// Where in a document the next byte is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    pub(super) containers: Containers,
    pub(super) state: State,
}

/// What may come next.
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    /// A value: the document itself, a member's or an element behind a comma.
    Value,
    /// The first element of an array, or its end.
    FirstElement,
    /// The first byte of a value that was announced.
    Opening,
    /// The first name in an object, or its end.
    FirstName,
    /// The name behind a comma.
    Name,
    /// The colon behind a name.
    Colon,
    /// More of a name or a string.
    Text(Role, Text),
    /// More of a number, or what ends it.
    Number(Number),
    /// More of a word of which so many letters were seen.
    Word(Word, u8),
    /// What may stand behind a value: a comma or the end of what it is in.
    After,
    /// Nothing: an earlier byte was refused.
    Failed(JsonErrorKind),
}

/// What a text is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    Name,
    Value,
}

/// One of the three values that are words.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word {
    True,
    False,
    Null,
}

/// What one byte leads to. Deciding it changes nothing; [`Machine::follow`] does.
pub(super) struct Transition {
    state: State,
    pub(super) act: Act,
}

pub(super) enum Act {
    /// Go on behind the byte.
    Pass,
    /// Go on behind the byte, which is the start of a character or within it.
    InCharacter,
    /// The byte is ASCII and part of a text as written.
    Ascii,
    /// The byte is the last of this character, part of a text as written.
    Written(char),
    /// Tell, and go on behind the byte.
    Tell(Mark),
    /// Tell, and look at the byte again.
    TellBefore(Mark),
    /// Go on inside this container.
    Open(Container),
    /// The innermost container ends with the byte.
    Close,
}

/// An event that has nothing lent in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Value(Kind),
    ValueEnd,
    NameStart,
    NameEnd,
    Char(char),
    Unpaired(u16),
}

impl Machine {
    pub(super) const START: Self = Self { containers: Containers::NONE, state: State::Value };

    /// How many arrays and objects are open.
    pub(super) fn depth(&self) -> u8 {
        self.containers.depth()
    }

    /// Whether the document may end here.
    pub(super) fn is_whole(&self) -> bool {
        match self.state {
            State::After => self.depth() == 0,
            State::Number(number) => number.is_whole() && self.depth() == 0,
            _ => false,
        }
    }

    /// What refused an earlier byte.
    pub(super) fn failed(&self) -> Option<JsonErrorKind> {
        match self.state {
            State::Failed(kind) => Some(kind),
            _ => None,
        }
    }

    pub(super) fn fail(&mut self, kind: JsonErrorKind) {
        *self = Self { containers: Containers::NONE, state: State::Failed(kind) };
    }

    /// The whole grammar between values, texts and numbers.
    ///
    /// It and all it calls for a byte is inlined: a call would cost more than what most bytes need. A small device has
    /// less flash than time, and it is there once.
    #[cfg_attr(all(target_pointer_width = "64", not(tidegate_narrow)), inline(always))]
    #[cfg_attr(any(not(target_pointer_width = "64"), tidegate_narrow), inline(never))]
    pub(super) fn decide(&self, byte: u8) -> Result<Transition, JsonErrorKind> {
        match self.state {
            // Most bytes are these. A small device has run past them.
            #[cfg(all(target_pointer_width = "64", not(tidegate_narrow)))]
            State::Text(_, Text::Plain) if super::text::is_plain(byte) => go(self.state, Act::Ascii),
            State::Text(role, text) => decide_text(role, text, byte),
            State::Number(number) => decide_number(number, byte),
            State::Word(word, seen) => decide_word(word, seen, byte),
            State::Opening => self.open(byte),
            State::Failed(kind) => Err(kind),
            state if is_whitespace(byte) => go(state, Act::Pass),
            State::Value => announce(byte, Expected::Value),
            State::FirstElement if byte == b']' => go(State::After, Act::Close),
            State::FirstElement => announce(byte, Expected::ValueOrArrayEnd),
            State::FirstName if byte == b'}' => go(State::After, Act::Close),
            State::FirstName => begin_name(byte, Expected::NameOrObjectEnd),
            State::Name => begin_name(byte, Expected::Name),
            State::Colon if byte == b':' => go(State::Value, Act::Pass),
            State::Colon => refuse(byte, Expected::Colon),
            State::After => match (self.containers.innermost(), byte) {
                (Some(Container::Array), b',') => go(State::Value, Act::Pass),
                (Some(Container::Array), b']') => go(State::After, Act::Close),
                (Some(Container::Array), _) => refuse(byte, Expected::CommaOrArrayEnd),
                (Some(Container::Object), b',') => go(State::Name, Act::Pass),
                (Some(Container::Object), b'}') => go(State::After, Act::Close),
                (Some(Container::Object), _) => refuse(byte, Expected::CommaOrObjectEnd),
                (None, _) => refuse(byte, Expected::Nothing),
            },
        }
    }

    /// The first byte of a value that was announced.
    #[inline(always)]
    fn open(&self, byte: u8) -> Result<Transition, JsonErrorKind> {
        match byte {
            b'{' | b'[' if self.containers.is_full() => Err(JsonErrorKind::TooDeep),
            b'{' => go(State::FirstName, Act::Open(Container::Object)),
            b'[' => go(State::FirstElement, Act::Open(Container::Array)),
            b'"' => go(State::Text(Role::Value, Text::Plain), Act::Pass),
            b't' => go(State::Word(Word::True, 1), Act::Pass),
            b'f' => go(State::Word(Word::False, 1), Act::Pass),
            b'n' => go(State::Word(Word::Null, 1), Act::Pass),
            _ => match Number::begin(byte) {
                Some(number) => go(State::Number(number), Act::Ascii),
                None => refuse(byte, Expected::Value),
            },
        }
    }

    /// Past the comma to the first byte of an array's next element, if that is plainly what comes: as if the element
    /// had been announced.
    #[inline(always)]
    pub(super) fn element(&mut self, input: &[u8]) -> Option<usize> {
        let (State::After, Some(Container::Array), [b',', behind @ ..]) =
            (&self.state, self.containers.innermost(), input)
        else {
            return None;
        };
        let space = behind.iter().position(|byte| !is_whitespace(*byte))?;
        Kind::of(*behind.get(space)?)?;
        self.state = State::Opening;
        Some(space.saturating_add(1))
    }

    #[inline(always)]
    pub(super) fn follow(&mut self, transition: &Transition) {
        self.state = transition.state;
        match transition.act {
            Act::Open(container) => self.containers.open(container),
            Act::Close => self.containers.close(),
            Act::Pass
            | Act::InCharacter
            | Act::Ascii
            | Act::Written(_)
            | Act::Tell(_)
            | Act::TellBefore(_) => {}
        }
    }
}

impl Act {
    /// Whether the byte is of a text as written.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::InCharacter | Self::Ascii | Self::Written(_))
    }
}

impl From<Mark> for JsonEvent<'_> {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Value(kind) => Self::Value(kind),
            Mark::ValueEnd => Self::ValueEnd,
            Mark::NameStart => Self::NameStart,
            Mark::NameEnd => Self::NameEnd,
            Mark::Char(c) => Self::Char(c),
            Mark::Unpaired(unit) => Self::Unpaired(unit),
        }
    }
}

impl Word {
    fn letters(self) -> &'static [u8] {
        match self {
            Self::True => b"true",
            Self::False => b"false",
            Self::Null => b"null",
        }
    }
}

fn announce(byte: u8, expected: Expected) -> Result<Transition, JsonErrorKind> {
    match Kind::of(byte) {
        Some(kind) => go(State::Opening, Act::TellBefore(Mark::Value(kind))),
        None => refuse(byte, expected),
    }
}

fn begin_name(byte: u8, expected: Expected) -> Result<Transition, JsonErrorKind> {
    match byte {
        b'"' => go(State::Text(Role::Name, Text::Plain), Act::Tell(Mark::NameStart)),
        _ => refuse(byte, expected),
    }
}

#[inline(always)]
fn decide_text(role: Role, text: Text, byte: u8) -> Result<Transition, JsonErrorKind> {
    let (text, meaning) = text.step(byte)?;
    let state = State::Text(role, text);
    match (meaning, role) {
        (Meaning::InEscape, _) => go(state, Act::Pass),
        (Meaning::InCharacter, _) => go(state, Act::InCharacter),
        (Meaning::Ascii, _) => go(state, Act::Ascii),
        (Meaning::Written(c), _) => go(state, Act::Written(c)),
        (Meaning::Escaped(c), _) => go(state, Act::Tell(Mark::Char(c))),
        (Meaning::Unpaired(unit), _) => go(state, Act::Tell(Mark::Unpaired(unit))),
        (Meaning::UnpairedBefore(unit), _) => go(state, Act::TellBefore(Mark::Unpaired(unit))),
        (Meaning::Close, Role::Name) => go(State::Colon, Act::Tell(Mark::NameEnd)),
        (Meaning::Close, Role::Value) => go(State::After, Act::Tell(Mark::ValueEnd)),
    }
}

#[inline(always)]
fn decide_number(number: Number, byte: u8) -> Result<Transition, JsonErrorKind> {
    match number.step(byte) {
        Some(number) => go(State::Number(number), Act::Ascii),
        None if number.is_whole() => go(State::After, Act::TellBefore(Mark::ValueEnd)),
        None => refuse(byte, Expected::Digit),
    }
}

#[inline(always)]
fn decide_word(word: Word, seen: u8, byte: u8) -> Result<Transition, JsonErrorKind> {
    match word.letters().get(usize::from(seen)..) {
        Some([letter, ..]) if *letter != byte => refuse(byte, Expected::Letter(*letter)),
        Some([_, _, ..]) => go(State::Word(word, seen.saturating_add(1)), Act::Pass),
        _ => go(State::After, Act::Tell(Mark::ValueEnd)),
    }
}

fn go(state: State, act: Act) -> Result<Transition, JsonErrorKind> {
    Ok(Transition { state, act })
}

fn refuse(found: u8, expected: Expected) -> Result<Transition, JsonErrorKind> {
    Err(JsonErrorKind::Unexpected { found, expected })
}

/// RFC 8259, section 2.
pub(super) fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
