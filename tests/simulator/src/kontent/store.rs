//! The content items: those that were there from the beginning, and what has been made of them since. A change is kept;
//! all else is made when it is asked for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::data::{Item, Source, precise};
use super::problem::Problem;
use crate::random::Random;
use crate::text::{uuid, uuid_index};

/// The environment's content items.
#[derive(Clone, Debug)]
pub(super) struct Store {
    source: Source,
    /// How many were there from the beginning.
    original: u64,
    /// One more than the last place.
    end: u64,
    /// Items that were written, and those that were deleted as `None`.
    changes: BTreeMap<u64, Option<Item>>,
}

/// How an item is named in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    Id(&'a str),
    Codename(&'a str),
    ExternalId(&'a str),
}

impl<'a> Name<'a> {
    /// Out of the segments behind `items`.
    pub(super) fn of(segments: &[&'a str]) -> Option<Self> {
        match *segments {
            ["codename", name] if !name.is_empty() => Some(Self::Codename(name)),
            ["external-id", name] if !name.is_empty() => Some(Self::ExternalId(name)),
            [id] if !id.is_empty() => Some(Self::Id(id)),
            _ => None,
        }
    }

    fn is_of(self, item: &Item) -> bool {
        match self {
            Self::Id(id) => item.id == id,
            Self::Codename(codename) => item.codename == codename,
            Self::ExternalId(external_id) => item.external_id.as_deref() == Some(external_id),
        }
    }

    /// The place that an item of this name had from the beginning, if it had one.
    fn original_place(self) -> Option<u64> {
        match self {
            Self::Id(id) => uuid_index(id),
            Self::Codename(name) => name.strip_prefix("item_")?.parse().ok(),
            Self::ExternalId(name) => name.strip_prefix("external-")?.parse().ok(),
        }
    }
}

impl Store {
    pub(super) fn new(source: Source, items: u64) -> Self {
        Self { source, original: items, end: items, changes: BTreeMap::new() }
    }

    /// All items in their order from the `skipped`-th on.
    pub(super) fn from(&self, skipped: u64) -> impl Iterator<Item = Item> {
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let kept = (0..self.end).filter(|place| self.changes.get(place) != Some(&None));
        kept.skip(skipped).filter_map(|place| self.at(place))
    }

    pub(super) fn count(&self) -> u64 {
        self.end - self.changes.values().filter(|change| change.is_none()).count() as u64
    }

    pub(super) fn find(&self, name: Name<'_>) -> Option<Item> {
        self.place(name).and_then(|place| self.at(place))
    }

    /// A new item.
    pub(super) fn create(&mut self, now_ms: u64, body: &Value) -> Result<Item, Problem> {
        let name = required_name(body)?;
        let kind = body.get("type").filter(|kind| kind.is_object());
        let kind = kind.ok_or_else(|| Problem::wrong_member("type", "The 'type' property is required."))?;
        let external_id = body.get("external_id").and_then(Value::as_str);
        if external_id.is_some_and(|external_id| self.find(Name::ExternalId(external_id)).is_some()) {
            let message = "The 'external_id' is already used by another content item.";
            return Err(Problem::wrong_member("external_id", message));
        }
        let index = self.end;
        let mut random = Random::of(&[self.source.seed, index, 33]);
        let collection = body.get("collection").filter(|collection| collection.is_object());
        let item = Item {
            id: uuid(&mut random, index),
            name,
            codename: body["codename"].as_str().map_or_else(|| format!("new_item_{index}"), str::to_owned),
            kind: kind.to_string(),
            external_id: external_id.map(str::to_owned),
            collection: collection.map_or_else(
                || r#"{"id":"00000000-0000-0000-0000-000000000000"}"#.to_owned(),
                Value::to_string,
            ),
            last_modified: precise(now_ms, random.next()),
            novelty: None,
        };
        self.end += 1;
        self.changes.insert(index, Some(item.clone()));
        Ok(item)
    }

    /// The item with a new name, or a new item if it is named by an external id that is not there. Says whether it is
    /// new.
    pub(super) fn upsert(
        &mut self,
        now_ms: u64,
        name: Name<'_>,
        body: &Value,
    ) -> Result<(Item, bool), Problem> {
        if let Some(place) = self.place(name) {
            let text = required_name(body)?;
            return self.rename(now_ms, place, text).map(|item| (item, false));
        }
        let Name::ExternalId(external_id) = name else { return Err(Problem::not_found()) };
        let mut body = body.clone();
        if let Some(members) = body.as_object_mut() {
            members.insert("external_id".to_owned(), external_id.into());
        }
        self.create(now_ms, &body).map(|item| (item, true))
    }

    /// Carries out operations in their order, or none of them.
    pub(super) fn patch(&mut self, now_ms: u64, name: Name<'_>, body: &Value) -> Result<Item, Problem> {
        let place = self.place(name).ok_or_else(Problem::not_found)?;
        let operations = body.as_array().filter(|operations| !operations.is_empty());
        let operations =
            operations.ok_or_else(|| Problem::wrong_member("", "An array of operations is expected."))?;
        let mut text = None;
        for (number, operation) in operations.iter().enumerate() {
            text = Some(replaced_name(number, operation)?);
        }
        self.rename(now_ms, place, text.unwrap_or_default())
    }

    pub(super) fn delete(&mut self, name: Name<'_>) -> Result<(), Problem> {
        let place = self.place(name).ok_or_else(Problem::not_found)?;
        self.changes.insert(place, None);
        Ok(())
    }

    fn rename(&mut self, now_ms: u64, place: u64, name: String) -> Result<Item, Problem> {
        let item = self.at(place).ok_or_else(Problem::not_found)?;
        let item = Item { name, last_modified: precise(now_ms, place), ..item };
        self.changes.insert(place, Some(item.clone()));
        Ok(item)
    }

    fn at(&self, place: u64) -> Option<Item> {
        match self.changes.get(&place) {
            Some(change) => change.clone(),
            None => (place < self.original).then(|| self.source.item(place)),
        }
    }

    fn place(&self, name: Name<'_>) -> Option<u64> {
        let is_it = |place: &u64| self.at(*place).is_some_and(|item| name.is_of(&item));
        let original = name.original_place().filter(|place| *place < self.original).filter(is_it);
        original.or_else(|| self.changes.keys().copied().find(is_it))
    }
}

fn required_name(body: &Value) -> Result<String, Problem> {
    let name = body.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| Problem::wrong_member("name", "The 'name' property is required."))
}

/// The new name that an operation gives: the only one that an item knows.
fn replaced_name(number: usize, operation: &Value) -> Result<String, Problem> {
    let is = |member: &str, value: &str| operation.get(member).and_then(Value::as_str) == Some(value);
    let known = is("op", "replace") && (is("path", "/name") || is("property_name", "name"));
    let value = operation.get("value").and_then(Value::as_str).filter(|value| known && !value.is_empty());
    let path = format!("[{number}]");
    value.map(str::to_owned).ok_or_else(|| Problem::wrong_member(&path, "The operation is not supported."))
}
