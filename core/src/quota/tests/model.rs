//! A queue against a plain list of requests. With a slot for each request it gives the same answers to every question, whatever
//! happens. With fewer it is on the safe side.

use super::queue::{Change, Queue, Ring, View};
use super::*;

const PERIOD: u64 = 100;
const RECOVERY: u32 = 100;

/// What a request is to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    OnItsWay,
    Dropped,
    Settled,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    deadline: u32,
    free_from: u32,
    is: Is,
}

/// The requests of one window, as a plain list.
#[derive(Debug, Default)]
struct List {
    limit: usize,
    requests: Vec<Request>,
}

impl List {
    /// Those that were given up are settled, and those that no longer count are gone.
    fn clean(&mut self, at: u32) {
        for request in self.requests.iter_mut().filter(|request| request.deadline <= at) {
            request.is = Is::Settled;
        }
        self.requests.retain(|request| request.free_from > at);
    }

    fn take(&mut self, deadline: u32, at: u32) {
        self.clean(at);
        self.requests.push(Request { deadline, free_from: deadline + RECOVERY, is: Is::OnItsWay });
    }

    /// One with this deadline is answered or given up by its driver. Of several with one deadline, those on their way go first.
    fn settle(&mut self, deadline: u32, change: Change, at: u32) {
        self.clean(at);
        let is_late = deadline <= at;
        let of = |request: &Request| request.deadline == deadline && request.free_from == deadline + RECOVERY;
        let wanted = if is_late { Is::Settled } else { Is::OnItsWay };
        let found = self.requests.iter_mut().find(|request| of(request) && request.is == wanted);
        match (found, change) {
            (Some(request), Change::Answered) => {
                (request.free_from, request.is) = (at + RECOVERY, Is::Settled);
            }
            (Some(request), Change::Dropped) if !is_late => request.is = Is::Dropped,
            _ => {}
        }
    }

    /// Of more than the limit those count that are free last.
    fn restore(&mut self, requests: u32, free_from: u32) {
        let restored = Request { deadline: 0, free_from, is: Is::Settled };
        self.requests.extend(std::iter::repeat_n(restored, requests as usize));
        self.requests.sort_by_key(|request| std::cmp::Reverse(request.free_from));
        self.requests.truncate(self.limit);
    }

    /// When fewer than so many requests count.
    fn opens(&self, share: usize, at: u32) -> u32 {
        let mut counted: Vec<u32> = self.requests.iter().map(|request| request.free_from).collect();
        counted.retain(|free_from| *free_from > at);
        counted.sort_unstable();
        match (counted.len() + 1).checked_sub(share.max(1)) {
            None | Some(0) => 0,
            Some(needed) => counted[needed - 1],
        }
    }

    fn held(&self, at: u32) -> usize {
        self.requests.iter().filter(|request| request.free_from > at).count()
    }

    fn in_flight(&self, at: u32) -> usize {
        let is_flying = |request: &&Request| request.is == Is::OnItsWay && request.deadline > at;
        self.requests.iter().filter(is_flying).count()
    }

    fn unanswered(&self) -> Vec<u32> {
        let open = self.requests.iter().filter(|request| request.is != Is::Settled);
        let mut open: Vec<u32> = open.map(|request| request.free_from).collect();
        open.sort_unstable();
        open
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % end
    }
}

/// A queue, and a plain list of the same requests.
struct Pair {
    queue: Queue,
    slots: Vec<Slot>,
    list: List,
    at: u32,
    /// The deadlines of the requests that were sent and not answered yet.
    open: Vec<u32>,
}

impl Pair {
    fn new(limit: u32, slots: u32) -> Self {
        let window = Window::new(limit, Duration::from_millis(PERIOD)).with_slack(Duration::ZERO);
        Self {
            queue: Queue::new(&window, slots as u16).unwrap(),
            slots: std::vec![Slot::FREE; slots as usize],
            list: List { limit: limit as usize, ..List::default() },
            at: 1_000,
            open: Vec::new(),
        }
    }

