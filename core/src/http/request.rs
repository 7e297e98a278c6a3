//! What a driver has to send. A [`Request`] only points at the caller's texts. The driver writes it, either as fields of its
//! HTTP library or as bytes on the wire. All text in it was checked before or is encoded while it is written, so no value
//! can end a line.

use super::body::Body;
use super::origin::Origin;
use super::target::Target;
use crate::profile::{Everything, Profile};
use crate::secret::Secret;
use crate::sink::{Sink, show};
use core::fmt;
use core::marker::PhantomData;

/// The method of a request (RFC 9110 §9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Reads without changing anything.
    Get,
    /// Does whatever the target says.
    Post,
    /// Puts the body in the target's place.
    Put,
    /// Changes a part of the target (RFC 5789).
    Patch,
    /// Removes the target.
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The methods whose requests may be sent twice with the effect of one (RFC 9110 §9.2.2).
    pub const IDEMPOTENT: &'static [Self] = &[Self::Get, Self::Put, Self::Delete];

    /// Whether a request of this method states the length of its body even if it has none (RFC 9110 §8.6).
    const fn expects_a_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

/// A request that is due now. Its `Debug` form never shows the credential.
pub struct Request<'a, P = Everything> {
    pub(crate) method: Method,
    pub(crate) origin: Origin<'a>,
    pub(crate) target: Target<'a>,
    pub(crate) body: Body<'a>,
    /// The credential. None for a target that is elsewhere.
    pub(crate) credential: Option<Field<'a>>,
    /// The cursor, if the API takes it in a field.
    pub(crate) cursor: Option<Field<'a>>,
    pub(crate) profile: PhantomData<fn() -> P>,
}

impl<P> Clone for Request<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Request<'_, P> {}

impl<P> fmt::Debug for Request<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("origin", &self.origin)
            .field("target", &self.target)
            .field("body", &self.body)
            .field("credential", &self.credential)
            .field("cursor", &self.cursor)
            .finish()
    }
}

impl<'a, P: Profile> Request<'a, P> {
    /// The method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Where it goes. It must go nowhere else, because the fields may hold the credential.
    pub const fn origin(&self) -> Origin<'a> {
        self.origin
    }

    /// Path and query, encoded: the request target in origin form (RFC 9112 §3.2.1).
    pub const fn target(&self) -> Target<'a> {
        self.target
    }

    /// The body.
    pub const fn body(&self) -> Body<'a> {
        self.body
    }

    /// Writes the head: the request line, `Host` and the other fields, and the empty line behind them (RFC 9112 §2.1).
    #[inline(never)]
    pub(super) fn write_head(&self, out: &mut dyn Sink) {
        out.put(self.method.as_str());
        out.put(" ");
        self.target.write::<P>(out);
        out.put(" HTTP/1.1\r\nhost: ");
        self.origin.write_authority(out);
        out.put("\r\n");
        for field in self.all_fields().iter().flatten() {
            out.put_all(&[field.name, ": "]);
            field.value.write(out);
            out.put("\r\n");
        }
        out.put("\r\n")
    }

    /// Hands over the body, piece by piece.
    pub(super) fn write_body(&self, out: &mut dyn Sink) {
        if P::CAPABILITIES.sends_bodies() {
            self.body.write_to(out);
        }
    }

    /// The fields to send besides `Host`, which is [`Origin::authority`].
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> {
        self.all_fields().into_iter().flatten()
    }

    fn all_fields(&self) -> [Option<Field<'a>>; 6] {
        let body = if P::CAPABILITIES.sends_bodies() { self.body } else { Body::None };
        let length = match body {
            Body::None if self.method.expects_a_body() => Some(0),
            Body::None => None,
            _ => Some(body.length()),
        };
        [
            Some(Field { name: "accept", value: FieldValue::Text("application/json") }),
            // A compressed body is a bomb until it is bounded; nothing here inflates one.
            Some(Field { name: "accept-encoding", value: FieldValue::Text("identity") }),
            self.credential,
            self.cursor,
            body.media().map(|media| Field { name: "content-type", value: FieldValue::Text(media) }),
            length.map(|length| Field { name: "content-length", value: FieldValue::Number(length) }),
        ]
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
    /// A number, in decimal.
    Number(u64),
    /// A credential behind its scheme. A driver never logs it, and marks it as sensitive where its HTTP library can.
    Secret {
        /// What goes before it, such as `Bearer` and a space.
        scheme: &'static str,
        /// The credential.
        secret: Secret<'a>,
    },
}

impl<'a> FieldValue<'a> {
    /// The text to send.
    pub fn expose(&self) -> impl fmt::Display + 'a {
        let value = *self;
        fmt::from_fn(move |f| show(f, |out| value.write(out)))
    }

    fn write(&self, out: &mut dyn Sink) {
        match self {
            Self::Text(text) => out.put(text),
            Self::Number(number) => out.put_number(*number, 0),
            Self::Secret { scheme, secret } => {
                out.put(scheme);
                out.put(secret.expose())
            }
        }
    }

    /// Whether this is a credential.
    pub const fn is_secret(&self) -> bool {
        matches!(self, Self::Secret { .. })
    }
}

impl<P: Profile> fmt::Display for Request<'_, P> {
    /// Method and URL, without any field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method().as_str(), self.origin, self.target)
    }
}
