//! The slots of a window: in flight is exact, each request costs the same few steps, and a restart forgets nothing.

use super::slot::VISITS;
use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

/// How many slots something looks at.
fn visits(act: impl FnOnce()) -> u64 {
    VISITS.with(|visits| visits.set(0));
    act();
    VISITS.with(|visits| visits.get())
}

#[test]
fn a_request_costs_the_same_few_steps_whatever_the_limit() {
    let table =
        [(200, 200), (200, 12), (65_535, 65_535), (1_000_000, 65_535), (1_000_000, 4_096), (1_000_000, 16)];
    for (limit, slots) in table {
        let mut quota = with_slots(Windows::one(window(limit, 60)), slots);
        let (mut now, requests) = (0, u64::from(limit.min(34_000)) * 2);
        let all = visits(|| {
            for _ in 0..requests {
                while let Some((until, _)) = quota.wait(now) {
                    now = until.as_millis();
                }
                let ticket = quota.take(PAGES, at(now), at(now + 30_000));
                now += 1;
                quota.admit(ticket, now);
            }
        });
        assert!(all <= 30 * requests, "{limit} in {slots}: {} slots a request", all / requests);
    }
}

#[test]
fn a_full_window_is_asked_about_without_a_walk() {
    for (limit, slots) in [(65_535, 65_535), (1_000_000, 65_535)] {
        let mut quota =
            Quota::new(Windows::one(window(limit, 60)), Terms::DEFAULT, std::vec![Slot::FREE; slots])
                .unwrap();
        quota.begin(at(0));
        for share in [limit, limit / 2, 1] {
            let seen = visits(|| assert_eq!(quota.log.view(0).opens(share), 60_250));
            assert!(seen <= 4, "{seen} slots for a share of {share}");
        }
    }
}

#[test]
fn a_timeout_leaves_nothing_in_flight_while_another_request_overlaps_it() {
    for slots in [6, 5] {
        let mut quota = with_slots(Windows::one(window(6, 60)), slots);
        // Each is given up at its deadline, and the next one left before that.
        let mut before = None;
        for i in 0..5 {
            let (now, deadline) = (i * 10_000, i * 10_000 + 11_000);
            let ticket = quota.take(PAGES, at(now), at(deadline));
            if let Some(before) = before.replace(ticket) {
                let verdict = Verdict::Unclear;
                let (nothing, clock) = (Limits::default(), ServerClock::Unknown);
                quota.answered(before, at(now + 1_000), &clock, verdict, &nothing, None);
            }
            assert_eq!(quota.in_flight(at(now + 1_000)), 1, "request {i} with {slots} slots");
        }
    }
}

#[test]
fn a_request_whose_driver_went_away_is_not_in_flight_and_keeps_its_slot_until_its_deadline() {
    for slots in [2, 1] {
        let mut quota = with_slots(Windows::one(window(2, 60)), slots);
        let [gone, other] = [1_000, 2_000].map(|now| quota.take(PAGES, at(now), at(now + 30_000)));
        assert_eq!(quota.in_flight(at(2_000)), 2, "{slots} slots");
        quota.dropped(gone, at(3_000));
        assert_eq!(quota.in_flight(at(3_000)), 1, "{slots} slots");
        quota.admit(other, 4_000);
        assert_eq!(quota.in_flight(at(4_000)), 0, "{slots} slots");
        let first = if slots == 2 { 4_000 } else { 32_000 };
        assert_eq!(quota.wait(4_000).map(|(until, _)| until), Some(at(first + 60_250)), "{slots} slots");
        let ticket = quota.take(PAGES, at(first + 60_250), at(first + 60_250));
        quota.admit(ticket, first + 60_250);
        let second = if slots == 2 { 31_000 + 60_250 } else { first + 60_250 };
        assert!(quota.wait(first + 60_250).is_none_or(|(until, _)| until >= at(second)), "{slots} slots");
    }
}