    fn view(&self) -> View<'_> {
        View { queue: &self.queue, slots: &self.slots }
    }

    fn ring(&mut self) -> Ring<'_> {
        Ring { queue: &mut self.queue, slots: &mut self.slots }
    }

    fn is_exact(&self) -> bool {
        self.slots.len() == self.list.limit
    }

    fn restore(&mut self, numbers: &mut Numbers) {
        let (mut requests, free_from) = (1 + numbers.below(4), self.at + numbers.below(RECOVERY + 1));
        if !self.is_exact() {
            requests = requests.min((self.list.limit - self.list.requests.len()) as u32);
        }
        let at = self.at;
        self.ring().clean(at);
        self.ring().add(requests, free_from);
        self.list.restore(requests, free_from);
    }

    fn change(&mut self, change: Change, deadline: u32) {
        let at = self.at;
        self.ring().change(change, deadline, at);
    }

    /// Some time goes by, and something happens.
    fn go_on(&mut self, numbers: &mut Numbers) {
        self.at += [0, 0, 1, 5, 20, 60][numbers.below(6) as usize];
        self.list.clean(self.at);
        let at = self.at;
        self.ring().clean(at);
        // With fewer slots a request may have to wait although there is room for it.
        let opens = self.opens(self.queue.limit, self.at);
        let room = if opens == 0 { self.list.limit - self.list.requests.len() } else { 0 };
        match numbers.below(9) {
            0..=3 if room > 0 => {
                let deadline = self.at + 1 + numbers.below(90);
                self.change(Change::Left, deadline);
                self.list.take(deadline, self.at);
                self.open.push(deadline);
            }
            what @ 4..=6 if !self.open.is_empty() => {
                let deadline = self.open.swap_remove(numbers.below(self.open.len() as u32) as usize);
                let change = if what == 6 { Change::Dropped } else { Change::Answered };
                self.change(change, deadline);
                self.list.settle(deadline, change, self.at);
            }
            // Elsewhere only before the first request.
            7 if self.is_exact() && room >= 4 => self.restore(numbers),
            _ => self.ring().clean(at),
        }
    }

    /// The requests without an answer, by when they are free.
    fn unanswered(&self) -> Vec<u32> {
        let mut unanswered = Vec::new();
        self.view().unanswered(|requests, slot| {
            unanswered.extend(std::iter::repeat_n(slot.free_from(), requests as usize));
        });
        unanswered
    }

    /// As the list counts it, the moment from which on fewer than so many requests count.
    fn opens(&self, share: u32, now: u32) -> u32 {
        let opens = self.view().opens(share);
        if opens <= now { 0 } else { opens }
    }

    fn held(&self, now: u32) -> usize {
        self.view().held(now) as usize
    }

    fn in_flight(&self, now: u32) -> usize {
        self.view().in_flight(now) as usize
    }

    /// Requests that count and are not on their way.
    fn counted(&self, now: u32) -> usize {
        self.view().counted(now).map(|(requests, _)| requests as usize).sum()
    }

    /// Now and some time later, before anything is brought up to it.
    fn moments(&self) -> [u32; 5] {
        [0, 7, 55, 130, 250].map(|later| self.at + later)
    }

    fn shown(&self, seed: u64) -> std::string::String {
        let Self { queue, slots, list, at, .. } = self;
        std::format!("seed {seed}, {at} ms: {queue:?} {slots:?} {list:?}")
    }
}

