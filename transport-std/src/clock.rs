//! The driver's clock. Core never reads one, so the driver chooses it: the system's, or a virtual one in tests.

use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;
use tidegate_core::time::{Duration, Instant, UnixTime};

/// A monotonic clock, a wall clock, and a way to wait for the former.
pub trait Clock: Send + Sync {
    /// The time on the monotonic clock.
    fn now(&self) -> Instant;

    /// The time on the wall clock, for what must survive a restart and for servers that do not say their time.
    fn unix(&self) -> UnixTime;

    /// Waits until [`Clock::now`] is no earlier than `until`.
    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The system's clock, with tokio's timers.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: tokio::time::Instant,
}

impl SystemClock {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self { start: tokio::time::Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

/// What the clock shows when it starts: there are times before that to be named, such as when the server's window began.
const START: Instant = Instant::from_millis(3_600_000);

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        // Rounded up: a receipt noted too early would let the next window's request leave too early.
        let elapsed = self.start.elapsed().as_nanos().div_ceil(1_000_000);
        START.after(Duration::from_millis(u64::try_from(elapsed).unwrap_or(u64::MAX)))
    }

    fn unix(&self) -> UnixTime {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        UnixTime::from_millis(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
    }

    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let wait = std::time::Duration::from(until.since(START));
        match self.start.checked_add(wait) {
            Some(deadline) => Box::pin(tokio::time::sleep_until(deadline)),
            None => Box::pin(std::future::pending()),
        }
    }
}
