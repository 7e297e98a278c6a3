//! What the requests to one project share: the quota, the server's clock, its word on when to come back, and its
//! maintenance. A gate outlives the pulls that go through it, as long as the device runs, and a part of it must survive a
//! restart: see [`Gate::restore`].

use crate::http::{Fields, Moment};
use crate::maintenance::{Announcement, Maintenance, MaintenanceRules};
use crate::quota::{Held, Quota, QuotaError, Slots, Ticket, Windows};
use crate::time::{Duration, Instant, ServerClock, UnixTime};
use core::fmt;

/// Why a pull waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitReason {
    /// The own requests have used the window up.
    Quota,
    /// The server rejected a request without a hint: others have used the window up, and a whole one is waited.
    Rejected,
    /// The server said when to come back.
    RetryAfter,
    /// Maintenance is announced or under way.
    Maintenance,
    /// A failure is waited out.
    Backoff,
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quota => "the rate limit's window is used up",
            Self::Rejected => "the server says that the limit is reached",
            Self::RetryAfter => "the server asked for a pause",
            Self::Maintenance => "the server is under maintenance",
            Self::Backoff => "the last attempt failed",
        })
    }
}

/// The least time between a rejection and the next request: some servers count rejected requests too, and would never
/// let an eager client in again.
const AFTER_REJECTION: Duration = Duration::from_secs(3);

/// The longest pause a hint can ask for. A gate outlives its pulls, so a server's slip must not shut it for years: then
/// the server is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// What a server said that outlives a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// How much longer it wants to be left alone after a rejection.
    pub pause: Duration,
    /// The maintenance it announced last.
    pub maintenance: Option<Announcement>,
    /// How much longer it is to be left alone because of maintenance under way.
    pub shut: Duration,
}

impl Hints {
    /// What is left of them when so much time has passed.
    #[must_use]
    pub fn later(self, elapsed: Duration) -> Self {
        Self { pause: self.pause.minus(elapsed), shut: self.shut.minus(elapsed), ..self }
    }
}

/// What the requests to one project share.
///
/// `S` is the memory for the quota, one [`crate::quota::Slot`] for each request that the windows admit ([`Windows::slots`]): an
/// array, a `&mut [Slot]` or a `Vec<Slot>`.
#[derive(Clone, Debug)]
pub struct Gate<S> {
    quota: Quota<S>,
    clock: ServerClock,
    maintenance: Maintenance,
    /// Set by a rejection: no request before this.
    shut: Option<(Instant, WaitReason)>,
}

impl<S: Slots> Gate<S> {
    /// A gate that nothing went through yet.
    ///
    /// # Errors
    ///
    /// A limit of zero, or too few slots; the error says how many are needed.
    pub fn new(windows: Windows, slots: S) -> Result<Self, QuotaError> {
        Ok(Self {
            quota: Quota::new(windows, slots)?,
            clock: ServerClock::Unknown,
            maintenance: Maintenance::default(),
            shut: None,
        })
    }

    /// The answered requests that still count in some window. With [`Gate::in_flight`] and [`Gate::hints`], this is what
    /// a restart must not forget; it is stored with the checkpoint.
    pub fn held(&self, now: Instant) -> impl Iterator<Item = Held> {
        self.quota.held(now)
    }

    /// How many requests are on their way.
    pub fn in_flight(&self, now: Instant) -> u32 {
        self.quota.in_flight(now)
    }

    /// What the server said that outlives a restart.
    pub fn hints(&self, now: Instant) -> Hints {
        Hints {
            pause: self.shut.map_or(Duration::ZERO, |(until, _)| until.since(now)),
            maintenance: self.maintenance.announced(),
            shut: self.maintenance.shut_for(now),
        }
    }

    /// Goes on after a restart with what was stored, less the time since then ([`Held::later`], [`Hints::later`]). Each
    /// of the requests in flight may have arrived as late as now.
    pub fn restore(
        &mut self,
        held: impl IntoIterator<Item = Held>,
        in_flight: u32,
        hints: Hints,
        now: Instant,
    ) {
        held.into_iter().for_each(|held| self.quota.restore(held, now));
        // More than the largest window holds would change nothing any more.
        let most = self.quota.windows().iter().map(|window| window.limit).max().unwrap_or(0);
        (0..in_flight.min(most)).for_each(|_| _ = self.quota.take(now));
        let pause = hints.pause.min(LONGEST_PAUSE);
        self.shut = (pause > Duration::ZERO).then_some((now.after(pause), WaitReason::Rejected));
        self.maintenance = Maintenance::restored(hints.maintenance, hints.shut, now);
    }

