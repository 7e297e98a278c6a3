//! Never one request more than a window allows, whatever its phase.
//!
//! The limiter is the server's: it admits `limit` requests a window of `period`, and nothing says when its windows
//! begin. A request arrives somewhere between its sending and the receipt of its answer. So if request i + limit is
//! sent no earlier than `period` after the answer to request i was received, any `limit` + 1 arrivals span more than a
//! period, and no window of any phase, fixed or sliding, holds more than `limit` of them. Send times would not do:
//! latency may bunch the arrivals. The slack covers clocks that run at unequal rates and servers that count in whole
//! seconds.
//!
//! Each window therefore has `limit` slots. A request takes the slot that is free first in every window; the slot is
//! free again a period and the slack after the request's answer. Until the answer is there, the slot is kept as if the
//! answer came at the deadline, so a request whose driver vanished frees its slot by itself.

use crate::time::{Duration, Instant};
use core::fmt;

/// One window of a server's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many requests it admits.
    pub limit: u32,
    /// How long it lasts.
    pub period: Duration,
    /// How much longer to wait than the period: see the module's text.
    pub slack: Duration,
}

impl Window {
    /// From an answer until its slot is free again.
    fn recovery(&self) -> Duration {
        self.period.plus(self.slack)
    }
}

/// The windows that all apply to every request, such as 10 a second and 400 a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows([Option<Window>; Self::CAPACITY]);

impl Windows {
    /// How many there may be.
    pub const CAPACITY: usize = 3;

    /// No limit is known.
    pub const NONE: Self = Self([None; Self::CAPACITY]);

    /// One window.
    pub const fn one(window: Window) -> Self {
        Self([Some(window), None, None])
    }

    /// Two windows that both apply, such as 10 a second and 400 a minute.
    pub const fn two(first: Window, second: Window) -> Self {
        Self([Some(first), Some(second), None])
    }

    /// Three windows that all apply.
    pub const fn three(first: Window, second: Window, third: Window) -> Self {
        Self([Some(first), Some(second), Some(third)])
    }

    /// All windows.
    pub fn iter(&self) -> impl Iterator<Item = Window> {
        self.0.into_iter().flatten()
    }

    /// How many slots a [`crate::Gate`] needs to keep them: one for each request that each window admits.
    pub fn slots(&self) -> usize {
        self.iter().fold(0, |sum: usize, window| {
            sum.saturating_add(usize::try_from(window.limit).unwrap_or(usize::MAX))
        })
    }

    /// How long it takes until the slowest window has surely let go of everything.
    pub(crate) fn longest_recovery(&self) -> Duration {
        /// For a limit of which nothing is known but that it was reached: most windows are no longer.
        const UNKNOWN: Duration = Duration::from_secs(60);
        self.iter().map(|window| window.recovery()).max().unwrap_or(UNKNOWN)
    }
}

/// The memory for one request in one window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot {
    free_from: Instant,
}

impl Slot {
    /// A slot that no request holds.
    pub const FREE: Self = Self { free_from: Instant::ZERO };
}

/// Memory for slots: an array, a `&mut [Slot]`, or a `Vec<Slot>`.
pub trait Slots: AsRef<[Slot]> + AsMut<[Slot]> {}

impl<S: AsRef<[Slot]> + AsMut<[Slot]>> Slots for S {}

/// The slots that a request holds, one a window, until it is answered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    slots: [Option<usize>; Windows::CAPACITY],
    deadline: Instant,
}

/// A request that still counts in a window: what a restart must not forget. Without it, a program that crashes and
/// starts again would spend the same window twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which of the windows, counted from zero.
    pub window: usize,
    /// For how much longer it counts.
    pub left: Duration,
}

impl Held {
    /// What is left of it when so much time has passed.
    #[must_use]
    pub fn later(self, elapsed: Duration) -> Self {
        Self { left: self.left.minus(elapsed), ..self }
    }
}

/// Limits that cannot be kept with the memory given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuotaError {
    /// A window that admits nothing.
    LimitIsZero,
    /// The slots are too few for exact bookkeeping.
    TooFewSlots {
        /// How many are needed.
        needed: usize,
        /// How many there are.
        given: usize,
    },
}

impl fmt::Display for QuotaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LimitIsZero => f.write_str("a window with a limit of 0 would never admit a request"),
            Self::TooFewSlots { needed, given } => {
                write!(f, "the limits need {needed} slots, one a request and window, and {given} were given")
            }
        }
    }
}

