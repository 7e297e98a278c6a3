//! What limits requests at the server: one small model a kind, written from what the kinds are and not from the quota.

use crate::quota::LimiterKind;
use std::vec::Vec;

/// A limit of so many requests in so many milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Limiter {
    pub(super) limit: u32,
    pub(super) period: u64,
    pub(super) kind: Kind,
    /// When requests were let in, oldest first.
    admitted: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Windows that begin at every multiple of the period, so many milliseconds later.
    Fixed { phase: u64 },
    /// A window begins with the first request behind the one before.
    FirstRequest,
    /// Any span of one period.
    Sliding,
    /// Tokens that come back at an even pace, up to the limit.
    Bucket,
    /// The same, up to so many.
    SmallBucket { burst: u32 },
    /// The count of the fixed window in hand, and that of the one before weighted by what is left of it.
    Counter { phase: u64 },
}

impl Kind {
    pub(super) fn random(random: &mut fastrand::Rng, period: u64) -> Self {
        match random.u8(..6) {
            4 => Self::SmallBucket { burst: random.u32(1..=3) },
            5 => Self::Counter { phase: random.u64(..period) },
            0 => Self::Fixed { phase: random.u64(..period) },
            1 => Self::FirstRequest,
            2 => Self::Sliding,
            _ => Self::Bucket,
        }
    }

    /// What a description calls it. The first four need no name.
    pub(super) const fn named(self) -> LimiterKind {
        match self {
            Self::Fixed { .. } | Self::FirstRequest | Self::Sliding | Self::Bucket => LimiterKind::Unknown,
            Self::SmallBucket { burst } => LimiterKind::Bucket { burst },
            Self::Counter { .. } => LimiterKind::Counter,
        }
    }
}

impl Limiter {
    pub(super) fn new(limit: u32, period: u64, kind: Kind) -> Self {
        Self { limit, period, kind, admitted: Vec::new() }
    }

    /// A request arrives, not before the one before it. Whether it is let in.
    pub(super) fn admits(&mut self, now: u64) -> bool {
        let is_admitted = match self.kind {
            Kind::Fixed { phase } => {
                let window = |at: u64| (at + phase) / self.period;
                let here = self.admitted.iter().filter(|at| window(**at) == window(now)).count();
                here < self.limit as usize
            }
            Kind::FirstRequest => {
                let start = self.admitted.iter().fold(None, |start, at| match start {
                    Some(start) if *at < start + self.period => Some(start),
                    _ => Some(*at),
                });
                let here = self.admitted.iter().filter(|at| Some(**at) >= start).count();
                start.is_none_or(|start| now >= start + self.period) || here < self.limit as usize
            }
            Kind::Sliding => {
                let here = self.admitted.iter().filter(|at| now < **at + self.period).count();
                here < self.limit as usize
            }
            Kind::Counter { phase } => {
                let window = |at: u64| (at + phase) / self.period;
                let in_window = |number: u64| {
                    let here = self.admitted.iter().filter(|at| window(**at) == number).count();
                    u64::try_from(here).unwrap() * self.period
                };
                let left = self.period - (now + phase) % self.period;
                let before = in_window(window(now).wrapping_sub(1)) * left / self.period;
                in_window(window(now)) + before < u64::from(self.limit) * self.period
            }
            Kind::Bucket | Kind::SmallBucket { .. } => {
                let most = if let Kind::SmallBucket { burst } = self.kind { burst } else { self.limit };
                // In parts of a token, a period to one: whole numbers.
                let full = u64::from(most) * self.period;
                let (mut parts, mut since) = (full, 0);
                for at in &self.admitted {
                    parts = (parts + (at - since) * u64::from(self.limit)).min(full) - self.period;
                    since = *at;
                }
                (parts + (now - since) * u64::from(self.limit)).min(full) >= self.period
            }
        };
        if is_admitted {
            self.admitted.push(now);
        }
        is_admitted
    }
}

#[test]
fn each_kind_lets_in_what_it_should() {
    let table = [
        (Kind::Fixed { phase: 0 }, [true, true, false, false, true, true]),
        (Kind::Fixed { phase: 500 }, [true, true, true, true, false, false]),
        (Kind::FirstRequest, [true, true, false, false, true, true]),
        (Kind::Sliding, [true, true, false, false, true, false]),
        (Kind::Bucket, [true, true, true, false, true, false]),
        (Kind::SmallBucket { burst: 1 }, [true, false, true, false, true, false]),
        (Kind::Counter { phase: 0 }, [true, true, false, false, true, false]),
    ];
    for (kind, expected) in table {
        let mut limiter = Limiter::new(2, 1_000, kind);
        assert_eq!([0, 400, 600, 999, 1_100, 1_101].map(|at| limiter.admits(at)), expected, "{kind:?}");
    }
}
