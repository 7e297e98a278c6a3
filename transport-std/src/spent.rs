//! What a restart must not forget of a project's limit and of what the server said, as values that can be stored.

use tidegate_core::Gate;
use tidegate_core::gate::Hints;
use tidegate_core::quota::{Held, Slots};
use tidegate_core::time::{Duration, Instant};

/// How much of a project's limit is used up at some moment, and what the server said that outlives a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// The answered requests that still count in some window.
    pub held: Vec<Held>,
    /// How many requests are on their way. Whoever stores this before the next request is sent counts that one too.
    pub in_flight: u32,
    /// What the server said.
    pub hints: Hints,
}

impl Spent {
    /// What has gone through a gate.
    pub fn of<S: Slots>(gate: &Gate<S>, now: Instant) -> Self {
        Self { held: gate.held(now).collect(), in_flight: gate.in_flight(now), hints: gate.hints(now) }
    }

    /// What is left of it when so much time has passed.
    #[must_use]
    pub fn later(mut self, elapsed: Duration) -> Self {
        self.held = self.held.into_iter().map(|held| held.later(elapsed)).collect();
        self.held.retain(|held| held.left > Duration::ZERO);
        self.hints = self.hints.later(elapsed);
        self
    }

    /// Has a new gate go on from here.
    pub fn restore<S: Slots>(&self, gate: &mut Gate<S>, now: Instant) {
        gate.restore(self.held.iter().copied(), self.in_flight, self.hints, now);
    }
}
