//! Time as a quota keeps it: 32 bits of milliseconds, against a base that moves along with the clock. A moment costs four bytes, and
//! a small machine adds and compares it in one step. The base stands in the middle, so there are 24 days before it, for what was
//! learned of windows, and as many behind it, for what is to come. What is older is as old as can be said; what comes later never
//! does.

use crate::time::{Duration, Instant};

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tick(u32);

/// The moment of the base.
const BASE: u32 = 1 << 31;

impl Tick {
    /// A moment that is over.
    pub(super) const LONG_AGO: Self = Self(0);
    /// A moment that does not come.
    pub(super) const NEVER: Self = Self(u32::MAX);

    /// So long after the earliest moment.
    #[cfg(test)]
    pub(super) fn from_millis(millis: u64) -> Self {
        Self(u32::try_from(millis).unwrap())
    }

    /// A moment of the driver's clock.
    #[inline(never)]
    pub(super) fn of(at: Instant, base: Instant) -> Self {
        let tick = at.as_millis().saturating_add(BASE.into()).saturating_sub(base.as_millis());
        Self(u32::try_from(tick).unwrap_or(u32::MAX))
    }

    /// The same moment on the driver's clock.
    #[inline(never)]
    pub(super) fn instant(self, base: Instant) -> Instant {
        let behind = base.as_millis().saturating_add(self.0.into());
        Instant::from_millis(behind.saturating_sub(BASE.into()))
    }

    /// So long after the base: less than 31 bits.
    pub(super) const fn behind_base(millis: u32) -> Self {
        Self(BASE.wrapping_add(millis))
    }

    /// Milliseconds since the base: 31 bits.
    pub(super) const fn since_base(self) -> u32 {
        self.0.saturating_sub(BASE)
    }

    pub(super) const fn after(self, millis: Millis) -> Self {
        Self(self.0.saturating_add(millis.0))
    }

    pub(super) const fn before(self, millis: Millis) -> Self {
        Self(self.0.saturating_sub(millis.0))
    }

    /// How long ago `earlier` was; zero if it is yet to come.
    pub(super) const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// Microseconds since the earliest moment.
    pub(super) fn micros(self) -> u64 {
        Millis(self.0).micros()
    }

    /// The first moment that is not before so many microseconds.
    pub(super) fn of_micros(micros: u64) -> Self {
        Self(Millis::of_micros(micros).0)
    }

    /// The base moved along so far.
    pub(super) const fn move_along(&mut self, by: Millis) {
        *self = self.before(by);
    }
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Millis(u32);

impl Millis {
    pub(super) const ZERO: Self = Self(0);
    pub(super) const MAX: Self = Self(u32::MAX);
    /// The most by which a base moves along at once.
    pub(super) const LONGEST: Self = Self(u32::MAX >> 1);

    pub(super) const fn new(millis: u32) -> Self {
        Self(millis)
    }

    pub(super) const fn from_secs(secs: u32) -> Self {
        Self(secs.saturating_mul(1_000))
    }

    /// A length as others say it, cut to seven weeks.
    pub(super) fn of(duration: Duration) -> Self {
        Self(u32::try_from(duration.as_millis()).unwrap_or(u32::MAX))
    }

    pub(super) const fn get(self) -> u32 {
        self.0
    }

    pub(super) fn duration(self) -> Duration {
        Duration::from_millis(self.0.into())
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// One of so many equal parts; nothing if there are none.
    pub(super) fn part(self, of: u32) -> Self {
        Self(self.0.checked_div(of).unwrap_or(0))
    }

    /// The same, rounded up.
    pub(super) const fn part_up(self, of: u32) -> Self {
        Self(self.0.div_ceil(of))
    }

    /// This length times `factor`. The caller knows that the result fits into 32 bits.
    pub(super) const fn times(self, factor: u32) -> Self {
        Self(self.0.wrapping_mul(factor))
    }

    /// How often `other` fits into it; never if that is nothing.
    pub(super) fn over(self, other: Self) -> u32 {
        self.0.checked_div(other.0).unwrap_or(0)
    }

    pub(super) fn micros(self) -> u64 {
        u64::from(self.0).wrapping_mul(1_000)
    }

    /// Rounded up to whole milliseconds.
    #[inline(never)]
    pub(super) fn of_micros(micros: u64) -> Self {
        Self(u32::try_from(micros.wrapping_add(999) / 1_000).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASES: [u64; 4] = [0, 3_600_000, 1 << 32, 1_800_000_000_000];

    #[test]
    fn a_moment_near_the_base_is_the_same_on_both_clocks() {
        for base in BASES {
            for at in
                [base, base + 1, base + 2_147_483_647, base.saturating_sub(1), base.saturating_sub(1 << 31)]
            {
                let (at, base) = (Instant::from_millis(at), Instant::from_millis(base));
                assert_eq!(Tick::of(at, base).instant(base), at, "{at:?} by {base:?}");
            }
        }
    }

    #[test]
    fn what_is_too_far_away_stays_before_or_behind_all_the_rest() {
        let base = Instant::from_millis(1_800_000_000_000);
        let of = |millis| Tick::of(Instant::from_millis(millis), base);
        assert_eq!(of(0), Tick::LONG_AGO);
        assert_eq!(of(1_800_000_000_000 - (1 << 31)), Tick::LONG_AGO);
        assert_eq!(of(1_800_000_000_000 + (1 << 31)), Tick::NEVER);
        assert_eq!(of(u64::MAX), Tick::NEVER);
        assert_eq!((of(0).since_base(), of(u64::MAX).since_base()), (0, (1 << 31) - 1));
    }

    #[test]
    fn a_moment_moves_along_with_its_base() {
        let [before, after] = [0, 300_000_000].map(Instant::from_millis);
        for at in [0, 1, 299_999_999, 300_000_001, 2_000_000_000] {
            let at = Instant::from_millis(at);
            let mut tick = Tick::of(at, before);
            tick.move_along(Millis::new(300_000_000));
            assert_eq!(tick, Tick::of(at, after), "{at:?}");
        }
    }

    #[test]
    fn microseconds_are_rounded_up() {
        for (micros, millis) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2), (u64::MAX - 999, u32::MAX)] {
            assert_eq!(Millis::of_micros(micros), Millis::new(millis), "{micros}");
        }
        assert_eq!(Tick::of_micros(Tick::behind_base(5).micros()), Tick::behind_base(5));
    }
}
