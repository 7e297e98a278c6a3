//! How busy the busiest span of one window was, whatever the counters made of it: a client that keeps to a limit keeps
//! this at or below it.

use std::collections::VecDeque;

use crate::stats::Stats;

/// The requests of the last window.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals {
    window_ms: u64,
    times: VecDeque<u64>,
}

impl Arrivals {
    pub(crate) fn new(window_ms: u64) -> Self {
        Self { window_ms: window_ms.max(1), times: VecDeque::new() }
    }

    /// One more request, told to [`Stats::busiest_window`].
    pub(crate) fn note(&mut self, now_ms: u64, stats: &mut Stats) {
        while self.times.front().is_some_and(|&first| now_ms >= first + self.window_ms) {
            self.times.pop_front();
        }
        self.times.push_back(now_ms);
        stats.busiest_window = stats.busiest_window.max(self.times.len() as u64);
    }
}
