//! Items that come again. Where a list is paged by number or offset, rows that are added before the place where a pull stands
//! push others onto the next page. An API's ids tell such an item from a new one, and its bytes whether it is still the same:
//! only then it is left out. So many of the latest are remembered, in memory of the caller.
//!
//! That memory is a ring of marks, where a new mark takes the place of the oldest. The same places hold a table that finds an
//! id in constant time (open addressing with linear probing; at most half of it is used). Items of one page are never compared.
//! Of one id only the latest page with something new counts: an item that changes and changes back has changed twice.

use super::id::id_of;
use crate::api::Endpoint;
use crate::fingerprint;
use crate::profile::Profile;

/// Room for one item to be remembered by: see [`crate::Pull::remembering`].
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// Fingerprints of an item's id and of its bytes, in halves, for that makes a mark smaller. Of the second, the lowest bit is
    /// [`Mark::replaces`].
    id: [u32; 2],
    content: [u32; 2],
    /// Two places of the table. A place holds the number of a mark, counted from 1, or zero. In the bits above, it holds those of
    /// the id: so most marks of other ids need not be read.
    cells: [u32; 2],
}

impl Mark {
    /// Room in which nothing is remembered.
    pub const EMPTY: Self = Self { id: [0; 2], content: [0; 2], cells: [0; 2] };

    /// Whether those of earlier pages with the same id are out of date.
    const fn replaces(&self) -> bool {
        let [low, _] = self.content;
        low & 1 == 1
    }

    fn has(&self, content: [u32; 2]) -> bool {
        let ([low, high], [other_low, other_high]) = (self.content, content);
        [low | 1, high] == [other_low | 1, other_high]
    }
}

impl Default for Mark {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// What an item is to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// None of an earlier page has its id, or it has none.
    New,
    /// It has the id of an item of an earlier page, and is not the same as the latest of these.
    Updated,
    /// It is the same as the latest of an earlier page that has its id.
    Repeated,
}

/// How far an id is looked for. Where more items than that have one id, some are forgotten, which loses none of them.
const PROBES: usize = 64;

/// The latest items.
#[derive(Debug)]
pub(super) struct Deduplicator<'a> {
    marks: &'a mut [Mark],
    /// How many of them hold something.
    length: usize,
    /// Where the next one goes.
    next: usize,
    /// How many of them are of the page in hand.
    fresh: usize,
}

impl<'a> Deduplicator<'a> {
    pub(super) const fn none() -> Self {
        Self { marks: &mut [], length: 0, next: 0, fresh: 0 }
    }

    pub(super) fn remembering(marks: &'a mut [Mark]) -> Self {
        // Places are numbered in 32 bits.
        let most = usize::try_from(u32::MAX >> 2).unwrap_or(usize::MAX);
        let room = marks.len().min(most);
        let marks = marks.get_mut(..room).unwrap_or_default();
        marks.fill(Mark::EMPTY);
        Self { marks, length: 0, next: 0, fresh: 0 }
    }

    pub(super) const fn is_off(&self) -> bool {
        self.marks.is_empty()
    }

    /// What an item of the page in hand is. Where the client counts, its fingerprint goes into that of the page.
    #[inline(never)]
    pub(super) fn look<P: Profile>(&mut self, endpoint: &Endpoint<'_>, item: &[u8], page: &mut u64) -> Known {
        let can = P::CAPABILITIES;
        let id = endpoint.id().filter(|_| can.ids && !self.is_off());
        if id.is_none() && !(can.counts() && endpoint.is_counted()) {
            return Known::New;
        }
        let content = fingerprint::of_line(item);
        *page = fingerprint::mix(*page, content).max(1);
        id.map_or(Known::New, |id| self.note(item, id, content))
    }

