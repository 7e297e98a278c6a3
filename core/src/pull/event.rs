//! What a pull tells its caller, the same for every driver.

use super::report::{Counters, Outcome};
use crate::checkpoint::Checkpoint;
use crate::gate::WaitReason;
use crate::http::Target;
use crate::maintenance::Announcement;
use crate::time::Duration;

/// What a pull tells its caller.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request leaves next. The gate counts it already.
    Sending {
        /// Path and query. They hold no secret.
        target: Target<'a>,
    },
    /// An item, as the server wrote it. It belongs to a page that may still break off.
    Item {
        /// How many items of the page came before it.
        index: u32,
        /// From its first to its last byte.
        bytes: &'a [u8],
    },
    /// An item is larger than the item buffer and is left out.
    Skipped {
        /// How many items of the page came before it.
        index: u32,
        /// Its size in bytes.
        size: u64,
    },
    /// An item came before, on an earlier page, and is left out.
    Repeated {
        /// How many items of the page came before it.
        index: u32,
    },
    /// A page is whole: store its items, then the checkpoint. After that both count as stored, and the next page is asked for.
    Checkpoint {
        /// Where the pull stands with this page.
        checkpoint: &'a Checkpoint,
        /// What the run took so far, without this page's items.
        counters: &'a Counters,
    },
    /// The page broke off: forget its `items` items, skipped ones included. They will come again.
    Rewind {
        /// How many items of the page were handed over.
        items: u32,
    },
    /// Nothing happens for a while.
    Waiting {
        /// For how long at the most, from now.
        wait: Duration,
        /// Why.
        why: WaitReason,
    },
    /// The server announces maintenance, or takes an announcement back.
    Maintenance(Option<Announcement>),
    /// The pull is over.
    Done(Outcome),
}
