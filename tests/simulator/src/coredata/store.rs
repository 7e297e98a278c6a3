//! The lists as they stand: which objects are in them, in which order, and what has been written.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::config::Change;
use super::data::{FRONT, Resource, Row};
use crate::date::iso_date_time;
use crate::random::Random;
use crate::text::{uuid, uuid_index};

/// All lists.
#[derive(Clone, Debug)]
pub(super) struct Store {
    seed: u64,
    items: u64,
    /// The places of each list's objects, in their order.
    orders: BTreeMap<Resource, VecDeque<u64>>,
    /// Objects that were written.
    changes: BTreeMap<(Resource, u64), Row>,
    /// The next place for an object at the end, and for one before the first.
    next: u64,
    next_at_front: u64,
}

impl Store {
    pub(super) fn new(seed: u64, items: u64) -> Self {
        let orders = Resource::ALL.map(|resource| (resource, (0..items).collect()));
        Self {
            orders: orders.into(),
            changes: BTreeMap::new(),
            next: items,
            next_at_front: FRONT,
            seed,
            items,
        }
    }

    pub(super) fn count(&self, resource: Resource) -> u64 {
        self.orders[&resource].len() as u64
    }

    /// All objects of a list from the `skipped`-th on.
    pub(super) fn from(&self, resource: Resource, skipped: u64) -> impl Iterator<Item = Row> {
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        self.orders[&resource].iter().skip(skipped).map(move |&place| self.at(resource, place))
    }

    pub(super) fn find(&self, resource: Resource, id: &str) -> Option<Row> {
        self.place(resource, id).map(|place| self.at(resource, place))
    }

    /// Objects come or go at the front.
    pub(super) fn drift(&mut self, resource: Resource, objects: u64, change: Change) {
        let order = self.orders.entry(resource).or_default();
        for _ in 0..objects {
            match change {
                Change::InsertedAtFront => {
                    order.push_front(self.next_at_front);
                    self.next_at_front += 1;
                }
                Change::RemovedFromFront => {
                    order.pop_front();
                }
            }
        }
    }

    /// A new object at the end.
    pub(super) fn create(&mut self, now_ms: u64, resource: Resource, body: &Value) -> Row {
        let place = self.next;
        self.next += 1;
        let now = iso_date_time(now_ms / 1_000);
        let made = Row::new(self.seed, resource, place, self.items);
        let row = Row { created: now, description: String::new(), ..made };
        self.orders.entry(resource).or_default().push_back(place);
        self.write(now_ms, place, row, body)
    }

    /// The object with the members that the body gives; `None` if there is none of this id.
    pub(super) fn change(&mut self, now_ms: u64, resource: Resource, id: &str, body: &Value) -> Option<Row> {
        let place = self.place(resource, id)?;
        let row = self.at(resource, place);
        Some(self.write(now_ms, place, row, body))
    }

    /// Whether there was such an object.
    pub(super) fn delete(&mut self, resource: Resource, id: &str) -> bool {
        let Some(place) = self.place(resource, id) else { return false };
        self.orders.entry(resource).or_default().retain(|&other| other != place);
        true
    }

    /// Every change gives the object another snapshot.
    fn write(&mut self, now_ms: u64, place: u64, row: Row, body: &Value) -> Row {
        let text = |name: &str, old: String| body[name].as_str().map_or(old, str::to_owned);
        let row = Row {
            title: text("title", row.title.clone()),
            description: text("description", row.description.clone()),
            identifier: text("identifier", row.identifier.clone()),
            parent: text("parent", row.parent.clone()),
            contact: text("contact", row.contact.clone()),
            due_date: body["due_date"].as_str().map(str::to_owned).or(row.due_date.clone()),
            modified: iso_date_time(now_ms / 1_000),
            snapshot_id: uuid(&mut Random::of(&[self.seed, now_ms, self.changes.len() as u64, 44]), now_ms),
            ..row
        };
        self.changes.insert((row.resource, place), row.clone());
        row
    }

    fn at(&self, resource: Resource, place: u64) -> Row {
        let change = self.changes.get(&(resource, place)).cloned();
        change.unwrap_or_else(|| Row::new(self.seed, resource, place, self.items))
    }

    fn place(&self, resource: Resource, id: &str) -> Option<u64> {
        let place = uuid_index(id)?;
        let present = self.orders[&resource].contains(&place);
        (present && self.at(resource, place).id == id).then_some(place)
    }
}
