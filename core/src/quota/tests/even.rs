//! On limiters that take bursts badly: named, nothing is rejected.

use super::*;
use proptest::prelude::*;

pub(super) const PERIOD: u64 = 10_000;

/// A limiter, written from its definition: in times of thousandths of a millisecond, so that nothing is rounded.
#[derive(Clone, Debug)]
pub(super) enum Limiter {
    /// Requests of the window in hand, and of the one before.
    Counter { limit: u64, phase: u64, number: u64, used: u64, before: u64 },
    /// Tokens, in parts of one.
    Bucket { limit: u64, burst: u64, parts: u64, at: u64 },
}

impl Limiter {
    pub(super) fn counter(limit: u32, phase: u64) -> Self {
        Self::Counter { limit: limit.into(), phase, number: 0, used: 0, before: 0 }
    }

    pub(super) fn bucket(limit: u32, burst: u32) -> Self {
        Self::Bucket { limit: limit.into(), burst: burst.into(), parts: u64::from(burst) * PERIOD, at: 0 }
    }

    pub(super) fn admits(&mut self, now: u64) -> bool {
        match self {
            Self::Counter { limit, phase, number, used, before } => {
                let in_hand = (now + *phase) / PERIOD;
                if in_hand != *number {
                    *before = if in_hand == *number + 1 { *used } else { 0 };
                    (*number, *used) = (in_hand, 0);
                }
                let remaining = PERIOD - (now + *phase) % PERIOD;
                let is_admitted = *used * PERIOD + *before * remaining < *limit * PERIOD;
                *used += u64::from(is_admitted);
                is_admitted
            }
            Self::Bucket { limit, burst, parts, at } => {
                *parts = (*parts + (now - *at) * *limit).min(*burst * PERIOD);
                *at = now;
                let is_admitted = *parts >= PERIOD;
                *parts -= if is_admitted { PERIOD } else { 0 };
                is_admitted
            }
        }
    }
}

