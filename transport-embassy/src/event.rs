//! What a pull tells whoever takes its items.

use tidegate_core::Checkpoint;
use tidegate_core::gate::WaitReason;
use tidegate_core::http::Target;
use tidegate_core::maintenance::Announcement;
use tidegate_core::pull::Outcome;
use tidegate_core::time::Duration;

/// What a pull tells the closure given to [`crate::Client::run`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request leaves when the closure returns. The gate counts it already.
    Sending {
        /// Path and query.
        target: Target<'a>,
    },
    /// An item. It belongs to a page that may still break off.
    Item(Item<'a>),
    /// An item was larger than the item buffer and is left out.
    Skipped {
        /// How many items of the page came before it.
        index: u32,
        /// Its size in bytes.
        size: u64,
    },
    /// A page is whole: store its items, then the checkpoint. When the closure returns, both count as stored, and the next
    /// page is asked for.
    Checkpoint(&'a Checkpoint),
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
    /// The pull is over. [`crate::Client::run`] returns the same.
    Done(Outcome),
}

/// An item, as the server wrote it, lent until the closure returns.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// How many items of the page came before it.
    pub index: u32,
    /// From its first to its last byte.
    pub bytes: &'a [u8],
}

#[cfg(feature = "serde")]
impl<'a> Item<'a> {
    /// The item as a value. Members that `T` does not have are passed over. A `&str` in it is lent from the item, and is an
    /// error where the server wrote the text with an escape; what owns its text, such as a `heapless::String`, takes both.
    /// `text_buffer` must have room for the longest text with an escape.
    ///
    /// # Errors
    ///
    /// The item is not of the type, or a string with an escape in it does not fit into the buffer.
    pub fn decode<T: serde::Deserialize<'a>>(
        &self,
        text_buffer: &mut [u8],
    ) -> Result<T, serde_json_core::de::Error> {
        serde_json_core::from_slice_escaped(self.bytes, text_buffer).map(|(value, _)| value)
    }
}
