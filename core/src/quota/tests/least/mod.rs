//! A quota in a build that neither learns from rejections nor reads what answers say of the limit, nor has an even line. The same
//! tests hold that are not about these. A rejection is followed by a wait for a whole window, or for as long as the server said,
//! and requests that are to be spread leave one after the other.

#[path = "../alone.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests of another quota")]
mod alone;
#[path = "../bookkeeping.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests of another quota")]
mod bookkeeping;
#[path = "../even.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests of another quota")]
mod even;
#[path = "../years.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests of another quota")]
mod years;

use super::*;
use crate::profile::Capabilities;
use proptest::prelude::*;

quota_of!(Capabilities::LEAST);

impl Quota<Vec<Slot>> {
    fn reject(&mut self, calls: Calls, now: u64, until: Option<u64>) {
        let ticket = self.take(calls, at(now), at(now + 30_000));
        let verdict = Verdict::Rejected { until: until.map(at) };
        self.answered(ticket, at(now), &ServerClock::Unknown, verdict, &Limits::default(), None);
    }
}

#[test]
fn a_rejection_is_followed_by_a_wait_for_a_whole_window_or_for_what_the_server_says() {
    let rejected = Reason::Rejected(MINUTE);
    // When the server says to come back, and when and why the next request leaves.
    let table = [
        (None, 60_250, rejected),
        (Some(7_000), 7_000, Reason::RetryAfter),
        (Some(90_000), 90_000, Reason::RetryAfter),
        // Some servers count rejected requests too.
        (Some(10), 3_000, Reason::RetryAfter),
    ];
    for (told, until, why) in table {
        let mut quota = quota(Windows::one(MINUTE));
        quota.reject(PAGES, 0, told);
        assert_eq!(quota.wait(1), Some((at(until), why)), "{told:?}");
        assert_eq!(quota.wait(until - 1), Some((at(until), why)), "{told:?}");
        assert_eq!(quota.wait(until), None, "{told:?}");
    }
}

#[test]
fn the_wait_is_as_long_as_the_longest_window_that_counts_the_request_and_holds_back_all() {
    let (paged, written) =
        (window(50, 60).counting(Calls::PAGED_READS), window(40, 90).counting(Calls::WRITES));
    let table = [
        (Windows::two(paged, written), Calls::PAGED_READS, paged),
        (Windows::two(paged, written), Calls::WRITES, written),
        (Windows::two(window(10, 1), MINUTE), Calls::READS, MINUTE),
        (Windows::two(paged, written), Calls::READS, window(u32::MAX, 60)),
        (Windows::NONE, Calls::READS, window(u32::MAX, 60)),
    ];
    for (windows, asked, expected) in table {
        let mut quota = quota(windows);
        quota.reject(asked, 0, None);
        let until = at(0).after(expected.period).after(expected.slack);
        for calls in Calls::EACH {
            let held = quota.opens(calls, &ServerClock::Unknown, at(1));
            assert_eq!(held, Some((until, Reason::Rejected(expected))), "{calls:?} of {windows:?}");
        }
    }
}

#[test]
fn a_late_rejection_does_not_cut_the_wait_short() {
    let mut quota = quota(Windows::one(MINUTE));
    let early = quota.take(PAGES, at(0), at(30_000));
    quota.reject(PAGES, 1, Some(90_000));
    let verdict = Verdict::Rejected { until: Some(at(5_000)) };
    quota.answered(early, at(2), &ServerClock::Unknown, verdict, &Limits::default(), None);
    assert_eq!(quota.wait(3), Some((at(90_000), Reason::RetryAfter)));
}

#[test]
fn a_pause_is_kept_over_a_restart() {
    let mut before = quota(Windows::one(MINUTE));
    before.reject(PAGES, 1_000, None);
    assert_eq!(before.pause(at(11_000)), Duration::from_millis(50_250));
    let mut after = quota(Windows::one(MINUTE));
    after.restore([], 0, before.learned(at(11_000)), before.pause(at(11_000)), at(500_000));
    assert_eq!(after.wait(500_000), Some((at(550_250), Reason::Rejected(MINUTE))));
}

#[test]
fn what_answers_say_of_the_limit_is_not_heard() {
    let mut quota = quota(Windows::one(MINUTE));
    let ticket = quota.take(PAGES, at(0), at(30_000));
    let limits = Limits { remaining: Some(0), ..of_a_minute(2) };
    quota.answered(ticket, at(0), &ServerClock::Unknown, Verdict::Admitted, &limits, Some(at(60_000)));
    for _ in 1..200 {
        assert_eq!(quota.wait(0), None);
        let ticket = quota.take(PAGES, at(0), at(30_000));
        quota.admit(ticket, 0);
    }
    assert_eq!(quota.wait(0), Some((at(60_250), Reason::Window(MINUTE))));
}

