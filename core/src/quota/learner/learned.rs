//! What a restart keeps of what was learned, as values that can be stored.

use crate::time::Duration;

/// What a restart keeps of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// The share of the limit; `None` for all of it.
    pub share: Option<u32>,
    /// What is known of the windows.
    pub windows: LearnedWindows,
}

/// What is known of a server's windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LearnedWindows {
    /// Nothing.
    #[default]
    Unknown,
    /// They are fixed, and the latest began between so long ago and so long ago.
    Fixed {
        /// At the most.
        earliest: Duration,
        /// At the least.
        latest: Duration,
    },
    /// Bursts were rejected as no window rejects them: requests are spread evenly.
    Even,
    /// They are not fixed.
    Other,
}

impl Learned {
    /// The same when so much time has passed. A clock that ran through a restart may have been set in between.
    #[must_use]
    pub fn later(self, elapsed: Duration) -> Self {
        let windows = match self.windows {
            LearnedWindows::Fixed { earliest, latest } => LearnedWindows::Fixed {
                earliest: earliest.plus(elapsed).plus(Duration::from_secs(1)),
                latest: latest.plus(elapsed).minus(Duration::from_secs(1)),
            },
            other => other,
        };
        Self { windows, ..self }
    }
}
