//! What Kontent.ai's lists hold: content. Members and their types are those of the vendor's own SDK for JavaScript
//! (`lib/contracts` of `management-sdk-js`). The vendor may add members and values at any time without calling it a breaking
//! change, so nothing but what names an object is required. Times are as `2021-05-28T11:54:49.8609984Z`, in UTC, with seven
//! digits of a second. What surrounds content is in `settings.rs`.

use crate::api::model::Skipped;
use serde::Deserialize;

/// A reference to another object, by at least one of its names.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reference<S> {
    /// The id that the vendor gave it.
    pub id: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
}

/// A content item: what all its language variants have in common.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item<S> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
    /// `type`: the content type.
    #[serde(rename = "type")]
    pub kind: Option<Reference<S>>,
    /// The collection that it is in.
    pub collection: Option<Reference<S>>,
    /// When its metadata changed last.
    pub last_modified: Option<S>,
}

/// An item in one language. It has no id of its own: item and language tell it from others.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variant<S, L = Skipped> {
    /// The item.
    pub item: Reference<S>,
    /// The language.
    pub language: Option<Reference<S>>,
    /// The content: [`Element`]s.
    pub elements: Option<L>,
    /// Where in its workflow it is.
    pub workflow: Option<WorkflowPlace<S>>,
    /// When the content changed last.
    pub last_modified: Option<S>,
}

/// A variant's place in its workflow.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkflowPlace<S> {
    /// The workflow.
    pub workflow_identifier: Option<Reference<S>>,
    /// The step.
    pub step_identifier: Option<Reference<S>>,
}

/// What one element of a variant holds. What `V` has to be depends on the element: a text, a number, a list of references.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Element<S, V = Skipped> {
    /// The element of the content type.
    pub element: Option<Reference<S>>,
    /// The value.
    pub value: Option<V>,
}

/// An item and one of its variants, as the lists that are asked for by `POST` give them.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemWithVariant<S, L = Skipped> {
    /// The item.
    pub item: Item<S>,
    /// The variant, if there is one.
    pub variant: Option<Variant<S, L>>,
}

/// A content type, or a snippet, which has the same members.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentType<S, L = Skipped> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
    /// When it changed last.
    pub last_modified: Option<S>,
    /// What it consists of: [`TypeElement`]s.
    pub elements: Option<L>,
}

/// An element of a content type.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeElement<S> {
    /// The id.
    pub id: Option<S>,
    /// `type`: what it holds, such as `text` or `rich_text`. The vendor may add kinds.
    #[serde(rename = "type")]
    pub kind: Option<S>,
    /// The name for people. Guidelines and snippets have none.
    pub name: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
    /// Whether it must be filled in before a variant is published.
    pub is_required: Option<bool>,
}

/// A taxonomy: a tree of terms.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taxonomy<S, L = Skipped> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
    /// When it changed last.
    pub last_modified: Option<S>,
    /// The first level: [`Term`]s.
    pub terms: Option<L>,
}

/// A term of a taxonomy.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Term<S, L = Skipped> {
    /// The id.
    pub id: S,
    /// The name for people.
    pub name: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
    /// The level below.
    pub terms: Option<L>,
}

/// An asset: a file and what is said of it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asset<S, L = Skipped> {
    /// The id.
    pub id: S,
    /// The file's name.
    pub file_name: Option<S>,
    /// The title.
    pub title: Option<S>,
    /// The name for programs.
    pub codename: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
    /// `type`: the media type.
    #[serde(rename = "type")]
    pub media_type: Option<S>,
    /// The file's size in bytes.
    pub size: Option<u64>,
    /// An image's width in pixels.
    pub image_width: Option<u32>,
    /// An image's height in pixels.
    pub image_height: Option<u32>,
    /// Where the file can be had.
    pub url: Option<S>,
    /// The file.
    pub file_reference: Option<Reference<S>>,
    /// The folder that it is in.
    pub folder: Option<Reference<S>>,
    /// The collection that it is in.
    pub collection: Option<AssetCollection<S>>,
    /// When it changed last.
    pub last_modified: Option<S>,
    /// What it shows, in each language: [`AssetDescription`]s.
    pub descriptions: Option<L>,
}

/// The collection of an asset, which is wrapped once more than that of an item.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssetCollection<S> {
    /// The collection.
    pub reference: Option<Reference<S>>,
}

/// What an asset shows, in one language.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssetDescription<S> {
    /// The language.
    pub language: Option<Reference<S>>,
    /// The description.
    pub description: Option<S>,
}

/// A rendition: an asset, cut out and scaled.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendition<S> {
    /// The id.
    pub rendition_id: S,
    /// The asset.
    pub asset_id: Option<S>,
    /// The id that it was given from outside.
    pub external_id: Option<S>,
    /// What is done with the asset.
    pub transformation: Option<Transformation<S>>,
    /// When it changed last.
    pub last_modified: Option<S>,
}

/// What a rendition does with its asset. All lengths are in pixels.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transformation<S> {
    /// What is cut out, such as `rect`.
    pub mode: Option<S>,
    /// How that is made to fit, such as `clip`.
    pub fit: Option<S>,
    /// The width in the end.
    pub custom_width: Option<u32>,
    /// The height in the end.
    pub custom_height: Option<u32>,
    /// Where the cut begins, from the left.
    pub x: Option<u32>,
    /// Where the cut begins, from the top.
    pub y: Option<u32>,
    /// The width of the cut.
    pub width: Option<u32>,
    /// The height of the cut.
    pub height: Option<u32>,
}
