//! What a limit is: so many requests in so long, for these kinds of requests. Descriptions only.

use crate::time::Duration;
use core::fmt;

/// One window of a server's limit.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// How many requests it admits.
    pub limit: u32,
    /// How long it lasts.
    pub period: Duration,
    /// How much longer to wait than the period: for clocks that run at unequal rates, for servers that close a window
    /// late, and for those that count in whole seconds.
    pub slack: Duration,
    /// The requests that it counts.
    pub counts: Calls,
    /// How the server counts.
    pub kind: LimiterKind,
}

/// How a server's limiter counts.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimiterKind {
    /// Not known. It is taken for a fixed or a sliding window, so a window's worth of requests leaves at once. A rejection may
    /// show that it is a counter or a small bucket; then requests are spread evenly.
    #[default]
    Unknown,
    /// A window that begins anew at some moment, with all of the limit.
    Fixed,
    /// A log of requests. Each leaves the log a period later.
    Sliding,
    /// A sliding-window counter: it adds the count of the current fixed window and a part of the count of the one before, as
    /// much of it as still lies within the last period. Requests are spread evenly.
    Counter,
    /// A bucket that is filled evenly at the limit in each period and holds fewer requests than the limit. So many leave at
    /// once, and the others evenly.
    Bucket {
        /// How many requests it holds.
        burst: u32,
    },
}

impl LimiterKind {
    /// The kinds as numbers of two bytes. A bucket of more than 65,531 counts as one of so many.
    pub(super) fn code(self) -> u16 {
        match self {
            Self::Unknown => 0,
            Self::Fixed => 1,
            Self::Sliding => 2,
            Self::Counter => 3,
            Self::Bucket { burst } => u16::try_from(burst.max(1)).unwrap_or(u16::MAX).saturating_add(3),
        }
    }

    pub(super) fn of_code(code: u16) -> Self {
        match code {
            0 => Self::Unknown,
            1 => Self::Fixed,
            2 => Self::Sliding,
            3 => Self::Counter,
            burst => Self::Bucket { burst: u32::from(burst).saturating_sub(3) },
        }
    }
}

impl Window {
    /// A window that counts every request. The slack is a quarter of a second: it covers the tenth by which a timer that
    /// is shared by many windows may be late, and clocks that differ by more than a thousandth.
    pub const fn new(limit: u32, period: Duration) -> Self {
        Self {
            limit,
            period,
            slack: Duration::from_millis(250),
            counts: Calls::ALL,
            kind: LimiterKind::Unknown,
        }
    }

    /// The same with another slack.
    #[must_use]
    pub const fn with_slack(mut self, slack: Duration) -> Self {
        self.slack = slack;
        self
    }

    /// The same for some kinds of requests only.
    #[must_use]
    pub const fn counting(mut self, counts: Calls) -> Self {
        self.counts = counts;
        self
    }

    /// The same for a limiter that counts in this way.
    #[must_use]
    pub const fn kind(mut self, kind: LimiterKind) -> Self {
        self.kind = kind;
        self
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            u32::MAX => write!(f, "an unknown number of requests in {}", self.period),
            limit => write!(f, "{limit} requests in {}", self.period),
        }
    }
}

/// Kinds of requests, as far as servers count them apart. One request is of one kind; a window may count several.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Calls(u8);

impl Calls {
    /// Reads of a page.
    pub const PAGED_READS: Self = Self(1);
    /// Other reads.
    pub const READS: Self = Self(2);
    /// Everything that changes something.
    pub const WRITES: Self = Self(4);
    /// All of them.
    pub const ALL: Self = Self(7);
    /// None of them.
    pub(super) const NONE: Self = Self(0);

    /// Each of them.
    pub(super) const EACH: [Self; 3] = [Self::PAGED_READS, Self::READS, Self::WRITES];

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether some kind is in both.
    pub const fn overlap(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The windows that all apply to the requests that they count, such as 10 a second and 400 a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    pub(super) each: [Option<Window>; Self::CAPACITY],
    /// Which part of the server's limit they are.
    part: (u32, u32),
}

impl Windows {
    /// How many there may be.
    pub const CAPACITY: usize = 3;

    /// No limit is known.
    pub const NONE: Self = Self { each: [None; Self::CAPACITY], part: (1, 1) };

    /// One window.
    pub const fn one(window: Window) -> Self {
        Self { each: [Some(window), None, None], ..Self::NONE }
    }

    /// Two windows that both apply, such as 10 a second and 400 a minute.
    pub const fn two(first: Window, second: Window) -> Self {
        Self { each: [Some(first), Some(second), None], ..Self::NONE }
    }

    /// Three windows that all apply.
    pub const fn three(first: Window, second: Window, third: Window) -> Self {
        Self { each: [Some(first), Some(second), Some(third)], ..Self::NONE }
    }

    /// All windows.
    pub fn iter(&self) -> impl Iterator<Item = Window> {
        self.each.iter().flatten().copied()
    }

    /// A fixed part of every limit, for one of several devices that share it without knowing of each other: of 200
    /// requests `share(1, 4)` leaves 50. Together such parts are never more than the limit, so what each keeps to by
    /// itself they all keep to.
    ///
    /// A part that admits nothing is refused by [`super::Quota::new`].
    #[must_use]
    pub fn share(mut self, part: u32, of: u32) -> Self {
        let part = part.min(of);
        for window in self.each.iter_mut().flatten() {
            window.limit = part_of(window.limit, (part, of));
        }
        self.part = (self.part.0.saturating_mul(part), self.part.1.saturating_mul(of));
        self
    }

    /// Whether the requests of some window are to be spread evenly.
    pub(crate) const fn want_even(&self) -> bool {
        let [first, second, third] = &self.each;
        wants_even(first) || wants_even(second) || wants_even(third)
    }

    /// Whether it is not known of some window how the server counts.
    pub(crate) const fn are_unknown(&self) -> bool {
        let [first, second, third] = &self.each;
        is_unknown(first) || is_unknown(second) || is_unknown(third)
    }

    pub(super) const fn part(&self) -> (u32, u32) {
        self.part
    }

    /// How many slots keep them exactly: one for each request that each window admits.
    pub fn slots(&self) -> usize {
        self.iter().fold(0, |sum: usize, window| {
            sum.saturating_add(usize::try_from(window.limit).unwrap_or(usize::MAX))
        })
    }
}

const fn is_unknown(window: &Option<Window>) -> bool {
    matches!(window, Some(Window { kind: LimiterKind::Unknown, .. }))
}

const fn wants_even(window: &Option<Window>) -> bool {
    matches!(window, Some(Window { kind: LimiterKind::Counter | LimiterKind::Bucket { .. }, .. }))
}

/// So many parts of a limit.
pub(super) fn part_of(limit: u32, (part, of): (u32, u32)) -> u32 {
    let parts = u64::from(limit).saturating_mul(part.into()).checked_div(of.into());
    parts.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(0)
}
