//! Where the windows of a limit begin that others use too, learned from rejections; and how much of it to take.
//!
//! A rejection, and the first request that is let in after it, have between them the moment at which the counter started
//! anew. From then on the next such moment is known to within an *arc*, and every further pair makes it narrower. So the
//! wait after a rejection ends when the window does, and not a whole window later. All that rests on an assumption,
//! that there are fixed windows of a known length, and it stays open to doubt:
//!
//! * A window that gave little may be none, so it is probed inside.
//! * Two moments *observed* less than a period apart disprove it. Predicted ones prove nothing.
//! * An arc at whose end the server still says no, three times, is forgotten.
//!
//! Where there are no fixed windows, what is left is the log of the own requests, with a share of the limit that shrinks
//! with rejections and grows with answers. The share does the same in fixed windows, unless the client is greedy: the
//! *sentinel*, the share's last request, waits until right before the window ends, and is rejected just when the
//! counter is full. Without it nobody who takes his share at the window's start would ever see that others want more.
//!
//! Before any of this, a first rejection of requests in haste is taken for that of a counter or a small bucket, and the pace
//! turns even. Only a rejection at an even pace speaks for others. One exception: within a period of the first, what was sent
//! in haste still counts in the server's window, so a second rejection after an admission only slows the pace for that
//! period.
//!
//! Some servers count at round times of their own clock. That is a hypothesis until three arcs had such a moment in them,
//! and never again once one had none.
//!
//! The state is a hundred bytes, each call takes the same few steps, and nothing is a fraction.

mod belief;
mod learned;
mod plan;
mod span;
#[cfg(test)]
mod tests;

pub(super) use belief::EvenPace;
pub use learned::{Learned, LearnedWindows};
pub(super) use span::Span;

use super::queue::Queue;
use super::tick::{Millis, Tick};
use super::window::LimiterKind;
use belief::{AFTER_REJECTION, BEHIND, Even, Fixed, Mode, Refused, RoundTimes, doubled};
use plan::{plan_blindly, plan_in_window};
use span::{Arc, both};

/// How long before the end of its window the last request of a share is made.
const LEAD: Millis = Millis::from_secs(1);
/// Arcs that follow each other by so much less than a period may still be those of windows.
const DISPROOF_SLACK: Millis = Millis::new(500);
/// An answer so soon after the predicted moment moves the prediction to where it is.
const FOLLOWED: Millis = Millis::from_secs(2);
/// So many arcs with a round time in them prove that the windows begin there.
const PROOF: u8 = 3;

/// Why no request is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// The server said no.
    Rejected,
    /// It also said until when.
    RetryAfter,
    /// The share is used up.
    Share,
}

/// An answer that tells whether the limit let a request in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    /// When the request was sent.
    pub(super) sent: Tick,
    /// When the answer came.
    pub(super) at: Tick,
    /// So many requests counted then in the log.
    pub(super) held: u32,
}

/// Learns from answers where the windows begin and how much of them to take.
#[derive(Clone, Debug)]
pub(super) struct Learner {
    mode: Mode,
    refused: Option<Refused>,
    /// No request before this, whatever else is known.
    until: Tick,
    /// The server said so, on a rejection that nothing is learned from.
    is_told: bool,
    /// Where the latest window was *observed* not to have begun yet: predictions never move it.
    proven: Option<Tick>,
    /// When a window was last seen to have begun.
    begun: Tick,
    /// When the latest answer came.
    heard: Option<Tick>,
    round_times: RoundTimes,
    /// How many requests of a window to take; no more than that is ever used, but it may be more than the ceiling.
    share: u32,
    /// Answers that are not yet worth one more request a window.
    credit: u32,
    /// A rejection may still be explained by bursts.
    may_be_even: bool,
}

impl Learner {
    pub(super) const fn new(kind: LimiterKind) -> Self {
        Self {
            mode: Mode::of(kind),
            may_be_even: matches!(kind, LimiterKind::Unknown),
            refused: None,
            until: Tick::LONG_AGO,
            is_told: false,
            proven: None,
            begun: Tick::LONG_AGO,
            heard: None,
            round_times: RoundTimes::Seen(0),
            share: u32::MAX,
            credit: 0,
        }
    }

