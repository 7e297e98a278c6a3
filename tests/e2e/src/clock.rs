//! A clock that stands still until it is told to move. The client and the simulator read the same one, so a scenario
//! of hours takes milliseconds and is the same every time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use tidegate_core::time::{Duration, Instant, UnixTime};
use tidegate_std::Clock;

/// The clock. Its monotonic time starts at zero, its wall time where the scenario says.
#[derive(Debug)]
pub struct VirtualClock {
    start: UnixTime,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    now: Instant,
    sleepers: Vec<(Instant, Waker)>,
}

impl VirtualClock {
    /// A clock whose wall time is `start`.
    pub fn new(start: UnixTime) -> Self {
        Self { start, state: Mutex::default() }
    }

    /// Lets time pass.
    pub fn advance(&self, time: Duration) {
        let mut state = self.state();
        state.now = state.now.after(time);
        let now = state.now;
        for (until, waker) in &state.sleepers {
            if *until <= now {
                waker.wake_by_ref();
            }
        }
        state.sleepers.retain(|(until, _)| *until > now);
    }

    /// Lets time pass until the first sleeper wakes, if there is one.
    pub fn advance_to_first_sleeper(&self) {
        let state = self.state();
        let first = state.sleepers.iter().map(|&(until, _)| until).min();
        let now = state.now;
        drop(state);
        if let Some(first) = first {
            self.advance(first.since(now));
        }
    }

    /// Wakes a task when `until` has come. It has one alarm at a time: the latest it asked for.
    pub(crate) fn wake_at(&self, until: Instant, waker: &Waker) {
        let mut state = self.state();
        state.sleepers.retain(|(_, sleeper)| !sleeper.will_wake(waker));
        if until <= state.now {
            waker.wake_by_ref();
        } else {
            state.sleepers.push((until, waker.clone()));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.state().now
    }

    fn unix(&self) -> UnixTime {
        UnixTime::from_millis(self.start.as_millis() + self.now().as_millis())
    }

    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(poll_fn(move |context| {
            if self.now() >= until {
                return Poll::Ready(());
            }
            self.wake_at(until, context.waker());
            Poll::Pending
        }))
    }
}
