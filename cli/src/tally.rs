//! What a run came to, counted along with its events. The engine counts too, but its figures are told only with pages
//! and at the end; a run that is stopped in between is told from here.

use std::time::Instant;
use tidegate_core::gate::WaitReason;
use tidegate_core::pull::{Counters, Waited};
use tidegate_core::quota::Reason;
use tidegate_core::time::Duration;
use tidegate_core::{Checkpoint, cursor::Cursor};
use tidegate_std::Event;

/// Where a pull stands, all its runs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) items: u64,
    pub(crate) skipped: u64,
    pub(crate) pages: u64,
    pub(crate) cursor: Cursor,
}

impl Standing {
    pub(crate) fn of(checkpoint: &Checkpoint) -> Self {
        Self {
            items: checkpoint.items(),
            skipped: checkpoint.skipped(),
            pages: checkpoint.pages(),
            cursor: checkpoint.cursor(),
        }
    }
}

/// Counts a run's events.
#[derive(Debug)]
pub(crate) struct Tally {
    began: Instant,
    at_start: Standing,
    now: Standing,
    counters: Counters,
    /// Since when the pull waits, and why.
    waiting: Option<(Instant, WaitReason)>,
    /// A request left, and its fate is not known yet.
    is_request_open: bool,
}

impl Tally {
    /// A run that begins where a checkpoint stands.
    pub(crate) fn new(checkpoint: &Checkpoint) -> Self {
        let standing = Standing::of(checkpoint);
        Self {
            began: Instant::now(),
            at_start: standing,
            now: standing,
            counters: Counters::default(),
            waiting: None,
            is_request_open: false,
        }
    }

    /// Takes note of an event.
    pub(crate) fn count(&mut self, event: &Event<'_>) {
        self.settle_wait();
        match event {
            Event::Sending { .. } => {
                self.counters.requests += 1;
                self.is_request_open = true;
            }
            Event::Checkpoint { checkpoint, counters } => {
                self.now = Standing::of(checkpoint);
                self.counters = **counters;
                self.counters.items = self.now.items.saturating_sub(self.at_start.items);
                self.counters.skipped = self.now.skipped.saturating_sub(self.at_start.skipped);
                self.counters.pages = self.now.pages.saturating_sub(self.at_start.pages);
                self.is_request_open = false;
            }
            Event::Waiting { why, .. } => {
                let is_first = std::mem::take(&mut self.is_request_open);
                match why {
                    WaitReason::Limit(Reason::Rejected(_) | Reason::Starved(_) | Reason::RetryAfter)
                        if is_first =>
                    {
                        self.counters.rejected += 1;
                    }
                    WaitReason::Backoff(_) if is_first => self.counters.retried += 1,
                    _ => {}
                }
                self.waiting = Some((Instant::now(), *why));
            }
            _ => {}
        }
    }

    /// The run is over; the engine's own figures, if it came to an end, are the better ones.
    pub(crate) fn close(&mut self, counters: Option<&Counters>) {
        self.settle_wait();
        if let Some(counters) = counters {
            self.counters = *counters;
        }
    }

    fn settle_wait(&mut self) {
        if let Some((since, why)) = self.waiting.take() {
            let sum = reason(&mut self.counters.waited, why);
            *sum = sum.plus(since.elapsed().into());
        }
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(crate) fn now(&self) -> Standing {
        self.now
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed().into()
    }

    /// When the run began.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }
}

fn reason(waited: &mut Waited, why: WaitReason) -> &mut Duration {
    match why {
        WaitReason::Limit(Reason::Rejected(_) | Reason::Starved(_)) => &mut waited.rejected,
        WaitReason::Limit(Reason::RetryAfter | Reason::ServerQuota) => &mut waited.retry_after,
        WaitReason::Limit(_) => &mut waited.quota,
        WaitReason::Maintenance => &mut waited.maintenance,
        // A failure is waited out, as any reason that is not known yet.
        _ => &mut waited.backoff,
    }
}

/// All of it together.
pub(crate) fn total(waited: &Waited) -> Duration {
    let Waited { quota, rejected, retry_after, maintenance, backoff } = *waited;
    [rejected, retry_after, maintenance, backoff].into_iter().fold(quota, Duration::plus)
}
