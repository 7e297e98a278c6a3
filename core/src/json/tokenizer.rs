//! A document read through the grammar's machine: [`Tokenizer::next`] tells what is in it, [`Tokenizer::skip`] goes
//! past what nobody wants told. Knows offsets and pieces; what is JSON is the machine's to say.

use core::ops::Range;

use super::machine::{Event, Machine, Role, State};
use super::{JsonError, JsonErrorKind, JsonEvent, Kind};

/// Reads one document, in pieces of any size.
///
/// Once it has failed, every further call gives the same error.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    machine: Machine,
    /// Bytes consumed. Stays at the offending one after an error.
    offset: u64,
    /// What is wrong with that byte.
    failed: Option<JsonErrorKind>,
    /// One more than the containers around the value that [`event`](Self::event) passes over; zero if it passes none.
    passing: u8,
}

impl Tokenizer {
    /// At the start of a document.
    pub const fn new() -> Self {
        Self { machine: Machine::START, offset: 0, failed: None, passing: 0 }
    }

    /// How many bytes were consumed; after an error, the offset of the byte that was refused.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many arrays and objects are open; after an error, none.
    pub fn depth(&self) -> u8 {
        self.machine.containers.depth()
    }

    /// Counts so many bytes that came before the document and are no part of it, such as a byte order mark.
    // On a small device, once: it is 64-bit arithmetic.
    #[cfg_attr(any(not(target_pointer_width = "64"), tidegate_narrow), inline(never))]
    pub(crate) fn pass(&mut self, bytes: usize) {
        self.offset = self.offset.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// What [`next`](Self::next) does for readers within this crate: each character is told alone, nothing is lent, and a
    /// value can be passed over. Consumes from `at` on.
    #[cfg_attr(all(target_pointer_width = "64", not(tidegate_narrow)), inline(always))]
    #[cfg_attr(any(not(target_pointer_width = "64"), tidegate_narrow), inline(never))]
    pub(crate) fn event(&mut self, input: &[u8], at: &mut usize) -> Event {
        let Some(around) = self.passing.checked_sub(1) else { return self.told(input, at) };
        let event = self.skip_on(input, at, around);
        if event == Event::ValueEnd {
            self.passing = 0;
        }
        event
    }

    #[cfg_attr(all(target_pointer_width = "64", not(tidegate_narrow)), inline(never))]
    fn told(&mut self, input: &[u8], at: &mut usize) -> Event {
        let start = *at;
        let mut told = Event::Pass;
        while let (Event::Pass, Some(&byte)) = (told, input.get(*at)) {
            told = self.machine.step(byte);
            if told.consumes() {
                *at = at.wrapping_add(1);
            } else if told == Event::Refused {
                self.refuse(byte);
            }
        }
        self.pass(at.wrapping_sub(start));
        told
    }

    /// The value that was just told of is passed over: next comes its end.
    pub(crate) fn pass_over(&mut self) {
        self.passing = self.depth().saturating_add(1);
    }

    /// What the value is that was just told of.
    pub(crate) fn kind(&self) -> Kind {
        self.machine.kind
    }

    /// Whether the character that was just told of is part of a name.
    pub(crate) fn is_in_name(&self) -> bool {
        self.machine.role == Role::Name
    }

    /// The character that was just told of. For an unpaired surrogate, the replacement character.
    #[inline(never)]
    pub(crate) fn char(&self) -> char {
        char::from_u32(self.machine.code).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// The unpaired surrogate that was just told of.
    pub(crate) fn unpaired(&self) -> u16 {
        u16::try_from(self.machine.code).unwrap_or_default()
    }

    /// Consumes a prefix of `input` and gives the next event, or consumes all of it and gives none.
    ///
    /// # Errors
    ///
    /// At the first byte that the grammar does not allow.
    pub fn next<'a>(&mut self, input: &'a [u8]) -> Result<(usize, Option<JsonEvent<'a>>), JsonError> {
        self.refused()?;
        let (mut at, mut piece, mut told) = (0, 0..0, None);
        while let (None, Some(&byte)) = (told, input.get(at)) {
            let before = self.machine;
            let event = self.machine.step(byte);
            let is_text =
                matches!((event, self.machine.state), (Event::Char, _) | (Event::Pass, State::Utf8));
            if !piece.is_empty() && !is_text {
                // The piece is told first, and the byte comes again.
                self.machine = before;
                break;
            }
            at = at.saturating_add(event.consumes().into());
            told = match event {
                Event::Pass => None,
                Event::Char => match at.checked_sub(self.char().len_utf8()) {
                    Some(start) => {
                        piece = extended(piece, start..at);
                        None
                    }
                    // It began before this input.
                    None => Some(JsonEvent::Char(self.char())),
                },
                Event::Escaped => Some(JsonEvent::Char(self.char())),
                Event::Unpaired | Event::UnpairedBefore => Some(JsonEvent::Unpaired(self.unpaired())),
                Event::Value => Some(JsonEvent::Value(self.kind())),
                Event::ValueEnd | Event::ValueEndBefore => Some(JsonEvent::ValueEnd),
                Event::NameStart => Some(JsonEvent::NameStart),
                Event::NameEnd => Some(JsonEvent::NameEnd),
                Event::Refused => {
                    self.pass(at);
                    self.refuse(byte);
                    return self.refused().map(|()| (at, None));
                }
            };
        }
        self.pass(at);
        Ok((at, told.or_else(|| lend(input, piece))))
    }

    /// Consumes to the end of the value in which, or right before which, the tokenizer is, and tells whether that was
    /// reached. `depth` is how many containers are open around that value: what [`depth`](Self::depth) said when the
    /// value was announced.
    ///
    /// # Errors
    ///
    /// At the first byte that the grammar does not allow.
    #[inline(always)]
    pub fn skip(&mut self, input: &[u8], depth: u8) -> Result<(usize, bool), JsonError> {
        let mut at = 0;
        let event = self.skip_on(input, &mut at, depth);
        self.refused()?;
        Ok((at, event == Event::ValueEnd))
    }

    /// The same from `at` on. Mostly the fast path goes all the way.
    #[cfg(all(target_pointer_width = "64", not(tidegate_narrow)))]
    #[inline(always)]
    fn skip_on(&mut self, input: &[u8], at: &mut usize, depth: u8) -> Event {
        let (reached, ended) = self.machine.fast_path(input, *at, depth);
        self.pass(reached.wrapping_sub(*at));
        *at = reached;
        match ended {
            true => Event::ValueEnd,
            false if reached == input.len() => Event::Pass,
            false => self.skip_from(input, at, depth),
        }
    }

    #[cfg(any(not(target_pointer_width = "64"), tidegate_narrow))]
    fn skip_on(&mut self, input: &[u8], at: &mut usize, depth: u8) -> Event {
        self.skip_from(input, at, depth)
    }

    /// From `at` on. The fast path is tried again as soon as it can go on.
    #[inline(never)]
    fn skip_from(&mut self, input: &[u8], at: &mut usize, depth: u8) -> Event {
        let start = *at;
        let mut reached = start;
        let machine = &mut self.machine;
        let mut told = Event::Pass;
        while let Some(&byte) = input.get(reached) {
            told = machine.step(byte);
            if told == Event::Refused {
                break;
            }
            reached = reached.wrapping_add(told.consumes().into());
            let mut ended = told.ends_value() && machine.containers.depth() <= depth;
            if !ended {
                (reached, ended) = machine.fast_path(input, reached, depth);
            }
            if ended {
                told = Event::ValueEnd;
                break;
            }
            told = Event::Pass;
        }
        self.pass(reached.wrapping_sub(start));
        *at = reached;
        if let (Event::Refused, Some(&byte)) = (told, input.get(reached)) {
            self.refuse(byte);
        }
        told
    }

    /// Consumes the comma before an array's next element, if that element plainly comes: what [`next`](Self::next)
    /// does before it tells of its [`Value`](JsonEvent::Value). Where it is not sure it consumes nothing.
    #[cfg(all(target_pointer_width = "64", not(tidegate_narrow)))]
    #[inline(always)]
    pub(crate) fn element(&mut self, input: &[u8]) -> Option<usize> {
        let taken = self.machine.element(input)?;
        self.pass(taken);
        Some(taken)
    }

    /// The input is over: whether the document is whole.
    ///
    /// # Errors
    ///
    /// The earlier error, or [`JsonErrorKind::CutShort`].
    pub fn finish(&self) -> Result<(), JsonError> {
        self.refused()?;
        if self.machine.is_whole() {
            Ok(())
        } else {
            Err(JsonError { offset: self.offset, kind: JsonErrorKind::CutShort })
        }
    }

    /// The error of an earlier call.
    fn refused(&self) -> Result<(), JsonError> {
        match self.failed {
            Some(kind) => Err(JsonError { offset: self.offset, kind }),
            None => Ok(()),
        }
    }

    /// The next byte is not allowed, unless one before it was not.
    #[cold]
    #[inline(never)]
    fn refuse(&mut self, byte: u8) {
        self.failed = self.failed.or(Some(self.machine.refusal(byte)));
        self.machine.state = State::Failed;
        self.machine.containers.close_all();
    }
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self::new()
    }
}

/// The piece with one more character behind it.
fn extended(piece: Range<usize>, character: Range<usize>) -> Range<usize> {
    if piece.is_empty() { character } else { piece.start..character.end }
}

/// The piece of text, if there is any. It is whole characters that the machine has just accepted, hence UTF-8.
fn lend(input: &[u8], piece: Range<usize>) -> Option<JsonEvent<'_>> {
    let text = core::str::from_utf8(input.get(piece)?).ok()?;
    if text.is_empty() { None } else { Some(JsonEvent::Text(text)) }
}
