//! The device's clock as the engine reads it. The engine counts whole milliseconds; embassy counts ticks of a length that
//! the firmware chooses.

use embassy_time::{TICK_HZ, TimeoutError, Timer};
use tidegate_core::time::{Duration, Instant};

/// What the clock shows when embassy's shows zero: there are times before the start to be named, such as when the
/// server's window began.
const START: Instant = Instant::from_millis(3_600_000);

/// The time now.
pub fn now() -> Instant {
    // Rounded up: a receipt noted too early would let the next window's request leave too early.
    let millis = embassy_time::Instant::now().as_ticks().saturating_mul(1_000).div_ceil(TICK_HZ);
    START.after(Duration::from_millis(millis))
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
    embassy_time::Instant::try_from_millis(at.since(START).as_millis()).unwrap_or(embassy_time::Instant::MAX)
}
