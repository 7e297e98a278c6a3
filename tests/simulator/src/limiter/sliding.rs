//! A log of requests, each of which leaves it one window after it came. It never resets at once. Some servers log the
//! requests they reject as well; against those a client that keeps asking stays locked out.

use std::collections::VecDeque;

use super::Verdict;

#[derive(Clone, Debug)]
pub(crate) struct Sliding {
    limit: u64,
    window_ms: u64,
    counts_rejected: bool,
    /// When the requests of the last window came, oldest first. Never longer than the limit.
    log: VecDeque<u64>,
}

impl Sliding {
    pub(super) fn new(limit: u64, window_ms: u64, counts_rejected: bool) -> Self {
        Self { limit, window_ms, counts_rejected, log: VecDeque::new() }
    }

    pub(super) fn take(&mut self, now_ms: u64) -> Verdict {
        let now_ms = self.log.back().map_or(now_ms, |&last| last.max(now_ms));
        while self.log.front().is_some_and(|&oldest| now_ms >= oldest + self.window_ms) {
            self.log.pop_front();
        }
        let full = self.log.len() as u64 >= self.limit;
        if full && self.counts_rejected {
            self.log.pop_front();
        }
        if !full || (self.counts_rejected && self.limit > 0) {
            self.log.push_back(now_ms);
        }
        if full { Verdict::Rejected { wait_ms: self.until_reset(now_ms) } } else { Verdict::Accepted }
    }

    pub(super) fn left(&self, now_ms: u64) -> u64 {
        let held = self.log.iter().filter(|&&came| now_ms < came + self.window_ms).count() as u64;
        self.limit.saturating_sub(held)
    }

    /// Until one more request fits, if none comes in between.
    pub(super) fn until_reset(&self, now_ms: u64) -> u64 {
        self.log.front().map_or(self.window_ms, |&oldest| (oldest + self.window_ms).saturating_sub(now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sliding_window_gives_back_one_place_at_a_time() {
        let mut window = Sliding::new(3, 1_000, false);
        let cases = [
            (0, Verdict::Accepted),
            (400, Verdict::Accepted),
            (800, Verdict::Accepted),
            (999, Verdict::Rejected { wait_ms: 1 }),
            (1_000, Verdict::Accepted),
            (1_000, Verdict::Rejected { wait_ms: 400 }),
            (1_400, Verdict::Accepted),
            (1_401, Verdict::Rejected { wait_ms: 399 }),
        ];
        for (at, expected) in cases {
            assert_eq!(window.take(at), expected, "at {at}");
        }
    }

    #[test]
    fn hammering_a_window_that_counts_rejections_blocks_for_ever() {
        let mut window = Sliding::new(2, 1_000, true);
        for at in 0..10_000 {
            assert_eq!(window.take(at) == Verdict::Accepted, at < 2, "at {at}");
        }
        assert_eq!(window.take(11_000), Verdict::Accepted);
    }
}
