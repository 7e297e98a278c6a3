//! What the pulls of a client share: the project, the connections, the clock and the gate. Whatever opens the gate wakes those
//! who wait for it.

use crate::clock::Clock;
use crate::project::Project;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tidegate_core::Gate;
use tidegate_core::gate::WithToken;
use tidegate_core::quota::Slot;
use tidegate_core::time::Instant;
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// What the pulls of a client share.
pub(crate) struct Shared {
    pub(crate) project: Project,
    pub(crate) http: reqwest::Client,
    pub(crate) clock: Arc<dyn Clock>,
    gate: Mutex<SharedGate>,
    opened: Notify,
}

/// The gate, with room for the longest token.
pub(crate) type SharedGate = Gate<WithToken<Vec<Slot>, Zeroizing<Vec<u8>>>>;

impl Shared {
    pub(crate) fn new(
        project: Project,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        gate: SharedGate,
    ) -> Self {
        Self { project, http, clock, gate: Mutex::new(gate), opened: Notify::new() }
    }

    /// Works with the gate, and wakes those who wait for it if that opened it.
    pub(crate) fn with_gate<R>(&self, work: impl FnOnce(&mut SharedGate) -> R) -> R {
        // Nothing that runs under this lock can be left half done, so a panic elsewhere is no reason to stop.
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let before = gate.changed();
        let result = work(&mut gate);
        let is_changed = gate.changed() != before;
        drop(gate);
        if is_changed {
            self.opened.notify_waiters();
        }
        result
    }

    /// Waits until a moment, or until the gate has changed since it was `seen` so.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost with the future.
    pub(crate) async fn wait(&self, until: Instant, seen: u32) {
        let opened = self.opened.notified();
        tokio::pin!(opened);
        // From here on no wake-up is missed.
        opened.as_mut().enable();
        if self.with_gate(|gate| gate.changed()) != seen {
            return;
        }
        tokio::select! {
            biased;
            () = opened => {}
            () = self.clock.sleep_until(until) => {}
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("project", &self.project).finish_non_exhaustive()
    }
}
