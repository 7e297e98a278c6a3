//! The rows of OpsRamp's lists, tenant by tenant: made ones, until somebody writes. New rows come in at the front, as the
//! newest do in the vendor's lists.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::config::{Config, Drift};
use super::filter::Filter;
use super::item;
use super::list::List;
use crate::random::Random;
use crate::text::uuid;

/// All that the tenants have.
#[derive(Clone, Debug)]
pub(super) struct Store {
    seed: u64,
    tables: BTreeMap<(String, List), Table>,
}

/// A list's rows.
#[derive(Clone, Debug)]
struct Table {
    rows: Vec<Row>,
    /// The number of the next row that comes in.
    next: u64,
}

/// A row.
#[derive(Clone, Debug)]
pub(super) enum Row {
    /// The item of this number.
    Made(u64),
    /// What somebody wrote.
    Written { id: String, members: Map<String, Value> },
}

impl Store {
    pub(super) fn new(config: &Config, seed: u64) -> Self {
        let table = || Table { rows: (0..config.items).map(Row::Made).collect(), next: config.items };
        let lists = |tenant: &str| List::ALL.map(|list| ((tenant.to_owned(), list), table()));
        Self { seed, tables: config.tenants.iter().flat_map(|tenant| lists(&tenant.id)).collect() }
    }

    /// The rows that match, in their order or the other way round.
    pub(super) fn selected(&self, tenant: &str, list: List, filter: &Filter, descending: bool) -> Vec<&Row> {
        let Some(table) = self.table(tenant, list) else { return Vec::new() };
        let matches = |row: &&Row| filter.is_empty() || filter.matches(&self.text(list, row));
        let mut rows: Vec<&Row> = table.rows.iter().filter(matches).collect();
        if descending {
            rows.reverse();
        }
        rows
    }

    /// A row's exact bytes.
    pub(super) fn text(&self, list: List, row: &Row) -> Vec<u8> {
        match row {
            Row::Made(number) => item::item(self.seed, list, *number),
            Row::Written { members, .. } => Value::Object(members.clone()).to_string().into_bytes(),
        }
    }

    /// The short form of a resource.
    pub(super) fn minimal(&self, row: &Row) -> Vec<u8> {
        match row {
            Row::Made(number) => item::minimal(self.seed, *number),
            Row::Written { members, .. } => {
                let kept = ["id", "hostName", "name", "ipAddress"].into_iter();
                let short =
                    kept.filter_map(|name| Some((name.to_owned(), members.get(name)?.clone()))).collect();
                Value::Object(short).to_string().into_bytes()
            }
        }
    }

    pub(super) fn find(&self, tenant: &str, list: List, id: &str) -> Option<&Row> {
        let place = self.place(tenant, list, id)?;
        self.table(tenant, list)?.rows.get(place)
    }

    /// A new row. Returns its bytes.
    pub(super) fn create(&mut self, tenant: &str, list: List, members: Map<String, Value>) -> Vec<u8> {
        let next = self.table(tenant, list).map_or(0, |table| table.next);
        let id = match list {
            List::Incidents => item::id(self.seed, list, next),
            _ => uuid(&mut Random::of(&[self.seed, list.number(), next, 8]), next),
        };
        let row = written(list, id, members);
        let text = self.text(list, &row);
        if let Some(table) = self.table_mut(tenant, list) {
            table.next += 1;
            table.rows.insert(0, row);
        }
        text
    }

    /// A row with these members in place of its own of the same names; `None` if there is no such row.
    pub(super) fn update(
        &mut self,
        tenant: &str,
        list: List,
        id: &str,
        changes: Map<String, Value>,
    ) -> Option<Vec<u8>> {
        let place = self.place(tenant, list, id)?;
        let before = self.text(list, self.find(tenant, list, id)?);
        let mut members: Map<String, Value> = serde_json::from_slice(&before).ok()?;
        members.extend(changes);
        let row = written(list, id.to_owned(), members);
        let text = self.text(list, &row);
        *self.table_mut(tenant, list)?.rows.get_mut(place)? = row;
        Some(text)
    }

