//! The decoder: bytes of a response in, its head, its body and its end out. Decides nothing about bytes and heads by itself
//! (`grammar` and `head` do); it keeps the state, counts the bytes and lends the pieces. RFC 9112 §6 and §9.
//!
//! | state | left by | for |
//! |---|---|---|
//! | of a head | the end of an interim head | `Beginning` |
//! | | the end of the head | `Size`, `Length` or `UntilClose`, or `Due` if there is no body |
//! | of a body | its last byte | `Due` |
//! | `UntilClose` | `eof` | `Over` |
//! | `Due` | the next `push`, which tells the end; `eof` | `Over` |
//! | `Over` | nothing: after a byte too many, or `eof`, the connection is of no more use | |
//! | any but `Due`, `Over` | a byte that may not stand there; `eof`: cut short | `Failed` |

use super::H1Error;
use super::error::Fault;
use super::fields::{FieldLines, field};
use super::grammar::State;
use super::head::Announced;
use super::limits::{FIELDS_LIMIT, SKIPPED_LIMIT};

/// Reads one response, in pieces of any size.
///
/// Once it has failed, every further call gives the same error.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// Bytes taken; once it has failed, those before the one that is wrong.
    offset: u64,
    head: Announced,
    /// Bytes in the head buffer.
    collected: u32,
    /// Where in it the line in hand begins.
    line: u32,
    /// Bytes taken that nobody reads.
    skipped: u32,
    state: State,
    /// Bytes of a head's beginning, whole lines of a head, or digits of a chunk's size.
    seen: u8,
    is_in_head: bool,
    may_have_body: bool,
}

/// What [`Decoder::push`] tells: the head, pieces of the body, the end.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The head came.
    Head(Head<'a>),
    /// A piece of the body, never empty, transfer coding removed, lent from the input.
    Body(&'a [u8]),
    /// The response is whole.
    End,
}

/// The head of a response, lent from the head buffer.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    status: u16,
    fields: FieldLines<'a>,
}

impl<'a> Head<'a> {
    /// The status, from 200 to 599.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Names and values, in the order they came in, without whitespace around them. Values are bytes because nothing
    /// says that they are text (RFC 9110 §5.5).
    pub fn fields(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        self.fields
    }
}

impl Decoder {
    /// At the start of the response to a request such as `GET`.
    pub const fn new() -> Self {
        Self {
            offset: 0,
            head: Announced::NOTHING,
            collected: 0,
            line: 0,
            skipped: 0,
            state: State::Beginning,
            seen: 0,
            is_in_head: true,
            may_have_body: true,
        }
    }

    /// At the start of the response to a `HEAD` request, which has no body whatever its fields say.
    pub const fn without_body() -> Self {
        Self { may_have_body: false, ..Self::new() }
    }

