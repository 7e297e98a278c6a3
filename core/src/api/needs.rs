//! What an engine must be able to do for an API and its endpoints.

use super::{Api, Endpoint};
use crate::auth::Credential;
use crate::cursor::Pager;
use crate::http::Body;
use crate::profile::Capabilities;

impl Capabilities {
    /// What every request to an API needs. Where the API does not name how its server counts, that is learned from rejections.
    pub const fn of(api: &Api) -> Self {
        let needs = Self {
            tokens: matches!(api.credential, Credential::Token(_)),
            limit_fields: api.says_limits,
            even: api.windows.want_even(),
            ..Self::LEAST
        };
        if api.windows.are_unknown() { needs.learning() } else { needs }
    }

    /// The same, and what an endpoint needs beside it.
    #[must_use]
    pub const fn and(self, endpoint: &Endpoint<'_>) -> Self {
        let pager = endpoint.pager();
        Self {
            by_token: self.by_token || matches!(pager, Pager::Token { .. }),
            by_page: self.by_page || matches!(pager, Pager::Page { .. }),
            by_offset: self.by_offset || matches!(pager, Pager::Offset { .. }),
            calls: self.calls || !endpoint.is_list(),
            redirects: self.redirects || endpoint.is_elsewhere(),
            bodies: self.bodies || !matches!(endpoint.body(), Body::None),
            moments: self.moments || endpoint.parameters().have_moments(),
            ids: self.ids || endpoint.id().is_some(),
            ..self
        }
    }
}
