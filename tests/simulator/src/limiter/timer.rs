//! ASP.NET Core's rate limiting, as its middleware runs it: a `FixedWindowRateLimiter` for the project inside .NET's
//! partitioned limiter. Read from dotnet/runtime, `DefaultPartitionedRateLimiter` and `FixedWindowRateLimiter`:
//!
//! * The project's limiter is made by its first request, and its first window starts there.
//! * One timer beats for all partitions, every 100 ms. A beat refills the limiter if a whole window has passed since
//!   the last refill, and takes the *beat's* time as the new start. Beats are a little late, each by another amount, so
//!   a period is a window or up to a beat more, and the phase drifts.
//! * Only accepted requests use up permits.
//! * A limiter that is full again and has not been used for 10 s since is thrown away at the next beat. The request
//!   after that makes a new one, and is again the start of its window.
//!
//! The beat and the 10 s scale with the window as they stand to 60 s, so that a short window behaves alike; times are
//! kept in microseconds for that reason.

use super::Verdict;
use crate::random::Random;

#[derive(Clone, Debug)]
pub(crate) struct Timer {
    limit: u64,
    window_us: u64,
    beats: Beats,
    idle_limit_us: u64,
    limiter: Option<ProjectLimiter>,
    latest_us: u64,
}

/// The limiter of the one partition that there is.
#[derive(Clone, Copy, Debug)]
struct ProjectLimiter {
    refilled_us: u64,
    used: u64,
    /// Since when it has been full and untouched.
    idle_since_us: Option<u64>,
}

impl Timer {
    pub(super) fn new(limit: u64, window_ms: u64, seed: u64) -> Self {
        let window_us = window_ms * 1_000;
        let beats = Beats::new((window_us / 600).max(1), seed);
        Self { limit, window_us, beats, idle_limit_us: window_us / 6, limiter: None, latest_us: 0 }
    }

    pub(super) fn take(&mut self, now_ms: u64) -> Verdict {
        self.latest_us = self.latest_us.max(now_ms * 1_000);
        self.run_beats();
        let limiter = self.limiter.get_or_insert(ProjectLimiter {
            refilled_us: self.latest_us,
            used: 0,
            idle_since_us: Some(self.latest_us),
        });
        if limiter.used == self.limit {
            return Verdict::Rejected { wait_ms: self.until_reset(now_ms) };
        }
        limiter.used += 1;
        limiter.idle_since_us = None;
        Verdict::Accepted
    }

    pub(super) fn left(&self, now_ms: u64) -> u64 {
        let mut then = self.clone();
        then.latest_us = then.latest_us.max(now_ms * 1_000);
        then.run_beats();
        then.limit - then.limiter.map_or(0, |limiter| limiter.used)
    }

    pub(super) fn until_reset(&self, now_ms: u64) -> u64 {
        let Some(limiter) = self.limiter else { return 0 };
        let refill = self.beats.first_at_or_after(limiter.refilled_us + self.window_us);
        refill.div_ceil(1_000).saturating_sub(now_ms)
    }

    /// Carries out the beats that did something since the last call: few, for after a refill nobody uses comes eviction.
    fn run_beats(&mut self) {
        while let Some(limiter) = &mut self.limiter {
            let refill = self.beats.first_at_or_after(limiter.refilled_us + self.window_us);
            let eviction = limiter
                .idle_since_us
                .map_or(u64::MAX, |since| self.beats.first_at_or_after(since + self.idle_limit_us + 1));
            if refill.min(eviction) > self.latest_us {
                return;
            }
            if eviction <= refill {
                self.limiter = None;
            } else {
                limiter.refilled_us = refill;
                limiter.used = 0;
                limiter.idle_since_us.get_or_insert(refill);
            }
        }
    }
}

/// The shared timer: beats at even distances, each late by up to a seventh of one.
#[derive(Clone, Debug)]
struct Beats {
    every_us: u64,
    phase_us: u64,
    seed: u64,
}

