//! When the requests of the last while were answered, for every window, in memory that the caller gives.
//!
//! A window has slots. A request takes one, and it is free again a period and the slack after the answer. With one slot a
//! request this is exact. With fewer, each slot stands for several requests, one after the other, and is free again when
//! the last of them would be: nothing is let through that exact bookkeeping would hold back, and what it costs is that a
//! window's first request waits for the last one of its slot. Of a sequential client with `n` slots for a limit of `l` that
//! is `l/n - 1` round trips a window.
//!
//! Times are kept as 32 bits of milliseconds since a moment that moves along.

use super::QuotaError;
use super::window::{Calls, Window, Windows};
use crate::time::{Duration, Instant};

/// The memory for one request in one window, or for several: four bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// In milliseconds since the log's base.
    free_from: u32,
}

impl Slot {
    /// A slot that no request holds.
    pub const FREE: Self = Self { free_from: 0 };
}

/// Memory for slots: an array, a `&mut [Slot]`, or a `Vec<Slot>`. It may have room for more that is to live as long, which
/// means nothing to a quota.
pub trait Slots {
    /// The slots.
    fn slots(&self) -> &[Slot];

    /// The slots.
    fn slots_mut(&mut self) -> &mut [Slot];

    /// The room beside them.
    fn spare(&self) -> &[u8] {
        &[]
    }

    /// The room beside them.
    fn spare_mut(&mut self) -> &mut [u8] {
        &mut []
    }
}

impl<S: AsRef<[Slot]> + AsMut<[Slot]>> Slots for S {
    fn slots(&self) -> &[Slot] {
        self.as_ref()
    }

    fn slots_mut(&mut self) -> &mut [Slot] {
        self.as_mut()
    }
}

/// The slots that a request holds, one a window, until it is answered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    slots: [Option<u16>; Windows::CAPACITY],
    deadline: Instant,
}

/// Requests that still count in a window: what a restart must not forget. Without it, a program that crashes and starts
/// again would spend the same window twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which of the windows, counted from zero.
    pub window: usize,
    /// How many requests.
    pub requests: u32,
    /// For how much longer they count.
    pub left: Duration,
}

impl Held {
    /// What is left of it when so much time has passed.
    #[must_use]
    pub fn later(self, elapsed: Duration) -> Self {
        Self { left: self.left.minus(elapsed), ..self }
    }
}

/// A window, and where in its slots the next request goes.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// Zero if there is no such window.
    limit: u32,
    period: u32,
    slack: u16,
    counts: Calls,
    /// How many slots it has.
    slots: u16,
    /// The slot taken last, and how many requests took it since it was free.
    open: u16,
    taken: u16,
    /// Requests that are not answered for, as far as slots that stand for several must know.
    flying: u16,
    /// When the last of them is given up.
    landed: u32,
}

impl Kept {
    const NONE: Self = Self {
        limit: 0,
        period: 0,
        slack: 0,
        counts: Calls::ALL,
        slots: 0,
        open: 0,
        taken: 0,
        flying: 0,
        landed: 0,
    };

    fn new(window: Window, slots: u16) -> Result<Self, QuotaError> {
        let fits = |duration: Duration, limit: u64| {
            (duration.as_millis() <= limit).then_some(duration.as_millis()).ok_or(QuotaError::TooLong)
        };
        let period = fits(window.period, Log::<[Slot; 0]>::LONGEST.as_millis())?;
        let slack = fits(window.slack, u16::MAX.into())?;
        if window.limit == 0 {
            return Err(QuotaError::LimitIsZero);
        }
        let needed = window.limit.div_ceil(u16::MAX.into());
        if u32::from(slots) < needed {
            return Err(QuotaError::TooFewSlots { needed: usize::try_from(needed).unwrap_or(usize::MAX) });
        }
        Ok(Self {
            limit: window.limit,
            period: u32::try_from(period).unwrap_or(u32::MAX),
            slack: u16::try_from(slack).unwrap_or(u16::MAX),
            counts: window.counts,
            slots,
            ..Self::NONE
        })
    }

    fn window(&self) -> Window {
        Window {
            limit: self.limit,
            period: Duration::from_millis(self.period.into()),
            slack: Duration::from_millis(self.slack.into()),
            counts: self.counts,
        }
    }

    /// For how many requests a slot stands: some for one more, if the limit is no multiple.
    fn capacity(&self, slot: u16) -> u32 {
        let slots = u32::from(self.slots);
        let each = self.limit.checked_div(slots).unwrap_or(0);
        let rest = self.limit.checked_rem(slots).unwrap_or(0);
        each.saturating_add((u32::from(slot) < rest).into())
    }

    /// How many requests a slot that is held stands for.
    fn taken(&self, slot: u16) -> u32 {
        if slot == self.open { self.taken.into() } else { self.capacity(slot) }
    }

    fn is_exact(&self) -> bool {
        u32::from(self.slots) == self.limit
    }
}