    /// How many requests of a window to take at the most.
    pub(super) fn share(&self, span: &Span<'_>) -> u32 {
        self.share.min(span.ceiling)
    }

    /// Whether others leave next to nothing: a whole window went by without a yes, or the share is at its least.
    pub(super) fn is_starved(&self, span: &Span<'_>) -> bool {
        let went_by = |refused: Refused| self.until.since(refused.first) >= span.period();
        let is_least = span.ceiling >= 8 && self.share <= span.floor();
        self.refused.is_some_and(|refused| went_by(refused) || is_least)
    }

    /// When the pause after a rejection ends, and what it is for.
    pub(super) fn paused(&self) -> (Tick, Held) {
        let is_told = self.refused.map_or(self.is_told, |refused| refused.is_told);
        (self.until, if is_told { Held::RetryAfter } else { Held::Rejected })
    }

    /// When the next request may leave, and why not earlier. `log` says when fewer than so many requests count. Requests
    /// in flight are as good as let in.
    pub(super) fn opens(
        &self,
        span: &Span<'_>,
        log: impl Fn(u32) -> Tick,
        in_flight: u32,
        now: Tick,
    ) -> (Tick, Held) {
        let share = self.share(span);
        let paused = self.paused();
        let until = match (&self.mode, self.refused) {
            (Mode::Even(_) | Mode::Other, _) | (Mode::Unknown { .. }, None) => log(share),
            (Mode::Unknown { .. } | Mode::Fixed(_), Some(_)) => return paused,
            (Mode::Fixed(fixed), None) => {
                let end = span.later(&fixed.arc, 1, 0);
                let sentinel = end.low.before(LEAD);
                let used = fixed.own.saturating_add(in_flight);
                if used >= share {
                    end.high.after(BEHIND)
                } else if used.saturating_add(1) >= share && now < sentinel && self.has_sentinel(span) {
                    sentinel
                } else {
                    return paused;
                }
            }
        };
        if until > paused.0 { (until, Held::Share) } else { paused }
    }

    /// A request was sent at `sent`, and nobody knows whether it was let in: it counts, and teaches nothing.
    pub(super) fn unclear(&mut self, span: &Span<'_>, heard: &Heard) {
        self.counted(span, heard);
    }

    /// A request was rejected, and nothing is learned from it: the pause lasts a whole `recovery`, or as long as the server says.
    pub(in crate::quota) fn rejected_plainly(&mut self, heard: Tick, told: Option<Tick>, recovery: Millis) {
        let until = told.unwrap_or(heard.after(recovery)).max(heard.after(AFTER_REJECTION));
        if until > self.until {
            (self.until, self.is_told) = (until, told.is_some());
        }
    }

    /// A request that this window does not count was rejected: there is a pause, and nothing to be learned.
    pub(super) fn pause_only(&mut self, heard: Tick, told: Option<Tick>) {
        self.until = self.until.max(heard.after(AFTER_REJECTION)).max(told.unwrap_or(Tick::LONG_AGO));
    }

    /// A request was let in.
    pub(super) fn admitted(&mut self, span: &Span<'_>, heard: &Heard) {
        let silence = self.heard.map_or(Millis::MAX, |before| heard.sent.since(before));
        self.heard = Some(heard.at);
        if silence >= span.period() {
            self.awake(span, heard.at, silence);
        }
        match self.refused {
            // Whatever left before the pause was over may have been let in before the rejection.
            Some(refused) if heard.sent >= self.until => {
                self.refused = None;
                self.begun(span, refused.latest, heard);
            }
            _ => self.counted(span, heard),
        }
        // In fixed windows it grows with windows that had room for all of it.
        if !matches!(self.mode, Mode::Fixed(_)) {
            self.grow(span, span.part(span.sharing.growth_elsewhere()));
        }
    }

    /// Whether requests are to be spread evenly, and how.
    pub(super) fn even(&self, window: &Queue, now: Tick) -> Option<EvenPace> {
        let Mode::Even(Even { turned, lead, is_slow }) = self.mode else { return None };
        Some(EvenPace { lead, is_slow: is_slow && now < turned.after(window.recovery()) })
    }

