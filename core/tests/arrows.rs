//! Arrows between the modules of core point one way: each module uses those before it in this list, and none behind it.
//! Who adds a module finds its place here.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

const ORDER: [&str; 17] = [
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
    "api",
    "gate",
    "pull",
];

#[test]
fn no_module_uses_one_that_stands_behind_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut arrows = 0;
    for file in files(&source) {
        let inside = file.strip_prefix(&source).expect("it was found there");
        let first = inside.iter().next().expect("a name").to_str().expect("a plain name");
        let module = first.trim_end_matches(".rs");
        if module == "lib" || inside.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        let place = place_of(module);
        let text = fs::read_to_string(&file).expect("a readable file");
        let code = text.split("#[cfg(test)]\nmod tests").next().expect("there is always a first part");
        for used in code.split("crate::").skip(1) {
            let name: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if ORDER.contains(&name.as_str()) {
                arrows += 1;
                assert!(place_of(&name) <= place, "{} uses {name}, which stands behind it", file.display());
            }
        }
    }
    assert!(arrows > 50, "only {arrows} arrows were found");
}

#[test]
fn only_the_room_of_apis_knows_a_vendor_by_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let vendors: Vec<String> = files(&root.join("src/api"))
        .iter()
        .filter_map(|file| file.strip_prefix(root.join("src/api")).ok()?.iter().next()?.to_str())
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .filter(|name| !["mod", "endpoint", "model"].contains(&name.as_str()))
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

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.append(&mut self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
