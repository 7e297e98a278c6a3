//! What the server says of its limit on every answer, obeyed as long as it holds: how many requests are left until when,
//! and how many a window admits now. Kept for each window apart: where a server counts kinds of requests apart, what it
//! says of one must not hold back another.

use super::queue::Queue;
use super::tick::{Millis, Tick};
use super::window::part_of;
use crate::http::Limits;

/// Two ends that differ by less are of the same window: servers say whole seconds.
const SAME_END: Millis = Millis::from_secs(2);

/// What a server says of one window. Values expire. At the start, all are expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServerQuota {
    /// How many requests are left of the window in hand, and until when.
    left: u32,
    left_until: Tick,
    /// How many the window admits, until it has not been repeated for two of them.
    limit: u32,
    limit_until: Tick,
}

impl ServerQuota {
    /// Nothing yet.
    pub(super) const NOTHING: Self =
        Self { left: 0, left_until: Tick::LONG_AGO, limit: 0, limit_until: Tick::LONG_AGO };

    /// An answer was heard now, while so many other requests that `window` counts are on their way. `reset` is where
    /// in time its fields have the next window begin.
    pub(super) fn hear(
        &mut self,
        limits: &Limits,
        window: &Queue,
        reset: Option<Tick>,
        in_flight: u32,
        now: Tick,
    ) {
        if let (Some(left), Some(reset)) = (limits.remaining, reset) {
            self.hear_left(left.saturating_sub(in_flight), reset.after(window.slack()), window, now);
        }
        // A limit without its period may be that of any window.
        let period = Some(window.period().duration());
        if let Some(said) = limits.policies.iter().flatten().find(|said| said.period == period) {
            (self.limit, self.limit_until) = (said.quota, now.after(window.two_periods()));
        }
    }

    /// Answers may overtake each other. So within one window what is left only falls.
    fn hear_left(&mut self, left: u32, until: Tick, window: &Queue, now: Tick) {
        let apart = SAME_END.min(window.part_of_period(2));
        let is_same_window = now < self.left_until && until < self.left_until.after(apart);
        if until > now && (!is_same_window || left < self.left) {
            (self.left, self.left_until) = (left, until);
        }
    }

    /// The limit of the window, as far as there is memory for it, of which a client has this part.
    pub(super) fn limit(&self, window: &Queue, part: (u32, u32), now: Tick) -> u32 {
        if self.limit_until > now { part_of(self.limit, part).min(window.limit).max(1) } else { window.limit }
    }

    /// A request leaves that the window counts.
    pub(super) fn take(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// The base of time moved along so far.
    pub(super) fn move_along(&mut self, by: Millis) {
        self.left_until.move_along(by);
        self.limit_until.move_along(by);
    }

    /// Until when nothing is left: a moment that may be over.
    pub(super) fn opens(&self) -> Tick {
        if self.left == 0 { self.left_until } else { Tick::LONG_AGO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Policy;
    use crate::quota::Window;
    use crate::time::Duration;

    fn window(limit: u32, seconds: u64) -> Queue {
        Queue::new(&Window::new(limit, Duration::from_secs(seconds)).with_slack(Duration::ZERO), 1).unwrap()
    }

    fn minute() -> Queue {
        window(200, 60)
    }

    fn at(seconds: u64) -> Tick {
        Tick::from_millis(seconds * 1_000)
    }

    fn left(remaining: u32) -> Limits {
        Limits { remaining: Some(remaining), ..Limits::default() }
    }

    #[test]
    fn within_one_window_what_is_left_only_falls() {
        /// What is said: how many are left, until which second, and when; and how many are believed to be left.
        type Said = (u32, u64, u64, u32);
        let table: [(&str, &[Said]); 10] = [
            ("in order", &[(2, 60, 1, 2), (1, 60, 2, 1), (0, 60, 3, 0)]),
            ("overtaken", &[(0, 60, 1, 0), (1, 60, 1, 0), (2, 60, 1, 0)]),
            ("ends in whole seconds", &[(0, 60, 1, 0), (1, 61, 2, 0), (2, 59, 3, 0)]),
            ("the next window", &[(0, 60, 59, 0), (199, 120, 60, 199)]),
            (
                "the next window, before the last one is thought to be over",
                &[(0, 60, 59, 0), (199, 119, 59, 199)],
            ),
            ("a late word of the window before", &[(199, 120, 60, 199), (3, 60, 61, 199)]),
            (
                "one that moves along is believed again when it was to end",
                &[(1, 4, 1, 1), (5, 5, 2, 1), (7, 8, 4, 7)],
            ),
            ("over at its end, to the millisecond", &[(1, 4, 1, 1), (7, 5, 4, 7)]),
            ("an end two seconds on is another one", &[(0, 60, 1, 0), (199, 62, 1, 199)]),
            ("what is over already says nothing", &[(5, 60, 1, 5), (0, 2, 2, 5)]),
        ];
        for (name, said) in table {
            let mut quota = ServerQuota::NOTHING;
            for &(remaining, until, now, expected) in said {
                quota.hear(&left(remaining), &minute(), Some(at(until)), 0, at(now));
                assert_eq!(quota.left, expected, "{name}: {remaining} at {now} s");
            }
        }
    }

    #[test]
    fn an_end_that_is_said_again_a_second_later_does_not_move() {
        let mut quota = ServerQuota::NOTHING;
        for (until, now) in [(60, 1), (61, 2), (62, 3)] {
            quota.hear(&left(0), &minute(), Some(at(until)), 0, at(now));
            let expected = if until == 62 { at(62) } else { at(60) };
            assert_eq!(quota.opens(), expected, "{until}");
        }
    }

    #[test]
    fn what_is_on_its_way_is_not_left() {
        let mut quota = ServerQuota::NOTHING;
        quota.hear(&left(3), &minute(), Some(at(60)), 3, at(1));
        assert_eq!(quota.opens(), at(60));
        quota.hear(&left(2), &minute(), Some(at(60)), 2, at(1));
        assert_eq!(quota.opens(), at(60));
    }

    #[test]
    fn a_short_window_may_end_every_second() {
        let second = window(10, 1);
        let mut quota = ServerQuota::NOTHING;
        quota.hear(&left(0), &second, Some(at(2)), 0, at(1));
        quota.hear(&left(9), &second, Some(at(3)), 0, at(1));
        assert_eq!(quota.left, 9);
    }

    #[test]
    fn a_limit_is_adopted_only_with_its_own_period() {
        let policy =
            |quota, period: Option<u64>| Some(Policy { quota, period: period.map(Duration::from_secs) });
        let table = [
            ("bare", Limits { limit: Some(10), ..Limits::default() }, 200),
            (
                "of the minute",
                Limits { policies: [policy(10, Some(60)), None, None], ..Limits::default() },
                10,
            ),
            (
                "of the second",
                Limits { policies: [policy(10, Some(1)), None, None], ..Limits::default() },
                200,
            ),
            ("of no period", Limits { policies: [policy(10, None), None, None], ..Limits::default() }, 200),
            (
                "of two",
                Limits {
                    policies: [policy(1, Some(1)), policy(20, Some(60)), None],
                    limit: Some(1),
                    ..Limits::default()
                },
                20,
            ),
            ("raised", Limits { policies: [policy(900, Some(60)), None, None], ..Limits::default() }, 200),
        ];
        for (name, limits, expected) in table {
            let mut quota = ServerQuota::NOTHING;
            quota.hear(&limits, &minute(), Some(at(2)), 0, at(1));
            assert_eq!(quota.limit(&minute(), (1, 1), at(2)), expected, "{name}");
        }
    }
}
