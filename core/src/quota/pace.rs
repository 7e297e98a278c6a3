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
use super::tick::{Millis, Tick};
use super::window::LimiterKind;

/// The lead where requests may leave as they like.
const ANY: u64 = u64::MAX;

/// How evenly requests are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// From one request to the next.
    distance: u64,
    /// How far ahead of the line a request may arrive.
    lead: u64,
}

impl Rule {
    /// The rule of a window, if `share` of its requests may be used. It is strict if the window's kind takes bursts badly, or if
    /// rejections have taught that. A limiter rejects nothing that keeps strict distances.
    pub(super) fn of(window: &Queue, share: u32, learned: Option<EvenPace>) -> Self {
        let (distance, slack) = (distance(window, share), window.slack().micros());
        let lead = match (window.kind(), learned) {
            (LimiterKind::Counter, _) => slack,
            (LimiterKind::Bucket { burst }, _) => times(distance, burst.saturating_sub(1)),
            (_, Some(EvenPace { lead, is_slow })) => {
                // A bucket for two, if nothing better is known.
                let lead = slack.min(distance).max(lead.micros());
                // Over the period, and the slack or the lead: whichever is longer.
                let all = window.recovery().micros().wrapping_add(lead.saturating_sub(slack));
                let distance = spread(all, share);
                return Self { distance: if is_slow { times(distance, 8) / 5 } else { distance }, lead };
            }
            (LimiterKind::Unknown | LimiterKind::Fixed | LimiterKind::Sliding, None) => ANY,
        };
        Self { distance, lead }
    }

    pub(super) const fn is_strict(&self) -> bool {
        self.lead != ANY
    }

    /// How far ahead the line is after so many requests at once. More than the lead allows never arrive at once.
    pub(super) fn ahead(&self, requests: u32) -> u64 {
        self.distance.saturating_mul(requests.into()).min(self.distance.saturating_add(self.lead))
    }
}

/// When the next request of a window is due on its even line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pacer {
    due: u64,
}

impl Pacer {
    pub(super) const NEW: Self = Self { due: 0 };

    /// How far the requests before the one that left at `sent` were ahead of their line. It is counted already.
    pub(super) fn ahead(&self, distance: u64, sent: Tick) -> Millis {
        let on_line = sent.micros().wrapping_add(distance);
        Millis::of_micros(self.due.saturating_sub(on_line))
    }

    /// The base of time moved along so far.
    pub(super) fn move_along(&mut self, by: Millis) {
        self.due = self.due.saturating_sub(by.micros());
    }

    /// The line begins so far ahead of now.
    pub(super) fn begin(&mut self, now: Tick, ahead: u64) {
        self.due = now.micros().wrapping_add(ahead);
    }
}

/// The even line of one window at a moment.
pub(super) struct Line {
    pub(super) rule: Rule,
    pub(super) pacer: Pacer,
    /// How many requests are on their way: it is not known when they arrive.
    unanswered: u32,
    /// When the first of them is given up.
    first: Tick,
}

impl Line {
    pub(super) const fn new(rule: Rule, pacer: Pacer) -> Self {
        Self { rule, pacer, unanswered: 0, first: Tick::NEVER }
    }

    /// So many requests are on their way, or were given up by now.
    pub(super) fn meet(&mut self, requests: u32, deadline: Tick, now: Tick) {
        if deadline <= now {
            return self.count(requests, deadline);
        }
        self.unanswered = self.unanswered.wrapping_add(requests);
        self.first = self.first.min(deadline);
    }

    /// So many more requests stand on the line, at this moment or where the line is.
    #[inline(never)]
    pub(super) fn count(&mut self, requests: u32, at: Tick) {
        let due = self.pacer.due.max(at.micros());
        self.pacer.due = due.wrapping_add(times(self.rule.distance, requests));
    }

    /// The same for a request that leaves now. What it waited for the full millisecond is not lost.
    pub(super) fn leave(&mut self, now: Tick) {
        let now = now.micros();
        let due = self.pacer.due;
        let from = if now.saturating_sub(due) < 1_000 { due } else { now };
        self.pacer.due = from.wrapping_add(self.rule.distance);
    }

    /// When the next request may leave. Where the rule is not strict it is due exactly then.
    pub(super) fn opens(&self) -> Tick {
        let lead = if self.rule.is_strict() { self.rule.lead } else { 0 };
        let ahead = times(self.rule.distance, self.unanswered);
        let due = Tick::of_micros(self.pacer.due.wrapping_add(ahead).saturating_sub(lead));
        if ahead > lead { due.max(self.first) } else { due }
    }
}

/// The distance at which so many requests are spread over a window.
#[inline(never)]
pub(super) fn distance(window: &Queue, share: u32) -> u64 {
    spread(window.recovery().micros(), share)
}

/// The distance of so many requests that are spread over this long.
#[inline(never)]
fn spread(micros: u64, share: u32) -> u64 {
    let share = u64::from(share.max(1));
    micros.wrapping_add(share).wrapping_sub(1).checked_div(share).unwrap_or(0)
}

/// Of a distance of some months at the most, and no more requests than there are slots.
fn times(micros: u64, number: u32) -> u64 {
    micros.wrapping_mul(number.into())
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
        let (rule, first) = (Rule { distance: 10_000, lead: 20_000 }, Tick::from_millis(9_000));
        for (number, expected) in [(0, 80), (1, 90), (2, 100), (3, 9_000)] {
            let line = Line { unanswered: number, first, ..Line::new(rule, Pacer { due: 100_000 }) };
            assert_eq!(line.opens(), Tick::from_millis(expected), "{number}");
        }
    }

    #[test]
    fn what_a_request_waited_for_the_full_millisecond_is_not_lost_and_more_is() {
        for (before, due) in [(1_001, 1_501), (1_000, 2_500)] {
            let mut line = Line::new(Rule { distance: 500, lead: 0 }, Pacer { due: before });
            line.leave(Tick::from_millis(2));
            assert_eq!(line.pacer, Pacer { due }, "{before}");
        }
    }
}
