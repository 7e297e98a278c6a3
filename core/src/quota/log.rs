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
const BASE_AGE: Duration = Duration::from_millis(1 << 28);
const LATEST: u32 = u32::MAX >> 1;

/// Windows and their slots.
#[derive(Debug)]
pub(super) struct Log<S: ?Sized> {
    base: Instant,
    queues: [Queue; Windows::CAPACITY],
    slots: S,
}

impl<S: Clone> Clone for Log<S> {
    fn clone(&self) -> Self {
        Self { base: self.base, queues: self.queues, slots: self.slots.clone() }
    }
}

impl<S: Slots> Log<S> {
    /// Shares the slots out: all that each window needs, or else to each in proportion.
    pub(super) fn new(windows: &Windows, slots: S) -> Result<Self, QuotaError> {
        let queues = share_out(windows, slots.slots().len())?;
        Ok(Self { base: Instant::ZERO, queues, slots })
    }
}

/// The windows' queues, which share so many slots.
fn share_out(windows: &Windows, given: usize) -> Result<[Queue; Windows::CAPACITY], QuotaError> {
    let mut queues = [Queue::NONE; Windows::CAPACITY];
    let (mut left, mut limits_left) = (given, windows.slots());
    for (queue, window) in queues.iter_mut().zip(&windows.each) {
        let Some(window) = window else { break };
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        // Of what is left, this window's part of the limits that are left.
        let part = left.saturating_mul(limit).checked_div(limits_left).unwrap_or(0).max(1);
        let count = u16::try_from(part.min(limit).min(left)).unwrap_or(u16::MAX);
        *queue = Queue::new(*window, count)?;
        left = left.wrapping_sub(count.into());
        limits_left = limits_left.saturating_sub(limit);
    }
    Ok(queues)
}

impl<S: Slots + ?Sized> Log<S> {
    /// The windows, each with its number.
    pub(super) fn windows(&self) -> impl Iterator<Item = (usize, Window)> {
        (0..)
            .zip(&self.queues)
            .filter(|(_, queue)| queue.limit > 0)
            .map(|(index, queue)| (index, queue.window()))
    }

    pub(super) fn memory(&self) -> &S {
        &self.slots
    }

    pub(super) fn memory_mut(&mut self) -> &mut S {
        &mut self.slots
    }

    /// The window of that number; behind the last one it is unknown.
    #[inline(never)]
    pub(super) fn window(&self, index: usize) -> &Queue {
        self.queues.get(index).unwrap_or(&Queue::UNKNOWN)
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
        for (index, queue) in self.queues.iter().enumerate() {
            if queue.counts.overlap(calls)
                && (longest == Windows::CAPACITY || queue.is_longer(self.window(longest)))
            {
                longest = index;
            }
        }
        longest
    }

    /// How many requests count in a window at some moment to come, if no further one is made.
    pub(super) fn held_at(&self, window: usize, at: Instant) -> u32 {
        self.view(window).held(self.since_base(at))
    }

    /// The first moment, from `now` on, at which fewer than so many requests count in a window.
    pub(super) fn opens(&self, window: usize, share: u32, now: Instant) -> Instant {
        let opens = self.view(window).opens(share);
        self.base.after(Duration::from_millis(opens.into())).max(now)
    }

    /// So many milliseconds after the last request that a window counts has arrived, at the latest.
    pub(super) fn behind_all(&self, window: usize, millis: u32) -> Instant {
        let view = self.view(window);
        let behind = view.last_free().saturating_sub(view.queue.recovery().saturating_sub(millis));
        self.base.after(Duration::from_millis(behind.into()))
    }

    /// Something becomes of the request of that deadline, in every window that counts it.
    #[inline(never)]
    pub(super) fn change(&mut self, calls: Calls, change: Change, deadline: Instant, now: Instant) {
        // Not for an answer: the deadline of a request of long ago may lie before the new base.
        if let Change::Left | Change::Spent = change {
            self.move_along(now);
        }
        let (landed, at) = (self.since_base(deadline), self.since_base(now));
        let mut slots = self.slots.slots_mut();
        for queue in &mut self.queues {
            let Some(own) = slots.split_off_mut(..usize::from(queue.slots)) else { return };
            if queue.counts.overlap(calls) {
                Ring { queue, slots: own }.change(change, landed, at);
            }
        }
    }

    /// The requests that count and are not on their way.
    pub(super) fn held(&self, now: Instant) -> impl Iterator<Item = Held> {
        let at = self.since_base(now);
        (0..Windows::CAPACITY).flat_map(move |window| {
            self.view(window).counted(at).map(move |(requests, free_from)| {
                let left = Duration::from_millis(free_from.saturating_sub(at).into());
                Held { window, requests, left }
            })
        })
    }

    /// How many requests that a window counts are not answered for.
    pub(super) fn in_flight(&self, window: usize, now: Instant) -> u32 {
        self.view(window).in_flight(self.since_base(now))
    }

    /// The requests that a window counts and that may still arrive, or were given up since the last change: how many, and by
    /// when they arrive.
    pub(super) fn unanswered(&self, window: usize, mut tell: impl FnMut(u32, Instant)) {
        let view = self.view(window);
        view.unanswered(|requests, slot| {
            let deadline = slot.free_from().saturating_sub(view.queue.recovery());
            let deadline = Duration::from_millis(deadline.into());
            tell(requests, self.base.after(deadline));
        });
    }

    /// Counts requests of before a restart.
    pub(super) fn restore(&mut self, held: Held, now: Instant) {
        self.move_along(now);
        let at = self.since_base(now);
        let left = u32::try_from(held.left.as_millis()).unwrap_or(u32::MAX);
        if let Some(mut ring) = self.ring(held.window) {
            ring.clean(at);
            let free_from = at.saturating_add(left.min(ring.queue.recovery()));
            ring.add(held.requests.min(ring.queue.limit), free_from);
        }
    }

    /// As if every window had just been used up.
    pub(super) fn spend(&mut self, now: Instant) {
        self.change(Calls::ALL, Change::Spent, now, now);
    }

    /// A window and its slots, to read; behind the last one it is unknown and has none.
    fn view(&self, window: usize) -> View<'_> {
        let queue = self.window(window);
        let slots = self.slots.slots().get(self.first_slot(window)..).unwrap_or_default();
        View { queue, slots: slots.get(..queue.slots.into()).unwrap_or_default() }
    }

    /// A window and its slots, to change.
    fn ring(&mut self, window: usize) -> Option<Ring<'_>> {
        let first = self.first_slot(window);
        let queue = self.queues.get_mut(window)?;
        let slots = self.slots.slots_mut().get_mut(first..)?.get_mut(..queue.slots.into())?;
        Some(Ring { queue, slots })
    }

    /// Where the slots of a window begin.
    fn first_slot(&self, window: usize) -> usize {
        let before = self.queues.get(..window).unwrap_or_default();
        before.iter().fold(0, |sum, queue| sum.wrapping_add(queue.slots.into()))
    }

    fn since_base(&self, at: Instant) -> u32 {
        u32::try_from(at.since(self.base).as_millis()).unwrap_or(LATEST).min(LATEST)
    }

    /// Counts from a later moment once so much time has passed that 31 bits might not do.
    fn move_along(&mut self, now: Instant) {
        if now.since(self.base) <= BASE_AGE {
            return;
        }
        let by = self.since_base(now);
        for slot in self.slots.slots_mut() {
            slot.rebase(by);
        }
        self.base = now;
    }
}