    /// Takes a prefix of `bytes` and hands back at most one event. While one comes back, the rest must be given again,
    /// even if nothing is left; without one, all was taken. Interim responses are passed over.
    ///
    /// The head is collected in `head_buffer`, always the same one until it has been told; its size is the largest head.
    ///
    /// # Errors
    ///
    /// At the first byte that may not stand there.
    pub fn push<'a>(
        &mut self,
        bytes: &'a [u8],
        head_buffer: &'a mut [u8],
    ) -> Result<(usize, Option<Event<'a>>), H1Error> {
        self.push_reading(bytes, head_buffer, &|_| true)
    }

    /// As [`Decoder::push`], but of a head only the fields are told whose names are to be read, such as those of
    /// [`Pull::reads`](crate::Pull::reads), beside those that frame the response. Any other field needs room for its name
    /// until its colon comes, and none for its value: it counts towards [`SKIPPED_LIMIT`] instead.
    ///
    /// # Errors
    ///
    /// At the first byte that may not stand there.
    #[inline(never)]
    pub fn push_reading<'a>(
        &mut self,
        bytes: &'a [u8],
        head_buffer: &'a mut [u8],
        is_read: &dyn Fn(&str) -> bool,
    ) -> Result<(usize, Option<Event<'a>>), H1Error> {
        let mut taken: usize = 0;
        loop {
            let rest = bytes.get(taken..).unwrap_or_default();
            let (count, is_head) = match (self.state, rest) {
                (State::Failed(fault), _) => return Err(self.error(fault)),
                (State::Due, _) => {
                    self.state = State::Over;
                    // Nothing was asked that could be answered by more: whose bytes these are, nobody can say.
                    self.head.closes |= !rest.is_empty();
                    return Ok((taken, Some(Event::End)));
                }
                (_, []) => return Ok((taken, None)),
                (State::Over, _) => {
                    self.head.closes = true;
                    (rest.len(), false)
                }
                (State::Length | State::Chunk | State::UntilClose, _) => {
                    let piece = self.piece(rest);
                    self.offset = self.offset.wrapping_add(piece.len() as u64);
                    return Ok((taken.wrapping_add(piece.len()), Some(Event::Body(piece))));
                }
                (_, [byte, ..]) => match self.take(*byte, head_buffer, is_read) {
                    Ok(is_head) => (1, is_head),
                    Err(fault) => return Err(self.fail(fault)),
                },
            };
            taken = taken.wrapping_add(count);
            self.offset = self.offset.wrapping_add(count as u64);
            if is_head {
                let head = head_buffer.get(..self.collected as usize).unwrap_or_default();
                let head = Head { status: self.head.status, fields: FieldLines::of(head) };
                return Ok((taken, Some(Event::Head(head))));
            }
        }
    }

    /// The connection was closed, and properly so: not reset, and where there is TLS, with its goodbye. Success is the
    /// response's end, which is then told by this call if [`Event::End`] has not told it.
    ///
    /// # Errors
    ///
    /// The response was cut short, or had failed before.
    pub fn eof(&mut self) -> Result<(), H1Error> {
        match self.state {
            State::Failed(fault) => Err(self.error(fault)),
            State::UntilClose | State::Due | State::Over => {
                self.state = State::Over;
                self.head.closes = true;
                Ok(())
            }
            State::Length => Err(self.fail(Fault::NoBytes)),
            _ if self.is_in_head => Err(self.fail(Fault::NoHeadEnd)),
            _ => Err(self.fail(Fault::NoLastChunk)),
        }
    }

    /// Whether the connection may carry another request: the response's end was told, both sides mean to go on, and
    /// nothing came behind it. Ask before each reuse, with all bytes that came pushed.
    pub const fn is_reusable(&self) -> bool {
        matches!(self.state, State::Over) && !self.head.closes
    }

    /// How many bytes were taken; once it has failed, how many came before the one that is wrong.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// As much of the input as belongs to the body, or to the chunk in hand.
    fn piece<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        if self.state == State::UntilClose {
            return rest;
        }
        let left = usize::try_from(self.head.left).unwrap_or(usize::MAX);
        let piece = rest.get(..left).unwrap_or(rest);
        self.head.left = self.head.left.wrapping_sub(piece.len() as u64);
        if self.head.left == 0 {
            self.state = if self.state == State::Chunk { State::ChunkCr } else { State::Due };
        }
        piece
    }

    /// Takes a byte that is not of the body. Tells whether the head ends with it.
    fn take(
        &mut self,
        byte: u8,
        head_buffer: &mut [u8],
        is_read: &dyn Fn(&str) -> bool,
    ) -> Result<bool, Fault> {
        let next = self.state.step(byte, self.seen)?;
        let from = core::mem::replace(&mut self.state, next);
        if self.is_in_head {
            if next == State::LineStart && usize::from(self.seen) > FIELDS_LIMIT {
                return Err(Fault::TooManyFields);
            }
            if from == State::Name && next == State::Value && !self.is_name_read(head_buffer, is_read) {
                self.state = State::Unread;
                self.skip(self.collected.wrapping_sub(self.line))?;
                self.collected = self.line;
            }
            // The bytes that end an unread line follow its start in the buffer; those of any other follow something.
            let is_unread = self.state == State::Unread
                || from == State::Unread
                || from == State::LineLf && self.collected == self.line;
            if is_unread {
                self.skip(1)?;
            } else {
                self.collect(byte, head_buffer)?;
            }
        } else if next.is_skipped() {
            self.skip(1)?;
        }
        match next {
            State::Beginning => self.seen = self.seen.wrapping_add(1),
            State::Size => self.size_digit(byte),
            // The last chunk is empty, and trailers follow.
            State::Chunk if self.head.left == 0 => self.state = State::LineStart,
            State::LineStart if self.is_in_head => self.line_over(head_buffer),
            State::Due if self.is_in_head => return self.head_over(),
            _ => {}
        }
        Ok(false)
    }

    /// Whether somebody reads the field whose name was just collected.
    fn is_name_read(&self, head_buffer: &[u8], is_read: &dyn Fn(&str) -> bool) -> bool {
        let name = head_buffer.get(self.line as usize..self.collected as usize).unwrap_or_default();
        core::str::from_utf8(name).is_ok_and(|name| Announced::is_read(name) || is_read(name))
    }

    fn collect(&mut self, byte: u8, head_buffer: &mut [u8]) -> Result<(), Fault> {
        match head_buffer.get_mut(self.collected as usize) {
            Some(room) => *room = byte,
            None => {
                self.head.left = head_buffer.len() as u64;
                return Err(Fault::HeadTooLarge);
            }
        }
        self.collected = self.collected.wrapping_add(1);
        Ok(())
    }

    /// One more digit of a chunk's size, or the end of the line before it.
    fn size_digit(&mut self, byte: u8) {
        (self.head.left, self.seen) = match char::from(byte).to_digit(16) {
            Some(digit) => (self.head.left << 4 | u64::from(digit), self.seen.wrapping_add(1)),
            None => (0, 0),
        };
    }

    /// A line of the head is whole.
    fn line_over(&mut self, head_buffer: &[u8]) {
        let line = head_buffer.get(self.line as usize..self.collected as usize).unwrap_or_default();
        // In a head, not so many bytes have come that their number does not fit.
        let at = (self.offset as u32).wrapping_add(1).wrapping_sub(line.len() as u32);
        if self.line == 0 {
            self.head.begin(line, at);
            self.seen = 0;
        } else if let Some((name, value)) = field(line) {
            self.head.hear(name, value, at);
        }
        self.seen = self.seen.wrapping_add(1);
        self.line = self.collected;
    }

    /// The head is whole. Tells whether it is the response's, and no interim one.
    fn head_over(&mut self) -> Result<bool, Fault> {
        self.state = match self.head.judged(self.may_have_body) {
            Ok(state) => state,
            Err(fault) => {
                self.offset = self.head.fault_at.into();
                return Err(fault);
            }
        };
        (self.line, self.seen) = (0, 0);
        self.is_in_head = self.state == State::Beginning;
        if self.is_in_head {
            self.skip(self.collected)?;
            self.collected = 0;
        }
        Ok(!self.is_in_head)
    }

    /// Counts bytes that nobody reads.
    fn skip(&mut self, count: u32) -> Result<(), Fault> {
        self.skipped = self.skipped.saturating_add(count);
        if self.skipped > SKIPPED_LIMIT { Err(Fault::TooMuchSkipped) } else { Ok(()) }
    }

    fn fail(&mut self, fault: Fault) -> H1Error {
        self.state = State::Failed(fault);
        self.error(fault)
    }

    fn error(&self, fault: Fault) -> H1Error {
        H1Error { kind: fault.with(self.head.left), offset: self.offset }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}
