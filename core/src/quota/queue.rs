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
use super::tick::Millis;
use super::window::{Calls, LimiterKind, Window};

/// The longest period in milliseconds: with a request on its way and the time until the base moves along, it fits into 31 bits.
const LONGEST_PERIOD: u32 = 1 << 30;

/// What is left of the crowd's byte for its number.
const CROWD: u8 = 0x7f;
/// The value of the crowd's slot is not lowered by an answer.
const IS_FIRM: u8 = 0x80;

/// What becomes of a request, or of all that a window admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It leaves.
    Left,
    /// It was answered, or its failure is known.
    Answered,
    /// Its driver went away. It may arrive until its deadline.
    Dropped,
    /// The window may have been used up until now.
    Spent,
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

    pub(super) fn new(window: &Window, slots: u16) -> Result<Self, QuotaError> {
        let period = u32::try_from(window.period.as_millis()).unwrap_or(u32::MAX);
        let Ok(slack) = u16::try_from(window.slack.as_millis()) else { return Err(QuotaError::TooLong) };
        if period > LONGEST_PERIOD {
            return Err(QuotaError::TooLong);
        }
        if window.limit == 0 {
            return Err(QuotaError::LimitIsZero);
        }
        let needed = window.limit.div_ceil(u16::MAX.into());
        if u32::from(slots) < needed {
            return Err(QuotaError::TooFewSlots { needed: usize::try_from(needed).unwrap_or(usize::MAX) });
        }
        Ok(Self {
            limit: window.limit,
            period,
            slack,
            kind: window.kind.code(),
            counts: window.counts,
            slots,
            ..Self::NONE
        })
    }

    pub(super) fn window(&self) -> Window {
        Window {
            limit: self.limit,
            period: self.period().duration(),
            slack: self.slack().duration(),
            counts: self.counts,
            kind: self.kind(),
        }
    }

    pub(super) fn period(&self) -> Millis {
        Millis::new(self.period)
    }

    pub(super) fn two_periods(&self) -> Millis {
        self.period().times(2)
    }

    /// One of so many equal parts of the period.
    pub(super) fn part_of_period(&self, of: u32) -> Millis {
        self.period().part(of)
    }

    pub(super) fn slack(&self) -> Millis {
        Millis::new(self.slack.into())
    }

    pub(super) fn kind(&self) -> LimiterKind {
        LimiterKind::of_code(self.kind)
    }

    /// Whether its limiter takes bursts badly.
    pub(super) fn wants_even(&self) -> bool {
        self.kind >= LimiterKind::Counter.code()
    }

    /// Whether its window is longer than another, or as long and tighter.
    pub(super) fn is_longer(&self, other: &Self) -> bool {
        self.period > other.period || self.period == other.period && self.limit < other.limit
    }

    /// From an answer until its slot is free again: less than 31 bits.
    pub(super) fn recovery(&self) -> Millis {
        Millis::new(self.period.wrapping_add(self.slack.into()))
    }

    /// How many requests all slots hold that are not free, and those at the front that are free again but were not
    /// taken out yet.
    fn requests(&self) -> u32 {
        self.capacity_before(self.answered()).wrapping_add(self.flying.into())
    }

    /// How many requests stand in so many slots from the front.
    #[inline(never)]
    fn capacity_before(&self, count: usize) -> u32 {
        let (each, larger) = self.capacity();
        let (from, to) = (usize::from(self.head), usize::from(self.head).wrapping_add(count));
        let wrapped = to.saturating_sub(self.slots.into()).min(larger);
        let more = to.min(larger).wrapping_sub(from.min(larger)).wrapping_add(wrapped);
        let all = each.wrapping_mul(count).wrapping_add(more);
        // The last answered one may have room.
        let room = if count == self.answered() { self.room() } else { 0 };
        u32::try_from(all.wrapping_sub(room)).unwrap_or(u32::MAX)
    }

    /// How many requests each slot stands for, and how many slots stand for one more. The slots' capacities add up to the
    /// limit: if it is no multiple, the first ones in memory are larger.
    fn capacity(&self) -> (usize, usize) {
        let (limit, slots) = (usize::try_from(self.limit).unwrap_or(usize::MAX), usize::from(self.slots));
        let each = limit.checked_div(slots).unwrap_or(0);
        (each, limit.wrapping_sub(each.wrapping_mul(slots)))
    }

    /// For how many requests more the last slot of answered ones has room.
    #[inline(never)]
    fn room(&self) -> usize {
        if self.answered == 0 {
            return 0;
        }
        let (each, larger) = self.capacity();
        let is_larger = self.place(self.last()) < larger;
        each.wrapping_add(is_larger.into()).wrapping_sub(self.taken.into())
    }

    fn answered(&self) -> usize {
        self.answered.into()
    }

    /// The last slot of answered requests; the first one if there is none.
    fn last(&self) -> usize {
        self.answered().saturating_sub(1)
    }

    fn used(&self) -> usize {
        self.answered().wrapping_add(self.flying.into())
    }

    fn is_exact(&self) -> bool {
        u32::from(self.slots) == self.limit
    }

    /// Where in memory a slot of the queue is.
    fn place(&self, index: usize) -> usize {
        let place = usize::from(self.head).wrapping_add(index);
        place.checked_sub(self.slots.into()).unwrap_or(place)
    }

    /// How many requests crowd in the last slot of answered ones.
    pub(super) const fn crowded(&self) -> u8 {
        self.crowd & CROWD
    }
}

