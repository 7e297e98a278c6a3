//! Never one request more than a limit allows, whatever its phase, and never one wait longer than needed.
//!
//! # Alone
//!
//! The limiter is the server's: it admits `limit` requests a window of `period`, and nothing says when its windows
//! begin. A request arrives somewhere between its sending and the receipt of its answer. Keep so many slots, let every
//! request take one, and let it be free again a period and the slack after the *answer*. Two requests that took the same
//! slot, one after the other, then arrive more than a period apart: the second was sent when the slot was free, and the
//! first had arrived when it was answered. So of any moments within one period, each slot has one arrival at the most, and
//! the server never sees more than `limit`, wherever its windows begin, fixed or sliding. Send times would not do: latency
//! may bunch the arrivals. The slack covers clocks that run at unequal rates, servers that close a window late, and those
//! that count in whole seconds. It costs one round trip and the slack a window, and no rule that needs not know the phase
//! costs less than the round trip.
//!
//! Until the answer is there, a slot is kept as if the answer came at the deadline, so a request whose driver vanished
//! frees its slot by itself. Every attempt counts, failed ones too. Several windows, such as 10 a second and 400 a minute,
//! are several sets of slots, and a request needs one of each that counts its kind.
//!
//! # Server quota
//!
//! What a server says goes before what is inferred: `Retry-After` first, then how many requests are left until when
//! (`RateLimit`, then the `X-RateLimit-` fields), as draft-ietf-httpapi-ratelimit-headers-10 has it in sections 4 and 5.
//! Within one window what is left only falls. A limit that is lowered while a pull runs is adopted if it comes with its
//! period. All of it is taken to be about the longest window that counts the
//! request, and binds every kind of request that this window counts, and no other. What no window counts is one kind.
//!
//! # Even
//!
//! Some limiters reject bursts that every fixed or sliding window admits: the sliding-window counter and the small bucket
//! ([`LimiterKind`]). Named, they get even distances that are safe from the first request on. Unnamed, the first rejection
//! speaks for such a limiter, if the requests before it left faster than evenly: the log keeps a client that is alone
//! from being rejected by any window. Then the pace turns even and the share stays whole. How is in `pace`.
//!
//! # Shared
//!
//! Others may use the limit too, and then there will be rejections. What they teach, and how much is left to others, is
//! in `learner`. To save memory there is a single learner, for the longest window that counts the request rejected last. The
//! pause after a rejection holds back every request. [`Terms`] are what a client asks for.
//!
//! # Left out
//!
//! What a [`Profile`] leaves out is not linked. Without learning, a rejection says only that some window is full, so nothing
//! leaves for as long as the longest one lasts, or as the server says. Without limit fields, nothing of what is said on answers
//! is kept but when to come back. Without an even line, requests that are to be spread leave one after the other, each at its
//! distance behind the answer before.
//!
//! # After a restart
//!
//! [`Held`] requests, [`Learned`] phase and the pause after a rejection are what must be stored. Without it a quota begins
//! as if it had just been used up, unless the caller knows better: [`Quota::unused`].

mod error;
mod learner;
mod log;
mod pace;
mod queue;
mod reason;
mod server_quota;
mod slot;
mod terms;
mod tick;
mod window;

#[cfg(test)]
mod tests;

pub use error::QuotaError;
pub use learner::{Learned, LearnedWindows};
pub use log::Held;
pub use reason::Reason;
pub use slot::{Slot, Slots};
pub use terms::{Pace, Sharing, Terms};
pub use window::{Calls, LimiterKind, Window, Windows};

use crate::http::Limits;
use crate::profile::{Everything, Profile};
use crate::time::{Duration, Instant, ServerClock};
use learner::{Heard, Learner, Span};
use log::{LONGEST_REQUEST, Log, Queues};
use pace::{Line, Pacer, Rule, distance};
use queue::{Change, Queue, View};
use reason::Why;
pub(crate) use reason::{Limited, Wait};
use server_quota::ServerQuota;
use tick::{Millis, Tick};

