//! When to ask again after a rejection: where nothing is known of the windows, and where one is expected to begin. Pure
//! functions.

use super::belief::{AFTER_REJECTION, BEHIND, Fixed, Refused, RoundTimes, doubled};
use super::span::{Span, next_arc};
use crate::quota::tick::{Millis, Tick};

/// An arc of this width needs no probe in its middle.
const NARROW: Millis = Millis::from_secs(6);
/// So many predictions may fail.
const MISSES: u8 = 3;

/// Nothing is known of the windows: every eighth of one, or where one may end.
pub(super) fn plan_blindly(
    span: &Span<'_>,
    awoke: Option<Tick>,
    round_times: RoundTimes,
    heard: Tick,
) -> Tick {
    let earliest = heard.after(AFTER_REJECTION);
    let mut again = heard.after(span.part_of_period(8));
    let end = awoke.map(|awoke| awoke.after(span.period()).after(BEHIND));
    if let Some(end) = end.filter(|end| *end >= earliest) {
        again = again.min(end);
    }
    if round_times == RoundTimes::Disproved {
        return again;
    }
    let round = span.round_time(heard).map(|round| round.high.after(BEHIND));
    let is_worthwhile = |round: &Tick| (earliest..=again.after(AFTER_REJECTION)).contains(round);
    round.filter(is_worthwhile).unwrap_or(again)
}

/// At the end of the arc in which the next window begins. `None` if predictions have failed too often.
pub(super) fn plan_in_window(
    span: &Span<'_>,
    fixed: &mut Fixed,
    refused: &Refused,
    round_times: RoundTimes,
    heard: Tick,
) -> Option<Tick> {
    let arc = next_arc(span, fixed.arc, refused.first);
    let earliest = heard.after(AFTER_REJECTION);
    if refused.latest >= arc.high {
        fixed.missed = fixed.missed.saturating_add(1);
        let doubled = doubled(fixed.missed.saturating_sub(1));
        return (fixed.missed < MISSES).then_some(heard.after(doubled));
    }
    let low = arc.low.max(refused.latest);
    let mut again = arc.high.after(BEHIND);
    let width = arc.high.since(low);
    if round_times != RoundTimes::Disproved
        && let Some(round) = span.round_time(low)
        && round.high < arc.high
        && round.high.after(BEHIND) >= earliest
    {
        again = round.high.after(BEHIND);
    } else if width > NARROW && refused.latest <= arc.low && low.after(width.part(2)) >= earliest {
        // One probe a window narrows an arc that has become too wide.
        again = low.after(width.part(2));
    }
    // What gave little may be no window.
    let little = span.part(if fixed.confirmed < 2 { 4 } else { 8 });
    if fixed.own < little {
        again = again.min(heard.after(span.part_of_period(4)));
    }
    Some(again)
}

#[cfg(test)]
mod tests {
    use super::super::span::Arc;
    use super::*;
    use crate::quota::queue::Queue;
    use crate::quota::terms::Sharing;
    use crate::time::{Instant, ServerClock, UnixTime};

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

    fn at(seconds: u64) -> Tick {
        Tick::from_millis(seconds * 1_000)
    }

    fn fixed(low: u64, high: u64) -> Fixed {
        Fixed { arc: Arc { low: at(low), high: at(high) }, own: 100, unsure: 0, confirmed: 0, missed: 0 }
    }

    fn refused(latest: u64) -> Refused {
        Refused { first: at(40), latest: at(latest), tries: 0, is_told: false }
    }

    /// The plan after a rejection heard at that second.
    fn plan(fixed: &mut Fixed, latest: u64, heard: u64) -> Option<Tick> {
        plan_in_window(&SPAN, fixed, &refused(latest), RoundTimes::Seen(0), at(heard))
    }