    /// What an item of the page in hand is, by what its member `id` holds and by the fingerprint of its bytes.
    #[inline(never)]
    pub(super) fn note(&mut self, item: &[u8], id: &str, content: u64) -> Known {
        if self.is_off() {
            return Known::New;
        }
        let Some(id) = id_of(item, id) else { return Known::New };
        let (id, content) = (halves(id), halves(content));
        let (mut known, mut is_first) = (Known::New, true);
        let mut cell = self.home(id);
        // Those of one id come in the order in which they were added.
        for _ in 0..PROBES {
            let held = self.held(cell);
            let Some(at) = self.number(held) else {
                if known != Known::Repeated {
                    self.add(id, content, known == Known::Updated && is_first, cell);
                }
                return known;
            };
            if self.may_be_of(held, id)
                && let Some(mark) = self.marks.get(at)
                && mark.id == id
            {
                match (self.is_fresh(at), mark.has(content)) {
                    // It is there once, and that is enough.
                    (true, true) => return known,
                    (true, false) => is_first = false,
                    (false, true) => known = Known::Repeated,
                    (false, false) if known == Known::New || mark.replaces() => known = Known::Updated,
                    (false, false) => {}
                }
            }
            cell = self.behind(cell);
        }
        known
    }

    /// The page is stored.
    pub(super) fn keep(&mut self) {
        self.fresh = 0;
    }

    /// The page broke off: its items will come again, and are no repetition.
    #[inline(never)]
    pub(super) fn forget(&mut self) {
        for _ in 0..self.fresh {
            self.next = self.next.checked_sub(1).unwrap_or(self.marks.len().saturating_sub(1));
            self.remove(self.next);
        }
        self.length = self.length.saturating_sub(self.fresh);
        self.fresh = 0;
    }

    /// Puts a new mark in the place of the oldest, and its number into the free cell that was found for it.
    fn add(&mut self, id: [u32; 2], content: [u32; 2], replaces: bool, cell: usize) {
        let (room, at) = (self.marks.len(), self.next);
        let mut cell = cell;
        if self.length == room {
            self.remove(at);
            // What was in its way may have moved.
            cell = self.home(id);
            while self.mark_at(cell).is_some() {
                cell = self.behind(cell);
            }
        }
        if let Some(mark) = self.marks.get_mut(at) {
            let [low, high] = content;
            (mark.id, mark.content) = (id, [low & !1 | u32::from(replaces), high]);
        }
        let [low, _] = id;
        let number = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        self.set(cell, low & !self.numbers() | number);
        self.next = at.saturating_add(1);
        if self.next >= room {
            self.next = 0;
        }
        self.length = self.length.saturating_add(1).min(room);
        self.fresh = self.fresh.saturating_add(1).min(room);
    }

    /// Takes a mark out of the table, and moves those up that were pushed on by it (Knuth, volume 3, 6.4, algorithm R).
    #[inline(never)]
    fn remove(&mut self, at: usize) {
        let Some(mark) = self.marks.get(at) else { return };
        let mut free = self.home(mark.id);
        while self.mark_at(free) != Some(at) {
            if self.mark_at(free).is_none() {
                return;
            }
            free = self.behind(free);
        }
        let mut cell = free;
        loop {
            cell = self.behind(cell);
            let held = self.held(cell);
            let Some(moved) = self.number(held) else { break };
            let home = self.marks.get(moved).map_or(0, |mark| self.home(mark.id));
            // Whether its home lies behind the free place, up to where it is: then it stays.
            let stays = if free <= cell { home > free && home <= cell } else { home > free || home <= cell };
            if !stays {
                self.set(free, held);
                free = cell;
            }
        }
        self.set(free, 0);
    }

    /// Whether a mark is of the page in hand.
    fn is_fresh(&self, at: usize) -> bool {
        let age = match self.next.checked_sub(at) {
            Some(age) if age > 0 => age,
            _ => self.next.saturating_add(self.marks.len()).saturating_sub(at),
        };
        age <= self.fresh
    }

    /// The cell in which an id is looked for first.
    fn home(&self, id: [u32; 2]) -> usize {
        let cells = u64::try_from(self.marks.len()).unwrap_or(0).saturating_mul(2);
        let [_, high] = id;
        usize::try_from(u64::from(high).saturating_mul(cells) >> 32).unwrap_or(0)
    }

    fn behind(&self, cell: usize) -> usize {
        let next = cell.saturating_add(1);
        if next >= self.marks.len().saturating_mul(2) { 0 } else { next }
    }