/// What an answer says of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The request was let in.
    Admitted,
    /// It was rejected because of the limit. The server may have said until when.
    Rejected {
        /// When to come back, if it said so.
        until: Option<Instant>,
    },
    /// Nothing: there was no answer, or something on the way gave one.
    Unclear,
}

/// A request on its way, as far as limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a request that is not answered for counts until its deadline and a window longer"]
pub struct Ticket {
    calls: Calls,
    sent: Instant,
    /// When it is given up. By this its slots are found.
    deadline: Instant,
}

impl Ticket {
    /// When the request left.
    pub fn sent(&self) -> Instant {
        self.sent
    }
}

/// Keeps the windows of a server's limit, alone or with others.
///
/// `S` is the memory, one [`Slot`] of four bytes for each request that the windows admit ([`Windows::slots`]); with fewer it
/// takes a little longer: a sequential client by as many round trips a window as requests share a slot, less one.
#[derive(Debug)]
pub struct Quota<S: ?Sized> {
    /// Which part of the server's limit the windows are.
    part: (u32, u32),
    terms: Terms,
    learner: Learner,
    /// The number of the window that it is about.
    learned: usize,
    /// By the windows' numbers; the last is of requests that no window counts.
    server_quotas: [ServerQuota; Windows::CAPACITY + 1],
    /// By the windows' numbers: where each is on its even line.
    pacers: [Pacer; Windows::CAPACITY],
    start: Start,
    /// The last field, so that the memory may be of a size that is not known.
    log: Log<S>,
}

impl<S: Clone> Clone for Quota<S> {
    fn clone(&self) -> Self {
        Self {
            part: self.part,
            terms: self.terms,
            learner: self.learner.clone(),
            learned: self.learned,
            server_quotas: self.server_quotas,
            pacers: self.pacers,
            start: self.start,
            log: self.log.clone(),
        }
    }
}

/// What is known of the time before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// Nothing: the windows may have been used up until just now.
    Unknown,
    /// What there was is counted.
    Known,
}

impl<S: Slots> Quota<S> {
    /// A quota that knows nothing of the time before, and therefore begins as if it had just been used up: see
    /// [`Quota::unused`] and [`Quota::restore`].
    ///
    /// # Errors
    ///
    /// A limit of zero, too few slots, or terms that leave nothing.
    pub fn new(windows: Windows, terms: Terms, slots: S) -> Result<Self, QuotaError> {
        let queues = Queues::new(&windows, slots.slots().len())?;
        for calls in Calls::EACH {
            let limit = queues.window(queues.longest(calls)).limit;
            if limit <= terms.reserve {
                return Err(QuotaError::ReserveTooLarge { limit });
            }
        }
        let learned = queues.longest(Calls::ALL);
        Ok(Self {
            part: windows.part(),
            terms,
            learner: Learner::new(queues.window(learned).kind()),
            learned,
            server_quotas: [ServerQuota::NOTHING; Windows::CAPACITY + 1],
            pacers: [Pacer::NEW; Windows::CAPACITY],
            start: Start::Unknown,
            log: Log::new(queues, slots),
        })
    }

    /// The same for a caller who knows that nothing was sent for a whole window.
    #[must_use]
    pub fn unused(self) -> Self {
        Self { start: Start::Known, ..self }
    }
}

impl<S: Slots + ?Sized> Quota<S> {
    /// The time before ends now. Until this is called it is not known when that was.
    pub fn begin(&mut self, now: Instant) {
        if self.start == Start::Unknown {
            self.start = Start::Known;
            self.move_along(now);
            let now = self.log.tick(now);
            self.log.change(Calls::ALL, Change::Spent, now, now);
        }
    }

    /// Moves the base of all times along if it is long ago.
    #[inline(never)]
    fn move_along(&mut self, now: Instant) {
        let by = self.log.move_along(now);
        if by == Millis::ZERO {
            return;
        }
        // Whatever this profile is able to do: pulls of another one may use the same gate.
        self.learner.move_along(by);
        self.server_quotas.iter_mut().for_each(|said| said.move_along(by));
        self.pacers.iter_mut().for_each(|pacer| pacer.move_along(by));
    }

    /// The windows.
    pub fn windows(&self) -> impl Iterator<Item = Window> {
        self.log.windows().map(|(_, window)| window)
    }

