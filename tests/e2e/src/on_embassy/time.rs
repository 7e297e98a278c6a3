//! The clock of embassy-time on this machine: of each thread the virtual clock that its scenario runs on.

use crate::clock::VirtualClock;
use embassy_time_driver::{Driver, TICK_HZ};
use std::cell::RefCell;
use std::sync::Arc;
use std::task::Waker;
use tidegate_core::time::Instant;
use tidegate_std::Clock;

thread_local! {
    static CLOCK: RefCell<Option<Arc<VirtualClock>>> = const { RefCell::new(None) };
}

/// Until it is dropped, this thread's clock is a virtual one.
pub(crate) struct Running;

impl Running {
    pub(crate) fn on(clock: &Arc<VirtualClock>) -> Self {
        CLOCK.set(Some(Arc::clone(clock)));
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        CLOCK.set(None);
    }
}

struct ThisThreads;

embassy_time_driver::time_driver_impl!(static THIS_THREADS: ThisThreads = ThisThreads);

impl ThisThreads {
    fn with<R>(work: impl FnOnce(&VirtualClock) -> R) -> R {
        CLOCK.with_borrow(|clock| work(clock.as_ref().expect("a scenario runs on this thread")))
    }
}

impl Driver for ThisThreads {
    fn now(&self) -> u64 {
        Self::with(|clock| clock.now().as_millis()) * (TICK_HZ / 1_000)
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        Self::with(|clock| clock.wake_at(Instant::from_millis(at / (TICK_HZ / 1_000)), waker));
    }
}
