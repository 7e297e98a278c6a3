//! Where what a learner believes turns: to the millisecond, to the request.

use super::*;
use crate::quota::terms::Sharing;
use crate::time::{Duration, Instant, ServerClock, UnixTime};

/// So that the ticks are the milliseconds of the driver's clock.
const BASE: Instant = Instant::from_millis(1 << 31);
/// Of a window of a minute, which admits 200.
const SPAN: Span<'static> = Span {
    window: &Queue::UNKNOWN,
    ceiling: 200,
    sharing: Sharing::Fair,
    clock: &ServerClock::Unknown,
    base: BASE,
};
const PERIOD: u64 = 60_000;
const RECOVERY: u64 = 60_250;

fn at(millis: u64) -> Tick {
    Tick::from_millis(millis)
}

/// Answered at once.
fn heard(millis: u64) -> Heard {
    Heard { sent: at(millis), at: at(millis), held: 0 }
}

fn learner(mode: Mode) -> Learner {
    Learner { mode, ..Learner::new(LimiterKind::Unknown) }
}

/// The latest window began at one second at the latest.
fn fixed(own: u32) -> Fixed {
    Fixed { arc: Arc { low: at(0), high: at(1_000) }, own, unsure: 0, confirmed: 2, missed: 0 }
}

#[test]
fn a_client_is_starved_once_a_whole_window_went_by_or_its_share_is_at_its_least() {
    let refused = Some(Refused { first: at(0), latest: at(0), tries: 1, is_told: false });
    let table = [
        (PERIOD, 200, 200, true),
        (PERIOD - 1, 200, 200, false),
        (1_000, 200, 25, true),
        (1_000, 200, 26, false),
        // Of so few there is no least.
        (1_000, 8, 1, true),
        (1_000, 7, 1, false),
    ];
    for (until, ceiling, share, expected) in table {
        let mut learner = Learner { refused, until: at(until), share, ..learner(Mode::Other) };
        let span = Span { ceiling, ..SPAN };
        assert_eq!(learner.is_starved(&span), expected, "{share} of {ceiling}, until {until}");
        learner.refused = None;
        assert!(!learner.is_starved(&span), "it was let in since");
    }
}

#[test]
fn the_last_request_of_a_share_waits_for_the_windows_end_and_none_goes_beyond_it() {
    // The next window begins between 60 and 61 s. The last request of this one leaves a second before.
    let table = [
        (98, 0, 0, 0),
        (99, 0, 58_999, 59_000),
        (99, 0, 59_000, 0),
        (98, 1, 0, 59_000),
        (100, 0, 0, 61_100),
        (100, 0, 59_000, 61_100),
        (99, 1, 0, 61_100),
    ];
    for (own, in_flight, now, expected) in table {
        let learner = Learner { share: 100, ..learner(Mode::Fixed(fixed(own))) };
        let (until, _) = learner.opens(&SPAN, |_| at(0), in_flight, at(now));
        assert_eq!(until, at(expected), "{own} and {in_flight} in flight at {now}");
    }
}

#[test]
fn an_even_pace_is_slow_until_what_left_before_it_no_longer_counts() {
    let even = |is_slow| Even { turned: at(0), lead: Millis::ZERO, is_slow };
    for (now, is_slow) in [(RECOVERY - 1, true), (RECOVERY, false)] {
        let slow = learner(Mode::Even(even(true))).even(SPAN.window, at(now));
        assert_eq!(slow, Some(EvenPace { lead: Millis::ZERO, is_slow }), "{now}");

        // A second rejection makes it slow; later it disproves the pace.
        let mut learner = learner(Mode::Even(even(false)));
        learner.rejected(&SPAN, &heard(now), None, Millis::ZERO);
        assert_eq!(matches!(learner.mode, Mode::Even(Even { is_slow: true, .. })), is_slow, "{now}");
        assert_eq!(matches!(learner.mode, Mode::Unknown { .. }), !is_slow, "{now}");
    }
}

#[test]
fn windows_are_disproved_by_one_that_begins_half_a_second_too_early() {
    for (begun, is_disproved) in [(59_499, true), (59_500, false)] {
        let refused = Some(Refused { first: at(50_000), latest: at(59_000), tries: 1, is_told: false });
        let mut learner = Learner { refused, proven: Some(at(0)), ..learner(Mode::Fixed(fixed(10))) };
        learner.admitted(&SPAN, &heard(begun));
        assert_eq!(matches!(learner.mode, Mode::Other), is_disproved, "{begun}");
    }
}

