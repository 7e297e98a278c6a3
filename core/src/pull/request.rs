//! The request that is due: where it goes, and what it is opened by. The credential goes to the configured origin, the
//! client's secret to the token endpoint, and neither to any other.

use super::engine::Engine;
use super::exchange::State;
use super::request_kind::RequestKind;
use crate::auth::Credential;
use crate::gate::Gate;
use crate::http::{
    Body, Credentials, Field, FieldValue, Filled, Form, Location, Method, Origin, Request, Target,
};
use crate::profile::Profile;
use crate::quota::Slots;
use core::marker::PhantomData;

/// Where the API said that what was asked for is: lies in the item buffer.
fn located(item_buffer: &[u8], length: u16) -> Option<&str> {
    core::str::from_utf8(item_buffer.get(..length.into())?).ok()
}

impl<'a, P: Profile> Engine<'a, P> {
    /// The request that was just taken to be sent. `None` if none was, or if the token that it was to be sent with has
    /// been replaced in the meantime.
    pub(super) fn request<'r, S: Slots>(
        &'r self,
        item_buffer: &'r [u8],
        gate: &'r Gate<S>,
    ) -> Option<Request<'r, P>> {
        let State::Sent = self.state else { return None };
        match self.kind() {
            RequestKind::Api => Some(Request {
                method: self.endpoint.method(),
                origin: self.project.base().origin(),
                target: self.target()?,
                body: if P::CAPABILITIES.bodies { self.endpoint.body() } else { Body::None },
                credential: Some(self.credential(gate)?),
                cursor: self.in_field(),
                profile: PhantomData,
            }),
            RequestKind::Token if P::CAPABILITIES.tokens => {
                let source = self.project.tokens()?;
                Some(Request {
                    method: Method::Post,
                    origin: source.origin,
                    target: self.target()?,
                    body: Body::Credentials(Credentials {
                        id: source.client_id,
                        secret: self.project.credential(),
                        extra: source.extra,
                    }),
                    credential: None,
                    cursor: None,
                    profile: PhantomData,
                })
            }
            RequestKind::Elsewhere if P::CAPABILITIES.redirects => {
                let Location { origin, target } = self.elsewhere(item_buffer)?;
                Some(Request {
                    method: Method::Get,
                    origin,
                    target: Target(Form::Written(target)),
                    body: Body::None,
                    credential: None,
                    cursor: None,
                    profile: PhantomData,
                })
            }
            RequestKind::Token | RequestKind::Elsewhere => None,
        }
    }

    /// The cursor, where it goes into a field.
    fn in_field(&self) -> Option<Field<'_>> {
        if P::CAPABILITIES.by_token { self.endpoint.pager().in_field(&self.checkpoint.cursor) } else { None }
    }

    /// The target of the request that was just taken to be sent. What follows the path elsewhere may open it, so it is left
    /// out.
    pub(super) fn target(&self) -> Option<Target<'_>> {
        let State::Sent = self.state else { return None };
        Some(Target(match self.kind() {
            RequestKind::Api => Form::Filled(Filled {
                base: self.project.base().path(),
                path: self.endpoint.path(),
                parameters: self.endpoint.parameters(),
                cursor: self.endpoint.pager().in_query(&self.checkpoint.cursor),
            }),
            RequestKind::Token => Form::Written(match self.project.tokens()?.path {
                "" => "/",
                path => path,
            }),
            RequestKind::Elsewhere => Form::Written("(elsewhere)"),
        }))
    }

    /// Where the request goes that was just taken to be sent.
    pub(super) fn origin<'r>(&'r self, item_buffer: &'r [u8]) -> Option<(RequestKind, Origin<'r>)> {
        let State::Sent = self.state else { return None };
        let origin = match self.kind() {
            RequestKind::Api => self.project.base().origin(),
            RequestKind::Token => self.project.tokens()?.origin,
            RequestKind::Elsewhere => self.elsewhere(item_buffer)?.origin,
        };
        Some((self.kind(), origin))
    }

    /// What the latest location leads to.
    pub(super) fn elsewhere<'r>(&self, item_buffer: &'r [u8]) -> Option<Location<'r>>
    where
        'a: 'r,
    {
        Location::resolve(located(item_buffer, self.located)?, self.project.base().origin())
    }

    /// The location that the latest answer named.
    pub(super) fn location<'r>(&self, item_buffer: &'r [u8]) -> Option<&'r str> {
        // Of a page's items the buffer holds whatever came last.
        let is_kept = !self.endpoint.is_list() && self.status != 0;
        located(item_buffer, self.located).filter(|text| is_kept && !text.is_empty())
    }

    fn credential<'r, S: Slots>(&'r self, gate: &'r Gate<S>) -> Option<Field<'r>> {
        Some(match self.project.api().credential {
            Credential::Field { name, scheme } => {
                Field { name, value: FieldValue::Secret { scheme, secret: self.project.credential() } }
            }
            Credential::Token(_) if !P::CAPABILITIES.tokens => return None,
            Credential::Token(_) => {
                let secret = gate.token_text(self.exchange.token)?;
                Field { name: "authorization", value: FieldValue::Secret { scheme: "Bearer ", secret } }
            }
        })
    }
}
