//! The grammar of a document as a state machine: RFC 8259, sections 2 to 5. It says what each byte is, and alone decides what
//! is JSON. It knows neither offsets nor callers. What is between quotes is in `text.rs`.

use super::containers::{Container, Containers};
use super::number::Number;
use super::{Expected, JsonErrorKind, Kind};

/// Where in a document the next byte is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    pub(super) containers: Containers,
    pub(super) state: State,
    /// How much of the number in hand was read.
    pub(super) number: Number,
    /// What the text in hand is. That of a number is a value's.
    pub(super) role: Role,
    /// What the value is that was told last.
    pub(super) kind: Kind,
    /// Of a word: where in [`WORDS`] its next letter is. Of an escape's digits and of a character: how many are to come.
    pub(super) place: u8,
    /// The bounds of the next byte of a character.
    pub(super) bounds: (u8, u8),
    /// What the digits of an escape come to so far.
    pub(super) unit: u16,
    /// The escaped surrogate that the next escape may complete. Zero if there is none.
    pub(super) high: u16,
    /// The character or the unpaired surrogate that was told last.
    pub(super) code: u32,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A value: the document itself, a member's or an element behind a comma.
    Value,
    /// The first element of an array, or its end.
    FirstElement,
    /// The first byte of a value that was told.
    Opening,
    /// The first name in an object, or its end.
    FirstName,
    /// The name behind a comma.
    Name,
    /// The colon behind a name.
    Colon,
    /// What may stand behind a value: a comma or the end of what it is in.
    After,
    /// More of a word.
    Word,
    /// In a text, between characters.
    Plain,
    /// Behind a backslash.
    Escape,
    /// In the digits of `\u1234`.
    Hex,
    /// Behind an escaped high surrogate, which the next escape may complete.
    Pair,
    /// In a character of several bytes.
    Utf8,
    /// More of a number, or what ends it.
    Number,
    /// Nothing: an earlier byte was refused.
    Failed,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Name,
    Value,
}

/// What a byte was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Nothing to tell of. Of a whole input: there is no more of it.
    Pass,
    /// The last byte of the innermost value.
    ValueEnd,
    /// The quote before a name.
    NameStart,
    /// The quote behind it.
    NameEnd,
    /// The last byte of a character of a name, a string or a number, as written.
    Char,
    /// The last byte of an escaped character.
    Escaped,
    /// The last byte of an escaped surrogate that completes nothing.
    Unpaired,
    /// A value begins with the byte, which comes again.
    Value,
    /// A number ended before the byte, which comes again.
    ValueEndBefore,
    /// The surrogate before the byte stays alone. The byte comes again.
    UnpairedBefore,
    /// It is not allowed here.
    Refused,
}

/// The three values that are words, each with a mark behind it.
const WORDS: &[u8; 16] = b"true,false,null,";

impl Machine {
    pub(super) const START: Self = Self {
        containers: Containers::NONE,
        state: State::Value,
        number: Number::Zero,
        role: Role::Value,
        kind: Kind::Null,
        place: 0,
        bounds: (0, 0),
        unit: 0,
        high: 0,
        code: 0,
    };

    /// Whether the document may end here.
    pub(super) fn is_whole(&self) -> bool {
        let is_over = match self.state {
            State::After => true,
            State::Number => self.number.is_whole(),
            _ => false,
        };
        is_over && self.containers.depth() == 0
    }

