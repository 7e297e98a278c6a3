//! What a driver has to do next.

use super::Outcome;
use crate::gate::WaitReason;
use crate::time::Instant;

/// What a driver has to do next. [`super::Pull::step`] gives the same step until the driver has answered it.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Nothing to do before `until`, unless something opens the gate earlier: wake up then, or as soon as
    /// [`crate::Gate::changed`] differs from what it was when the step was given. Waking at any other time is harmless.
    Wait {
        /// When to ask again.
        until: Instant,
        /// Why.
        why: WaitReason,
    },
    /// Answer with [`super::Pull::sent`], and if that says so, send [`super::Pull::request`] at once. It may say no where
    /// another pull went through the gate in the meantime.
    Send,
    /// Read once, and answer with [`super::Pull::head`], [`super::Pull::body`], [`super::Pull::end`] or
    /// [`super::Pull::failed`]; ask again if the deadline has passed. Ask for a step between two reads. If it is another one,
    /// the rest of the response is of no use: drop it, and drop the connection unless all of it was read.
    Receive {
        /// The answer is given up then.
        deadline: Instant,
    },
    /// All items of a page were handed over. Store them and [`super::Pull::behind`], then answer with
    /// [`super::Pull::stored`].
    Checkpoint,
    /// The page broke off: forget the `items` items that were handed over of it, they will come again. Answer with
    /// [`super::Pull::rewound`].
    Rewind {
        /// How many items of the page were handed over, skipped ones included.
        items: u32,
    },
    /// The pull is over. [`super::Pull::counters`] tells what it took, [`super::Pull::checkpoint`] where it stands.
    Done(Outcome),
}
