//! What CoreData's lists hold. Members are those of the samples on the vendor's page "API v2"; `due_date` is from an open
//! client in Java. The page says that times end in `Z`, and its samples have none: `2024-02-26T12:17:21`; a date may also
//! stand alone. Values of enumerations are codes, as `contact_role:customer:`, with a colon at the end.

use crate::api::model::Skipped;
use serde::Deserialize;

/// A file, a project, a space or a task. They share most of their members; one that a kind does not have is `None`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Object<S, L = Skipped> {
    /// The id, which never changes.
    pub id: S,
    /// Changes whenever the object does, so it tells whether it has to be read again.
    pub snapshot_id: Option<S>,
    /// `type`: the kind, such as `Space`.
    #[serde(rename = "type")]
    pub kind: Option<S>,
    /// The kind within that.
    pub dynatype: Option<Dynatype<S>>,
    /// The title.
    pub title: Option<S>,
    /// What it is about.
    pub description: Option<S>,
    /// How it stands, as a code.
    pub status: Option<S>,
    /// Where it is in the tree of folders.
    pub path: Option<S>,
    /// Its own path, below the origin.
    pub resource_uri: Option<S>,
    /// Its version, such as `0.1`.
    pub version: Option<S>,
    /// Whether it is not shown.
    pub is_hidden: Option<bool>,
    /// When it was made.
    pub created: Option<S>,
    /// Who made it.
    pub created_by: Option<S>,
    /// When it changed last.
    pub modified: Option<S>,
    /// Who changed it.
    pub modified_by: Option<S>,
    /// The day by which a task has to be done.
    pub due_date: Option<S>,
    /// What it is marked with: texts.
    pub tags: Option<L>,
}

/// A person or a company. `E` is the list of addresses and `P` that of telephones.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact<S, E = Skipped, P = Skipped> {
    /// The id, which never changes.
    pub id: S,
    /// Changes whenever the contact does.
    pub snapshot_id: Option<S>,
    /// `type`: always `Contact` in the samples.
    #[serde(rename = "type")]
    pub kind: Option<S>,
    /// The kind within that, such as a person.
    pub dynatype: Option<Dynatype<S>>,
    /// The name.
    pub title: Option<S>,
    /// The number by which the state knows the contact.
    pub identifier: Option<S>,
    /// What the contact is to whoever runs the service, as a code.
    pub role: Option<S>,
    /// How it stands, as a code.
    pub status: Option<S>,
    /// When it was made.
    pub created: Option<S>,
    /// When it changed last.
    pub modified: Option<S>,
    /// The addresses: [`Email`]s.
    pub emails: Option<E>,
    /// The telephones: [`Phone`]s.
    pub phones: Option<P>,
}

/// A kind that a tenant has defined. Where there is none, the server writes an empty object.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dynatype<S> {
    /// The id.
    pub id: Option<S>,
    /// The name.
    pub title: Option<S>,
    /// What one of the kind is called, as a code.
    pub caption_singular: Option<S>,
    /// What several are called, as a code.
    pub caption_plural: Option<S>,
}

/// An address of a contact.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Email<S> {
    /// The address, which may be empty.
    pub email: Option<S>,
    /// What it is for, as a code.
    pub label: Option<S>,
}

/// A telephone of a contact.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phone<S> {
    /// The number.
    pub number: Option<S>,
    /// What it is for, as a code.
    pub label: Option<S>,
}

/// `meta`: what a page says of the list. The vendor's page gives two meanings to the count.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta<S> {
    /// How many objects were asked for, or how many the server allows.
    pub limit: Option<i64>,
    /// How many objects come before this page.
    pub offset: Option<i64>,
    /// The path and query of the next page; absent where everything was asked for at once.
    pub next: Option<S>,
    /// The path and query of the page before.
    pub previous: Option<S>,
    /// How many objects there are.
    pub total_count: Option<i64>,
}

/// An error, as Tastypie words it. Many have no body at all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem<S> {
    /// What is wrong with the request, escaped for HTML.
    pub error: Option<S>,
    /// What went wrong in the server.
    pub error_message: Option<S>,
}
