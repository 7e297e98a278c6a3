//! The Kontent.ai Management API v2, as its vendor documents it: a key as `Bearer`, 10 requests a second and 400 a minute
//! for each environment, whoever sends them, `x-continuation` and `pagination.continuation_token`. The base URL is
//! `https://manage.kontent.ai/v2`.
//!
//! The token decides whether a page follows; `next_page` does not, and there are answers in which the two disagree. Some
//! lists are asked for by `POST`, with the same body for every page. The vendor asks for no requests at once, so of the
//! pulls of one gate each waits for the head of the other's answer.

use super::{Api, Endpoint, List};
use crate::auth::Credential;
use crate::cursor::{Pager, Place};
use crate::http::{Body, Method};
use crate::page::Items;
use crate::quota::{Window, Windows};
use crate::time::Duration;

#[cfg(feature = "serde")]
mod models;
#[cfg(feature = "serde")]
mod settings;

#[cfg(feature = "serde")]
pub use models::{
    Asset, AssetCollection, AssetDescription, ContentType, Element, Item, ItemWithVariant, Reference,
    Rendition, Taxonomy, Term, Transformation, TypeElement, Variant, WorkflowPlace,
};
#[cfg(feature = "serde")]
pub use settings::{
    CustomApp, Issue, Language, Named, Pagination, Problem, Project, User, ValidationError, Webhook, Workflow,
};

/// The API. The limits are the vendor's defaults.
pub const API: Api = Api {
    name: "Kontent.ai Management API v2",
    credential: Credential::Field { name: "authorization", scheme: "Bearer " },
    windows: Windows::two(Window::new(10, Duration::from_secs(1)), Window::new(400, Duration::from_secs(60))),
    rejected: &[429],
    // A revoked key is answered with 403 and code 7, one without the right to do this with 403 and another.
    credential_refused: &[401, 403],
    not_found: &[],
    not_ready: &[],
    repeatable: Method::IDEMPOTENT,
    says_limits: false,
    is_sequential: true,
    maintenance: None,
};

const PAGER: Pager =
    Pager::Token { place: Place::Field("x-continuation"), field: "pagination.continuation_token" };

const fn paged(name: &'static str, path: &'static str, items: &'static str) -> List {
    List { name, endpoint: Endpoint::new(path, Items::Key(items), PAGER).known_by("id") }
}

const fn whole(name: &'static str, path: &'static str, items: Items<'static>) -> List {
    List { name, endpoint: Endpoint::new(path, items, Pager::None) }
}

/// The lists, by the last word of their paths. What is in braces is to be given with [`Endpoint::with`].
pub const LISTS: &[List] = &[
    paged("items", "/projects/{environment}/items", "items"),
    paged("types", "/projects/{environment}/types", "types"),
    paged("snippets", "/projects/{environment}/snippets", "snippets"),
    paged("taxonomies", "/projects/{environment}/taxonomies", "taxonomies"),
    paged("languages", "/projects/{environment}/languages", "languages"),
    paged("assets", "/projects/{environment}/assets", "assets"),
    List {
        name: "renditions",
        endpoint: Endpoint::new(
            "/projects/{environment}/assets/{asset}/renditions",
            Items::Key("asset_renditions"),
            PAGER,
        )
        .known_by("rendition_id"),
    },
    variants("type-variants", "/projects/{environment}/types/{type}/variants"),
    variants("type-components", "/projects/{environment}/types/{type}/components"),
    variants("collection-variants", "/projects/{environment}/collections/{collection}/variants"),
    variants("space-variants", "/projects/{environment}/spaces/{space}/variants"),
    paged("custom-apps", "/projects/{environment}/custom-apps", "custom_apps"),
    paged("issues", "/projects/{environment}/validate-async/tasks/{task}/issues", "issues"),
    paged("projects", "/subscriptions/{subscription}/projects", "projects"),
    paged("users", "/subscriptions/{subscription}/users", "users"),
    whole("item-variants", "/projects/{environment}/items/{item}/variants", Items::Root),
    whole("spaces", "/projects/{environment}/spaces", Items::Root),
    whole("webhooks", "/projects/{environment}/webhooks-vnext", Items::Root),
    whole("workflows", "/projects/{environment}/workflows", Items::Root),
    whole("collections", "/projects/{environment}/collections", Items::Key("collections")),
    whole("folders", "/projects/{environment}/folders", Items::Key("folders")),
    whole("roles", "/projects/{environment}/roles", Items::Key("roles")),
];

/// A paged list at any path, whose items are the only array of a page unless [`Endpoint::items_in`] says otherwise.
pub const fn list(path: &str) -> Endpoint<'_> {
    Endpoint::new(path, Items::OnlyArray, PAGER).known_by("id")
}

/// Variants have no id of their own.
const fn variants(name: &'static str, path: &'static str) -> List {
    List { name, endpoint: Endpoint::new(path, Items::Key("variants"), PAGER) }
}

/// Items with their variants, filtered by what `body` says (early access). It is sent again for every page.
pub const fn filtered_items(body: &str) -> Endpoint<'_> {
    Endpoint::new("/projects/{environment}/items-with-variant/filter", Items::Key("variants"), PAGER)
        .with_body(Body::Json(body))
}

/// The items and variants that `body` names (early access). It is sent again for every page.
pub const fn bulk_items(body: &str) -> Endpoint<'_> {
    Endpoint::new("/projects/{environment}/items-with-variant/bulk-get", Items::Key("data"), PAGER)
        .with_body(Body::Json(body))
}
