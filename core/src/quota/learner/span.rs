//! What is reckoned with: the window and the most that may be used of it, and arcs, each a stretch of time in which a window
//! begins. Knows how windows follow each other and what the server's clock says; decides nothing.

use crate::quota::queue::Queue;
use crate::quota::terms::Sharing;
use crate::quota::tick::{Millis, Tick};
use crate::time::{Duration, Instant, ServerClock, UnixTime};

/// The server's clock has to be known this well before round times of it are looked for.
const CLOCK_ERROR: Duration = Duration::from_secs(2);

/// What a share is of, and under which rules.
#[derive(Clone, Copy, Debug)]
pub(in crate::quota) struct Span<'c> {
    pub(in crate::quota) window: &'c Queue,
    /// The most that may be used: the window's limit, or what the server or a reserve leaves of it.
    pub(in crate::quota) ceiling: u32,
    pub(in crate::quota) sharing: Sharing,
    pub(in crate::quota) clock: &'c ServerClock,
    /// Where on the driver's clock the base of ticks is.
    pub(in crate::quota) base: Instant,
}

impl Span<'_> {
    pub(super) fn part(&self, of: u32) -> u32 {
        self.ceiling.checked_div(of).unwrap_or(0)
    }

    /// The least share: less would leave a client that yields to eager ones nothing at all.
    pub(super) fn floor(&self) -> u32 {
        self.part(8).max(1)
    }

    pub(super) fn clamped(&self, share: u32) -> u32 {
        share.max(self.floor()).min(self.ceiling)
    }

    pub(super) fn period(&self) -> Millis {
        self.window.period()
    }

    pub(super) fn part_of_period(&self, of: u32) -> Millis {
        self.window.part_of_period(of)
    }

    /// How far the windows of a server that keeps them by a timer may drift in one of them.
    pub(super) fn drift(&self) -> Millis {
        self.part_of_period(600)
    }

    /// The first round time of the server's clock that may not have come yet at `after`: the bounds of when it comes.
    pub(super) fn round_time(&self, after: Tick) -> Option<Arc> {
        let (earliest, latest) = self.clock.shows(after.instant(self.base))?;
        if latest.since(earliest) > CLOCK_ERROR {
            return None;
        }
        let period = u64::from(self.period().get());
        let to_go = period.wrapping_sub(earliest.as_millis().checked_rem(period)?);
        let time = UnixTime::from_millis(earliest.as_millis().checked_add(to_go)?);
        let high = Tick::of(self.clock.latest(time)?, self.base);
        Some(Arc { low: high.before(Millis::of(latest.since(earliest))), high })
    }

    /// Where a window begins that is `windows` windows later. The server may have drifted during `drifted` of them.
    #[inline(never)]
    pub(super) fn later(&self, arc: &Arc, windows: u32, drifted: u32) -> Arc {
        // Less than the time that these windows took.
        let by = self.period().times(windows);
        Arc { low: arc.low.after(by), high: arc.high.after(by).after(self.drift().times(drifted)) }
    }
}

/// A moment lies behind `low` and no later than `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arc {
    pub(super) low: Tick,
    pub(super) high: Tick,
}

/// Where a window began that was observed to begin in one arc, and predicted from another. Where the two do not meet,
/// the prediction was wrong.
pub(super) fn both(span: &Span<'_>, observed: Arc, before: Arc) -> Arc {
    let windows = observed.high.since(before.low).minus(Millis::new(1)).over(span.period());
    let Arc { low, high } = span.later(&before, windows, windows);
    let low = observed.low.max(low);
    Arc { low, high: if high > low { high.min(observed.high) } else { observed.high } }
}

/// The first arc that does not end before `sent`.
pub(super) fn next_arc(span: &Span<'_>, arc: Arc, sent: Tick) -> Arc {
    if sent <= arc.high {
        return arc;
    }
    // Every window after the first one may have drifted.
    let one = span.period().plus(span.drift());
    let windows = sent.since(arc.high).plus(span.drift()).minus(Millis::new(1)).over(one);
    span.later(&arc, windows.wrapping_add(1), windows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arc(low: u64, high: u64) -> Arc {
        Arc { low: Tick::from_millis(low), high: Tick::from_millis(high) }
    }

    /// Of a window that is unknown, and so is taken to be a minute. So the drift is 100 ms a window.
    fn span() -> Span<'static> {
        // So that the ticks are the milliseconds of the driver's clock.
        let base = Instant::from_millis(1 << 31);
        Span {
            window: &Queue::UNKNOWN,
            ceiling: 200,
            sharing: Sharing::Fair,
            clock: &ServerClock::Unknown,
            base,
        }
    }

    #[test]
    fn a_round_time_is_looked_for_once_the_clock_is_known_to_two_seconds() {
        // A date is a whole second, and it was written somewhere on the way.
        for (heard, expected) in
            [(0, Some(arc(19_000, 20_000))), (1_000, Some(arc(19_000, 21_000))), (1_001, None)]
        {
            let mut clock = ServerClock::Unknown;
            clock.learn(UnixTime::from_millis(1_800_000_040_000), Instant::ZERO, Instant::from_millis(heard));
            let span = Span { clock: &clock, ..span() };
            assert_eq!(span.round_time(Tick::LONG_AGO), expected, "{heard}");
        }
        assert_eq!(span().round_time(Tick::LONG_AGO), None);
    }

    #[test]
    fn every_window_after_the_first_one_may_have_drifted() {
        let table = [
            (1_000, arc(0, 1_000)),
            (1_001, arc(60_000, 61_000)),
            (61_000, arc(60_000, 61_000)),
            (61_001, arc(120_000, 121_100)),
            (121_100, arc(120_000, 121_100)),
            (121_101, arc(180_000, 181_200)),
        ];
        for (sent, expected) in table {
            assert_eq!(next_arc(&span(), arc(0, 1_000), Tick::from_millis(sent)), expected, "sent at {sent}");
        }
    }

    #[test]
    fn an_observation_is_narrowed_by_the_prediction_and_its_drift() {
        let table = [
            ("both ends", arc(59_000, 62_000), arc(60_000, 61_100)),
            ("two windows on", arc(119_000, 125_000), arc(120_000, 121_200)),
            ("the end alone", arc(60_500, 62_000), arc(60_500, 61_100)),
            ("narrower than predicted", arc(60_200, 60_900), arc(60_200, 60_900)),
            ("the two only touch", arc(61_100, 62_000), arc(61_100, 62_000)),
            ("the prediction was wrong", arc(61_500, 62_000), arc(61_500, 62_000)),
        ];
        for (name, observed, expected) in table {
            assert_eq!(both(&span(), observed, arc(0, 1_000)), expected, "{name}");
        }
    }
}
