//! Pulls everything a rate-limited, paginated REST API will give, on reqwest and tokio.
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
//! All that decides is in [`tidegate_core`]; here is only what carries its decisions out.
//!
//! | to | look at |
//! |---|---|
//! | connect to a project | [`Client`], [`Project`], [`api`] |
//! | pull typed or raw items as a stream | [`Pull::items`], [`Pull::raw_items`] |
//! | send a single request | [`Client::send`], [`Answer`] |
//! | store items and checkpoints yourself, exactly once | [`Pull::drive`], [`Sink`], [`Event`] |
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