    /// Until when, after `now`, no such request may leave, and why. Of several reasons the one that lasts longest.
    pub fn opens(&self, calls: Calls, clock: &ServerClock, now: Instant) -> Option<(Instant, Reason)> {
        let wait = self.wait_with::<Everything>(calls, clock, now);
        (wait.until > now).then(|| (wait.until, self.reason(wait.why)))
    }

    /// The reason that is shown to people.
    pub(crate) fn reason(&self, limited: Limited) -> Reason {
        limited.why.reason(self.log.window(limited.window.into()).window())
    }

    /// Until when no such request may leave, by what a profile is able to do: a moment that may be over.
    pub(crate) fn wait_with<P: Profile>(
        &self,
        calls: Calls,
        clock: &ServerClock,
        now: Instant,
    ) -> Wait<Instant, Limited> {
        let (at, now) = (now, self.log.tick(now));
        // A rejection holds every request back, whichever window it was about.
        let (until, paused) = self.paused::<P>(clock, now);
        let mut wait = Wait { until, why: Limited { why: paused, window: self.learned as u8 } };
        let longest = self.log.longest(calls);
        for (index, said) in self.server_quotas.iter().enumerate() {
            let view = self.log.view(index);
            let window = view.queue;
            // The unknown window counts what no other does.
            let is_known = index < Windows::CAPACITY;
            let is_counted = if is_known { window.counts.overlap(calls) } else { index == longest };
            if !is_counted {
                continue;
            }
            let is_learned = P::CAPABILITIES.learning && index == self.learned;
            let span = self.span::<P>(index, window, is_learned || index == longest, clock, now);
            let share = self.share_of::<P>(index, &span);
            let mut until = Tick::behind_base(view.opens(share));
            let mut why = Why::used_up(window, share);
            if is_learned {
                let log = until.max(now);
                let (learned, held) = self.learner.opens(&span, |_| log, self.log.in_flight(index, now), now);
                (until, why) = (learned, if held == learner::Held::Share { why } else { paused });
            }
            let limited = |why| Limited { why, window: index as u8 };
            wait.outlast(until, limited(why));
            if P::CAPABILITIES.limit_fields {
                wait.outlast(said.opens(), limited(Why::ServerQuota));
            }
            let paced = if P::CAPABILITIES.even {
                self.paced::<P>(index, share, now)
            } else {
                self.one_by_one(&view, share)
            };
            wait.outlast(paced, limited(Why::Pace));
        }
        Wait { until: at.after(wait.until.since(now).duration()), why: wait.why }
    }

    /// Until when a rejection holds requests back, and why.
    fn paused<P: Profile>(&self, clock: &ServerClock, now: Tick) -> (Tick, Why) {
        let (until, held) = self.learner.paused();
        let is_starved = || {
            let window = self.log.window(self.learned);
            self.learner.is_starved(&self.span::<P>(self.learned, window, true, clock, now))
        };
        let why = match held {
            learner::Held::RetryAfter => Why::RetryAfter,
            _ if P::CAPABILITIES.learning && is_starved() => Why::Starved,
            learner::Held::Rejected | learner::Held::Share => Why::Rejected,
        };
        (until, why)
    }

    /// When the next request is due if they are spread evenly and leave one after the other: a distance after all before it
    /// have arrived.
    fn one_by_one(&self, view: &View<'_>, share: u32) -> Tick {
        if !view.queue.wants_even() && self.terms.pace != Pace::Even {
            return Tick::LONG_AGO;
        }
        let distance = view.queue.recovery().part_up(share.max(1));
        Tick::behind_base(view.last_free()).before(view.queue.recovery()).after(distance)
    }

    /// When the next request is due if they are spread evenly.
    #[inline(never)]
    fn paced<P: Profile>(&self, index: usize, share: u32, now: Tick) -> Tick {
        if index == Windows::CAPACITY {
            return Tick::LONG_AGO;
        }
        let line = self.line::<P>(index, share, now);
        if line.rule.is_strict() || self.terms.pace == Pace::Even { line.opens() } else { Tick::LONG_AGO }
    }

