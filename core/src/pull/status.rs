//! The status class of an answer: what a pull does about it. A pure function over the status, the fields that came with it,
//! what the API says of its statuses, and what the request was for. One status has several meanings in the field, so
//! status and fields decide together; the body decides only where [`StatusClass::PerhapsMaintenance`] leaves it to the body.
//!
//! | status | with | class | by |
//! |---|---|---|---|
//! | 200 to 299 | | answer | RFC 9110 §15.3: any 2xx is success, and proxies turn 200 into 203 |
//! | 202 | a page, and a time to come back | not yet | RFC 9110 §15.3.3: accepted and not done |
//! | 204, 205 | a page | empty list | RFC 9110 §15.3.5, §15.3.6: no content |
//! | 204, 205 | a token | failure | a grant has a body (RFC 6749 §5.1) |
//! | 206 | | failure | RFC 9110 §15.3.7: a part, and no request asks for one |
//! | 300 to 399 | | redirect | RFC 9110 §15.4 |
//! | 425 | | not yet | RFC 8470 §5.2: nothing was processed, and a later request may be |
//! | 429 | | limit; not yet from another server than the API | RFC 6585 §4 |
//! | 403 | a time to come back, or nothing remaining | limit | GitHub's primary and secondary limits; `quota` of Azure API Management |
//! | 400, 401, 403 | a token | credential refused | RFC 6749 §5.2 |
//! | any other | | as the API's description says, else failure | |

use super::request_kind::RequestKind;
use crate::api::Api;
use crate::http::Fields;

/// What a pull does about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusClass {
    /// The body is what was asked for.
    Answer,
    /// The page has no items, and there is no body.
    EmptyList,
    /// The target is elsewhere.
    Redirect,
    /// The limit is reached.
    Limit,
    /// Nothing was done, and the same request will do later.
    NotYet,
    /// The credential is refused.
    CredentialRefused,
    /// Maintenance if the body says so, else a failure.
    PerhapsMaintenance,
    /// A failure.
    Failure,
}

impl StatusClass {
    /// Whether the limit let the request in. `None` if the answer may come from something in front of the limiter.
    pub(crate) fn is_admitted(self, status: u16) -> Option<bool> {
        match self {
            Self::Limit => Some(false),
            Self::Answer | Self::EmptyList | Self::CredentialRefused => Some(true),
            // It was accepted (202), or refused before anything counted it (425).
            Self::NotYet => (status == 202).then_some(true),
            Self::Failure if (200..500).contains(&status) => Some(true),
            Self::Redirect | Self::PerhapsMaintenance | Self::Failure => None,
        }
    }
}

