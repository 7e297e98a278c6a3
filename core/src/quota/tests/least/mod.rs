//! A quota in a build that neither learns from rejections nor reads what answers say of the limit. The same tests hold that are
//! not about these, and a rejection is followed by a wait for a whole window, or for as long as the server said.

#[path = "../alone.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests of another quota")]
mod alone;
#[path = "../bookkeeping.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests of another quota")]
mod bookkeeping;
#[path = "../even.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests of another quota")]
mod even;

use super::*;
use crate::profile::Capabilities;
use core::ops::{Deref, DerefMut};
use proptest::prelude::*;

/// The least that a build is able to do.
enum Least {}

impl Profile for Least {
    const CAPABILITIES: Capabilities = Capabilities::LEAST;
}

/// A quota as it is in such a build.
#[derive(Debug)]
struct Quota<S: ?Sized>(super::Quota<S>);

impl<S: ?Sized> Deref for Quota<S> {
    type Target = super::Quota<S>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<S: ?Sized> DerefMut for Quota<S> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<S: Slots> Quota<S> {
    fn new(windows: Windows, terms: Terms, slots: S) -> Result<Self, QuotaError> {
        super::Quota::new(windows, terms, slots).map(Self)
    }

    fn unused(self) -> Self {
        Self(self.0.unused())
    }
}

impl<S: Slots + ?Sized> Quota<S> {
    fn opens(&self, calls: Calls, clock: &ServerClock, now: Instant) -> Option<(Instant, Reason)> {
        self.0.opens_with::<Least>(calls, clock, now)
    }

    fn wait(&self, now: u64) -> Option<(Instant, Reason)> {
        self.opens(PAGES, &ServerClock::Unknown, at(now))
    }

    fn take(&mut self, calls: Calls, now: Instant, deadline: Instant) -> Ticket {
        self.0.take_with::<Least>(calls, now, deadline)
    }

    fn dropped(&mut self, ticket: Ticket, now: Instant) {
        self.0.dropped_with::<Least>(ticket, now);
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        now: Instant,
        clock: &ServerClock,
        verdict: Verdict,
        limits: &Limits,
        reset: Option<Instant>,
    ) {
        self.0.answered_with::<Least>(ticket, now, clock, verdict, limits, reset);
    }

    fn admit(&mut self, ticket: Ticket, now: u64) {
        self.answered(ticket, at(now), &ServerClock::Unknown, Verdict::Admitted, &Limits::default(), None);
    }

    fn reject(&mut self, calls: Calls, now: u64, until: Option<u64>) {
        let ticket = self.take(calls, at(now), at(now + 30_000));
        let verdict = Verdict::Rejected { until: until.map(at) };
        self.answered(ticket, at(now), &ServerClock::Unknown, verdict, &Limits::default(), None);
    }
}

fn quota(windows: Windows) -> Quota<Vec<Slot>> {
    with_slots(windows, windows.slots())
}

fn with_slots(windows: Windows, slots: usize) -> Quota<Vec<Slot>> {
    Quota::new(windows, Terms::DEFAULT, std::vec![Slot::FREE; slots]).unwrap().unused()
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
