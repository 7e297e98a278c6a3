//! The APIs that Tidegate pulls from, as oracles: what they should answer, and a loopback server that answers it.
//!
//! The model is pure. It reads no clock, opens no socket and draws no randomness that its seed does not fix, so the
//! same configuration and the same requests at the same times give the same bytes. A driver with a virtual clock asks
//! [`Simulator::answer`] directly; [`Server`] asks the same method and puts the bytes on a socket. Nothing here depends
//! on the client: where the two agree, they agree by way of the vendors' texts.
//!
//! | room | what it holds |
//! |---|---|
//! | `config`, `service` | everything that can be set, and which API it is |
//! | `comanage`, `kontent`, `opsramp`, `coredata`, `frends` | the APIs: lists, paths, pages, refusals |
//! | `oauth` | the token server of those that have one |
//! | `digest` | a checksum over all of a list |
//! | `limiter`, `arrivals` | when a counter says no, several counters together, and how busy it was |
//! | `fault` | what can be made to go wrong, and when |
//! | `scripted` | a server that a test wrote down |
//! | `model`, `dress` | one request in, one response out |
//! | `request`, `target`, `reply`, `response` | requests, what is in their targets, answers, their exact wire bytes |
//! | `text`, `object`, `date`, `hint`, `random` | JSON text, dates, `Retry-After`, pseudo-randomness |
//! | `certificates` | certificates, good ones and bad ones, for whoever has to tell them apart |
//! | `serve`, `connection`, `request_head`, `control`, `tls` | the loopback server |

mod arrivals;
pub mod certificates;
mod comanage;
mod config;
mod connection;
mod control;
pub mod coredata;
mod custom;
mod date;
mod digest;
mod dress;
mod fault;
pub mod frends;
mod hint;
pub mod kontent;
mod limiter;
mod model;
pub mod oauth;
mod object;
pub mod opsramp;
mod random;
mod reply;
mod request;
mod request_head;
mod response;
mod scripted;
mod serve;
mod service;
mod stats;
mod target;
mod text;
mod tls;

pub use comanage::data::{item, item_id};
pub use comanage::list::List;
pub use config::{
    ApiKey, Config, DEFAULT_KEY, EndOfList, Gzip, ItemSizes, KeyState, LimitFields, Maintenance, NextKeyForm,
    WindowKind,
};
pub use custom::Custom;
pub use date::http_date;
pub use digest::{Digest, digest};
pub use fault::{ErrorBody, Fault, Trigger};
pub use hint::RetryAfter;
pub use limiter::Limit;
pub use model::Simulator;
pub use request::Request;
pub use response::{Ending, Framing, Response, Seen, SeenEnd};
pub use scripted::Script;
pub use serve::{Clock, Server, ServerOptions};
pub use service::Service;
pub use stats::Stats;
pub use tls::TlsIdentity;
