//! Requests at even distances: for limiters that take a burst badly, and for users who want it.
//!
//! A sliding-window counter admits a request while the count of its fixed window, and that of the one before weighted by
//! what is left of it, are less than the limit. Let any two of a client's requests, with `n` steps between them, arrive no
//! closer than `n` distances less the slack. Of a moment at `e` in its window, the requests since the window began are then
//! at most `(e + slack) / distance`, and those since the window before began at most `(e + period + slack) / distance`.
//! Weighted as the counter does, that is at most `(period + slack) / distance`: with a distance of `(period + slack) / limit`
//! it never reaches the limit, wherever the windows begin. A bucket that holds `burst` requests and is filled at the limit in
//! each period is never empty if they arrive no closer than `n - (burst - 1)` distances.
//!
//! So both are one rule with another *lead*: how far ahead of its even line a request may arrive. A request arrives between
//! its sending and its answer, so the line moves on from answers, and a request may leave a lead before the line says. What
//! is on its way may arrive as late as the next request, so it counts against the lead. What is never answered, because its
//! driver went away or it was given up, may arrive as late as its deadline, and moves the line on from there. After a restart
//! every request that still counts may just have arrived.
//!
//! Time is counted in microseconds here, for limits of many thousands.

use super::learner::EvenPace;
use super::queue::Queue;
use super::window::LimiterKind;
use crate::time::{Duration, Instant};

/// How evenly requests are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// From one request to the next.
    distance: u64,
    /// How far ahead of the line a request may arrive.
    lead: u64,
}

impl Rule {
    /// Distances at which nothing is rejected by a limiter that takes bursts badly. `None` if the window is of no such kind,
    /// and rejections have not taught so.
    pub(super) fn strict(window: &Queue, share: u32, learned: Option<EvenPace>) -> Option<Self> {
        let even = distance(window, share);
        let slack = micros(window.slack().as_millis());
        Some(match (window.kind(), learned) {
            (LimiterKind::Counter, _) => Self { distance: even, lead: slack },
            (LimiterKind::Bucket { burst }, _) => {
                Self { distance: even, lead: times(even, burst.saturating_sub(1)) }
            }
            (_, Some(EvenPace { lead, is_slow })) => {
                // A bucket for two, if nothing better is known.
                let lead = slack.min(even).max(micros(lead.as_millis()));
                let period = micros(window.period().as_millis()).saturating_add(slack.max(lead));
                let distance = spread(period, share);
                Self { distance: if is_slow { times(distance, 8) / 5 } else { distance }, lead }
            }
            (LimiterKind::Unknown | LimiterKind::Fixed | LimiterKind::Sliding, None) => return None,
        })
    }

    pub(super) const fn distance(&self) -> u64 {
        self.distance
    }

    /// How far ahead the line is after so many requests at once. More than the lead allows never arrive at once.
    pub(super) fn ahead(&self, requests: u32) -> u64 {
        times(self.distance, requests).min(self.distance.saturating_add(self.lead))
    }
}

/// The requests of which it is not known when they arrive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unanswered {
    pub(super) number: u32,
    /// When the first of them is given up.
    pub(super) first: Instant,
}

/// The even line of one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pacer {
    /// When the next request is due on the line.
    due: u64,
}

impl Pacer {
    pub(super) const NEW: Self = Self { due: 0 };

    /// When the next request may leave while these are on their way.
    pub(super) fn opens(&self, rule: Rule, unanswered: Unanswered) -> Instant {
        let ahead = times(rule.distance, unanswered.number);
        let due = instant(self.due.saturating_add(ahead).saturating_sub(rule.lead));
        if ahead > rule.lead { due.max(unanswered.first) } else { due }
    }

    /// When the next request is due exactly.
    pub(super) fn due(&self) -> Instant {
        instant(self.due)
    }

    /// How far the requests before the one that left at `sent` were ahead of their line. It is counted already.
    pub(super) fn ahead(&self, distance: u64, sent: Instant) -> Duration {
        let on_line = micros(sent.as_millis()).saturating_add(distance);
        Duration::from_millis(millis(self.due.saturating_sub(on_line)))
    }

    /// So many more requests stand on the line, at this moment or where the line is.
    #[inline(never)]
    pub(super) fn count(&mut self, distance: u64, at: Instant, requests: u32) {
        self.due = self.due.max(micros(at.as_millis())).saturating_add(times(distance, requests));
    }

    /// The same for a request that leaves now. What it waited for the full millisecond is not lost.
    pub(super) fn leave(&mut self, distance: u64, now: Instant) {
        let now = micros(now.as_millis());
        let from = if now.saturating_sub(self.due) < 1_000 { self.due } else { now };
        self.due = from.saturating_add(distance);
    }

    /// The line begins so far ahead of now.
    pub(super) fn begin(&mut self, now: Instant, ahead: u64) {
        self.due = micros(now.as_millis()).saturating_add(ahead);
    }
}

/// The distance at which so many requests are spread over a window.
#[inline(never)]
pub(super) fn distance(window: &Queue, share: u32) -> u64 {
    spread(micros(window.recovery().into()), share)
}

/// The distance of so many requests that are spread over this long.
#[inline(never)]
fn spread(micros: u64, share: u32) -> u64 {
    micros.div_ceil(u64::from(share.max(1)))
}

fn micros(millis: u64) -> u64 {
    times(millis, 1_000)
}

/// Saturating, and called: inlined, this is what takes most of a device's flash here.
#[inline(never)]
fn times(micros: u64, number: u32) -> u64 {
    micros.saturating_mul(number.into())
}

/// Rounded up.
#[inline(never)]
fn millis(micros: u64) -> u64 {
    micros.div_ceil(1_000)
}

/// The first millisecond that is not before.
fn instant(micros: u64) -> Instant {
    Instant::from_millis(millis(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_at_once_are_ahead_by_their_distances_and_no_further_than_the_lead() {
        let rule = Rule { distance: 1_000, lead: 1_500 };
        assert_eq!(
            [0, 1, 2, 3, u32::MAX].map(|requests| rule.ahead(requests)),
            [0, 1_000, 2_000, 2_500, 2_500]
        );
    }

    #[test]
    fn a_request_waits_for_those_on_their_way_only_if_they_take_more_than_the_lead() {
        let (rule, first) = (Rule { distance: 10_000, lead: 20_000 }, Instant::from_millis(9_000));
        for (number, expected) in [(0, 80), (1, 90), (2, 100), (3, 9_000)] {
            let opens = Pacer { due: 100_000 }.opens(rule, Unanswered { number, first });
            assert_eq!(opens, Instant::from_millis(expected), "{number}");
        }
    }

    #[test]
    fn what_a_request_waited_for_the_full_millisecond_is_not_lost_and_more_is() {
        for (before, due) in [(1_001, 1_501), (1_000, 2_500)] {
            let mut pacer = Pacer { due: before };
            pacer.leave(500, Instant::from_millis(2));
            assert_eq!(pacer, Pacer { due }, "{before}");
        }
    }
}
