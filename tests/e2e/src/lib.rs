//! One suite of scenarios for every driver.
//!
//! A [`Scenario`] is what the simulator serves and what the pull asks for. [`Scenario::run_everywhere`] runs it through
//! the virtual-clock driver, which asks the simulator's model directly, and through `tidegate-std` over real HTTP, both
//! on a clock that only moves when the scenario says so. The two traces must be equal, down to the millisecond.

mod clock;
mod over_http;
mod scenario;
mod trace;
mod virtually;

pub use clock::VirtualClock;
pub use scenario::{SETTINGS, START, Scenario, WINDOW};
pub use trace::{Run, Traced};
