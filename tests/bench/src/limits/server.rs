//! Limiters as they are in use, in milliseconds of their own clock. What each does is in the text of the simulator's
//! limiter (`tests/simulator/src/limiter`); these are their models for runs of hours in a moment.

use super::{LIMIT, WINDOW};
use std::collections::VecDeque;

/// The kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Windows at multiples of their length since 1970.
    Epoch,
    /// A window from the first request on.
    First,
    /// A timer that beats every 100 ms refills; after 10 s without use the window is forgotten.
    Partition,
    /// A log of what was let in.
    Sliding,
    /// A log of what was asked.
    SlidingCountsRejected,
    /// A bucket of a window's worth that fills all the time.
    Bucket,
    /// The count of a window at multiples of its length, and that of the one before weighted by what is left of it.
    Counter,
    /// A bucket of [`BURST`] that fills all the time.
    SmallBucket,
}

/// What the small bucket holds.
pub const BURST: u32 = 5;

impl Kind {
    /// All that admit a window's worth at once, whenever there was silence for a window.
    pub const ALL: [Self; 6] =
        [Self::Epoch, Self::First, Self::Partition, Self::Sliding, Self::SlidingCountsRejected, Self::Bucket];
    /// Those that have fixed windows.
    pub const FIXED: [Self; 3] = [Self::Epoch, Self::First, Self::Partition];

    /// Those that take bursts badly.
    pub const UNEVEN: [Self; 2] = [Self::Counter, Self::SmallBucket];

    /// How it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::First => "first request",
            Self::Partition => "ASP.NET partition",
            Self::Sliding => "sliding log",
            Self::SlidingCountsRejected => "sliding, counts rejected",
            Self::Bucket => "token bucket",
            Self::Counter => "sliding-window counter",
            Self::SmallBucket => "small bucket",
        }
    }
}

/// A server with its counter.
#[derive(Clone, Debug)]
pub enum Server {
    /// [`Kind::Epoch`]
    Epoch { start: u64, used: u32 },
    /// [`Kind::First`]
    First { start: Option<u64>, used: u32 },
    /// [`Kind::Partition`]
    Partition { start: Option<u64>, used: u32, last_use: u64, lateness: fastrand::Rng },
    /// [`Kind::Sliding`], [`Kind::SlidingCountsRejected`]
    Log { log: VecDeque<u64>, counts_rejected: bool },
    /// [`Kind::Bucket`], [`Kind::SmallBucket`]
    Bucket { tokens: f64, at: u64, burst: f64 },
    /// [`Kind::Counter`]
    Counter { start: u64, used: u32, before: u32 },
}

impl Server {
    /// Of a kind. The seed makes its timer late.
    pub fn new(kind: Kind, seed: u64) -> Self {
        match kind {
            Kind::Epoch => Self::Epoch { start: 0, used: 0 },
            Kind::First => Self::First { start: None, used: 0 },
            Kind::Partition => {
                let lateness = fastrand::Rng::with_seed(seed);
                Self::Partition { start: None, used: 0, last_use: 0, lateness }
            }
            Kind::Sliding => Self::Log { log: VecDeque::new(), counts_rejected: false },
            Kind::SlidingCountsRejected => Self::Log { log: VecDeque::new(), counts_rejected: true },
            Kind::Bucket => Self::bucket(LIMIT),
            Kind::Counter => Self::Counter { start: 0, used: 0, before: 0 },
            Kind::SmallBucket => Self::bucket(BURST),
        }
    }

    fn bucket(burst: u32) -> Self {
        Self::Bucket { tokens: f64::from(burst), at: 0, burst: f64::from(burst) }
    }

    /// When the window of the latest request began.
    pub fn window(&self) -> Option<u64> {
        match self {
            Self::Epoch { start, .. } | Self::Counter { start, .. } => Some(*start),
            Self::First { start, .. } | Self::Partition { start, .. } => *start,
            Self::Log { .. } | Self::Bucket { .. } => None,
        }
    }

    /// A request arrives. Whether it is let in.
    pub fn take(&mut self, now: u64) -> bool {
        match self {
            Self::Epoch { start, used } => {
                let begin = now - now % WINDOW;
                if begin != *start {
                    (*start, *used) = (begin, 0);
                }
                count(used)
            }
            Self::First { start, used } => {
                if start.is_none_or(|start| now >= start + WINDOW) {
                    (*start, *used) = (Some(now), 0);
                }
                count(used)
            }
            Self::Partition { start, used, last_use, lateness } => {
                while let Some(begin) = *start {
                    // The first beat after the window is over, a little late.
                    let beat = (begin + WINDOW).div_ceil(100) * 100 + lateness.u64(..16);
                    if beat > now {
                        break;
                    }
                    let is_idle = beat.saturating_sub(*last_use) > WINDOW + 10_000;
                    (*start, *used) = (if is_idle { None } else { Some(beat) }, 0);
                }
                if start.is_none() {
                    (*start, *used) = (Some(now), 0);
                }
                *last_use = now;
                count(used)
            }
            Self::Log { log, counts_rejected } => {
                while log.front().is_some_and(|first| now >= first + WINDOW) {
                    log.pop_front();
                }
                let is_admitted = log.len() < LIMIT as usize;
                if is_admitted || *counts_rejected {
                    log.push_back(now);
                }
                if log.len() > LIMIT as usize {
                    log.pop_front();
                }
                is_admitted
            }
            Self::Counter { start, used, before } => {
                let begin = now - now % WINDOW;
                if begin != *start {
                    *before = if begin == *start + WINDOW { *used } else { 0 };
                    (*start, *used) = (begin, 0);
                }
                let left = (WINDOW - (now - *start)) as f64 / WINDOW as f64;
                let is_admitted = f64::from(*before) * left + f64::from(*used) < f64::from(LIMIT);
                *used += u32::from(is_admitted);
                is_admitted
            }
            Self::Bucket { tokens, at, burst } => {
                let filled = *tokens + (now - *at) as f64 * f64::from(LIMIT) / WINDOW as f64;
                (*tokens, *at) = (filled.min(*burst), now);
                let is_admitted = *tokens >= 1.0;
                if is_admitted {
                    *tokens -= 1.0;
                }
                is_admitted
            }
        }
    }
}

fn count(used: &mut u32) -> bool {
    let is_admitted = *used < LIMIT;
    *used += u32::from(is_admitted);
    is_admitted
}
