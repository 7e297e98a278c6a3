//! What is wrong with limits that cannot be kept.

use core::fmt;

/// Limits that cannot be kept with the memory given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuotaError {
    /// A window that admits nothing.
    LimitIsZero,
    /// Some window has no slots, or one for more than 65,535 requests.
    TooFewSlots {
        /// How many it needs at the least.
        needed: usize,
    },
    /// A period of more than twelve days, or a slack of more than 65 seconds.
    TooLong,
    /// A reserve that leaves nothing.
    ReserveTooLarge {
        /// That limit.
        limit: u32,
    },
}

impl fmt::Display for QuotaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LimitIsZero => f.write_str("a window with a limit of 0 would never admit a request"),
            Self::TooFewSlots { needed } => {
                write!(f, "every window needs slots, and one of them {needed} at the least: give more")
            }
            Self::TooLong => {
                f.write_str("a window of more than 12 days, or a slack of more than 65 s, cannot be kept")
            }
            Self::ReserveTooLarge { limit } => {
                write!(f, "the reserve takes all of the limit of {limit} requests: give a smaller reserve")
            }
        }
    }
}

impl core::error::Error for QuotaError {}
