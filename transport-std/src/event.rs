//! What a pull tells whoever takes its items.

use std::future::Future;
use tidegate_core::Checkpoint;
use tidegate_core::gate::WaitReason;
use tidegate_core::maintenance::Announcement;
use tidegate_core::pull::{Counters, Outcome};
use tidegate_core::time::Duration;

/// What a pull tells its [`Sink`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request leaves when the sink returns. [`crate::Client::spent`] counts it already.
    Sending {
        /// Path and query.
        target: &'a str,
    },
    /// An item, as the server wrote it. It belongs to a page that may still break off.
    Item {
        /// How many items of the page came before it.
        index: u32,
        /// From its first to its last byte.
        bytes: &'a [u8],
    },
    /// An item was larger than the item buffer and is left out.
    Skipped {
        /// How many items of the page came before it.
        index: u32,
        /// Its size in bytes.
        size: u64,
    },
    /// A page is whole: store its items, then the checkpoint. When the sink returns, both count as stored, and the
    /// next page is asked for.
    Checkpoint {
        /// Where the pull stands with this page.
        checkpoint: &'a Checkpoint,
        /// What the run took so far, without this page's items.
        counters: &'a Counters,
    },
    /// The page broke off: forget the `items` items that were told of it, skipped ones included. They will come again.
    Rewind {
        /// How many there were.
        items: u32,
    },
    /// Nothing will happen for a while.
    Waiting {
        /// For how long, from now.
        wait: Duration,
        /// Why.
        why: WaitReason,
    },
    /// The server announces maintenance, or takes an announcement back.
    Maintenance(Option<Announcement>),
}

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
