//! Who takes what a pull gives, and what is reported in the end.

use std::future::Future;
use tidegate_core::Checkpoint;
use tidegate_core::pull::{Counters, Outcome};

pub use tidegate_core::pull::Event;

/// Takes what a pull gives.
pub trait Sink: Send {
    /// Takes one event. The pull goes on when this returns, and ends if it is an error.
    ///
    /// # Errors
    ///
    /// Whatever keeps the sink from storing; it comes back as [`crate::Error::Sink`].
    ///
    /// # Cancel safety
    ///
    /// When the pull is dropped, so is this future, at any await point.
    fn event(&mut self, event: Event<'_>) -> impl Future<Output = Result<(), SinkError>> + Send;
}

/// Why a sink cannot go on.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// How a pull ended, and what it took.
#[derive(Clone, Debug)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// What this run took.
    pub counters: Counters,
    /// Where the pull stands: [`crate::Pull::resume`] goes on from here.
    pub checkpoint: Checkpoint,
    /// The status of the answer that did what was asked, if one came.
    pub status: Option<u16>,
    /// The `Location` of that answer, of a call.
    pub location: Option<String>,
    /// What the server or the network said of the failure, if anything.
    pub explanation: Option<String>,
    /// The body of the latest answer if that was a refusal: its first 16 KiB, or a note that it quotes what opens the API.
    pub refusal: Option<String>,
}
