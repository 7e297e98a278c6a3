//! Alone on a limit of any kind.

use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

#[test]
fn a_request_leaves_no_earlier_than_a_period_after_the_answer_one_limit_before_it() {
    let mut quota = quota(Windows::one(window(3, 60)));
    for i in 0..3 {
        assert_eq!(quota.wait(i * 100), None);
        let ticket = quota.take(PAGES, at(i * 100), at(30_000));
        quota.admit(ticket, i * 100 + 50);
    }
    let reason = Reason::Window(window(3, 60));
    assert_eq!(quota.wait(300), Some((at(60_300), reason)), "50 + 60,000 + 250");
    assert_eq!(quota.wait(60_299), Some((at(60_300), reason)));
    assert_eq!(quota.wait(60_300), None);
}

#[test]
fn a_request_that_is_never_answered_counts_from_its_deadline() {
    let mut quota = quota(Windows::one(window(1, 60)));
    let _ = quota.take(PAGES, at(0), at(30_000));
    assert_eq!(quota.wait(0).map(|(until, _)| until), Some(at(90_250)));
}

#[test]
fn of_several_windows_the_latest_wins_and_is_named() {
    let second = window(2, 1).with_slack(Duration::ZERO);
    let mut quota = quota(Windows::two(second, window(3, 60)));
    for i in 0..2 {
        let ticket = quota.take(PAGES, at(i), at(10_000));
        quota.admit(ticket, i);
    }
    assert_eq!(
        quota.wait(2),
        Some((at(1_000), Reason::Window(second))),
        "the second is full, the minute is not"
    );
    let ticket = quota.take(PAGES, at(1_000), at(10_000));
    quota.admit(ticket, 1_000);
    assert_eq!(quota.wait(2_500), Some((at(60_250), Reason::Window(window(3, 60)))), "now the minute is");
}

#[test]
fn a_window_counts_only_the_requests_that_are_its_own() {
    let (pages, writes) = (window(1, 60).counting(Calls::PAGED_READS), window(1, 30).counting(Calls::WRITES));
    let mut quota = quota(Windows::two(pages, writes));
    let ticket = quota.take(Calls::WRITES, at(0), at(0));
    quota.admit(ticket, 0);
    let opens =
        |quota: &Quota<_>, calls| quota.opens(calls, &ServerClock::Unknown, at(0)).map(|(_, reason)| reason);
    assert_eq!(opens(&quota, Calls::WRITES), Some(Reason::Window(writes)));
    assert_eq!(opens(&quota, Calls::PAGED_READS), None);
    let _ = quota.take(Calls::PAGED_READS, at(0), at(0));
    assert_eq!(opens(&quota, Calls::PAGED_READS), Some(Reason::Window(pages)));
    assert_eq!(opens(&quota, Calls::READS), None, "no window counts them");
}

#[test]
fn without_windows_nothing_is_held_back() {
    let mut quota = quota(Windows::NONE);
    let _ = quota.take(PAGES, at(0), at(0));
    assert_eq!(quota.wait(0), None);
}

#[test]
fn limits_that_cannot_be_kept_are_errors_that_say_what_is_needed() {
    let new = |windows, terms, slots| Quota::new(windows, terms, std::vec![Slot::FREE; slots]).map(|_| ());
    let terms = Terms::DEFAULT;
    let table = [
        (new(Windows::one(window(3, 60)), terms, 0), Err(QuotaError::TooFewSlots { needed: 1 })),
        (new(Windows::one(window(1_000_000, 60)), terms, 15), Err(QuotaError::TooFewSlots { needed: 16 })),
        (
            new(Windows::two(window(3, 60), window(3, 1)), terms, 1),
            Err(QuotaError::TooFewSlots { needed: 1 }),
        ),
        (new(Windows::one(window(0, 60)), terms, 9), Err(QuotaError::LimitIsZero)),
        (new(Windows::one(window(3, 60)).share(1, 4), terms, 9), Err(QuotaError::LimitIsZero)),
        (new(Windows::one(window(3, 13 * 86_400)), terms, 9), Err(QuotaError::TooLong)),
        (
            new(Windows::one(window(3, 60)), Terms { reserve: 3, ..terms }, 9),
            Err(QuotaError::ReserveTooLarge { limit: 3 }),
        ),
        (new(Windows::one(window(3, 12 * 86_400)), Terms { reserve: 2, ..terms }, 3), Ok(())),
    ];
    for (number, (result, expected)) in table.into_iter().enumerate() {
        assert_eq!(result, expected, "case {number}");
    }
}

