//! The engine: one endpoint being pulled, page by page, through a gate.
//!
//! ```text
//!              ┌──────────────────────────────── forgiven ◀──────────────────────────┐
//!              ▼                                                                     │
//!   Due ── sent() ──▶ Sent ── head(200) ──▶ Page ── end() ──▶ Handed ── stored() ──▶ Due or Ended
//!    ▲                 │ │                   │
//!    │            failed()└─ head(else) ─▶ Refusal ─ end() ─▶ judged: Due or Ended
//!    │                 │                     │
//!    └── rewound() ── Broken ◀── failed(), deadline, fault ──┘
//! ```
//!
//! The state is one enum. Whatever a driver reports that does not fit it is ignored, so a driver that was cut off in
//! the middle of a step loses nothing: it asks again.

mod report;
mod settings;
mod status;
mod step;
#[cfg(test)]
mod tests;

pub use report::{Counters, Failure, Outcome, TransportFault, Waited};
pub use settings::{Oversized, Settings};
pub use step::Step;

use crate::api::{Endpoint, EndpointError, Project};
use crate::checkpoint::{Binding, Checkpoint, CheckpointError};
use crate::cursor::{Cursor, LoopGuard};
use crate::gate::{Gate, WaitReason};
use crate::http::{Field, FieldValue, Fields, Request, Target};
use crate::page::{Item, PageScanner};
use crate::problem::{Problem, ProblemScanner};
use crate::quota::{Slot, Ticket};
use crate::retry::Retry;
use crate::time::{Duration, Instant};
use core::fmt;
use status::Meaning;

/// Enough for any 64-bit number in decimal.
const CURSOR_BUFFER: usize = 24;

/// One endpoint being pulled.
#[derive(Debug)]
pub struct Pull<'a> {
    engine: Engine<'a>,
    item_buffer: &'a mut [u8],
    cursor_buffer: [u8; CURSOR_BUFFER],
}

/// All of a pull but its buffers, so that an item lent from one of them does not stand in the way of a verdict.
#[derive(Debug)]
struct Engine<'a> {
    project: &'a Project<'a>,
    endpoint: &'a Endpoint<'a>,
    settings: Settings,
    /// What was handed over and stored.
    checkpoint: Checkpoint,
    retry: Retry,
    counters: Counters,
    /// What the server said of the latest refusal.
    problem: Problem,
    /// Why the latest step was to wait, and up to when that time was counted.
    waiting: Option<(WaitReason, Instant)>,
    /// Since when the server's limit, and since when its maintenance, has kept the pull from every page.
    limited_since: Option<Instant>,
    maintained_since: Option<Instant>,
    state: State<'a>,
}

#[derive(Debug)]
enum State<'a> {
    /// The next request may go as soon as nothing holds it.
    Due,
    /// A request is on its way.
    Sent { at: Instant, ticket: Ticket },
    /// A page is coming. Time that the caller takes over an item it was lent is not the server's: `began` moves by it.
    Page {
        scanner: PageScanner<'a>,
        bytes: u64,
        skipped: u32,
        began: Instant,
        heard: Instant,
        lent: Option<Instant>,
    },
    /// Something that is no page is coming.
    Refusal { answer: Answer, scanner: ProblemScanner, bytes: u64, began: Instant, heard: Instant },
    /// A whole page was handed over; the checkpoint behind it waits to be stored.
    Handed { behind: Checkpoint },
    /// A page broke off; its items wait to be forgotten.
    Broken { items: u32, failure: Option<Failure> },
    /// The pull is over.
    Ended(Outcome),
}

/// The head of an answer that is no page.
#[derive(Clone, Copy, Debug)]
struct Answer {
    status: u16,
    meaning: Meaning,
    fields: Fields,
}

