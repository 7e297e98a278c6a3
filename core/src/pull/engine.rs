//! The engine's decisions: everything of a pull but its buffers. One enum holds the state; each input leads to the next
//! state or is ignored, and [`Engine::step`] says what the state calls for.

use super::repeats::Repeats;
use super::report::{Counters, End, Failure, Outcome, Sum, TransportFault, Waited};
use super::settings::Settings;
use super::status::Meaning;
use super::step::Step;
use crate::api::{Endpoint, EndpointError, Project};
use crate::auth::{Credential, TokenRules, TokenScanner};
use crate::checkpoint::{Binding, Checkpoint, CheckpointError};
use crate::cursor::{Cursor, CursorFault, LoopGuard, Page, Pager};
use crate::gate::{Gate, Lease, WaitReason};
use crate::http::{Media, Moment};
use crate::page::{CursorValue, PageEnd, PageScanner};
use crate::problem::{Problem, ProblemScanner};
use crate::quota::{Reason, Slots, Ticket};
use crate::retry::Retry;
use crate::time::{Duration, Instant, UnixTime};
use core::fmt;

/// All of a pull but its buffers, so that an item lent from one of them does not stand in the way of a verdict.
#[derive(Debug)]
pub(super) struct Engine<'a> {
    pub(super) project: &'a Project<'a>,
    pub(super) endpoint: &'a Endpoint<'a>,
    pub(super) settings: &'a Settings,
    /// What was handed over and stored.
    pub(super) checkpoint: Checkpoint,
    pub(super) retry: Retry,
    pub(super) counters: Counters,
    /// What the server said of the latest refusal.
    pub(super) problem: Problem,
    /// Why the latest step was to wait, and up to when that time was counted.
    waiting: Option<(Sum, Instant)>,
    /// What had been waited for the limit and for maintenance when the latest page was stored: patience is with a server
    /// that gives none.
    waited_before: (Duration, Duration),
    /// What others wait for here: the turn until the head comes, the token until it is here. Zero if nothing.
    lease: Lease,
    /// The token that the latest request was sent with.
    pub(super) token: u32,
    /// That token was given up since the latest page, and may not be so again.
    pub(super) is_refreshed: bool,
    /// The status of the latest answer that did what was asked; zero if there is none.
    pub(super) status: u16,
    /// The length of the location that it named, which lies in the item buffer.
    pub(super) located: u16,
    pub(super) state: State<'a>,
}

/// What a request is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// For what the endpoint says.
    Main,
    /// For a token to ask with.
    Token,
    /// For what the API said is elsewhere.
    Elsewhere,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put it on")]
pub(super) enum State<'a> {
    /// The next request may go as soon as nothing holds it.
    Due { is_elsewhere: bool },
    /// A request is on its way. The limits count those to the API.
    Sent { errand: Errand, since: Instant, ticket: Option<Ticket> },
    /// What was asked for is coming. Time that the caller takes over an item it was lent is not the server's: `began`
    /// moves by it.
    Answer {
        reader: Reader<'a>,
        errand: Errand,
        media: Option<Media>,
        bytes: u64,
        /// Items that were left out because they are too large.
        skipped: u32,
        /// Items that were left out because they came before.
        repeated: u32,
        began: Instant,
        heard: Instant,
        lent: Option<Instant>,
    },
    /// A token is coming.
    Grant { scanner: TokenScanner, bytes: u64, began: Instant, heard: Instant },
    /// Something that was not asked for is coming.
    Refusal {
        refusal: Refusal,
        scanner: ProblemScanner,
        said: Heard,
        bytes: u64,
        began: Instant,
        heard: Instant,
    },
    /// A whole page was handed over; the checkpoint behind it waits to be stored.
    Handed { behind: Checkpoint },
    /// A page broke off; its items wait to be forgotten.
    Broken { items: u32, failure: Option<Failure> },
    /// The pull is over.
    Ended(Outcome),
}

/// What a server says, before anybody has looked whether it quotes a secret.
#[derive(Clone, Copy)]
pub(super) struct Heard(pub(super) Problem);

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Heard(…)")
    }
}

/// What reads an answer.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put it on")]
pub(super) enum Reader<'a> {
    /// The items of a page.
    Page(PageScanner<'a>),
    /// Any body, handed over in pieces as it comes.
    Body { pieces: u32 },
}

