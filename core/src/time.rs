//! Time as numbers, in whole milliseconds. Core never reads a clock: every time here was handed in by a driver
//! ([`Instant`]) or said by a server ([`UnixTime`]), and the two are never mixed. [`ServerClock`] is the only bridge
//! between them; it is learned from the `Date` of responses (RFC 9110 §6.6.1).
//!
//! Arithmetic of 64 bits takes a 32-bit machine several instructions, and there is much of it in a quota: it is called and
//! not inlined, which makes a device's image two kilobytes smaller.

use core::fmt;

/// A moment on the driver's monotonic clock: milliseconds since a start of the driver's choosing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The start of the driver's clock.
    pub const ZERO: Self = Self(0);
    /// A moment that never comes.
    pub const NEVER: Self = Self(u64::MAX);

    /// The moment `millis` milliseconds after the clock's start.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the clock's start.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The moment `duration` later, or [`Instant::NEVER`].
    #[inline(never)]
    pub const fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }

    /// The moment `duration` earlier, or the clock's start.
    #[inline(never)]
    pub const fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.0))
    }

    /// How long ago `earlier` was; zero if it is yet to come.
    #[inline(never)]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

/// A length of time in milliseconds.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any device lives.
    pub const MAX: Self = Self(u64::MAX);

    /// So many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// So many seconds.
    #[inline(never)]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// The length in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How much longer this is than `other`; zero if it is shorter.
    #[inline(never)]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Both lengths together.
    #[inline(never)]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// So many times this length.
    #[inline(never)]
    pub const fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }

    /// One of so many equal parts; nothing if there are none.
    #[inline(never)]
    pub const fn part(self, of: u64) -> Self {
        match self.0.checked_div(of) {
            Some(part) => Self(part),
            None => Self::ZERO,
        }
    }

    /// How often `other` fits into it; never if that is nothing.
    #[inline(never)]
    pub const fn over(self, other: Self) -> u64 {
        match self.0.checked_div(other.0) {
            Some(times) => times,
            None => 0,
        }
    }
}

impl From<core::time::Duration> for Duration {
    fn from(duration: core::time::Duration) -> Self {
        Self(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }
}

impl From<Duration> for core::time::Duration {
    fn from(duration: Duration) -> Self {
        Self::from_millis(duration.0)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", core::time::Duration::from(*self))
    }
}

/// A moment as servers say it: milliseconds since 1970-01-01 00:00 UTC, leap seconds not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The moment `millis` milliseconds after the start of 1970.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The moment `secs` seconds after the start of 1970.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the start of 1970.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the start of 1970.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// How much later this is than `earlier`; zero if it is earlier.
    #[inline(never)]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

/// What is known of the server's clock: the bounds of its offset to the driver's.
///
/// Every `Date` narrows the bounds. A `Date` that contradicts them (one of the clocks was set, or they drift apart)
/// starts them anew: the latest word of the server counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerClock {
    /// Nothing was heard yet.
    #[default]
    Unknown,
    /// The device's own clock stands in until the server says its time.
    Assumed(Offset),
    /// Learned from the `Date` of answers.
    Learned(Offset),
}

/// Server time minus driver time lies within these bounds, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    low: i64,
    high: i64,
}

/// How far a device's own clock is trusted, either way.
const OWN_CLOCK_ERROR: i64 = 5_000;
/// `Date` is cut to whole seconds.
const DATE_RESOLUTION: u64 = 1_000;

impl ServerClock {
    /// Learns from an answer's `Date` to a request sent at `sent` and answered at `received`.
    pub fn learn(&mut self, date: UnixTime, sent: Instant, received: Instant) {
        // The server wrote `date` at some moment between the two, and its clock then showed date..date+1s.
        let heard = Offset {
            low: difference(date.0, received.0),
            high: difference(date.0.saturating_add(DATE_RESOLUTION), sent.0),
        };
        if let Self::Learned(known) = self
            && known.low.max(heard.low) <= known.high.min(heard.high)
        {
            known.low = known.low.max(heard.low);
            known.high = known.high.min(heard.high);
        } else {
            *self = Self::Learned(heard);
        }
    }