    fn mark_at(&self, cell: usize) -> Option<usize> {
        self.number(self.held(cell))
    }

    /// What a cell holds.
    fn held(&self, cell: usize) -> u32 {
        let mark = self.marks.get(cell >> 1);
        mark.and_then(|mark| mark.cells.get(cell & 1)).copied().unwrap_or(0)
    }

    /// The mark whose number that is.
    fn number(&self, held: u32) -> Option<usize> {
        usize::try_from((held & self.numbers()).checked_sub(1)?).ok()
    }

    /// The bits of a cell that hold a number.
    fn numbers(&self) -> u32 {
        u32::try_from(self.marks.len()).map_or(u32::MAX, |room| u32::MAX.unbounded_shr(room.leading_zeros()))
    }

    /// Whether what a cell holds may be of this id.
    fn may_be_of(&self, held: u32, [low, _]: [u32; 2]) -> bool {
        (held ^ low) & !self.numbers() == 0
    }

    fn set(&mut self, cell: usize, held: u32) {
        if let Some(place) = self.marks.get_mut(cell >> 1).and_then(|mark| mark.cells.get_mut(cell & 1)) {
            *place = held;
        }
    }
}

/// The lower half, and the upper.
fn halves(number: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::{format, string::String, vec, vec::Vec};

    fn note(items: &mut Deduplicator<'_>, item: &str) -> Known {
        items.note(item.as_bytes(), "id", fingerprint::of_bytes(item.as_bytes()))
    }

    /// Item of that id, in that state.
    fn item(id: u32, state: u32) -> String {
        format!("{{\"id\":{id},\"state\":{state}}}")
    }

    /// A page of such items, stored.
    fn page(items: &mut Deduplicator<'_>, page: &[(u32, u32)]) -> Vec<Known> {
        let known = page.iter().map(|&(id, state)| note(items, &item(id, state))).collect();
        items.keep();
        known
    }

    use Known::{New, Repeated, Updated};

    #[test]
    fn an_item_of_an_earlier_page_is_known_as_long_as_there_is_room() {
        let mut marks = [Mark::EMPTY; 3];
        let mut items = Deduplicator::remembering(&mut marks);
        assert_eq!(page(&mut items, &[(1, 0), (2, 0), (3, 0)]), [New; 3]);
        assert_eq!(page(&mut items, &[(2, 0), (4, 0)]), [Repeated, New]);
        assert_eq!(page(&mut items, &[(1, 0)]), [New], "the oldest was forgotten");
        assert_eq!(page(&mut items, &[(3, 0), (4, 0), (1, 0)]), [Repeated; 3]);
    }

    #[test]
    fn as_many_items_are_known_as_there_is_room_for() {
        let mut marks = vec![Mark::EMPTY; 500];
        let mut items = Deduplicator::remembering(&mut marks);
        let rows: Vec<_> = (0..500).map(|id| (id, 0)).collect();
        assert_eq!(page(&mut items, &rows), [New; 500]);
        assert_eq!(page(&mut items, &rows), [Repeated; 500]);
    }

    #[test]
    fn nothing_comes_again_within_one_page() {
        let mut marks = [Mark::EMPTY; 9];
        let mut items = Deduplicator::remembering(&mut marks);
        assert_eq!(page(&mut items, &[(1, 0), (1, 1), (1, 2), (1, 0)]), [New; 4]);
        assert_eq!(page(&mut items, &[(1, 0), (1, 1), (1, 2)]), [Repeated; 3], "all of them are known");
        assert_eq!(page(&mut items, &[(1, 3), (1, 4), (1, 3)]), [Updated; 3]);
        assert_eq!(page(&mut items, &[(1, 3), (1, 4)]), [Repeated; 2]);
    }

    #[test]
    fn an_item_that_changes_back_is_handed_over_again() {
        let mut marks = [Mark::EMPTY; 9];
        let mut items = Deduplicator::remembering(&mut marks);
        assert_eq!(page(&mut items, &[(1, 0), (1, 1)]), [New; 2]);
        assert_eq!(page(&mut items, &[(1, 2)]), [Updated]);
        assert_eq!(page(&mut items, &[(1, 0)]), [Updated]);
        assert_eq!(page(&mut items, &[(1, 0)]), [Repeated]);
        // A page that broke off changed nothing.
        assert_eq!(note(&mut items, &item(1, 2)), Updated);
        items.forget();
        assert_eq!(page(&mut items, &[(1, 0)]), [Repeated]);
        assert_eq!(page(&mut items, &[(1, 2), (1, 1)]), [Updated; 2]);
    }

    #[test]
    fn an_item_without_an_id_or_without_memory_is_new() {
        let mut items = Deduplicator::none();
        assert_eq!(page(&mut items, &[(1, 0)]), [New]);
        assert_eq!(page(&mut items, &[(1, 0)]), [New]);
        let mut marks = [Mark::EMPTY; 4];
        let mut items = Deduplicator::remembering(&mut marks);
        for _ in 0..2 {
            assert_eq!(note(&mut items, "{\"no\":1}"), New);
            items.keep();
        }
    }

    #[test]
    fn what_a_broken_page_had_is_no_repetition() {
        let mut marks = [Mark::EMPTY; 8];
        let mut items = Deduplicator::remembering(&mut marks);
        page(&mut items, &[(1, 0)]);
        assert_eq!(note(&mut items, &item(2, 0)), New);
        assert_eq!(note(&mut items, &item(1, 1)), Updated);
        items.forget();
        assert_eq!(page(&mut items, &[(1, 0), (2, 0), (1, 1)]), [Repeated, New, Updated]);
    }

    /// The same without a table: what is remembered, in its order, each with the number of its page.
    struct Plain {
        room: usize,
        known: VecDeque<((u32, u32), u32)>,
        page: u32,
    }

    impl Plain {
        fn note(&mut self, item: (u32, u32)) -> Known {
            let of_id = self.known.iter().filter(|(other, _)| other.0 == item.0);
            let latest = of_id.map(|(_, page)| *page).filter(|page| *page < self.page).max();
            let known = match latest {
                None => New,
                Some(page) if self.known.contains(&(item, page)) => Repeated,
                Some(_) => Updated,
            };
            if known != Repeated && !self.known.contains(&(item, self.page)) {
                self.known.push_back((item, self.page));
                if self.known.len() > self.room {
                    self.known.pop_front();
                }
            }
            known
        }

        fn forget(&mut self) {
            self.known.retain(|(_, page)| *page < self.page);
        }
    }

    #[test]
    fn the_table_says_what_a_search_of_all_would_say() {
        let mut random = fastrand::Rng::with_seed(7);
        for room in [1, 2, 3, 5, 8, 13, 40] {
            let mut marks = vec![Mark::EMPTY; room];
            let mut items = Deduplicator::remembering(&mut marks);
            let mut plain = Plain { room, known: VecDeque::new(), page: 0 };
            for turn in 0..1_000 {
                for _ in 0..random.usize(0..=room + 2) {
                    // Few states of each, so that no id is looked for too far.
                    let (id, state) = (random.u32(0..60), random.u32(0..3));
                    let (found, expected) = (note(&mut items, &item(id, state)), plain.note((id, state)));
                    assert_eq!(found, expected, "room {room}, turn {turn}, item {id} {state}");
                }
                if random.bool() {
                    items.keep();
                    plain.page += 1;
                } else {
                    items.forget();
                    plain.forget();
                }
            }
        }
    }

    #[test]
    fn many_items_of_one_id_cost_no_more_than_others_and_none_is_lost() {
        let mut marks = vec![Mark::EMPTY; 5_000];
        let mut items = Deduplicator::remembering(&mut marks);
        for state in 0..20_000 {
            assert_eq!(note(&mut items, &item(1, state)), New, "{state}");
        }
        items.keep();
        assert_eq!(note(&mut items, &item(1, 0)), Repeated);
        assert_eq!(note(&mut items, &item(1, 19_999)), Updated, "forgotten, and handed over again");
        assert_eq!(note(&mut items, &item(2, 0)), New);
    }
}