#[test]
fn a_reserve_is_never_used() {
    let terms = Terms { reserve: 150, ..Terms::DEFAULT };
    let mut quota = Quota::new(Windows::one(MINUTE), terms, [Slot::FREE; 200]).unwrap().unused();
    for i in 0..50 {
        assert_eq!(quota.wait(i), None);
        let ticket = quota.take(PAGES, at(i), at(i));
        quota.admit(ticket, i);
    }
    assert_eq!(quota.wait(50), Some((at(60_250), Reason::Share(MINUTE))));
}

#[test]
fn shares_of_a_limit_are_together_no_more_than_the_limit() {
    for limit in 1..50 {
        for devices in 1..9_u32 {
            let parts = (0..devices).map(|_| Windows::one(window(limit, 60)).share(1, devices));
            let sum: usize = parts.map(|windows| windows.slots()).sum();
            assert!(sum <= limit as usize, "{limit} by {devices}");
        }
    }
    let part = Windows::two(window(10, 1), window(400, 60)).share(3, 4);
    assert_eq!(part.iter().map(|window| window.limit).collect::<Vec<_>>(), [7, 300]);
    assert_eq!(Windows::one(window(10, 1)).share(9, 3).slots(), 10, "a part is never more than the whole");
}

fn held(window: usize, left: u64) -> Held {
    Held { window, requests: 1, left: Duration::from_millis(left) }
}

fn restore(quota: &mut Quota<Vec<Slot>>, held: impl IntoIterator<Item = Held>) {
    quota.restore(held, 0, Learned::default(), Duration::ZERO, at(0));
}

#[test]
fn what_was_spent_before_a_restart_still_counts_each_request_for_its_own_time() {
    let mut before = quota(Windows::one(window(3, 60)));
    for millis in [1_000, 5_000] {
        let ticket = before.take(PAGES, at(millis), at(30_000));
        before.admit(ticket, millis);
    }
    let mut kept: Vec<Held> = before.held(at(6_000)).collect();
    kept.sort_by_key(|held| held.left);
    assert_eq!(kept, [held(0, 55_250), held(0, 59_250)]);

    let mut after = quota(Windows::one(window(3, 60)));
    restore(&mut after, kept);
    assert_eq!(after.wait(0), None, "one of three is left");
    let _ = after.take(PAGES, at(0), at(0));
    assert_eq!(after.wait(0).map(|(until, _)| until), Some(at(55_250)));
}

#[test]
fn without_a_word_of_the_time_before_the_windows_are_taken_for_used_up() {
    let windows = Windows::two(window(10, 1), MINUTE);
    let mut quota = Quota::new(windows, Terms::DEFAULT, std::vec![Slot::FREE; 210]).unwrap();
    quota.begin(at(7_000));
    assert_eq!(quota.wait(7_000), Some((at(67_250), Reason::Window(MINUTE))));
    assert_eq!(quota.wait(67_250), None);
}

#[test]
fn a_request_on_its_way_is_not_held_but_in_flight() {
    let mut quota = quota(Windows::one(window(3, 60)));
    let ticket = quota.take(PAGES, at(0), at(30_000));
    assert_eq!((quota.held(at(10)).count(), quota.in_flight(at(10))), (0, 1));
    quota.admit(ticket, 20);
    assert_eq!((quota.held(at(20)).count(), quota.in_flight(at(20))), (1, 0));
}

