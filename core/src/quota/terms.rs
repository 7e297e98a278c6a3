//! How much of a limit a client takes when others use it too, and how it spreads its own part.

/// What a client asks of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How much is left to others.
    pub sharing: Sharing,
    /// So many requests of the longest window are never used.
    pub reserve: u32,
    /// How the requests are spread.
    pub pace: Pace,
}

impl Terms {
    /// Yields to others when they are noticed, keeps nothing back before, and does not dawdle.
    pub const DEFAULT: Self = Self { sharing: Sharing::Fair, reserve: 0, pace: Pace::Burst };
}

impl Default for Terms {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How much is left to others, once a rejection has shown that there are others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Everything that is free is taken. The others are rejected as often as they come late.
    Greedy,
    /// Yields a tenth at every rejection, and tries to get it back.
    #[default]
    Fair,
    /// Yields a quarter at every rejection, and takes it back slowly.
    Polite,
}

/// How requests are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// As soon as the limit allows: a window's worth at once, then nothing until the next window.
    #[default]
    Burst,
    /// At even distances: a minute of 200 is one request every 300 ms.
    Even,
}

impl Sharing {
    /// What is left of a part of a window's limit after a rejection, in a hundred. `None` if nothing is yielded.
    pub(super) const fn kept_in_fixed_windows(self) -> Option<u32> {
        match self {
            Self::Greedy => None,
            Self::Fair => Some(90),
            Self::Polite => Some(75),
        }
    }

    /// The same where there are no fixed windows.
    pub(super) const fn kept_elsewhere(self) -> u32 {
        match self {
            Self::Greedy => 100,
            Self::Fair => 90,
            Self::Polite => 85,
        }
    }

    /// By which part of the limit a share grows in a fixed window that had room for all of it.
    pub(super) const fn growth_in_fixed_windows(self) -> u32 {
        match self {
            Self::Greedy | Self::Fair => 10,
            Self::Polite => 20,
        }
    }

    /// By which part of the limit a share grows with every window's worth of answers where there are no fixed windows.
    pub(super) const fn growth_elsewhere(self) -> u32 {
        match self {
            Self::Greedy => 2,
            Self::Fair => 5,
            Self::Polite => 20,
        }
    }
}