impl core::error::Error for QuotaError {}

/// Windows and their slots.
#[derive(Clone, Debug)]
pub(crate) struct Quota<S> {
    windows: Windows,
    slots: S,
}

impl<S: Slots> Quota<S> {
    pub(crate) fn new(windows: Windows, slots: S) -> Result<Self, QuotaError> {
        let (needed, given) = (windows.slots(), slots.as_ref().len());
        if windows.iter().any(|window| window.limit == 0) {
            return Err(QuotaError::LimitIsZero);
        }
        if given < needed {
            return Err(QuotaError::TooFewSlots { needed, given });
        }
        Ok(Self { windows, slots })
    }

    pub(crate) const fn windows(&self) -> &Windows {
        &self.windows
    }

    /// When every window has a free slot, if that is after `now`.
    pub(crate) fn opens(&self, now: Instant) -> Option<Instant> {
        self.each_window()
            .filter_map(|(_, slots)| slots.iter().map(|slot| slot.free_from).min())
            .max()
            .filter(|&at| at > now)
    }

    /// Takes a slot in every window for a request that leaves now and is answered by `deadline` or never.
    pub(crate) fn take(&mut self, deadline: Instant) -> Ticket {
        let mut ticket = Ticket { slots: [None; Windows::CAPACITY], deadline };
        for (window, taken) in (0..).zip(&mut ticket.slots) {
            *taken = self.hold(window, |recovery| deadline.after(recovery));
        }
        ticket
    }

    /// The request was answered, or its failure is known. A slot that was free again by then, and that another request
    /// has taken, is no longer this one's.
    pub(crate) fn answered(&mut self, ticket: Ticket, at: Instant) {
        for (window, index) in self.windows.iter().zip(ticket.slots) {
            let slot = index.and_then(|index| self.slots.as_mut().get_mut(index));
            let recovery = window.recovery();
            if let Some(slot) = slot.filter(|slot| slot.free_from == ticket.deadline.after(recovery)) {
                slot.free_from = at.after(recovery);
            }
        }
    }

    /// The requests that were answered and still count.
    pub(crate) fn held(&self, now: Instant) -> impl Iterator<Item = Held> {
        (0..).zip(self.each_window()).flat_map(move |(index, (window, slots))| {
            let answered = now..=now.after(window.recovery());
            let counting =
                slots.iter().filter(move |slot| slot.free_from > now && answered.contains(&slot.free_from));
            counting.map(move |slot| Held { window: index, left: slot.free_from.since(now) })
        })
    }

    /// How many requests are not answered for.
    pub(crate) fn in_flight(&self, now: Instant) -> u32 {
        let unanswered = self.each_window().map(|(window, slots)| {
            let latest_answer = now.after(window.recovery());
            slots.iter().filter(|slot| slot.free_from > latest_answer).count()
        });
        u32::try_from(unanswered.max().unwrap_or(0)).unwrap_or(u32::MAX)
    }

    /// Counts a request of before a restart.
    pub(crate) fn restore(&mut self, held: Held, now: Instant) {
        self.hold(held.window, |recovery| now.after(held.left.min(recovery)));
    }

    /// Takes the slot of a window that is free first, until a moment that depends on how long the window takes to
    /// recover. Gives the slot's place among all.
    fn hold(&mut self, window: usize, free_from: impl Fn(Duration) -> Instant) -> Option<usize> {
        let limits = self.windows.iter().map(|window| usize::try_from(window.limit).unwrap_or(usize::MAX));
        let begin = limits.take(window).fold(0, usize::saturating_add);
        let (window, slots) = self.each_window().nth(window)?;
        let (index, _) = slots.iter().enumerate().min_by_key(|(_, slot)| slot.free_from)?;
        let index = begin.saturating_add(index);
        self.slots.as_mut().get_mut(index)?.free_from = free_from(window.recovery());
        Some(index)
    }

    fn each_window(&self) -> impl Iterator<Item = (Window, &[Slot])> {
        self.windows.iter().scan(self.slots.as_ref(), |rest, window| {
            let (slots, after) =
                rest.split_at_checked(usize::try_from(window.limit).unwrap_or(usize::MAX))?;
            *rest = after;
            Some((window, slots))
        })
    }
}

#[cfg(test)]
mod tests;