impl<'a> Pull<'a> {
    /// A pull of `endpoint`, from its beginning or from where `checkpoint` stands.
    ///
    /// `item_buffer` bounds the size of an item; an item that lies whole in a chunk is lent from there all the same.
    ///
    /// # Errors
    ///
    /// An endpoint of which no request can be made, or a checkpoint that something else made.
    pub fn new(
        project: &'a Project<'a>,
        endpoint: &'a Endpoint<'a>,
        settings: Settings,
        item_buffer: &'a mut [u8],
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, PullError> {
        endpoint.check().map_err(PullError::Endpoint)?;
        let binding = project.binding(endpoint);
        if let Some(checkpoint) = &checkpoint {
            checkpoint.check_binding(&binding).map_err(PullError::Checkpoint)?;
        }
        let checkpoint = checkpoint.unwrap_or(at_start(binding));
        let engine = Engine {
            project,
            endpoint,
            settings,
            checkpoint,
            retry: Retry::new(settings.retry, settings.seed),
            counters: Counters::default(),
            problem: Problem::NONE,
            waiting: None,
            limited_since: None,
            maintained_since: None,
            state: if checkpoint.is_complete() { State::Ended(Outcome::Complete) } else { State::Due },
        };
        Ok(Self { engine, item_buffer, cursor_buffer: [0; CURSOR_BUFFER] })
    }

    /// What to do next. Asked twice it gives the same step, whatever became of the driver in between.
    pub fn step<S>(&mut self, gate: &mut Gate<S>, now: Instant) -> Step<'a>
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        self.engine.step(gate, now)
    }

    /// The request leaves now.
    pub fn sent<S>(&mut self, gate: &mut Gate<S>, now: Instant)
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        let engine = &mut self.engine;
        if let State::Due = engine.state {
            let ticket = gate.take(now.after(engine.settings.head_timeout));
            engine.counters.requests = engine.counters.requests.saturating_add(1);
            engine.state = State::Sent { at: now, ticket };
        }
    }

    /// The head of the answer came: its status (no 1xx) and its fields, in any order and any case.
    pub fn head<'f, S>(
        &mut self,
        gate: &mut Gate<S>,
        now: Instant,
        status: u16,
        fields: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    ) where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        let rules = self.engine.project.api().maintenance;
        let fields = Fields::read(fields, rules.map(|rules| rules.fields));
        self.engine.head(gate, now, status, fields);
    }

    /// Bytes of the body came, transfer coding removed. Takes a prefix of `chunk` and hands back at most one item,
    /// lent from the chunk or from the item buffer. While an item comes back, the rest of the chunk must be given
    /// again; without one, all of it was taken.
    pub fn body<'c>(&'c mut self, now: Instant, chunk: &'c [u8]) -> (usize, Option<Item<'c>>) {
        let Self { engine, item_buffer, cursor_buffer } = self;
        let limit = engine.settings.page_bytes;
        let room = item_buffer.len();
        match &mut engine.state {
            State::Page { scanner, bytes, skipped, began, heard, lent } => {
                *began = began.after(now.since(lent.take().unwrap_or(now)));
                *heard = now;
                let part = within(limit, *bytes, chunk);
                match scanner.push(part, item_buffer, cursor_buffer) {
                    Ok((taken, item)) => {
                        let count = u64::try_from(taken).unwrap_or(u64::MAX);
                        *bytes = bytes.saturating_add(count);
                        engine.counters.bytes = engine.counters.bytes.saturating_add(count);
                        *lent = item.map(|_| now);
                        match (item, engine.settings.oversized) {
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
                        engine.break_off(now, Failure::Page(fault));
                        (chunk.len(), None)
                    }
                }
            }
            State::Refusal { scanner, bytes, heard, .. } => {
                *heard = now;
                scanner.push(within(engine.settings.error_bytes, *bytes, chunk), &mut engine.problem);
                *bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                (chunk.len(), None)
            }
            State::Due
            | State::Sent { .. }
            | State::Handed { .. }
            | State::Broken { .. }
            | State::Ended(_) => (chunk.len(), None),
        }
    }

    /// The body came to its proper end.
    pub fn end<S>(&mut self, gate: &mut Gate<S>, now: Instant)
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        match &self.engine.state {
            State::Page { scanner, skipped, .. } => {
                let end = match scanner.finish(&self.cursor_buffer) {
                    Ok(end) => end,
                    Err(fault) => return self.engine.break_off(now, Failure::Page(fault)),
                };
                match self.engine.checkpoint_behind(end.items, *skipped, end.cursor) {
                    Ok(behind) => self.engine.state = State::Handed { behind },
                    Err(failure) => self.engine.break_off(now, failure),
                }
            }
            State::Refusal { .. } => self.engine.judge(gate, now),
            State::Due
            | State::Sent { .. }
            | State::Handed { .. }
            | State::Broken { .. }
            | State::Ended(_) => {}
        }
    }

    /// The connection could not be made, or broke before the body's proper end.
    pub fn failed<S>(&mut self, gate: &mut Gate<S>, now: Instant, fault: TransportFault)
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        self.engine.failed(gate, now, fault);
    }

    /// The checkpoint, and the items before it, are stored.
    pub fn stored(&mut self) {
        let engine = &mut self.engine;
        if let State::Handed { behind } = engine.state {
            let Counters { items, skipped, pages, .. } = &mut engine.counters;
            *items = items.saturating_add(behind.items.saturating_sub(engine.checkpoint.items));
            *skipped = skipped.saturating_add(behind.skipped.saturating_sub(engine.checkpoint.skipped));
            *pages = pages.saturating_add(1);
            engine.checkpoint = behind;
            engine.retry.refill();
            (engine.limited_since, engine.maintained_since) = (None, None);
            engine.state = if behind.is_complete() { State::Ended(Outcome::Complete) } else { State::Due };
        }
    }

    /// The items of the broken page are forgotten.
    pub fn rewound(&mut self) {
        if let State::Broken { failure, .. } = self.engine.state {
            self.engine.state = failure.map_or(State::Due, |failure| State::Ended(Outcome::Failed(failure)));
        }
    }

    /// What this run took so far.
    pub const fn counters(&self) -> &Counters {
        &self.engine.counters
    }

    /// What the server said of its latest refusal.
    pub const fn problem(&self) -> &Problem {
        &self.engine.problem
    }

    /// Where the pull stands: everything before it was handed over and stored.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.engine.checkpoint
    }
}

