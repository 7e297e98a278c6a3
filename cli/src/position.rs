//! Where a pull stands: a checkpoint, and the output up to that checkpoint. The two are one value, made when both are in
//! hand and stored as one. A checkpoint with the mark of an earlier page would lose that page without a word.

use crate::mark::Mark;
use tidegate_core::Checkpoint;

/// A checkpoint, and what the output holds up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    checkpoint: Checkpoint,
    output: Mark,
    place: Place,
}

/// Which file holds the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The output itself.
    Output,
    /// The file beside it that takes its name when the list is whole.
    Part,
}

impl Position {
    /// A checkpoint with the mark that belongs to it.
    pub(crate) fn new(checkpoint: Checkpoint, output: Mark, place: Place) -> Self {
        Self { checkpoint, output, place }
    }

    pub(crate) fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// What is good of the file.
    pub(crate) fn output(&self) -> &Mark {
        &self.output
    }

    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The same after the file took the output's name.
    pub(crate) fn moved_in_place(&mut self) {
        self.place = Place::Output;
    }
}
