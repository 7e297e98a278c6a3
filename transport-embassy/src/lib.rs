//! Tidegate on embassy: pulls everything from a rate-limited, paginated REST API into a microcontroller, over any connection
//! of `embedded-io-async`, timed by `embassy-time`, in memory that the caller gives.
//!
//! [`Client::run`] carries out the steps of a [`Pull`](tidegate_core::Pull) and hands each [`Event`] to an async closure. It
//! decides nothing: the engine knows what to send, when, what the bytes mean and what to retry. It returns the outcome, which
//! says why the list counts as complete.
//!
//! | to | look in |
//! |---|---|
//! | run a pull | [`Client`], [`Event`] |
//! | read items as values (feature `serde`) | `decode` |
//! | send a single request | [`Client::send`] |
//! | share a limit between pulls, in turn | [`SharedGate`] |
//! | bring connections of your own | [`Connect`], [`Connection`] |
//! | connect by embassy-net (feature `net`) | `net` |
//! | connect by another stack, with the traits of `embedded-nal-async` (feature `nal`) | `nal` |
//! | keep checkpoints in flash (feature `flash`) | `flash` |
//! | read the clock that the engine is driven by | [`clock`] |
//! | connect with TLS (feature `tls`) | `tls` |
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

#[cfg(all(feature = "defmt", feature = "log"))]
compile_error!("the features `defmt` and `log` exclude each other: choose where the messages go");

#[macro_use]
mod apart;
#[macro_use]
mod messages;

mod client;
pub mod clock;
mod connect;
#[cfg(feature = "serde")]
mod decode;
mod driver;
mod fault;
#[cfg(feature = "flash")]
pub mod flash;
mod gate;
mod memory;
#[cfg(feature = "nal")]
pub mod nal;
#[cfg(feature = "net")]
pub mod net;
#[cfg(feature = "tls")]
pub mod tls;
mod waiters;

pub use client::{Client, SendError};
pub use connect::{Connect, ConnectError, Connection};
#[cfg(feature = "serde")]
pub use decode::decode;
pub use fault::Fault;
pub use gate::SharedGate;
pub use memory::{Memory, MemoryError};
pub use tidegate_core::pull::Event;
