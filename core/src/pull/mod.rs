//! The engine: one endpoint being pulled, page by page, through a gate.
//!
//! | state | left by | for |
//! |---|---|---|
//! | `Due` | `sent` | `Sent` |
//! | `Sent` | `head` with status 200 | `Page` |
//! | | `head` with another status | `Refusal`; `Ended` at once for a redirect |
//! | | `failed`, deadline | `Due` if forgiven, else `Ended` |
//! | `Page` | `body` | itself, one item at a time |
//! | | `end` of a whole page | `Handed` |
//! | | `failed`, deadline, anything wrong with the page | `Broken`, or as above where no item was handed over |
//! | `Refusal` | `end`, `failed`, deadline, enough bytes | `Due` to wait and ask again, else `Ended` |
//! | `Handed` | `stored` | `Due`, or `Ended` after the last page |
//! | `Broken` | `rewound` | `Due` if forgiven, else `Ended` |
//!
//! Whatever a driver reports that does not fit the state is ignored, so a driver that was cut off in the middle of a step
//! loses nothing: it asks again.

mod engine;
mod report;
mod settings;
mod status;
mod step;
#[cfg(test)]
mod tests;

pub use engine::PullError;
pub use report::{Counters, Failure, Outcome, TransportFault, Waited};
pub use settings::{Oversized, Settings};
pub use step::Step;

use crate::api::{Endpoint, Project};
use crate::checkpoint::Checkpoint;
use crate::gate::Gate;
use crate::http::Fields;
use crate::page::Item;
use crate::problem::Problem;
use crate::quota::Slots;
use crate::time::{Duration, Instant};
use core::fmt;
use engine::{Engine, State};

/// Enough for any 64-bit number in decimal.
const CURSOR_BUFFER: usize = 24;

/// One endpoint being pulled. Its `Debug` form leaves out the buffers: they hold other people's data.
pub struct Pull<'a> {
    engine: Engine<'a>,
    item_buffer: &'a mut [u8],
    cursor_buffer: [u8; CURSOR_BUFFER],
}

impl<'a> Pull<'a> {
    /// A pull of `endpoint`, from its beginning or from where `checkpoint` stands.
    ///
    /// `item_buffer` bounds the size of an item, in bytes; an item that lies whole in a chunk is lent from there all the
    /// same.
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
        Ok(Self { engine, item_buffer, cursor_buffer: [0; CURSOR_BUFFER] })
    }

    /// What to do next. Asked twice it gives the same step, whatever became of the driver in between.
    pub fn step<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> Step<'a> {
        self.engine.step(gate, now)
    }

    /// The request is about to leave. Whether it may: `false` says that another pull has taken the last slot since the
    /// step was given, or that no request was due; then nothing is sent, and the driver asks again.
    #[must_use]
    pub fn sent<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> bool {
        self.engine.sent(gate, now)
    }

    /// The head of the answer came: its status (no 1xx) and its fields, in any order and any case.
    pub fn head<'f, S: Slots>(
        &mut self,
        gate: &mut Gate<S>,
        now: Instant,
        status: u16,
        fields: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    ) {
        let rules = self.engine.project.api().maintenance;
        let fields = Fields::read(fields, rules.map(|rules| rules.fields));
        self.engine.head(gate, now, status, fields);
    }

    /// Bytes of the body came, transfer coding removed. Takes a prefix of `chunk` and hands back at most one item,
    /// lent from the chunk or from the item buffer. While an item comes back, the rest of the chunk must be given
    /// again; without one, all of it was taken.
    pub fn body<'c>(&'c mut self, now: Instant, chunk: &'c [u8]) -> (usize, Option<Item<'c>>) {
        let Self { engine, item_buffer, cursor_buffer } = self;
        let Settings { page_bytes: limit, error_bytes, oversized, .. } = *engine.settings;
        let room = item_buffer.len();
        match &mut engine.state {
            State::Page { scanner, bytes, skipped, began, heard, lent, .. } => {
                *began = began.after(now.since(lent.take().unwrap_or(now)));
                *heard = now;
                let part = within(limit, *bytes, chunk);
                let scanned = scanner.push(part, item_buffer, cursor_buffer);
                let before = core::mem::replace(bytes, scanner.offset());
                engine.counters.bytes = engine.counters.bytes.saturating_add(bytes.saturating_sub(before));
                match scanned {
                    Ok((taken, item)) => {
                        *lent = item.map(|_| now);
                        match (item, oversized) {
                            (Some(Item::TooLarge { index, size }), Oversized::Fail) => {
                                let buffer = u64::try_from(room).unwrap_or(u64::MAX);
                                let failure = Failure::ItemTooLarge { index, size, buffer };
                                // The items before it were handed over, and it was not.
                                engine.fail(now, index, failure, Duration::ZERO);
                                (chunk.len(), None)
                            }
                            (Some(Item::TooLarge { .. }), Oversized::Skip) => {
                                *skipped = skipped.saturating_add(1);
                                (taken, item)
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
            State::Refusal { scanner, bytes, heard, .. } => {
                *heard = now;
                scanner.push(within(error_bytes, *bytes, chunk), &mut engine.problem);
                *bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                (chunk.len(), None)
            }
            _ => (chunk.len(), None),
        }
    }

    /// The body came to its proper end.
    pub fn end<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        match &self.engine.state {
            State::Page { scanner, .. } => match scanner.finish(&self.cursor_buffer) {
                Ok(end) => self.engine.page_ended(now, end),
                Err(fault) => self.engine.break_off_page(now, fault),
            },
            State::Refusal { .. } => self.engine.judge(gate, now),
            _ => {}
        }
    }

    /// The connection could not be made, or broke before the body's proper end.
    pub fn failed<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, fault: TransportFault) {
        self.engine.failed(gate, now, fault);
    }

    /// The checkpoint, and the items before it, are stored.
    pub fn stored(&mut self) {
        self.engine.stored();
    }

    /// The items of the broken page are forgotten.
    pub fn rewound(&mut self) {
        self.engine.rewound();
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

/// As much of a chunk as a limit allows after so many bytes. The limit counts bytes, so it cuts the chunk where it lies
/// and not at the chunk's edge.
fn within(limit: u64, bytes: u64, chunk: &[u8]) -> &[u8] {
    let allowed = usize::try_from(limit.saturating_sub(bytes)).unwrap_or(usize::MAX);
    chunk.get(..allowed).unwrap_or(chunk)
}
