//! When the requests of the last while were answered, for every window, in memory that the caller gives.
//!
//! A window has slots. A request takes one, and it is free again a period and the slack after the answer. With one slot a
//! request this is exact. With fewer, each slot stands for several requests, one after the other, and is free again when
//! the last of them would be: nothing is let through that exact bookkeeping would hold back, and what it costs is that a
//! window's first request waits for the last one of its slot. Of a sequential client with `n` slots for a limit of `l` that
//! is `l/n - 1` round trips a window. How the slots are kept is in `queue`.
//!
//! Times are kept as 31 bits of milliseconds since a moment that moves along.

use super::error::QuotaError;
use super::queue::{Change, Queue, Ring, View};
use super::slot::Slots;
use super::tick::{Millis, Tick};
use super::window::{Calls, Window, Windows};
use crate::time::{Duration, Instant};

/// Requests that still count in a window: what a restart must not forget. Without it, a program that crashes and starts
/// again would spend the same window twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which of the windows, counted from zero.
    pub window: usize,
    /// How many requests.
    pub requests: u32,
    /// For how much longer they count. Of one that may still arrive, this is longer than the window.
    pub left: Duration,
}

impl Held {
    /// What is left of it when so much time has passed.
    #[must_use]
    pub fn later(self, elapsed: Duration) -> Self {
        Self { left: self.left.minus(elapsed), ..self }
    }
}

/// The longest that a request may take. What may be longer counts as this long.
pub(super) const LONGEST_REQUEST: Duration = Duration::from_millis(1 << 29);
/// After so long the base moves along. With the longest request and the longest period these are less than 31 bits.
const BASE_AGE: u32 = 1 << 28;

/// Windows and their slots.
#[derive(Debug)]
pub(super) struct Log<S: ?Sized> {
    base: Instant,
    queues: Queues,
    slots: S,
}

impl<S: Clone> Clone for Log<S> {
    fn clone(&self) -> Self {
        Self { base: self.base, queues: self.queues, slots: self.slots.clone() }
    }
}

impl<S> Log<S> {
    /// Of windows that have shared these slots out.
    pub(super) const fn new(queues: Queues, slots: S) -> Self {
        Self { base: Instant::ZERO, queues, slots }
    }
}

/// The windows, apart from their slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queues([Queue; Windows::CAPACITY]);

impl Queues {
    /// Shares so many slots out: all that each window needs, or else to each in proportion.
    pub(super) fn new(windows: &Windows, given: usize) -> Result<Self, QuotaError> {
        let mut queues = [Queue::NONE; Windows::CAPACITY];
        let (mut left, mut limits_left) = (given, windows.slots());
        for (queue, window) in queues.iter_mut().zip(&windows.each) {
            let Some(window) = window else { break };
            let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
            // Of what is left, this window's part of the limits that are left.
            let part = left.saturating_mul(limit).checked_div(limits_left).unwrap_or(0).max(1);
            let count = u16::try_from(part.min(limit).min(left)).unwrap_or(u16::MAX);
            *queue = Queue::new(window, count)?;
            left = left.wrapping_sub(count.into());
            limits_left = limits_left.saturating_sub(limit);
        }
        Ok(Self(queues))
    }

    /// The window of that number; behind the last one it is unknown.
    #[inline(never)]
    pub(super) fn window(&self, index: usize) -> &Queue {
        self.0.get(index).unwrap_or(&Queue::UNKNOWN)
    }

    /// The window of that number if it counts such requests. The unknown one counts what no other does.
    #[inline(never)]
    pub(super) fn counting(&self, index: usize, calls: Calls) -> Option<&Queue> {
        let queue = self.window(index);
        let is_counted = if index < Windows::CAPACITY {
            queue.counts.overlap(calls)
        } else {
            index == self.longest(calls)
        };
        is_counted.then_some(queue)
    }

    /// The number of the window that what is said of such requests is taken to be about: the longest that counts them. Of
    /// equally long ones the tightest, for that is the one used up, and of those the first. One stands behind the last, for
    /// those that none counts.
    #[inline(never)]
    pub(super) fn longest(&self, calls: Calls) -> usize {
        let mut longest = Windows::CAPACITY;
        for (index, queue) in self.0.iter().enumerate() {
            if queue.counts.overlap(calls)
                && (longest == Windows::CAPACITY || queue.is_longer(self.window(longest)))
            {
                longest = index;
            }
        }
        longest
    }
}

