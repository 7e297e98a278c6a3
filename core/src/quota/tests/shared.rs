//! On a limit that others use too: what a rejection teaches, what is left to others, and what earlier drafts got wrong. The
//! figures for whole pulls are in `tests/bench`, whose simulation runs thousands of them.

use super::*;
use crate::time::UnixTime;

const W: u64 = 60_000;
/// A minute that is known to be a fixed window: a rejection speaks for others at once.
const FIXED: Window = MINUTE.kind(LimiterKind::Fixed);

/// A client on a counter that others use too, one request after the other, each 100 ms there and back.
struct Client {
    quota: Quota<Vec<Slot>>,
    clock: ServerClock,
    now: u64,
}

impl Client {
    fn new(sharing: Sharing) -> Self {
        let terms = Terms { sharing, ..Terms::DEFAULT };
        let quota = Quota::new(Windows::one(FIXED), terms, std::vec![Slot::FREE; 200]).unwrap().unused();
        Self { quota, clock: ServerClock::Unknown, now: 1_000_000 }
    }

    fn wait(&self) -> Option<(u64, Reason)> {
        self.quota.opens(PAGES, &self.clock, at(self.now)).map(|(until, why)| (until.as_millis(), why))
    }

    /// Waits as long as it has to, and sends.
    fn ask(&mut self, is_admitted: impl FnOnce(u64) -> bool) -> u64 {
        while let Some((until, _)) = self.wait() {
            self.now = until;
        }
        self.send(is_admitted)
    }

    /// Sends now, and gives when that was.
    fn send(&mut self, is_admitted: impl FnOnce(u64) -> bool) -> u64 {
        let sent = self.now;
        let ticket = self.quota.take(PAGES, at(sent), at(sent + 30_000));
        self.now += 100;
        let verdict =
            if is_admitted(sent + 50) { Verdict::Admitted } else { Verdict::Rejected { until: None } };
        self.quota.answered(ticket, at(self.now), &self.clock, verdict, &Limits::default(), None);
        sent
    }

    fn windows(&self) -> LearnedWindows {
        self.quota.learned(at(self.now)).windows
    }

    fn share(&self) -> Option<u32> {
        self.quota.learned(at(self.now)).share
    }
}

/// A counter of which others leave `own` requests in each window.
struct Counter {
    own: u64,
    phase: u64,
    window: u64,
    used: u64,
}

impl Counter {
    fn new(own: u64, phase: u64) -> Self {
        Self { own, phase, window: 0, used: 0 }
    }

    fn take(&mut self, arrival: u64) -> bool {
        let window = (arrival + self.phase) / W;
        if window != self.window {
            (self.window, self.used) = (window, 0);
        }
        self.used += 1;
        self.used <= self.own
    }

    /// When the window of this moment ends.
    fn end(&self, now: u64) -> u64 {
        ((now + self.phase) / W + 1) * W - self.phase
    }
}

#[test]
fn after_a_rejection_nothing_leaves_for_three_seconds_whatever_is_believed() {
    for (own, phase) in [(0, 0), (1, 10_000), (40, 20_000), (120, 59_000)] {
        for sharing in [Sharing::Greedy, Sharing::Fair, Sharing::Polite] {
            let (mut client, mut counter) = (Client::new(sharing), Counter::new(own, phase));
            let mut rejected_at = None;
            for _ in 0..1_500 {
                let mut is_admitted = false;
                let sent = client.ask(|arrival| {
                    is_admitted = counter.take(arrival);
                    is_admitted
                });
                assert!(rejected_at.is_none_or(|at| sent - at >= 3_000), "{own} {phase} {sharing:?}");
                rejected_at = (!is_admitted).then_some(client.now);
            }
        }
    }
}

#[test]
fn the_windows_end_is_learned_from_rejections_and_then_waited_for_exactly() {
    for phase in (0..W).step_by(7_001) {
        let (mut client, mut counter) = (Client::new(Sharing::Greedy), Counter::new(120, phase));
        let mut lateness = Vec::new();
        let mut before = client.now;
        for _ in 0..10 * 120 {
            let mut is_admitted = false;
            let sent = client.ask(|arrival| {
                is_admitted = counter.take(arrival);
                is_admitted
            });
            // The first one let in behind a window's end.
            if is_admitted && counter.end(before) <= sent + 50 {
                lateness.push(sent + 50 - counter.end(before));
            }
            before = if is_admitted { sent } else { before };
        }
        assert!(matches!(client.windows(), LearnedWindows::Fixed { .. }), "phase {phase}");
        let late = lateness.iter().skip(3).max().unwrap();
        assert!(*late <= 6_500, "phase {phase}: {lateness:?}");
    }
}

