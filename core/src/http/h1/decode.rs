//! The decoder: bytes of a response in, its head, its body and its end out. Decides nothing about heads and chunks by itself
//! (`scan`, `head` and `chunked` do); it keeps the state, counts the bytes and lends the pieces. RFC 9112 §6 and §9.
//!
//! | state | left by | for |
//! |---|---|---|
//! | `Head` | the end of an interim head | `Head` |
//! | | the end of the head | `Body`, or `Due` if there is none |
//! | | `eof` | `Failed`: cut short |
//! | `Body` | its last byte | `Due` |
//! | | `eof` | `Over` if only that ends it, else `Failed`: cut short |
//! | `Due` | the next `push`, which tells the end | `Over` |
//! | | `eof` | `Over` |
//! | `Over` | a byte too many, `eof` | `Over`, and the connection is of no more use |
//! | any but `Due`, `Over` | a byte that may not stand there | `Failed` |
//! | `Failed` | nothing | |

use super::chunked::Chunked;
use super::fields::FieldLines;
use super::head::{self, Announced, Body, Connection};
use super::limits::SKIPPED_LIMIT;
use super::lines::Lines;
use super::scan::Scan;
use super::{H1Error, H1ErrorKind, Missing};

/// Reads one response, in pieces of any size.
///
/// Once it has failed, every further call gives the same error.
#[derive(Clone, Debug)]
pub struct Decoder {
    state: State,
    /// Bytes taken.
    offset: u64,
    /// Bytes taken that nobody reads.
    skipped: u32,
    may_have_body: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// In a head of which so many bytes are in the head buffer.
    Head { scan: Scan, collected: usize },
    /// In the body.
    Body { body: Body, after: Connection },
    /// The response is whole, and its end was not told yet.
    Due { after: Connection },
    /// The end was told.
    Over { after: Connection },
    /// The bytes are no response.
    Failed(H1Error),
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
        self.fields.map(|line| (line.name, line.value))
    }
}

/// What came of a piece of input.
enum Progress {
    /// All of it was taken, and there is nothing to tell.
    Starved,
    /// Nothing to tell yet, but the rest may have something.
    Onward,
    /// A head, so long, with this status.
    Head { status: u16, length: usize },
    /// What was taken is of the body.
    Body,
    /// The response is whole.
    End,
}

impl Decoder {
    /// At the start of the response to a request such as `GET`.
    pub const fn new() -> Self {
        let state = State::Head { scan: Scan::START, collected: 0 };
        Self { state, offset: 0, skipped: 0, may_have_body: true }
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
    #[inline(never)]
    pub fn push<'a>(
        &mut self,
        bytes: &'a [u8],
        head_buffer: &'a mut [u8],
    ) -> Result<(usize, Option<Event<'a>>), H1Error> {
        let mut taken: usize = 0;
        loop {
            let rest = bytes.get(taken..).unwrap_or_default();
            let (count, progress) = match self.advance(rest, head_buffer) {
                Ok(advanced) => advanced,
                Err(error) => {
                    self.state = State::Failed(error);
                    return Err(error);
                }
            };
            taken = taken.saturating_add(count);
            self.offset = self.behind(count);
            let event = match progress {
                Progress::Starved => return Ok((taken, None)),
                Progress::Onward => continue,
                Progress::Head { status, length } => {
                    let head = head_buffer.get(..length).unwrap_or_default();
                    Event::Head(Head { status, fields: FieldLines::of(head) })
                }
                Progress::Body => Event::Body(rest.get(..count).unwrap_or_default()),
                Progress::End => Event::End,
            };
            return Ok((taken, Some(event)));
        }
    }

    /// The connection was closed, and properly so: not reset, and where there is TLS, with its goodbye. Success is the
    /// response's end, which is then told by this call if [`Event::End`] has not told it.
    ///
    /// # Errors
    ///
    /// The response was cut short, or had failed before.
    pub fn eof(&mut self) -> Result<(), H1Error> {
        let missing = match self.state {
            State::Head { .. } => Missing::HeadEnd,
            State::Body { body: Body::Length(left), .. } => Missing::Bytes(left),
            State::Body { body: Body::Chunked(_), .. } => Missing::LastChunk,
            State::Body { body: Body::UntilClose, .. } | State::Due { .. } | State::Over { .. } => {
                self.state = State::Over { after: Connection::Close };
                return Ok(());
            }
            State::Failed(error) => return Err(error),
        };
        let error = H1Error { kind: H1ErrorKind::CutShort(missing), offset: self.offset };
        self.state = State::Failed(error);
        Err(error)
    }

    /// Whether the connection may carry another request: the response's end was told, both sides mean to go on, and
    /// nothing came behind it. Ask before each reuse, with all bytes that came pushed.
    pub const fn is_reusable(&self) -> bool {
        matches!(self.state, State::Over { after: Connection::Keep })
    }