impl Reader<'_> {
    /// How many items were found, or pieces came.
    fn items(&self) -> u32 {
        match self {
            Self::Page(scanner) => scanner.items(),
            Self::Body { pieces } => *pieces,
        }
    }
}

/// The head of an answer that does not do what was asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) errand: Errand,
    pub(super) status: u16,
    pub(super) meaning: Meaning,
    /// When to come back, if the server says so.
    pub(super) retry_after: Option<Moment>,
    /// The maintenance window that it announces.
    pub(super) window: (Option<UnixTime>, Option<UnixTime>),
}

impl<'a> Engine<'a> {
    pub(super) fn new(
        project: &'a Project<'a>,
        endpoint: &'a Endpoint<'a>,
        settings: &'a Settings,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, PullError> {
        endpoint.check().map_err(PullError::Endpoint)?;
        if let (Credential::Token(_), None) = (project.api().credential, project.tokens()) {
            return Err(PullError::NoTokenSource);
        }
        let binding = project.binding(endpoint);
        if let Some(checkpoint) = &checkpoint {
            checkpoint.check_binding(&binding).map_err(PullError::Checkpoint)?;
        }
        let checkpoint = checkpoint.unwrap_or(at_start(binding));
        let is_complete = checkpoint.is_complete();
        Ok(Self {
            project,
            endpoint,
            settings,
            checkpoint,
            retry: Retry::new(settings.seed),
            counters: Counters::default(),
            problem: Problem::NONE,
            waiting: None,
            waited_before: (Duration::ZERO, Duration::ZERO),
            lease: 0,
            token: 0,
            is_refreshed: false,
            status: 0,
            located: 0,
            state: if is_complete { State::Ended(Outcome::Complete(End::SaidSo)) } else { State::DUE },
        })
    }

    pub(super) fn step<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> Step {
        gate.begin(now);
        if self.deadline().is_some_and(|deadline| now >= deadline) {
            self.failed(gate, now, TransportFault::Timeout);
        }
        if let State::Refusal { bytes, .. } = self.state
            && bytes > self.settings.error_bytes
        {
            self.judge(gate, now);
        }
        if let Some((sum, counted)) = self.waiting.take() {
            let sum = sum(&mut self.counters.waited);
            *sum = sum.plus(now.since(counted));
        }
        self.give_way(gate);
        if let State::Due { .. } = self.state
            && let Err(failure) = self.check_patience(gate, now)
        {
            self.state = State::Ended(Outcome::Failed(failure));
        }
        self.withhold(gate);
        match &self.state {
            State::Due { .. } => match self.opens(gate, now) {
                Some((until, why)) => {
                    self.waiting = Some((Waited::sum(why), now));
                    Step::Wait { until, why }
                }
                None => Step::Send,
            },
            State::Sent { .. } | State::Answer { .. } | State::Grant { .. } | State::Refusal { .. } => {
                Step::Receive { deadline: self.deadline().unwrap_or(now) }
            }
            State::Handed { behind } => Step::Checkpoint(*behind),
            State::Broken { items, .. } => Step::Rewind { items: *items },
            State::Ended(outcome) => Step::Done(*outcome),
        }
    }

    pub(super) fn sent<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> bool {
        let State::Due { is_elsewhere } = self.state else { return false };
        // Another pull may have gone through the gate since the step was given.
        if self.opens(gate, now).is_some() {
            return false;
        }
        let deadline = now.after(self.settings.head_timeout);
        let errand =
            match (is_elsewhere, self.token_rules(), gate.token_held(self.checkpoint.binding.origin, now)) {
                (true, ..) => Errand::Elsewhere,
                (false, Some(_), None) => Errand::Token,
                (false, Some(_), Some(token)) => {
                    self.token = token;
                    Errand::Main
                }
                (false, None, _) => Errand::Main,
            };
        self.lease = gate.lease();
        if self.project.api().is_sequential && errand != Errand::Elsewhere {
            gate.take_turn(self.lease, deadline);
        }
        let ticket = (errand == Errand::Main).then(|| gate.take(self.endpoint.calls(), now, deadline));
        if errand == Errand::Token {
            gate.ask_for_token(self.lease, deadline);
        }
        self.counters.requests = self.counters.requests.saturating_add(1);
        self.state = State::Sent { errand, since: now, ticket };
        true
    }

