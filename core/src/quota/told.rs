//! What the server says of its limit on every answer, obeyed as long as it holds: how many requests are left until when,
//! and how many a window admits now. Kept for each window apart: where a server counts kinds of requests apart, what it
//! says of one must not hold back another.

use super::window::{Window, part_of};
use crate::http::Limits;
use crate::time::Instant;

/// What a server says of one window. What it says no more is over: at the very beginning, all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// How many requests are left of the window in hand, and until when.
    left: u32,
    left_until: Instant,
    /// How many the window admits, until it has not been repeated for two of them.
    limit: u32,
    limit_until: Instant,
}

impl Told {
    /// Nothing yet.
    pub(super) const NOTHING: Self =
        Self { left: 0, left_until: Instant::ZERO, limit: 0, limit_until: Instant::ZERO };

    /// An answer that was heard now, while so many other requests that `window` counts are on their way. `reset` is where
    /// in time its fields have the next window begin.
    ///
    /// A limit that says nothing of its period is only the window's own if it `is_alone`.
    pub(super) fn hear(
        &mut self,
        limits: &Limits,
        window: Window,
        is_alone: bool,
        reset: Option<Instant>,
        in_flight: u32,
        now: Instant,
    ) {
        if let (Some(left), Some(until)) = (limits.remaining, reset) {
            (self.left, self.left_until) = (left.saturating_sub(in_flight), until.after(window.slack));
        }
        let (mut of_period, mut has_periods) = (None, false);
        for policy in limits.policies.iter().flatten() {
            has_periods |= policy.period.is_some();
            if policy.period == Some(window.period) {
                of_period = of_period.or(Some(policy.quota));
            }
        }
        let unnamed = limits.limit.filter(|_| is_alone && !has_periods);
        if let Some(limit) = of_period.or(unnamed) {
            (self.limit, self.limit_until) = (limit, now.after(window.period.times(2)));
        }
    }

    /// The limit of the window, as far as there is memory for it, of which a client has this part.
    pub(super) fn limit(&self, window: Window, part: (u32, u32), now: Instant) -> u32 {
        if self.limit_until > now { part_of(self.limit, part).min(window.limit).max(1) } else { window.limit }
    }

    /// A request leaves that the window counts.
    pub(super) fn take(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// Until when nothing is left: a moment that may be over.
    pub(super) fn opens(&self) -> Instant {
        if self.left == 0 { self.left_until } else { Instant::ZERO }
    }
}
