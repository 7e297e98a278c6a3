//! A device that runs for years, with rests of days and of months between its requests: what has passed does not come back, and
//! what is known stays as long as it is of use.

use super::*;
use proptest::prelude::*;

const DAY: u64 = 86_400_000;
/// Where 31 and 32 bits of milliseconds are over.
const BITS_31: u64 = 1 << 31;
const BITS_32: u64 = 1 << 32;

const RESTS: [u64; 18] = [
    60_250,
    DAY / 24,
    DAY,
    3 * DAY,
    // Where the base moves along.
    (1 << 28) - 1,
    (1 << 28) + 1,
    12 * DAY,
    BITS_31 - 60_000,
    BITS_31 - 1,
    BITS_31 + 1,
    30 * DAY,
    BITS_32 - 60_000,
    BITS_32 - 1,
    BITS_32,
    BITS_32 + 1_000,
    60 * DAY,
    200 * DAY,
    5 * 365 * DAY,
];

/// Uses the window up at once, and tells until when it is shut.
fn use_up(quota: &mut Quota<Vec<Slot>>, now: u64, limit: u32) -> u64 {
    for _ in 0..limit {
        assert_eq!(quota.wait(now), None, "at {now}");
        let ticket = quota.take(PAGES, at(now), at(now + 30_000));
        quota.admit(ticket, now);
    }
    quota.wait(now).expect("the window is used up").0.as_millis()
}

#[test]
fn what_has_passed_does_not_come_back_after_any_rest() {
    for kind in [LimiterKind::Unknown, LimiterKind::Fixed] {
        for slots in [3, 2] {
            let window = window(3, 60).kind(kind);
            let mut quota = with_slots(Windows::one(window), slots);
            let mut now = 3_600_000;
            // Each rest behind each other one.
            for rest in RESTS.iter().flat_map(|one| RESTS.map(|other| [*one, other])).flatten() {
                assert_eq!(use_up(&mut quota, now, 3), now + 60_250, "{rest} ms from {now}");
                now += rest;
                assert_eq!(quota.wait(now - 1).is_some(), rest <= 60_250, "{rest} ms to {now}");
                assert_eq!(quota.wait(now), None, "{rest} ms to {now}");
                assert_eq!((quota.in_flight(at(now)), quota.held(at(now)).count()), (0, 0));
            }
        }
    }
}

#[test]
fn a_pause_and_a_request_that_vanished_are_over_after_any_rest() {
    for rest in RESTS.into_iter().filter(|rest| *rest >= DAY) {
        let mut quota = quota(Windows::one(window(3, 60)));
        let mut now = 3_600_000;
        for round in 0..40 {
            let _vanished = quota.take(PAGES, at(now), at(now + 30_000));
            let ticket = quota.take(PAGES, at(now), at(now + 30_000));
            let verdict = Verdict::Rejected { until: Some(at(now + DAY)) };
            quota.answered(ticket, at(now), &ServerClock::Unknown, verdict, &Limits::default(), None);
            assert_eq!(quota.wait(now), Some((at(now + DAY), Reason::RetryAfter)), "{round}: {rest} ms");
            assert_eq!(quota.pause(at(now)), Duration::from_millis(DAY));
            now += rest;
            assert_eq!(quota.wait(now), None, "{round}: {rest} ms");
            assert_eq!(quota.pause(at(now)), Duration::ZERO);
            assert_eq!(quota.in_flight(at(now)), 0);
        }
    }
}

#[test]
fn what_was_learned_of_windows_holds_nothing_back_after_any_rest_but_a_window() {
    for rest in RESTS.into_iter().filter(|rest| *rest > 2 * 60_250) {
        let mut quota = quota(Windows::one(window(3, 60).kind(LimiterKind::Fixed)));
        let mut now = 3_600_000;
        for round in 0..40 {
            // A rejection, and an admission once it may come.
            for verdict in [Verdict::Rejected { until: None }, Verdict::Admitted] {
                let ticket = quota.take(PAGES, at(now), at(now + 30_000));
                quota.answered(ticket, at(now), &ServerClock::Unknown, verdict, &Limits::default(), None);
                let waits = quota.wait(now).map_or(now, |(until, _)| until.as_millis()) - now;
                assert!(waits <= 60_250, "{round}: {waits} ms after {rest} ms");
                now += waits;
            }
            now += rest;
            assert_eq!(quota.wait(now), None, "{round}: {rest} ms");
        }
    }
}

