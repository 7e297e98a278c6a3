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

mod spent;

pub use spent::{Spent, Used};

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

/// The slots that a request holds, one a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket([Option<usize>; Windows::CAPACITY]);

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
        let mut ticket = Ticket([None; Windows::CAPACITY]);
        let mut window_start: usize = 0;
        for ((window, slots), taken) in self.each_window().zip(ticket.0.iter_mut()) {
            let first_free = slots.iter().enumerate().min_by_key(|(_, slot)| slot.free_from);
            *taken = first_free.map(|(index, _)| window_start.saturating_add(index));
            window_start = window_start.saturating_add(usize::try_from(window.limit).unwrap_or(usize::MAX));
        }
        self.answered(ticket, deadline);
        ticket
    }

    /// The request was answered, or its failure is known.
    pub(crate) fn answered(&mut self, ticket: Ticket, at: Instant) {
        for (window, index) in self.windows.iter().zip(ticket.0) {
            if let Some(slot) = index.and_then(|index| self.slots.as_mut().get_mut(index)) {
                slot.free_from = at.after(window.recovery());
            }
        }
    }

    /// What is used up of each window, and until when.
    pub(crate) fn used(&self, now: Instant) -> [Used; Windows::CAPACITY] {
        let mut used = [Used::default(); Windows::CAPACITY];
        for ((_, slots), used) in self.each_window().zip(&mut used) {
            let held = slots.iter().map(|slot| slot.free_from).filter(|&free_from| free_from > now);
            let until = held.clone().max().unwrap_or(now);
            *used =
                Used { requests: u32::try_from(held.count()).unwrap_or(u32::MAX), left: until.since(now) };
        }
        used
    }

    /// Counts what was used up before a restart, and in each window one request more that may have been on its way.
    pub(crate) fn restore(&mut self, used: [Used; Windows::CAPACITY], now: Instant) {
        let mut rest = self.slots.as_mut();
        for (window, Used { requests, left }) in self.windows.iter().zip(used) {
            let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
            let Some((slots, after)) = rest.split_at_mut_checked(limit) else { return };
            rest = after;
            let requests = usize::try_from(requests).unwrap_or(usize::MAX);
            let (before, in_flight) = (now.after(left), now.after(window.recovery()));
            let frees = core::iter::once(in_flight).chain(core::iter::repeat_n(before, requests));
            slots.iter_mut().zip(frees).for_each(|(slot, free_from)| slot.free_from = free_from);
        }
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