#[test]
fn windows_at_round_times_of_the_servers_clock_are_recognised() {
    // The server's clock shows a round minute at 20 s of the client's, and is known to 100 ms.
    let (mut client, mut counter) = (Client::new(Sharing::Greedy), Counter::new(120, 40_000));
    let unix = 1_800_000_000_000 + 40_000;
    for millis in (0..2_000).step_by(100) {
        let date = (unix + millis) / 1_000 * 1_000;
        client.clock.learn(UnixTime::from_millis(date), at(millis), at(millis));
    }
    for _ in 0..6 * 120 {
        client.ask(|arrival| counter.take(arrival));
    }
    // Asked again and again, the arc would end ever later; a round time does not move.
    let LearnedWindows::Fixed { latest, .. } = client.windows() else { panic!("{:?}", client.windows()) };
    let began = client.now - latest.as_millis();
    assert!((began + 40_000) % W <= 200, "the window began {} ms behind the minute", (began + 40_000) % W);
}

#[test]
fn two_clients_of_a_log_notice_that_there_are_no_windows() {
    // One place of a sliding log is free every two seconds.
    let mut client = Client::new(Sharing::Greedy);
    let mut free_at = client.now;
    for _ in 0..40 {
        client.ask(|arrival| {
            let is_free = arrival >= free_at;
            free_at = if is_free { arrival + 2_000 } else { free_at };
            is_free
        });
    }
    assert_eq!(client.windows(), LearnedWindows::Other);
}

#[test]
fn a_fair_client_yields_at_a_rejection_and_a_greedy_one_does_not() {
    for (sharing, share) in
        [(Sharing::Greedy, None), (Sharing::Fair, Some(100)), (Sharing::Polite, Some(100))]
    {
        let mut client = Client::new(sharing);
        client.send(|_| false);
        assert_eq!(client.share(), share, "next to no own traffic says nothing of the share: half of it");
    }
    for (sharing, share) in
        [(Sharing::Greedy, None), (Sharing::Fair, Some(135)), (Sharing::Polite, Some(113))]
    {
        let mut client = Client::new(sharing);
        (0..150).for_each(|_| _ = client.ask(|_| true));
        client.send(|_| false);
        assert_eq!(client.share(), share, "a part of what was used, the rejected request with it");
    }
}

#[test]
fn being_starved_by_others_is_told() {
    let mut client = Client::new(Sharing::Fair);
    let mut reasons = Vec::new();
    for _ in 0..12 {
        reasons.extend(client.wait().map(|(_, why)| why));
        client.ask(|_| false);
    }
    assert_eq!(reasons.first(), Some(&Reason::Rejected(FIXED)));
    assert_eq!(reasons.last(), Some(&Reason::Starved(FIXED)));
}

#[test]
fn answers_to_requests_from_before_a_rejection_teach_nothing() {
    let mut client = Client::new(Sharing::Greedy);
    let early = client.quota.take(PAGES, at(client.now), at(client.now + 30_000));
    client.now += 10;
    client.send(|_| false);
    client.quota.admit(early, client.now + 500);
    assert_eq!(client.windows(), LearnedWindows::Unknown);
    let (until, why) = client.wait().unwrap();
    assert!(matches!(why, Reason::Rejected(_)) && until >= client.now + 3_000, "it is still refused");
}

#[test]
fn a_long_silence_forgets_where_windows_began() {
    let (mut client, mut counter) = (Client::new(Sharing::Greedy), Counter::new(120, 0));
    (0..400).for_each(|_| _ = client.ask(|arrival| counter.take(arrival)));
    assert!(matches!(client.windows(), LearnedWindows::Fixed { .. }));
    client.now += W + W / 6 + 1;
    client.send(|_| true);
    assert_eq!(client.windows(), LearnedWindows::Unknown);
}

