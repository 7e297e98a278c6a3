//! The slots of one window, as a queue: the requests that were answered, in the order in which their slots are free again,
//! and behind them those that are on their way, in the order of their deadlines.
//!
//! Answers come in time order, so an answer goes to the end of the first part, and the slots that are free are at its
//! front. Nothing has to look for them: a request costs the same few steps whatever the limit. Only those on their way
//! are searched, and they are few.
//!
//! With a slot for each request the queue is exact. With fewer, the answered requests share slots: each slot stands for
//! its capacity of requests that were answered one after the other, and is free when the last of them is. A request on its
//! way has a slot of its own. If no slot is left for it, it joins the last shared slot: the queue is *crowded*, and that
//! slot is kept as if the answer came at the deadline, until no such request is on its way any more. One of a crowd that is
//! given up counts as on its way until the last of the crowd is.
//!
//! The queue is a ring in memory that the caller gives. Times are milliseconds since the log's base.

use super::error::QuotaError;
use super::slot::Slot;
use super::window::{Calls, LimiterKind, Window};
use crate::time::Duration;

/// The longest period: with a request on its way and the time until the base moves along, it fits into 31 bits.
pub(super) const LONGEST_PERIOD: Duration = Duration::from_millis(1 << 30);

/// What is left of the crowd's byte for its number.
const CROWD: u8 = 0x7f;
/// The value of the crowd's slot is not lowered by an answer.
const IS_FIRM: u8 = 0x80;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It leaves.
    Left,
    /// It was answered, or its failure is known.
    Answered,
    /// Its driver went away. It may arrive until its deadline.
    Dropped,
}

/// A window, and where its requests are in its slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queue {
    /// Zero if there is no such window.
    pub(super) limit: u32,
    period: u32,
    slack: u16,
    kind: u16,
    /// How many slots it has.
    pub(super) slots: u16,
    /// The slot at the front.
    head: u16,
    /// Slots of answered requests. All but the last stand for as many requests as they can.
    answered: u16,
    /// How many requests the last of them stands for.
    taken: u16,
    /// Slots of requests on their way, or dropped.
    flying: u16,
    pub(super) counts: Calls,
    /// Requests on their way that had to join the last slot of answered ones, and whether that slot is firm.
    crowd: u8,
}

impl Queue {
    pub(super) const NONE: Self = Self {
        limit: 0,
        period: 0,
        slack: 0,
        kind: 0,
        slots: 0,
        head: 0,
        answered: 0,
        taken: 0,
        flying: 0,
        counts: Calls::NONE,
        crowd: 0,
    };

    /// Stands for a limit that is not known: most windows are no longer than a minute.
    pub(super) const UNKNOWN: Self =
        Self { limit: u32::MAX, period: 60_000, slack: 250, counts: Calls::ALL, ..Self::NONE };

