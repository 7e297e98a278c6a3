//! The head of an answer that does not do what was asked, as far as its body is needed to decide what to do.

use super::status::StatusClass;
use crate::time::{Instant, UnixTime};

/// The head of an answer that does not do what was asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) class: StatusClass,
    /// When to come back, if the server says so.
    pub(super) not_before: Option<Instant>,
    /// The maintenance window that it announces.
    pub(super) window: (Option<UnixTime>, Option<UnixTime>),
}
