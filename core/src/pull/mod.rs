//! The engine: one endpoint being pulled, page by page, through a gate.
//!
//! | state | left by | for |
//! |---|---|---|
//! | `Due` | `sent` | `Sent` |
//! | `Sent` | `head` with status 200, or any success of a single answer | `Answer`; `Grant` where a token was asked for |
//! | | `head` with another status | `Refusal`; for a redirect `Ended` at once, or `Due` where it may be followed |
//! | | `failed`, deadline | `Due` if forgiven, else `Ended` |
//! | `Grant` | `end` of a token | `Due` |
//! | | `failed`, deadline, anything wrong with it | `Due` if forgiven, else `Ended` |
//! | `Answer` | `body` | itself, one item at a time |
//! | | `end` of a whole page | `Handed` |
//! | | `failed`, deadline, anything wrong with the page | `Broken`, or as above where no item was handed over |
//! | `Refusal` | `end`, `failed`, deadline, enough bytes | `Due` to wait and ask again, else `Ended` |
//! | `Handed` | `stored` | `Due`, or `Ended` after the last page |
//! | `Broken` | `rewound` | `Due` if forgiven, else `Ended` |
//!
//! Whatever a driver reports that does not fit the state is ignored, so a driver that was cut off in the middle of a step
//! loses nothing: it asks again.

mod answer;
mod engine;
mod repeats;
mod report;
mod request;
mod settings;
mod status;
mod step;
#[cfg(test)]
mod tests;

pub use engine::PullError;
pub use report::{Counters, End, Failure, Outcome, TransportFault, Waited};
pub use settings::{Oversized, Settings};
pub use step::Step;

use crate::api::{Endpoint, Project};
use crate::auth::TokenFault;
use crate::checkpoint::Checkpoint;
use crate::cursor::{LINK, Token};
use crate::gate::Gate;
use crate::http::{Fields, Origin, Request, Target};
use crate::page::{CursorValue, Item, PageEnd};
use crate::problem::Problem;
use crate::quota::Slots;
use crate::time::{Duration, Instant};
use core::fmt;
use engine::{Engine, Errand, Reader, State};
use repeats::Repeats;

/// Enough for any 64-bit number in decimal, and for the origin at the beginning of a link.
const NUMBER_BUFFER: usize = LINK;

/// Enough for that and for any token.
const CURSOR_BUFFER: usize = if cfg!(feature = "tokens") { Token::CAPACITY } else { NUMBER_BUFFER };

/// To whom a request goes. Requests to different ones never go over one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The API.
    Api,
    /// What grants its tokens.
    TokenEndpoint,
    /// A store that the API pointed to. It gets no credential.
    Elsewhere,
}

/// One endpoint being pulled. Its `Debug` form leaves out the buffers: they hold other people's data.
pub struct Pull<'a> {
    engine: Engine<'a>,
    item_buffer: &'a mut [u8],
    cursor_buffer: [u8; CURSOR_BUFFER],
    repeats: Repeats<'a>,
}

impl<'a> Pull<'a> {
    /// A pull of `endpoint`, from its beginning or from where `checkpoint` stands.
    ///
    /// `item_buffer` bounds the size of an item, in bytes; an item that lies whole in a chunk is lent from there all the
    /// same. Tokens and locations that the server sends are put there too, when no item is.
    ///
    /// # Errors
    ///
    /// An endpoint of which no request can be made, or a checkpoint that something else made.
    pub fn new(
        project: &'a Project<'a>,
        endpoint: &'a Endpoint<'a>,
        settings: &'a Settings,
        item_buffer: &'a mut [u8],
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, PullError> {
        let engine = Engine::new(project, endpoint, settings, checkpoint)?;
        Ok(Self { engine, item_buffer, cursor_buffer: [0; CURSOR_BUFFER], repeats: Repeats::none() })
    }

    /// The same, with memory for as many ids of items as it is long: an item whose id is among the latest ones is left out
    /// and counted. Of use where the endpoint says by what items are known ([`Endpoint::known_by`]) and its pages are asked
    /// for by number or offset, for then a row added meanwhile pushes others onto the next page. Two pages' worth are
    /// enough for that. What was seen before a restart is not remembered.
    #[must_use]
    pub fn remembering(self, ids: &'a mut [u64]) -> Self {
        Self { repeats: Repeats::remembering(ids), ..self }
    }

    /// Tells of an item that an earlier run has handed over and stored, so that it is left out if it comes again. To be called
    /// before the first step, for the latest items in their order.
    pub fn recall(&mut self, item: &[u8]) {
        if let Some(id) = self.engine.endpoint.id() {
            self.repeats.has(item, id);
            self.repeats.keep();
        }
    }

    /// What to do next. Asked twice it gives the same step, whatever became of the driver in between.
    pub fn step<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> Step {
        let was_granted = self.is_granted();
        let step = self.engine.step(gate, now);
        self.wipe(was_granted);
        step
    }

    /// The request is about to leave. Whether it may: `false` says that another pull has taken the last slot since the
    /// step was given, or that no request was due; then nothing is sent, and the driver asks again.
    #[must_use]
    pub fn sent<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> bool {
        self.engine.sent(gate, now)
    }

    /// The request that [`Pull::sent`] has let leave. It stays the same until the head of its answer comes, so it may be
    /// asked for again for each part that is written. `None` if there is none: then, and when the token that it was to be
    /// sent with was replaced while it was written, answer with [`Pull::failed`] unless the step is another anyway.
    pub fn request<'r, S: Slots>(&'r self, gate: &'r Gate<S>) -> Option<Request<'r>> {
        self.engine.request(self.item_buffer, gate)
    }

    /// The target of that request. It holds no secret, nor what a store elsewhere is opened by.
    pub fn target(&self) -> Option<Target<'_>> {
        self.engine.target()
    }

