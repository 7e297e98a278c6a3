//! Why a request has to wait, as data and as a sentence for people.

use super::queue::Queue;
use super::window::Window;
use core::fmt;

/// Why a request has to wait.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Our requests have used this window up.
    Window(Window),
    /// Our share of this window is used up; the rest is for others, or the server has lowered its limit.
    Share(Window),
    /// Requests are spread evenly over this window.
    Pace(Window),
    /// The server rejected a request because of this window, and did not say when to come back.
    Rejected(Window),
    /// The same, and others leave next to nothing of the window.
    Starved(Window),
    /// The server rejected a request, and said when to come back.
    RetryAfter,
    /// The server said that nothing is left, and until when.
    ServerQuota,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Window(window) => write!(f, "the limit of {window} is used up"),
            Self::Share(window) => write!(f, "our share of {window} is used up"),
            Self::Pace(window) => write!(f, "requests are spread over {window}"),
            Self::Rejected(window) => write!(f, "the server says that the limit of {window} is reached"),
            Self::Starved(window) => write!(f, "others use up nearly all of {window}"),
            Self::RetryAfter => f.write_str("the server rejected a request and asked for a pause"),
            Self::ServerQuota => f.write_str("the server says that nothing is left of its limit"),
        }
    }
}

/// Until when something waits, and why: of several reasons the one that lasts longest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait<T, W> {
    pub(crate) until: T,
    pub(crate) why: W,
}

impl<T: PartialOrd, W> Wait<T, W> {
    /// Of two that last equally long the second counts.
    #[inline(never)]
    pub(crate) fn outlast(&mut self, until: T, why: W) {
        if until >= self.until {
            *self = Self { until, why };
        }
    }
}

/// A [`Reason`] with the number of the window in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limited {
    pub(super) why: Why,
    pub(super) window: u8,
}

impl Limited {
    /// Whether the server has said so, by a rejection or in words.
    pub(crate) const fn is_said(self) -> bool {
        matches!(self.why, Why::Rejected | Why::Starved | Why::RetryAfter | Why::ServerQuota)
    }
}

/// The same without the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Window,
    Share,
    Pace,
    Rejected,
    Starved,
    RetryAfter,
    ServerQuota,
}

impl Why {
    /// Why a window is shut, if so much of it may be used.
    pub(super) fn used_up(window: &Queue, share: u32) -> Self {
        if share < window.limit { Self::Share } else { Self::Window }
    }

    pub(super) fn reason(self, window: Window) -> Reason {
        match self {
            Self::Window => Reason::Window(window),
            Self::Share => Reason::Share(window),
            Self::Pace => Reason::Pace(window),
            Self::Rejected => Reason::Rejected(window),
            Self::Starved => Reason::Starved(window),
            Self::RetryAfter => Reason::RetryAfter,
            Self::ServerQuota => Reason::ServerQuota,
        }
    }
}
