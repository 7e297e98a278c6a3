//! Several counters under names, some of which count a request together: ten a second and four hundred a minute, or one
//! for each user or category. A request that one of them refuses is counted by none, as gateways do it.

use super::{Limiter, Verdict};
use crate::config::WindowKind;

/// What one counter admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests that one window admits.
    pub requests: u32,
    /// The window's length in milliseconds; zero is taken as one.
    pub window_ms: u64,
    /// Where the window starts and when it resets.
    pub window: WindowKind,
}

/// Counters under names.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    seed: u64,
    counters: Vec<(String, Limiter)>,
}

impl Limits {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counters: Vec::new() }
    }

    /// Makes a counter, unless there is one of this name.
    pub(crate) fn add(&mut self, name: &str, limit: Limit) {
        if self.place(name).is_none() {
            let seed = self.seed.wrapping_add(self.counters.len() as u64);
            let Limit { requests, window_ms, window } = limit;
            self.counters.push((name.to_owned(), Limiter::new(window, requests, window_ms, seed)));
        }
    }

    /// One request arrives that all of these count. A name that is not known limits nothing.
    pub(crate) fn take(&mut self, now_ms: u64, names: &[&str]) -> Verdict {
        let full: Vec<&str> =
            names.iter().copied().filter(|name| self.left(now_ms, name) == Some(0)).collect();
        let asked = if full.is_empty() { names } else { full.as_slice() };
        let verdicts = asked.iter().filter_map(|name| {
            let place = self.place(name)?;
            Some(self.counters[place].1.take(now_ms))
        });
        verdicts.fold(Verdict::Accepted, later)
    }

    /// How many requests fit now; `None` where there is no such counter.
    pub(crate) fn left(&self, now_ms: u64, name: &str) -> Option<u64> {
        self.place(name).map(|place| self.counters[place].1.left(now_ms))
    }

    /// How long a rejection would have to wait, should one be given out of turn.
    pub(crate) fn until_reset(&self, now_ms: u64, names: &[&str]) -> u64 {
        let places = names.iter().filter_map(|name| self.place(name));
        places.map(|place| self.counters[place].1.until_reset(now_ms)).max().unwrap_or(0)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.counters.iter().position(|(known, _)| known == name)
    }
}

/// The verdict that holds for longer.
fn later(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Rejected { wait_ms }, Verdict::Rejected { wait_ms: other_ms }) => {
            Verdict::Rejected { wait_ms: wait_ms.max(other_ms) }
        }
        (Verdict::Accepted, other) => other,
        (rejected, Verdict::Accepted) => rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(kind: WindowKind) -> Limits {
        let limit = |requests, window_ms| Limit { requests, window_ms, window: kind };
        let mut limits = Limits::new(1);
        limits.add("second", limit(2, 1_000));
        limits.add("minute", limit(3, 60_000));
        limits
    }

    #[test]
    fn a_request_passes_where_all_its_counters_let_it() {
        let mut limits = limits(WindowKind::FirstRequest);
        let both = ["second", "minute"];
        let cases = [
            (0, Verdict::Accepted),
            (10, Verdict::Accepted),
            (20, Verdict::Rejected { wait_ms: 980 }),
            (1_000, Verdict::Accepted),
            (1_001, Verdict::Rejected { wait_ms: 58_999 }),
        ];
        for (at, expected) in cases {
            assert_eq!(limits.take(at, &both), expected, "at {at}");
        }
        assert_eq!(limits.until_reset(1_001, &both), 58_999);
    }

    #[test]
    fn a_request_that_one_counter_refuses_is_counted_by_none() {
        for kind in WindowKind::ALL {
            let mut limits = limits(kind);
            let verdicts = [0; 4].map(|at| limits.take(at, &["second", "minute"]) == Verdict::Accepted);
            assert_eq!(verdicts, [true, true, false, false], "{kind:?}");
            assert_eq!(limits.take(0, &["minute"]), Verdict::Accepted, "{kind:?}");
        }
    }

    #[test]
    fn a_name_is_one_counter_and_no_name_is_no_limit() {
        let mut limits = limits(WindowKind::Epoch);
        limits.add("second", Limit { requests: 9, window_ms: 1_000, window: WindowKind::Epoch });
        let verdicts = [0; 3].map(|at| limits.take(at, &["second"]) == Verdict::Accepted);
        assert_eq!(verdicts, [true, true, false]);
        assert_eq!((limits.take(0, &["other"]), limits.take(0, &[])), (Verdict::Accepted, Verdict::Accepted));
    }
}