    /// Takes the device's own clock as the server's until the first `Date` is heard.
    pub fn assume(&mut self, unix: UnixTime, now: Instant) {
        if let Self::Unknown | Self::Assumed(_) = self {
            let offset = difference(unix.0, now.0);
            *self = Self::Assumed(Offset {
                low: offset.saturating_sub(OWN_CLOCK_ERROR),
                high: offset.saturating_add(OWN_CLOCK_ERROR),
            });
        }
    }

    /// The first moment at which the server's clock might show `time`; `None` while its clock is unknown.
    pub fn earliest(&self, time: UnixTime) -> Option<Instant> {
        Some(place(time, self.offset()?.high))
    }

    /// The first moment at which the server's clock surely shows `time`; `None` while its clock is unknown.
    pub fn latest(&self, time: UnixTime) -> Option<Instant> {
        Some(place(time, self.offset()?.low))
    }

    /// The bounds of what the server's clock shows at a moment; `None` while it is unknown.
    pub fn shows(&self, at: Instant) -> Option<(UnixTime, UnixTime)> {
        let time = |offset| UnixTime(at.0.saturating_add_signed(offset));
        self.offset().map(|offset| (time(offset.low), time(offset.high)))
    }

    fn offset(&self) -> Option<&Offset> {
        match self {
            Self::Unknown => None,
            Self::Assumed(offset) | Self::Learned(offset) => Some(offset),
        }
    }
}

/// When the server's clock shows a time, at this offset.
#[inline(never)]
fn place(time: UnixTime, offset: i64) -> Instant {
    Instant(time.0.saturating_sub_signed(offset))
}

/// `a - b`. Times that no clock reaches are cut before, so that nothing wraps around.
#[inline(never)]
fn difference(a: u64, b: u64) -> i64 {
    let cut = |millis| i64::try_from(millis).unwrap_or(i64::MAX);
    cut(a).wrapping_sub(cut(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_800_000_000_000;

    #[test]
    fn the_offset_is_bounded_by_the_round_trip_and_the_second() {
        let mut clock = ServerClock::Unknown;
        clock.learn(UnixTime(NOON), Instant(1_000), Instant(1_200));
        assert_eq!(
            clock.earliest(UnixTime(NOON + 10_000)),
            Some(Instant(10_000)),
            "the second had just ended"
        );
        assert_eq!(clock.latest(UnixTime(NOON + 10_000)), Some(Instant(11_200)), "it had just begun, late");
    }

    #[test]
    fn every_date_narrows_the_bounds() {
        let mut clock = ServerClock::Unknown;
        clock.learn(UnixTime(NOON), Instant(1_000), Instant(1_200));
        clock.learn(UnixTime(NOON + 1_000), Instant(1_900), Instant(2_000));
        let width = clock.latest(UnixTime(NOON)).unwrap().since(clock.earliest(UnixTime(NOON)).unwrap());
        assert_eq!(width, Duration(1_000), "1,200 ms of round trip and second, and then 200 ms less");
    }

    #[test]
    fn a_date_that_contradicts_starts_anew() {
        let mut clock = ServerClock::Unknown;
        clock.learn(UnixTime(NOON), Instant(0), Instant(100));
        clock.learn(UnixTime(NOON - 3_600_000), Instant(1_000), Instant(1_100));
        assert_eq!(clock.latest(UnixTime(NOON)), Some(Instant(3_601_100)));
    }

    #[test]
    fn the_servers_word_replaces_the_devices_clock() {
        let mut clock = ServerClock::Unknown;
        clock.assume(UnixTime(NOON), Instant(0));
        assert_eq!(clock.latest(UnixTime(NOON)), Some(Instant(5_000)));
        clock.learn(UnixTime(NOON + 60_000), Instant(0), Instant(0));
        clock.assume(UnixTime(NOON), Instant(0));
        assert_eq!(clock.latest(UnixTime(NOON + 60_000)), Some(Instant(0)));
    }

    #[test]
    fn absurd_times_do_not_overflow() {
        let mut clock = ServerClock::Unknown;
        clock.learn(UnixTime(u64::MAX), Instant(0), Instant(0));
        clock.learn(UnixTime(0), Instant(u64::MAX), Instant(u64::MAX));
        assert!(clock.latest(UnixTime(u64::MAX)).is_some());
        assert_eq!(Instant::NEVER.after(Duration::MAX), Instant::NEVER);
    }
}
