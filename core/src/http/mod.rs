//! HTTP semantics that the engine needs, free of any wire format: where requests may go ([`Origin`]), what they look
//! like ([`Request`]), and what a few response fields mean. Sources: RFC 9110, RFC 3986. The wire format is [`h1`], for
//! drivers without an HTTP library; the engine does not know it.
//!
//! Arrows between the files point one way. What reads response fields: digits, date, moment, structured, limits, fields. What
//! makes requests: timestamp, percent, target, origin, location, body, request.

mod body;
pub mod date;
pub(crate) mod digits;
mod fields;
pub mod h1;
mod limits;
mod location;
mod moment;
mod origin;
mod percent;
mod request;
mod structured;
pub mod target;
mod timestamp;

pub use body::{Body, Credentials};
pub use fields::{Fields, Media, WindowFields};
pub(crate) use fields::{Reading, is_read};
pub use limits::{Limits, Policy};
pub use location::Location;
pub use moment::Moment;
pub use origin::{BaseUrl, Origin, Scheme, UrlError, UrlErrorKind};
pub use request::{Field, FieldValue, Method, Request};
pub(crate) use target::{Filled, Form};
pub use target::{Parameter, Parameters, Target};
pub use timestamp::DateForm;
pub(crate) use timestamp::is_date;
