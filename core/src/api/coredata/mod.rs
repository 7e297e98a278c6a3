//! The CoreData API v2 of WISE, as its vendor documents it, on Tastypie: `Authorization: apikey user:key`, slashes at the end
//! of every path, `limit` and `offset` with `meta.next`. The base URL ends in `/api/v2`. No limit is documented.
//!
//! The server passes over filters that it does not know, and answers with everything: a [`Filter`] is one that it knows.

mod filter;

pub use filter::{Field, Filter, FilterError, Operator, Resource, filtered};

use super::{Api, Endpoint, List};
use crate::auth::Credential;
use crate::cursor::Pager;
use crate::http::Method;
use crate::page::Items;
use crate::quota::Windows;

#[cfg(feature = "serde")]
mod models;
#[cfg(feature = "serde")]
pub use models::{Contact, Dynatype, Email, Meta, Object, Phone, Problem};

/// The API. The credential is the user's name, a colon and the key.
pub const API: Api = Api {
    name: "CoreData API v2",
    credential: Credential::Field { name: "authorization", scheme: "apikey " },
    windows: Windows::NONE,
    rejected: &[429],
    credential_refused: &[401, 403],
    not_found: &[],
    not_ready: &[],
    repeatable: Method::IDEMPOTENT,
    says_limits: false,
    is_sequential: false,
    maintenance: None,
};

const PAGER: Pager = Pager::Offset { parameter: "offset", more: "meta.next", total: "meta.total_count" };

const fn paged(resource: Resource) -> List {
    List { name: resource.name(), endpoint: list(resource.path()) }
}

/// The lists. `limit` may be given with [`Endpoint::with`]; the server lowers one that is too large, and that is no harm.
/// [`filtered`] gives a part of one.
pub const LISTS: &[List] = &[
    paged(Resource::Contacts),
    paged(Resource::Files),
    paged(Resource::Projects),
    paged(Resource::Spaces),
    paged(Resource::Tasks),
];

/// A list at any path, which ends in a slash.
pub const fn list(path: &str) -> Endpoint<'_> {
    Endpoint::new(path, Items::Key("objects"), PAGER)
        .known_by("id")
        .saying_where("meta.offset")
        .saying_size("meta.limit")
}

/// What is in the file `{id}`. The server redirects to a store, which is asked without the credential.
pub const CONTENT: Endpoint<'static> = Endpoint::download("/files/{id}/content/");