impl<'a> Engine<'a> {
    fn step<S>(&mut self, gate: &mut Gate<S>, now: Instant) -> Step<'a>
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        if self.deadline().is_some_and(|deadline| now >= deadline) {
            self.failed(gate, now, TransportFault::Timeout);
        }
        if let State::Refusal { bytes, .. } = self.state
            && bytes > self.settings.error_bytes
        {
            self.judge(gate, now);
        }
        if let Some((why, counted)) = self.waiting.take() {
            self.counters.waited.add(why, now.since(counted));
        }
        if let State::Due = self.state
            && let Err(failure) = self.check_patience(gate, now)
        {
            self.state = State::Ended(Outcome::Failed(failure));
        }
        match &self.state {
            State::Due => match self.opens(gate, now) {
                Some((until, why)) => {
                    self.waiting = Some((why, now));
                    Step::Wait { until, why }
                }
                None => Step::Send(self.request()),
            },
            State::Sent { .. } | State::Page { .. } | State::Refusal { .. } => {
                Step::Receive { deadline: self.deadline().unwrap_or(now) }
            }
            State::Handed { behind } => Step::Checkpoint(*behind),
            State::Broken { items, .. } => Step::Rewind { items: *items },
            State::Ended(outcome) => Step::Done(*outcome),
        }
    }

    fn request(&self) -> Request<'a> {
        let cursor = match self.checkpoint.cursor {
            Cursor::Key(key) => Some((self.endpoint.pager().parameter(), crate::http::Parameter::Int(key))),
            Cursor::Start | Cursor::End => None,
        };
        Request {
            origin: self.project.base().origin(),
            target: Target {
                base: self.project.base().path(),
                path: self.endpoint.path(),
                parameters: self.endpoint.parameters(),
                cursor,
            },
            credential: Field {
                name: self.project.api().credential_field,
                value: FieldValue::Secret(self.project.credential()),
            },
        }
    }

    /// When the answer in hand is given up.
    fn deadline(&self) -> Option<Instant> {
        let Settings { head_timeout, idle_timeout, page_timeout, .. } = self.settings;
        match &self.state {
            State::Sent { at, .. } => Some(at.after(head_timeout)),
            State::Page { began, heard, .. } | State::Refusal { began, heard, .. } => {
                Some(heard.after(idle_timeout).min(began.after(page_timeout)))
            }
            State::Due | State::Handed { .. } | State::Broken { .. } | State::Ended(_) => None,
        }
    }

    /// Until when the next request is held back, and why. Of several reasons the one that lasts longest.
    fn opens<S>(&self, gate: &Gate<S>, now: Instant) -> Option<(Instant, WaitReason)>
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        let backoff = self.retry.opens(now).map(|until| (until, WaitReason::Backoff));
        [backoff, gate.opens(now)].into_iter().flatten().max_by_key(|&(until, _)| until)
    }

    /// Whether the pull may go on at all: enough patience is left for what holds it, and not too many pages came.
    fn check_patience<S>(&mut self, gate: &Gate<S>, now: Instant) -> Result<(), Failure>
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        let Settings { pages, limit_patience, maintenance_patience, .. } = self.settings;
        if self.checkpoint.pages >= pages {
            return Err(Failure::TooManyPages { limit: pages });
        }
        let Some((until, why)) = self.opens(gate, now) else { return Ok(()) };
        let wait = until.since(now);
        match why {
            WaitReason::Rejected | WaitReason::RetryAfter => {
                let since = *self.limited_since.get_or_insert(now);
                if until.since(since) > limit_patience {
                    return Err(Failure::Limit { wait });
                }
            }
            WaitReason::Maintenance => {
                let since = *self.maintained_since.get_or_insert(now);
                if until.since(since) > maintenance_patience {
                    return Err(Failure::Maintenance { wait });
                }
            }
            WaitReason::Quota | WaitReason::Backoff => {}
        }
        Ok(())
    }

    fn head<S>(&mut self, gate: &mut Gate<S>, now: Instant, status: u16, fields: Fields)
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        let State::Sent { at, ticket } = self.state else { return };
        gate.answered(ticket, at, now, &fields);
        let meaning = status::meaning(self.project.api(), status);
        match (meaning, fields.encoding) {
            (Meaning::Page, Some(encoding)) => self.break_off(now, Failure::Encoding { encoding }),
            (Meaning::Page, None) => {
                gate.served(&fields);
                let scanner = PageScanner::new(self.endpoint.shape());
                self.state =
                    State::Page { scanner, bytes: 0, skipped: 0, began: now, heard: now, lent: None };
            }
            // A redirect's body is of no interest, and reading it a risk.
            (Meaning::Redirect, _) => {
                self.break_off(now, Failure::Redirect { status, location: fields.location });
            }
            (Meaning::Rejected, _) => {
                self.counters.rejected = self.counters.rejected.saturating_add(1);
                // At once, for the sake of the other pulls; the body is read to keep the connection.
                gate.rejected(now, fields.retry_after);
                self.refused(Answer { status, meaning, fields }, now);
            }
            (Meaning::CredentialRefused | Meaning::PerhapsMaintenance | Meaning::Failure, _) => {
                self.refused(Answer { status, meaning, fields }, now);
            }
        }
    }

    fn refused(&mut self, answer: Answer, now: Instant) {
        self.problem = Problem::NONE;
        self.state =
            State::Refusal { answer, scanner: ProblemScanner::new(), bytes: 0, began: now, heard: now };
    }

    /// The body of a refusal is over, or enough of it was read.
    fn judge<S>(&mut self, gate: &mut Gate<S>, now: Instant)
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        let State::Refusal { answer: Answer { status, meaning, fields }, .. } = &self.state else { return };
        let rules = self.project.api().maintenance;
        let rules = rules.filter(|rules| self.problem.kind.as_str() == rules.problem_type);
        match (meaning, rules) {
            (Meaning::Rejected, _) => self.state = State::Due,
            (Meaning::PerhapsMaintenance, Some(rules)) => {
                gate.refused_for_maintenance(now, fields, &rules);
                self.state = State::Due;
            }
            (Meaning::CredentialRefused, _) => {
                let failure = Failure::Credential { status: *status };
                self.state = State::Ended(Outcome::Failed(failure));
            }
            (Meaning::PerhapsMaintenance | Meaning::Failure | Meaning::Page | Meaning::Redirect, _) => {
                let asked = fields.retry_after.and_then(|hint| gate.place(hint, now));
                let at_least = asked.map_or(Duration::ZERO, |until| until.since(now));
                self.fail(now, 0, Failure::Status { status: *status }, at_least);
            }
        }
    }

    fn failed<S>(&mut self, gate: &mut Gate<S>, now: Instant, fault: TransportFault)
    where
        S: AsRef<[Slot]> + AsMut<[Slot]>,
    {
        match self.state {
            // Nothing came of it, but the server may have counted it.
            State::Sent { ticket, .. } => {
                gate.unanswered(ticket, now);
                self.break_off(now, Failure::Transport(fault));
            }
            State::Page { .. } => self.break_off(now, Failure::Transport(fault)),
            // The status is known, and that was the news.
            State::Refusal { .. } => self.judge(gate, now),
            // The request could not even be made.
            State::Due => self.break_off(now, Failure::Transport(fault)),
            State::Handed { .. } | State::Broken { .. } | State::Ended(_) => {}
        }
    }

    /// The attempt is over without a page; what was handed over of it must be forgotten.
    fn break_off(&mut self, now: Instant, failure: Failure) {
        let items = match &self.state {
            State::Page { scanner, .. } => scanner.items(),
            _ => 0,
        };
        self.fail(now, items, failure, Duration::ZERO);
    }

    fn fail(&mut self, now: Instant, items: u32, failure: Failure, at_least: Duration) {
        // A server that asks for a pause beyond all patience is not waited for.
        let is_bearable = at_least <= self.settings.limit_patience;
        let is_forgiven = failure.is_passing() && is_bearable && self.retry.forgive(now, at_least);
        if is_forgiven {
            self.counters.retried = self.counters.retried.saturating_add(1);
        }
        let failure = (!is_forgiven).then_some(failure);
        self.state = match (items, failure) {
            (0, None) => State::Due,
            (0, Some(failure)) => State::Ended(Outcome::Failed(failure)),
            (items, failure) => State::Broken { items, failure },
        };
    }

    /// The checkpoint behind the page in hand.
    fn checkpoint_behind(
        &self,
        items: u32,
        skipped: u32,
        cursor: crate::page::CursorValue<'_>,
    ) -> Result<Checkpoint, Failure> {
        let mut behind = self.checkpoint;
        let next = self.endpoint.pager().next(cursor).map_err(Failure::Cursor)?;
        behind.guard.check(behind.cursor, next, items).map_err(Failure::Cursor)?;
        behind.guard.follow(next);
        behind.cursor = next;
        behind.items = behind.items.saturating_add(items.saturating_sub(skipped).into());
        behind.skipped = behind.skipped.saturating_add(skipped.into());
        behind.pages = behind.pages.saturating_add(1);
        Ok(behind)
    }
}

/// As much of a chunk as a limit allows after so many bytes. The limit counts bytes, so it cuts the chunk where it lies
/// and not at the chunk's edge.
fn within(limit: u64, bytes: u64, chunk: &[u8]) -> &[u8] {
    let allowed = usize::try_from(limit.saturating_sub(bytes)).unwrap_or(usize::MAX);
    chunk.get(..allowed).unwrap_or(chunk)
}

fn at_start(binding: Binding) -> Checkpoint {
    Checkpoint { binding, cursor: Cursor::Start, guard: LoopGuard::default(), items: 0, skipped: 0, pages: 0 }
}

/// A pull that cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PullError {
    /// No request can be made of the endpoint.
    Endpoint(EndpointError),
    /// The checkpoint cannot be gone on from.
    Checkpoint(CheckpointError),
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(error) => error.fmt(f),
            Self::Checkpoint(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for PullError {}