    /// Takes the device's own clock for the server's until the server says its time. Needed only to obey
    /// announcements of servers that send no `Date`.
    pub fn assume_clock(&mut self, unix: UnixTime, now: Instant) {
        self.clock.assume(unix, now);
    }

    /// The maintenance window announced last.
    pub const fn announced_maintenance(&self) -> Option<Announcement> {
        self.maintenance.announced()
    }

    /// Until when, after `now`, no request may be sent, and why. Of several reasons the one that lasts longest.
    pub fn opens(&self, now: Instant) -> Option<(Instant, WaitReason)> {
        let quota = self.quota.opens(now).map(|until| (until, WaitReason::Quota));
        let maintenance =
            self.maintenance.opens(&self.clock, now).map(|until| (until, WaitReason::Maintenance));
        let shut = self.shut.filter(|&(until, _)| until > now);
        [quota, shut, maintenance].into_iter().flatten().max_by_key(|&(until, _)| until)
    }

    /// A request leaves, to be answered by `deadline` or never.
    pub(crate) fn take(&mut self, deadline: Instant) -> Ticket {
        self.quota.take(deadline)
    }

    /// Nothing came, or nothing that could be read.
    pub(crate) fn unanswered(&mut self, ticket: Ticket, now: Instant) {
        self.quota.answered(ticket, now);
    }

    /// The head of an answer came.
    pub(crate) fn answered(&mut self, ticket: Ticket, sent: Instant, now: Instant, fields: &Fields) {
        self.quota.answered(ticket, now);
        if let Some(date) = fields.date {
            self.clock.learn(date, sent, now);
        }
    }

    /// The answer did what was asked.
    pub(crate) fn served(&mut self, fields: &Fields) {
        let (start, end) = fields.window;
        self.maintenance.served(Announcement::new(start, end));
    }

    /// The answer says that the limit is reached.
    pub(crate) fn rejected(&mut self, now: Instant, hint: Option<Moment>) {
        let hinted = hint
            .and_then(|hint| self.place(hint, now))
            .map(|until| (until.min(now.after(LONGEST_PAUSE)), WaitReason::RetryAfter));
        let (until, why) =
            hinted.unwrap_or((now.after(self.quota.windows().longest_recovery()), WaitReason::Rejected));
        let shut = (until.max(now.after(AFTER_REJECTION)), why);
        self.shut = Some(self.shut.map_or(shut, |other| if other.0 > shut.0 { other } else { shut }));
    }

    /// The answer says that maintenance is under way.
    pub(crate) fn refused_for_maintenance(
        &mut self,
        now: Instant,
        fields: &Fields,
        rules: &MaintenanceRules,
    ) {
        let (start, end) = fields.window;
        let hint = fields.retry_after.and_then(|hint| self.place(hint, now));
        let asked = hint.unwrap_or(now.after(rules.poll));
        self.maintenance.refused(Announcement::new(start, end), &self.clock, now, asked);
    }

