//! Stack, and who is on it. A future that awaits another has that one's poll inlined into its own, and with it room for all
//! that the other moves about, whatever is really being waited for. On a device the deepest stack is that of a handshake, and
//! what the driver does between requests should not lie below it.

use core::pin::Pin;
use core::task::{Context, Poll};

/// Awaits a future whose poll has a stack frame of its own, there only while it runs.
macro_rules! apart {
    ($future:expr) => {{
        // Not an async function, for that would have room for the future twice.
        let mut future = core::pin::pin!($future);
        core::future::poll_fn(|context| $crate::apart::poll(future.as_mut(), context)).await
    }};
}

#[inline(never)]
pub(crate) fn poll<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
    future.poll(context)
}
