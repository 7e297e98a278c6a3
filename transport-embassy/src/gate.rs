//! A gate that several pulls of one executor go through. Whatever opens it wakes those who wait for it.

use crate::clock;
use crate::waiters::Waiters;
use core::cell::RefCell;
use core::fmt;
use core::future::poll_fn;
use core::task::Poll;
use tidegate_core::Gate;
use tidegate_core::time::{Duration, Instant};

/// How often a task looks at the gate for itself that found no room among those who are woken.
const LOOK: Duration = Duration::from_millis(100);

/// What the requests to one project share, to be lent to every [`crate::Client`] of the project. It is for the tasks of one
/// executor; a static of it stands in the executor's thread.
pub struct SharedGate<S> {
    waiters: RefCell<Waiters>,
    gate: RefCell<Gate<S>>,
}

impl<S> SharedGate<S> {
    /// Shares a gate.
    pub const fn new(gate: Gate<S>) -> Self {
        Self { waiters: RefCell::new(Waiters::new()), gate: RefCell::new(gate) }
    }

    /// Works with the gate: to tell it the time, or to ask what a restart must not forget. `work` must not come back here.
    pub fn with<R>(&self, work: impl FnOnce(&mut Gate<S>) -> R) -> R {
        let mut gate = self.gate.borrow_mut();
        let before = gate.changed();
        let result = work(&mut gate);
        if gate.changed() != before {
            self.waiters.borrow_mut().wake();
        }
        result
    }

    /// Waits until a moment, or until the gate has changed since it was `seen` so.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost with the future.
    pub(crate) async fn wait(&self, until: Instant, seen: u32) {
        let is_changed = || self.gate.borrow().changed() != seen;
        loop {
            let mut has_room = true;
            let opened = poll_fn(|context| {
                if is_changed() {
                    return Poll::Ready(());
                }
                has_room = self.waiters.borrow_mut().register(context.waker());
                // Who is not woken looks for itself, and the first poll comes at once.
                if has_room { Poll::Pending } else { Poll::Ready(()) }
            });
            // Whichever comes first: the pull is asked again after both.
            let _ = clock::before(until, opened).await;
            if has_room || is_changed() || clock::now() >= until {
                return;
            }
            clock::sleep_until(until.min(clock::now().after(LOOK))).await;
        }
    }
}

impl<S> fmt::Debug for SharedGate<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedGate").finish_non_exhaustive()
    }
}