#[test]
fn a_dropped_request_is_restored_with_those_that_were_answered() {
    let mut quota = quota(Windows::one(window(2, 60)));
    let gone = quota.take(PAGES, at(0), at(30_000));
    quota.dropped(gone, at(1_000));
    let held: Vec<Held> = quota.held(at(2_000)).collect();
    assert_eq!(held, [Held { window: 0, requests: 1, left: Duration::from_millis(88_250) }]);
    assert_eq!(quota.in_flight(at(2_000)), 0);
    // It may have arrived as late as its deadline, or as the restart if that was earlier.
    for (off, left) in [(0, 60_250), (28_000, 60_250), (38_000, 50_250)] {
        let mut after = super::quota(Windows::one(window(2, 60)));
        let held: Vec<Held> = held.iter().map(|held| held.later(Duration::from_millis(off))).collect();
        after.restore(held, 0, Learned::default(), Duration::ZERO, at(0));
        assert_eq!(after.held(at(0)).map(|held| held.left.as_millis()).collect::<Vec<_>>(), [left], "{off}");
    }
}

#[test]
fn a_request_of_which_nothing_is_ever_heard_frees_itself() {
    for slots in [3, 1] {
        let mut quota = with_slots(Windows::one(window(3, 60)), slots);
        for now in [0, 1_000, 2_000] {
            let _ = quota.take(PAGES, at(now), at(now + 30_000));
        }
        let [first, last] = if slots == 3 { [90_250, 92_250] } else { [92_250, 92_250] };
        assert_eq!(quota.wait(3_000).map(|(until, _)| until), Some(at(first)));
        assert_eq!(quota.in_flight(at(32_000)), 0);
        assert_eq!(quota.log.held_at(0, tick(last)), 0);
    }
}

#[test]
fn what_was_given_up_before_the_beginning_does_not_keep_a_window_from_being_used_up() {
    for slots in [21, 2, 1] {
        let slots = std::vec![Slot::FREE; slots];
        let mut quota = Quota::new(Windows::one(window(21, 60)), Terms::DEFAULT, slots).unwrap();
        let _ = quota.take(PAGES, at(0), at(0));
        quota.begin(at(500));
        assert_eq!(quota.log.held_at(0, tick(500)), 21);
        assert_eq!(quota.wait(500).map(|(until, _)| until), Some(at(60_750)));
    }
}

#[test]
fn a_slot_that_several_share_stands_for_all_of_them_after_a_restart() {
    for (limit, slots) in [(200, 50), (200, 7), (200, 1), (200, 199), (1_000_000, 50)] {
        let windows = Windows::one(window(limit, 60));
        let mut before = with_slots(windows, slots);
        for _ in 0..limit.min(200) {
            let ticket = before.take(PAGES, at(0), at(30_000));
            before.admit(ticket, 0);
        }
        let used: u32 = before.held(at(0)).map(|held| held.requests).sum();
        assert_eq!(used, limit.min(200), "{slots} slots");
        for after in [slots, slots.div_ceil(2), limit.min(300) as usize] {
            let mut after = with_slots(windows, after.max(16).min(limit as usize));
            restore(&mut after, before.held(at(0)), 0);
            let full = Some((at(60_250), Reason::Window(window(limit, 60))));
            assert_eq!(after.wait(0), full.filter(|_| limit == 200), "{slots} slots");
            assert_eq!(after.wait(60_250), None);
        }
    }
}

#[test]
fn with_less_slots_than_requests_on_their_way_all_of_them_count() {
    for slots in 1..=8 {
        let mut quota = with_slots(Windows::one(window(8, 60)), slots);
        let tickets: Vec<_> = (0..8).map(|i| quota.take(PAGES, at(i), at(30_000 + i))).collect();
        assert_eq!((quota.in_flight(at(8)), quota.log.held_at(0, tick(8))), (8, 8), "{slots} slots");
        assert!(quota.wait(8).is_some());
        for (i, ticket) in (0..).zip(tickets) {
            quota.admit(ticket, 100 + i);
            assert_eq!(u64::from(quota.in_flight(at(100 + i))), 7 - i, "{slots} slots");
        }
        // What is held until the deadline is no longer than that.
        let (until, _) = quota.wait(108).unwrap();
        assert!((at(60_350)..=at(90_257)).contains(&until), "{slots} slots: {until:?}");
        assert!(slots > 1 || until == at(60_357), "the last one of the crowd lowers its slot");
    }
}

