//! What is forgiven, and how long to wait before trying again: exponential backoff with jitter and a budget. The random
//! numbers come from a seed that the caller gives, so the same pull with the same seed waits the same.

use crate::time::{Duration, Instant};
use core::fmt;

/// Why the last attempt failed, as short as a wait can tell it.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// No connection came about.
    NoConnection,
    /// The connection broke.
    Broken,
    /// The server was silent, or slow, for too long.
    Timeout,
    /// The body is no JSON, or stops before it is whole.
    Unreadable,
    /// The server answered with this status.
    Status(u16),
    /// The server answered with this status that it is not ready yet.
    NotYet(u16),
    /// The token endpoint granted nothing.
    NoToken,
    /// The token endpoint answered with this status.
    TokenStatus(u16),
    /// A fresh token was refused with this status. Some servers need a moment until they know it.
    FreshToken(u16),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection => f.write_str("no connection to the server came about"),
            Self::Broken => f.write_str("the connection broke"),
            Self::Timeout => f.write_str("the server did not answer in time"),
            Self::Unreadable => f.write_str("the answer was not JSON, or not whole"),
            Self::Status(status) => write!(f, "the server answered with status {status}"),
            Self::NotYet(status) => write!(f, "the server is not ready yet (status {status})"),
            Self::NoToken => f.write_str("the token endpoint granted no token"),
            Self::TokenStatus(status) => write!(f, "the token endpoint answered with status {status}"),
            Self::FreshToken(status) => write!(f, "the server refused a fresh token (status {status})"),
        }
    }
}

/// How failures are forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many failures in a row are forgiven. A page that was read whole fills the budget up again.
    pub budget: u16,
    /// The longest wait after the first failure; it doubles with every further one.
    pub first: Duration,
    /// No wait is longer than this.
    pub ceiling: Duration,
}

impl RetryPolicy {
    /// Ten failures in a row, the first waited out for at most a second, none for more than a minute.
    pub const DEFAULT: Self =
        Self { budget: 10, first: Duration::from_secs(1), ceiling: Duration::from_secs(60) };
}

/// The failures so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    failures: u16,
    random: u64,
    not_before: Instant,
    cause: Cause,
}