    /// A request was rejected. The server may have said until when. `ahead` is how far the requests before it were ahead of
    /// an even pace. Tells whether the pace turns even now.
    pub(super) fn rejected(
        &mut self,
        span: &Span<'_>,
        answer: &Heard,
        told: Option<Tick>,
        ahead: Millis,
    ) -> bool {
        let &Heard { sent, at: heard, held } = answer;
        self.heard = Some(heard);
        let is_first = self.refused.is_none();
        // What left before the rejection was known says nothing new, and what left before a window was seen to begin belongs
        // to the one before.
        if sent < if is_first { self.begun } else { self.until } {
            self.pause_only(heard, told);
            return false;
        }
        let new = Refused { first: sent, latest: sent, tries: 0, is_told: false };
        let refused = self.refused.get_or_insert(new);
        refused.latest = sent;
        refused.is_told = told.is_some();
        refused.tries = refused.tries.saturating_add((!is_first).into());
        let may_be_even = core::mem::take(&mut self.may_be_even) && ahead > Millis::ZERO;
        let is_aftermath =
            |even: &Even| is_first && !even.is_slow && heard < even.turned.after(span.window.recovery());
        if may_be_even {
            // No window gives this to a client that is alone, whatever its phase: a counter or a small bucket does. A
            // bucket holds more than what was taken ahead of its filling.
            let lead = Millis::new(ahead.get().saturating_mul(3) / 4);
            let lead = lead.min(span.part_of_period(60));
            self.mode = Mode::Even(Even { turned: heard, lead, is_slow: false });
        } else if let Mode::Even(even) = &mut self.mode
            && is_aftermath(even)
        {
            even.is_slow = true;
        } else {
            let was_even = matches!(self.mode, Mode::Even(_));
            if was_even {
                // At an even pace neither does: there are others.
                self.mode = Mode::Unknown { awoke: None };
            }
            if is_first || was_even {
                self.yield_some(span, held);
            }
            if told.is_some() {
                self.mode = Mode::Other;
            }
        }
        let again = told.unwrap_or_else(|| self.plan(span, heard));
        self.until = again.max(heard.after(AFTER_REJECTION));
        may_be_even
    }

    /// What a restart keeps.
    pub(super) fn learned(&self, now: Tick) -> Learned {
        Learned {
            share: (self.share < u32::MAX).then_some(self.share),
            windows: match self.mode {
                Mode::Unknown { .. } => LearnedWindows::Unknown,
                Mode::Fixed(Fixed { arc, .. }) => LearnedWindows::Fixed {
                    earliest: now.since(arc.low).duration(),
                    latest: now.since(arc.high).duration(),
                },
                Mode::Even(_) => LearnedWindows::Even,
                Mode::Other => LearnedWindows::Other,
            },
        }
    }

    /// Goes on after a restart. How much of the window in hand was used is not known: as much as may be. Of the `held`
    /// requests all may belong to the next one.
    pub(super) fn restore(&mut self, learned: Learned, window: &Queue, held: u32, now: Tick, start: Tick) {
        self.share = learned.share.unwrap_or(u32::MAX).max(1);
        // Of windows that began long ago the counter may have been thrown away, and a clock cannot name a time before
        // it started.
        let is_fresh = |earliest: Millis| earliest < window.two_periods() && now.before(earliest) >= start;
        self.mode = match learned.windows {
            LearnedWindows::Other => Mode::Other,
            LearnedWindows::Even if window.kind() == LimiterKind::Unknown => {
                Mode::Even(Even { turned: Tick::LONG_AGO, lead: Millis::ZERO, is_slow: false })
            }
            LearnedWindows::Fixed { earliest, latest } if is_fresh(Millis::of(earliest)) => {
                let (earliest, latest) = (Millis::of(earliest), Millis::of(latest));
                // As if the last answer had come right now: what matters is how long it is silent from here on.
                self.heard = Some(now);
                let arc = Arc { low: now.before(earliest), high: now.before(latest.min(earliest)) };
                Mode::Fixed(Fixed { arc, own: u32::MAX, unsure: held, confirmed: 0, missed: 0 })
            }
            LearnedWindows::Unknown | LearnedWindows::Even | LearnedWindows::Fixed { .. } => {
                Mode::of(window.kind())
            }
        };
        self.may_be_even &= learned == Learned::default();
    }

