//! The engine's decisions: everything of a pull but its buffers. One enum holds the state; each input leads to the next
//! state or is ignored, and [`Engine::step`] says what the state calls for.

use super::exchange::{Body, Exchange, State, Tally};
use super::progress;
use super::report::{Counters, Failure, Outcome, Sum, TransportFault, Waited, count};
use super::request_kind::RequestKind;
use super::settings::Settings;
use super::step::Step;
use super::words::Words;
use crate::api::{Endpoint, EndpointError, Project};
use crate::auth::{Credential, TokenRules};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cursor::{Cursor, CursorFault, Pager};
use crate::gate::{Gate, Needs, Settled, Wait, Why};
use crate::page::{CursorValue, PageEnd};
use crate::profile::{Capabilities, Profile};
use crate::quota::Slots;
use crate::retry::Retry;
use crate::time::{Duration, Instant};
use core::fmt;
use core::marker::PhantomData;

/// All of a pull but its buffers, so that an item lent from one of them does not stand in the way of a verdict.
pub(super) struct Engine<'a, P> {
    pub(super) project: &'a Project<'a>,
    pub(super) endpoint: &'a Endpoint<'a>,
    pub(super) settings: &'a Settings,
    /// What was handed over and stored.
    pub(super) checkpoint: Checkpoint,
    pub(super) retry: Retry,
    pub(super) counters: Counters,
    /// What the server said in the latest body that was not what was asked for.
    pub(super) words: Words,
    /// Why the latest step was to wait, and up to when that time was counted.
    waiting: Option<(Sum, Instant)>,
    /// The place in the gate's queue, and the moment up to which those ahead are given way; zero if there is none.
    place: u32,
    gives_way_until: Instant,
    /// What had been waited for the limit and for maintenance when the latest page was stored. Patience counts from there.
    waited_before: (Duration, Duration),
    /// Since when the server has said that it is not ready yet or that the limit is reached, if it did since the latest page.
    pub(super) said_no_since: Option<Instant>,
    /// Since when it has said that it is under maintenance, if it did.
    pub(super) down_since: Option<Instant>,
    /// A fresh token was refused since the latest page, and tried again after a pause.
    pub(super) has_paused_for_token: bool,
    /// A token was refused since the latest page, and a new one was asked for.
    pub(super) has_renewed_token: bool,
    /// The byte behind the one at which the latest body was no JSON; zero if it was.
    pub(super) refused_byte: u64,
    /// No page came yet since the pull was resumed in the middle of a list.
    pub(super) is_resumed: bool,
    /// The status of the latest answer that did what was asked; zero if there is none.
    pub(super) status: u16,
    /// The length of the location that it named, which lies in the item buffer.
    pub(super) located: u16,
    pub(super) state: State<'a>,
    /// The request in hand and its answer, in the states that have one.
    pub(super) exchange: Exchange,
    /// What is wrong with the body in hand; later, why the pull ends.
    pub(super) failure: Option<Failure>,
    profile: PhantomData<fn() -> P>,
}

