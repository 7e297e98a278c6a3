//! A gate that several pulls of one executor go through.

use core::cell::RefCell;
use core::fmt;
use tidegate_core::Gate;

/// What the requests to one project share, to be lent to every [`crate::Client`] of the project. It is for the tasks of one
/// executor; a static of it stands in the executor's thread.
pub struct SharedGate<S>(RefCell<Gate<S>>);

impl<S> SharedGate<S> {
    /// Shares a gate.
    pub const fn new(gate: Gate<S>) -> Self {
        Self(RefCell::new(gate))
    }

    /// Works with the gate: to tell it the time, or to ask what a restart must not forget. `work` must not come back here.
    pub fn with<R>(&self, work: impl FnOnce(&mut Gate<S>) -> R) -> R {
        work(&mut self.0.borrow_mut())
    }
}

impl<S> fmt::Debug for SharedGate<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedGate").finish_non_exhaustive()
    }
}