    /// A pause goes on after a restart.
    pub(super) fn resume(&mut self, pause: Millis, now: Tick) {
        self.until = now.after(pause);
    }

    /// How long the pause after a rejection still lasts.
    pub(super) fn pause(&self, now: Tick) -> Millis {
        self.until.since(now)
    }

    /// The base of time moved along so far. Where it moved further than can be said, nothing is known any more of when windows
    /// begin.
    pub(super) fn move_along(&mut self, by: Millis) {
        let Self { mode, refused, until, proven, begun, heard, .. } = self;
        until.move_along(by);
        begun.move_along(by);
        if let Some(Refused { first, latest, .. }) = refused {
            first.move_along(by);
            latest.move_along(by);
        }
        for moment in [proven, heard].into_iter().flatten() {
            moment.move_along(by);
        }
        match mode {
            Mode::Unknown { awoke: Some(awoke) } => awoke.move_along(by),
            Mode::Fixed(_) if by >= Millis::LONGEST => *mode = Mode::Unknown { awoke: None },
            Mode::Fixed(Fixed { arc: Arc { low, high }, .. }) => {
                low.move_along(by);
                high.move_along(by);
            }
            Mode::Even(Even { turned, .. }) => turned.move_along(by),
            Mode::Unknown { awoke: None } | Mode::Other => {}
        }
    }

    fn has_sentinel(&self, span: &Span<'_>) -> bool {
        span.sharing.kept_in_fixed_windows().is_some()
    }

    /// The first answer after a long silence: a window that begins with the first request begins here, and an arc may
    /// be that of a window whose counter was thrown away.
    fn awake(&mut self, span: &Span<'_>, heard: Tick, silence: Millis) {
        let is_thrown_away = silence >= span.period().plus(span.part_of_period(6));
        match &mut self.mode {
            Mode::Unknown { awoke } => *awoke = Some(heard),
            mode @ Mode::Fixed(_) if is_thrown_away => *mode = Mode::Unknown { awoke: Some(heard) },
            Mode::Fixed(_) | Mode::Even(_) | Mode::Other => {}
        }
    }

    /// A window has begun after `low`, for by `heard` a request was let in.
    fn begun(&mut self, span: &Span<'_>, low: Tick, answer: &Heard) {
        let &Heard { at: heard, held, .. } = answer;
        let proven = self.proven.replace(low);
        self.begun = heard;
        if let Mode::Even(_) | Mode::Other = self.mode {
            return;
        }
        let disproves = |before: Tick| heard.after(DISPROOF_SLACK) < before.after(span.period());
        if proven.is_some_and(disproves) {
            self.mode = Mode::Other;
            self.share = span.clamped(percent(held, span.sharing.kept_elsewhere()));
            return;
        }
        let observed = Arc { low, high: heard };
        let (arc, confirmed) = match &self.mode {
            Mode::Fixed(fixed) => (both(span, observed, fixed.arc), fixed.confirmed.saturating_add(1)),
            Mode::Unknown { .. } | Mode::Even(_) | Mode::Other => (observed, 0),
        };
        // Too wide an arc means nothing.
        self.mode = if arc.high.since(arc.low) <= span.part_of_period(2) {
            let arc = self.look_for_round_time(span, arc);
            Mode::Fixed(Fixed { arc, own: 1, unsure: 0, confirmed, missed: 0 })
        } else {
            Mode::Unknown { awoke: None }
        };
    }

