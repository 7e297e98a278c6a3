//! What the server says of its limit on every answer, obeyed as long as it holds: how many requests are left until when,
//! and how many a window admits now.

use super::window::{Window, part_of};
use crate::http::Limits;
use crate::time::Instant;

/// What is left of the window in hand, as the server says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    left: Option<Left>,
    /// The limit of the longest window, until it has not been repeated for two of them.
    limit: Option<Limit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    requests: u32,
    until: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    requests: u32,
    until: Instant,
}

impl Told {
    /// An answer that was heard now, while so many other requests are on their way. `reset` is where in time its fields
    /// have the next window begin.
    ///
    /// `window` is the longest; a limit that says nothing of its period is only its own if it `is_alone`.
    pub(super) fn hear(
        &mut self,
        limits: &Limits,
        window: Window,
        is_alone: bool,
        reset: Option<Instant>,
        in_flight: u32,
        now: Instant,
    ) {
        if let Some((left, until)) = limits.remaining.zip(reset) {
            let until = until.after(window.slack);
            self.left = Some(Left { requests: left.saturating_sub(in_flight), until });
        }
        let of_period = |policy: &&crate::http::Policy| policy.period == Some(window.period);
        let policy = limits.policies.iter().flatten().find(of_period).map(|policy| policy.quota);
        let has_policies = limits.policies.iter().flatten().any(|policy| policy.period.is_some());
        let unnamed = limits.limit.filter(|_| is_alone && !has_policies);
        if let Some(limit) = policy.or(unnamed) {
            self.limit = Some(Limit { requests: limit, until: now.after(window.period.times(2)) });
        }
    }

    /// The limit of the longest window, as far as there is memory for it, of which a client has this part.
    pub(super) fn limit(&self, window: Window, part: (u32, u32), now: Instant) -> u32 {
        let told = self.limit.filter(|limit| limit.until > now);
        told.map_or(window.limit, |limit| part_of(limit.requests, part).min(window.limit).max(1))
    }

    /// A request leaves.
    pub(super) fn take(&mut self, now: Instant) {
        self.left = self.left.filter(|left| left.until > now);
        if let Some(left) = &mut self.left {
            left.requests = left.requests.saturating_sub(1);
        }
    }

    /// Until when nothing is left.
    pub(super) fn opens(&self, now: Instant) -> Option<Instant> {
        self.left.filter(|left| left.requests == 0 && left.until > now).map(|left| left.until)
    }
}
