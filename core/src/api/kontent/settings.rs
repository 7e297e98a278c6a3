//! What Kontent.ai's lists hold beside content: how an environment is set up, the projects and users of a subscription, what
//! is wrong with content; and the members around a list and of an error. Sources and rules are those of `models.rs`.

use super::models::Reference;
use crate::api::model::Skipped;
use serde::Deserialize;

/// A space, a collection, a role or a folder: what all four have in common.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named<S> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
}

/// A language.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Language<S> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// The name for programs, such as `en-GB`.
    pub codename: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
    /// Whether it can be written in.
    pub is_active: Option<bool>,
    /// Whether it is the environment's first.
    pub is_default: Option<bool>,
    /// The language whose content stands in for content that is missing.
    pub fallback_language: Option<Reference<S>>,
}

/// A workflow.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Workflow<S, L = Skipped> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// The steps before the last ones: [`Named`].
    pub steps: Option<L>,
}

/// A webhook. Its secret is not read: what is not in memory cannot leak.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Webhook<S> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// Where events are sent.
    pub url: Option<S>,
    /// Whether they are.
    pub enabled: Option<bool>,
    /// How that went lately.
    pub health_status: Option<S>,
    /// When it changed last.
    pub last_modified: Option<S>,
}

/// A custom app.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct CustomApp<S> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// Where it is served.
    pub source_url: Option<S>,
    /// Its configuration, a text that often is JSON.
    pub config: Option<S>,
    /// How it is shown, such as `fullScreen`.
    pub display_mode: Option<S>,
}

/// A variant or content type in which a validation found something.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issue<S, L = Skipped> {
    /// What it is of, such as `variant_issue`.
    pub issue_type: Option<S>,
    /// The item, of an issue of a variant.
    pub item: Option<Named<S>>,
    /// The language, of an issue of a variant.
    pub language: Option<Named<S>>,
    /// `type`: the content type, of an issue of one.
    #[serde(rename = "type")]
    pub kind: Option<Named<S>>,
    /// What was found.
    pub issues: Option<L>,
}

/// A project of a subscription.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Project<S, L = Skipped> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// Whether it can be used.
    pub is_active: Option<bool>,
    /// Its environments: [`Named`].
    pub environments: Option<L>,
}

/// A user of a subscription.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct User<S, L = Skipped> {
    /// The id.
    pub id: S,
    /// The first name.
    pub first_name: Option<S>,
    /// The last name.
    pub last_name: Option<S>,
    /// The address.
    pub email: Option<S>,
    /// Whether an invitation was not answered yet.
    pub has_pending_invitation: Option<bool>,
    /// The projects that are open to the user: [`Named`].
    pub projects: Option<L>,
}

/// What a page says of the next one. The token decides; `next_page` is there for people, and the two do not always agree.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pagination<S> {
    /// What asks for the next page; `None` at the end.
    pub continuation_token: Option<S>,
    /// A URL of the next page.
    pub next_page: Option<S>,
}

/// An error. What goes wrong is told by the code; the vendor may rewrite the message at any time.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem<S, L = Skipped> {
    /// What the vendor's support asks for.
    pub request_id: Option<S>,
    /// The kind of error: 5 for a body that is not valid, 7 for a key that was revoked, 10000 at the limit.
    pub error_code: Option<i64>,
    /// For people.
    pub message: Option<S>,
    /// What is wrong with the body: [`ValidationError`]s.
    pub validation_errors: Option<L>,
}

/// What is wrong with a body, and where.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValidationError<S> {
    /// For people.
    pub message: Option<S>,
    /// The member.
    pub path: Option<S>,
    /// The line of the body.
    pub line: Option<u32>,
    /// The place in that line.
    pub position: Option<u32>,
}