    /// A request was let in as expected.
    fn counted(&mut self, span: &Span<'_>, answer: &Heard) {
        let &Heard { sent, at: heard, .. } = answer;
        let period = span.period();
        let has_sentinel = self.has_sentinel(span);
        let is_proven = self.round_times == RoundTimes::Seen(PROOF);
        let Mode::Fixed(fixed) = &mut self.mode else { return };
        if sent >= fixed.arc.high.after(period) {
            // A window went by without a rejection.
            let windows = sent.since(fixed.arc.high).over(period);
            let mut arc = span.later(&fixed.arc, windows, 0);
            if !is_proven && heard.since(arc.high) < FOLLOWED {
                arc.high = heard;
            } else if !is_proven {
                arc = span.later(&fixed.arc, windows, windows);
            }
            // After a restart that is not known.
            let had_room_for_all = fixed.own >= self.share.min(span.ceiling) && fixed.own < u32::MAX;
            fixed.arc = arc;
            fixed.own = if windows == 1 { fixed.unsure } else { 0 }.saturating_add(1);
            fixed.unsure = 0;
            if has_sentinel && had_room_for_all {
                let growth = span.part(span.sharing.growth_in_fixed_windows()).max(1);
                self.share = span.clamped(self.share.saturating_add(growth));
            }
        } else {
            if heard > fixed.arc.low.after(period) {
                fixed.unsure = fixed.unsure.saturating_add(1);
            }
            fixed.own = fixed.own.saturating_add(1);
        }
    }

    /// Takes so much credit for an answer, and as much more of the limit as the credit is worth.
    fn grow(&mut self, span: &Span<'_>, credit: u32) {
        self.credit = self.credit.saturating_add(credit.max(1));
        while self.share < span.ceiling && self.credit >= self.share {
            self.credit = self.credit.saturating_sub(self.share);
            self.share = self.share.saturating_add(1);
        }
        if self.share >= span.ceiling {
            self.credit = 0;
        }
    }

    /// Leaves something to others at the first rejection of a row.
    fn yield_some(&mut self, span: &Span<'_>, held: u32) {
        // To take a part of next to nothing would say nothing of what others want.
        let enough = span.part(4);
        let share = self.share(span);
        let kept = span.sharing.kept_in_fixed_windows();
        let less = match (&self.mode, kept) {
            (Mode::Even(_) | Mode::Other, _) => percent(held, span.sharing.kept_elsewhere()),
            (Mode::Unknown { .. }, Some(kept)) if held >= enough => percent(held, kept),
            (Mode::Unknown { .. }, Some(_)) => span.part(2),
            (Mode::Fixed(fixed), Some(kept)) if fixed.own >= enough => percent(fixed.own, kept),
            (Mode::Unknown { .. } | Mode::Fixed(_), _) => return,
        };
        self.share = span.clamped(share.min(less));
    }

    /// When to ask again after a rejection.
    fn plan(&mut self, span: &Span<'_>, heard: Tick) -> Tick {
        let Some(refused) = &self.refused else { return heard };
        if let Mode::Fixed(fixed) = &mut self.mode {
            if let Some(again) = plan_in_window(span, fixed, refused, self.round_times, heard) {
                return again;
            }
            self.mode = Mode::Unknown { awoke: None };
        }
        match self.mode {
            Mode::Unknown { awoke } => plan_blindly(span, awoke, self.round_times, heard),
            Mode::Fixed(_) | Mode::Even(_) => heard,
            Mode::Other => heard.after(doubled(refused.tries).min(span.part_of_period(4))),
        }
    }

    /// Looks whether a window that began in this arc may have begun at a round time; once that is proven, the arc ends
    /// there at the latest. Its beginning stays as observed: round times are an inference, and others rest on it.
    fn look_for_round_time(&mut self, span: &Span<'_>, arc: Arc) -> Arc {
        let RoundTimes::Seen(seen) = self.round_times else { return arc };
        let Some(round) = span.round_time(arc.low) else { return arc };
        if round.low > arc.high {
            self.round_times = RoundTimes::Disproved;
            return arc;
        }
        let is_telling = arc.high.since(arc.low) <= span.part_of_period(4).plus(AFTER_REJECTION);
        let seen = if is_telling { seen.saturating_add(1).min(PROOF) } else { seen };
        self.round_times = RoundTimes::Seen(seen);
        if seen == PROOF { Arc { high: arc.high.min(round.high), ..arc } } else { arc }
    }
}

#[inline(never)]
fn percent(of: u32, percent: u32) -> u32 {
    let part = u64::from(of).saturating_mul(percent.into()) / 100;
    u32::try_from(part).unwrap_or(u32::MAX)
}
