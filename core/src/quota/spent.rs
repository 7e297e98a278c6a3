//! What a restart must not forget of a limit: without it, a program that crashes and starts again would spend the same
//! window twice, or come back at once after a rejection.

use super::Windows;
use crate::time::Duration;

/// How much of a project's limit was used up at some moment, to be stored with a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// What was used up of each window.
    pub windows: [Used; Windows::CAPACITY],
    /// How much longer the server wanted to be left alone.
    pub pause: Duration,
}

/// How much of a window was used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Requests that still count.
    pub requests: u32,
    /// How long until the last of them does not.
    pub left: Duration,
}

impl Spent {
    /// What is left of it when so much time has passed.
    #[must_use]
    pub fn later(self, elapsed: Duration) -> Self {
        let windows = self.windows.map(|Used { requests, left }| match left.minus(elapsed) {
            Duration::ZERO => Used::default(),
            left => Used { requests, left },
        });
        Self { windows, pause: self.pause.minus(elapsed) }
    }
}
