//! What a driver has to send. A [`Request`] only points at the caller's texts; it is written out by the driver, either
//! as fields of its HTTP library or as bytes on the wire. All text in it was checked or is encoded while it is
//! written, so no value can end a line.

use super::{Origin, Target};
use crate::secret::Secret;
use core::fmt;

/// The method of a request (RFC 9110 §9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Reads without changing anything, and may be sent again.
    Get,
}

impl Method {
    /// The method as it stands in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
        }
    }
}

/// A request that is due now. Its `Debug` form never shows the credential.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub(crate) origin: Origin<'a>,
    pub(crate) target: Target<'a>,
    pub(crate) credential: Field<'a>,
}

impl<'a> Request<'a> {
    /// The method.
    pub const fn method(&self) -> Method {
        Method::Get
    }

    /// Where it goes, and nowhere else: the fields hold the credential.
    pub const fn origin(&self) -> Origin<'a> {
        self.origin
    }

    /// Path and query, encoded: the request target in origin form (RFC 9112 §3.2.1).
    pub const fn target(&self) -> Target<'a> {
        self.target
    }

    /// The fields to send besides `Host`, which is [`Origin::authority`].
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> {
        [
            Field { name: "accept", value: FieldValue::Text("application/json") },
            // A compressed body is a bomb until it is bounded; nothing here inflates one.
            Field { name: "accept-encoding", value: FieldValue::Text("identity") },
            self.credential,
        ]
        .into_iter()
    }
}

/// A header field of a request.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// The name, in lower case.
    pub name: &'static str,
    /// The value.
    pub value: FieldValue<'a>,
}

/// The value of a field. Its `Debug` form never shows a secret.
#[derive(Clone, Copy, Debug)]
pub enum FieldValue<'a> {
    /// May be seen by anyone.
    Text(&'a str),
    /// A credential: to be marked as sensitive where the driver's HTTP library can, and never to be logged.
    Secret(Secret<'a>),
}

impl<'a> FieldValue<'a> {
    /// The text to send.
    pub const fn expose(&self) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }

    /// Whether this is a credential.
    pub const fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }
}

impl fmt::Display for Request<'_> {
    /// Method and URL, without any field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method().as_str(), self.origin, self.target)
    }
}