    #[test]
    fn where_nothing_is_known_an_eighth_is_waited_or_until_a_window_that_began_with_the_first_request_ends() {
        let table = [(None, 107_500), (Some(45), 105_100), (Some(43), 103_100), (Some(42), 107_500)];
        for (awoke, expected) in table {
            let again = plan_blindly(&SPAN, awoke.map(at), RoundTimes::Disproved, at(100));
            assert_eq!(again, Tick::from_millis(expected), "{awoke:?}");
        }
    }

    #[test]
    fn where_nothing_is_known_a_round_time_of_the_servers_clock_is_asked_for_unless_windows_begin_at_none() {
        let mut clock = ServerClock::Unknown;
        clock.learn(UnixTime::from_millis(1_800_000_040_000), Instant::ZERO, Instant::ZERO);
        let span = Span { clock: &clock, ..SPAN };
        for (round_times, expected) in [(RoundTimes::Seen(0), 80_100), (RoundTimes::Disproved, 79_500)] {
            let again = plan_blindly(&span, None, round_times, at(72));
            assert_eq!(again, Tick::from_millis(expected), "{round_times:?}");
        }
    }

    #[test]
    fn a_round_time_of_the_servers_clock_is_asked_for_where_a_window_may_begin_there() {
        // The minute is full at 20 s of the client's clock.
        let mut clock = ServerClock::Unknown;
        clock.learn(UnixTime::from_millis(1_800_000_040_000), Instant::ZERO, Instant::ZERO);
        let span = Span { clock: &clock, ..SPAN };
        let round_times = [(RoundTimes::Seen(0), 80_100), (RoundTimes::Disproved, 85_100)];
        for (round_times, expected) in round_times {
            let again = plan_in_window(&span, &mut fixed(15, 25), &refused(77), round_times, at(77));
            assert_eq!(again, Some(Tick::from_millis(expected)));
        }
        // Where none may begin there, and where it is too soon.
        let again = plan_in_window(&span, &mut fixed(0, 15), &refused(62), RoundTimes::Seen(0), at(62));
        assert_eq!(again, Some(Tick::from_millis(75_100)));
        let again = plan_in_window(&span, &mut fixed(15, 25), &refused(78), RoundTimes::Seen(0), at(78));
        assert_eq!(again, Some(Tick::from_millis(85_100)));
    }

    #[test]
    fn a_window_that_does_not_begin_as_predicted_is_asked_for_three_times_ever_later() {
        let mut fixed = fixed(0, 1);
        // The next one begins at 61 at the latest.
        assert_eq!(plan(&mut fixed, 61, 62), Some(at(65)));
        assert_eq!(plan(&mut fixed, 65, 65), Some(at(71)));
        assert_eq!(plan(&mut fixed, 71, 71), None);
    }

    #[test]
    fn a_wide_arc_is_probed_once_in_its_middle_if_that_is_not_too_soon() {
        // The next window begins a minute later.
        let table = [
            ("wide", 10, 40, 41, 65_000),
            ("asked in it before", 10, 61, 61, 70_100),
            ("its middle is near", 10, 40, 62, 65_000),
            ("its middle is too near", 10, 40, 63, 70_100),
            ("just wide enough", 7, 40, 41, 63_500),
            ("narrow", 6, 40, 41, 66_100),
        ];
        for (name, high, latest, heard, expected) in table {
            let again = plan(&mut fixed(0, high), latest, heard);
            assert_eq!(again, Some(Tick::from_millis(expected)), "{name}");
        }
    }

    #[test]
    fn what_gave_little_may_be_no_window_and_is_asked_after_a_quarter() {
        for (confirmed, own, expected) in
            [(0, 50, 61_100), (0, 49, 56_000), (1, 49, 56_000), (2, 25, 61_100), (2, 24, 56_000)]
        {
            let mut fixed = Fixed { own, confirmed, ..fixed(0, 1) };
            let again = plan(&mut fixed, 40, 41);
            assert_eq!(again, Some(Tick::from_millis(expected)), "{own} of 200 after {confirmed}");
        }
    }
}
