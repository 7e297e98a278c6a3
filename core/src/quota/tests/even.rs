//! On limiters that take bursts badly: named, nothing is rejected; unnamed, one rejection turns the pace even.

use super::*;
use proptest::prelude::*;

const PERIOD: u64 = 10_000;

/// A limiter, written from its definition: in times of thousandths of a millisecond, so that nothing is rounded.
#[derive(Clone, Debug)]
enum Limiter {
    /// Requests of the window in hand, and of the one before.
    Counter { limit: u64, phase: u64, number: u64, used: u64, before: u64 },
    /// Tokens, in parts of one.
    Bucket { limit: u64, burst: u64, parts: u64, at: u64 },
}

impl Limiter {
    fn counter(limit: u32, phase: u64) -> Self {
        Self::Counter { limit: limit.into(), phase, number: 0, used: 0, before: 0 }
    }

    fn bucket(limit: u32, burst: u32) -> Self {
        Self::Bucket { limit: limit.into(), burst: burst.into(), parts: u64::from(burst) * PERIOD, at: 0 }
    }

    fn admits(&mut self, now: u64) -> bool {
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

#[test]
fn an_answer_at_its_deadline_counts_once() {
    let opens = |answered: u64| {
        let window = window(60, 60).kind(LimiterKind::Counter);
        let mut quota = quota(Windows::one(window));
        let ticket = quota.take(PAGES, at(0), at(1_000));
        quota.admit(ticket, answered);
        let opens = quota.wait(answered).map_or(answered, |(until, _)| until.as_millis());
        opens - answered
    };
    let [before, exactly, behind] = [999, 1_000, 1_001].map(opens);
    assert!(before.abs_diff(exactly) <= 1 && exactly.abs_diff(behind) <= 1, "{before} {exactly} {behind}");
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

#[test]
fn a_bucket_of_which_a_request_was_dropped_is_used_again_after_its_deadline() {
    let window = FORTY.kind(LimiterKind::Bucket { burst: 1 });
    for is_told in [true, false] {
        let mut quota = quota(Windows::one(window));
        let ticket = quota.take(PAGES, at(100_000), at(130_000));
        if is_told {
            quota.dropped(ticket, at(100_100));
        }
        assert_eq!(quota.wait(100_200), Some((at(130_000), Reason::Pace(window))));
        // It may have arrived then, and a token is there again a distance later.
        assert_eq!(quota.wait(130_000), Some((at(130_257), Reason::Pace(window))));
        assert_eq!(quota.wait(130_257), None);
    }
}

/// A sequential client with a round trip of 100 ms.
struct Client {
    quota: Quota<Vec<Slot>>,
    now: u64,
    rejected: Vec<u64>,
}

impl Client {
    fn new(window: Window) -> Self {
        Self { quota: quota(Windows::one(window)), now: 100_000, rejected: Vec::new() }
    }

    fn ask(&mut self, is_admitted: impl FnOnce(u64) -> bool) {
        while let Some((until, _)) = self.quota.wait(self.now) {
            self.now = until.as_millis();
        }
        let ticket = self.quota.take(PAGES, at(self.now), at(self.now + 30_000));
        let is_admitted = is_admitted(self.now + 50);
        self.now += 100;
        let verdict = if is_admitted { Verdict::Admitted } else { Verdict::Rejected { until: None } };
        if !is_admitted {
            self.rejected.push(self.now);
        }
        self.quota.answered(ticket, at(self.now), &ServerClock::Unknown, verdict, &Limits::default(), None);
    }

    fn learned(&self) -> Learned {
        self.quota.learned(at(self.now))
    }
}

/// Forty in ten seconds.
const FORTY: Window = Window::new(40, Duration::from_millis(PERIOD));

#[test]
fn an_unnamed_limiter_rejects_once_or_twice_and_no_share_is_given_away() {
    let counters = (0..PERIOD).step_by(397).map(|phase| Limiter::counter(40, phase));
    let buckets = (3..30).map(|burst| Limiter::bucket(40, burst));
    for limiter in counters.chain(buckets) {
        let (mut client, mut server) = (Client::new(FORTY), limiter.clone());
        let began = client.now;
        for _ in 0..400 {
            client.ask(|arrival| server.admits(arrival));
        }
        assert!(client.rejected.len() <= 2, "{limiter:?}: {:?}", client.rejected);
        assert_eq!(client.learned().share, None, "{limiter:?}");
        let time = client.now - began;
        assert!(time <= 400 * 250 * 105 / 100 + 3_000, "{limiter:?}: {time} ms");
    }
}

#[test]
fn a_rejection_of_requests_in_haste_turns_the_pace_even_and_keeps_the_share() {
    let mut client = Client::new(FORTY);
    (0..10).for_each(|_| client.ask(|_| true));
    client.ask(|_| false);
    assert_eq!(client.learned(), Learned { share: None, windows: LearnedWindows::Even });
    let heard = client.now;
    assert_eq!(client.quota.wait(heard), Some((at(heard + 3_000), Reason::Rejected(FORTY))));
    client.ask(|_| true);
    assert_eq!(client.quota.wait(client.now).map(|(_, why)| why), Some(Reason::Pace(FORTY)));
    // Some ahead of the line, as before the rejection; then evenly.
    let mut sent = Vec::new();
    for _ in 0..35 {
        client.ask(|_| true);
        sent.push(client.now - 100);
    }
    let pauses: Vec<_> = sent[20..].windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.iter().all(|pause| (250..=265).contains(pause)), "{pauses:?}");
}

#[test]
fn a_rejection_at_an_even_pace_speaks_for_others() {
    // Nothing left in haste: the first request, or requests that were slow anyway.
    for (slow, share) in [(0, 20), (10, 9)] {
        let mut client = Client::new(FORTY);
        for _ in 0..slow {
            client.ask(|_| true);
            client.now += 400;
        }
        client.ask(|_| false);
        assert_eq!(client.learned(), Learned { share: Some(share), windows: LearnedWindows::Unknown });
    }
    // The pace has turned even, and the very next request is rejected too.
    let mut client = Client::new(FORTY);
    (0..20).for_each(|_| client.ask(|_| true));
    client.ask(|_| false);
    client.ask(|_| false);
    let Learned { share, windows } = client.learned();
    assert!(share.is_some() && windows == LearnedWindows::Unknown, "{share:?} {windows:?}");
    assert!(client.rejected[1] - client.rejected[0] >= 3_000);
    // From then on it is as if the limiter were a window.
    (0..60).for_each(|_| client.ask(|_| true));
    client.ask(|_| false);
    assert_ne!(client.learned().windows, LearnedWindows::Even);
}

#[test]
fn a_second_rejection_in_the_same_window_slows_the_pace_until_the_window_is_over() {
    let mut client = Client::new(FORTY);
    (0..20).for_each(|_| client.ask(|_| true));
    client.ask(|_| false);
    let turned = client.now;
    client.ask(|_| true);
    client.ask(|_| true);
    client.ask(|_| false);
    assert_eq!(client.learned(), Learned { share: None, windows: LearnedWindows::Even });
    client.ask(|_| true);
    let (mut slow, mut even) = (Vec::new(), Vec::new());
    while client.now < turned + 3 * PERIOD {
        let before = client.now;
        client.ask(|_| true);
        if client.now < turned + PERIOD {
            slow.push(client.now - before)
        }
        if client.now > turned + 2 * PERIOD {
            even.push(client.now - before)
        }
    }
    let mean = |pauses: &[u64]| pauses.iter().sum::<u64>() / pauses.len() as u64;
    assert!(mean(&slow) >= 370, "{slow:?}");
    assert!((250..=265).contains(&mean(&even)), "{even:?}");
    // And a third one speaks for others.
    client.ask(|_| false);
    assert!(client.learned().share.is_some());
}

#[test]
fn an_even_pace_survives_a_restart_and_a_named_kind_goes_before_it() {
    let even = Learned { share: None, windows: LearnedWindows::Even };
    for (kind, is_even) in [(LimiterKind::Unknown, true), (LimiterKind::Fixed, false)] {
        let mut client = Client::new(FORTY.kind(kind));
        client.quota.restore([], 0, even, Duration::ZERO, at(client.now));
        assert_eq!(client.learned().windows == LearnedWindows::Even, is_even);
        (0..5).for_each(|_| client.ask(|_| true));
        let why = client.quota.wait(client.now).map(|(_, why)| why);
        assert_eq!(why, is_even.then_some(Reason::Pace(FORTY)));
    }
}

#[test]
fn a_rejection_by_a_named_limiter_speaks_for_others_at_once() {
    for kind in
        [LimiterKind::Fixed, LimiterKind::Sliding, LimiterKind::Counter, LimiterKind::Bucket { burst: 20 }]
    {
        let mut client = Client::new(FORTY.kind(kind));
        (0..12).for_each(|_| client.ask(|_| true));
        client.ask(|_| false);
        assert!(client.learned().share.is_some(), "{kind:?}");
    }
}

#[test]
fn a_hint_of_the_server_goes_before_the_three_seconds() {
    let mut client = Client::new(FORTY);
    (0..10).for_each(|_| client.ask(|_| true));
    let ticket = client.quota.take(PAGES, at(client.now), at(client.now + 30_000));
    let verdict = Verdict::Rejected { until: Some(at(client.now + 9_000)) };
    client.quota.answered(ticket, at(client.now), &ServerClock::Unknown, verdict, &Limits::default(), None);
    let opens = client.quota.wait(client.now);
    assert_eq!(opens, Some((at(client.now + 9_000), Reason::RetryAfter)));
    assert_eq!(client.learned().windows, LearnedWindows::Even);
}

#[test]
fn what_is_on_its_way_counts_against_the_lead() {
    let mut quota = quota(Windows::one(FORTY.kind(LimiterKind::Bucket { burst: 3 })));
    let tickets: Vec<_> = (0..3)
        .map(|_| {
            assert_eq!(quota.wait(100_000), None);
            quota.take(PAGES, at(100_000), at(130_000))
        })
        .collect();
    let held = quota.wait(100_000);
    assert_eq!(held, Some((at(130_000), Reason::Pace(FORTY.kind(LimiterKind::Bucket { burst: 3 })))));
    for ticket in tickets {
        quota.admit(ticket, 100_200);
    }
    // It may have arrived as late as its answer: a token is there again a distance later.
    assert_eq!(quota.wait(100_200).map(|(until, _)| until), Some(at(100_457)));
}

#[test]
fn requests_of_another_kind_do_not_move_a_windows_line() {
    let writes = Window::new(60, Duration::from_secs(60)).counting(Calls::WRITES);
    let reads = Window::new(600, Duration::from_secs(60)).counting(Calls::READS);
    let terms = Terms { pace: Pace::Even, ..Terms::DEFAULT };
    let mut quota =
        Quota::new(Windows::two(writes, reads), terms, std::vec![Slot::FREE; 660]).unwrap().unused();
    for i in 0..20 {
        let ticket = quota.take(Calls::READS, at(100_000 + i * 101), at(200_000));
        quota.admit(ticket, 100_000 + i * 101);
        assert_eq!(quota.opens(Calls::WRITES, &ServerClock::Unknown, at(100_000 + i * 101)), None);
    }
}