/// Windows and their slots.
#[derive(Clone, Debug)]
pub(super) struct Log<S> {
    base: Instant,
    windows: [Kept; Windows::CAPACITY],
    slots: S,
}

impl<S> Log<S> {
    /// The longest period, and the longest that a request may take: of what 32 bits hold, a quarter.
    const LONGEST: Duration = Duration::from_millis(1 << 30);
}

impl<S: Slots> Log<S> {
    /// Shares the slots out: all that each window needs, or else to each in proportion.
    pub(super) fn new(windows: Windows, slots: S) -> Result<Self, QuotaError> {
        let (needed, given) = (windows.slots(), slots.slots().len());
        let mut kept = [Kept::NONE; Windows::CAPACITY];
        let mut left = given;
        let mut limits_left = needed;
        for (kept, window) in kept.iter_mut().zip(windows.iter()) {
            let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
            // Of what is left, this window's part of the limits that are left.
            let part = left.saturating_mul(limit).checked_div(limits_left).unwrap_or(0).max(1);
            let count = part.min(limit).min(left).min(u16::MAX.into());
            *kept = Kept::new(window, u16::try_from(count).unwrap_or(u16::MAX))?;
            left = left.saturating_sub(count);
            limits_left = limits_left.saturating_sub(limit);
        }
        Ok(Self { base: Instant::ZERO, windows: kept, slots })
    }

    /// The windows, each with its number.
    pub(super) fn windows(&self) -> impl Iterator<Item = (usize, Window)> {
        (0..)
            .zip(&self.windows)
            .filter(|(_, kept)| kept.limit > 0)
            .map(|(index, kept)| (index, kept.window()))
    }

    pub(super) fn memory(&self) -> &S {
        &self.slots
    }

    pub(super) fn memory_mut(&mut self) -> &mut S {
        &mut self.slots
    }

    /// The window of that number.
    pub(super) fn window(&self, index: usize) -> Option<Window> {
        self.windows.get(index).filter(|kept| kept.limit > 0).map(Kept::window)
    }

    /// How many requests count in a window at some moment to come, if no further one is made.
    pub(super) fn held_at(&self, window: usize, at: Instant) -> u32 {
        self.held_from(window, self.since_base(at))
    }

    /// The first moment, from `now` on, at which fewer than so many requests count in a window.
    pub(super) fn opens(&self, window: usize, share: u32, now: Instant) -> Instant {
        let (mut before, mut from) = (self.since_base(now), u32::MAX);
        if self.held_from(window, before) < share {
            return now;
        }
        // What counts only becomes less with time.
        while let half = from.saturating_sub(before) / 2
            && half > 0
        {
            let middle = before.saturating_add(half);
            if self.held_from(window, middle) < share { from = middle } else { before = middle }
        }
        self.base.after(Duration::from_millis(from.into()))
    }

    /// Takes a slot in every window that counts such a request. It leaves now and is answered by `deadline` or never.
    #[inline(never)]
    pub(super) fn take(&mut self, calls: Calls, now: Instant, deadline: Instant) -> Places {
        self.move_along(now);
        let deadline = deadline.min(now.after(Self::LONGEST));
        let (at, landed) = (self.since_base(now), self.since_base(deadline));
        let mut places = Places { slots: [None; Windows::CAPACITY], deadline };
        for (window, place) in (0..).zip(&mut places.slots) {
            let Some(kept) = self.windows.get_mut(window) else { continue };
            if kept.limit == 0 || !kept.counts.overlap(calls) {
                continue;
            }
            kept.flying = if kept.landed <= at { 1 } else { kept.flying.saturating_add(1) };
            kept.landed = kept.landed.max(landed);
            let recovery = kept.window().recovery();
            *place = self.hold(window, at, self.since_base(deadline.after(recovery)));
        }
        places
    }

    /// The request was answered, or its failure is known.
    pub(super) fn answered(&mut self, places: Places, at: Instant) {
        for (window, place) in (0..).zip(places.slots) {
            let Some(place) = place else { continue };
            let Some((first, kept)) = self.place_of(window) else { continue };
            let recovery = kept.window().recovery();
            let (from, to) =
                (self.since_base(places.deadline.after(recovery)), self.since_base(at.after(recovery)));
            let Some(kept) = self.windows.get_mut(window) else { continue };
            // Behind its deadline it was given up, and those on their way are others.
            if at < places.deadline {
                kept.flying = kept.flying.saturating_sub(1);
            }
            let (flying, is_exact) = (kept.flying, kept.is_exact());
            let Some(slot) = self.slots.slots_mut().get_mut(first.saturating_add(place.into())) else {
                continue;
            };
            if is_exact {
                // If it was free again by now, and another request has taken it, it is no longer this one's.
                if slot.free_from == from {
                    slot.free_from = to;
                }
            } else if flying == 0 {
                // All that took it are answered, this one last.
                slot.free_from = slot.free_from.min(to);
            }
        }
    }

