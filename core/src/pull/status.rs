//! What a status means to a pull. A pure function over what the API says of its statuses and RFC 9110 §15.

use super::request_kind::RequestKind;
use crate::api::Api;
use crate::http::Fields;

/// What to do with an answer of some status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusClass {
    /// The body is what was asked for.
    Answer,
    /// A list without an item, and without a body.
    EmptyList,
    /// The target is elsewhere.
    Redirect,
    /// The limit is reached.
    Limit,
    /// The server is not ready yet.
    NotYet,
    /// The credential is no good.
    CredentialRefused,
    /// Maintenance, if the body says so, else a failure.
    PerhapsMaintenance,
    /// A failure.
    Failure,
}

impl StatusClass {
    /// Whether the limit let the request in; `None` if the answer may well come from something that stands before it.
    pub(crate) fn is_admitted(self, status: u16) -> Option<bool> {
        match self {
            Self::Limit => Some(false),
            Self::Answer | Self::EmptyList | Self::NotYet | Self::CredentialRefused => Some(true),
            Self::Failure if (200..500).contains(&status) => Some(true),
            Self::Redirect | Self::PerhapsMaintenance | Self::Failure => None,
        }
    }
}

/// What a status means to a request that was sent for the sake of `kind`. A page comes with 200; of a single answer any
/// success will do.
pub(crate) fn classify(
    api: &Api,
    kind: RequestKind,
    is_page: bool,
    status: u16,
    _fields: &Fields,
) -> StatusClass {
    match (status, kind) {
        (200, _) => StatusClass::Answer,
        // Nobody has asked for a part.
        (206, _) => StatusClass::Failure,
        (201..=299, RequestKind::Api | RequestKind::Elsewhere) if !is_page => StatusClass::Answer,
        (300..=399, _) => StatusClass::Redirect,
        (400 | 401 | 403, RequestKind::Token) => StatusClass::CredentialRefused,
        (_, RequestKind::Token | RequestKind::Elsewhere) => StatusClass::Failure,
        (_, RequestKind::Api) if api.rejected.contains(&status) => StatusClass::Limit,
        (_, RequestKind::Api) if api.credential_refused.contains(&status) => StatusClass::CredentialRefused,
        (_, RequestKind::Api) if api.maintenance.is_some_and(|rules| rules.status == status) => {
            StatusClass::PerhapsMaintenance
        }
        (_, RequestKind::Api) => StatusClass::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::comanage;

    fn of(kind: RequestKind, is_page: bool, status: u16) -> StatusClass {
        classify(&comanage::API, kind, is_page, status, &Fields::read([], None))
    }

    #[test]
    fn statuses_mean_what_the_api_says() {
        let table = [
            (200, StatusClass::Answer),
            (204, StatusClass::Failure),
            (206, StatusClass::Failure),
            (301, StatusClass::Redirect),
            (307, StatusClass::Redirect),
            (400, StatusClass::Failure),
            (401, StatusClass::CredentialRefused),
            (403, StatusClass::CredentialRefused),
            (404, StatusClass::Failure),
            (429, StatusClass::Limit),
            (500, StatusClass::Failure),
            (503, StatusClass::PerhapsMaintenance),
        ];
        for (status, expected) in table {
            assert_eq!(of(RequestKind::Api, true, status), expected, "{status}");
        }
    }

    #[test]
    fn a_single_answer_may_have_any_status_of_success() {
        for status in [200, 201, 202, 204] {
            assert_eq!(of(RequestKind::Api, false, status), StatusClass::Answer);
        }
    }

    #[test]
    fn what_a_token_endpoint_or_a_store_elsewhere_says_is_not_the_apis_word() {
        let table = [
            (RequestKind::Token, 201, StatusClass::Failure),
            (RequestKind::Token, 302, StatusClass::Redirect),
            (RequestKind::Token, 400, StatusClass::CredentialRefused),
            (RequestKind::Token, 401, StatusClass::CredentialRefused),
            (RequestKind::Token, 429, StatusClass::Failure),
            (RequestKind::Elsewhere, 203, StatusClass::Answer),
            (RequestKind::Elsewhere, 206, StatusClass::Failure),
            (RequestKind::Elsewhere, 302, StatusClass::Redirect),
            (RequestKind::Elsewhere, 401, StatusClass::Failure),
            (RequestKind::Elsewhere, 429, StatusClass::Failure),
            (RequestKind::Elsewhere, 503, StatusClass::Failure),
        ];
        for (errand, status, expected) in table {
            assert_eq!(of(errand, false, status), expected, "{errand:?} {status}");
        }
    }
}
