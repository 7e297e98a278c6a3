//! When to ask again after a rejection: where nothing is known of the windows, and where one is expected to begin. Pure
//! functions.

use super::span::{Span, next_arc};
use super::{AFTER_REJECTION, BEHIND, Fixed, Refused, RoundTimes, doubled};
use crate::time::{Duration, Instant};

/// An arc of this width needs no probe in its middle.
const NARROW: Duration = Duration::from_secs(6);
/// So many predictions may fail.
const MISSES: u8 = 3;

/// Nothing is known of the windows: every eighth of one, or where one may end.
pub(super) fn plan_blindly(
    span: &Span<'_>,
    awoke: Option<Instant>,
    round_times: RoundTimes,
    heard: Instant,
) -> Instant {
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
    let is_worthwhile = |round: &Instant| (earliest..=again.after(AFTER_REJECTION)).contains(round);
    round.filter(is_worthwhile).unwrap_or(again)
}

/// At the end of the arc in which the next window begins. `None` if predictions have failed too often.
pub(super) fn plan_in_window(
    span: &Span<'_>,
    fixed: &mut Fixed,
    refused: &Refused,
    round_times: RoundTimes,
    heard: Instant,
) -> Option<Instant> {
    let arc = next_arc(span, fixed.arc, refused.first);
    let earliest = heard.after(AFTER_REJECTION);
    if refused.latest >= arc.high {
        fixed.missed = fixed.missed.saturating_add(1);
        let doubled = doubled(fixed.missed.saturating_sub(1));
        return (fixed.missed < MISSES).then_some(heard.after(doubled));
    }
    let low = arc.low.max(refused.latest);
    let mut again = arc.high.after(BEHIND);
    let round = match round_times {
        RoundTimes::Seen(_) => span.round_time(low).map(|round| round.high).filter(|round| *round < arc.high),
        RoundTimes::Disproved => None,
    };
    let half = arc.high.since(low).part(2);
    match round.map(|round| round.after(BEHIND)).filter(|round| *round >= earliest) {
        Some(round) => again = round,
        // One probe a window narrows an arc that has become too wide.
        None if arc.high.since(low) > NARROW && refused.latest <= arc.low && low.after(half) >= earliest => {
            again = low.after(half);
        }
        None => {}
    }
    // What gave little may be no window.
    let little = span.part(if fixed.confirmed < 2 { 4 } else { 8 });
    if fixed.own < little {
        again = again.min(heard.after(span.part_of_period(4)));
    }
    Some(again)
}
