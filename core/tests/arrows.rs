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