    pub(super) fn stored(&mut self, repeats: &mut Repeats<'_>) {
        let State::Handed { behind } = self.state else { return };
        let Counters { items, skipped, pages, waited, .. } = &mut self.counters;
        *items = items.saturating_add(behind.items.saturating_sub(self.checkpoint.items));
        *skipped = skipped.saturating_add(behind.skipped.saturating_sub(self.checkpoint.skipped));
        *pages = pages.saturating_add(1);
        self.waited_before = (waited.for_limit(), waited.maintenance);
        self.checkpoint = behind;
        self.retry.refill();
        self.is_refreshed = false;
        repeats.keep();
        self.state =
            if behind.is_complete() { State::Ended(Outcome::Complete(End::SaidSo)) } else { State::DUE };
    }

    pub(super) fn rewound(&mut self, repeats: &mut Repeats<'_>) {
        if let State::Broken { failure, .. } = self.state {
            repeats.forget();
            self.state = failure.map_or(State::DUE, |failure| State::Ended(Outcome::Failed(failure)));
        }
    }

    /// How the API grants tokens, if it does.
    pub(super) fn token_rules(&self) -> Option<&'a TokenRules> {
        match &self.project.api().credential {
            Credential::Token(rules) => Some(rules),
            Credential::Field { .. } => None,
        }
    }

    /// Whoever waits for this pull waits no longer than there is something to wait for.
    fn give_way<S: Slots>(&mut self, gate: &mut Gate<S>) {
        if self.lease == 0 {
            return;
        }
        let is_sent = matches!(self.state, State::Sent { .. });
        if !is_sent {
            gate.end_turn(self.lease);
        }
        if !self.awaits_token() {
            gate.asked_for_token(self.lease);
        }
        if !is_sent && !self.awaits_token() {
            self.lease = 0;
        }
    }

    /// The driver is going away in the middle of what it does: whoever waits for this pull goes on.
    pub(super) fn abandoned<S: Slots>(&mut self, gate: &mut Gate<S>) {
        gate.end_turn(self.lease);
        gate.asked_for_token(self.lease);
    }

    fn awaits_token(&self) -> bool {
        match &self.state {
            State::Grant { .. } => true,
            State::Sent { errand, .. } => *errand == Errand::Token,
            State::Refusal { refusal, .. } => refusal.errand == Errand::Token,
            _ => false,
        }
    }

    /// When the answer in hand is given up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let Settings { head_timeout, idle_timeout, page_timeout, .. } = *self.settings;
        match &self.state {
            State::Sent { since, .. } => Some(since.after(head_timeout)),
            State::Answer { began, heard, .. }
            | State::Grant { began, heard, .. }
            | State::Refusal { began, heard, .. } => {
                Some(heard.after(idle_timeout).min(began.after(page_timeout)))
            }
            State::Due { .. } | State::Handed { .. } | State::Broken { .. } | State::Ended(_) => None,
        }
    }

    /// Until when the next request is held back, and why. Of several reasons the one that lasts longest.
    fn opens<S: Slots>(&self, gate: &Gate<S>, now: Instant) -> Option<(Instant, WaitReason)> {
        let backoff = self.retry.opens(now).map(|until| (until, WaitReason::Backoff));
        if let State::Due { is_elsewhere: true } = self.state {
            return backoff;
        }
        let needs_token =
            self.token_rules().is_some() && gate.token_held(self.checkpoint.binding.origin, now).is_none();
        let token = if needs_token { gate.token_opens(now) } else { None };
        let turn = if self.project.api().is_sequential { gate.turn_opens(now) } else { None };
        let opens = [backoff, gate.opens(self.endpoint.calls(), now), token, turn];
        opens.into_iter().flatten().max_by_key(|&(until, _)| until)
    }

    /// Whether the pull may go on at all: enough patience is left for what holds it, and not too many pages came.
    fn check_patience<S: Slots>(&self, gate: &Gate<S>, now: Instant) -> Result<(), Failure> {
        let Settings { pages, limit_patience, maintenance_patience, .. } = *self.settings;
        if self.checkpoint.pages >= pages {
            return Err(Failure::TooManyPages { limit: pages });
        }
        let Some((until, why)) = self.opens(gate, now) else { return Ok(()) };
        let wait = until.since(now);
        let (limit_before, maintenance_before) = self.waited_before;
        match why {
            WaitReason::Limit(
                Reason::Rejected(_) | Reason::Starved(_) | Reason::RetryAfter | Reason::Told,
            ) => {
                let so_far = self.counters.waited.for_limit().minus(limit_before);
                if so_far.plus(wait) > limit_patience { Err(Failure::Limit { wait }) } else { Ok(()) }
            }
            WaitReason::Maintenance => {
                let so_far = self.counters.waited.maintenance.minus(maintenance_before);
                if so_far.plus(wait) > maintenance_patience {
                    Err(Failure::Maintenance { wait })
                } else {
                    Ok(())
                }
            }
            WaitReason::Limit(_) | WaitReason::Backoff | WaitReason::Token | WaitReason::Turn => Ok(()),
        }
    }

    /// What was asked for was handed over whole.
    pub(super) fn answered<S: Slots>(&mut self, gate: &Gate<S>, now: Instant, end: PageEnd<'_>) {
        let State::Answer { skipped, repeated, .. } = self.state else { return };
        let checked = self.check_token(gate, end.cursor);
        match checked.and_then(|()| self.checkpoint_behind(end, skipped, repeated)) {
            Ok(behind) => {
                self.counters.repeated = self.counters.repeated.saturating_add(repeated.into());
                if let (Some(first), Some(latest)) = (behind.total, end.total)
                    && first != latest
                {
                    self.counters.changed = Some(latest);
                }
                if let (Some(total), true) = (end.total, behind.is_complete()) {
                    let seen =
                        behind.items.saturating_add(behind.skipped).saturating_add(self.counters.repeated);
                    self.counters.missing = total.saturating_sub(seen);
                }
                self.state = State::Handed { behind };
            }
            Err(fault) => self.break_off(now, Failure::Cursor(fault)),
        }
    }

    /// A token for the next page stands in checkpoints and perhaps in a query: it must not be what opens the API.
    fn check_token<S: Slots>(&self, gate: &Gate<S>, cursor: CursorValue<'_>) -> Result<(), CursorFault> {
        let (Pager::Token { .. }, CursorValue::Text(text)) = (self.endpoint.pager(), cursor) else {
            return Ok(());
        };
        let is_secret = self.project.credential().is_in(text)
            || gate.token_text(self.token).is_some_and(|token| token.is_in(text));
        if is_secret { Err(CursorFault::TokenUnsendable) } else { Ok(()) }
    }

    /// The checkpoint behind the page in hand, if its cursor may be followed.
    fn checkpoint_behind(
        &self,
        end: PageEnd<'_>,
        skipped: u32,
        repeated: u32,
    ) -> Result<Checkpoint, CursorFault> {
        let mut behind = self.checkpoint;
        let before = behind.items.saturating_add(behind.skipped).saturating_add(self.counters.repeated);
        let origin = self.project.base().origin();
        let next = self.endpoint.pager().next(&Page { asked: behind.cursor, end, before, origin })?;
        behind.guard.check(behind.cursor, next, end.items)?;
        behind.guard.follow(next);
        behind.cursor = next;
        let handed = end.items.saturating_sub(skipped).saturating_sub(repeated);
        behind.items = behind.items.saturating_add(handed.into());
        behind.skipped = behind.skipped.saturating_add(skipped.into());
        behind.pages = behind.pages.saturating_add(1);
        behind.total = behind.total.or(end.total);
        Ok(behind)
    }

    /// How many items of the page in hand were handed over, those too large included.
    pub(super) fn handed_over(&self) -> u32 {
        match &self.state {
            State::Answer { reader, repeated, .. } => reader.items().saturating_sub(*repeated),
            _ => 0,
        }
    }
}

impl State<'_> {
    pub(super) const DUE: Self = Self::Due { is_elsewhere: false };
}

fn at_start(binding: Binding) -> Checkpoint {
    Checkpoint {
        binding,
        cursor: Cursor::Start,
        guard: LoopGuard::default(),
        items: 0,
        skipped: 0,
        pages: 0,
        total: None,
    }
}

/// A pull that cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PullError {
    /// No request can be made of the endpoint.
    Endpoint(EndpointError),
    /// The checkpoint cannot be gone on from.
    Checkpoint(CheckpointError),
    /// The API grants tokens, and the project does not say where: [`Project::with_tokens_of`].
    NoTokenSource,
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(error) => error.fmt(f),
            Self::Checkpoint(error) => error.fmt(f),
            Self::NoTokenSource => {
                f.write_str("the API grants tokens, and the project does not say where: give the token URL and the client's id")
            }
        }
    }
}

impl core::error::Error for PullError {}
