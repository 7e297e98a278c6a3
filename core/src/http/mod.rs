//! HTTP semantics that the engine needs, free of any wire format: where requests may go ([`Origin`]), what they look
//! like ([`Request`]), and what a few response fields mean. Sources: RFC 9110, RFC 3986.

pub mod date;
mod fields;
mod origin;
mod request;
pub mod target;

pub use fields::{Fields, RetryAfter, WindowFields};
pub use origin::{BaseUrl, Origin, Scheme, UrlError, UrlErrorKind};
pub use request::{Field, FieldValue, Method, Request};
pub use target::{Parameter, Parameters, Target};
