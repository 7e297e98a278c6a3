//! The device's clock as the engine reads it. The engine counts whole milliseconds; embassy counts ticks of a length that
//! the firmware chooses.

use embassy_time::{TICK_HZ, TimeoutError, Timer};
use tidegate_core::time::{Duration, Instant};

/// What the clock shows when embassy's shows zero: there are times before the start to be named, such as when the
/// server's window began.
const START: Instant = Instant::from_millis(3_600_000);

/// The time now.
pub fn now() -> Instant {
    START.after(Duration::from_millis(millis_at(embassy_time::Instant::now().as_ticks(), TICK_HZ)))
}

/// Waits until [`now`] is no earlier than `until`.
///
/// # Cancel safety
///
/// Nothing is lost with the future.
pub async fn sleep_until(until: Instant) {
    Timer::at(tick(until)).await;
}

/// The result of `work`, unless the deadline comes first; then `work` was dropped. No async function, for that would have
/// room for `work` twice.
pub(crate) fn before<F: Future>(
    deadline: Instant,
    work: F,
) -> impl Future<Output = Result<F::Output, TimeoutError>> {
    embassy_time::with_deadline(tick(deadline), work)
}

fn tick(at: Instant) -> embassy_time::Instant {
    embassy_time::Instant::from_ticks(tick_at(at.since(START).as_millis(), TICK_HZ))
}

/// Rounded up: a receipt noted too early would let the next window's request leave too early.
const fn millis_at(tick: u64, hz: u64) -> u64 {
    tick.saturating_mul(1_000).div_ceil(hz)
}

/// The first tick that is no earlier. Rounded down, a wait would be over before its end, and begin anew many times.
const fn tick_at(millis: u64, hz: u64) -> u64 {
    millis.saturating_mul(hz).div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::{millis_at, tick_at};

    #[test]
    fn a_wait_ends_at_the_first_tick_that_is_late_enough() {
        for hz in [1, 10, 32, 100, 1_000, 1_024, 32_768, 1_000_000] {
            for millis in (0..5_000).chain([86_400_000, 4_294_967_297]) {
                let tick = tick_at(millis, hz);
                assert!(millis_at(tick, hz) >= millis, "{millis} ms at {hz} Hz");
                assert!(
                    tick == 0 || (tick - 1) * 1_000 < millis * hz,
                    "{millis} ms at {hz} Hz: not the first"
                );
            }
        }
    }

    #[test]
    fn a_wait_without_end_does_not_overflow() {
        assert_eq!(tick_at(u64::MAX, 1_000_000), u64::MAX.div_ceil(1_000));
    }
}
