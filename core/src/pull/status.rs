//! What a status means to a pull. A pure function over what the API says of its statuses and RFC 9110 §15.

use crate::api::Api;

/// What to do with an answer of some status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The body is the page.
    Page,
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
            Self::Page | Self::CredentialRefused => Some(true),
            Self::Failure if (200..500).contains(&status) => Some(true),
            Self::Redirect | Self::PerhapsMaintenance | Self::Failure => None,
        }
    }
}

pub(crate) fn meaning(api: &Api, status: u16) -> Meaning {
    match status {
        200 => Meaning::Page,
        300..=399 => Meaning::Redirect,
        _ if api.rejected.contains(&status) => Meaning::Rejected,
        _ if api.credential_refused.contains(&status) => Meaning::CredentialRefused,
        _ if api.maintenance.is_some_and(|rules| rules.status == status) => Meaning::PerhapsMaintenance,
        _ => Meaning::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::comanage;

    #[test]
    fn statuses_mean_what_the_api_says() {
        let table = [
            (200, Meaning::Page),
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
            assert_eq!(meaning(&comanage::API, status), expected, "{status}");
        }
    }
}
