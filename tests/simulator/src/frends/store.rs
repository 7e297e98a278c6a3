//! The specifications that there are, and what can be done to them. No two have the same base path, none may change its
//! own, and the default agent group is the last that a specification leaves.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::config::Config;
use super::passthrough::Passthrough;
use super::problem::Problem;
use super::specification::{Described, Specification};

/// All specifications.
#[derive(Clone, Debug)]
pub(super) struct Store {
    groups: Vec<u64>,
    specifications: BTreeMap<u64, Specification>,
    next_id: u64,
    next_passthrough: u64,
}

impl Store {
    pub(super) fn new(config: &Config, seed: u64) -> Self {
        let groups = config.agent_groups.clone();
        let default = groups.first().copied().unwrap_or(0);
        let made = (0..config.specifications).map(|place| Specification::made(seed, place, default));
        let specifications = made.map(|specification| (specification.id, specification)).collect();
        Self { groups, specifications, next_id: config.specifications + 1, next_passthrough: 1 }
    }

    /// The ids of all, in their order.
    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        self.specifications.keys().copied()
    }

    pub(super) fn find(&self, id: u64) -> Result<&Specification, Problem> {
        self.specifications.get(&id).ok_or_else(unknown)
    }

    /// The item of one in this version, or in its active one.
    pub(super) fn item(&self, id: u64, version: Option<u32>) -> Result<String, Problem> {
        let known = self.find(id)?;
        known.view(version.unwrap_or(known.active())).ok_or_else(unknown_version)
    }

    /// A new one, in the default agent group. Returns its item.
    pub(super) fn create(&mut self, text: &str) -> Result<String, Problem> {
        let described = Described::read(text).map_err(Problem::bad_request)?;
        self.check_base(&described.base)?;
        let id = self.next_id;
        self.next_id += 1;
        self.specifications.insert(id, Specification::new(id, described, self.default_group()));
        self.item(id, None)
    }

    /// Another text for the active version.
    pub(super) fn update(&mut self, id: u64, text: &str) -> Result<(), Problem> {
        let described = Described::read(text).map_err(Problem::bad_request)?;
        let known = self.find_mut(id)?;
        let mut active = known.versions.last_entry().ok_or_else(unknown_version)?;
        if active.get().base != described.base {
            return Err(Problem::bad_request("The base path cannot be modified."));
        }
        active.insert(described);
        Ok(())
    }

    /// Shuts the active version and makes another like it.
    pub(super) fn publish(&mut self, id: u64) -> Result<(), Problem> {
        let known = self.find_mut(id)?;
        let (number, described) = known.versions.last_key_value().ok_or_else(unknown_version)?;
        let (next, described) = (number + 1, described.clone());
        known.versions.insert(next, described);
        Ok(())
    }

    pub(super) fn deploy(&mut self, id: u64, version: u32, group: u64) -> Result<(), Problem> {
        self.check_group(group)?;
        let known = self.find_mut(id)?;
        if !known.versions.contains_key(&version) {
            return Err(unknown_version());
        }
        if version == known.active() {
            return Err(Problem::bad_request(
                "The active version must be published before it can be deployed.",
            ));
        }
        known.groups.insert(group);
        Ok(())
    }

    /// Takes one out of a group; out of the default group, for good.
    pub(super) fn delete(&mut self, id: u64, group: u64) -> Result<(), Problem> {
        self.check_group(group)?;
        let default = self.default_group();
        let known = self.find_mut(id)?;
        if !known.groups.contains(&group) {
            return Err(Problem::not_found("The specification in this agent group"));
        }
        if group != default {
            known.groups.remove(&group);
            return Ok(());
        }
        if known.groups.len() > 1 {
            return Err(Problem::bad_request("It must first be deleted from all other agent groups."));
        }
        self.specifications.remove(&id);
        Ok(())
    }

    /// The passthrough configurations of a version, as JSON.
    pub(super) fn passthroughs(&self, id: u64, version: u32) -> Result<Vec<String>, Problem> {
        let known = self.find(id)?;
        known.versions.get(&version).ok_or_else(unknown_version)?;
        let of_version = known.passthroughs.iter().filter(|passthrough| passthrough.version == version);
        Ok(of_version.map(|passthrough| passthrough.view(id)).collect())
    }

    pub(super) fn add_passthrough(
        &mut self,
        id: u64,
        version: u32,
        body: Map<String, Value>,
        modified: String,
    ) -> Result<(), Problem> {
        let number = self.next_passthrough;
        let known = self.find_mut(id)?;
        known.versions.get(&version).ok_or_else(unknown_version)?;
        let made = Passthrough::new(number, version, body, modified).map_err(Problem::bad_request)?;
        known.passthroughs.push(made);
        self.next_passthrough += 1;
        Ok(())
    }

    /// Changes one. Returns it as JSON.
    pub(super) fn update_passthrough(
        &mut self,
        (id, version, passthrough): (u64, u32, u64),
        body: Map<String, Value>,
        modified: String,
    ) -> Result<String, Problem> {
        let all = &mut self.find_mut(id)?.passthroughs;
        let is_it = |known: &&mut Passthrough| (known.version, known.id) == (version, passthrough);
        let found = all.iter_mut().find(is_it).ok_or_else(unknown_passthrough)?;
        found.update(body, modified).map_err(Problem::bad_request)?;
        Ok(found.view(id))
    }

    pub(super) fn delete_passthrough(
        &mut self,
        id: u64,
        version: u32,
        passthrough: u64,
    ) -> Result<(), Problem> {
        let all = &mut self.find_mut(id)?.passthroughs;
        let is_it = |known: &Passthrough| (known.version, known.id) == (version, passthrough);
        let place = all.iter().position(is_it).ok_or_else(unknown_passthrough)?;
        all.remove(place);
        Ok(())
    }

    fn check_base(&self, base: &str) -> Result<(), Problem> {
        let mut all = self.specifications.values().flat_map(|known| known.versions.values());
        if all.any(|described| described.base == base) { Err(Problem::path_in_use(base)) } else { Ok(()) }
    }

    fn check_group(&self, group: u64) -> Result<(), Problem> {
        if self.groups.contains(&group) { Ok(()) } else { Err(Problem::not_found("The agent group")) }
    }

    fn default_group(&self) -> u64 {
        self.groups.first().copied().unwrap_or(0)
    }

    fn find_mut(&mut self, id: u64) -> Result<&mut Specification, Problem> {
        self.specifications.get_mut(&id).ok_or_else(unknown)
    }
}

fn unknown() -> Problem {
    Problem::not_found("The API specification")
}

fn unknown_version() -> Problem {
    Problem::not_found("The version of the API specification")
}

fn unknown_passthrough() -> Problem {
    Problem::not_found("The API passthrough configuration")
}