impl<P> fmt::Debug for Engine<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("project", &self.project)
            .field("endpoint", &self.endpoint)
            .field("checkpoint", &self.checkpoint)
            .field("counters", &self.counters)
            .field("words", &self.words)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl<'a, P: Profile> Engine<'a, P> {
    /// Whether the endpoint can be pulled by this engine.
    pub(super) fn check(project: &Project<'_>, endpoint: &Endpoint<'_>) -> Result<(), PullError> {
        if !P::CAPABILITIES.has(Capabilities::of(project.api()).and(endpoint)) {
            return Err(PullError::NotInProfile);
        }
        if let (Credential::Token(_), None) = (project.api().credential, project.tokens()) {
            return Err(PullError::NoTokenSource);
        }
        endpoint.check::<P>().map_err(PullError::Endpoint)
    }

    /// Before the request behind this checkpoint.
    pub(super) fn new(
        project: &'a Project<'a>,
        endpoint: &'a Endpoint<'a>,
        settings: &'a Settings,
        checkpoint: Checkpoint,
    ) -> Self {
        Self {
            project,
            endpoint,
            settings,
            checkpoint,
            retry: Retry::new(settings.seed),
            counters: Counters {
                missing: if checkpoint.is_complete() { checkpoint.missing() } else { 0 },
                ..Counters::default()
            },
            words: Words::new(),
            waiting: None,
            place: 0,
            gives_way_until: Instant::ZERO,
            waited_before: (Duration::ZERO, Duration::ZERO),
            said_no_since: None,
            down_since: None,
            has_paused_for_token: false,
            has_renewed_token: false,
            refused_byte: 0,
            is_resumed: checkpoint.cursor != Cursor::Start,
            status: 0,
            located: 0,
            state: State::behind(&checkpoint),
            exchange: Exchange::NONE,
            failure: None,
            profile: PhantomData,
        }
    }

    #[inline(never)]
    pub(super) fn step<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> Step {
        gate.begin(now);
        self.notice(gate, now);
        self.count_wait(now);
        match self.state {
            State::Due { .. } => self.due(gate, now),
            State::Sent | State::Receiving(_) => Step::Receive { deadline: self.deadline() },
            State::AwaitingStore(_) => Step::Checkpoint,
            State::AwaitingRewind { items } => Step::Rewind { items },
            State::Ended => Step::Done(self.outcome()),
        }
    }

    /// How the pull ended.
    fn outcome(&self) -> Outcome {
        match (self.failure, self.checkpoint.end(), self.checkpoint.missing()) {
            (Some(failure), ..) => Outcome::Failed(failure),
            (None, Some(end), 0) => Outcome::Complete(end),
            (None, _, missing) => Outcome::Incomplete { missing },
        }
    }

    /// When the answer in hand is given up.
    fn deadline(&self) -> Instant {
        let exchange = &self.exchange;
        match self.state {
            State::Sent => exchange.began.after(self.settings.head_timeout),
            _ => exchange.idle_at(self.settings).min(exchange.slow_at(self.settings)),
        }
    }

    /// Notices what happened to the answer in hand without the driver saying so: its deadline passed, or enough was read of it.
    pub(super) fn notice<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        if let Some(fault) = self.overdue(now) {
            return self.failed(gate, now, fault);
        }
        let is_enough = self.exchange.bytes > self.settings.error_bytes;
        match self.state {
            State::Receiving(Body::Faulty { items }) => self.fail(gate, now, items, Duration::ZERO),
            State::Receiving(Body::Refusal(_)) if is_enough => self.on_refusal(gate, now),
            State::Receiving(Body::NoPage) if is_enough => self.fail(gate, now, 0, Duration::ZERO),
            _ => {}
        }
    }

    /// How the answer in hand is late, if it is.
    pub(super) fn overdue(&self, now: Instant) -> Option<TransportFault> {
        if !self.state.has_exchange() || now < self.deadline() {
            return None;
        }
        Some(match self.state {
            State::Receiving(_) if now < self.exchange.idle_at(self.settings) => TransportFault::TooSlow,
            State::Receiving(_) => TransportFault::Idle,
            _ => TransportFault::Timeout,
        })
    }

    /// The time since the latest step was waited for what that step said.
    fn count_wait(&mut self, now: Instant) {
        if let Some((sum, counted)) = self.waiting.take() {
            let sum = sum(&mut self.counters.waited);
            *sum = sum.plus(now.since(counted));
        }
    }

    /// A request is due: it leaves now, waits, or is given up.
    fn due<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> Step {
        self.check_patience(gate, now);
        if self.failure.is_some() {
            self.state = State::Ended;
            return Step::Done(self.outcome());
        }
        let Wait { until, why } = self.opens(gate, now);
        if until <= now {
            return Step::Send;
        }
        let why = gate.reason(why);
        self.waiting = Some((Waited::sum(why), now));
        Step::Wait { until, why }
    }

    pub(super) fn sent<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> bool {
        let State::Due { .. } = self.state else { return false };
        // Another pull may have gone through the gate since the step was given.
        if self.opens(gate, now).until > now {
            return false;
        }
        let token = gate.token_held(self.checkpoint.binding.origin, now);
        let (kind, token) = match (self.is_elsewhere(), self.token_rules(), token) {
            (true, ..) => (RequestKind::Elsewhere, 0),
            (false, Some(_), None) => (RequestKind::Token, 0),
            (false, Some(_), Some(token)) => (RequestKind::Api, token),
            (false, None, _) => (RequestKind::Api, 0),
        };
        let needs = Needs {
            calls: (kind == RequestKind::Api).then_some(self.endpoint.calls()),
            turn: self.project.api().is_sequential && kind != RequestKind::Elsewhere,
            token: kind == RequestKind::Token,
        };
        let hold = gate.leave::<P>(needs, self.place, now, now.after(self.settings.head_timeout));
        self.place = 0;
        count(&mut self.counters.requests, 1);
        let asking = if needs.token { hold.lease } else { 0 };
        self.exchange =
            Exchange { kind, hold: Some(hold), asking, token, began: now, heard: now, ..Exchange::NONE };
        self.state = State::Sent;
        true
    }

    /// The page in hand is stored. `false` if none waits for that.
    #[inline(never)]
    pub(super) fn stored(&mut self) -> bool {
        let State::AwaitingStore(behind) = &self.state else { return false };
        let Counters { items, skipped, pages, waited, .. } = &mut self.counters;
        count(items, behind.items.saturating_sub(self.checkpoint.items));
        count(skipped, behind.skipped.saturating_sub(self.checkpoint.skipped));
        count(pages, 1);
        self.waited_before = (waited.for_limit(), waited.maintenance);
        self.checkpoint = *behind;
        self.retry.refill();
        (self.has_paused_for_token, self.has_renewed_token) = (false, false);
        (self.refused_byte, self.said_no_since, self.down_since) = (0, None, None);
        self.is_resumed = false;
        self.state = State::behind(&self.checkpoint);
        true
    }

    /// The items of the page in hand are forgotten. `false` if none wait for that.
    pub(super) fn rewound(&mut self) -> bool {
        let State::AwaitingRewind { .. } = self.state else { return false };
        self.state = if self.failure.is_some() { State::Ended } else { State::due() };
        true
    }

    /// Leaves the state in hand: for the next request, or for the end if there is a failure. Before that the `items` items that
    /// were handed over are forgotten. What the exchange still holds of the gate is given back.
    pub(super) fn leave<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, items: u32) {
        self.release(gate, now, Settled::Unanswered);
        self.state = match items {
            0 if self.failure.is_some() => State::Ended,
            0 => State::due(),
            items => State::AwaitingRewind { items },
        };
    }

    /// Leaves the state in hand for the next request.
    pub(super) fn ask_again<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        self.failure = None;
        self.leave(gate, now, 0);
    }

    pub(super) fn release<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, how: Settled<'_>) {
        if !self.state.has_exchange() {
            return;
        }
        if let Some(hold) = self.exchange.hold.take() {
            gate.settle::<P>(hold, now, how);
        }
        if P::CAPABILITIES.tokens {
            gate.stop_asking(core::mem::take(&mut self.exchange.asking));
        }
    }

    /// What the request in hand is for.
    pub(super) fn kind(&self) -> RequestKind {
        let can = P::CAPABILITIES;
        if can.tokens || can.redirects { self.exchange.kind } else { RequestKind::Api }
    }

    /// Whether the next request goes to where the API has redirected to.
    fn is_elsewhere(&self) -> bool {
        P::CAPABILITIES.redirects && matches!(self.state, State::Due { is_elsewhere: true })
    }

    /// How the API grants tokens, if it does.
    pub(super) fn token_rules(&self) -> Option<&'a TokenRules> {
        match &self.project.api().credential {
            Credential::Token(rules) if P::CAPABILITIES.tokens => Some(rules),
            _ => None,
        }
    }

    /// Until when the next request waits, and why: a moment that may be over. Those who waited before go first.
    fn opens<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> Wait {
        let held_back = self.held_back(gate, now);
        let queue = gate.queue();
        if held_back.until > now {
            if !held_back.why.is_shared() {
                return held_back;
            }
            self.place = queue.enter(self.place);
            self.gives_way_until = held_back.until.after(queue.behind(self.place));
            return Wait { until: self.gives_way_until, ..held_back };
        }
        if queue.is_first(self.place) {
            return held_back;
        }
        if self.place == 0 {
            self.place = queue.enter(0);
            self.gives_way_until = now.after(queue.behind(self.place));
        }
        // A request ahead may never be sent, and the gate may have opened earlier than it promised.
        self.gives_way_until = self.gives_way_until.min(now.after(queue.behind(self.place)));
        Wait { until: self.gives_way_until, why: Why::Turn }
    }

    /// Until when the next request waits, and why, if no other request waits. The moment may be over. If there are several reasons,
    /// this is the one that lasts longest.
    fn held_back<S: Slots>(&self, gate: &Gate<S>, now: Instant) -> Wait {
        let mut wait = Wait { until: now, why: Why::Turn };
        if let Some((until, cause)) = self.retry.opens(now) {
            wait = Wait { until, why: Why::Backoff(cause) };
        }
        if self.is_elsewhere() {
            return wait;
        }
        gate.hold_back::<P>(self.endpoint.calls(), now, &mut wait);
        let needs_token =
            self.token_rules().is_some() && gate.token_held(self.checkpoint.binding.origin, now).is_none();
        if needs_token && let Some(until) = gate.token_opens(now) {
            wait.outlast(until, Why::Token);
        }
        if self.project.api().is_sequential
            && let Some(until) = gate.turn_opens(now)
        {
            wait.outlast(until, Why::Turn);
        }
        wait
    }

    /// The pull fails if it may not go on at all: too little patience is left for what holds it, or too many pages came.
    fn check_patience<S: Slots>(&mut self, gate: &Gate<S>, now: Instant) {
        let Settings { pages, limit_patience, maintenance_patience, .. } = *self.settings;
        if self.checkpoint.pages >= pages {
            self.failure = Some(Failure::TooManyPages { limit: pages });
            return;
        }
        let Wait { until, why } = self.held_back(gate, now);
        let wait = until.since(now);
        let waited = &self.counters.waited;
        let (limit_before, maintenance_before) = self.waited_before;
        match why {
            _ if until <= now => {}
            Why::Limit(limited) if limited.is_said() => {
                if waited.for_limit().minus(limit_before).plus(wait) > limit_patience {
                    self.failure = Some(Failure::Limit { wait });
                }
            }
            Why::Maintenance => {
                if waited.maintenance.minus(maintenance_before).plus(wait) > maintenance_patience {
                    self.failure = Some(Failure::Maintenance { wait });
                }
            }
            Why::Limit(_) | Why::Backoff(_) | Why::Token | Why::Turn => {}
        }
    }

    /// What was asked for was handed over whole.
    #[inline(never)]
    pub(super) fn answered<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, end: PageEnd<'_>) {
        let handed = match &self.state {
            State::Receiving(Body::Page(page)) => page.handed,
            _ => Tally::default(),
        };
        let mut behind = self.checkpoint;
        let followed = progress::follow::<P>(&mut behind, self.endpoint, &end, &handed);
        match self.check_token(gate, end.cursor).and(followed) {
            Ok(()) => {
                count(&mut self.counters.repeated, handed.repeated.into());
                count(&mut self.counters.updated, handed.updated.into());
                self.counters.odd = self.counters.odd.or(self.endpoint.pager().odd(&end));
                if behind.total != behind.latest {
                    self.counters.changed = behind.latest;
                }
                if behind.is_complete() {
                    self.counters.missing = behind.missing();
                }
                self.release(gate, now, Settled::Unanswered);
                self.state = State::AwaitingStore(behind);
            }
            Err(fault) => self.break_off(gate, now, Failure::Cursor(fault)),
        }
    }

    /// A token for the next page stands in checkpoints and perhaps in a query: it must not be what opens the API.
    fn check_token<S: Slots>(&self, gate: &Gate<S>, cursor: CursorValue<'_>) -> Result<(), CursorFault> {
        let (Pager::Token { .. }, CursorValue::Text(text), true) =
            (self.endpoint.pager(), cursor, P::CAPABILITIES.by_token)
        else {
            return Ok(());
        };
        let is_secret = self.project.credential().is_whole_in(text)
            || gate.token_text(self.exchange.token).is_some_and(|token| token.is_whole_in(text));
        if is_secret { Err(CursorFault::TokenUnsendable) } else { Ok(()) }
    }
}

/// A pull that cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PullError {
    /// The endpoint cannot be requested.
    Endpoint(EndpointError),
    /// The pull cannot be resumed from the checkpoint.
    Checkpoint(CheckpointError),
    /// The API grants tokens, and the project does not say where: [`Project::with_tokens_of`].
    NoTokenSource,
    /// The pull needs what its profile leaves out.
    NotInProfile,
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(error) => error.fmt(f),
            Self::Checkpoint(error) => error.fmt(f),
            Self::NotInProfile => {
                f.write_str("this build leaves out what the pull needs: make its profile of this API and this list")
            }
            Self::NoTokenSource => {
                f.write_str("the API grants tokens, and the project does not say where: give the token URL and the client's id")
            }
        }
    }
}

impl core::error::Error for PullError {}
