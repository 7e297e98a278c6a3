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
//! # Told
//!
//! What a server says goes before what is inferred: `Retry-After` first, then how many requests are left until when
//! (`RateLimit`, then the `X-RateLimit-` fields), as draft-ietf-httpapi-ratelimit-headers-10 has it in sections 4 and 5.
//! A limit that is lowered while a pull runs is adopted.
//!
//! # Shared
//!
//! Others may use the limit too, and then there will be rejections. What they teach, and how much is left to others, is
//! in `learner`; it applies to the longest window. [`Terms`] are what a client asks for.
//!
//! # After a restart
//!
//! [`Held`] requests, [`Learned`] phase and the pause after a rejection are what must be stored. Without it a quota begins
//! as if it had just been used up, unless the caller knows better: [`Quota::unused`].

mod learner;
mod log;
mod terms;
mod told;
mod window;

#[cfg(test)]
mod tests;

pub use learner::{Learned, LearnedWindows};
pub use log::{Held, Slot, Slots};
pub use terms::{Pace, Sharing, Terms};
pub use window::{Calls, Window, Windows};

use crate::http::Limits;
use crate::time::{Duration, Instant, ServerClock};
use core::fmt;
use learner::{Learner, Span};
use log::{Log, Places};
use told::Told;

/// Why a request has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The own requests have used this window up.
    Window(Window),
    /// The own share of this window is used up; the rest is for others, or the server has lowered its limit.
    Share(Window),
    /// Requests are spread evenly over this window.
    Pace(Window),
    /// The server rejected a request because of this window, and did not say when to come back.
    Rejected(Window),
    /// The same, and others leave next to nothing of the window.
    Starved(Window),
    /// The server rejected a request, and said when to come back.
    RetryAfter,
    /// The server said that nothing is left, and until when.
    Told,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Window(window) => write!(f, "the limit of {window} is used up"),
            Self::Share(window) => write!(f, "the own share of {window} is used up"),
            Self::Pace(window) => write!(f, "requests are spread over {window}"),
            Self::Rejected(window) => write!(f, "the server says that the limit of {window} is reached"),
            Self::Starved(window) => write!(f, "others use up nearly all of {window}"),
            Self::RetryAfter => f.write_str("the server rejected a request and asked for a pause"),
            Self::Told => f.write_str("the server says that nothing is left of its limit"),
        }
    }
}

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
    places: Places,
    sent: Instant,
}

impl Ticket {
    /// When the request left.
    pub fn sent(&self) -> Instant {
        self.sent
    }
}

/// Limits that cannot be kept with the memory given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuotaError {
    /// A window that admits nothing.
    LimitIsZero,
    /// Some window has no slots, or one for more than 65,535 requests.
    TooFewSlots {
        /// How many it needs at the least.
        needed: usize,
    },
    /// A period of more than twelve days, or a slack of more than 65 seconds.
    TooLong,
    /// A reserve that leaves nothing.
    ReserveTooLarge {
        /// The limit of which it is.
        limit: u32,
    },
}

impl fmt::Display for QuotaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LimitIsZero => f.write_str("a window with a limit of 0 would never admit a request"),
            Self::TooFewSlots { needed } => {
                write!(f, "every window needs slots, and one of them {needed} at the least: give more")
            }
            Self::TooLong => {
                f.write_str("a window of more than 12 days, or a slack of more than 65 s, cannot be kept")
            }
            Self::ReserveTooLarge { limit } => {
                write!(f, "the reserve leaves nothing of the limit of {limit}: give a smaller one")
            }
        }
    }
}

impl core::error::Error for QuotaError {}