    /// Where that request goes.
    pub fn recipient(&self) -> Option<(Recipient, Origin<'_>)> {
        let (errand, origin) = self.engine.origin(self.item_buffer)?;
        let recipient = match errand {
            Errand::Main => Recipient::Api,
            Errand::Token => Recipient::TokenEndpoint,
            Errand::Elsewhere => Recipient::Elsewhere,
        };
        Some((recipient, origin))
    }

    /// The head of the answer came: its status (no 1xx) and its fields, in any order and any case.
    pub fn head<'f, S: Slots>(
        &mut self,
        gate: &mut Gate<S>,
        now: Instant,
        status: u16,
        fields: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    ) {
        let Self { engine, item_buffer, .. } = self;
        let rules = engine.project.api().maintenance;
        let is_answered = matches!(engine.state, State::Sent { .. });
        if is_answered {
            (engine.located, engine.status) = (0, 0);
        }
        let fields = fields.into_iter().inspect(|(name, value)| {
            if is_answered && name.eq_ignore_ascii_case("location") {
                engine.located = keep(value, item_buffer);
            }
        });
        let fields = Fields::read(fields, rules.map(|rules| rules.fields));
        engine.head(gate, now, status, fields, item_buffer);
    }

    /// Bytes of the body came, transfer coding removed. Takes a prefix of `chunk` and hands back at most one item,
    /// lent from the chunk or from the item buffer. What is left of the chunk must be given again, as long as something is
    /// left or an item came back.
    pub fn body<'c>(&'c mut self, now: Instant, chunk: &'c [u8]) -> (usize, Option<Item<'c>>) {
        let Self { engine, item_buffer, cursor_buffer, repeats } = self;
        let Settings { page_bytes: limit, error_bytes, oversized, .. } = *engine.settings;
        let room = item_buffer.len();
        match &mut engine.state {
            State::Answer { reader, bytes, skipped, repeated, began, heard, lent, .. } => {
                *began = began.after(now.since(lent.take().unwrap_or(now)));
                *heard = now;
                let part = within(limit, *bytes, chunk);
                let before = *bytes;
                let read = match reader {
                    Reader::Page(scanner) => {
                        let scanned = scanner.push(part, item_buffer, cursor_buffer);
                        *bytes = scanner.offset();
                        scanned
                    }
                    Reader::Body { pieces } => {
                        *bytes = bytes.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
                        Ok((part.len(), piece(part, pieces)))
                    }
                };
                engine.counters.bytes = engine.counters.bytes.saturating_add(bytes.saturating_sub(before));
                match read {
                    Ok((taken, item)) => {
                        *lent = item.map(|_| now);
                        match (item, oversized) {
                            (Some(Item::TooLarge { index, size }), Oversized::Fail) => {
                                let buffer = u64::try_from(room).unwrap_or(u64::MAX);
                                let failure = Failure::ItemTooLarge { index, size, buffer };
                                // The items before it were handed over, and it was not.
                                let handed = engine.handed_over().saturating_sub(1);
                                engine.fail(now, handed, failure, Duration::ZERO);
                                (chunk.len(), None)
                            }
                            (Some(Item::TooLarge { .. }), Oversized::Skip) => {
                                *skipped = skipped.saturating_add(1);
                                (taken, item)
                            }
                            (Some(Item::Whole { bytes, .. }), _)
                                if engine.endpoint.id().is_some_and(|id| repeats.has(bytes, id)) =>
                            {
                                *repeated = repeated.saturating_add(1);
                                (taken, None)
                            }
                            (None, _) if part.len() < chunk.len() => {
                                engine.break_off(now, Failure::PageTooLarge { limit });
                                (chunk.len(), None)
                            }
                            (Some(Item::Whole { .. }) | None, _) => (taken, item),
                        }
                    }
                    Err(fault) => {
                        engine.break_off_page(now, fault);
                        (chunk.len(), None)
                    }
                }
            }
            State::Grant { scanner, bytes, heard, .. } => {
                *heard = now;
                let part = within(error_bytes, *bytes, chunk);
                *bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                let is_whole = part.len() == chunk.len();
                if let Err(fault) = scanner.push(part, item_buffer) {
                    engine.no_grant(now, fault);
                    item_buffer.fill(0);
                } else if !is_whole {
                    engine.no_grant(now, TokenFault::Missing);
                    item_buffer.fill(0);
                }
                (chunk.len(), None)
            }
            State::Refusal { scanner, said, bytes, heard, .. } => {
                *heard = now;
                scanner.push(within(error_bytes, *bytes, chunk), &mut said.0);
                *bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                (chunk.len(), None)
            }
            _ => (chunk.len(), None),
        }
    }

    /// The body came to its proper end.
    pub fn end<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        let Self { engine, item_buffer, cursor_buffer, .. } = self;
        match &engine.state {
            State::Answer { reader: Reader::Page(scanner), .. } => match scanner.finish(cursor_buffer) {
                Ok(end) => engine.answered(gate, now, end),
                Err(fault) => engine.break_off_page(now, fault),
            },
            State::Answer { reader: Reader::Body { pieces }, .. } => {
                let end = PageEnd { items: *pieces, cursor: CursorValue::Absent, next: None, total: None };
                engine.answered(gate, now, end);
            }
            State::Grant { .. } => {
                engine.granted(gate, now, item_buffer);
                item_buffer.fill(0);
            }
            State::Refusal { .. } => engine.judge(gate, now),
            _ => {}
        }
    }

    /// The connection could not be made, or broke before the body's proper end.
    pub fn failed<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, fault: TransportFault) {
        let was_granted = self.is_granted();
        self.engine.failed(gate, now, fault);
        self.wipe(was_granted);
    }

    /// The driver is going away in the middle of what it does, and may come back later or never: other pulls that wait for
    /// this one's turn, or for a token that it asks for, wait no longer.
    pub fn abandoned<S: Slots>(&mut self, gate: &mut Gate<S>) {
        self.engine.abandoned(gate);
    }

    /// Whether a token is being read into the item buffer.
    const fn is_granted(&self) -> bool {
        matches!(self.engine.state, State::Grant { .. })
    }

    /// A token that was being read, and no longer is, does not stay where it was read.
    fn wipe(&mut self, was_granted: bool) {
        if was_granted && !self.is_granted() {
            self.item_buffer.fill(0);
        }
    }

    /// The checkpoint, and the items before it, are stored.
    pub fn stored(&mut self) {
        self.engine.stored(&mut self.repeats);
    }

    /// The items of the broken page are forgotten.
    pub fn rewound(&mut self) {
        self.engine.rewound(&mut self.repeats);
    }

    /// The status of the answer that did what was asked, once it came.
    pub const fn status(&self) -> Option<u16> {
        match self.engine.status {
            0 => None,
            status => Some(status),
        }
    }

    /// Where that answer says that something is, such as what was created (RFC 9110 §10.2.2): as the server wrote it. `None`
    /// if it says nothing, or more than the item buffer has room for.
    pub fn location(&self) -> Option<&str> {
        self.engine.location(self.item_buffer)
    }

    /// What this run took so far.
    pub const fn counters(&self) -> &Counters {
        &self.engine.counters
    }

    /// What the server said of its latest refusal. A text that quotes the credential is withheld.
    pub const fn problem(&self) -> &Problem {
        &self.engine.problem
    }

    /// Where the pull stands: everything before it was handed over and stored.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.engine.checkpoint
    }
}

impl fmt::Debug for Pull<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pull").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// Keeps a text in a buffer, and tells its length: zero if it does not fit.
fn keep(text: &[u8], buffer: &mut [u8]) -> u16 {
    match (u16::try_from(text.len()), buffer.get_mut(..text.len())) {
        (Ok(length), Some(room)) => {
            room.copy_from_slice(text);
            length
        }
        _ => 0,
    }
}

/// A piece of a body, if there is anything in it.
fn piece<'c>(part: &'c [u8], pieces: &mut u32) -> Option<Item<'c>> {
    let index = *pieces;
    (!part.is_empty()).then(|| {
        *pieces = pieces.saturating_add(1);
        Item::Whole { index, bytes: part }
    })
}

/// As much of a chunk as a limit allows after so many bytes. The limit counts bytes, so it cuts the chunk where it lies
/// and not at the chunk's edge.
fn within(limit: u64, bytes: u64, chunk: &[u8]) -> &[u8] {
    let allowed = usize::try_from(limit.saturating_sub(bytes)).unwrap_or(usize::MAX);
    chunk.get(..allowed).unwrap_or(chunk)
}