impl<S: Slots + ?Sized> Log<S> {
    /// The windows, each with its number.
    pub(super) fn windows(&self) -> impl Iterator<Item = (usize, Window)> {
        (0..)
            .zip(&self.queues.0)
            .filter(|(_, queue)| queue.limit > 0)
            .map(|(index, queue)| (index, queue.window()))
    }

    pub(super) fn window(&self, index: usize) -> &Queue {
        self.queues.window(index)
    }

    pub(super) fn counting(&self, index: usize, calls: Calls) -> Option<&Queue> {
        self.queues.counting(index, calls)
    }

    pub(super) fn longest(&self, calls: Calls) -> usize {
        self.queues.longest(calls)
    }

    pub(super) fn memory(&self) -> &S {
        &self.slots
    }

    pub(super) fn memory_mut(&mut self) -> &mut S {
        &mut self.slots
    }

    /// A moment of the driver's clock.
    pub(super) fn tick(&self, at: Instant) -> Tick {
        Tick::of(at, self.base)
    }

    /// Where on the driver's clock the base of ticks is.
    pub(super) const fn base(&self) -> Instant {
        self.base
    }

    /// How many requests count in a window at some moment to come, if no further one is made.
    pub(super) fn held_at(&self, window: usize, at: Tick) -> u32 {
        self.view(window).held(at.since_base())
    }

    /// Something becomes of the request of that deadline, in every window that counts it.
    #[inline(never)]
    pub(super) fn change(&mut self, calls: Calls, change: Change, deadline: Tick, now: Tick) {
        let mut slots = self.slots.slots_mut();
        for queue in &mut self.queues.0 {
            let Some(own) = slots.split_off_mut(..usize::from(queue.slots)) else { return };
            if queue.counts.overlap(calls) {
                Ring { queue, slots: own }.change(change, deadline.since_base(), now.since_base());
            }
        }
    }

    /// The requests that count and are not on their way.
    pub(super) fn held(&self, now: Instant) -> impl Iterator<Item = Held> {
        let at = self.tick(now).since_base();
        (0..Windows::CAPACITY).flat_map(move |window| {
            self.view(window).counted(at).map(move |(requests, free_from)| {
                let left = Duration::from_millis(free_from.saturating_sub(at).into());
                Held { window, requests, left }
            })
        })
    }

    /// How many requests that a window counts are not answered for.
    pub(super) fn in_flight(&self, window: usize, now: Tick) -> u32 {
        self.view(window).in_flight(now.since_base())
    }

    /// The requests that a window counts and that may still arrive, or were given up since the last change: how many, and by
    /// when they arrive.
    pub(super) fn unanswered(&self, window: usize, mut tell: impl FnMut(u32, Tick)) {
        let view = self.view(window);
        view.unanswered(|requests, slot| {
            tell(requests, Tick::behind_base(slot.free_from()).before(view.queue.recovery()));
        });
    }

    /// Counts requests of before a restart.
    pub(super) fn restore(&mut self, held: Held, now: Tick) {
        let at = now.since_base();
        if let Some(mut ring) = self.ring(held.window) {
            ring.clean(at);
            let left = Millis::of(held.left).min(ring.queue.recovery());
            ring.add(held.requests.min(ring.queue.limit), at.saturating_add(left.get()));
        }
    }

    /// A window and its slots, to read; behind the last one it is unknown and has none.
    pub(super) fn view(&self, window: usize) -> View<'_> {
        let queue = self.window(window);
        let slots = self.slots.slots().get(self.first_slot(window)..).unwrap_or_default();
        View { queue, slots: slots.get(..queue.slots.into()).unwrap_or_default() }
    }

    /// A window and its slots, to change.
    fn ring(&mut self, window: usize) -> Option<Ring<'_>> {
        let first = self.first_slot(window);
        let queue = self.queues.0.get_mut(window)?;
        let slots = self.slots.slots_mut().get_mut(first..)?.get_mut(..queue.slots.into())?;
        Some(Ring { queue, slots })
    }

    /// Where the slots of a window begin.
    fn first_slot(&self, window: usize) -> usize {
        let before = self.queues.0.get(..window).unwrap_or_default();
        before.iter().fold(0, |sum, queue| sum.wrapping_add(queue.slots.into()))
    }

    /// Counts from a later moment once so much time has passed that 31 bits might not do, and tells how much later it is. Not for
    /// an answer: the deadline of a request of long ago may lie before the new base.
    pub(super) fn move_along(&mut self, now: Instant) -> Millis {
        let by = self.tick(now).since_base();
        if by <= BASE_AGE {
            return Millis::ZERO;
        }
        for slot in self.slots.slots_mut() {
            slot.rebase(by);
        }
        self.base = now;
        Millis::new(by)
    }
}