#[test]
fn a_driver_that_vanished_leaves_no_request_in_flight_for_ever() {
    let mut quota = with_slots(Windows::one(window(6, 60)), 2);
    let _ = quota.take(PAGES, at(0), at(30_000));
    assert_eq!((quota.in_flight(at(29_999)), quota.in_flight(at(30_000))), (1, 0));
    let ticket = quota.take(PAGES, at(40_000), at(70_000));
    assert_eq!(quota.in_flight(at(40_000)), 1);
    quota.admit(ticket, 41_000);
    assert_eq!(quota.in_flight(at(41_000)), 0);
}

#[test]
fn what_is_restored_counts_no_longer_than_a_window() {
    let mut quota = quota(Windows::one(window(1, 60)));
    restore(&mut quota, [held(0, u64::MAX)]);
    assert_eq!(quota.wait(0).map(|(until, _)| until), Some(at(60_250)));
    restore(&mut quota, [held(7, 1_000)]);
}

#[test]
fn an_answer_after_the_deadline_does_not_free_the_slot_of_another_request() {
    let mut quota = quota(Windows::one(window(1, 60)));
    let late = quota.take(PAGES, at(0), at(30_000));
    assert_eq!(quota.wait(90_250), None);
    let _ = quota.take(PAGES, at(90_250), at(120_250));
    quota.admit(late, 90_300);
    assert_eq!(quota.wait(90_300).map(|(until, _)| until), Some(at(180_500)));
}

#[test]
fn a_device_may_run_for_years() {
    let mut quota = quota(Windows::one(window(2, 60)));
    let mut now = 1_800_000_000_000_u64;
    for _ in 0..2_000 {
        let first = quota.take(PAGES, at(now), at(now + 30_000));
        quota.admit(first, now + 100);
        let second = quota.take(PAGES, at(now + 200), at(now + 30_000));
        quota.admit(second, now + 300);
        assert_eq!(quota.wait(now + 300).map(|(until, _)| until), Some(at(now + 60_350)));
        now += 40 * 3_600_000;
    }
}

#[test]
fn fewer_slots_cost_so_many_round_trips_a_window_and_no_more() {
    // 200 requests in 12 slots: 17 to a slot at the most, each 100 ms.
    let time = |slots| {
        let mut quota = with_slots(Windows::one(MINUTE), slots);
        let mut now = 0;
        for _ in 0..1_000 {
            now = quota.wait(now).map_or(now, |(until, _)| until.as_millis());
            let ticket = quota.take(PAGES, at(now), at(now + 30_000));
            now += 100;
            quota.admit(ticket, now);
        }
        now
    };
    assert_eq!(time(200), 4 * (60_250 + 100) + 20_000);
    let cost = time(12) - time(200);
    assert!(cost <= 4 * 16 * 100, "{cost} ms in four windows");
}

#[test]
fn a_late_word_of_a_request_that_was_given_up_does_not_forget_one_on_its_way() {
    let mut quota = with_slots(Windows::one(window(6, 60)), 2);
    let early = quota.take(PAGES, at(0), at(30_000));
    let _ = quota.take(PAGES, at(31_000), at(61_000));
    quota.answered(early, at(31_500), &ServerClock::Unknown, Verdict::Unclear, &Limits::default(), None);
    assert_eq!(quota.in_flight(at(32_000)), 1);
}

#[test]
fn what_is_restored_beyond_the_limit_frees_nothing_early() {
    let mut quota = quota(Windows::one(window(1, 60)));
    restore(&mut quota, [held(0, 60_000), held(0, 5_000)]);
    assert_eq!(quota.wait(0).map(|(until, _)| until), Some(at(60_000)));
}