    pub(super) fn new(window: Window, slots: u16) -> Result<Self, QuotaError> {
        let fits = |duration: Duration, limit: u64| {
            (duration.as_millis() <= limit).then_some(duration.as_millis()).ok_or(QuotaError::TooLong)
        };
        let period = fits(window.period, LONGEST_PERIOD.as_millis())?;
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
            kind: window.kind.code(),
            counts: window.counts,
            slots,
            ..Self::NONE
        })
    }

    pub(super) fn window(&self) -> Window {
        Window {
            limit: self.limit,
            period: self.period(),
            slack: self.slack(),
            counts: self.counts,
            kind: self.kind(),
        }
    }

    pub(super) fn period(&self) -> Duration {
        Duration::from_millis(self.period.into())
    }

    /// One of so many equal parts of the period.
    pub(super) fn part_of_period(&self, of: u32) -> Duration {
        Duration::from_millis(self.period.checked_div(of).unwrap_or(0).into())
    }

    pub(super) fn slack(&self) -> Duration {
        Duration::from_millis(self.slack.into())
    }

    pub(super) fn kind(&self) -> LimiterKind {
        LimiterKind::of_code(self.kind)
    }

    /// Whether its window is longer than another, or as long and tighter.
    pub(super) fn is_longer(&self, other: &Self) -> bool {
        self.period > other.period || self.period == other.period && self.limit < other.limit
    }

    /// From an answer until its slot is free again, in milliseconds.
    pub(super) fn recovery(&self) -> u32 {
        self.period.saturating_add(self.slack.into())
    }

    pub(super) fn recovery_time(&self) -> Duration {
        Duration::from_millis(self.recovery().into())
    }

    /// How many requests all slots hold that are not free, and those at the front that are free again but were not
    /// taken out yet.
    fn requests(&self) -> u32 {
        self.capacity_before(self.answered).saturating_add(self.flying.into())
    }

    /// How many requests stand in so many slots from the front.
    fn capacity_before(&self, answered: u16) -> u32 {
        if answered < self.answered || answered == 0 {
            return self.capacity_of(answered);
        }
        self.capacity_of(answered.saturating_sub(1)).saturating_add(self.taken.into())
    }

    /// The capacity of so many slots from the front. The slots' capacities add up to the limit: if it is no multiple,
    /// the first ones in memory stand for one request more.
    #[inline(never)]
    fn capacity_of(&self, count: u16) -> u32 {
        let slots = u32::from(self.slots);
        let each = self.limit.checked_div(slots).unwrap_or(0);
        let rest = self.limit.checked_rem(slots).unwrap_or(0);
        let (from, to) = (u32::from(self.head), u32::from(self.head).saturating_add(count.into()));
        let wrapped = to.saturating_sub(slots).min(rest);
        let larger = to.min(rest).saturating_sub(from.min(rest)).saturating_add(wrapped);
        each.saturating_mul(count.into()).saturating_add(larger)
    }

    /// Whether the last slot of answered requests has room for one more, and for how many.
    fn room(&self) -> u32 {
        if self.answered == 0 {
            return 0;
        }
        let capacity = self.capacity_of(self.answered).saturating_sub(self.capacity_of(self.last()));
        capacity.saturating_sub(self.taken.into())
    }

    /// The last slot of answered requests, if there is one.
    const fn last(&self) -> u16 {
        self.answered.saturating_sub(1)
    }

    const fn used(&self) -> u16 {
        self.answered.saturating_add(self.flying)
    }

    const fn is_exact(&self) -> bool {
        self.slots as u32 == self.limit
    }

    /// Where in memory a slot of the queue is.
    fn place(&self, index: u16) -> usize {
        let place = usize::from(self.head).saturating_add(index.into());
        let slots = usize::from(self.slots);
        if place < slots { place } else { place.saturating_sub(slots) }
    }

    #[inline(never)]
    fn slot(&self, slots: &[Slot], index: u16) -> Slot {
        #[cfg(test)]
        super::slot::VISITS.with(|visits| visits.set(visits.get() + 1));
        slots.get(self.place(index)).copied().unwrap_or(Slot::FREE)
    }

    fn free_from(&self, slots: &[Slot], index: u16) -> u32 {
        self.slot(slots, index).free_from()
    }

    #[inline(never)]
    fn set(&self, slots: &mut [Slot], index: u16, slot: Slot) {
        #[cfg(test)]
        super::slot::VISITS.with(|visits| visits.set(visits.get() + 1));
        if let Some(place) = slots.get_mut(self.place(index)) {
            *place = slot;
        }
    }

    /// Has an answered slot be free no earlier than `free_from`, and than the one before it.
    fn raise(&self, slots: &mut [Slot], index: u16, free_from: u32) {
        let before = if index == 0 { 0 } else { self.free_from(slots, index.saturating_sub(1)) };
        let free_from = free_from.max(before).max(self.free_from(slots, index));
        self.set(slots, index, Slot::free_from_then(free_from));
    }

    /// The same for a slot in which nothing is yet.
    fn open(&mut self, slots: &mut [Slot], free_from: u32) {
        self.set(slots, self.answered, Slot::FREE);
        self.raise(slots, self.answered, free_from);
        self.answered = self.answered.saturating_add(1);
        self.taken = 1;
    }

    /// Takes the front out.
    fn pop(&mut self) {
        self.head = u16::try_from(self.place(1)).unwrap_or(0);
        if self.answered == 0 {
            self.flying = self.flying.saturating_sub(1);
            return;
        }
        self.answered = self.answered.saturating_sub(1);
        if self.answered == 0 {
            (self.taken, self.crowd) = (0, 0);
        }
    }

    /// Brings the queue up to a moment: requests that were given up are no longer on their way, and slots that are free
    /// again are taken out.
    #[inline(never)]
    pub(super) fn clean(&mut self, slots: &mut [Slot], at: u32) {
        let given_up = at.saturating_add(self.recovery());
        while self.flying > 0 && self.free_from(slots, self.answered) <= given_up {
            let free_from = self.free_from(slots, self.answered);
            self.settle(slots, 0, free_from);
        }
        if self.crowd > 0 && self.free_from(slots, self.last()) <= given_up {
            self.crowd = 0;
        }
        while self.answered > 0 && self.free_from(slots, 0) <= at {
            self.pop();
        }
    }

    /// Something becomes now of a request that is given up at `deadline`.
    pub(super) fn change(&mut self, slots: &mut [Slot], change: Change, deadline: u32, at: u32) {
        self.clean(slots, at);
        let given_up = deadline.saturating_add(self.recovery());
        match change {
            Change::Left => self.take(slots, given_up),
            Change::Answered => self.answer(slots, given_up, at),
            Change::Dropped => self.drop_one(slots, given_up, at),
        }
    }

    /// A request leaves, whose slot is free at `free_from` if it is never answered.
    fn take(&mut self, slots: &mut [Slot], free_from: u32) {
        if self.used() >= self.slots && (self.is_exact() || !self.make_room(slots)) {
            self.pop();
        }
        if self.used() >= self.slots {
            self.raise(slots, self.last(), free_from);
            self.taken = self.taken.saturating_add(1);
            self.join_crowd();
            return;
        }
        let mut index = self.used();
        while index > self.answered && self.free_from(slots, index.saturating_sub(1)) > free_from {
            self.set(slots, index, self.slot(slots, index.saturating_sub(1)));
            index = index.saturating_sub(1);
        }
        self.set(slots, index, Slot::free_from_then(free_from));
        self.flying = self.flying.saturating_add(1);
    }

    /// Where slots are shared and none is left, requests on their way begin to share one. Tells whether it has room.
    fn make_room(&mut self, slots: &mut [Slot]) -> bool {
        while self.room() == 0 && self.flying > 0 {
            let first = self.slot(slots, self.answered);
            self.flying = self.flying.saturating_sub(1);
            self.open(slots, first.free_from());
            // One that was dropped may arrive like the others, and counts as on its way again.
            self.join_crowd();
        }
        self.room() > 0
    }

    /// Which of the slots behind the answered ones is that of a request with this deadline.
    fn find(&self, slots: &[Slot], free_from: u32) -> Option<u16> {
        let sought = Slot::free_from_then(free_from);
        (0..self.flying).find(|index| self.slot(slots, self.answered.saturating_add(*index)) == sought)
    }

    /// A request on its way becomes an answered one.
    fn settle(&mut self, slots: &mut [Slot], index: u16, free_from: u32) {
        let mut place = self.answered.saturating_add(index);
        let end = self.used().saturating_sub(1);
        self.flying = self.flying.saturating_sub(1);
        if self.room() > 0 {
            while place < end {
                self.set(slots, place, self.slot(slots, place.saturating_add(1)));
                place = place.saturating_add(1);
            }
            self.raise(slots, self.last(), free_from);
            self.taken = self.taken.saturating_add(1);
            return;
        }
        while place > self.answered {
            self.set(slots, place, self.slot(slots, place.saturating_sub(1)));
            place = place.saturating_sub(1);
        }
        self.open(slots, free_from);
    }

    /// A request was answered at `at`, or its failure is known; `given_up` is when its slot were free otherwise.
    fn answer(&mut self, slots: &mut [Slot], given_up: u32, at: u32) {
        let free_from = at.saturating_add(self.recovery());
        if given_up <= free_from {
            return self.answer_late(slots, given_up, free_from, at);
        }
        if let Some(index) = self.find(slots, given_up) {
            return self.settle(slots, index, free_from);
        }
        let is_last = self.crowd == 1;
        self.leave_crowd();
        if is_last {
            // All that crowd in the last slot are answered, this one last.
            let earlier = free_from.min(self.free_from(slots, self.last()));
            self.set(slots, self.last(), Slot::FREE);
            self.raise(slots, self.last(), earlier);
        }
    }

    fn join_crowd(&mut self) {
        self.crowd = if self.crowd & CROWD == CROWD { u8::MAX } else { self.crowd.saturating_add(1) };
    }

    fn leave_crowd(&mut self) {
        let left = (self.crowd & CROWD).saturating_sub(1);
        self.crowd = self.crowd & IS_FIRM | left;
    }

    /// It was given up before, and stands among the answered ones.
    fn answer_late(&mut self, slots: &mut [Slot], given_up: u32, free_from: u32, at: u32) {
        // By now another request may have its slot.
        if given_up <= at {
            return;
        }
        let mut index = self.answered;
        while index > 0 && self.free_from(slots, index.saturating_sub(1)) >= given_up {
            index = index.saturating_sub(1);
        }
        let is_found = self.free_from(slots, index) == given_up;
        while index < self.answered {
            let next = index.saturating_add(1);
            if is_found && next < self.answered {
                self.set(slots, index, self.slot(slots, next));
            } else {
                self.raise(slots, index, free_from);
            }
            index = next;
        }
    }

    /// The driver of a request went away: it is no longer on its way, and its slot is kept until its deadline.
    fn drop_one(&mut self, slots: &mut [Slot], given_up: u32, at: u32) {
        if let Some(index) = self.find(slots, given_up) {
            let place = self.answered.saturating_add(index);
            self.set(slots, place, Slot::dropped(given_up));
        } else if given_up > at.saturating_add(self.recovery()) {
            self.leave_crowd();
            // It may arrive until its deadline, whoever joins the slot after it.
            self.crowd |= IS_FIRM;
        }
    }

    /// Counts answered requests of before, whose slots are free at `free_from`.
    #[inline(never)]
    pub(super) fn add(&mut self, slots: &mut [Slot], mut requests: u32, free_from: u32) {
        while requests > 0 {
            let fit = self.room().min(requests);
            if fit > 0 {
                self.raise(slots, self.last(), free_from);
                self.taken = self.taken.saturating_add(u16::try_from(fit).unwrap_or(u16::MAX));
                requests = requests.saturating_sub(fit);
                continue;
            }
            if self.used() >= self.slots {
                // More than the limit: what is free first gives way.
                if self.answered == 0 {
                    return;
                }
                if !self.is_exact() || self.free_from(slots, 0) >= free_from {
                    return self.raise(slots, self.last(), free_from);
                }
                self.pop();
            }
            let mut index = self.used();
            while index > self.answered {
                self.set(slots, index, self.slot(slots, index.saturating_sub(1)));
                index = index.saturating_sub(1);
            }
            self.open(slots, free_from);
            if self.is_exact() {
                self.sort_last(slots, free_from);
            }
            requests = requests.saturating_sub(1);
        }
    }

    /// Puts the last slot where it belongs, for what is restored may come in any order.
    fn sort_last(&self, slots: &mut [Slot], free_from: u32) {
        let mut index = self.last();
        while index > 0 && self.free_from(slots, index.saturating_sub(1)) > free_from {
            self.set(slots, index, self.slot(slots, index.saturating_sub(1)));
            index = index.saturating_sub(1);
        }
        self.set(slots, index, Slot::free_from_then(free_from));
    }

    /// As if the window had just been used up.
    pub(super) fn spend(&mut self, slots: &mut [Slot], free_from: u32) {
        for index in 0..self.answered {
            self.raise(slots, index, free_from);
        }
        self.add(slots, self.limit, free_from);
    }

    /// Whether that slot behind the answered ones is of a request that is on its way.
    fn is_flying(&self, slot: Slot, at: u32) -> bool {
        !slot.is_dropped() && slot.free_from() > at.saturating_add(self.recovery())
    }

    /// How many requests crowd in the last slot of answered ones and are on their way.
    fn crowded(&self, slots: &[Slot], at: u32) -> u32 {
        let is_over =
            self.crowd == 0 || self.free_from(slots, self.last()) <= at.saturating_add(self.recovery());
        if is_over { 0 } else { (self.crowd & CROWD).into() }
    }

    /// How many requests are on their way.
    pub(super) fn in_flight(&self, slots: &[Slot], at: u32) -> u32 {
        let mut count = self.crowded(slots, at);
        for index in self.answered..self.used() {
            count = count.saturating_add(self.is_flying(self.slot(slots, index), at).into());
        }
        count
    }

    /// Whether requests crowd in the last slot of answered ones.
    pub(super) const fn is_crowded(&self) -> bool {
        self.crowd & CROWD > 0
    }

    /// The requests without an answer, dropped ones and those that were given up since the queue was brought up to a moment
    /// too: how many, and when their slot is free.
    pub(super) fn unanswered(&self, slots: &[Slot], mut tell: impl FnMut(u32, u32)) {
        let first = if self.is_crowded() { self.last() } else { self.answered };
        for index in first..self.used() {
            let requests = if index < self.answered { self.crowd & CROWD } else { 1 };
            tell(requests.into(), self.free_from(slots, index));
        }
    }

    /// How many requests count.
    pub(super) fn held(&self, slots: &[Slot], at: u32) -> u32 {
        let mut free = 0;
        while free < self.answered && self.free_from(slots, free) <= at {
            free = free.saturating_add(1);
        }
        let mut held = self.requests().saturating_sub(self.capacity_before(free));
        for index in self.answered..self.used() {
            held = held.saturating_sub((self.free_from(slots, index) <= at).into());
        }
        held
    }

    /// The moment from which on fewer than so many requests count, if none is made: 0 if that is so already.
    #[inline(never)]
    pub(super) fn opens(&self, slots: &[Slot], share: u32) -> u32 {
        let needed = self.requests().saturating_sub(share.max(1).saturating_sub(1));
        if needed == 0 {
            return 0;
        }
        let answered = self.capacity_before(self.answered);
        if needed > answered {
            let behind = u16::try_from(needed.saturating_sub(answered)).unwrap_or(u16::MAX);
            let index = self.last().saturating_add(behind);
            let last = if self.answered == 0 { 0 } else { self.free_from(slots, self.last()) };
            let index = if self.answered == 0 { behind.saturating_sub(1) } else { index };
            // Where it is crowded the last shared slot may be free later than those behind it.
            return self.free_from(slots, index).max(last);
        }
        // The first slot by which so many requests are free. Nothing is read for it.
        let (mut before, mut found) = (0, self.answered);
        while found.saturating_sub(before) > 1 {
            let middle = before.saturating_add(found.saturating_sub(before) / 2);
            if self.capacity_before(middle) >= needed { found = middle } else { before = middle }
        }
        self.free_from(slots, found.saturating_sub(1))
    }

    /// The requests that count and are not on their way, slot by slot: how many, and until when.
    pub(super) fn counted(&self, slots: &[Slot], at: u32) -> impl Iterator<Item = (u32, u32)> {
        (0..self.used()).filter_map(move |index| {
            let slot = self.slot(slots, index);
            let requests = if index >= self.answered {
                u32::from(!self.is_flying(slot, at))
            } else {
                let all = self.capacity_before(index.saturating_add(1));
                let crowded = if index == self.last() { self.crowded(slots, at) } else { 0 };
                all.saturating_sub(self.capacity_before(index)).saturating_sub(crowded)
            };
            (requests > 0 && slot.free_from() > at).then_some((requests, slot.free_from()))
        })
    }
}
