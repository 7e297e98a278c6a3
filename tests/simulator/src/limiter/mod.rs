//! A counter: when it says no. One small type a kind of window, behind one enum. Times are Unix
//! milliseconds and come from outside; a clock that steps back is taken as one that stands still. The semantics are
//! those of servers in use: .NET's partitioned limiter, express-rate-limit, envoyproxy/ratelimit, logs as in Django
//! REST framework, counters as in HAProxy, and small buckets as nginx's `limit_req` with a burst.

mod bucket;
mod counter;
mod fixed;
mod limits;
mod sliding;
mod timer;

use crate::config::WindowKind;
use bucket::Bucket;
use counter::Counter;
use fixed::{Epoch, FirstRequest};
pub use limits::Limit;
pub(crate) use limits::Limits;
use sliding::Sliding;
use timer::Timer;

/// What the counter says to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    /// No: come back in so many milliseconds.
    Rejected {
        wait_ms: u64,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Limiter {
    Epoch(Epoch),
    FirstRequest(FirstRequest),
    Timer(Timer),
    Sliding(Sliding),
    Bucket(Bucket),
    Counter(Counter),
}

impl Limiter {
    /// A counter of so many requests in so many milliseconds; a window of none is taken as one.
    pub(crate) fn new(window: WindowKind, limit: u32, window_ms: u64, seed: u64) -> Self {
        let (limit, window_ms) = (u64::from(limit), window_ms.max(1));
        match window {
            WindowKind::Epoch => Self::Epoch(Epoch::new(limit, window_ms)),
            WindowKind::FirstRequest => Self::FirstRequest(FirstRequest::new(limit, window_ms)),
            WindowKind::Timer => Self::Timer(Timer::new(limit, window_ms, seed)),
            WindowKind::Sliding => Self::Sliding(Sliding::new(limit, window_ms, false)),
            WindowKind::SlidingCountsRejected => Self::Sliding(Sliding::new(limit, window_ms, true)),
            WindowKind::Bucket => Self::Bucket(Bucket::new(limit, window_ms, limit)),
            WindowKind::SmallBucket { burst } => Self::Bucket(Bucket::new(limit, window_ms, burst.into())),
            WindowKind::Counter => Self::Counter(Counter::new(limit, window_ms)),
        }
    }

    /// One request arrives and is counted if it is accepted.
    pub(crate) fn take(&mut self, now_ms: u64) -> Verdict {
        match self {
            Self::Epoch(window) => window.take(now_ms),
            Self::FirstRequest(window) => window.take(now_ms),
            Self::Timer(window) => window.take(now_ms),
            Self::Sliding(window) => window.take(now_ms),
            Self::Bucket(bucket) => bucket.take(now_ms),
            Self::Counter(counter) => counter.take(now_ms),
        }
    }

    /// How long a rejection would have to wait, should one be given out of turn.
    pub(crate) fn until_reset(&self, now_ms: u64) -> u64 {
        match self {
            Self::Epoch(window) => window.until_reset(now_ms),
            Self::FirstRequest(window) => window.until_reset(now_ms),
            Self::Timer(window) => window.until_reset(now_ms),
            Self::Sliding(window) => window.until_reset(now_ms),
            Self::Bucket(bucket) => bucket.until_reset(now_ms),
            Self::Counter(counter) => counter.until_reset(now_ms),
        }
    }

    /// How many requests fit now.
    pub(crate) fn left(&self, now_ms: u64) -> u64 {
        match self {
            Self::Epoch(window) => window.left(now_ms),
            Self::FirstRequest(window) => window.left(now_ms),
            Self::Timer(window) => window.left(now_ms),
            Self::Sliding(window) => window.left(now_ms),
            Self::Bucket(bucket) => bucket.left(now_ms),
            Self::Counter(counter) => counter.left(now_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(window: WindowKind, limit: u32, window_ms: u64) -> Limiter {
        Limiter::new(window, limit, window_ms, 1)
    }

    fn accepted(limiter: &mut Limiter, times: &[u64]) -> Vec<bool> {
        times.iter().map(|&at| limiter.take(at) == Verdict::Accepted).collect()
    }

    #[test]
    fn no_kind_accepts_more_than_the_limit_at_once() {
        for kind in WindowKind::ALL {
            let mut limiter = limiter(kind, 3, 60_000);
            let verdicts = accepted(&mut limiter, &[90_000; 6]);
            assert_eq!(verdicts, [true, true, true, false, false, false], "{kind:?}");
        }
    }

    /// Those that admit a window's worth at once, and those that do not.
    fn every_kind() -> impl Iterator<Item = WindowKind> {
        WindowKind::ALL.into_iter().chain(WindowKind::UNEVEN)
    }

    #[test]
    fn the_wait_that_a_rejection_names_is_enough() {
        for kind in every_kind() {
            for window_ms in [100, 1_000, 60_000] {
                let mut limiter = limiter(kind, 2, window_ms);
                accepted(&mut limiter, &[1_000_007, 1_000_009, 1_000_009, 1_000_009, 1_000_009]);
                let Verdict::Rejected { wait_ms } = limiter.take(1_000_020) else { panic!("{kind:?}") };
                assert!(wait_ms > 0);
                assert_eq!(limiter.take(1_000_020 + wait_ms), Verdict::Accepted, "{kind:?} {window_ms}");
            }
        }
    }

    #[test]
    fn a_clock_that_steps_back_is_taken_as_standing_still() {
        for kind in WindowKind::ALL.into_iter().chain([WindowKind::Counter]) {
            let mut limiter = limiter(kind, 1, 1_000);
            assert_eq!(accepted(&mut limiter, &[500_900, 500_100, 0]), [true, false, false], "{kind:?}");
        }
    }

    #[test]
    fn so_many_as_are_left_are_accepted_and_not_one_more() {
        for kind in every_kind() {
            let mut limiter = limiter(kind, 5, 60_000);
            accepted(&mut limiter, &[90_000; 2]);
            for left in (0..=3).rev() {
                assert_eq!(limiter.left(90_001), left, "{kind:?}");
                assert_eq!(limiter.take(90_001) == Verdict::Accepted, left > 0, "{kind:?}");
            }
        }
    }

    #[test]
    fn a_limit_of_nothing_rejects_everything() {
        for kind in every_kind() {
            let mut limiter = limiter(kind, 0, 1_000);
            assert_eq!(accepted(&mut limiter, &[5, 5_000]), [false, false], "{kind:?}");
        }
    }
}
