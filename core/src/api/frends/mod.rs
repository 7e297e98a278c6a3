//! The Frends platform API, as its vendor documents it: OAuth 2.0 client credentials of Entra ID, `PageNumber` and
//! `PageSize` with `paging.nextPage`, a continuation token for process instances, `data` around lists and single objects.
//! The base URL is `https://{tenant}.frendsapp.com/api/v1`. No limit is documented.
//!
//! Tokens are granted by `https://login.microsoftonline.com/{entra tenant}/oauth2/token`, for the resource that is the API's
//! application id URI: [`RESOURCE`]. The link to the next page is not followed: pages are counted, and the link only says
//! whether one more follows.

use super::{Api, Endpoint, List};
use crate::auth::{Credential, TokenRules};
use crate::cursor::{Pager, Place};
use crate::http::{Body, Method};
use crate::page::Items;
use crate::quota::Windows;
use crate::time::Duration;

#[cfg(feature = "serde")]
mod models;
#[cfg(feature = "serde")]
pub use models::{
    AgentGroup, ApiSpecification, Data, Environment, EnvironmentVariable, Instance, Paging, Passthrough,
    PassthroughHeader, PassthroughTarget, ProblemDetails, Process, ProcessDeployment,
};

/// The API.
pub const API: Api = Api {
    name: "Frends Platform API v1",
    credential: Credential::Token(TokenRules {
        expired: &[401],
        early: Duration::from_secs(60),
        lifetime: Duration::from_secs(600),
    }),
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

/// The field that names the resource when a token is asked for.
pub const RESOURCE: &str = "resource";

const PAGER: Pager = Pager::Page {
    parameter: "PageNumber",
    more: "paging.nextPage",
    next: None,
    total: Some("paging.totalCount"),
};

const INSTANCES: Pager =
    Pager::Token { place: Place::Query("continuationToken"), field: "nextContinuationToken" };

const fn paged(name: &'static str, path: &'static str) -> List {
    List { name, endpoint: list(path) }
}

const fn whole(name: &'static str, path: &'static str) -> List {
    List { name, endpoint: Endpoint::new(path, Items::Key("data"), Pager::None) }
}

/// The lists. What is in braces is to be given with [`Endpoint::with`].
pub const LISTS: &[List] = &[
    paged("api-specifications", "/api-management/api-specifications"),
    paged("processes", "/processes"),
    List { name: "process-deployments", endpoint: list("/process-deployments").known_by("deploymentId") },
    paged("process-templates", "/process-templates"),
    paged("environment-variables", "/environment-variables"),
    List {
        name: "instances",
        endpoint: Endpoint::new("/instances/{agentGroupId}", Items::Key("data"), INSTANCES),
    },
    whole("api-passthrough", "/api-management/api-specifications/{id}/{apiVersion}/api-passthrough"),
    whole("environments", "/environments"),
];

/// A paged list at any path.
pub const fn list(path: &str) -> Endpoint<'_> {
    Endpoint::new(path, Items::Key("data"), PAGER).known_by("id").saying_where("paging.currentPage")
}

const SPECIFICATIONS: &str = "/api-management/api-specifications";
const SPECIFICATION: &str = "/api-management/api-specifications/{id}";

/// Creates a specification out of its text, which is sent as one JSON string. 201.
pub const fn create(specification: &str) -> Endpoint<'_> {
    Endpoint::call(Method::Post, SPECIFICATIONS).with_body(Body::JsonString(specification))
}

/// Replaces the text of the specification `{id}`. 200 without a body.
pub const fn update(specification: &str) -> Endpoint<'_> {
    Endpoint::call(Method::Put, SPECIFICATION).with_body(Body::JsonString(specification))
}

/// Reads the specification `{id}`.
pub const READ: Endpoint<'static> = Endpoint::call(Method::Get, SPECIFICATION);

/// Reads the version `{apiVersion}` of the specification `{id}`.
pub const READ_VERSION: Endpoint<'static> =
    Endpoint::call(Method::Get, "/api-management/api-specifications/{id}/{apiVersion}");

/// Imports a specification from a file. 201. The vendor warns that this may take very long: give the call
/// settings with a long `head_timeout`. It is never sent twice.
pub const fn import<'a>(name: &'a str, bytes: &'a [u8]) -> Endpoint<'a> {
    Endpoint::call(Method::Post, "/api-management/api-specifications/import").with_body(Body::File {
        part: "file",
        name,
        bytes,
    })
}

/// Publishes the active version of the specification `{id}`; `body` may have a `changeDescription`. 200 without a body.
pub const fn publish(body: &str) -> Endpoint<'_> {
    Endpoint::call(Method::Post, "/api-management/api-specifications/{id}/publish")
        .with_body(Body::Json(body))
}

/// Begins to deploy the version `{apiVersion}` of the specification `{id}` to the agent group `{agentGroupId}`. 200 without a
/// body.
pub const DEPLOY: Endpoint<'static> = Endpoint::call(
    Method::Post,
    "/api-management/api-specifications/{id}/{apiVersion}/deploy/{agentGroupId}",
);

/// Removes the specification `{id}` from the agent group `{agentGroupId}`; from the default one last, and then for good. 204.
pub const DELETE: Endpoint<'static> =
    Endpoint::call(Method::Delete, "/api-management/api-specifications/{id}/agent-group/{agentGroupId}");

/// Makes a process template for one operation: `body` has its `path` and `operation`. It changes nothing.
pub const fn process_template(body: &str) -> Endpoint<'_> {
    Endpoint::call(Method::Post, "/api-management/api-specifications/{id}/{apiVersion}/processTemplate")
        .with_body(Body::Json(body))
        .repeatable()
}

/// Creates a passthrough configuration. 201.
pub const fn create_passthrough(body: &str) -> Endpoint<'_> {
    Endpoint::call(Method::Post, "/api-management/api-specifications/{id}/{apiVersion}/api-passthrough")
        .with_body(Body::Json(body))
}

/// Replaces the passthrough configuration `{passthroughConfigId}`.
pub const fn update_passthrough(body: &str) -> Endpoint<'_> {
    Endpoint::call(
        Method::Put,
        "/api-management/api-specifications/{id}/{apiVersion}/api-passthrough/{passthroughConfigId}",
    )
    .with_body(Body::Json(body))
}

/// Removes the passthrough configuration `{passthroughConfigId}`. 204.
pub const DELETE_PASSTHROUGH: Endpoint<'static> = Endpoint::call(
    Method::Delete,
    "/api-management/api-specifications/{id}/{apiVersion}/api-passthrough/{passthroughConfigId}",
);
