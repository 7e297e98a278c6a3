//! Maintenance, announced and active. While a window is announced no request is sent inside it, by the server's own
//! clock; while a server refuses because of maintenance it is left alone until the announced end, or asked gently.

use crate::http::WindowFields;
use crate::time::{Duration, Instant, ServerClock, UnixTime};

/// How an API behaves around maintenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaintenanceRules {
    /// The fields that announce it.
    pub fields: WindowFields,
    /// The status with which requests are refused while it lasts.
    pub status: u16,
    /// The problem type (RFC 9457 §3.1.1) that tells this refusal from any other of that status.
    pub problem_type: &'static str,
    /// How often to ask again when no end is known.
    pub poll: Duration,
}

/// An announced maintenance window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    start: UnixTime,
    end: UnixTime,
}

impl Announcement {
    /// A window from `start` to `end`; `None` if an end is missing or nothing lies between them.
    pub fn new(start: Option<UnixTime>, end: Option<UnixTime>) -> Option<Self> {
        let (start, end) = start.zip(end)?;
        (start < end).then_some(Self { start, end })
    }

    /// When it begins, by the server's clock.
    pub const fn start(&self) -> UnixTime {
        self.start
    }

    /// When it ends, by the server's clock.
    pub const fn end(&self) -> UnixTime {
        self.end
    }
}

/// What is known of a project's maintenance.
#[derive(Clone, Copy, Debug, Default)]
pub struct Maintenance {
    announced: Option<Announcement>,
    /// No request before this, since a refusal; the clock's start if there was none.
    shut_until: Instant,
}

/// A request that leaves just before the start may arrive after it, above all if it has to connect first.
const LEAD: Duration = Duration::from_secs(5);

/// The least time between a refusal and the next request: an end that is always about to come must not be chased.
const AFTER_REFUSAL: Duration = Duration::from_secs(5);

