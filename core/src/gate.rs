//! What the requests to one project share: the quota, the server's clock, its word on when to come back, and its
//! maintenance. A gate outlives the pulls that go through it, as long as the device runs; [`Gate::spent`] is the part
//! that must survive a restart.

use crate::http::{Fields, RetryAfter};
use crate::maintenance::{Announcement, Maintenance, MaintenanceRules};
use crate::quota::{Quota, QuotaError, Slots, Spent, Ticket, Windows};
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

    /// How much of the limit is used up at `now`, to be stored with the checkpoint.
    pub fn spent(&self, now: Instant) -> Spent {
        let pause = self.shut.map_or(Duration::ZERO, |(until, _)| until.since(now));
        Spent { windows: self.quota.used(now), pause }
    }

    /// Counts what was spent before a restart; see [`Spent::later`] for the time between. In each window one request
    /// more is counted: it may have been on its way when the power went.
    pub fn restore(&mut self, spent: Spent, now: Instant) {
        self.quota.restore(spent.windows, now);
        let pause = spent.pause.min(LONGEST_PAUSE);
        self.shut = (pause > Duration::ZERO).then_some((now.after(pause), WaitReason::Rejected));
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
    pub(crate) fn rejected(&mut self, now: Instant, hint: Option<RetryAfter>) {
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
    pub(crate) fn place(&self, hint: RetryAfter, now: Instant) -> Option<Instant> {
        match hint {
            RetryAfter::Delay(delay) => Some(now.after(delay)),
            RetryAfter::Until(time) => self.clock.latest(time),
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
        gate.rejected(at(1_000), Some(RetryAfter::Delay(Duration::from_secs(7))));
        assert_eq!(gate.opens(at(1_000)), Some((at(8_000), WaitReason::RetryAfter)));
    }

    #[test]
    fn no_hint_brings_a_request_within_three_seconds_of_a_rejection() {
        let mut gate = gate();
        gate.rejected(at(1_000), Some(RetryAfter::Delay(Duration::ZERO)));
        assert_eq!(gate.opens(at(1_000)), Some((at(4_000), WaitReason::RetryAfter)));
    }

    #[test]
    fn a_later_hint_does_not_open_what_an_earlier_one_shut_for_longer() {
        let mut gate = gate();
        for seconds in [90, 7] {
            gate.rejected(at(0), Some(RetryAfter::Delay(Duration::from_secs(seconds))));
        }
        assert_eq!(gate.opens(at(0)), Some((at(90_000), WaitReason::RetryAfter)));
    }

    #[test]
    fn no_hint_shuts_the_gate_for_longer_than_a_day() {
        for hint in
            [RetryAfter::Delay(Duration::MAX), RetryAfter::Until(UnixTime::from_secs(253_402_300_799))]
        {
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
        let hint = Some(RetryAfter::Until(UnixTime::from_secs(1_800_000_030)));
        gate.rejected(at(0), hint);
        assert_eq!(gate.opens(at(0)), Some((at(60_250), WaitReason::Rejected)), "the clock is unknown");
        gate.clock.learn(noon, at(60_250), at(60_250));
        gate.rejected(at(60_250), hint);
        assert_eq!(gate.opens(at(60_250)), Some((at(90_250), WaitReason::RetryAfter)));
    }

    #[test]
    fn a_restart_does_not_cut_a_pause_short() {
        let mut before = gate();
        before.rejected(at(0), Some(RetryAfter::Delay(Duration::from_secs(30))));
        let mut after = gate();
        after.restore(before.spent(at(1_000)).later(Duration::from_secs(9)), at(0));
        assert_eq!(after.opens(at(0)), Some((at(20_000), WaitReason::Rejected)));
    }

    #[test]
    fn of_several_reasons_the_longest_counts() {
        let mut gate = gate();
        let [first, second] = [gate.take(at(0)), gate.take(at(0))];
        gate.unanswered(first, at(0));
        gate.unanswered(second, at(0));
        gate.rejected(at(0), Some(RetryAfter::Delay(Duration::from_secs(5))));
        assert_eq!(gate.opens(at(0)), Some((at(60_250), WaitReason::Quota)));
    }
}