#[test]
fn a_rejection_holds_back_requests_that_the_longest_window_does_not_count() {
    let windows = Windows::two(window(10, 1), window(400, 60).counting(Calls::WRITES));
    let mut quota = quota(windows);
    let ticket = quota.take(PAGES, at(0), at(100));
    let verdict = Verdict::Rejected { until: Some(at(60_000)) };
    quota.answered(ticket, at(100), &ServerClock::Unknown, verdict, &Limits::default(), None);
    assert_eq!(quota.wait(200).map(|(until, _)| until), Some(at(60_000)));
    assert_eq!(quota.learned(at(200)), Learned::default(), "and it says nothing of the other window");
}

#[test]
fn requests_in_flight_and_failed_ones_use_up_a_learned_window_too() {
    let (mut client, mut counter) = (Client::new(Sharing::Greedy), Counter::new(120, 7_000));
    (0..400).for_each(|_| _ = client.ask(|arrival| counter.take(arrival)));
    let end = counter.end(client.now);
    while client.now < end {
        client.ask(|arrival| counter.take(arrival));
    }
    let mut left = 0;
    while client.wait().is_none() {
        let ticket = client.quota.take(PAGES, at(client.now), at(client.now + 30_000));
        if left % 2 == 0 {
            let nothing = Limits::default();
            client.quota.answered(ticket, at(client.now), &client.clock, Verdict::Unclear, &nothing, None);
        }
        left += 1;
    }
    assert!(left <= 200, "{left} requests in a window of 200");
}

#[test]
fn a_share_grows_back_when_nobody_else_is_there_any_more() {
    let mut client = Client::new(Sharing::Fair);
    let learned = Learned { share: Some(25), windows: LearnedWindows::Unknown };
    client.quota.restore([], 0, learned, Duration::ZERO, at(client.now));
    (0..3_000).for_each(|_| _ = client.ask(|_| true));
    assert!(client.share().is_some_and(|share| share >= 200), "{:?}", client.share());
}

#[test]
fn a_rejection_from_before_a_window_began_is_no_second_one() {
    let mut client = Client::new(Sharing::Greedy);
    client.send(|_| false);
    client.now = client.wait().unwrap().0;
    // Two probes at once, of which the second was rejected right before the window began, and the first let in.
    let [first, second] = [0, 0].map(|_| client.quota.take(PAGES, at(client.now), at(client.now + 30_000)));
    client.quota.admit(first, client.now + 100);
    let (verdict, nothing) = (Verdict::Rejected { until: None }, Limits::default());
    client.quota.answered(second, at(client.now + 150), &client.clock, verdict, &nothing, None);
    client.now += 200;
    client.ask(|_| true);
    assert!(!matches!(client.windows(), LearnedWindows::Other), "one moment is not two");
}

#[test]
fn what_was_sent_when_the_next_window_may_have_begun_counts_in_it_after_a_restart() {
    let mut client = Client::new(Sharing::Greedy);
    let now = client.now;
    let held = (0..100).map(|_| Held { window: 0, requests: 1, left: Duration::from_secs(50) });
    let arc = LearnedWindows::Fixed { earliest: Duration::from_secs(90), latest: Duration::from_secs(61) };
    let learned = Learned { share: None, windows: arc };
    client.quota.restore(held, 0, learned, Duration::ZERO, at(now));
    let mut left = 0;
    while client.now < now + 25_000 {
        client.ask(|_| true);
        left += 1;
    }
    assert!(left <= 101, "{left} more where 100 may have been counted");
}

#[test]
fn a_lowered_limit_is_scaled_to_the_part_and_forgotten_when_it_is_not_repeated() {
    let windows = Windows::one(MINUTE).share(1, 4);
    let mut quota = quota(windows);
    let limits = of_a_minute(40);
    for i in 0..10 {
        assert_eq!(quota.wait(i), None, "request {i}");
        let ticket = quota.take(PAGES, at(i), at(i));
        quota.answered(ticket, at(i), &ServerClock::Unknown, Verdict::Admitted, &limits, None);
    }
    assert!(quota.wait(10).is_some(), "a quarter of 40");
    let mut later = quota.clone();
    let ticket = later.take(PAGES, at(10), at(10));
    later.answered(ticket, at(10), &ServerClock::Unknown, Verdict::Unclear, &limits, None);
    for i in 0..50 {
        let now = 200_000 + i;
        assert_eq!(later.wait(now), None, "two minutes later it is 50 again");
        let ticket = later.take(PAGES, at(now), at(now));
        later.admit(ticket, now);
    }
}

/// Earlier drafts of the learning that failed in simulation, each with the test that would catch it.
mod drafts {
    use super::*;