/// The longest that maintenance is believed to last. What is kept here outlives a pull, so a server's slip must not shut
/// everyone out for years: then the server is asked again.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Maintenance {
    /// The window announced last.
    pub const fn announced(&self) -> Option<Announcement> {
        self.announced
    }

    /// What was known before a restart.
    pub(crate) fn restored(announced: Option<Announcement>, shut: Duration, now: Instant) -> Self {
        let shut_until = if shut > Duration::ZERO { now.after(shut.min(LONGEST)) } else { Instant::ZERO };
        Self { announced, shut_until }
    }

    /// How much longer a refusal keeps requests back.
    pub(crate) fn shut_for(&self, now: Instant) -> Duration {
        self.shut_until.since(now)
    }

    /// An answer that did its work: what it announces counts, and no word means that nothing is announced any more.
    pub fn served(&mut self, announcement: Option<Announcement>) {
        *self = Self { announced: announcement, shut_until: Instant::ZERO };
    }

    /// A refusal because of maintenance. The next request waits for the announced end, or where that is unknown or
    /// over, until `otherwise`; returns which it is.
    pub fn refused(
        &mut self,
        announcement: Option<Announcement>,
        clock: &ServerClock,
        now: Instant,
        otherwise: Instant,
    ) -> Instant {
        self.announced = announcement.or(self.announced);
        let mut until = otherwise;
        if let Some(window) = &self.announced
            && let Some(end) = clock.latest(window.end)
            && end > now
        {
            until = end;
        }
        self.shut_until = until.max(now.after(AFTER_REFUSAL)).min(now.after(LONGEST));
        self.shut_until
    }

    /// When a request may be sent, if that is after `now`.
    pub fn opens(&self, clock: &ServerClock, now: Instant) -> Option<Instant> {
        let mut opens = self.shut_until;
        if let Some(window) = &self.announced
            && let Some(shuts) = clock.earliest(window.start)
            && let Some(ends) = clock.latest(window.end)
            && now.after(LEAD) >= shuts
        {
            opens = opens.max(ends.min(shuts.after(LONGEST)));
        }
        (opens > now).then_some(opens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixTime = UnixTime::from_secs(1_800_000_000);

    fn at(secs: u64) -> Instant {
        Instant::from_millis(secs * 1000)
    }

    /// The driver's clock started at noon, known to within a second.
    fn clock() -> ServerClock {
        let mut clock = ServerClock::Unknown;
        clock.learn(NOON, Instant::ZERO, Instant::ZERO);
        clock
    }

    fn window(start: u64, end: u64) -> Option<Announcement> {
        let after_noon = |secs| Some(UnixTime::from_secs(NOON.as_secs() + secs));
        Announcement::new(after_noon(start), after_noon(end))
    }

    #[test]
    fn an_announcement_needs_both_ends_in_order() {
        assert!(window(0, 1).is_some());
        for (start, end) in [(Some(NOON), Some(NOON)), (Some(NOON), None), (None, Some(NOON))] {
            assert_eq!(Announcement::new(start, end), None);
        }
    }

    #[test]
    fn an_announcement_says_both_ends() {
        let announced = window(100, 200).unwrap();
        let after_noon = [announced.start(), announced.end()].map(|end| end.as_secs() - NOON.as_secs());
        assert_eq!(after_noon, [100, 200]);
    }

    #[test]
    fn what_was_known_before_a_restart_is_known_after_it() {
        let mut before = Maintenance::default();
        before.served(window(100, 200));
        before.refused(None, &ServerClock::Unknown, at(60), at(90));
        assert_eq!(
            (before.announced(), before.shut_for(at(70))),
            (window(100, 200), Duration::from_secs(20))
        );
        let after = Maintenance::restored(before.announced(), before.shut_for(at(70)), at(1_000));
        assert_eq!(
            (after.announced(), after.shut_for(at(1_005))),
            (window(100, 200), Duration::from_secs(15))
        );
        assert_eq!(after.opens(&ServerClock::Unknown, at(1_005)), Some(at(1_020)));
        assert_eq!(after.shut_for(at(1_020)), Duration::ZERO, "it is over");
        let open = Maintenance::restored(None, Duration::ZERO, at(1_000));
        assert_eq!((open.announced(), open.shut_for(at(0))), (None, Duration::ZERO), "nothing was known");
    }

    #[test]
    fn what_was_stored_shuts_nobody_out_for_longer_than_a_week() {
        let week = Duration::from_secs(7 * 24 * 60 * 60);
        let restored = Maintenance::restored(None, Duration::MAX, at(0));
        assert_eq!(restored.shut_for(at(0)), week);
    }

    #[test]
    fn no_request_is_sent_inside_an_announced_window() {
        let mut maintenance = Maintenance::default();
        maintenance.served(window(100, 200));
        assert_eq!(maintenance.opens(&clock(), at(93)), None, "there is time for one more");
        assert_eq!(maintenance.opens(&clock(), at(94)), Some(at(200)), "it might arrive when it has begun");
        assert_eq!(maintenance.opens(&clock(), at(199)), Some(at(200)));
        assert_eq!(maintenance.opens(&clock(), at(200)), None);
    }

    #[test]
    fn without_the_servers_clock_an_announcement_cannot_be_placed() {
        let mut maintenance = Maintenance::default();
        maintenance.served(window(0, 1_000));
        assert_eq!(maintenance.opens(&ServerClock::Unknown, at(50)), None);
    }

    #[test]
    fn an_answer_without_the_fields_withdraws_the_announcement() {
        let mut maintenance = Maintenance::default();
        maintenance.served(window(100, 200));
        maintenance.served(None);
        assert_eq!(maintenance.opens(&clock(), at(150)), None);
    }

    #[test]
    fn a_refusal_is_waited_out_until_the_announced_end() {
        let mut maintenance = Maintenance::default();
        maintenance.served(window(100, 200));
        let again = maintenance.refused(None, &clock(), at(60), at(90));
        assert_eq!((again, maintenance.opens(&clock(), at(60))), (at(200), Some(at(200))), "it began early");
    }

    #[test]
    fn a_refusal_without_a_known_end_is_asked_again_gently() {
        let mut maintenance = Maintenance::default();
        assert_eq!(maintenance.refused(None, &clock(), at(60), at(90)), at(90));
        assert_eq!(maintenance.opens(&clock(), at(89)), Some(at(90)));
        assert_eq!(maintenance.opens(&clock(), at(90)), None);
    }

    #[test]
    fn no_announcement_is_believed_for_longer_than_a_week() {
        const WEEK: u64 = 7 * 24 * 60 * 60;
        let mut maintenance = Maintenance::default();
        maintenance.served(window(100, 1_000 * WEEK));
        assert_eq!(
            maintenance.opens(&clock(), at(100)),
            Some(at(99 + WEEK)),
            "a second before it surely began"
        );
        assert_eq!(maintenance.opens(&clock(), at(99 + WEEK)), None);
        let again = maintenance.refused(None, &clock(), at(99 + WEEK), at(129 + WEEK));
        assert_eq!(again, at(99 + 2 * WEEK));
    }

    #[test]
    fn an_end_that_is_always_about_to_come_is_not_chased() {
        let mut maintenance = Maintenance::default();
        assert_eq!(maintenance.refused(window(0, 61), &clock(), at(60), at(90)), at(65));
    }

    #[test]
    fn a_refusal_that_outlasts_the_announced_end_is_asked_again_gently() {
        let mut maintenance = Maintenance::default();
        maintenance.served(window(100, 200));
        assert_eq!(maintenance.refused(None, &clock(), at(300), at(330)), at(330));
        assert_eq!(maintenance.refused(None, &clock(), at(200), at(230)), at(230), "at its very end");
    }
}