#[test]
fn a_queue_with_a_slot_for_each_request_is_a_list_of_requests() {
    for seed in 0..600 {
        let mut numbers = Numbers(seed);
        let limit = 1 + numbers.below(7);
        let mut pair = Pair::new(limit, limit);
        (0..numbers.below(4)).for_each(|_| pair.restore(&mut numbers));
        for _ in 0..80 {
            pair.go_on(&mut numbers);
            assert_eq!(pair.unanswered(), pair.list.unanswered(), "{}", pair.shown(seed));
            for now in pair.moments() {
                assert_eq!(pair.held(now), pair.list.held(now), "at {now}, {}", pair.shown(seed));
                assert_eq!(pair.in_flight(now), pair.list.in_flight(now), "at {now}, {}", pair.shown(seed));
                assert_eq!(
                    pair.counted(now) + pair.in_flight(now),
                    pair.held(now),
                    "at {now}, {}",
                    pair.shown(seed)
                );
                for share in 0..=limit {
                    let opens = pair.list.opens(share as usize, now);
                    assert_eq!(pair.opens(share, now), opens, "{share} at {now}, {}", pair.shown(seed));
                }
            }
        }
    }
}

#[test]
fn a_queue_with_fewer_slots_counts_no_less_than_a_list_and_nothing_for_ever() {
    for seed in 0..600 {
        let mut numbers = Numbers(seed);
        let limit = 2 + numbers.below(8);
        let slots = 1 + numbers.below(limit - 1);
        let mut pair = Pair::new(limit, slots);
        (0..numbers.below(4)).for_each(|_| pair.restore(&mut numbers));
        for _ in 0..80 {
            pair.go_on(&mut numbers);
            let unanswered = pair.unanswered().len();
            // One that was dropped out of a crowd is no longer told apart.
            assert!(unanswered >= pair.list.in_flight(pair.at), "{}", pair.shown(seed));
            // One that was given up may count until the last of its crowd is.
            assert!(unanswered < 80, "{}", pair.shown(seed));
            for now in pair.moments() {
                assert!(pair.held(now) >= pair.list.held(now), "at {now}, {}", pair.shown(seed));
                assert!(pair.in_flight(now) >= pair.list.in_flight(now), "at {now}, {}", pair.shown(seed));
                // Of a crowd some may count as answered too.
                let all = pair.counted(now) + pair.in_flight(now);
                assert!(all >= pair.held(now), "at {now}, {}", pair.shown(seed));
                for share in 0..=limit {
                    let opens = pair.list.opens(share as usize, now);
                    assert!(pair.opens(share, now) >= opens, "{share} at {now}, {}", pair.shown(seed));
                }
            }
        }
        // All is over: the latest deadline, and a recovery.
        pair.at += 90 + RECOVERY;
        let at = pair.at;
        pair.ring().clean(at);
        assert_eq!((pair.held(pair.at), pair.in_flight(pair.at)), (0, 0), "{}", pair.shown(seed));
        assert_eq!(pair.opens(1, pair.at), 0, "{}", pair.shown(seed));
    }
}

#[test]
fn a_crowd_that_was_given_up_is_not_on_its_way_with_the_next_one() {
    let mut pair = Pair::new(5, 1);
    pair.change(Change::Left, 1_010);
    pair.change(Change::Left, 1_010);
    assert_eq!(pair.in_flight(1_000), 2);
    pair.at = 1_011;
    pair.change(Change::Left, 1_050);
    assert_eq!(pair.in_flight(1_011), 1);
}

#[test]
fn of_more_requests_than_the_limit_the_latest_count_and_no_more_than_the_limit() {
    for slots in 1..=4 {
        let mut pair = Pair::new(4, slots);
        for deadline in 1_001..=1_007 {
            pair.change(Change::Left, deadline);
            assert!(pair.held(1_000) <= 4, "{deadline} in {slots}");
            assert_eq!(pair.opens(1, 1_000), deadline + RECOVERY, "{deadline} in {slots}");
        }
        let mut pair = Pair::new(4, slots);
        for free_from in [1_010, 1_020, 1_030] {
            pair.ring().add(3, free_from);
            assert!(pair.held(1_000) <= 4, "{free_from} in {slots}");
            assert_eq!(pair.opens(1, 1_000), free_from, "{free_from} in {slots}");
        }
    }
}