impl Beats {
    fn new(every_us: u64, seed: u64) -> Self {
        Self { every_us, phase_us: Random::of(&[seed, 4]).below(every_us), seed }
    }

    fn at(&self, number: u64) -> u64 {
        let late = Random::of(&[self.seed, 5, number]).below(self.every_us / 7 + 1);
        self.phase_us + number * self.every_us + late
    }

    fn first_at_or_after(&self, time_us: u64) -> u64 {
        let mut number = (time_us.saturating_sub(self.phase_us) / self.every_us).saturating_sub(1);
        while self.at(number) < time_us {
            number += 1;
        }
        self.at(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_700_000_000_000;

    /// The moments, in milliseconds, at which a client that asks each millisecond sees a window begin.
    fn window_starts(timer: &mut Timer, from: u64, until: u64) -> Vec<u64> {
        let mut starts = Vec::new();
        let mut was_full = true;
        for now in from..until {
            let full = timer.take(now) != Verdict::Accepted;
            if was_full && !full {
                starts.push(now);
            }
            was_full = full;
        }
        starts
    }

    #[test]
    fn the_period_is_a_window_or_up_to_a_beat_more() {
        let mut timer = Timer::new(5, 60_000, 9);
        let starts = window_starts(&mut timer, START, START + 30 * 60_000);
        let periods: Vec<u64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(periods.len() >= 28);
        assert!(periods.iter().all(|period| (59_999..=60_115).contains(period)), "{periods:?}");
        let drift: u64 = periods.iter().map(|period| period.saturating_sub(60_000)).sum();
        assert!(drift > 300, "the phase drifted by only {drift} ms in half an hour");
    }

    #[test]
    fn a_short_window_drifts_in_proportion() {
        let mut timer = Timer::new(1, 6_000, 3);
        let starts = window_starts(&mut timer, START, START + 200 * 6_000);
        let periods: Vec<u64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(periods.iter().all(|period| (5_999..=6_012).contains(period)), "{periods:?}");
        assert!(periods.iter().sum::<u64>() > periods.len() as u64 * 6_000);
    }

    #[test]
    fn the_first_window_starts_at_the_first_request() {
        for offset in [0, 1, 37, 59_000] {
            let mut timer = Timer::new(1, 60_000, 1);
            assert_eq!(timer.take(START + offset), Verdict::Accepted);
            assert!(matches!(timer.take(START + offset + 59_999), Verdict::Rejected { .. }));
            assert_eq!(timer.take(START + offset + 60_115), Verdict::Accepted);
        }
    }

    #[test]
    fn silence_of_a_window_alone_does_not_move_the_windows() {
        let mut timer = Timer::new(2, 60_000, 1);
        timer.take(START);
        // Refilled at about 60 s and then idle for 5 s only: the window still ends at about 120 s.
        assert_eq!(timer.take(START + 65_000), Verdict::Accepted);
        assert_eq!(timer.take(START + 119_999), Verdict::Accepted);
        assert_eq!(timer.take(START + 120_300), Verdict::Accepted);
    }

    #[test]
    fn ten_idle_seconds_after_a_refill_let_the_next_request_start_a_window() {
        let mut timer = Timer::new(2, 60_000, 1);
        timer.take(START);
        assert_eq!(timer.take(START + 80_000), Verdict::Accepted);
        assert_eq!(timer.take(START + 139_000), Verdict::Accepted);
        assert!(matches!(timer.take(START + 139_999), Verdict::Rejected { .. }));
        assert_eq!(timer.take(START + 140_115), Verdict::Accepted);
    }

    #[test]
    fn a_rejected_call_is_not_counted_and_moves_nothing() {
        let (mut hammered, mut left_alone) = (Timer::new(1, 60_000, 1), Timer::new(1, 60_000, 1));
        hammered.take(START);
        left_alone.take(START);
        for later in 1..60_000 {
            assert!(matches!(hammered.take(START + later), Verdict::Rejected { .. }));
        }
        assert_eq!(hammered.until_reset(START), left_alone.until_reset(START));
    }
}
