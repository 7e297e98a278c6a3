//! A sliding-window counter: the requests of the fixed window in hand, and those of the one before it, weighted by the part
//! of that one that still lies within the last period. A request is let in while the sum is less than the limit. So count
//! HAProxy's `http_req_rate` and many gateways, for it takes two numbers and no log. The windows are at multiples of their
//! length since the Unix epoch. Rejected requests are not counted.

use super::Verdict;

#[derive(Clone, Debug)]
pub(crate) struct Counter {
    limit: u64,
    window_ms: u64,
    /// The window last seen, as its start.
    start: u64,
    used: u64,
    /// Requests of the window before that.
    before: u64,
    latest: u64,
}

impl Counter {
    pub(super) fn new(limit: u64, window_ms: u64) -> Self {
        Self { limit, window_ms, start: 0, used: 0, before: 0, latest: 0 }
    }

    pub(super) fn take(&mut self, now_ms: u64) -> Verdict {
        *self = self.at(now_ms);
        if !self.has_room() {
            return Verdict::Rejected { wait_ms: self.until_reset(now_ms) };
        }
        self.used += 1;
        Verdict::Accepted
    }

    pub(super) fn left(&self, now_ms: u64) -> u64 {
        let counter = self.at(now_ms);
        let weighted = counter.before * counter.remaining() / self.window_ms;
        self.limit.saturating_sub(counter.used + weighted)
    }

    /// Until one more request fits, if none comes in between.
    pub(super) fn until_reset(&self, now_ms: u64) -> u64 {
        let now = self.at(now_ms);
        if now.has_room() || self.limit == 0 {
            return 0;
        }
        let remaining = now.remaining();
        // The largest part of the window that may remain for the weighted count to leave room.
        let part = |room: u64, count: u64| (room * self.window_ms).div_ceil(count.max(1)).saturating_sub(1);
        if now.used < self.limit {
            return remaining - part(self.limit - now.used, now.before).min(remaining);
        }
        // Only in the next window, where this one is the one before.
        remaining + self.window_ms - part(self.limit, now.used).min(self.window_ms)
    }

    /// The counter at a moment.
    fn at(&self, now_ms: u64) -> Self {
        let latest = self.latest.max(now_ms);
        let start = latest - latest % self.window_ms;
        let before = match (start - self.start) / self.window_ms {
            0 => return Self { latest, ..self.clone() },
            1 => self.used,
            _ => 0,
        };
        Self { start, used: 0, before, latest, ..self.clone() }
    }

    /// How much of the window is to come, which is how much of the one before still counts.
    fn remaining(&self) -> u64 {
        self.start + self.window_ms - self.latest
    }

    fn has_room(&self) -> bool {
        self.used * self.window_ms + self.before * self.remaining() < self.limit * self.window_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdicts at these moments.
    fn accepted(limit: u64, window_ms: u64, times: &[u64]) -> Vec<bool> {
        let mut counter = Counter::new(limit, window_ms);
        times.iter().map(|at| counter.take(*at) == Verdict::Accepted).collect()
    }

    #[test]
    fn the_window_before_counts_as_far_as_it_still_lies_within_the_last_period() {
        // Four of four at the end of a window. Half a window later two of them count, so two fit; three quarters later
        // one more does.
        let burst = [900; 4];
        let later = [1_000, 1_500, 1_500, 1_500, 1_750, 1_750, 1_999];
        let times: Vec<_> = burst.into_iter().chain(later).collect();
        assert_eq!(
            accepted(4, 1_000, &times),
            [true, true, true, true, false, true, true, false, true, false, true]
        );
    }

    #[test]
    fn an_even_pace_passes_and_a_log_of_the_own_requests_does_not() {
        // 20 in 5 s, as fast as a log of the last 5 s allows: each 20 requests at once, every five seconds.
        for phase in [0, 100, 2_500] {
            let bursts: Vec<_> =
                (0..10).flat_map(|burst| (0..20).map(move |i| phase + burst * 5_000 + i * 40)).collect();
            let rejected = accepted(20, 5_000, &bursts).iter().filter(|is_accepted| !**is_accepted).count();
            assert!(rejected > 40, "{rejected} at {phase}");
        }
        for phase in [0, 100, 2_500, 4_000] {
            let even: Vec<_> = (0..200).map(|i| phase + i * 251).collect();
            assert!(accepted(20, 5_000, &even).iter().all(|is_accepted| *is_accepted), "phase {phase}");
        }
    }

    #[test]
    fn two_windows_later_nothing_of_it_counts() {
        assert_eq!(accepted(1, 1_000, &[500, 1_999, 3_000]), [true, true, true]);
        assert_eq!(accepted(1, 1_000, &[500, 1_000, 2_000]), [true, false, true]);
    }
}
