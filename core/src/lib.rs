//! Pulls everything from a rate-limited, paginated REST API, deterministically and without I/O: the same inputs give the
//! same outputs, on a microcontroller, on a gateway and in a test with a virtual clock.
//!
//! A [`Pull`] is one list being pulled, or one request being sent. A [`Gate`] is what the pulls of one project share. A
//! driver asks [`Pull::step`] what to do, does it, and reports what happened; [`Step`] says how. The pull returns
//! [`pull::Event`]s for the caller, and ends with a [`pull::Outcome`] that says why the list counts as complete.
//!
//! Core uses no clock, socket, random number or heap: the driver has all four, and owns every buffer. Core does not panic
//! and does not recurse.
//!
//! | to | look in |
//! |---|---|
//! | run a pull | [`pull`], [`gate`] |
//! | describe an API, a list or a single request | [`api`], [`auth`], [`cursor`], [`quota`], [`maintenance`] |
//! | read items as values (feature `serde`) | `api::model`, and the models of each API |
//! | know why a list is complete | [`cursor::End`], [`cursor::Ends`] |
//! | resume after a restart | [`checkpoint`], [`gate::Hints`] |
//! | read pages, JSON or HTTP fields alone | [`page`], [`json`], [`http`] |
//! | speak HTTP/1.1 without a library | [`http::h1`] |
//!
//! The modules stand in an order, and each uses only those before it; a test checks it: text, fingerprint, time, secret, json,
//! page, http, quota, problem, auth, cursor, checkpoint, maintenance, retry, queue, api, gate, pull.
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

pub mod api;
mod ascii;
pub mod auth;
pub mod checkpoint;
pub mod cursor;
mod fingerprint;
pub mod gate;
pub mod http;
pub mod json;
pub mod maintenance;
pub mod page;
pub mod problem;
pub mod profile;
pub mod pull;
mod queue;
pub mod quota;
pub mod retry;
pub mod secret;
mod sink;
pub mod text;
pub mod time;

pub use api::{Api, Endpoint, Project};
pub use checkpoint::{Checkpoint, CheckpointStore};
pub use gate::{Gate, WaitReason};
pub use pull::{Pull, Step};