#[test]
fn requests_that_are_to_be_spread_leave_a_distance_after_the_answer_before() {
    let even = Terms { pace: Pace::Even, ..Terms::DEFAULT };
    let bucket = MINUTE.kind(LimiterKind::Bucket { burst: 9 });
    let table = [
        (MINUTE, Terms::DEFAULT, 0),
        (MINUTE, even, 302),
        (MINUTE, Terms { reserve: 100, ..even }, 603),
        (MINUTE.kind(LimiterKind::Sliding), Terms::DEFAULT, 0),
        (MINUTE.kind(LimiterKind::Counter), Terms::DEFAULT, 302),
        (bucket, Terms::DEFAULT, 302),
    ];
    for (window, terms, distance) in table {
        let mut quota = Quota::new(Windows::one(window), terms, [Slot::FREE; 200]).unwrap().unused();
        for now in [0, 5_000] {
            assert_eq!(quota.wait(now), None, "{window:?}");
            let ticket = quota.take(PAGES, at(now), at(now + 3_000));
            // It may arrive until it is answered.
            let behind = (distance > 0).then_some((at(now + 3_000 + distance), Reason::Pace(window)));
            assert_eq!(quota.wait(now), behind, "{window:?}");
            quota.admit(ticket, now + 100);
            let behind = (distance > 0).then_some((at(now + 100 + distance), Reason::Pace(window)));
            assert_eq!(quota.wait(now + 100), behind, "{window:?}");
        }
        let _ = quota.take(PAGES, at(9_000), at(12_000));
        let behind = (distance > 0).then_some(at(12_000 + distance));
        assert_eq!(quota.wait(12_000).map(|(until, _)| until), behind, "{window:?}");
    }
}

/// Windows whose requests a log alone can keep within the limit, whatever their phase.
fn kept_by_a_log() -> impl Strategy<Value = Windows> {
    let reads = Calls::READS.and(Calls::PAGED_READS);
    let counts = prop_oneof![Just(Calls::ALL), Just(reads), Just(Calls::WRITES), Just(Calls::PAGED_READS)];
    let kind = prop_oneof![Just(LimiterKind::Unknown), Just(LimiterKind::Fixed), Just(LimiterKind::Sliding)];
    let window = (1_u32..12, 1_u64..20, counts, kind).prop_map(|(limit, seconds, counts, kind)| {
        Window::new(limit, Duration::from_secs(seconds)).counting(counts).kind(kind)
    });
    proptest::collection::vec(window, 0..=3).prop_map(|windows| match windows[..] {
        [first] => Windows::one(first),
        [first, second] => Windows::two(first, second),
        [first, second, third] => Windows::three(first, second, third),
        _ => Windows::NONE,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Alone, nothing has to be learned: in windows of any kinds of requests, fixed at any phase or sliding, with a slot for each
    /// request or fewer, and over restarts.
    #[test]
    fn a_sole_consumer_is_never_rejected(
        windows in kept_by_a_log(),
        fewer in 1_usize..4,
        trips in proptest::collection::vec((0_usize..3, 0_u64..900, 0_u64..900, 0_u64..300, 0_u8..25), 1..120),
    ) {
        let with = |slots| Quota::new(windows, Terms::DEFAULT, std::vec![Slot::FREE; slots]);
        // One for each window is the least.
        let quota = || with(windows.slots().div_ceil(fewer)).unwrap_or_else(|_| quota(windows)).unused();
        let (mut client, mut now) = (quota(), 1_000);
        let mut arrivals = Vec::new();
        for (calls, there, back, pause, restarts) in trips {
            let calls = Calls::EACH[calls];
            while let Some((until, _)) = client.opens(calls, &ServerClock::Unknown, at(now)) {
                now = until.as_millis();
            }
            let ticket = client.take(calls, at(now), at(now + 30_000));
            arrivals.push((calls, now + there));
            client.admit(ticket, now + there + back);
            now += there + back + pause;
            if restarts == 0 {
                let held: Vec<_> = client.held(at(now)).collect();
                client = quota();
                client.restore(held, 0, Learned::default(), Duration::ZERO, at(now));
            }
        }
        for window in windows.iter() {
            let counted = arrivals.iter().filter(|(calls, _)| window.counts.overlap(*calls));
            let counted: Vec<_> = counted.map(|(_, arrival)| *arrival).collect();
            prop_assert!(!alone::rejects(&counted, window.limit, window.period.as_millis()), "{window:?}");
        }
    }
}
