//! What OpsRamp's lists hold. Members and their types are those of the samples in the vendor's own specification
//! (`opsramp/openapi-specs`) and of answers of the service as they were published; where the schema and its sample disagree,
//! the sample goes. A text that is missing is often an empty one here.
//!
//! Times are as `2019-08-02T10:24:16+0000`, without the colon in the offset that RFC 3339 demands; but some end in `Z`, some
//! have a space in the place of the `T`, some are empty, and some are numbers: milliseconds since 1970. So `V` says what they
//! are: see [`Varied`].

use crate::api::model::{Skipped, Varied};
use serde::Deserialize;

/// A device or another resource. The short form, which comes at once, has the same members, but fewer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Resource<S, L = Skipped, V = Varied<S>> {
    /// The id.
    pub id: S,
    /// The name.
    pub name: Option<S>,
    /// The name that the resource gives itself.
    pub resource_name: Option<S>,
    /// A second name.
    pub alias_name: Option<S>,
    /// The name of the host.
    pub host_name: Option<S>,
    /// The address.
    pub ip_address: Option<S>,
    /// `type`: the kind, such as `DEVICE`.
    #[serde(rename = "type")]
    pub kind: Option<S>,
    /// The kind within that, such as `Linux`.
    pub resource_type: Option<S>,
    /// The kind at the cloud or hypervisor that it is from.
    pub native_type: Option<S>,
    /// What tells it from others where it was found.
    pub identity: Option<S>,
    /// Who made it.
    pub make: Option<S>,
    /// What it is.
    pub model: Option<S>,
    /// Its serial number.
    pub serial_number: Option<S>,
    /// Whether it is managed: `active`, `inactive`, `discovered`.
    pub state: Option<S>,
    /// How it fares, such as `UNKNOWN`.
    pub status: Option<S>,
    /// What found it, such as `Gateway`.
    pub source: Option<S>,
    /// Whether an agent runs on it.
    pub agent_installed: Option<bool>,
    /// How the agent fares.
    pub agent_status: Option<S>,
    /// The client that it belongs to.
    pub client_unique_id: Option<S>,
    /// What it is managed by.
    pub management_profile: Option<Numbered<S>>,
    /// When it was added.
    pub created_date: Option<V>,
    /// When it changed last.
    pub updated_date: Option<V>,
    /// What it is marked with: [`Tag`]s.
    pub tags: Option<L>,
}

/// A tag of a resource.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tag<S> {
    /// The name.
    pub name: Option<S>,
    /// The value.
    pub value: Option<S>,
}

/// Something that has a number and a name.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Numbered<S> {
    /// The number.
    pub id: Option<i64>,
    /// A client's id, as it stands in paths.
    pub unique_id: Option<S>,
    /// The name.
    pub name: Option<S>,
}

/// An alert. Times, and the count of its repeats, are of type `V`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Alert<S, V = Varied<S>> {
    /// The id. Alerts have no member `id`.
    pub unique_id: S,
    /// What is the matter, in a line.
    pub subject: Option<S>,
    /// What is the matter.
    pub description: Option<S>,
    /// How bad it is, such as `Critical`.
    pub current_state: Option<S>,
    /// What was measured.
    pub metric: Option<S>,
    /// What measured it.
    pub service_name: Option<S>,
    /// Where it comes from, such as `Monitoring`.
    pub alert_type: Option<S>,
    /// What it is, such as `ALERT`.
    pub event_type: Option<S>,
    /// What became of it, such as `New`.
    pub status: Option<S>,
    /// `P0` to `P5`, or `N/A`.
    pub priority: Option<S>,
    /// Whether somebody has seen it.
    pub acknowledged: Option<bool>,
    /// Whether it is held back.
    pub suppressed: Option<bool>,
    /// Whether a ticket was made of it.
    pub ticketed: Option<bool>,
    /// Whether it is over.
    pub closed: Option<bool>,
    /// The client that it belongs to.
    pub client_unique_id: Option<S>,
    /// The tenant's number.
    pub tenant_id: Option<i64>,
    /// The tenant's name.
    pub tenant_name: Option<S>,
    /// What it is about.
    pub device: Option<Resource<S, Skipped, V>>,
    /// How often it came: a number within a text, as far as samples go.
    pub repeat_count: Option<V>,
    /// When it was raised.
    pub alert_time: Option<V>,
    /// When it was stored.
    pub created_date: Option<V>,
    /// When it changed last.
    pub updated_time: Option<V>,
}

/// An incident.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Incident<S, L = Skipped, V = Varied<S>> {
    /// The id, such as `INC0000000104`.
    pub id: S,
    /// What is the matter, in a line.
    pub subject: Option<S>,
    /// What is the matter.
    pub description: Option<S>,
    /// How it stands, such as `Resolved`.
    pub status: Option<S>,
    /// How it stood before.
    pub old_status: Option<S>,
    /// How urgent it is, such as `Low`.
    pub priority: Option<S>,
    /// Who asked.
    pub requester: Option<User<S>>,
    /// Who sees to it.
    pub assigned_user: Option<User<S>>,
    /// The group that sees to it.
    pub assignee_group: Option<Numbered<S>>,
    /// What it is about.
    pub category: Option<Numbered<S>>,
    /// The client that it belongs to.
    pub client: Option<Numbered<S>>,
    /// Where it comes from, such as `PORTAL`.
    pub source: Option<S>,
    /// What it is called elsewhere.
    pub ext_ticket_id: Option<S>,
    /// How often it was opened again.
    pub re_open_count: Option<i64>,
    /// When it was made.
    pub created_date: Option<V>,
    /// When it changed last.
    pub updated_date: Option<V>,
    /// When it has to be done.
    pub due_date: Option<V>,
    /// When it was solved.
    pub resolved_date: Option<V>,
    /// When it was closed.
    pub closed_date: Option<V>,
    /// What it is about: [`Resource`]s.
    pub resources: Option<L>,
}

/// A user.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct User<S> {
    /// The id, such as `USR0000000014`.
    pub id: Option<S>,
    /// The name that is logged in with.
    pub login_name: Option<S>,
    /// The first name.
    pub first_name: Option<S>,
    /// The last name.
    pub last_name: Option<S>,
    /// The address.
    pub email: Option<S>,
}

/// What a page says of the list and of the next page. `next_page` decides. The rest is not always true: samples with a next
/// page and zeros everywhere else were published.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Paging<S> {
    /// How many items there are in all.
    pub total_results: Option<i64>,
    /// What they are sorted by.
    pub order_by: Option<S>,
    /// Whether the last comes first.
    pub descending_order: Option<bool>,
    /// This page's number, from 1.
    pub page_no: Option<i64>,
    /// How many items a page has, or how many this one has.
    pub page_size: Option<i64>,
    /// How many pages there are.
    pub total_pages: Option<i64>,
    /// Whether another page follows.
    pub next_page: Option<bool>,
    /// Its number.
    pub next_page_no: Option<i64>,
    /// The number of the page before.
    pub previous_page_no: Option<i64>,
}

/// An error, in either of its two forms: `error` and `error_description`, or `code` and `message`. Policies are refused with an
/// array of the second.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem<S> {
    /// The kind of error, such as `throttled`.
    pub error: Option<S>,
    /// The error, for people.
    pub error_description: Option<S>,
    /// The kind of error: `0003` where there is nothing, `0005` where something is not ready yet.
    pub code: Option<S>,
    /// The error, for people.
    pub message: Option<S>,
    /// The field that is not as it should be.
    #[serde(rename = "fieldName")]
    pub field_name: Option<S>,
}
