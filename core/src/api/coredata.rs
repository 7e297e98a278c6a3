//! The CoreData API v2 of WISE, as its vendor documents it, on Tastypie: `Authorization: apikey user:key`, slashes at the end
//! of every path, `limit` and `offset` with `meta.next`. The base URL ends in `/api/v2`. No limit is documented.
//!
//! The server passes over filters that it does not know, and answers with everything.

use super::{Api, Endpoint, List};
use crate::auth::Credential;
use crate::cursor::Pager;
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
    maintenance: None,
};

const PAGER: Pager = Pager::Offset { parameter: "offset", more: "meta.next", total: "meta.total_count" };

const fn paged(name: &'static str, path: &'static str) -> List {
    List { name, endpoint: Endpoint::new(path, Items::Key("objects"), PAGER).known_by("id") }
}

/// The lists. `limit` may be given with [`Endpoint::with`]; the server lowers one that is too large, and that is no harm.
pub const LISTS: &[List] = &[
    paged("contacts", "/contacts/"),
    paged("files", "/files/"),
    paged("projects", "/projects/"),
    paged("spaces", "/spaces/"),
    paged("tasks", "/tasks/"),
];

/// What is in the file `{id}`. The server redirects to a store, which is asked without the credential.
pub const CONTENT: Endpoint<'static> = Endpoint::download("/files/{id}/content/");
