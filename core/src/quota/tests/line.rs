//! The even line of a window: how fast requests leave that are spread.

use super::*;

#[test]
fn an_even_pace_spreads_requests_over_the_window() {
    let terms = Terms { pace: Pace::Even, ..Terms::DEFAULT };
    let mut quota = Quota::new(Windows::one(MINUTE), terms, [Slot::FREE; 200]).unwrap().unused();
    let mut now = 0;
    for i in 0..1_000 {
        let ticket = quota.take(PAGES, at(now), at(now + 30_000));
        quota.admit(ticket, now + 100);
        let (until, reason) = quota.wait(now + 100).unwrap();
        // A window is its period, the slack and a round trip; the last of these shows once in each.
        let distance = until.as_millis() - now;
        assert!((301..=301 + 150).contains(&distance), "request {i}: {distance} ms");
        assert!(distance > 301 || reason == Reason::Pace(MINUTE));
        now = until.as_millis();
    }
    assert!(now <= 5 * (60_250 + 100));
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