#[test]
fn memory_of_unknown_size_serves_as_well() {
    let mut quota =
        Quota::new(Windows::one(window(1, 60)), Terms::DEFAULT, [Slot::FREE; 1]).unwrap().unused();
    let quota: &mut Quota<dyn Slots> = &mut quota;
    let ticket = quota.take(PAGES, at(0), at(30_000));
    let clock = ServerClock::Unknown;
    quota.answered(ticket, at(50), &clock, Verdict::Admitted, &Limits::default(), None);
    assert_eq!(quota.opens(PAGES, &clock, at(50)).map(|(until, _)| until), Some(at(60_300)));
    assert_eq!((quota.in_flight(at(50)), quota.held(at(50)).count()), (0, 1));
}

fn restore(quota: &mut Quota<Vec<Slot>>, held: impl IntoIterator<Item = Held>, in_flight: u32) {
    quota.restore(held, in_flight, Learned::default(), Duration::ZERO, at(0));
}

/// What becomes of a request on its way.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Answered,
    /// Its failure is known at its deadline, or a little later.
    TimedOut,
    Dropped,
    Vanished,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Answered),
        1 => Just(Fate::TimedOut),
        1 => Just(Fate::Dropped),
        1 => Just(Fate::Vanished),
    ]
}

const PERIOD: u64 = 10_000;
const DEADLINE: u64 = 4_000;

/// A client of which the process may end at any time, and what arrives at the server.
struct World {
    window: Window,
    slots: Vec<usize>,
    quota: Quota<Vec<Slot>>,
    now: u64,
    /// When each is settled, and how.
    on_their_way: Vec<(u64, Ticket, Fate)>,
    arrivals: Vec<u64>,
}

impl World {
    fn new(limit: u32, slots: Vec<usize>) -> Self {
        let window = Window::new(limit, Duration::from_millis(PERIOD)).with_slack(Duration::from_millis(20));
        let quota = with_slots(Windows::one(window), slots[0].min(limit as usize));
        Self { window, slots, quota, now: 1_000, on_their_way: Vec::new(), arrivals: Vec::new() }
    }

    fn settle_due(&mut self) {
        self.on_their_way.sort_by_key(|(when, ..)| *when);
        while let Some((when, ticket, fate)) =
            self.on_their_way.first().copied().filter(|next| next.0 <= self.now)
        {
            _ = self.on_their_way.remove(0);
            match fate {
                Fate::Answered | Fate::TimedOut => self.quota.admit(ticket, when),
                Fate::Dropped => self.quota.dropped(ticket, at(when)),
                Fate::Vanished => {}
            }
        }
        // Each that is not given up or dropped is in flight, and nothing else.
        let in_flight =
            self.on_their_way.iter().filter(|(_, ticket, _)| ticket.deadline > at(self.now)).count();
        assert!(self.quota.in_flight(at(self.now)) as usize >= in_flight);
        if self.quota.log.windows().all(|(_, window)| self.quota.log_is_exact(window)) {
            assert_eq!(self.quota.in_flight(at(self.now)) as usize, in_flight);
        }
    }

    fn wait(&mut self) {
        while let Some((until, _)) = self.quota.wait(self.now) {
            let next = self.on_their_way.iter().map(|(when, ..)| *when).min();
            self.now = next.map_or(until.as_millis(), |next| until.as_millis().min(next.max(self.now + 1)));
            self.settle_due();
        }
    }

