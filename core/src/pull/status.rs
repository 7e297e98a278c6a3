//! What a status means to a pull. A pure function over what the API says of its statuses and RFC 9110 §15.

use super::engine::Errand;
use crate::api::Api;

/// What to do with an answer of some status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The body is what was asked for.
    Answer,
    /// The target is elsewhere.
    Redirect,
    /// The limit is reached.
    Rejected,
    /// The credential is no good.
    CredentialRefused,
    /// Maintenance, if the body says so, else a failure.
    PerhapsMaintenance,
    /// A failure.
    Failure,
}

impl Meaning {
    /// Whether the limit let the request in; `None` if the answer may well come from something that stands before it.
    pub(crate) fn is_admitted(self, status: u16) -> Option<bool> {
        match self {
            Self::Rejected => Some(false),
            Self::Answer | Self::CredentialRefused => Some(true),
            Self::Failure if (200..500).contains(&status) => Some(true),
            Self::Redirect | Self::PerhapsMaintenance | Self::Failure => None,
        }
    }
}

/// What a status means to a request that was sent for the sake of `errand`. A page comes with 200; of a single answer any
/// success will do.
pub(crate) fn meaning(api: &Api, errand: Errand, is_page: bool, status: u16) -> Meaning {
    match (status, errand) {
        (200, _) => Meaning::Answer,
        // Nobody has asked for a part.
        (206, _) => Meaning::Failure,
        (201..=299, Errand::Main | Errand::Elsewhere) if !is_page => Meaning::Answer,
        (300..=399, _) => Meaning::Redirect,
        (400 | 401 | 403, Errand::Token) => Meaning::CredentialRefused,
        (_, Errand::Token | Errand::Elsewhere) => Meaning::Failure,
        (_, Errand::Main) if api.rejected.contains(&status) => Meaning::Rejected,
        (_, Errand::Main) if api.credential_refused.contains(&status) => Meaning::CredentialRefused,
        (_, Errand::Main) if api.maintenance.is_some_and(|rules| rules.status == status) => {
            Meaning::PerhapsMaintenance
        }
        (_, Errand::Main) => Meaning::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::comanage;

    #[test]
    fn statuses_mean_what_the_api_says() {
        let table = [
            (200, Meaning::Answer),
            (204, Meaning::Failure),
            (206, Meaning::Failure),
            (301, Meaning::Redirect),
            (307, Meaning::Redirect),
            (400, Meaning::Failure),
            (401, Meaning::CredentialRefused),
            (403, Meaning::CredentialRefused),
            (404, Meaning::Failure),
            (429, Meaning::Rejected),
            (500, Meaning::Failure),
            (503, Meaning::PerhapsMaintenance),
        ];
        for (status, expected) in table {
            assert_eq!(meaning(&comanage::API, Errand::Main, true, status), expected, "{status}");
        }
    }

    #[test]
    fn a_single_answer_may_have_any_status_of_success() {
        for status in [200, 201, 202, 204] {
            assert_eq!(meaning(&comanage::API, Errand::Main, false, status), Meaning::Answer);
        }
    }

    #[test]
    fn what_a_token_endpoint_or_a_store_elsewhere_says_is_not_the_apis_word() {
        let table = [
            (Errand::Token, 201, Meaning::Failure),
            (Errand::Token, 302, Meaning::Redirect),
            (Errand::Token, 400, Meaning::CredentialRefused),
            (Errand::Token, 401, Meaning::CredentialRefused),
            (Errand::Token, 429, Meaning::Failure),
            (Errand::Elsewhere, 203, Meaning::Answer),
            (Errand::Elsewhere, 206, Meaning::Failure),
            (Errand::Elsewhere, 302, Meaning::Redirect),
            (Errand::Elsewhere, 401, Meaning::Failure),
            (Errand::Elsewhere, 429, Meaning::Failure),
            (Errand::Elsewhere, 503, Meaning::Failure),
        ];
        for (errand, status, expected) in table {
            assert_eq!(meaning(&comanage::API, errand, false, status), expected, "{errand:?} {status}");
        }
    }
}
