//! The decoder: bytes of a response in, its head, its body and its end out. Decides nothing about bytes and heads by itself
//! (`grammar` and `head` do); it keeps the state, counts the bytes and lends the pieces. RFC 9112 §6 and §9.
//!
//! | state | left by | for |
//! |---|---|---|
//! | of a head | the end of an interim head | `Beginning` |
//! | | the end of the head | `SizeStart`, `Length` or `UntilClose`, or `Due` if there is no body |
//! | of a body | its last byte | `Due` |
//! | `UntilClose` | `eof` | `Over` |
//! | `Due` | the next `push`, which tells the end; `eof` | `Over` |
//! | `Over` | nothing: after a byte too many, or `eof`, the connection is of no more use | |
//! | any but `Due`, `Over` | a byte that may not stand there; `eof`: cut short | a fault |

use super::H1Error;
use super::error::Fault;
use super::fields::{FieldLines, field};
use super::grammar::State;
use super::head::Announced;
use super::limits::{FIELDS_LIMIT, SIZE_DIGITS_LIMIT, SKIPPED_LIMIT};

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
    /// Where the next byte is, or why the bytes are no response.
    state: Result<State, Fault>,
    /// Bytes of a head's beginning, whole lines of a head, or digits of a chunk's size.
    seen: u8,
    is_in_head: bool,
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
        Self::of(true)
    }

    /// At the start of the response to a `HEAD` request, which has no body whatever its fields say.
    pub const fn without_body() -> Self {
        Self::of(false)
    }

    const fn of(may_have_body: bool) -> Self {
        Self {
            offset: 0,
            head: Announced::nothing(may_have_body),
            collected: 0,
            line: 0,
            skipped: 0,
            state: Ok(State::Beginning),
            seen: 0,
            is_in_head: true,
        }
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
            let state = match self.state {
                Ok(state) => state,
                Err(fault) => return Err(self.error(fault)),
            };
            match (state, rest) {
                (State::Due, _) => {
                    self.state = Ok(State::Over);
                    // Nothing was asked that could be answered by more: whose bytes these are, nobody can say.
                    self.head.closes |= !rest.is_empty();
                    return Ok((taken, Some(Event::End)));
                }
                (_, []) => return Ok((taken, None)),
                (State::Over, _) => {
                    self.head.closes = true;
                    self.offset = self.offset.wrapping_add(rest.len() as u64);
                    return Ok((bytes.len(), None));
                }
                (State::Length | State::Chunk | State::UntilClose, _) => {
                    let piece = self.piece(state, rest);
                    self.offset = self.offset.wrapping_add(piece.len() as u64);
                    return Ok((taken.wrapping_add(piece.len()), Some(Event::Body(piece))));
                }
                (_, [byte, ..]) => {
                    let was_in_head = self.is_in_head;
                    self.state = self.take(state, *byte, head_buffer, is_read);
                    taken = taken.wrapping_add(1);
                    self.offset = self.offset.wrapping_add(self.state.is_ok().into());
                    if was_in_head && !self.is_in_head {
                        let head = head_buffer.get(..self.collected as usize).unwrap_or_default();
                        let head = Head { status: self.head.status, fields: FieldLines::of(head) };
                        return Ok((taken, Some(Event::Head(head))));
                    }
                }
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
        let fault = match self.state {
            Err(fault) => fault,
            Ok(State::UntilClose | State::Due | State::Over) => {
                self.state = Ok(State::Over);
                self.head.closes = true;
                return Ok(());
            }
            Ok(State::Length) => Fault::NoBytes,
            Ok(_) if self.is_in_head => Fault::NoHeadEnd,
            Ok(_) => Fault::NoLastChunk,
        };
        self.state = Err(fault);
        Err(self.error(fault))
    }

    /// Whether the connection may carry another request: the response's end was told, both sides mean to go on, and
    /// nothing came behind it. Ask before each reuse, with all bytes that came pushed.
    pub const fn is_reusable(&self) -> bool {
        matches!(self.state, Ok(State::Over)) && !self.head.closes
    }

    /// How many bytes were taken; once it has failed, how many came before the one that is wrong.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// As much of the input as belongs to the body, or to the chunk in hand.
    fn piece<'a>(&mut self, state: State, rest: &'a [u8]) -> &'a [u8] {
        if state == State::UntilClose {
            return rest;
        }
        let left = usize::try_from(self.head.left).unwrap_or(usize::MAX);
        let piece = rest.get(..left).unwrap_or(rest);
        self.head.left = self.head.left.wrapping_sub(piece.len() as u64);
        if self.head.left == 0 {
            self.state = Ok(if state == State::Chunk { State::ChunkCr } else { State::Due });
        }
        piece
    }

    /// Takes a byte that is not of the body. Tells where the next one is.
    #[inline(never)]
    fn take(
        &mut self,
        from: State,
        byte: u8,
        head_buffer: &mut [u8],
        is_read: &dyn Fn(&str) -> bool,
    ) -> Result<State, Fault> {
        let mut next = from.step(byte, self.seen)?;
        if self.is_in_head {
            if next == State::LineStart && usize::from(self.seen) > FIELDS_LIMIT {
                return Err(Fault::TooManyFields);
            }
            if from == State::Name && next == State::Value && !self.is_name_read(head_buffer, is_read) {
                next = State::Unread;
                self.skip(self.collected.wrapping_sub(self.line))?;
                self.collected = self.line;
            }
            if matches!(next, State::Unread | State::UnreadLf) || from == State::UnreadLf {
                self.skip(1)?;
            } else {
                self.collect(byte, head_buffer)?;
            }
        } else if next.is_skipped() {
            self.skip(1)?;
        }
        match next {
            State::Beginning => self.seen = self.seen.wrapping_add(1),
            State::SizeStart => self.seen = 0,
            State::Size => self.size_digit(byte)?,
            // The last chunk is empty, and trailers follow.
            State::Chunk if self.head.left == 0 => next = State::LineStart,
            State::LineStart if self.is_in_head => self.line_over(head_buffer),
            State::Due if self.is_in_head => return self.head_over(),
            _ => {}
        }
        Ok(next)
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

    /// One more digit of a chunk's size. What is left is zero before the first one.
    fn size_digit(&mut self, byte: u8) -> Result<(), Fault> {
        if self.seen == SIZE_DIGITS_LIMIT {
            return Err(Fault::ChunkSize);
        }
        let digit = char::from(byte).to_digit(16).unwrap_or_default();
        (self.head.left, self.seen) = (self.head.left << 4 | u64::from(digit), self.seen.wrapping_add(1));
        Ok(())
    }

    /// A line of the head is whole.
    #[inline(never)]
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

    /// The head is whole.
    #[inline(never)]
    fn head_over(&mut self) -> Result<State, Fault> {
        let next = self.head.judged().inspect_err(|_| self.offset = self.head.fault_at.into())?;
        (self.line, self.seen) = (0, 0);
        self.is_in_head = next == State::Beginning;
        if self.is_in_head {
            self.skip(self.collected)?;
            self.collected = 0;
        }
        Ok(next)
    }

    /// Counts bytes that nobody reads.
    fn skip(&mut self, count: u32) -> Result<(), Fault> {
        self.skipped = self.skipped.saturating_add(count);
        if self.skipped > SKIPPED_LIMIT { Err(Fault::TooMuchSkipped) } else { Ok(()) }
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
