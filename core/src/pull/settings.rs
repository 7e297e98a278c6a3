//! What a pull may cost: time up to a deadline, bytes up to a limit, patience up to an end.

use crate::retry::RetryPolicy;
use crate::time::Duration;

/// The limits of a pull. [`Settings::DEFAULT`] suits most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What becomes of an item larger than the item buffer.
    pub oversized: Oversized,
    /// From sending a request until the head of its answer.
    pub head_timeout: Duration,
    /// From one piece of a body until the next.
    pub idle_timeout: Duration,
    /// From the head of an answer until its end.
    pub page_timeout: Duration,
    /// The most bytes a page may have.
    pub page_bytes: u64,
    /// The most bytes of an error body that are read.
    pub error_bytes: u64,
    /// The most pages a pull may have, those of earlier runs included.
    pub pages: u64,
    /// How failures are forgiven.
    pub retry: RetryPolicy,
    /// How long to go on without one page while the server says that the limit is reached.
    pub limit_patience: Duration,
    /// How long to go on without one page because of maintenance.
    pub maintenance_patience: Duration,
    /// Where the jitter of backoff comes from: any number that differs between devices.
    pub seed: u64,
}

impl Settings {
    /// Settings that suit most pulls: 30 s without a byte end an attempt, a page has at most 1 GiB and 15 minutes,
    /// a reached limit is waited out for 15 minutes and maintenance for 12 hours.
    pub const DEFAULT: Self = Self {
        oversized: Oversized::Fail,
        head_timeout: Duration::from_secs(30),
        idle_timeout: Duration::from_secs(30),
        page_timeout: Duration::from_secs(15 * 60),
        page_bytes: 1 << 30,
        error_bytes: 64 << 10,
        pages: 10_000_000,
        retry: RetryPolicy::DEFAULT,
        limit_patience: Duration::from_secs(15 * 60),
        maintenance_patience: Duration::from_secs(12 * 60 * 60),
        seed: 0,
    };
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What becomes of an item larger than the item buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oversized {
    /// The pull fails, and says how large the buffer would have to be.
    Fail,
    /// The item is reported without its bytes, counted, and left out.
    Skip,
}
