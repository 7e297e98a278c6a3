//! Pulls everything from a rate-limited, paginated REST API, on reqwest and tokio.
//!
//! ```no_run
//! use serde::Deserialize;
//! use tidegate_std::api::comanage;
//! use tidegate_std::{Client, Project};
//!
//! #[derive(Deserialize)]
//! struct Object {
//!     id: i64,
//! }
//!
//! # async fn example(base_url: &str, api_key: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder(Project::new(&comanage::API, base_url, api_key)?).build()?;
//! let mut objects = client.pull(comanage::view_objects("/objects", 42)).items::<Object>();
//! while let Some(object) = objects.try_next().await? {
//!     println!("{}", object.id);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The stream ends with `None` only if the list is complete. If the server counts more items than it gave, it ends with
//! [`Error::Incomplete`].
//!
//! [`tidegate_core`] decides: what to send, when, what the bytes mean, what to retry. This crate carries that out. Pulls of one
//! client share its limit and go in turn; a stream that nobody polls holds up no other pull.
//!
//! | to | look at |
//! |---|---|
//! | connect to a project | [`Client`], [`Project`], [`api`] |
//! | pull typed or raw items as a stream | [`Pull::items`], [`Pull::raw_items`] |
//! | send a single request | [`Client::send`], [`Answer`] |
//! | store items and checkpoints yourself, exactly once | [`Pull::drive`], [`Sink`], [`Event`] |
//! | see how a pull ended, and what it took | [`Report`] |
//! | resume after a restart | [`Pull::resume`], [`Pull::recalling`], [`Spent`] |
//! | keep a checkpoint in a file (Unix) | [`FileStore`] |
//! | run on a clock of your own | [`Clock`] |

mod answer;
mod client;
mod clock;
mod driver;
#[cfg(unix)]
pub mod durable;
mod error;
mod event;
mod flight;
mod project;
mod refusal;
mod seen;
mod shared;
mod spent;
#[cfg(unix)]
mod store;
mod stream;
mod tls;

pub use answer::Answer;
pub use client::{Client, ClientBuilder, Pull};
pub use clock::{Clock, SystemClock};
pub use error::Error;
pub use event::{Event, Report, Sink, SinkError};
pub use project::Project;
pub use seen::{Seen, TooManySeen};
pub use spent::Spent;
#[cfg(unix)]
pub use store::{FileStore, FileStoreError};
pub use stream::{Items, RawItems};

pub use tidegate_core;
pub use tidegate_core::api;
