//! What a client made of a response, in terms that all clients share.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a client made of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A whole response. `keeps` is whether it would send the next request on the same connection; `None` if it has no
    /// opinion and leaves that to its user.
    Whole { status: u16, body: Vec<u8>, keeps: Option<bool> },
    /// An error.
    Refused,
    /// It panicked.
    Panicked(String),
    /// It never came to an end.
    Endless,
}

/// The panic of a stream that was read again and again behind its end.
pub(crate) const READ_ON: &str = "it reads on behind the end of the connection";

/// The verdict, even if it is a panic.
pub(crate) fn of(client: impl FnOnce() -> Verdict) -> Verdict {
    catch_unwind(AssertUnwindSafe(client)).unwrap_or_else(|panic| match message(panic.as_ref()) {
        READ_ON => Verdict::Endless,
        message => Verdict::Panicked(message.lines().next().unwrap_or_default().to_owned()),
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
}