impl Retry {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { failures: 0, random: seed, not_before: Instant::ZERO, cause: Cause::Broken }
    }

    /// Another part of the seed: it counts as the sum of all.
    pub(crate) const fn add_seed(&mut self, seed: u64) {
        self.random = self.random.wrapping_add(seed);
    }

    /// A failure: whether it is forgiven. If so, [`Retry::opens`] says until when to wait, no less than `at_least`, and why.
    pub(crate) fn forgive(
        &mut self,
        policy: &RetryPolicy,
        cause: Cause,
        now: Instant,
        at_least: Duration,
    ) -> bool {
        if self.failures >= policy.budget {
            return false;
        }
        let mut longest = policy.first;
        for _ in 0..self.failures {
            longest = longest.plus(longest);
        }
        let longest = longest.min(policy.ceiling).as_millis();
        // Between half of it and the whole: clients that failed together do not come back together, and none at once.
        let jitter = self.below(u32::try_from(longest / 2).unwrap_or(u32::MAX));
        let wait = Duration::from_millis(longest.wrapping_sub(jitter)).max(at_least);
        self.failures = self.failures.wrapping_add(1);
        self.postpone(now.after(wait), cause);
        true
    }

    /// The next attempt does not start before `until`. It is no failure.
    pub(crate) fn postpone(&mut self, until: Instant, cause: Cause) {
        (self.not_before, self.cause) = (until, cause);
    }

    /// A page was read whole.
    pub(crate) fn refill(&mut self) {
        self.failures = 0;
    }

    /// When the next attempt may start, if that is after `now`, and why not earlier.
    pub(crate) fn opens(&self, now: Instant) -> Option<(Instant, Cause)> {
        (self.not_before > now).then_some((self.not_before, self.cause))
    }

    /// A random number of at most so much (Lemire, "Fast random integer generation in an interval", 2019), without a division.
    fn below(&mut self, most: u32) -> u64 {
        let random = self.random() >> 32;
        random.wrapping_mul(u64::from(most).wrapping_add(1)) >> 32
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014): jitter needs no more.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn waits(retry: &mut Retry) -> Vec<u64> {
        let mut waits = Vec::new();
        while retry.forgive(&RetryPolicy::DEFAULT, Cause::Broken, Instant::ZERO, Duration::ZERO) {
            waits.push(retry.opens(Instant::ZERO).unwrap().0.as_millis());
        }
        waits
    }

    #[test]
    fn waits_double_up_to_the_ceiling_and_end_with_the_budget() {
        let waits = waits(&mut Retry::new(7));
        assert_eq!(waits.len(), 10);
        for (n, wait) in waits.into_iter().enumerate() {
            let longest = (1_000 << n).min(60_000);
            assert!((longest / 2..=longest).contains(&wait), "attempt {n}: {wait} ms");
        }
    }

    #[test]
    fn waits_are_spread_over_the_upper_half_to_both_its_ends() {
        let second = |seed| {
            let mut retry = Retry::new(seed);
            assert!(retry.forgive(&RetryPolicy::DEFAULT, Cause::Broken, Instant::ZERO, Duration::ZERO));
            retry.opens(Instant::ZERO).unwrap().0.as_millis()
        };
        let waits: Vec<u64> = (0..5_000).map(second).collect();
        assert_eq!((waits.iter().min(), waits.iter().max()), (Some(&500), Some(&1_000)));
        let shorter = waits.iter().filter(|wait| **wait < 750).count();
        assert!((2_300..2_700).contains(&shorter), "{shorter} of 5,000 are in the lower half");
    }

    #[test]
    fn the_random_numbers_are_those_of_the_published_generator() {
        let mut retry = Retry::new(1_234_567);
        let numbers = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([(); 3].map(|()| retry.random()), numbers);
    }

    #[test]
    fn a_wait_is_over_at_its_end_and_not_before() {
        let mut retry = Retry::new(0);
        assert_eq!(retry.opens(Instant::ZERO), None, "nothing has failed");
        let (now, cause) = (Instant::from_millis(500), Cause::Timeout);
        retry.forgive(&RetryPolicy::DEFAULT, cause, now, Duration::from_secs(30));
        let end = Instant::from_millis(30_500);
        assert_eq!(retry.opens(Instant::from_millis(30_499)), Some((end, cause)));
        assert_eq!(retry.opens(end), None);
        assert_eq!(retry.opens(Instant::from_millis(40_000)), None);
    }

    #[test]
    fn the_same_seed_waits_the_same_and_another_does_not() {
        let of = |seed| waits(&mut Retry::new(seed));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let mut sum = Retry::new(1);
        sum.add_seed(2);
        assert_eq!(waits(&mut sum), of(3));
    }

    #[test]
    fn a_whole_page_fills_the_budget_up_again() {
        let once = RetryPolicy { budget: 1, ..RetryPolicy::DEFAULT };
        let mut retry = Retry::new(0);
        let forgives = |retry: &mut Retry| retry.forgive(&once, Cause::Broken, Instant::ZERO, Duration::ZERO);
        assert!(forgives(&mut retry));
        assert!(!forgives(&mut retry));
        retry.refill();
        assert!(forgives(&mut retry));
    }

    #[test]
    fn a_wait_is_no_shorter_than_the_server_asked_for() {
        let mut retry = Retry::new(0);
        let cause = Cause::Status(503);
        retry.forgive(&RetryPolicy::DEFAULT, cause, Instant::ZERO, Duration::from_secs(30));
        assert_eq!(retry.opens(Instant::ZERO), Some((Instant::from_millis(30_000), cause)));
    }
}