/// A queue and its slots, to read.
#[derive(Clone, Copy)]
pub(super) struct View<'l> {
    pub(super) queue: &'l Queue,
    pub(super) slots: &'l [Slot],
}

impl View<'_> {
    #[inline(never)]
    fn slot(&self, index: usize) -> Slot {
        #[cfg(test)]
        super::slot::VISITS.with(|visits| visits.set(visits.get() + 1));
        self.slots.get(self.queue.place(index)).copied().unwrap_or(Slot::FREE)
    }

    fn free_from(&self, index: usize) -> u32 {
        self.slot(index).free_from()
    }

    /// Whether a request of that slot is on its way.
    fn is_flying(&self, slot: Slot, at: u32) -> bool {
        !slot.is_dropped() && slot.free_from() > at.wrapping_add(self.queue.recovery().get())
    }

    /// How many requests are on their way.
    pub(super) fn in_flight(&self, at: u32) -> u32 {
        let mut count: u32 = 0;
        self.unanswered(|requests, slot| {
            count = count.wrapping_add(if self.is_flying(slot, at) { requests } else { 0 });
        });
        count
    }

    /// The requests without an answer, dropped ones and those that were given up since the queue was brought up to a moment
    /// too: how many, and their slot.
    pub(super) fn unanswered(&self, mut tell: impl FnMut(u32, Slot)) {
        let crowded = self.queue.crowded();
        let first = if crowded > 0 { self.queue.last() } else { self.queue.answered() };
        for index in first..self.queue.used() {
            let requests = if index < self.queue.answered() { crowded.into() } else { 1 };
            tell(requests, self.slot(index));
        }
    }

    /// How many requests count.
    pub(super) fn held(&self, at: u32) -> u32 {
        let mut free = 0;
        while free < self.queue.answered() && self.free_from(free) <= at {
            free = free.wrapping_add(1);
        }
        let mut held = self.queue.requests().saturating_sub(self.queue.capacity_before(free));
        for index in self.queue.answered()..self.queue.used() {
            held = held.saturating_sub((self.free_from(index) <= at).into());
        }
        held
    }

    /// The moment from which on fewer than so many requests count, if none is made: 0 if that is so already.
    #[inline(never)]
    pub(super) fn opens(&self, share: u32) -> u32 {
        let queue = self.queue;
        let needed = queue.requests().saturating_sub(share.saturating_sub(1));
        if needed == 0 {
            return 0;
        }
        let behind = needed.saturating_sub(queue.capacity_before(queue.answered()));
        if behind > 0 {
            let index = queue.answered().wrapping_add(usize::try_from(behind).unwrap_or(usize::MAX));
            // Where it is crowded the last shared slot may be free later than those behind it.
            return self.free_from(index.wrapping_sub(1)).max(self.free_from(queue.last()));
        }
        // The first slot by which so many requests are free. Nothing is read for it.
        let (mut before, mut last) = (0, queue.last());
        while before < last {
            let middle = before.wrapping_add(last) / 2;
            let is_enough = queue.capacity_before(middle.wrapping_add(1)) >= needed;
            (before, last) = if is_enough { (before, middle) } else { (middle.wrapping_add(1), last) };
        }
        self.free_from(last)
    }

    /// When the last slot is free: 0 if none is taken.
    pub(super) fn last_free(&self) -> u32 {
        match self.queue.used().checked_sub(1) {
            Some(index) => self.free_from(index).max(self.free_from(self.queue.last())),
            None => 0,
        }
    }

    /// The requests that count and are not on their way, slot by slot: how many, and until when.
    pub(super) fn counted(self, at: u32) -> impl Iterator<Item = (u32, u32)> {
        (0..self.queue.used()).filter_map(move |index| {
            let slot = self.slot(index);
            let requests = if index >= self.queue.answered() {
                u32::from(!self.is_flying(slot, at))
            } else {
                let before = self.queue.capacity_before(index);
                let all = self.queue.capacity_before(index.wrapping_add(1)).wrapping_sub(before);
                let crowds = index == self.queue.last() && self.is_flying(slot, at);
                if crowds { all.saturating_sub(self.queue.crowded().into()) } else { all }
            };
            (requests > 0 && slot.free_from() > at).then_some((requests, slot.free_from()))
        })
    }
}