#[test]
fn a_request_that_may_be_of_the_next_window_counts_there_too() {
    for (now, unsure) in [(60_000, 0), (60_001, 1)] {
        let mut learner = Learner { heard: Some(at(50_000)), ..learner(Mode::Fixed(fixed(10))) };
        learner.admitted(&SPAN, &heard(now));
        let Mode::Fixed(fixed) = learner.mode else { panic!("{:?}", learner.mode) };
        assert_eq!((fixed.own, fixed.unsure), (11, unsure), "{now}");
    }
}

/// A server whose clock shows a round time between 19 and 20 s from the start.
fn round_at_20() -> ServerClock {
    let mut clock = ServerClock::Unknown;
    clock.learn(UnixTime::from_millis(1_800_000_040_000), Instant::ZERO, Instant::ZERO);
    clock
}

fn arc(low: u64, high: u64) -> Arc {
    Arc { low: at(low), high: at(high) }
}

#[test]
fn an_arc_without_a_round_time_disproves_them_and_a_narrow_one_with_it_speaks_for_them() {
    let clock = round_at_20();
    let span = Span { clock: &clock, ..SPAN };
    let table = [
        (arc(5_000, 18_999), RoundTimes::Disproved),
        (arc(5_000, 19_000), RoundTimes::Seen(1)),
        // A quarter of the period, and the three seconds after a rejection.
        (arc(2_000, 20_000), RoundTimes::Seen(1)),
        (arc(1_999, 20_000), RoundTimes::Seen(0)),
    ];
    for (arc, expected) in table {
        let mut learner = learner(Mode::Other);
        assert_eq!(learner.look_for_round_time(&span, arc), arc);
        assert_eq!(learner.round_times, expected, "{arc:?}");
    }
}

#[test]
fn once_they_are_proven_an_arc_ends_at_the_round_time() {
    let clock = round_at_20();
    let span = Span { clock: &clock, ..SPAN };
    for (seen, high) in [(1, 22_000), (2, 20_000), (3, 20_000)] {
        let mut learner = Learner { round_times: RoundTimes::Seen(seen), ..learner(Mode::Other) };
        assert_eq!(learner.look_for_round_time(&span, arc(5_000, 22_000)), arc(5_000, high), "{seen}");
    }
}

#[test]
fn after_a_restart_windows_that_began_two_periods_ago_are_forgotten() {
    for (earliest, is_known) in [(2 * PERIOD - 1, true), (2 * PERIOD, false)] {
        let earliest = Duration::from_millis(earliest);
        let learned =
            Learned { share: None, windows: LearnedWindows::Fixed { earliest, latest: Duration::ZERO } };
        let mut learner = learner(Mode::Other);
        learner.restore(learned, SPAN.window, 0, at(1_000_000), at(0));
        assert_eq!(matches!(learner.mode, Mode::Fixed(_)), is_known, "{earliest}");
    }
}

#[test]
fn a_silence_of_a_period_and_a_sixth_forgets_where_windows_begin() {
    for (silence, is_known) in [(PERIOD, true), (69_999, true), (70_000, false)] {
        let mut learner = Learner { heard: Some(at(0)), ..learner(Mode::Fixed(fixed(1))) };
        learner.admitted(&SPAN, &heard(silence));
        assert_eq!(matches!(learner.mode, Mode::Fixed(_)), is_known, "{silence}");
    }
}

#[test]
fn an_answer_within_two_seconds_of_the_predicted_moment_moves_the_prediction() {
    for (now, high) in [(61_000, 61_000), (62_999, 62_999), (63_000, 61_100)] {
        let mut learner = Learner { heard: Some(at(50_000)), ..learner(Mode::Fixed(fixed(1))) };
        learner.admitted(&SPAN, &heard(now));
        let Mode::Fixed(fixed) = learner.mode else { panic!("{:?}", learner.mode) };
        assert_eq!(fixed.arc, arc(60_000, high), "{now}");
    }
}

#[test]
fn a_share_grows_no_further_than_all_there_is() {
    for (share, grown) in [(199, 200), (200, 200)] {
        let mut learner = Learner { share, credit: 1_000, ..learner(Mode::Other) };
        learner.admitted(&SPAN, &heard(0));
        assert_eq!((learner.share, learner.credit), (grown, 0));
    }
}

#[test]
fn of_two_reasons_that_last_equally_long_the_servers_is_named() {
    let table = [(4, (5, Held::Share)), (5, (5, Held::Rejected)), (6, (6, Held::Rejected))];
    for (until, (opens, why)) in table {
        let learner = Learner { until: at(until), ..learner(Mode::Other) };
        assert_eq!(learner.opens(&SPAN, |_| at(5), 0, at(0)), (at(opens), why), "{until}");
    }
}
