//! What a learner believes of the server, as data.

use super::span::Arc;
use crate::quota::tick::{Millis, Tick};
use crate::quota::window::LimiterKind;

/// The least time between a rejection and the next request: some servers count rejected requests too, and would never
/// let an eager client in again.
pub(super) const AFTER_REJECTION: Millis = Millis::from_secs(3);
/// A wait of as many doublings is longer than a quarter of any period.
pub(super) const DOUBLINGS: u8 = 17;
/// How far behind a predicted moment to ask.
pub(super) const BEHIND: Millis = Millis::new(100);

/// What is believed of the server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    /// Nothing yet.
    Unknown {
        /// When the first answer after a long silence came: some servers begin a window with the first request.
        awoke: Option<Tick>,
    },
    /// It has fixed windows.
    Fixed(Fixed),
    /// It counts the requests of its windows in a way that takes bursts badly, or has a small bucket: requests are spread
    /// evenly.
    Even(Even),
    /// It has none, or tells when to come back.
    Other,
}

impl Mode {
    /// At the beginning.
    pub(super) const fn of(kind: LimiterKind) -> Self {
        match kind {
            LimiterKind::Unknown | LimiterKind::Fixed => Self::Unknown { awoke: None },
            LimiterKind::Sliding | LimiterKind::Counter | LimiterKind::Bucket { .. } => Self::Other,
        }
    }
}

/// A fixed window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixed {
    /// Where the latest one began.
    pub(super) arc: Arc,
    /// Own requests let in since then.
    pub(super) own: u32,
    /// Those of them that came when the next one may have begun.
    pub(super) unsure: u32,
    /// How many arcs in a row were where they were predicted.
    pub(super) confirmed: u8,
    /// How often in a row a prediction failed.
    pub(super) missed: u8,
}

/// An even pace that a rejection has taught.
#[derive(Clone, Copy, Debug)]
pub(super) struct Even {
    /// Since when.
    pub(super) turned: Tick,
    /// How far ahead of their line requests may arrive.
    pub(super) lead: Millis,
    /// There was a second rejection within a period. What was sent before the pace turned still counts in the window in
    /// hand, so until that is over the pace is slower.
    pub(super) is_slow: bool,
}

/// How evenly requests are spread after a rejection has taught so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::quota) struct EvenPace {
    /// How far ahead of their line requests may arrive.
    pub(in crate::quota) lead: Millis,
    pub(in crate::quota) is_slow: bool,
}

/// The server has said no, and not yes since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused {
    /// When the first request of the row was sent.
    pub(super) first: Tick,
    /// When the latest was.
    pub(super) latest: Tick,
    /// How many came after the first.
    pub(super) tries: u8,
    /// Whether it said when to come back.
    pub(super) is_told: bool,
}

/// What is known of windows at round times of the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoundTimes {
    /// So many arcs had one in them.
    Seen(u8),
    /// An arc had none.
    Disproved,
}

/// How long to wait after so many rejections in a row where nothing better is known.
pub(super) fn doubled(rejections: u8) -> Millis {
    Millis::new(AFTER_REJECTION.get() << rejections.min(DOUBLINGS))
}
