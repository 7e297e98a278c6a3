//! A bucket that holds so many requests and fills all the time at the limit in each window, one at a time: no window begins
//! or ends.

use super::Verdict;

#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    limit: u64,
    window_ms: u64,
    /// How many requests it holds.
    burst: u64,
    /// In parts of a request, `window_ms` to one: whole numbers, so that nothing depends on how often it is asked.
    parts: u64,
    filled_at: Option<u64>,
}

impl Bucket {
    pub(super) fn new(limit: u64, window_ms: u64, burst: u64) -> Self {
        Self { limit, window_ms, burst, parts: burst * window_ms, filled_at: None }
    }

    pub(super) fn take(&mut self, now_ms: u64) -> Verdict {
        self.parts = self.parts_at(now_ms);
        self.filled_at = Some(self.filled_at.map_or(now_ms, |at| at.max(now_ms)));
        if self.parts < self.window_ms || self.limit == 0 {
            return Verdict::Rejected { wait_ms: self.until_reset(now_ms) };
        }
        self.parts -= self.window_ms;
        Verdict::Accepted
    }

    /// Until one more request fits.
    pub(super) fn until_reset(&self, now_ms: u64) -> u64 {
        let missing = self.window_ms.saturating_sub(self.parts_at(now_ms));
        missing.div_ceil(self.limit.max(1))
    }

    pub(super) fn left(&self, now_ms: u64) -> u64 {
        self.parts_at(now_ms) / self.window_ms
    }

    fn parts_at(&self, now_ms: u64) -> u64 {
        let passed = self.filled_at.map_or(0, |at| now_ms.saturating_sub(at));
        self.parts.saturating_add(passed.saturating_mul(self.limit)).min(self.burst * self.window_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_back_one_place_at_a_time_from_the_first_moment_on() {
        let mut bucket = Bucket::new(2, 1_000, 2);
        let cases = [
            (0, Verdict::Accepted),
            (0, Verdict::Accepted),
            (100, Verdict::Rejected { wait_ms: 400 }),
            (500, Verdict::Accepted),
            (999, Verdict::Rejected { wait_ms: 1 }),
            (1_000, Verdict::Accepted),
            (9_000, Verdict::Accepted),
            (9_000, Verdict::Accepted),
            (9_000, Verdict::Rejected { wait_ms: 500 }),
        ];
        for (at, expected) in cases {
            assert_eq!(bucket.take(at), expected, "at {at}");
        }
    }

    #[test]
    fn a_small_bucket_admits_its_burst_at_once_and_then_the_rate() {
        // Ten in a second, three at once.
        let mut bucket = Bucket::new(10, 1_000, 3);
        let times = [0, 0, 0, 0, 99, 100, 150, 200, 5_000, 5_000, 5_000, 5_000];
        let verdicts = times.map(|at| bucket.take(at) == Verdict::Accepted);
        assert_eq!(verdicts, [true, true, true, false, false, true, false, true, true, true, true, false]);
    }
}
