//! Tidegate for microcontrollers: pulls over `embedded-io-async`, with neither an allocator nor an operating system.
//!
//! | to | look in |
//! |---|---|
//! | open connections | [`Connect`] |
//! | open them with TLS | `tls`, behind the feature of that name |
#![no_std]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

#[cfg(test)]
extern crate std;

mod connect;
#[cfg(feature = "tls")]
pub mod tls;

pub use connect::{Connect, ConnectError, Connection};
