//! A client on a limit, simulated event by event in virtual time: eight kinds of servers, others on the same counter, and
//! ways to behave, the product's own beside those of others.

pub mod acceptance;
pub mod client;
pub mod others;
pub mod picture;
pub mod rate;
pub mod report;
pub mod run;
pub mod server;

/// Requests a window.
pub const LIMIT: u32 = 200;
/// The window, in milliseconds.
pub const WINDOW: u64 = 60_000;