    /// A client that has confirmed its windows many times.
    fn confirmed(sharing: Sharing, own: u64) -> (Client, Counter) {
        let (mut client, mut counter) = (Client::new(sharing), Counter::new(own, 7_000));
        (0..8 * own).for_each(|_| _ = client.ask(|arrival| counter.take(arrival)));
        assert!(matches!(client.windows(), LearnedWindows::Fixed { .. }));
        (client, counter)
    }

    #[test]
    fn first_windows_that_were_confirmed_stay_open_to_doubt() {
        // A window that gave next to nothing is probed inside, long before its predicted end.
        let (mut client, mut counter) = confirmed(Sharing::Greedy, 120);
        let end = counter.end(client.now);
        while client.now < end + 200 {
            client.ask(|arrival| counter.take(arrival));
        }
        client.send(|_| false);
        let (until, _) = client.wait().unwrap();
        assert_eq!(until, client.now + W / 4);
        assert!(counter.end(client.now) > until + W / 2);
        // And if that lets one in, there was no window.
        client.ask(|_| true);
        client.send(|_| false);
        client.ask(|_| true);
        assert_eq!(client.windows(), LearnedWindows::Other);
    }

    #[test]
    fn second_only_observed_moments_disprove_windows() {
        // Real windows, of which the prediction lags behind or runs ahead: whatever is predicted, nothing is disproved.
        for drift in [0, 40, 90, 130] {
            let mut client = Client::new(Sharing::Greedy);
            let (mut begun, mut used) = (client.now - 30_000, 80_u64);
            for _ in 0..3_000 {
                client.ask(|arrival| {
                    while arrival >= begun + W + drift {
                        (begun, used) = (begun + W + drift, 0);
                    }
                    used += 1;
                    used <= 110
                });
            }
            assert!(!matches!(client.windows(), LearnedWindows::Other), "drift {drift}");
        }
    }

    #[test]
    fn third_a_share_has_a_sentinel_right_before_the_windows_end() {
        let (mut client, mut counter) = confirmed(Sharing::Fair, 120);
        // To the first request of a window, and on until its share is used but for one.
        let mut pauses = Vec::new();
        for _ in 0..600 {
            let before = client.now;
            let sent = client.ask(|arrival| counter.take(arrival));
            pauses.push((sent - before, counter.end(sent) - sent));
        }
        let sentinel = pauses.iter().any(|(pause, to_end)| *pause > 10_000 && (500..=7_000).contains(to_end));
        assert!(sentinel, "nothing waits for the window's end");
    }

    #[test]
    fn fourth_a_first_rejection_without_own_traffic_halves_the_share_and_no_more() {
        let mut client = Client::new(Sharing::Polite);
        client.send(|_| true);
        client.send(|_| false);
        assert_eq!(client.share(), Some(100));
    }

    #[test]
    fn fifth_a_wide_observation_that_meets_the_prediction_keeps_the_lock() {
        let (mut client, mut counter) = confirmed(Sharing::Greedy, 120);
        // The counter is empty from now on until the window after the next: by itself that observation is wider than half
        // a window, and with the prediction it is not.
        let silent_until = counter.end(client.now) + 4_000;
        for _ in 0..200 {
            client.ask(|arrival| arrival > silent_until && counter.take(arrival));
        }
        assert!(matches!(client.windows(), LearnedWindows::Fixed { .. }), "{:?}", client.windows());
    }

    #[test]
    fn sixth_a_window_that_gave_little_does_not_cut_the_share() {
        let (mut client, mut counter) = confirmed(Sharing::Fair, 120);
        let end = counter.end(client.now);
        while client.now < end + 200 {
            client.ask(|arrival| counter.take(arrival));
        }
        let before = client.share().unwrap();
        for _ in 0..20 {
            client.ask(|_| true);
        }
        client.send(|_| false);
        assert_eq!(client.share(), Some(before), "twenty requests say nothing of what is left");
    }

    #[test]
    fn seventh_the_rate_of_the_others_is_not_guessed_from_one_rejection() {
        // However early in its window a rejection comes, the share only depends on what was let in.
        let share = |pause: u64| {
            let mut client = Client::new(Sharing::Fair);
            for _ in 0..100 {
                client.ask(|_| true);
                client.now += pause;
            }
            client.send(|_| false);
            client.share()
        };
        assert_eq!(share(0), share(300));
        assert_eq!(share(0), Some(90));
    }
}
