//! The HTTP/1.1 codec from outside: the table of cases, generated responses against an independent reference, requests read
//! back, sizes.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod case;
mod decoded;
mod encoding;
mod properties;
mod reference;
mod table;
mod unread;