    /// How many bytes were taken.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// As far as one state goes.
    fn advance(&mut self, rest: &[u8], head_buffer: &mut [u8]) -> Result<(usize, Progress), H1Error> {
        match self.state {
            State::Head { scan, collected } => self.in_head(rest, head_buffer, scan, collected),
            State::Body { body, after } if !rest.is_empty() => self.in_body(rest, body, after),
            State::Body { .. } => Ok((0, Progress::Starved)),
            State::Due { after } | State::Over { after } => {
                let is_first = matches!(self.state, State::Due { .. });
                // Nothing was asked that could be answered by more: whose bytes these are, nobody can say.
                let after = if rest.is_empty() { after } else { Connection::Close };
                self.state = State::Over { after };
                Ok(if is_first { (0, Progress::End) } else { (rest.len(), Progress::Starved) })
            }
            State::Failed(error) => Err(error),
        }
    }

    fn in_head(
        &mut self,
        rest: &[u8],
        head_buffer: &mut [u8],
        mut scan: Scan,
        mut collected: usize,
    ) -> Result<(usize, Progress), H1Error> {
        for (at, &byte) in rest.iter().enumerate() {
            scan = scan.step(byte).map_err(|kind| self.error(kind, at))?;
            let limit = head_buffer.len();
            let Some(room) = head_buffer.get_mut(collected) else {
                return Err(self.error(H1ErrorKind::HeadTooLarge { limit }, at));
            };
            *room = byte;
            collected = collected.saturating_add(1);
            if scan.is_over() {
                let head = head_buffer.get(..collected).unwrap_or_default();
                let count = at.saturating_add(1);
                return Ok((count, self.announced(head, count)?));
            }
        }
        self.state = State::Head { scan, collected };
        Ok((rest.len(), Progress::Starved))
    }

    /// Reads a whole head, the last `count` bytes of which have just come.
    fn announced(&mut self, head: &[u8], count: usize) -> Result<Progress, H1Error> {
        let announced = head::read(head, self.may_have_body).map_err(|fault| {
            let beginning = self.behind(count).saturating_sub(as_u64(head.len()));
            H1Error { kind: fault.kind, offset: beginning.saturating_add(as_u64(fault.at)) }
        })?;
        match announced {
            Announced::Interim => {
                self.skip(head.len(), count.saturating_sub(1))?;
                self.state = State::Head { scan: Scan::START, collected: 0 };
                Ok(Progress::Onward)
            }
            Announced::Response { status, body, after } => {
                self.state = match body {
                    Some(body) => State::Body { body, after },
                    None => State::Due { after },
                };
                Ok(Progress::Head { status, length: head.len() })
            }
        }
    }

    fn in_body(&mut self, rest: &[u8], body: Body, after: Connection) -> Result<(usize, Progress), H1Error> {
        let (count, left) = match body {
            Body::Length(left) => {
                let (count, left) = part(rest, left);
                (count, (left > 0).then_some(Body::Length(left)))
            }
            Body::Chunked(Chunked::Data { left }) => {
                let (count, left) = part(rest, left);
                let next = if left > 0 { Chunked::Data { left } } else { Chunked::DataCr };
                (count, Some(Body::Chunked(next)))
            }
            Body::Chunked(chunked) => return self.between_data(rest, chunked, after),
            Body::UntilClose => (rest.len(), Some(Body::UntilClose)),
        };
        self.state = match left {
            Some(body) => State::Body { body, after },
            None => State::Due { after },
        };
        Ok((count, Progress::Body))
    }

    /// Takes the bytes of a chunked body that are no data.
    fn between_data(
        &mut self,
        rest: &[u8],
        mut chunked: Chunked,
        after: Connection,
    ) -> Result<(usize, Progress), H1Error> {
        for (at, &byte) in rest.iter().enumerate() {
            chunked = chunked.step(byte).map_err(|kind| self.error(kind, at))?;
            if chunked.is_skipping() {
                self.skip(1, at)?;
            }
            let count = at.saturating_add(1);
            match chunked {
                Chunked::Trailers(Lines::Over) => {
                    self.state = State::Due { after };
                    return Ok((count, Progress::Onward));
                }
                Chunked::Data { .. } => {
                    self.state = State::Body { body: Body::Chunked(chunked), after };
                    return Ok((count, Progress::Onward));
                }
                _ => {}
            }
        }
        self.state = State::Body { body: Body::Chunked(chunked), after };
        Ok((rest.len(), Progress::Starved))
    }

    /// Counts bytes that nobody reads, the last of which is `at` in the input.
    fn skip(&mut self, count: usize, at: usize) -> Result<(), H1Error> {
        self.skipped = self.skipped.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        if self.skipped > SKIPPED_LIMIT {
            return Err(self.error(H1ErrorKind::TooMuchSkipped, at));
        }
        Ok(())
    }

    /// An error at a byte of the input.
    fn error(&self, kind: H1ErrorKind, at: usize) -> H1Error {
        H1Error { kind, offset: self.behind(at) }
    }

    /// The offset of a byte of the input.
    #[inline(never)]
    fn behind(&self, at: usize) -> u64 {
        self.offset.saturating_add(as_u64(at))
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

/// How much of the input belongs to a part of which so many bytes are left, and how many are left then.
fn part(rest: &[u8], left: u64) -> (usize, u64) {
    let count = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
    (count, left.saturating_sub(as_u64(count)))
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
