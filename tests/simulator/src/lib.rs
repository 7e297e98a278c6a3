//! The API that Tidegate pulls from, as an oracle: what it should answer, and a loopback server that answers it.
//!
//! The model is pure. It reads no clock, opens no socket and draws no randomness that its seed does not fix, so the
//! same configuration and the same requests at the same times give the same bytes. A driver with a virtual clock asks
//! [`Simulator::answer`] directly; [`Server`] asks the same method and puts the bytes on a socket. Nothing here depends
//! on the client: where the two agree, they agree by way of the vendor's text.
//!
//! | room | what it holds |
//! |---|---|
//! | `config` | everything that can be set |
//! | `list`, `route`, `page` | the seven lists, how they are asked for, and one page as JSON text |
//! | `data`, `digest` | the items, and a checksum over all of a list |
//! | `limiter` | when a project's counter says no |
//! | `fault` | what can be made to go wrong, and when |
//! | `model` | one request in, one response out |
//! | `response`, `problem` | a response, its exact wire bytes, and the error bodies |
//! | `certificates` | certificates, good ones and bad ones, for whoever has to tell them apart |
//! | `serve`, `connection`, `request_head`, `control`, `tls` | the loopback server |

pub mod certificates;
mod config;
mod connection;
mod control;
mod data;
mod date;
mod digest;
mod fault;
mod limiter;
mod list;
mod model;
mod page;
mod problem;
mod random;
mod request_head;
mod response;
mod route;
mod serve;
mod tls;

pub use config::{
    ApiKey, Config, DEFAULT_KEY, EndOfList, Gzip, ItemSizes, KeyState, LimitFields, Maintenance, NextKeyForm,
    WindowKind,
};
pub use data::{item, item_id};
pub use digest::{Digest, digest};
pub use fault::{ErrorBody, Fault, Trigger};
pub use list::List;
pub use model::{Request, Simulator, Stats};
pub use response::{Ending, Framing, Response, Seen, SeenEnd};
pub use serve::{Clock, Server, ServerOptions};
pub use tls::TlsIdentity;
