//! What the lists of the Frends platform hold. Members and their types are those of the OpenAPI fragments on the vendor's
//! pages (`docs.frends.com`, "Platform API reference"). Its samples are generated: a text such as `[Circular Reference]` is a
//! gap in them and no value. Times are in UTC and as RFC 3339 has them. Diagrams (`bpmn`) and other documents within a text
//! are left out.

use crate::api::model::Skipped;
use serde::Deserialize;

pub use crate::api::model::ProblemDetails;

/// What single objects, and what was created, are wrapped in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Data<T> {
    /// The object.
    pub data: T,
}

/// An API specification.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApiSpecification<S> {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: Option<S>,
    /// The version that is worked on.
    pub active_version: Option<i32>,
    /// What it is for.
    pub description: Option<S>,
}

/// A passthrough configuration: where calls of a path are sent on to. `H` is the list of headers and `O` that of origins.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Passthrough<S, H = Skipped, O = Skipped> {
    /// The id.
    pub id: i64,
    /// The version of the specification that it is of.
    pub api_version_id: Option<i64>,
    /// The path. The default one has none.
    pub path: Option<S>,
    /// The HTTP method. The default one has none.
    pub method: Option<S>,
    /// Whether it is for every path and method.
    pub is_default: Option<bool>,
    /// Whether browsers may call it from other origins.
    pub cors_enabled: Option<bool>,
    /// Where calls go.
    pub target_url: Option<PassthroughTarget<S>>,
    /// Who changed it.
    pub modifier: Option<S>,
    /// When it changed last.
    pub modified: Option<S>,
    /// What is done to the headers: [`PassthroughHeader`]s.
    pub headers: Option<H>,
    /// The origins that browsers may call it from: texts.
    pub allowed_origins: Option<O>,
}

/// Where calls are sent on to, in parts.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PassthroughTarget<S> {
    /// The server.
    pub server: Option<S>,
    /// The path that all operations share.
    pub base_path: Option<S>,
    /// The path of the operation.
    pub operation_path: Option<S>,
    /// The query.
    pub query: Option<S>,
}

/// What is done to a header on the way.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassthroughHeader<S> {
    /// What is done.
    pub action: Option<S>,
    /// The header's name.
    pub name: Option<S>,
    /// Its value.
    pub value: Option<S>,
}

/// A process, or a template of one, which has the same members, but fewer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Process<S> {
    /// The id of this version.
    pub id: i64,
    /// What all versions have in common.
    pub unique_identifier: Option<S>,
    /// The name.
    pub name: Option<S>,
    /// What it is for.
    pub description: Option<S>,
    /// What was changed in this version.
    pub change_description: Option<S>,
    /// The number of this build.
    pub version: Option<i32>,
    /// The first part of the version.
    pub major_version: Option<i32>,
    /// The second part of the version.
    pub minor_version: Option<i32>,
    /// Whether it was deleted.
    pub is_deleted: Option<bool>,
    /// Whether there is a newer version.
    pub is_not_latest_version: Option<bool>,
    /// Whether it is a draft.
    pub is_draft: Option<bool>,
    /// Whether other processes call it.
    pub is_subprocess: Option<bool>,
    /// What it runs on.
    pub target_framework: Option<S>,
    /// The version of Frends that it was made with.
    pub frends_version: Option<S>,
    /// The specification that it serves.
    pub api_spec_id: Option<i64>,
    /// Who changed it.
    pub modifier: Option<S>,
    /// When it changed last.
    pub modified: Option<S>,
}

/// A process on an agent group.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProcessDeployment<S> {
    /// The id. No sample has a member `id`.
    pub deployment_id: Option<i64>,
    /// The id of the version.
    pub process_id: Option<i64>,
    /// The process's name.
    pub process_name: Option<S>,
    /// What all versions of the process have in common.
    pub process_guid: Option<S>,
    /// The version, in three parts.
    pub process_version: Option<S>,
    /// The number of the build.
    pub process_build_version: Option<i32>,
    /// When it was deployed.
    pub deployed_at_utc: Option<S>,
    /// Who deployed it.
    pub deployed_by: Option<S>,
    /// What was said of it.
    pub description: Option<S>,
    /// Whether it can be started.
    pub triggers_active: Option<bool>,
    /// Where it is.
    pub agent_group: Option<AgentGroup<S>>,
}

/// A group of agents.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentGroup<S> {
    /// The id.
    pub id: i64,
    /// The name for people.
    pub display_name: Option<S>,
    /// The name for Frends itself.
    pub internal_name: Option<S>,
    /// Whether its agents may run on any system.
    pub is_cross_platform: Option<bool>,
}

/// An environment.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Environment<S, L = Skipped> {
    /// The id.
    pub id: i64,
    /// The name for people.
    pub display_name: Option<S>,
    /// The name for Frends itself.
    pub internal_name: Option<S>,
    /// What it consists of: [`AgentGroup`]s.
    pub agent_groups: Option<L>,
}

/// An environment variable. `V` is the list of its values, one for each environment, and `C` that of its children, which have
/// its members. Secrets are among the values, so they are not read unless asked for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EnvironmentVariable<S, V = Skipped, C = Skipped> {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: Option<S>,
    /// `type`: what it holds, such as `String` or `Secret`.
    #[serde(rename = "type")]
    pub kind: Option<S>,
    /// The values.
    pub values: Option<V>,
    /// The variables below it.
    pub child_schemas: Option<C>,
}

/// A run of a process.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Instance<S> {
    /// The id.
    pub id: i64,
    /// The run that started it.
    pub parent_id: Option<i64>,
    /// What is run.
    pub process_id: Option<i32>,
    /// What the first run of the chain runs.
    pub root_process_id: Option<i32>,
    /// The version of what is run.
    pub process_version: Option<i32>,
    /// How it went, such as `Ok`.
    pub state: Option<S>,
    /// When it began.
    pub start_time_utc: Option<S>,
    /// When it ended.
    pub end_time_utc: Option<S>,
    /// The id by which details are asked for.
    pub execution_id: Option<S>,
    /// What started it.
    pub trigger_id: Option<i32>,
    /// Where it ran.
    pub agent_id: Option<i32>,
    /// The environment of that agent.
    pub environment_id: Option<i32>,
    /// The group of that agent.
    pub agent_group_id: Option<i32>,
    /// What it failed with.
    pub exception: Option<S>,
    /// Who started it.
    pub user_name: Option<S>,
    /// Whether its steps were logged.
    pub has_logged_steps: Option<bool>,
    /// When its failure was acknowledged.
    pub acknowledged_utc: Option<S>,
}

/// `paging`: what a page says of the list.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Paging<S> {
    /// This page's number, from 1.
    pub current_page: Option<i32>,
    /// How many items a page has.
    pub page_size: Option<i32>,
    /// How many items there are in all.
    pub total_count: Option<i32>,
    /// The URL of the first page.
    pub first_page: Option<S>,
    /// The URL of the last page.
    pub last_page: Option<S>,
    /// The URL of the next page; `None` at the end.
    pub next_page: Option<S>,
    /// The URL of the page before.
    pub previous_page: Option<S>,
}