/// A queue and its slots, to change.
pub(super) struct Ring<'l> {
    pub(super) queue: &'l mut Queue,
    pub(super) slots: &'l mut [Slot],
}

impl Ring<'_> {
    #[inline(never)]
    fn slot(&self, index: usize) -> Slot {
        View { queue: self.queue, slots: self.slots }.slot(index)
    }

    fn free_from(&self, index: usize) -> u32 {
        self.slot(index).free_from()
    }

    #[inline(never)]
    fn set(&mut self, index: usize, slot: Slot) {
        #[cfg(test)]
        super::slot::VISITS.with(|visits| visits.set(visits.get() + 1));
        if let Some(place) = self.slots.get_mut(self.queue.place(index)) {
            *place = slot;
        }
    }

    /// Has a slot go to another place of the queue. Those between make room.
    #[inline(never)]
    fn shift(&mut self, mut from: usize, to: usize) {
        let moved = self.slot(from);
        while from != to {
            let next = if from < to { from.wrapping_add(1) } else { from.wrapping_sub(1) };
            self.set(from, self.slot(next));
            from = next;
        }
        self.set(to, moved);
    }

    /// Where in a part of the queue one belongs that is free at `free_from`: behind all that are free no later.
    #[inline(never)]
    fn behind(&self, first: usize, mut end: usize, free_from: u32) -> usize {
        while end > first && self.free_from(end.wrapping_sub(1)) > free_from {
            end = end.wrapping_sub(1);
        }
        end
    }

    /// Has an answered slot be free at `free_from`, and no earlier than the one before it.
    #[inline(never)]
    fn put(&mut self, index: usize, free_from: u32) {
        let before = if index == 0 { 0 } else { self.free_from(index.wrapping_sub(1)) };
        self.set(index, Slot::free_from_then(free_from.max(before)));
    }

    /// The same, and no earlier than it is now.
    #[inline(never)]
    fn raise(&mut self, index: usize, free_from: u32) {
        self.put(index, free_from.max(self.free_from(index)));
    }

    /// So many requests more share the last slot of answered ones. It stands for less than 65,536.
    fn join(&mut self, free_from: u32, requests: usize) {
        self.raise(self.queue.last(), free_from);
        self.queue.taken = self.queue.taken.wrapping_add(requests as u16);
    }

    /// A slot becomes one of answered requests, with one request in it.
    #[inline(never)]
    fn open(&mut self, index: usize, free_from: u32) {
        self.put(index, free_from);
        self.queue.answered = self.queue.answered.wrapping_add(1);
        self.queue.taken = 1;
    }

    /// Takes the front out.
    #[inline(never)]
    fn pop(&mut self) {
        let queue = &mut *self.queue;
        queue.head = queue.place(1) as u16;
        if queue.answered == 0 {
            queue.flying = queue.flying.wrapping_sub(1);
            return;
        }
        queue.answered = queue.answered.wrapping_sub(1);
        if queue.answered == 0 {
            (queue.taken, queue.crowd) = (0, 0);
        }
    }

    /// Brings the queue up to a moment: requests that were given up are no longer on their way, and slots that are free
    /// again are taken out.
    #[inline(never)]
    pub(super) fn clean(&mut self, at: u32) {
        let given_up = at.wrapping_add(self.queue.recovery().get());
        while self.queue.flying > 0 {
            let free_from = self.free_from(self.queue.answered());
            if free_from > given_up {
                break;
            }
            self.settle(self.queue.answered(), free_from);
        }
        if self.free_from(self.queue.last()) <= given_up {
            self.queue.crowd = 0;
        }
        while self.queue.answered > 0 && self.free_from(0) <= at {
            self.pop();
        }
    }

    /// Something becomes now of a request that is given up at `deadline`.
    #[inline(never)]
    pub(super) fn change(&mut self, change: Change, deadline: u32, at: u32) {
        self.clean(at);
        let given_up = deadline.wrapping_add(self.queue.recovery().get());
        let free_from = at.wrapping_add(self.queue.recovery().get());
        match change {
            Change::Left => self.take(given_up),
            Change::Answered if given_up > free_from => self.answer(given_up, free_from),
            // By now another request may have its slot.
            Change::Answered if given_up <= at => {}
            Change::Answered => self.answer_late(given_up, free_from),
            Change::Dropped => self.drop_one(given_up, free_from),
            Change::Spent => {
                self.raise_from(0, free_from);
                self.add(self.queue.limit, free_from);
            }
        }
    }

    /// A request leaves, whose slot is free at `free_from` if it is never answered.
    fn take(&mut self, free_from: u32) {
        let slots = usize::from(self.queue.slots);
        if self.queue.used() >= slots && (self.queue.is_exact() || !self.make_room()) {
            self.pop();
        }
        let end = self.queue.used();
        if end >= slots {
            self.join(free_from, 1);
            return self.join_crowd();
        }
        let index = self.behind(self.queue.answered(), end, free_from);
        self.shift(end, index);
        self.set(index, Slot::free_from_then(free_from));
        self.queue.flying = self.queue.flying.wrapping_add(1);
    }

    /// Where slots are shared and none is left, requests on their way begin to share one. Tells whether it has room.
    fn make_room(&mut self) -> bool {
        while self.queue.room() == 0 && self.queue.flying > 0 {
            let first = self.queue.answered();
            self.queue.flying = self.queue.flying.wrapping_sub(1);
            self.open(first, self.free_from(first));
            // One that was dropped may arrive like the others, and counts as on its way again.
            self.join_crowd();
        }
        self.queue.room() > 0
    }

    /// Which of the slots behind the answered ones is that of a request with this deadline.
    #[inline(never)]
    fn find(&self, free_from: u32) -> Option<usize> {
        let sought = Slot::free_from_then(free_from);
        (self.queue.answered()..self.queue.used()).find(|index| self.slot(*index) == sought)
    }

    /// The request on its way that has this slot becomes an answered one.
    #[inline(never)]
    fn settle(&mut self, index: usize, free_from: u32) {
        self.queue.flying = self.queue.flying.wrapping_sub(1);
        if self.queue.room() > 0 {
            self.shift(index, self.queue.used());
            self.join(free_from, 1);
        } else {
            let answered = self.queue.answered();
            self.shift(index, answered);
            self.open(answered, free_from);
        }
    }

    /// A request was answered, or its failure is known: its slot is free at `free_from`, and not only when it is given up.
    fn answer(&mut self, given_up: u32, free_from: u32) {
        if let Some(index) = self.find(given_up) {
            self.settle(index, free_from);
        } else if self.queue.crowd == 1 {
            // All that crowd in the last slot are answered, this one last.
            self.queue.crowd = 0;
            let last = self.queue.last();
            self.put(last, free_from.min(self.free_from(last)));
        } else {
            self.leave_crowd();
        }
    }

    #[inline(never)]
    fn join_crowd(&mut self) {
        let crowd = &mut self.queue.crowd;
        *crowd = if *crowd & CROWD == CROWD { u8::MAX } else { crowd.wrapping_add(1) };
    }

    #[inline(never)]
    fn leave_crowd(&mut self) {
        let left = self.queue.crowded().saturating_sub(1);
        self.queue.crowd = self.queue.crowd & IS_FIRM | left;
    }

    /// It was given up before, and stands among the answered ones.
    fn answer_late(&mut self, given_up: u32, free_from: u32) {
        let mut index = self.behind(0, self.queue.answered(), given_up.wrapping_sub(1));
        let last = self.queue.last();
        if index < last && self.free_from(index) == given_up {
            self.shift(index, last);
            index = last;
        }
        self.raise_from(index, free_from);
    }

    /// Has the answered slots from that one on be free no earlier than `free_from`.
    fn raise_from(&mut self, mut index: usize, free_from: u32) {
        while index < self.queue.answered() {
            self.raise(index, free_from);
            index = index.wrapping_add(1);
        }
    }

    /// The driver of a request went away: it is no longer on its way, and its slot is kept until its deadline.
    fn drop_one(&mut self, given_up: u32, free_from: u32) {
        if let Some(index) = self.find(given_up) {
            self.set(index, Slot::dropped(given_up));
        } else if given_up > free_from {
            self.leave_crowd();
            // It may arrive until its deadline. Requests that join the slot later do not change that.
            self.queue.crowd |= IS_FIRM;
        }
    }

    /// Counts answered requests of before, whose slots are free at `free_from`.
    #[inline(never)]
    pub(super) fn add(&mut self, requests: u32, free_from: u32) {
        let mut left = usize::try_from(requests).unwrap_or(usize::MAX);
        while left > 0 {
            let fit = self.queue.room().min(left);
            if fit > 0 {
                self.join(free_from, fit);
                left = left.wrapping_sub(fit);
                continue;
            }
            let (mut index, mut end) = (self.queue.answered(), self.queue.used());
            let is_exact = self.queue.is_exact();
            if end >= self.queue.slots.into() {
                // More than the limit: what is free first gives way.
                if index > 0 && !is_exact {
                    return self.raise(self.queue.last(), free_from);
                }
                if index == 0 || self.free_from(0) >= free_from {
                    return;
                }
                self.pop();
                (index, end) = (index.wrapping_sub(1), end.wrapping_sub(1));
            }
            // What is restored may come in any order.
            if is_exact {
                index = self.behind(0, index, free_from);
            }
            self.shift(end, index);
            self.open(index, free_from);
            left = left.wrapping_sub(1);
        }
    }
}