/// Keeps the windows of a server's limit, alone or with others.
///
/// `S` is the memory, one [`Slot`] of four bytes for each request that the windows admit ([`Windows::slots`]); with fewer it
/// takes a little longer: a sequential client by as many round trips a window as requests share a slot, less one.
#[derive(Clone, Debug)]
pub struct Quota<S> {
    log: Log<S>,
    /// Which part of the server's limit the windows are.
    part: (u32, u32),
    terms: Terms,
    learner: Learner,
    told: Told,
    /// When the latest request left, for an even pace.
    latest: Option<Instant>,
    start: Start,
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
        let log = Log::new(windows, slots)?;
        let quota = Self {
            log,
            part: windows.part(),
            terms,
            learner: Learner::new(),
            told: Told::default(),
            latest: None,
            start: Start::Unknown,
        };
        let (_, Window { limit, .. }) = quota.longest();
        if limit <= terms.reserve { Err(QuotaError::ReserveTooLarge { limit }) } else { Ok(quota) }
    }

    /// The same for a caller who knows that nothing was sent for a whole window.
    #[must_use]
    pub fn unused(self) -> Self {
        Self { start: Start::Known, ..self }
    }

    /// The time before ends now. Until this is called it is not known when that was.
    pub fn begin(&mut self, now: Instant) {
        if self.start == Start::Unknown {
            self.log.spend(now);
            self.start = Start::Known;
        }
    }

    /// The windows.
    pub fn windows(&self) -> impl Iterator<Item = Window> {
        self.log.windows().map(|(_, window)| window)
    }

    /// The window that rejections are taken to be about. Of a limit of which nothing is known most windows are no longer
    /// than a minute.
    fn longest(&self) -> (usize, Window) {
        const UNKNOWN: Window = Window::new(u32::MAX, Duration::from_secs(60));
        let longest = self.log.windows().max_by_key(|(_, window)| window.period);
        longest.unwrap_or((Windows::CAPACITY, UNKNOWN))
    }

    /// Until when, after `now`, no such request may leave, and why. Of several reasons the one that lasts longest.
    pub fn opens(&self, calls: Calls, clock: &ServerClock, now: Instant) -> Option<(Instant, Reason)> {
        let told = self.told.opens(now).map(|at| (at, Reason::Told));
        let reasons = [self.of_windows(calls, clock, now), told, self.of_pace(calls, clock, now)];
        reasons.into_iter().flatten().filter(|(at, _)| *at > now).max_by_key(|(at, _)| *at)
    }

    fn of_windows(&self, calls: Calls, clock: &ServerClock, now: Instant) -> Option<(Instant, Reason)> {
        let (longest, window) = self.longest();
        // A rejection holds every request back, whichever window it was about.
        let of_longest = if window.counts.overlap(calls) {
            self.of_longest(longest, window, clock, now)
        } else {
            let (at, held) = self.learner.paused();
            (at, self.reason(held, window, clock, now))
        };
        let others = self.counting(calls).filter(|(index, _)| *index != longest);
        let of_others =
            others.map(|(index, window)| (self.log.opens(index, window.limit, now), Reason::Window(window)));
        of_others.chain([of_longest]).max_by_key(|(at, _)| *at)
    }

    fn of_longest(
        &self,
        index: usize,
        window: Window,
        clock: &ServerClock,
        now: Instant,
    ) -> (Instant, Reason) {
        let span = self.span(window, clock, now);
        let log = |share| self.log.opens(index, share, now);
        let (at, held) = self.learner.opens(&span, log, self.log.in_flight(now), now);
        (at, self.reason(held, window, clock, now))
    }

    fn reason(&self, held: learner::Held, window: Window, clock: &ServerClock, now: Instant) -> Reason {
        let span = self.span(window, clock, now);
        match held {
            learner::Held::Share if self.learner.share(&span) < window.limit => Reason::Share(window),
            learner::Held::Share => Reason::Window(window),
            learner::Held::Told => Reason::RetryAfter,
            learner::Held::Rejected if self.learner.is_starved(&span) => Reason::Starved(window),
            learner::Held::Rejected => Reason::Rejected(window),
        }
    }

    fn of_pace(&self, calls: Calls, clock: &ServerClock, now: Instant) -> Option<(Instant, Reason)> {
        let latest = self.latest.filter(|_| self.terms.pace == Pace::Even)?;
        let (longest, _) = self.longest();
        let distances = self.counting(calls).map(|(index, window)| {
            let share = if index == longest {
                self.learner.share(&self.span(window, clock, now))
            } else {
                window.limit
            };
            (latest.after(window.recovery().part(share.into())), Reason::Pace(window))
        });
        distances.filter(|(at, _)| *at > now).max_by_key(|(at, _)| *at)
    }

    fn counting(&self, calls: Calls) -> impl Iterator<Item = (usize, Window)> {
        self.log.windows().filter(move |(_, window)| window.counts.overlap(calls))
    }

    /// Such a request leaves now, to be answered by `deadline` or never.
    pub fn take(&mut self, calls: Calls, now: Instant, deadline: Instant) -> Ticket {
        self.told.take(now);
        self.latest = Some(now);
        Ticket { places: self.log.take(calls, now, deadline), sent: now }
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
        self.log.answered(ticket.places, now);
        let (index, window) = self.longest();
        let is_counted = ticket.places.is_in(index);
        // What stands before the server knows nothing of its limit.
        if is_counted && verdict != Verdict::Unclear {
            let is_alone = self.log.windows().count() <= 1;
            self.told.hear(limits, window, is_alone, reset, self.log.in_flight(now), now);
        }
        let span = self.span(window, clock, now);
        match verdict {
            Verdict::Rejected { until } if !is_counted => self.learner.pause_only(now, until),
            Verdict::Admitted | Verdict::Unclear if !is_counted => {}
            Verdict::Unclear => self.learner.unclear(&span, ticket.sent, now),
            Verdict::Admitted => {
                self.learner.admitted(&span, ticket.sent, now, self.log.held_at(index, now));
            }
            Verdict::Rejected { until } => {
                self.learner.rejected(&span, ticket.sent, now, self.log.held_at(index, now), until);
            }
        }
    }

    fn span<'c>(&self, window: Window, clock: &'c ServerClock, now: Instant) -> Span<'c> {
        let ceiling = self.told.limit(window, self.part, now).saturating_sub(self.terms.reserve).max(1);
        Span { window, ceiling, sharing: self.terms.sharing, clock }
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

    /// How many requests are on their way.
    pub fn in_flight(&self, now: Instant) -> u32 {
        self.log.in_flight(now)
    }

    /// What rejections have taught.
    pub fn learned(&self, now: Instant) -> Learned {
        self.learner.learned(now)
    }

    /// How long the pause after a rejection still lasts.
    pub fn pause(&self, now: Instant) -> Duration {
        self.learner.pause(now)
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
        self.start = Start::Known;
        held.into_iter().for_each(|held| self.log.restore(held, now));
        for window in 0..Windows::CAPACITY {
            self.log.restore(Held { window, requests: in_flight, left: Duration::MAX }, now);
        }
        let (index, window) = self.longest();
        let held = self.log.held_at(index, now);
        self.learner.restore(learned, pause, window.period, held, now);
    }
}