    /// What the byte is. If it is refused, nothing changes.
    ///
    /// It and all it calls for a byte is inlined: a call would cost more than what most bytes need. A small device has
    /// less flash than time, and it is there once.
    #[cfg_attr(all(target_pointer_width = "64", not(tidegate_narrow)), inline(always))]
    #[cfg_attr(any(not(target_pointer_width = "64"), tidegate_narrow), inline(never))]
    pub(super) fn step(&mut self, byte: u8) -> Event {
        match self.state {
            State::Plain => self.plain(byte),
            State::Utf8 => self.character(byte),
            State::Escape => self.escape(byte),
            State::Hex => self.hex(byte),
            State::Pair => self.pair(byte),
            State::Number => match self.number.step(byte) {
                Some(number) => self.digit(number, byte),
                None if self.number.is_whole() => self.go(State::After, Event::ValueEndBefore),
                None => Event::Refused,
            },
            State::Word => self.word(byte),
            State::Opening => self.open(byte),
            State::Failed => Event::Refused,
            _ if is_whitespace(byte) => Event::Pass,
            State::FirstElement if byte == b']' => self.close(Container::Array),
            State::Value | State::FirstElement => match Kind::of(byte) {
                Some(kind) => {
                    self.kind = kind;
                    self.go(State::Opening, Event::Value)
                }
                None => Event::Refused,
            },
            State::FirstName if byte == b'}' => self.close(Container::Object),
            State::Name | State::FirstName if byte == b'"' => {
                self.role = Role::Name;
                self.go(State::Plain, Event::NameStart)
            }
            State::Colon if byte == b':' => self.go(State::Value, Event::Pass),
            State::After => match byte {
                b',' => match self.containers.innermost() {
                    Some(Container::Array) => self.go(State::Value, Event::Pass),
                    Some(Container::Object) => self.go(State::Name, Event::Pass),
                    None => Event::Refused,
                },
                b']' => self.close(Container::Array),
                b'}' => self.close(Container::Object),
                _ => Event::Refused,
            },
            State::Name | State::FirstName | State::Colon => Event::Refused,
        }
    }

    /// The first byte of a value that was told.
    fn open(&mut self, byte: u8) -> Event {
        self.role = Role::Value;
        let state = match byte {
            b'{' if self.containers.open(Container::Object) => State::FirstName,
            b'[' if self.containers.open(Container::Array) => State::FirstElement,
            b'"' => State::Plain,
            b't' | b'f' | b'n' => {
                self.place = match byte {
                    b't' => 1,
                    b'f' => 6,
                    _ => 12,
                };
                State::Word
            }
            _ => {
                let number = Number::begin(byte);
                return number.map_or(Event::Refused, |number| self.digit(number, byte));
            }
        };
        self.go(state, Event::Pass)
    }

    /// The last byte of a container, if it is the innermost one.
    fn close(&mut self, container: Container) -> Event {
        if self.containers.innermost() != Some(container) {
            return Event::Refused;
        }
        self.containers.close();
        self.go(State::After, Event::ValueEnd)
    }

    /// The byte makes the number this.
    fn digit(&mut self, number: Number, byte: u8) -> Event {
        self.number = number;
        self.code = byte.into();
        self.go(State::Number, Event::Char)
    }

    fn word(&mut self, byte: u8) -> Event {
        if byte != self.letter() {
            return Event::Refused;
        }
        self.place = self.place.saturating_add(1);
        if self.letter() == b',' { self.go(State::After, Event::ValueEnd) } else { Event::Pass }
    }

    /// The next letter of the word in hand.
    fn letter(&self) -> u8 {
        WORDS.get(usize::from(self.place)).copied().unwrap_or(b',')
    }

    pub(super) fn go(&mut self, state: State, event: Event) -> Event {
        self.state = state;
        event
    }

    /// Why the byte is refused.
    pub(super) fn refusal(&self, found: u8) -> JsonErrorKind {
        let expected = match self.state {
            State::Plain if found < b' ' => return JsonErrorKind::ControlCharacter(found),
            State::Plain | State::Utf8 | State::Pair => return JsonErrorKind::NotUtf8(found),
            State::Opening if matches!(found, b'{' | b'[') => return JsonErrorKind::TooDeep,
            State::Value | State::Opening => Expected::Value,
            State::FirstElement => Expected::ValueOrArrayEnd,
            State::FirstName => Expected::NameOrObjectEnd,
            State::Name => Expected::Name,
            State::Colon => Expected::Colon,
            State::Word => Expected::Letter(self.letter()),
            State::Escape => Expected::Escape,
            State::Hex => Expected::HexDigit,
            State::Number => Expected::Digit,
            State::After | State::Failed => match self.containers.innermost() {
                Some(Container::Array) => Expected::CommaOrArrayEnd,
                Some(Container::Object) => Expected::CommaOrObjectEnd,
                None => Expected::Nothing,
            },
        };
        JsonErrorKind::Unexpected { found, expected }
    }
}

impl Event {
    /// Whether the byte was read.
    pub(super) fn consumes(self) -> bool {
        !matches!(self, Self::Value | Self::ValueEndBefore | Self::UnpairedBefore | Self::Refused)
    }

    /// Whether the innermost value is over.
    pub(super) fn ends_value(self) -> bool {
        matches!(self, Self::ValueEnd | Self::ValueEndBefore)
    }
}

/// RFC 8259, section 2.
pub(super) fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
