//! The OpsRamp REST API v2, as its vendor documents it: OAuth 2.0 client credentials, a tenant in the path, `pageNo` and
//! `nextPage`, limits a minute that are counted apart for each kind of request and each category of resources. The base URL
//! ends in `/api/v2`; tokens are granted at the root of the same host.
//!
//! A project is what is counted together, so each [`Category`] is one: [`windows`] are its limits. The state of the limit
//! comes with every answer, in `X-RateLimit-` fields whose reset is in seconds since 1970 and whose values may be in quotes.

mod query;

pub use query::{QueryString, QueryStringError};

use super::{Api, Endpoint, List};
use crate::auth::{Credential, TokenRules};
use crate::cursor::Pager;
use crate::http::Method;
use crate::page::Items;
use crate::quota::{Calls, Window, Windows};
use crate::time::Duration;

#[cfg(feature = "serde")]
mod models;
#[cfg(feature = "serde")]
pub use models::{Alert, Incident, Numbered, Paging, Problem, Resource, Tag, User};

/// The API, with the limits of resources that are of no category of their own.
pub const API: Api = Api {
    name: "OpsRamp REST API v2",
    credential: Credential::Token(TokenRules {
        // 407 is its word for a token that is over; 400 is also that of one that it cannot read.
        expired: &[400, 401, 407],
        early: Duration::from_secs(60),
        lifetime: Duration::from_secs(600),
    }),
    windows: windows(Category::Other),
    rejected: &[429],
    credential_refused: &[401, 403, 407],
    not_found: &[(500, "0003")],
    not_ready: &[(500, "0005")],
    // A PUT creates where the path names no resource, and then a second one creates another.
    repeatable: &[Method::Get, Method::Delete],
    says_limits: true,
    is_sequential: false,
    maintenance: None,
};

/// Where tokens are granted, at the root of the API's host.
pub const TOKEN_PATH: &str = "/tenancy/auth/oauth/token";

/// The same at older deployments.
pub const OLD_TOKEN_PATH: &str = "/auth/oauth/token";

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Alerts.
    Alerts,
    /// Metrics.
    Metrics,
    /// Devices and other resources.
    Devices,
    /// Tickets: incidents, service requests and the like.
    Tickets,
    /// Everything else.
    Other,
}

/// The limits of a category, a minute: 500 plain reads, 50 reads of pages, and so many writes as the category has.
pub const fn windows(category: Category) -> Windows {
    const MINUTE: Duration = Duration::from_secs(60);
    let writes = match category {
        Category::Alerts => 200,
        Category::Metrics => 5_000,
        Category::Devices => 25,
        Category::Tickets | Category::Other => 50,
    };
    Windows::three(
        Window::new(50, MINUTE).counting(Calls::PAGED_READS),
        Window::new(500, MINUTE).counting(Calls::READS),
        Window::new(writes, MINUTE).counting(Calls::WRITES),
    )
}

const PAGER: Pager = Pager::Page {
    parameter: "pageNo",
    more: "nextPage",
    next: Some("nextPageNo"),
    total: Some("totalResults"),
};

const fn paged(name: &'static str, path: &'static str) -> List {
    List { name, endpoint: search(path) }
}

const fn whole(name: &'static str, path: &'static str) -> List {
    List { name, endpoint: Endpoint::new(path, Items::Root, Pager::None) }
}

/// Lists that are known by a name; [`search`] describes any other. What is in braces is to be given with
/// [`Endpoint::with`].
pub const LISTS: &[List] = &[
    paged("resources", "/tenants/{tenant}/resources/search"),
    List { name: "alerts", endpoint: search("/tenants/{tenant}/alerts/search").known_by("uniqueId") },
    paged("incidents", "/tenants/{tenant}/incidents/search"),
    whole("resources-minimal", "/tenants/{tenant}/resources/minimal"),
];

/// A paged list at any path. A [`QueryString`] narrows it.
pub const fn search(path: &str) -> Endpoint<'_> {
    Endpoint::new(path, Items::Key("results"), PAGER).known_by("id").saying_where("pageNo")
}

/// A list that is an array and comes at once.
pub const fn array(path: &str) -> Endpoint<'_> {
    Endpoint::new(path, Items::Root, Pager::None)
}

/// A read that does something, such as running an action: never sent twice, though it is a `GET`.
pub const fn action(path: &str) -> Endpoint<'_> {
    Endpoint::call(Method::Get, path).once()
}
