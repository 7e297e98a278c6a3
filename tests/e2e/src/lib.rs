//! One suite of scenarios for every driver.
//!
//! A [`Scenario`] is what the simulator serves and what the pull asks for. [`Scenario::run_everywhere`] runs it through
//! the virtual-clock driver, which asks the simulator's model directly; through the same with the bytes of core's HTTP/1.1
//! codec in between; through `tidegate-embassy`, on the model and on loopback sockets; and through `tidegate-std` over real
//! HTTP. All run on a clock that only moves when the scenario says so. The traces must be equal, down to the millisecond.

mod clock;
mod on_embassy;
mod over_http;
mod scenario;
mod served;
mod trace;
mod virtually;
mod wire;

pub use clock::VirtualClock;
pub use on_embassy::{
    Connections, run_cut_off, run_with_connection_ended, run_with_network_lost, run_with_timeouts,
    send_on_embassy,
};
pub use scenario::{SETTINGS, START, Scenario, Tokens, WINDOW};
pub use trace::{Run, Traced};