    /// Where a window's line is. Where it wants its requests at even distances, or rejections have taught so, the line counts
    /// the requests that were given up since the last change, and knows what may still arrive.
    #[inline(never)]
    fn line<P: Profile>(&self, index: usize, share: u32, now: Tick) -> Line {
        let window = self.log.window(index);
        let is_learned = P::CAPABILITIES.learning && index == self.learned;
        let learned = if is_learned { self.learner.even(window, now) } else { None };
        let pacer = self.pacers.get(index).copied().unwrap_or(Pacer::NEW);
        let mut line = Line::new(Rule::of(window, share, learned), pacer);
        if line.rule.is_strict() {
            self.log.unanswered(index, |requests, deadline| line.meet(requests, deadline, now));
        }
        line
    }

    /// Moves the even lines of the windows that count a request. Where the rule is strict, a request stands on the line from
    /// its answer on, for it may have arrived as late, and else from when it left. The log is changed after this, and
    /// forgets then which requests were given up.
    #[inline(never)]
    fn pace<P: Profile>(&mut self, calls: Calls, change: Change, deadline: Tick, now: Tick) {
        for index in 0..Windows::CAPACITY {
            let Some(window) = self.log.counting(index, calls) else { continue };
            let mut line = self.line::<P>(index, self.share::<P>(index, window, now), now);
            if line.rule.is_strict() {
                // Else it still counts as on its way, or was counted when it was given up.
                let is_new = match change {
                    Change::Left | Change::Spent => false,
                    Change::Answered => true,
                    Change::Dropped => window.crowded() > 0,
                };
                if is_new && deadline > now {
                    line.count(1, if change == Change::Answered { now } else { deadline });
                }
            } else if change == Change::Left {
                line.leave(now);
            }
            if let Some(pacer) = self.pacers.get_mut(index) {
                *pacer = line.pacer;
            }
        }
    }

    /// How many requests of a window to take.
    #[inline(never)]
    fn share<P: Profile>(&self, index: usize, window: &Queue, now: Tick) -> u32 {
        let is_learned = P::CAPABILITIES.learning && index == self.learned;
        let has_reserve = is_learned || index == self.log.longest(window.counts);
        let span = self.span::<P>(index, window, has_reserve, &ServerClock::Unknown, now);
        self.share_of::<P>(index, &span)
    }

    fn share_of<P: Profile>(&self, index: usize, span: &Span<'_>) -> u32 {
        let is_learned = P::CAPABILITIES.learning && index == self.learned;
        if is_learned { self.learner.share(span) } else { span.ceiling }
    }

    /// Such a request leaves now, to be answered by `deadline` or never.
    pub fn take(&mut self, calls: Calls, now: Instant, deadline: Instant) -> Ticket {
        self.take_with::<Everything>(calls, now, deadline)
    }

    /// The same by what a profile is able to do.
    pub(crate) fn take_with<P: Profile>(&mut self, calls: Calls, now: Instant, deadline: Instant) -> Ticket {
        if P::CAPABILITIES.limit_fields {
            for (index, said) in self.server_quotas.iter_mut().enumerate() {
                if self.log.counting(index, calls).is_some() {
                    said.take();
                }
            }
        }
        let ticket = Ticket { calls, sent: now, deadline: deadline.min(now.after(LONGEST_REQUEST)) };
        self.move_along(now);
        self.change::<P>(&ticket, Change::Left, now);
        ticket
    }

    /// The driver of a request went away, and there will be no answer: the request may still arrive, so its slots are kept
    /// until its deadline, but it is no longer on its way.
    pub fn dropped(&mut self, ticket: Ticket, now: Instant) {
        self.dropped_with::<Everything>(ticket, now);
    }

    /// The same by what a profile is able to do.
    pub(crate) fn dropped_with<P: Profile>(&mut self, ticket: Ticket, now: Instant) {
        self.change::<P>(&ticket, Change::Dropped, now);
    }

    /// Something becomes of a request.
    fn change<P: Profile>(&mut self, ticket: &Ticket, change: Change, now: Instant) {
        let (deadline, now) = (self.log.tick(ticket.deadline), self.log.tick(now));
        if P::CAPABILITIES.even {
            self.pace::<P>(ticket.calls, change, deadline, now);
        }
        self.log.change(ticket.calls, change, deadline, now);
    }