    /// Writes over a row, or makes one of this id. Returns its bytes.
    pub(super) fn overwrite(
        &mut self,
        tenant: &str,
        list: List,
        id: &str,
        members: Map<String, Value>,
    ) -> Vec<u8> {
        let place = self.place(tenant, list, id);
        let row = written(list, id.to_owned(), members);
        let text = self.text(list, &row);
        if let Some(table) = self.table_mut(tenant, list) {
            match place.and_then(|place| table.rows.get_mut(place)) {
                Some(known) => *known = row,
                None => table.rows.insert(0, row),
            }
        }
        text
    }

    /// Whether there was such a row.
    pub(super) fn delete(&mut self, tenant: &str, list: List, id: &str) -> bool {
        let place = self.place(tenant, list, id);
        let table = self.table_mut(tenant, list);
        place.zip(table).map(|(place, table)| table.rows.remove(place)).is_some()
    }

    /// Moves every list.
    pub(super) fn drift(&mut self, drift: Drift) {
        for table in self.tables.values_mut() {
            let newest = table.next..table.next + drift.inserted;
            table.next = newest.end;
            table.rows.splice(0..0, newest.rev().map(Row::Made));
            let removed = usize::try_from(drift.removed).unwrap_or(usize::MAX).min(table.rows.len());
            table.rows.drain(..removed);
        }
    }

    fn place(&self, tenant: &str, list: List, id: &str) -> Option<usize> {
        let is_it = |row: &Row| match row {
            Row::Made(number) => item::id(self.seed, list, *number) == id,
            Row::Written { id: known, .. } => known == id,
        };
        self.table(tenant, list)?.rows.iter().position(is_it)
    }

    fn table(&self, tenant: &str, list: List) -> Option<&Table> {
        self.tables.get(&(tenant.to_owned(), list))
    }

    fn table_mut(&mut self, tenant: &str, list: List) -> Option<&mut Table> {
        self.tables.get_mut(&(tenant.to_owned(), list))
    }
}

/// A row that carries its id, whatever the members say of it.
fn written(list: List, id: String, mut members: Map<String, Value>) -> Row {
    if let Some(name) = list.id_member() {
        members.insert(name.to_owned(), Value::String(id.clone()));
    }
    Row::Written { id, members }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "client_99999";

    fn ids(store: &Store) -> Vec<String> {
        let rows = store.selected(TENANT, List::Incidents, &Filter::default(), false);
        let texts = rows.into_iter().map(|row| store.text(List::Incidents, row));
        let parsed = texts.map(|text| serde_json::from_slice::<Value>(&text).expect("JSON"));
        parsed.map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    }

    #[test]
    fn lists_drift_at_the_front() {
        let incident = |number| item::id(1, List::Incidents, number);
        let mut store = Store::new(&Config { items: 3, ..Config::default() }, 1);
        store.drift(Drift { page: 1, inserted: 2, removed: 0 });
        assert_eq!(ids(&store), [4, 3, 0, 1, 2].map(incident));
        store.drift(Drift { page: 1, inserted: 0, removed: 3 });
        assert_eq!(ids(&store), [1, 2].map(incident));
        store.drift(Drift { page: 1, inserted: 1, removed: 9 });
        assert!(ids(&store).is_empty());
    }

    #[test]
    fn what_is_written_can_be_read_and_is_gone_when_deleted() {
        let members = |text: &str| serde_json::from_str::<Map<String, Value>>(text).expect("an object");
        let mut store = Store::new(&Config { items: 2, ..Config::default() }, 1);
        store.create(TENANT, List::Incidents, members(r#"{"id":"mine","subject":"a"}"#));
        let id = item::id(1, List::Incidents, 2);
        assert_eq!(ids(&store)[0], id);
        let updated =
            store.update(TENANT, List::Incidents, &id, members(r#"{"status":"b"}"#)).expect("there");
        assert_eq!(members(&String::from_utf8(updated).expect("text")).len(), 3);
        let made = item::id(1, List::Incidents, 0);
        store.update(TENANT, List::Incidents, &made, members(r#"{"status":"b"}"#)).expect("there");
        assert!(store.delete(TENANT, List::Incidents, &id) && store.delete(TENANT, List::Incidents, &made));
        assert!(
            !store.delete(TENANT, List::Incidents, &id)
                && store.find("other", List::Incidents, &id).is_none()
        );
        assert_eq!(ids(&store).len(), 1);
    }
}