#[test]
fn a_million_requests_are_taken_for_used_up_in_no_time() {
    let windows = Windows::one(window(1_000_000, 60));
    let mut quota = Quota::new(windows, Terms::DEFAULT, std::vec![Slot::FREE; 65_535]).unwrap();
    quota.begin(at(0));
    assert_eq!(quota.wait(0).map(|(until, _)| until), Some(at(60_250)));
}

/// A server that admits so many requests in any half-open window of any phase, which is more than any limiter demands.
pub(super) fn rejects(arrivals: &[u64], limit: u32, period: u64) -> bool {
    let mut latest = VecDeque::new();
    arrivals.iter().any(|arrival| {
        while latest.front().is_some_and(|first| arrival - first >= period) {
            latest.pop_front();
        }
        latest.push_back(*arrival);
        latest.len() > limit as usize
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Of a sole consumer no request is rejected by a limiter of any kind and phase, whatever the latencies, by two
    /// clocks that differ by 200 ppm, with any number of slots and several requests on their way.
    #[test]
    fn no_request_of_a_sole_consumer_is_rejected(
        limit in 1_u32..20,
        slots in 1_usize..20,
        trips in proptest::collection::vec((0_u64..3_000, 0_u64..3_000, 0_u64..500, any::<bool>()), 1..120),
        ppm in -200_i64..=200,
    ) {
        let period = 10_000;
        let window = Window::new(limit, Duration::from_millis(period)).with_slack(Duration::from_millis(20));
        let mut quota = with_slots(Windows::one(window), slots.min(limit as usize));
        // The server's clock, against the client's.
        let by_server = |time: u64| ((time as i128) + (time as i128) * i128::from(ppm) / 1_000_000) as u64;
        let mut now = 0;
        let mut arrivals = Vec::new();
        let mut on_their_way: Vec<(Ticket, u64)> = Vec::new();
        for (there, back, pause, waits_for_answer) in trips {
            on_their_way.retain(|(ticket, heard)| {
                if *heard <= now { quota.admit(*ticket, *heard) }
                *heard > now
            });
            while let Some((until, _)) = quota.wait(now) {
                // Answers come in while it waits.
                let next = on_their_way.iter().map(|(_, heard)| *heard).min();
                now = next.map_or(until.as_millis(), |heard| until.as_millis().min(heard.max(now + 1)));
                on_their_way.retain(|(ticket, heard)| {
                    if *heard <= now { quota.admit(*ticket, *heard) }
                    *heard > now
                });
            }
            let ticket = quota.take(PAGES, at(now), at(now + 30_000));
            arrivals.push(by_server(now + there));
            on_their_way.push((ticket, now + there + back));
            now += if waits_for_answer { there + back } else { 0 } + pause;
        }
        arrivals.sort_unstable();
        prop_assert!(!rejects(&arrivals, limit, period));
    }

    /// The same for two windows at once, and for the parts of a limit that devices share.
    #[test]
    fn nor_with_two_windows_or_by_devices_with_a_part_each(
        trips in proptest::collection::vec((0_usize..3, 0_u64..400, 0_u64..400, 0_u64..200), 1..150),
    ) {
        let windows = Windows::two(
            Window::new(9, Duration::from_millis(1_000)),
            Window::new(30, Duration::from_millis(10_000)),
        );
        let mut devices: Vec<_> = (0..3).map(|_| (quota(windows.share(1, 3)), 0_u64)).collect();
        let mut arrivals = Vec::new();
        for (device, there, back, pause) in trips {
            let (quota, now) = &mut devices[device];
            while let Some((until, _)) = quota.wait(*now) {
                *now = until.as_millis();
            }
            let ticket = quota.take(PAGES, at(*now), at(*now + 30_000));
            arrivals.push(*now + there);
            quota.admit(ticket, *now + there + back);
            *now += there + back + pause;
        }
        arrivals.sort_unstable();
        prop_assert!(!rejects(&arrivals, 9, 1_000));
        prop_assert!(!rejects(&arrivals, 30, 10_000));
    }
}
