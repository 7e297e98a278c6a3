//! The engine's decisions: everything of a pull but its buffers. One enum holds the state; each input leads to the next
//! state or is ignored, and [`Engine::step`] says what the state calls for.

use super::report::{Counters, Failure, Outcome, TransportFault, Waited};
use super::settings::Settings;
use super::status::{self, Meaning};
use super::step::Step;
use crate::api::{Endpoint, EndpointError, Project};
use crate::checkpoint::{Binding, Checkpoint, CheckpointError};
use crate::cursor::{Cursor, CursorFault, LoopGuard};
use crate::gate::{Gate, WaitReason};
use crate::http::{Field, FieldValue, Fields, Media, Parameter, Request, Target};
use crate::page::{PageEnd, PageFault, PageScanner};
use crate::problem::{Problem, ProblemScanner};
use crate::quota::{Calls, Reason, Slots, Ticket};
use crate::retry::Retry;
use crate::time::{Duration, Instant};
use core::fmt;

/// How servers count what a pull sends.
const CALLS: Calls = Calls::PAGED_READS;

/// All of a pull but its buffers, so that an item lent from one of them does not stand in the way of a verdict.
#[derive(Debug)]
pub(super) struct Engine<'a> {
    pub(super) project: &'a Project<'a>,
    endpoint: &'a Endpoint<'a>,
    pub(super) settings: &'a Settings,
    /// What was handed over and stored.
    pub(super) checkpoint: Checkpoint,
    retry: Retry,
    pub(super) counters: Counters,
    /// What the server said of the latest refusal.
    pub(super) problem: Problem,
    /// Why the latest step was to wait, and up to when that time was counted.
    waiting: Option<(WaitReason, Instant)>,
    /// What had been waited when the latest page was stored: patience is with a server that gives none.
    waited_before: Waited,
    pub(super) state: State<'a>,
}

