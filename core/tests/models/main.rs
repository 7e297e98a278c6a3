//! The models of the APIs' items are read from what the vendors' pages and specifications show, in each of their worlds: with
//! texts of their own, with texts that are lent, and with texts of a fixed size; by `serde_json` and by `serde-json-core`. An
//! API that grows is no error to any of them.
#![cfg(feature = "serde")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod comanage;
mod coredata;
mod frends;
mod kontent;
mod opsramp;
mod texts;
mod worlds;