    /// The requests that were answered and still count.
    pub(super) fn held(&self, now: Instant) -> impl Iterator<Item = Held> {
        self.windows().flat_map(move |(index, window)| {
            let (at, latest) = (self.since_base(now), self.since_base(now.after(window.recovery())));
            let is_exact = self.windows.get(index).is_some_and(Kept::is_exact);
            self.slots_of(index).filter_map(move |(requests, slot)| {
                // Where a slot stands for several, one of them may be on its way and the others answered.
                let counts = slot.free_from > at && (slot.free_from <= latest || !is_exact);
                let left = Duration::from_millis(slot.free_from.min(latest).saturating_sub(at).into());
                counts.then_some(Held { window: index, requests, left })
            })
        })
    }

    /// How many requests that a window counts are not answered for.
    pub(super) fn in_flight(&self, window: usize, now: Instant) -> u32 {
        let at = self.since_base(now);
        self.windows.get(window).filter(|kept| kept.landed > at).map_or(0, |kept| kept.flying.into())
    }

    /// Counts requests of before a restart.
    pub(super) fn restore(&mut self, held: Held, now: Instant) {
        self.move_along(now);
        let Some((_, window)) = self.windows().find(|(index, _)| *index == held.window) else { return };
        let free_from = self.since_base(now.after(held.left.min(window.recovery())));
        let at = self.since_base(now);
        (0..held.requests.min(window.limit)).for_each(|_| _ = self.hold(held.window, at, free_from));
    }

    /// As if every window had just been used up.
    pub(super) fn spend(&mut self, now: Instant) {
        self.move_along(now);
        for window in 0..Windows::CAPACITY {
            let Some((first, kept)) = self.place_of(window) else { continue };
            let free_from = self.since_base(now.after(kept.window().recovery()));
            let slots = self.slots.slots_mut().get_mut(first..).unwrap_or_default();
            slots.iter_mut().take(kept.slots.into()).for_each(|slot| slot.free_from = free_from);
            if let Some(kept) = self.windows.get_mut(window) {
                kept.taken = u16::try_from(kept.capacity(kept.open)).unwrap_or(u16::MAX);
            }
        }
    }

    /// Takes the open slot of a window if it has room, else the one that is free first.
    fn hold(&mut self, window: usize, at: u32, free_from: u32) -> Option<u16> {
        let (first, kept) = self.place_of(window)?;
        let slots = self.slots.slots_mut().get_mut(first..)?.get_mut(..kept.slots.into())?;
        let is_over = slots.get(usize::from(kept.open))?.free_from <= at;
        let kept = self.windows.get_mut(window)?;
        if is_over {
            kept.taken = 0;
        }
        if u32::from(kept.taken) >= kept.capacity(kept.open) {
            let (earliest, _) = (0..).zip(slots.iter()).min_by_key(|(_, slot)| slot.free_from)?;
            (kept.open, kept.taken) = (earliest, 0);
        }
        let slot = slots.get_mut(usize::from(kept.open))?;
        slot.free_from = slot.free_from.max(free_from);
        kept.taken = kept.taken.saturating_add(1);
        Some(kept.open)
    }

    fn held_from(&self, window: usize, at: u32) -> u32 {
        let held = self.slots_of(window).filter(|(_, slot)| slot.free_from > at);
        held.fold(0, |sum, (requests, _)| sum.saturating_add(requests))
    }

    /// The slots of a window, each with how many requests it stands for while it is held.
    fn slots_of(&self, window: usize) -> impl Iterator<Item = (u32, Slot)> {
        let (first, kept) = self.place_of(window).unwrap_or((0, Kept::NONE));
        let slots = self.slots.slots().get(first..).unwrap_or_default();
        (0..kept.slots).zip(slots).map(move |(index, slot)| (kept.taken(index), *slot))
    }

    /// A window, and where its slots begin.
    fn place_of(&self, window: usize) -> Option<(usize, Kept)> {
        let before = self.windows.get(..window)?;
        let first = before.iter().fold(0_usize, |sum, kept| sum.saturating_add(kept.slots.into()));
        self.windows.get(window).map(|kept| (first, *kept))
    }

    fn since_base(&self, at: Instant) -> u32 {
        u32::try_from(at.since(self.base).as_millis()).unwrap_or(u32::MAX)
    }

    /// Counts from a later moment once so much time has passed that 32 bits might not do.
    fn move_along(&mut self, now: Instant) {
        let passed = now.since(self.base);
        if passed <= Self::LONGEST {
            return;
        }
        let by = u32::try_from(passed.as_millis()).unwrap_or(u32::MAX);
        for slot in self.slots.slots_mut() {
            slot.free_from = slot.free_from.saturating_sub(by);
        }
        for kept in &mut self.windows {
            kept.landed = kept.landed.saturating_sub(by);
        }
        self.base = now;
    }
}