fn kind_and_limiter() -> impl Strategy<Value = (u32, LimiterKind, Limiter)> {
    (2_u32..40, 0..PERIOD, 0_u32..8).prop_map(|(limit, phase, burst)| match burst {
        0..3 => (limit, LimiterKind::Counter, Limiter::counter(limit, phase)),
        _ => {
            let burst = burst - 2;
            (limit, LimiterKind::Bucket { burst }, Limiter::bucket(limit, burst))
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever the latencies, in whatever order answers come, and with several requests on their way: a sole consumer
    /// that knows of the kind is never rejected.
    #[test]
    fn a_named_limiter_rejects_nothing(
        (limit, kind, mut limiter) in kind_and_limiter(),
        trips in proptest::collection::vec((0_u64..1_500, 0_u64..1_500, 0_u64..300, any::<bool>()), 1..150),
        restart_after in 0_usize..200,
    ) {
        let window = Window::new(limit, Duration::from_millis(PERIOD)).kind(kind);
        let mut quota = quota(Windows::one(window));
        let mut now = 50_000;
        let mut arrivals = Vec::new();
        let mut on_their_way: Vec<(u64, Ticket)> = Vec::new();
        let settle = |quota: &mut Quota<_>, on_their_way: &mut Vec<(u64, Ticket)>, now: u64| {
            on_their_way.sort_by_key(|(heard, _)| *heard);
            on_their_way.retain(|(heard, ticket)| {
                if *heard <= now { quota.admit(*ticket, *heard) }
                *heard > now
            });
        };
        for (number, (there, back, pause, waits)) in (0..).zip(trips) {
            settle(&mut quota, &mut on_their_way, now);
            while let Some((until, _)) = quota.wait(now) {
                let next = on_their_way.iter().map(|(heard, _)| *heard).min();
                now = next.map_or(until.as_millis(), |heard| until.as_millis().min(heard.max(now + 1)));
                settle(&mut quota, &mut on_their_way, now);
            }
            let ticket = quota.take(PAGES, at(now), at(now + 30_000));
            arrivals.push(now + there);
            on_their_way.push((now + there + back, ticket));
            now += if waits { there + back } else { 0 } + pause;
            if number == restart_after {
                settle(&mut quota, &mut on_their_way, u64::MAX - 1);
                now = arrivals.iter().max().unwrap().max(&now) + 3_000;
                let held: Vec<_> = quota.held(at(now)).collect();
                quota = super::quota(Windows::one(window));
                quota.restore(held, 0, Learned::default(), Duration::ZERO, at(now));
            }
        }
        arrivals.sort_unstable();
        for arrival in arrivals {
            prop_assert!(limiter.admits(arrival), "{kind:?} at {arrival}");
        }
    }
}

/// What becomes of a request that left.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is answered after so long, and arrives at that part of a thousand of it.
    Answered(u64),
    /// Its driver goes away after so long.
    Dropped(u64),
    /// Its driver goes away and says nothing.
    Silent,
    /// It is given up, and that is told so late.
    TimedOut(u64),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => (0_u64..3_000).prop_map(Fate::Answered),
        1 => (0_u64..3_000).prop_map(Fate::Dropped),
        1 => Just(Fate::Silent),
        1 => prop_oneof![Just(0), 0_u64..2_000].prop_map(Fate::TimedOut),
    ]
}

/// How long a request may take.
const TIMEOUT: u64 = 3_000;

/// Requests of which some are never answered.
struct Troubled {
    quota: Quota<Vec<Slot>>,
    now: u64,
    /// When those that left arrive, and that of those on their way is not before.
    arrivals: Vec<u64>,
    on_their_way: Vec<(u64, Ticket, Fate)>,
}

impl Troubled {
    /// Up to a moment, and what happens on the way.
    fn pass(&mut self, until: u64) {
        self.on_their_way.sort_by_key(|(ends, ..)| *ends);
        while self.on_their_way.first().is_some_and(|(ends, ..)| *ends <= until) {
            let (ends, ticket, fate) = self.on_their_way.remove(0);
            match fate {
                Fate::Answered(_) => self.quota.admit(ticket, ends),
                Fate::Dropped(_) => self.quota.dropped(ticket, at(ends)),
                Fate::Silent => {}
                Fate::TimedOut(_) => {
                    let (clock, nothing) = (ServerClock::Unknown, Limits::default());
                    self.quota.answered(ticket, at(ends), &clock, Verdict::Unclear, &nothing, None);
                }
            }
        }
        self.now = until;
    }

    fn send(&mut self, fate: Fate, part: u64) {
        while let Some((until, _)) = self.quota.wait(self.now) {
            let next = self.on_their_way.iter().map(|(ends, ..)| *ends).min().unwrap_or(u64::MAX);
            self.pass(until.as_millis().min(next.max(self.now + 1)));
        }
        let ticket = self.quota.take(PAGES, at(self.now), at(self.now + TIMEOUT));
        let (arrives, ends) = match fate {
            Fate::Answered(after) => (after, after),
            Fate::Dropped(after) => (TIMEOUT, after),
            Fate::Silent => (TIMEOUT, TIMEOUT),
            Fate::TimedOut(later) => (TIMEOUT, TIMEOUT + later),
        };
        self.arrivals.push(self.now + arrives * part / 1_000);
        self.on_their_way.push((self.now + ends, ticket, fate));
    }

    /// The power goes, and comes back so much later. What is on its way may arrive in between.
    fn restart(&mut self, off: u64, after: Quota<Vec<Slot>>) {
        let off_for = Duration::from_millis(off);
        let held: Vec<_> = self.quota.held(at(self.now)).map(|held| held.later(off_for)).collect();
        let in_flight = self.quota.in_flight(at(self.now));
        self.now += off;
        for arrival in &mut self.arrivals {
            *arrival = self.now.min(*arrival);
        }
        self.on_their_way.clear();
        self.quota = after;
        self.quota.restore(held, in_flight, Learned::default(), Duration::ZERO, at(self.now));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// The same where drivers go away, requests time out and the power goes, with a slot for each request or fewer.
    #[test]
    fn a_named_limiter_rejects_nothing_whatever_becomes_of_requests(
        (limit, kind, mut limiter) in kind_and_limiter(),
        fewer in prop_oneof![Just(1_usize), 1_usize..8],
        trips in proptest::collection::vec((fate(), prop_oneof![Just(0), Just(1_000), 0_u64..=1_000], 0_u64..600), 1..120),
        restart in (0_usize..150, prop_oneof![Just(0_u64), 0_u64..4_000]),
    ) {
        let window = Window::new(limit, Duration::from_millis(PERIOD)).kind(kind);
        let slots = (limit as usize).div_ceil(fewer);
        let quota = || super::with_slots(Windows::one(window), slots);
        let mut client = Troubled { quota: quota(), now: 50_000, arrivals: Vec::new(), on_their_way: Vec::new() };
        for (number, (fate, part, pause)) in (0..).zip(trips) {
            client.send(fate, part);
            client.pass(client.now + pause);
            if number == restart.0 {
                client.restart(restart.1, quota());
            }
        }
        client.arrivals.sort_unstable();
        for arrival in client.arrivals {
            prop_assert!(limiter.admits(arrival), "{kind:?} at {arrival}");
        }
    }
}