#[derive(Debug)]
pub(super) enum State<'a> {
    /// The next request may go as soon as nothing holds it.
    Due,
    /// A request is on its way.
    Sent { ticket: Ticket },
    /// A page is coming. Time that the caller takes over an item it was lent is not the server's: `began` moves by it.
    Page {
        scanner: PageScanner<'a>,
        media: Option<Media>,
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
pub(super) struct Answer {
    status: u16,
    meaning: Meaning,
    fields: Fields,
}

impl<'a> Engine<'a> {
    pub(super) fn new(
        project: &'a Project<'a>,
        endpoint: &'a Endpoint<'a>,
        settings: &'a Settings,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, PullError> {
        endpoint.check().map_err(PullError::Endpoint)?;
        let binding = project.binding(endpoint);
        if let Some(checkpoint) = &checkpoint {
            checkpoint.check_binding(&binding).map_err(PullError::Checkpoint)?;
        }
        let checkpoint = checkpoint.unwrap_or(at_start(binding));
        Ok(Self {
            project,
            endpoint,
            settings,
            checkpoint,
            retry: Retry::new(settings.seed),
            counters: Counters::default(),
            problem: Problem::NONE,
            waiting: None,
            waited_before: Waited::default(),
            state: if checkpoint.is_complete() { State::Ended(Outcome::Complete) } else { State::Due },
        })
    }

    pub(super) fn step<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> Step<'a> {
        gate.begin(now);
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

    pub(super) fn sent<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> bool {
        // Another pull may have gone through the gate since the step was given.
        let may_leave = matches!(self.state, State::Due) && self.opens(gate, now).is_none();
        if may_leave {
            let ticket = gate.take(CALLS, now, now.after(self.settings.head_timeout));
            self.counters.requests = self.counters.requests.saturating_add(1);
            self.state = State::Sent { ticket };
        }
        may_leave
    }

    pub(super) fn stored(&mut self) {
        let State::Handed { behind } = self.state else { return };
        let Counters { items, skipped, pages, waited, .. } = &mut self.counters;
        *items = items.saturating_add(behind.items.saturating_sub(self.checkpoint.items));
        *skipped = skipped.saturating_add(behind.skipped.saturating_sub(self.checkpoint.skipped));
        *pages = pages.saturating_add(1);
        self.waited_before = *waited;
        self.checkpoint = behind;
        self.retry.refill();
        self.state = if behind.is_complete() { State::Ended(Outcome::Complete) } else { State::Due };
    }

    pub(super) fn rewound(&mut self) {
        if let State::Broken { failure, .. } = self.state {
            self.state = failure.map_or(State::Due, |failure| State::Ended(Outcome::Failed(failure)));
        }
    }

    fn request(&self) -> Request<'a> {
        let cursor = match self.checkpoint.cursor {
            Cursor::Key(key) => Some((self.endpoint.pager().parameter(), Parameter::Int(key))),
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
        let Settings { head_timeout, idle_timeout, page_timeout, .. } = *self.settings;
        match &self.state {
            State::Sent { ticket } => Some(ticket.sent().after(head_timeout)),
            State::Page { began, heard, .. } | State::Refusal { began, heard, .. } => {
                Some(heard.after(idle_timeout).min(began.after(page_timeout)))
            }
            State::Due | State::Handed { .. } | State::Broken { .. } | State::Ended(_) => None,
        }
    }

    /// Until when the next request is held back, and why. Of several reasons the one that lasts longest.
    fn opens<S: Slots>(&self, gate: &Gate<S>, now: Instant) -> Option<(Instant, WaitReason)> {
        let backoff = self.retry.opens(now).map(|until| (until, WaitReason::Backoff));
        [backoff, gate.opens(CALLS, now)].into_iter().flatten().max_by_key(|&(until, _)| until)
    }

    /// Whether the pull may go on at all: enough patience is left for what holds it, and not too many pages came.
    fn check_patience<S: Slots>(&self, gate: &Gate<S>, now: Instant) -> Result<(), Failure> {
        let Settings { pages, limit_patience, maintenance_patience, .. } = *self.settings;
        if self.checkpoint.pages >= pages {
            return Err(Failure::TooManyPages { limit: pages });
        }
        let Some((until, why)) = self.opens(gate, now) else { return Ok(()) };
        let wait = until.since(now);
        let waited = |of: fn(&Waited) -> Duration| of(&self.counters.waited).minus(of(&self.waited_before));
        match why {
            WaitReason::Limit(
                Reason::Rejected(_) | Reason::Starved(_) | Reason::RetryAfter | Reason::Told,
            ) => {
                let so_far = waited(|waited| waited.rejected.plus(waited.retry_after));
                if so_far.plus(wait) > limit_patience { Err(Failure::Limit { wait }) } else { Ok(()) }
            }
            WaitReason::Maintenance => {
                let so_far = waited(|waited| waited.maintenance);
                if so_far.plus(wait) > maintenance_patience {
                    Err(Failure::Maintenance { wait })
                } else {
                    Ok(())
                }
            }
            WaitReason::Limit(_) | WaitReason::Backoff => Ok(()),
        }
    }

    pub(super) fn head<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, status: u16, fields: Fields) {
        let State::Sent { ticket } = self.state else { return };
        // Whoever comes after the deadline was given up, even if nobody asked for a step in between.
        if self.deadline().is_some_and(|deadline| now >= deadline) {
            return self.failed(gate, now, TransportFault::Timeout);
        }
        let meaning = status::meaning(self.project.api(), status);
        gate.answered(ticket, now, &fields, meaning.is_admitted(status));
        match (meaning, fields.encoding) {
            (Meaning::Page, Some(encoding)) => self.break_off(now, Failure::Encoding { encoding }),
            (Meaning::Page, None) => {
                gate.served(&fields);
                let scanner = PageScanner::new(self.endpoint.shape());
                let media = fields.media;
                self.state =
                    State::Page { scanner, media, bytes: 0, skipped: 0, began: now, heard: now, lent: None };
            }
            // A redirect's body is of no interest, and reading it a risk.
            (Meaning::Redirect, _) => {
                self.break_off(now, Failure::Redirect { status, location: fields.location });
            }
            (Meaning::Rejected, _) => {
                self.counters.rejected = self.counters.rejected.saturating_add(1);
                // The body is read to keep the connection.
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
    pub(super) fn judge<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        let State::Refusal { answer: Answer { status, meaning, fields }, .. } = &self.state else { return };
        self.problem = self.problem.without(self.project.credential());
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

    pub(super) fn failed<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, fault: TransportFault) {
        match self.state {
            // Nothing came of it, but the server may have counted it.
            State::Sent { ticket } => {
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

    /// What came is not the page expected. If it is not even JSON, what it claims to be explains more than its first byte.
    pub(super) fn break_off_page(&mut self, now: Instant, fault: PageFault) {
        let failure = match (&self.state, fault) {
            (State::Page { media: Some(media @ (Media::Html | Media::Other)), .. }, PageFault::Json(_)) => {
                Failure::NotJson { media: *media }
            }
            _ => Failure::Page(fault),
        };
        self.break_off(now, failure);
    }

    /// The attempt is over without a page; what was handed over of it must be forgotten.
    pub(super) fn break_off(&mut self, now: Instant, failure: Failure) {
        let items = match &self.state {
            State::Page { scanner, .. } => scanner.items(),
            _ => 0,
        };
        self.fail(now, items, failure, Duration::ZERO);
    }

    pub(super) fn fail(&mut self, now: Instant, items: u32, failure: Failure, at_least: Duration) {
        // A server that asks for a pause beyond all patience is not waited for.
        let is_bearable = at_least <= self.settings.limit_patience;
        let is_forgiven =
            failure.is_passing() && is_bearable && self.retry.forgive(&self.settings.retry, now, at_least);
        if is_forgiven {
            self.counters.retried = self.counters.retried.saturating_add(1);
        }
        let failure = (!is_forgiven).then(|| failure.without(self.project.credential()));
        self.state = match (items, failure) {
            (0, None) => State::Due,
            (0, Some(failure)) => State::Ended(Outcome::Failed(failure)),
            (items, failure) => State::Broken { items, failure },
        };
    }

    /// A whole page was handed over.
    pub(super) fn page_ended(&mut self, now: Instant, end: PageEnd<'_>) {
        let State::Page { skipped, .. } = self.state else { return };
        match self.checkpoint_behind(end, skipped) {
            Ok(behind) => self.state = State::Handed { behind },
            Err(fault) => self.break_off(now, Failure::Cursor(fault)),
        }
    }

    /// The checkpoint behind the page in hand, if its cursor may be followed.
    fn checkpoint_behind(&self, end: PageEnd<'_>, skipped: u32) -> Result<Checkpoint, CursorFault> {
        let mut behind = self.checkpoint;
        let next = self.endpoint.pager().next(end.cursor)?;
        behind.guard.check(behind.cursor, next, end.items)?;
        behind.guard.follow(next);
        behind.cursor = next;
        behind.items = behind.items.saturating_add(end.items.saturating_sub(skipped).into());
        behind.skipped = behind.skipped.saturating_add(skipped.into());
        behind.pages = behind.pages.saturating_add(1);
        Ok(behind)
    }
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
