//! HTTP semantics that the engine needs, free of any wire format: where requests may go ([`Origin`]), what they look
//! like ([`Request`]), and what a few response fields mean. Sources: RFC 9110, RFC 3986. The wire format is [`h1`], for
//! drivers that have nobody else for it; the engine does not know it.

mod body;
pub mod date;
mod fields;
pub mod h1;
mod limits;
mod location;
mod origin;
mod request;
mod structured;
pub mod target;
mod timestamp;

pub use body::{Body, Credentials};
pub use fields::{Fields, Media, Moment, WindowFields};
pub use limits::{Limits, Policy};
pub use location::Location;
pub use origin::{BaseUrl, Origin, Scheme, UrlError, UrlErrorKind};
pub use request::{Field, FieldValue, Method, Request};
pub(crate) use target::{Filled, Form};
pub use target::{Parameter, Parameters, Target};
pub use timestamp::DateForm;
pub(crate) use timestamp::is_date;