    /// A request was answered now, or its failure is known. `reset` is when `limits` have the next window begin.
    pub fn answered(
        &mut self,
        ticket: Ticket,
        now: Instant,
        clock: &ServerClock,
        verdict: Verdict,
        limits: &Limits,
        reset: Option<Instant>,
    ) {
        self.answered_with::<Everything>(ticket, now, clock, verdict, limits, reset);
    }

    /// The same by what a profile is able to do.
    pub(crate) fn answered_with<P: Profile>(
        &mut self,
        ticket: Ticket,
        now: Instant,
        clock: &ServerClock,
        verdict: Verdict,
        limits: &Limits,
        reset: Option<Instant>,
    ) {
        // What stands before the server knows nothing of its limit.
        if verdict == Verdict::Unclear {
            return self.unanswered::<P>(ticket, now);
        }
        self.change::<P>(&ticket, Change::Answered, now);
        let at = self.log.tick(now);
        let index = self.log.longest(ticket.calls);
        if P::CAPABILITIES.limit_fields
            && let Some(said) = self.server_quotas.get_mut(index)
        {
            let reset = reset.map(|reset| self.log.tick(reset));
            said.hear(limits, self.log.window(index), reset, self.log.in_flight(index, at), at);
        }
        let told = match verdict {
            Verdict::Rejected { until } => Some(until.map(|until| self.log.tick(until))),
            Verdict::Admitted | Verdict::Unclear => None,
        };
        if P::CAPABILITIES.learning {
            self.learn::<P>(ticket, at, clock, told, index);
        } else if let Some(until) = told {
            self.learned = index;
            self.learner.rejected_plainly(at, until, self.log.window(index).recovery());
        }
    }

    /// An answer teaches something: `rejected` is for a rejection, with when to come back if the server said so. `index` is the
    /// window that it is taken to be about.
    fn learn<P: Profile>(
        &mut self,
        ticket: Ticket,
        now: Tick,
        clock: &ServerClock,
        rejected: Option<Option<Tick>>,
        index: usize,
    ) {
        let sent = self.log.tick(ticket.sent);
        if let Some(until) = rejected
            && index != self.learned
        {
            // It left before another rejection was known, and that is still obeyed.
            if sent < self.learner.paused().0 {
                return self.learner.pause_only(now, until);
            }
            (self.learner, self.learned) = (Learner::new(self.log.window(index).kind()), index);
        }
        let Some(window) = self.log.counting(self.learned, ticket.calls) else { return };
        let span = Span {
            window,
            ceiling: self.ceiling::<P>(self.learned, window, true, now),
            sharing: self.terms.sharing,
            clock,
            base: self.log.base(),
        };
        let heard = Heard { sent, at: now, held: self.log.held_at(self.learned, now) };
        let Some(until) = rejected else {
            return self.learner.admitted(&span, &heard);
        };
        let distance = distance(window, span.ceiling);
        let pacer = self.pacers.get_mut(self.learned);
        let ahead = pacer.as_ref().map_or(Millis::ZERO, |pacer| pacer.ahead(distance, sent));
        let turns_even = self.learner.rejected(&span, &heard, until, ahead);
        if turns_even && let Some(pacer) = pacer {
            pacer.begin(now, distance);
        }
    }

    /// A request failed, or what stands before the server answered it: it counts, and teaches nothing.
    pub(crate) fn unanswered<P: Profile>(&mut self, ticket: Ticket, now: Instant) {
        self.change::<P>(&ticket, Change::Answered, now);
        if !P::CAPABILITIES.learning {
            return;
        }
        let Some(window) = self.log.counting(self.learned, ticket.calls) else { return };
        let now = self.log.tick(now);
        let span = Span {
            window,
            ceiling: self.ceiling::<P>(self.learned, window, true, now),
            sharing: self.terms.sharing,
            clock: &ServerClock::Unknown,
            base: self.log.base(),
        };
        self.learner.unclear(&span, &Heard { sent: self.log.tick(ticket.sent), at: now, held: 0 });
    }