    fn send(&mut self, there: u64, back: u64, fate: Fate) {
        let ticket = self.quota.take(PAGES, at(self.now), at(self.now + DEADLINE));
        let (arrives, settled) = match fate {
            Fate::Answered => (there, there + back),
            Fate::TimedOut => (there, DEADLINE + back % 40),
            Fate::Dropped => (there, back),
            Fate::Vanished => (there, DEADLINE),
        };
        self.arrivals.push(self.now + arrives);
        self.on_their_way.push((self.now + settled, ticket, fate));
    }

    /// The process ends and starts again, perhaps with more memory, or less. What was on its way has arrived by then.
    fn restart(&mut self, number: usize) {
        let held: Vec<_> = self.quota.held(at(self.now)).collect();
        let in_flight = self.quota.in_flight(at(self.now));
        self.on_their_way.clear();
        for arrival in &mut self.arrivals {
            *arrival = (*arrival).min(self.now);
        }
        let slots = self.slots[number % self.slots.len()].min(self.window.limit as usize);
        self.quota = with_slots(Windows::one(self.window), slots);
        let hints = (Learned::default(), Duration::ZERO);
        self.quota.restore(held, in_flight, hints.0, hints.1, at(self.now));
        let opens = self.quota.wait(self.now).map_or(self.now, |(until, _)| until.as_millis());
        assert!(opens <= self.now + PERIOD + 20, "it opens within one recovery");
    }

    fn is_ever_rejected(&mut self) -> bool {
        self.arrivals.sort_unstable();
        let mut latest = VecDeque::new();
        self.arrivals.iter().any(|arrival| {
            while latest.front().is_some_and(|first| arrival - first >= PERIOD) {
                latest.pop_front();
            }
            latest.push_back(*arrival);
            latest.len() > self.window.limit as usize
        })
    }
}

impl Quota<Vec<Slot>> {
    fn log_is_exact(&self, window: Window) -> bool {
        self.log.memory().len() == window.limit as usize
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// For any number of slots and any history, over restarts too, no window of any phase gets more than its limit, and the
    /// gate opens again within one recovery. What is in flight is exact where each request has a slot.
    #[test]
    fn no_history_and_no_restart_lets_too_many_through(
        limit in 1_u32..24,
        slots in proptest::collection::vec(1_usize..24, 1..4),
        trips in proptest::collection::vec(
            (0_u64..1_500, 0_u64..1_500, 0_u64..400, fate(), any::<bool>(), 0_u8..25), 1..160,
        ),
    ) {
        let mut world = World::new(limit, slots);
        for (number, (there, back, pause, fate, waits, restarts)) in (0..).zip(trips) {
            world.wait();
            world.send(there, back, fate);
            world.now += if waits { there + back } else { 0 } + pause;
            world.settle_due();
            if restarts == 0 {
                world.restart(number);
            }
        }
        prop_assert!(!world.is_ever_rejected());
    }

    /// Nothing is lost for good: whatever happened, a window after the last request all of it is there again.
    #[test]
    fn whatever_happened_all_is_free_again_a_recovery_after_the_last_deadline(
        limit in 1_u32..24,
        slots in 1_usize..24,
        trips in proptest::collection::vec((0_u64..1_500, 0_u64..1_500, fate()), 1..160),
    ) {
        let mut world = World::new(limit, [slots].into());
        for (there, back, fate) in trips {
            world.wait();
            world.send(there, back, fate);
            world.now += 5;
            world.settle_due();
        }
        let free = world.now + DEADLINE + PERIOD + 60;
        world.now = free;
        world.settle_due();
        for _ in 0..limit {
            prop_assert_eq!(world.quota.wait(free), None);
            let _ = world.quota.take(PAGES, at(free), at(free));
        }
        prop_assert!(world.quota.wait(free).is_some());
    }
}

#[test]
fn a_ticket_tells_when_its_request_left() {
    let mut quota = with_slots(Windows::one(window(6, 60)), 6);
    assert_eq!(quota.take(PAGES, at(1_500), at(9_000)).sent(), at(1_500));
}
