//! The CoManage External API, version 1, as its vendor documents it: a key in `X-API-KEY`, 200 requests in a fixed
//! window of 60 seconds shared by all keys of a project, `afterId` and `nextPageKey`, announced maintenance.
//!
//! Paths, and the name of the member that holds the items, are published per tenant only. So the caller gives the
//! path, and without a name the only array of a page is taken; [`Endpoint::items_in`] names another.

use super::{Api, Endpoint};
use crate::auth::Credential;
use crate::cursor::{Ends, Pager};
use crate::http::{Method, Parameter, WindowFields};
use crate::maintenance::MaintenanceRules;
use crate::page::Items;
use crate::quota::{LimiterKind, Window, Windows};
use crate::time::Duration;

#[cfg(feature = "serde")]
pub use super::model::ProblemDetails;

/// The API. The limit is the vendor's default; a deployment may have another.
pub const API: Api = Api {
    name: "CoManage External API v1",
    credential: Credential::Field { name: "x-api-key", scheme: "" },
    windows: Windows::one(WINDOW),
    rejected: &[429],
    // What an expired, revoked or unknown key is answered with is not documented; these are what there is for it.
    credential_refused: &[401, 403],
    not_found: &[],
    not_ready: &[],
    repeatable: Method::IDEMPOTENT,
    says_limits: false,
    is_sequential: false,
    maintenance: Some(MaintenanceRules {
        fields: WindowFields { start: "x-upcoming-maintenance-start", end: "x-upcoming-maintenance-end" },
        status: 503,
        problem_type: "https://schemas.nti.biz/comanage/errors/under-maintenance",
        poll: Duration::from_secs(60),
    }),
};

/// The vendor's default limit, in fixed windows.
pub const WINDOW: Window = Window::new(200, Duration::from_secs(60)).kind(LimiterKind::Fixed);

const PAGER: Pager = Pager::Key { parameter: "afterId", field: "nextPageKey" };

/// A list that needs no parameter. The vendor documents that `nextPageKey` is there as long as more records exist, so the last
/// page lacks it.
pub const fn list(path: &str) -> Endpoint<'_> {
    Endpoint::new(path, Items::OnlyArray, PAGER).ending_by(Ends::ABSENCE)
}

/// The objects of a view. `viewId` goes into the path if it holds `{viewId}`, else into the query.
pub const fn view_objects(path: &str, view_id: i64) -> Endpoint<'_> {
    list(path).with("viewId", Parameter::Int(view_id))
}
