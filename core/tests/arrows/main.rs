//! Arrows point one way. Between the rooms of core: each uses those before it in this list, and none behind it; a new room
//! gets its place here. Between files, in core, the drivers and the program: no file uses another one that leads back to it.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod crates;
mod source;

use crates::{Crate, files};
use std::fs;
use std::path::Path;

const ORDER: [&str; 21] = [
    "profile",
    "ascii",
    "sink",
    "text",
    "fingerprint",
    "time",
    "secret",
    "json",
    "page",
    "http",
    "quota",
    "problem",
    "auth",
    "cursor",
    "checkpoint",
    "maintenance",
    "retry",
    "queue",
    "api",
    "gate",
    "pull",
];

/// The crates whose files are looked at, by their folders beside core.
const CRATES: [&str; 4] = ["core", "transport-std", "transport-embassy", "cli"];

/// Circles that are still there: modules that use a type of the module that they are parts of. One that is no more must leave
/// this list.
const KNOWN: &[(&str, &[&str])] = &[
    ("core", &["api", "api::endpoint"]),
    ("core", &["api::coredata", "api::coredata::filter"]),
    ("core", &["cursor", "cursor::link", "cursor::pager"]),
    ("core", &["problem", "problem::members", "problem::prose"]),
    ("transport-std", &["client", "stream"]),
    ("cli", &["apis", "apis::comanage", "apis::coredata", "apis::frends", "apis::kontent", "apis::opsramp"]),
    ("cli", &["pull", "pull::report"]),
    (
        "cli",
        &[
            "simulate",
            "simulate::comanage",
            "simulate::coredata",
            "simulate::frends",
            "simulate::kontent",
            "simulate::opsramp",
        ],
    ),
];

#[test]
fn no_room_uses_one_that_stands_behind_it() {
    let core = Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let arrows = core.arrows();
    // The root only passes names on.
    let rooms = arrows.iter().filter_map(|(from, to)| Some((from.first()?, to.first()?)));
    let between: Vec<_> = rooms.filter(|(from, to)| from != to).collect();
    for (from, to) in &between {
        assert!(place_of(to) < place_of(from), "{from} uses {to}, which stands behind it");
    }
    assert!(between.len() > 50, "only {} arrows were found", between.len());
}

#[test]
fn no_file_uses_another_one_that_leads_back_to_it() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found: Vec<(&str, Vec<String>)> = CRATES
        .iter()
        .flat_map(|name| {
            let read = Crate::read(&beside.join(name).join("src"));
            assert!(read.arrows().len() > 10, "the files of {name} were not read");
            read.circles().into_iter().map(move |circle| (*name, circle))
        })
        .collect();
    let is_known = |(name, circle): &&(&str, Vec<String>)| {
        KNOWN.iter().any(|known| known.0 == *name && known.1 == circle)
    };
    let new: Vec<_> = found.iter().filter(|circle| !is_known(circle)).collect();
    let broken: Vec<_> = KNOWN
        .iter()
        .filter(|(name, circle)| !found.iter().any(|found| found.0 == *name && found.1 == *circle))
        .collect();
    assert!(new.is_empty() && broken.is_empty(), "new: {new:#?}\nto be deleted from the list: {broken:#?}");
}

#[test]
fn only_the_room_of_apis_knows_a_vendor_by_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let vendors: Vec<String> = files(&root.join("src/api"))
        .iter()
        .filter_map(|file| file.strip_prefix(root.join("src/api")).ok()?.iter().next()?.to_str())
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .filter(|name| !["mod", "endpoint", "model", "needs"].contains(&name.as_str()))
        .collect();
    assert!(vendors.iter().any(|vendor| vendor == "comanage") && vendors.len() >= 5, "{vendors:?}");
    let rooms = ["src", "../transport-std/src", "../transport-embassy/src"];
    for file in rooms.iter().flat_map(|room| files(&root.join(room))) {
        if file.starts_with(root.join("src/api")) || file.iter().any(|part| part == "tests") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a readable file").to_ascii_lowercase();
        let code = text.split("#[cfg(test)]\nmod tests").next().expect("there is always a first part");
        // Examples in docs say which API they are about.
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in lines {
            let known = vendors.iter().find(|vendor| line.contains(vendor.as_str()));
            assert!(known.is_none(), "{} names {known:?}: {line}", file.display());
        }
    }
}

fn place_of(module: &str) -> usize {
    ORDER
        .iter()
        .position(|known| *known == module)
        .unwrap_or_else(|| panic!("{module} has no place in the order"))
}