/// The class of an answer to a request of this kind. `is_page` says whether the endpoint is a list.
pub(crate) fn classify(
    api: &Api,
    kind: RequestKind,
    is_page: bool,
    status: u16,
    fields: &Fields,
) -> StatusClass {
    let has_pause = fields.retry_after.is_some();
    match (status, kind) {
        (206, _) | (204 | 205, RequestKind::Token) => StatusClass::Failure,
        (204 | 205, RequestKind::Api) if is_page => StatusClass::EmptyList,
        (202, RequestKind::Api) if is_page && has_pause => StatusClass::NotYet,
        (200..=299, _) => StatusClass::Answer,
        (300..=399, _) => StatusClass::Redirect,
        (425, _) | (429, RequestKind::Token | RequestKind::Elsewhere) => StatusClass::NotYet,
        (400 | 401 | 403, RequestKind::Token) => StatusClass::CredentialRefused,
        (_, RequestKind::Token | RequestKind::Elsewhere) => StatusClass::Failure,
        (429, RequestKind::Api) => StatusClass::Limit,
        (403, RequestKind::Api) if has_pause || fields.limits.remaining == Some(0) => StatusClass::Limit,
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
    use super::StatusClass::{
        Answer, CredentialRefused, EmptyList, Failure, Limit, NotYet, PerhapsMaintenance, Redirect,
    };
    use super::*;
    use crate::api::comanage;

    /// An answer's fields besides its status.
    #[derive(Clone, Copy, Debug)]
    enum With {
        Nothing,
        Pause,
        NothingLeft,
        SomethingLeft,
    }
    use With::{Nothing, NothingLeft, Pause, SomethingLeft};

    fn class(api: &Api, kind: RequestKind, is_page: bool, status: u16, with: With) -> StatusClass {
        let field: Option<(&str, &[u8])> = match with {
            Nothing => None,
            Pause => Some(("Retry-After", b"2")),
            NothingLeft => Some(("X-RateLimit-Remaining", b"0")),
            SomethingLeft => Some(("X-RateLimit-Remaining", b"1")),
        };
        classify(api, kind, is_page, status, &Fields::read(field, None))
    }

    #[test]
    fn a_page_is_classed_by_status_and_fields() {
        let table = [
            (0, Nothing, Failure),
            (100, Nothing, Failure),
            (200, Nothing, Answer),
            (200, Pause, Answer),
            (200, NothingLeft, Answer),
            (201, Nothing, Answer),
            (202, Nothing, Answer),
            (202, Pause, NotYet),
            (203, Nothing, Answer),
            (204, Nothing, EmptyList),
            (204, Pause, EmptyList),
            (205, Nothing, EmptyList),
            (206, Nothing, Failure),
            (226, Nothing, Answer),
            (299, Nothing, Answer),
            (301, Nothing, Redirect),
            (304, Nothing, Redirect),
            (307, Nothing, Redirect),
            (400, Nothing, Failure),
            (400, Pause, Failure),
            (401, Nothing, CredentialRefused),
            (401, Pause, CredentialRefused),
            (401, NothingLeft, CredentialRefused),
            (403, Nothing, CredentialRefused),
            (403, SomethingLeft, CredentialRefused),
            (403, Pause, Limit),
            (403, NothingLeft, Limit),
            (404, Pause, Failure),
            (408, Nothing, Failure),
            (410, Nothing, Failure),
            (425, Nothing, NotYet),
            (425, Pause, NotYet),
            (429, Nothing, Limit),
            (429, Pause, Limit),
            (429, SomethingLeft, Limit),
            (500, Nothing, Failure),
            (502, Pause, Failure),
            (503, Nothing, PerhapsMaintenance),
            (503, Pause, PerhapsMaintenance),
            (503, NothingLeft, PerhapsMaintenance),
            (600, Nothing, Failure),
            (u16::MAX, Nothing, Failure),
        ];
        for (status, with, expected) in table {
            let found = class(&comanage::API, RequestKind::Api, true, status, with);
            assert_eq!(found, expected, "{status} {with:?}");
        }
    }

    #[test]
    fn a_single_answer_may_have_any_status_of_success_and_no_body() {
        for with in [Nothing, Pause] {
            for status in [200, 201, 202, 203, 204, 205] {
                assert_eq!(class(&comanage::API, RequestKind::Api, false, status, with), Answer, "{status}");
            }
        }
        for (status, with, expected) in [
            (206, Nothing, Failure),
            (403, Nothing, CredentialRefused),
            (403, Pause, Limit),
            (425, Nothing, NotYet),
            (429, Nothing, Limit),
        ] {
            assert_eq!(class(&comanage::API, RequestKind::Api, false, status, with), expected, "{status}");
        }
    }

    #[test]
    fn a_limit_is_one_where_the_apis_list_does_not_have_it_or_has_another() {
        let none = Api { rejected: &[], credential_refused: &[], maintenance: None, ..comanage::API };
        let others = Api { rejected: &[420, 509], credential_refused: &[498], ..none };
        let table = [
            (&none, 429, Nothing, Limit),
            (&none, 420, Nothing, Failure),
            (&none, 403, Pause, Limit),
            (&none, 403, NothingLeft, Limit),
            (&none, 403, Nothing, Failure),
            (&none, 503, Pause, Failure),
            (&others, 429, Nothing, Limit),
            (&others, 420, Nothing, Limit),
            (&others, 509, Nothing, Limit),
            (&others, 498, Nothing, CredentialRefused),
            (&others, 401, Nothing, Failure),
        ];
        for (api, status, with, expected) in table {
            assert_eq!(class(api, RequestKind::Api, true, status, with), expected, "{status} {with:?}");
        }
    }

    #[test]
    fn what_a_token_endpoint_or_a_store_elsewhere_says_is_not_the_apis_word() {
        let table = [
            (RequestKind::Token, 200, Nothing, Answer),
            (RequestKind::Token, 201, Nothing, Answer),
            (RequestKind::Token, 202, Pause, Answer),
            (RequestKind::Token, 203, Nothing, Answer),
            (RequestKind::Token, 299, Nothing, Answer),
            (RequestKind::Token, 204, Nothing, Failure),
            (RequestKind::Token, 205, Nothing, Failure),
            (RequestKind::Token, 206, Nothing, Failure),
            (RequestKind::Token, 302, Nothing, Redirect),
            (RequestKind::Token, 400, Nothing, CredentialRefused),
            (RequestKind::Token, 401, Nothing, CredentialRefused),
            (RequestKind::Token, 403, Pause, CredentialRefused),
            (RequestKind::Token, 404, Nothing, Failure),
            (RequestKind::Token, 425, Nothing, NotYet),
            (RequestKind::Token, 429, Nothing, NotYet),
            (RequestKind::Token, 429, Pause, NotYet),
            (RequestKind::Token, 503, Pause, Failure),
            (RequestKind::Elsewhere, 200, Nothing, Answer),
            (RequestKind::Elsewhere, 203, Nothing, Answer),
            (RequestKind::Elsewhere, 204, Nothing, Answer),
            (RequestKind::Elsewhere, 206, Nothing, Failure),
            (RequestKind::Elsewhere, 302, Nothing, Redirect),
            (RequestKind::Elsewhere, 401, Nothing, Failure),
            (RequestKind::Elsewhere, 403, NothingLeft, Failure),
            (RequestKind::Elsewhere, 425, Nothing, NotYet),
            (RequestKind::Elsewhere, 429, Nothing, NotYet),
            (RequestKind::Elsewhere, 503, Pause, Failure),
        ];
        for (kind, status, with, expected) in table {
            let found = class(&comanage::API, kind, false, status, with);
            assert_eq!(found, expected, "{kind:?} {status} {with:?}");
        }
    }

    #[test]
    fn the_limit_counted_what_it_let_in() {
        let table = [
            (Answer, 200, Some(true)),
            (EmptyList, 204, Some(true)),
            (NotYet, 202, Some(true)),
            (NotYet, 425, None),
            (Limit, 403, Some(false)),
            (Limit, 429, Some(false)),
            (CredentialRefused, 403, Some(true)),
            (Failure, 404, Some(true)),
            (Failure, 502, None),
            (Redirect, 302, None),
            (PerhapsMaintenance, 503, None),
        ];
        for (class, status, expected) in table {
            assert_eq!(class.is_admitted(status), expected, "{class:?} {status}");
        }
    }
}