    /// What may be used of a window. The reserve is kept of the longest one only.
    fn span<'c, P: Profile>(
        &self,
        index: usize,
        window: &'c Queue,
        has_reserve: bool,
        clock: &'c ServerClock,
        now: Tick,
    ) -> Span<'c> {
        let ceiling = self.ceiling::<P>(index, window, has_reserve, now);
        Span { window, ceiling, sharing: self.terms.sharing, clock, base: self.log.base() }
    }

    fn ceiling<P: Profile>(&self, index: usize, window: &Queue, has_reserve: bool, now: Tick) -> u32 {
        let limit = match self.server_quotas.get(index) {
            Some(said) if P::CAPABILITIES.limit_fields => said.limit(window, self.part, now),
            _ => window.limit,
        };
        let reserve = if has_reserve { self.terms.reserve } else { 0 };
        limit.saturating_sub(reserve).max(1)
    }

    /// The answered requests that still count in some window.
    pub fn held(&self, now: Instant) -> impl Iterator<Item = Held> {
        self.log.held(now)
    }

    /// The memory it was given.
    pub(crate) fn memory(&self) -> &S {
        self.log.memory()
    }

    /// The memory it was given. What is in its slots is the quota's own.
    pub(crate) fn memory_mut(&mut self) -> &mut S {
        self.log.memory_mut()
    }

    /// How many requests are on their way, of those that one window counts the most.
    pub fn in_flight(&self, now: Instant) -> u32 {
        let (now, mut most) = (self.log.tick(now), 0);
        for index in 0..Windows::CAPACITY {
            most = self.log.in_flight(index, now).max(most);
        }
        most
    }

    /// What rejections have taught of the longest window. Of another, a restart keeps the pause alone.
    pub fn learned(&self, now: Instant) -> Learned {
        if self.learned == self.log.longest(Calls::ALL) {
            self.learner.learned(self.log.tick(now))
        } else {
            Learned::default()
        }
    }

    /// How long the pause after a rejection still lasts.
    pub fn pause(&self, now: Instant) -> Duration {
        self.learner.pause(self.log.tick(now)).duration()
    }

    /// Goes on after a restart with what was stored, less the time since then. Each of the requests in flight may have
    /// arrived as late as now.
    pub fn restore(
        &mut self,
        held: impl IntoIterator<Item = Held>,
        in_flight: u32,
        learned: Learned,
        pause: Duration,
        now: Instant,
    ) {
        self.restore_with::<Everything>(held, in_flight, learned, pause, now);
    }

    /// The same by what a profile is able to do.
    pub(crate) fn restore_with<P: Profile>(
        &mut self,
        held: impl IntoIterator<Item = Held>,
        in_flight: u32,
        learned: Learned,
        pause: Duration,
        now: Instant,
    ) {
        self.start = Start::Known;
        self.move_along(now);
        // What was before the clock's start cannot be named.
        let (now, start) = (self.log.tick(now), self.log.tick(Instant::ZERO));
        held.into_iter().for_each(|held| self.log.restore(held, now));
        for window in 0..Windows::CAPACITY {
            self.log.restore(Held { window, requests: in_flight, left: Duration::MAX }, now);
        }
        self.learned = self.log.longest(Calls::ALL);
        self.learner.resume(Millis::of(pause), now);
        if P::CAPABILITIES.learning {
            let held = self.log.held_at(self.learned, now);
            self.learner.restore(learned, self.log.window(self.learned), held, now, start);
        }
        if P::CAPABILITIES.even {
            self.restore_lines::<P>(now);
        }
    }

    /// Every request that still counts may just have arrived.
    fn restore_lines<P: Profile>(&mut self, now: Tick) {
        for index in 0..Windows::CAPACITY {
            let Some(window) = self.log.counting(index, Calls::ALL) else { continue };
            let rule = self.line::<P>(index, self.share::<P>(index, window, now), now).rule;
            let held = self.log.held_at(index, now);
            if rule.is_strict()
                && let Some(pacer) = self.pacers.get_mut(index)
            {
                pacer.begin(now, rule.ahead(held));
            }
        }
    }
}
