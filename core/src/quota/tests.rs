use super::*;
use proptest::prelude::*;
use std::vec::Vec;

const MINUTE: Window =
    Window { limit: 3, period: Duration::from_secs(60), slack: Duration::from_millis(250) };

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn quota(windows: Windows) -> Quota<Vec<Slot>> {
    Quota::new(windows, std::vec![Slot::FREE; windows.slots()]).unwrap()
}

#[test]
fn a_request_leaves_no_earlier_than_a_period_after_the_answer_one_limit_before_it() {
    let mut quota = quota(Windows::one(MINUTE));
    for i in 0..3 {
        assert_eq!(quota.opens(at(i * 100)), None);
        let ticket = quota.take(at(30_000));
        quota.answered(ticket, at(i * 100 + 50));
    }
    assert_eq!(quota.opens(at(300)), Some(at(60_300)), "50 + 60,000 + 250");
    assert_eq!(quota.opens(at(60_299)), Some(at(60_300)));
    assert_eq!(quota.opens(at(60_300)), None);
}

#[test]
fn a_request_that_is_never_answered_counts_from_its_deadline() {
    let mut quota = quota(Windows::one(Window { limit: 1, ..MINUTE }));
    quota.take(at(30_000));
    assert_eq!(quota.opens(at(0)), Some(at(90_250)));
}

#[test]
fn of_several_windows_the_latest_wins() {
    let second = Window { limit: 2, period: Duration::from_secs(1), slack: Duration::ZERO };
    let mut quota = quota(Windows([Some(second), Some(MINUTE), None]));
    for i in 0..2 {
        let ticket = quota.take(at(10_000));
        quota.answered(ticket, at(i));
    }
    assert_eq!(quota.opens(at(2)), Some(at(1_000)), "the second is full, the minute is not");
    let ticket = quota.take(at(10_000));
    quota.answered(ticket, at(1_000));
    assert_eq!(quota.opens(at(2_500)), Some(at(60_250)), "now the minute is");
}

#[test]
fn without_windows_nothing_is_held_back() {
    let mut quota = quota(Windows::NONE);
    quota.take(at(0));
    assert_eq!(quota.opens(at(0)), None);
}

#[test]
fn memory_too_small_is_an_error_that_names_what_is_needed() {
    let error = Quota::new(Windows::one(MINUTE), [Slot::FREE; 2]).unwrap_err();
    assert_eq!(error, QuotaError::TooFewSlots { needed: 3, given: 2 });
    let nothing = Windows::one(Window { limit: 0, ..MINUTE });
    assert_eq!(Quota::new(nothing, [Slot::FREE; 2]).unwrap_err(), QuotaError::LimitIsZero);
}

fn held(window: usize, left: u64) -> Held {
    Held { window, left: Duration::from_millis(left) }
}

#[test]
fn what_was_spent_before_a_restart_still_counts_each_request_for_its_own_time() {
    let mut before = quota(Windows::one(MINUTE));
    for millis in [1_000, 5_000] {
        let ticket = before.take(at(30_000));
        before.answered(ticket, at(millis));
    }
    let kept: Vec<Held> = before.held(at(6_000)).collect();
    assert_eq!(kept, [held(0, 55_250), held(0, 59_250)]);

    let mut after = quota(Windows::one(MINUTE));
    kept.into_iter().for_each(|held| after.restore(held, at(0)));
    assert_eq!(after.opens(at(0)), None, "one of three is left");
    after.take(at(0));
    assert_eq!(after.opens(at(0)), Some(at(55_250)));
}

#[test]
fn a_request_on_its_way_is_not_held_but_in_flight() {
    let mut quota = quota(Windows::one(MINUTE));
    let ticket = quota.take(at(30_000));
    assert_eq!((quota.held(at(10)).count(), quota.in_flight(at(10))), (0, 1));
    quota.answered(ticket, at(20));
    assert_eq!((quota.held(at(20)).count(), quota.in_flight(at(20))), (1, 0));
}

#[test]
fn each_window_remembers_its_own() {
    let second = Window { limit: 2, period: Duration::from_secs(1), slack: Duration::ZERO };
    let mut before = quota(Windows::two(second, MINUTE));
    let ticket = before.take(at(10_000));
    before.answered(ticket, at(0));
    assert_eq!(before.held(at(500)).collect::<Vec<_>>(), [held(0, 500), held(1, 59_750)]);
    assert_eq!(before.held(at(2_000)).collect::<Vec<_>>(), [held(1, 58_250)]);
}

#[test]
fn what_is_restored_counts_no_longer_than_a_window() {
    let mut quota = quota(Windows::one(Window { limit: 1, ..MINUTE }));
    quota.restore(held(0, u64::MAX), at(0));
    assert_eq!(quota.opens(at(0)), Some(at(60_250)));
    quota.restore(held(7, 1_000), at(0));
}

#[test]
fn an_answer_after_the_deadline_does_not_free_the_slot_of_another_request() {
    let mut quota = quota(Windows::one(Window { limit: 1, ..MINUTE }));
    let late = quota.take(at(30_000));
    assert_eq!(quota.opens(at(90_250)), None);
    quota.take(at(120_250));
    quota.answered(late, at(90_300));
    assert_eq!(quota.opens(at(90_300)), Some(at(180_500)));
}

proptest! {
    /// The invariant itself, of which every kind of window is a consequence: any limit + 1 arrivals in a row span
    /// more than a period, wherever between sending and receipt each arrival lies.
    #[test]
    fn any_limit_plus_one_arrivals_span_more_than_a_period(
        limit in 1_u32..8,
        trips in proptest::collection::vec((0_u64..3_000, 0_u64..3_000, 0_u64..500), 1..60),
    ) {
        let window = Window { limit, period: Duration::from_secs(10), slack: Duration::from_millis(100) };
        let mut quota = quota(Windows::one(window));
        let mut now = 0;
        let mut arrivals = Vec::new();
        for (there, back, pause) in trips {
            now = quota.opens(at(now)).map_or(now, Instant::as_millis);
            let ticket = quota.take(at(now + 30_000));
            arrivals.push(now + there);
            now += there + back;
            quota.answered(ticket, at(now));
            now += pause;
        }
        for span in arrivals.windows(limit as usize + 1) {
            prop_assert!(span.last().unwrap() - span.first().unwrap() > 10_000);
        }
    }
}
