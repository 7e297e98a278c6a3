//! The wall clock, read in one place. It may be set while the program runs: nothing but what must be told to people, to
//! a server or to a later run depends on it.

use std::time::{SystemTime, UNIX_EPOCH};
use tidegate_core::time::{Duration, UnixTime};

/// What the wall clock shows.
pub(crate) fn unix_now() -> UnixTime {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::from_millis(Duration::from(since_1970).as_millis())
}
