//! What can be set of CoreData's API v2. The defaults are those of Tastypie, the framework that it is built on or speaks
//! like: twenty objects a page, a thousand at most, no throttle. What the vendor's texts contradict each other about can
//! be had either way.

use crate::config::ApiKey;
use crate::hint::RetryAfter;
use crate::limiter::Limit;

/// The user and key that a default configuration accepts.
pub const DEFAULT_CREDENTIALS: &str = "simulator-user:simulator-key";

/// CoreData. Start from the default and name what differs.
#[derive(Clone, Debug)]
pub struct Config {
    /// What stands before each resource; no slash at its end.
    pub base_path: String,
    /// Users and their keys, as `user:key`.
    pub credentials: Vec<ApiKey>,
    /// Objects in each list.
    pub items: u64,
    /// Objects on a page if the request names no limit.
    pub default_limit: u64,
    /// The most objects on a page; zero is no maximum.
    pub max_limit: u64,
    /// What becomes of a path without its slash.
    pub missing_slash: MissingSlash,
    /// The server knows time zones. One that does not fails at a `Z` in a filter.
    pub zones: bool,
    /// What `meta.next` is.
    pub next: Next,
    /// What `meta.total_count` counts.
    pub total: Total,
    /// Objects that come or go while a list is read.
    pub drift: Option<Drift>,
    /// A counter for each user.
    pub throttle: Option<Limit>,
    /// How a throttled response tells when to come back.
    pub retry_after: RetryAfter,
    /// Errors of the server carry a traceback.
    pub debug: bool,
    /// `PUT` and `PATCH` answer with the object.
    pub returns_data: bool,
    /// The origin of the storage that file contents come from; the server itself if `None`.
    pub storage: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base_path: "/api/v2".to_owned(),
            credentials: vec![ApiKey::active(DEFAULT_CREDENTIALS)],
            items: 1_000,
            default_limit: 20,
            max_limit: 1_000,
            missing_slash: MissingSlash::NotFound,
            zones: true,
            next: Next::Honest,
            total: Total::All,
            drift: None,
            throttle: None,
            retry_after: RetryAfter::Seconds,
            debug: false,
            returns_data: false,
            storage: None,
        }
    }
}

/// What becomes of a path without its slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingSlash {
    /// The framework's page for 404.
    NotFound,
    /// A redirect to the path with it.
    Redirect,
}

/// What `meta.next` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Path and query of the next page, and `null` on the last.
    Honest,
    /// Never `null`, as in one of the vendor's samples: behind the last page there are empty ones without end.
    Endless,
    /// An absolute URL of this origin.
    At(String),
}

/// What `meta.total_count` counts: the vendor's text says the one in one place and the other in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// All objects found.
    All,
    /// The objects on the page.
    OfPage,
}

/// Objects that come or go while a list is read, so that offsets no longer fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// It happens once, after so many pages, in the list that the last of them is of.
    pub after_pages: u64,
    /// How many.
    pub objects: u64,
    /// Which way.
    pub change: Change,
}

/// Which way a list drifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// New objects before the first: the next page repeats some.
    InsertedAtFront,
    /// The first objects go: the next page skips some.
    RemovedFromFront,
}
