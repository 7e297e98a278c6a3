//! The two plain fixed windows. A rejected call is not counted by either; their counters show it nowhere.

use super::Verdict;

/// Windows at multiples of their length since the Unix epoch, as in envoyproxy/ratelimit.
#[derive(Clone, Debug)]
pub(crate) struct Epoch {
    limit: u64,
    window_ms: u64,
    /// The window last seen, as its start.
    start: u64,
    used: u64,
}

impl Epoch {
    pub(super) fn new(limit: u64, window_ms: u64) -> Self {
        Self { limit, window_ms, start: 0, used: 0 }
    }

    pub(super) fn take(&mut self, now_ms: u64) -> Verdict {
        let start = now_ms - now_ms % self.window_ms;
        if start > self.start {
            (self.start, self.used) = (start, 0);
        }
        if self.used == self.limit {
            return Verdict::Rejected { wait_ms: self.until_reset(now_ms) };
        }
        self.used += 1;
        Verdict::Accepted
    }

    pub(super) fn left(&self, now_ms: u64) -> u64 {
        let is_over = now_ms >= self.start + self.window_ms;
        self.limit - if is_over { 0 } else { self.used }
    }

    pub(super) fn until_reset(&self, now_ms: u64) -> u64 {
        (self.start.max(now_ms - now_ms % self.window_ms) + self.window_ms).saturating_sub(now_ms)
    }
}

/// A window from the first request on; when it has run out, the next request starts another. As in express-rate-limit.
#[derive(Clone, Debug)]
pub(crate) struct FirstRequest {
    limit: u64,
    window_ms: u64,
    start: Option<u64>,
    used: u64,
}

impl FirstRequest {
    pub(super) fn new(limit: u64, window_ms: u64) -> Self {
        Self { limit, window_ms, start: None, used: 0 }
    }

    pub(super) fn take(&mut self, now_ms: u64) -> Verdict {
        if self.start.is_none_or(|start| now_ms >= start + self.window_ms) {
            (self.start, self.used) = (Some(now_ms), 0);
        }
        if self.used == self.limit {
            return Verdict::Rejected { wait_ms: self.until_reset(now_ms) };
        }
        self.used += 1;
        Verdict::Accepted
    }

    pub(super) fn left(&self, now_ms: u64) -> u64 {
        let is_over = self.start.is_none_or(|start| now_ms >= start + self.window_ms);
        self.limit - if is_over { 0 } else { self.used }
    }

    pub(super) fn until_reset(&self, now_ms: u64) -> u64 {
        let end = self.start.map_or(now_ms, |start| start + self.window_ms);
        end.saturating_sub(now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_window_resets_at_the_boundary_whenever_it_was_first_used() {
        let mut window = Epoch::new(2, 1_000);
        let cases = [
            (7_900, Verdict::Accepted),
            (7_950, Verdict::Accepted),
            (7_999, Verdict::Rejected { wait_ms: 1 }),
            (8_000, Verdict::Accepted),
            (8_001, Verdict::Accepted),
            (8_002, Verdict::Rejected { wait_ms: 998 }),
            (9_000, Verdict::Accepted),
        ];
        for (at, expected) in cases {
            assert_eq!(window.take(at), expected, "at {at}");
        }
    }

    #[test]
    fn a_first_request_window_starts_at_the_request_that_finds_none() {
        let mut window = FirstRequest::new(2, 1_000);
        let cases = [
            (7_900, Verdict::Accepted),
            (8_100, Verdict::Accepted),
            (8_899, Verdict::Rejected { wait_ms: 1 }),
            (8_900, Verdict::Accepted),
            (9_899, Verdict::Accepted),
            // The window of 8,900 has run out, but the next one starts only here.
            (10_500, Verdict::Accepted),
            (11_400, Verdict::Accepted),
            (11_499, Verdict::Rejected { wait_ms: 1 }),
            (11_500, Verdict::Accepted),
        ];
        for (at, expected) in cases {
            assert_eq!(window.take(at), expected, "at {at}");
        }
    }

    #[test]
    fn a_rejected_call_is_not_counted() {
        let mut window = Epoch::new(1, 1_000);
        let verdicts: Vec<_> = [0, 1, 2, 3, 1_000].map(|at| window.take(at) == Verdict::Accepted).into();
        assert_eq!(verdicts, [true, false, false, false, true]);
    }
}