#[test]
fn a_long_window_is_kept_from_one_end_to_the_other() {
    // The longest that there may be, and a request on its way for as long as one may be.
    let (period, request) = (1 << 30, 1 << 29);
    let mut quota = quota(Windows::one(Window::new(1, Duration::from_millis(period))));
    let mut now = 3_600_000;
    for round in 0..60 {
        assert_eq!(quota.wait(now), None, "{round}");
        let ticket = quota.take(PAGES, at(now), at(now + request));
        assert_eq!(
            quota.wait(now).map(|(until, _)| until),
            Some(at(now + request + period + 250)),
            "{round}"
        );
        now += request * (round % 4) / 4;
        quota.admit(ticket, now);
        let free = now + period + 250;
        for asked in [now, now + period / 2, free - 1] {
            assert_eq!(quota.wait(asked).map(|(until, _)| until), Some(at(free)), "{round} at {asked}");
        }
        now = free + round * DAY / 7;
    }
}

/// What happens to a request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Admitted,
    Rejected(Option<u64>),
    Unclear,
    Dropped,
    Vanished,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        8 => Just(Fate::Admitted),
        2 => Just(Fate::Rejected(None)),
        1 => (0_u64..DAY).prop_map(|told| Fate::Rejected(Some(told))),
        1 => Just(Fate::Unclear),
        1 => Just(Fate::Dropped),
        1 => Just(Fate::Vanished),
    ]
}

/// Does what the script says from a moment on, and tells when each request left and what was known then, since that moment.
fn follow(quota: &mut Quota<Vec<Slot>>, from: u64, script: &[(u64, u64, Fate)]) -> Vec<std::string::String> {
    let mut clock = ServerClock::Unknown;
    let mut now = from;
    let mut seen = Vec::new();
    for (pause, trip, fate) in script {
        now += pause;
        while let Some((until, why)) = quota.opens(PAGES, &clock, at(now)) {
            seen.push(std::format!("{} {why:?}", until.as_millis() - from));
            now = until.as_millis();
        }
        let ticket = quota.take(PAGES, at(now), at(now + 30_000));
        now += trip;
        // The server's clock shows the same whenever the device was started.
        clock.learn(
            crate::time::UnixTime::from_millis(1_800_000_000_000 + now - from),
            ticket.sent(),
            at(now),
        );
        let verdict = match fate {
            Fate::Admitted => Some(Verdict::Admitted),
            Fate::Rejected(told) => Some(Verdict::Rejected { until: told.map(|told| at(now + told)) }),
            Fate::Unclear => Some(Verdict::Unclear),
            Fate::Dropped => {
                quota.dropped(ticket, at(now));
                None
            }
            Fate::Vanished => None,
        };
        if let Some(verdict) = verdict {
            quota.answered(ticket, at(now), &clock, verdict, &Limits::default(), None);
        }
        seen.push(std::format!("{:?} {:?}", quota.learned(at(now)), quota.held(at(now)).collect::<Vec<_>>()));
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// However long a device has run, and wherever the base of its times is, the same happens. Rests are no longer than what is
    /// known is of use: of windows of twelve days, at the most.
    #[test]
    fn it_makes_no_difference_how_long_a_device_has_run(
        script in proptest::collection::vec(
            (
                prop_oneof![0_u64..2_000, 0_u64..200_000, 0_u64..2 * DAY, 0..18 * DAY],
                0_u64..20_000,
                fate(),
            ),
            1..80,
        ),
        before in (DAY / 12)..3 * DAY,
        later in prop_oneof![0..BITS_32, 0..900 * BITS_32],
        (limit, seconds) in prop_oneof![Just((5, 60)), Just((3, 3_600))],
        kind in prop_oneof![
            Just(LimiterKind::Unknown),
            Just(LimiterKind::Fixed),
            Just(LimiterKind::Sliding),
            Just(LimiterKind::Bucket { burst: 2 }),
        ],
    ) {
        let windows = Windows::one(window(limit, seconds).kind(kind));
        let (early, late) = (60 * DAY, 90 * DAY + later);
        let seen = follow(&mut quota(windows), early, &script);
        let mut old = quota(windows);
        for sent in [late - before - 40 * DAY, late - before] {
            let ticket = old.take(PAGES, at(sent), at(sent + 30_000));
            old.admit(ticket, sent);
        }
        prop_assert_eq!(follow(&mut old, late, &script), seen);
    }
}
