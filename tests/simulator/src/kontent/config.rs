//! What can be set of Kontent.ai's Management API v2. The defaults are the vendor's published ones: ten requests a second
//! and four hundred a minute for each environment, `Retry-After` in seconds. How its windows run, how large a page is and
//! what a continuation token looks like, it does not say.

use crate::config::{ApiKey, DEFAULT_KEY, WindowKind};
use crate::hint::RetryAfter;
use crate::limiter::Limit;

/// Kontent.ai. Start from the default and name what differs.
#[derive(Clone, Debug)]
pub struct Config {
    /// What stands before each path; no slash at its end.
    pub base_path: String,
    /// The origin that `next_page` names.
    pub origin: String,
    /// The id in `/projects/{id}/…`.
    pub environment: String,
    /// The id in `/subscriptions/{id}/…`.
    pub subscription: String,
    /// The keys, known and dead; all share the counters.
    pub keys: Vec<ApiKey>,
    /// Items in each list that comes in pages.
    pub items: u64,
    /// Items in each list that comes in one answer.
    pub unpaged_items: u64,
    /// Items on a full page; zero is taken as one.
    pub page_size: u32,
    /// The counters, all of which count each request.
    pub limits: Vec<Limit>,
    /// How a rejection tells when to come back.
    pub retry_after: RetryAfter,
    /// What continuation tokens look like.
    pub token: TokenForm,
    /// What the last page has in place of a token.
    pub end: EndOfTokens,
    /// The last page has a `next_page` all the same, as one of the vendor's own samples does.
    pub next_page_at_the_end: bool,
    /// Some items carry members and values that no documentation names, as the vendor reserves for itself.
    pub novelties: bool,
}

impl Default for Config {
    fn default() -> Self {
        let limit = |requests, window_ms| Limit { requests, window_ms, window: WindowKind::FirstRequest };
        Self {
            base_path: "/v2".to_owned(),
            origin: "https://manage.kontent.ai".to_owned(),
            environment: "14372844-0a5d-434a-8423-605b8a631623".to_owned(),
            subscription: "9c7b9841-ea99-48a7-a46d-65b2549d6c0d".to_owned(),
            keys: vec![ApiKey::active(DEFAULT_KEY)],
            items: 1_000,
            unpaged_items: 12,
            page_size: 100,
            limits: vec![limit(10, 1_000), limit(400, 60_000)],
            retry_after: RetryAfter::Seconds,
            token: TokenForm::Offset,
            end: EndOfTokens::Null,
            next_page_at_the_end: false,
            novelties: true,
        }
    }
}

/// The forms of continuation tokens that have been seen in the vendor's samples, and one that nothing rules out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenForm {
    /// The offset in Base64, such as `MTAw`.
    Offset,
    /// A database's own, beginning with `+RID:~`.
    Rid,
    /// The same inside a JSON array in Base64, which begins `W3sidG9rZW4iOi`.
    Wrapped,
    /// So many characters of Base64 for URLs; at least 16.
    Opaque(u32),
}

/// What the last page has in place of a token. The vendor's clients take both as the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfTokens {
    /// `null`.
    Null,
    /// An empty string.
    Empty,
}