    /// The moment that a server names; `None` if it speaks of its clock and that is unknown.
    pub(crate) fn place(&self, hint: Moment, now: Instant) -> Option<Instant> {
        match hint {
            Moment::In(delay) => Some(now.after(delay)),
            Moment::At(time) => self.clock.latest(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quota::{Slot, Window};

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    fn gate() -> Gate<[Slot; 2]> {
        let minute = Window { limit: 2, period: Duration::from_secs(60), slack: Duration::from_millis(250) };
        Gate::new(Windows::one(minute), [Slot::FREE; 2]).unwrap()
    }

    #[test]
    fn a_rejection_without_a_hint_waits_a_whole_window() {
        let mut gate = gate();
        gate.rejected(at(1_000), None);
        assert_eq!(gate.opens(at(1_000)), Some((at(61_250), WaitReason::Rejected)));
        assert_eq!(gate.opens(at(61_250)), None);
    }

    #[test]
    fn a_hint_of_the_server_is_obeyed_first() {
        let mut gate = gate();
        gate.rejected(at(1_000), Some(Moment::In(Duration::from_secs(7))));
        assert_eq!(gate.opens(at(1_000)), Some((at(8_000), WaitReason::RetryAfter)));
    }

    #[test]
    fn no_hint_brings_a_request_within_three_seconds_of_a_rejection() {
        let mut gate = gate();
        gate.rejected(at(1_000), Some(Moment::In(Duration::ZERO)));
        assert_eq!(gate.opens(at(1_000)), Some((at(4_000), WaitReason::RetryAfter)));
    }

    #[test]
    fn a_later_hint_does_not_open_what_an_earlier_one_shut_for_longer() {
        let mut gate = gate();
        for seconds in [90, 7] {
            gate.rejected(at(0), Some(Moment::In(Duration::from_secs(seconds))));
        }
        assert_eq!(gate.opens(at(0)), Some((at(90_000), WaitReason::RetryAfter)));
    }

    #[test]
    fn no_hint_shuts_the_gate_for_longer_than_a_day() {
        for hint in [Moment::In(Duration::MAX), Moment::At(UnixTime::from_secs(253_402_300_799))] {
            let mut gate = gate();
            gate.clock.learn(UnixTime::from_secs(1_800_000_000), at(0), at(0));
            gate.rejected(at(1_000), Some(hint));
            assert_eq!(gate.opens(at(1_000)), Some((at(86_401_000), WaitReason::RetryAfter)));
        }
    }

    #[test]
    fn a_date_as_hint_is_placed_by_the_servers_clock_or_not_at_all() {
        let mut gate = gate();
        let noon = UnixTime::from_secs(1_800_000_000);
        let hint = Some(Moment::At(UnixTime::from_secs(1_800_000_030)));
        gate.rejected(at(0), hint);
        assert_eq!(gate.opens(at(0)), Some((at(60_250), WaitReason::Rejected)), "the clock is unknown");
        gate.clock.learn(noon, at(60_250), at(60_250));
        gate.rejected(at(60_250), hint);
        assert_eq!(gate.opens(at(60_250)), Some((at(90_250), WaitReason::RetryAfter)));
    }

    /// The gate after a restart that took so many milliseconds.
    fn restarted(before: &Gate<[Slot; 2]>, now: Instant, elapsed: u64) -> Gate<[Slot; 2]> {
        let elapsed = Duration::from_millis(elapsed);
        let mut after = gate();
        let held = before.held(now).map(|held| held.later(elapsed));
        after.restore(held, before.in_flight(now), before.hints(now).later(elapsed), at(0));
        after
    }

    #[test]
    fn a_restart_does_not_cut_a_pause_short() {
        let mut before = gate();
        before.rejected(at(0), Some(Moment::In(Duration::from_secs(30))));
        let after = restarted(&before, at(1_000), 9_000);
        assert_eq!(after.opens(at(0)), Some((at(20_000), WaitReason::Rejected)));
    }

    #[test]
    fn a_restored_pause_is_no_longer_than_a_day() {
        let mut gate = gate();
        gate.restore([], 0, Hints { pause: Duration::MAX, ..Hints::default() }, at(0));
        assert_eq!(gate.opens(at(0)), Some((at(24 * 60 * 60 * 1_000), WaitReason::Rejected)));
    }

    #[test]
    fn a_restart_does_not_forget_announced_maintenance() {
        let noon = UnixTime::from_secs(1_800_000_000);
        let window = Announcement::new(Some(noon), Some(UnixTime::from_secs(1_800_000_100)));
        let mut gate = gate();
        gate.restore([], 0, Hints { maintenance: window, ..Hints::default() }, at(0));
        assert_eq!(gate.opens(at(0)), None, "the clock is unknown");
        gate.assume_clock(noon, at(0));
        assert_eq!(gate.opens(at(0)), Some((at(105_000), WaitReason::Maintenance)));
    }

    #[test]
    fn a_restart_does_not_forget_maintenance_under_way() {
        let mut before = gate();
        let shut = Hints { shut: Duration::from_secs(60), ..Hints::default() };
        before.restore([], 0, shut, at(0));
        let after = restarted(&before, at(10_000), 20_000);
        assert_eq!(after.opens(at(0)), Some((at(30_000), WaitReason::Maintenance)));
    }

    #[test]
    fn requests_on_their_way_when_the_power_went_count_from_the_restart() {
        let mut before = gate();
        before.take(at(30_000));
        before.take(at(30_000));
        assert_eq!(restarted(&before, at(100), 50).opens(at(0)), Some((at(60_250), WaitReason::Quota)));
    }

    #[test]
    fn of_several_reasons_the_longest_counts() {
        let mut gate = gate();
        let [first, second] = [gate.take(at(0)), gate.take(at(0))];
        gate.unanswered(first, at(0));
        gate.unanswered(second, at(0));
        gate.rejected(at(0), Some(Moment::In(Duration::from_secs(5))));
        assert_eq!(gate.opens(at(0)), Some((at(60_250), WaitReason::Quota)));
    }
}
