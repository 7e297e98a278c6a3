//! A document read through the grammar's machine: [`Tokenizer::next`] tells what is in it, [`Tokenizer::skip`] goes
//! past what nobody wants told. Knows offsets and pieces; what is JSON is the machine's to say.

use core::ops::Range;

use super::machine::{Act, Machine, Mark};
use super::{JsonError, JsonErrorKind, JsonEvent};

/// Reads one document, in pieces of any size.
///
/// Once it has failed, every further call gives the same error.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    machine: Machine,
    /// Bytes consumed. Stays at the offending one after an error.
    offset: u64,
}

impl Tokenizer {
    /// At the start of a document.
    pub const fn new() -> Self {
        Self { machine: Machine::START, offset: 0 }
    }

    /// How many bytes were consumed; after an error, the offset of the byte that was refused.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many arrays and objects are open; after an error, none.
    pub fn depth(&self) -> u8 {
        self.machine.depth()
    }

    /// Counts so many bytes that came before the document and are no part of it, such as a byte order mark.
    pub(crate) fn pass(&mut self, bytes: usize) {
        self.consumed(bytes);
    }

    /// Consumes a prefix of `input` and gives the next event, or consumes all of it and gives none.
    ///
    /// # Errors
    ///
    /// At the first byte that the grammar does not allow.
    pub fn next<'a>(&mut self, input: &'a [u8]) -> Result<(usize, Option<JsonEvent<'a>>), JsonError> {
        self.refused()?;
        let mut piece = 0..0;
        for (at, &byte) in input.iter().enumerate() {
            let behind = at.saturating_add(1);
            let transition = match self.machine.decide(byte) {
                Ok(transition) => transition,
                Err(kind) if piece.is_empty() => return Err(self.fail(at, kind)),
                // What was good is told first, the error when the byte comes again.
                Err(_) => return Ok(self.told(at, lend(input, piece))),
            };
            if !piece.is_empty() && !transition.act.is_text() {
                return Ok(self.told(at, lend(input, piece)));
            }
            self.machine.follow(&transition);
            let (consumed, mark) = match transition.act {
                Act::Pass | Act::Open(_) | Act::InCharacter => continue,
                Act::Ascii => {
                    piece = extended(piece, at..behind);
                    continue;
                }
                Act::Written(c) => match behind.checked_sub(c.len_utf8()) {
                    Some(start) => {
                        piece = extended(piece, start..behind);
                        continue;
                    }
                    // It began before this input.
                    None => (behind, Mark::Char(c)),
                },
                Act::Tell(mark) => (behind, mark),
                Act::TellBefore(mark) => (at, mark),
                Act::Close => (behind, Mark::ValueEnd),
            };
            return Ok(self.told(consumed, Some(mark.into())));
        }
        Ok(self.told(input.len(), lend(input, piece)))
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
        let (at, ended) = self.machine.fast_path(input, 0, depth);
        if ended || at > 0 && at == input.len() {
            return Ok((self.consumed(at), ended));
        }
        self.skip_from(input, at, depth)
    }

    /// From `start` on. The fast path is tried again as soon as it can go on.
    #[inline(never)]
    fn skip_from(&mut self, input: &[u8], start: usize, depth: u8) -> Result<(usize, bool), JsonError> {
        self.refused()?;
        // A copy, for the compiler to keep in registers: alone, the machine is twice as fast with it.
        let mut machine = self.machine;
        let mut at = start;
        let mut ended = false;
        while let (false, Some(&byte)) = (ended, input.get(at)) {
            let transition = match machine.decide(byte) {
                Ok(transition) => transition,
                Err(kind) => return Err(self.fail(at, kind)),
            };
            machine.follow(&transition);
            let (step, ends) = match transition.act {
                // The fast path cannot go on from here.
                Act::InCharacter => {
                    at = at.wrapping_add(1);
                    continue;
                }
                Act::Pass | Act::Ascii | Act::Written(_) | Act::Open(_) => (1, false),
                Act::Tell(mark) => (1, mark == Mark::ValueEnd),
                Act::TellBefore(mark) => (0, mark == Mark::ValueEnd),
                Act::Close => (1, true),
            };
            at = at.wrapping_add(step);
            ended = ends && machine.depth() <= depth;
            if !ended {
                (at, ended) = machine.fast_path(input, at, depth);
            }
        }
        self.machine = machine;
        Ok((self.consumed(at), ended))
    }

    /// Consumes the comma before an array's next element, if that element plainly comes: what [`next`](Self::next)
    /// does before it tells of its [`Value`](JsonEvent::Value). Where it is not sure it consumes nothing.
    #[inline(always)]
    pub(crate) fn element(&mut self, input: &[u8]) -> Option<usize> {
        self.machine.element(input).map(|taken| self.consumed(taken))
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
        match self.machine.failed() {
            Some(kind) => Err(JsonError { offset: self.offset, kind }),
            None => Ok(()),
        }
    }

    fn fail(&mut self, at: usize, kind: JsonErrorKind) -> JsonError {
        self.consumed(at);
        self.machine.fail(kind);
        JsonError { offset: self.offset, kind }
    }

    fn told<'a>(&mut self, consumed: usize, event: Option<JsonEvent<'a>>) -> (usize, Option<JsonEvent<'a>>) {
        (self.consumed(consumed), event)
    }

    // On a small device, once: it is 64-bit arithmetic.
    #[cfg_attr(any(not(target_pointer_width = "64"), tidegate_narrow), inline(never))]
    fn consumed(&mut self, bytes: usize) -> usize {
        self.offset = self.offset.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        bytes
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
