//! Arrows between the rooms of the program point one way: each uses those before it in this list, and none behind it. Who
//! adds a room finds its place here.

use std::fs;
use std::path::{Path, PathBuf};

const ORDER: [&str; 27] = [
    "clock",
    "units",
    "console",
    "exit",
    "advice",
    "ndjson",
    "interrupt",
    "mark",
    "position",
    "output",
    "state",
    "tally",
    "progress",
    "summary",
    "sink",
    "args",
    "asking",
    "connection",
    "apis",
    "pull",
    "send",
    "plan",
    "scan",
    "simulate",
    "command",
    "demo",
    "main",
];

#[test]
fn no_room_uses_one_that_stands_behind_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut arrows = 0;
    for file in files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let first = inside.iter().next().unwrap().to_str().unwrap();
        let room = first.trim_end_matches(".rs");
        if inside.iter().any(|part| part == "tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for used in used(code) {
            arrows += 1;
            assert!(
                place_of(&used) <= place_of(room),
                "{} uses {used}, which stands behind it",
                file.display()
            );
        }
    }
    assert!(arrows > 80, "only {arrows} arrows were found");
}

#[test]
fn rooms_are_found_however_they_are_used() {
    let code =
        "use crate::{console, exit::Fault};\nuse crate::units::Count; fn x() { crate::clock::unix_now() }";
    assert_eq!(used(code), ["console", "exit", "units", "clock"]);
}

/// The rooms that some code names, `use crate::{a, b}` included.
fn used(code: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
    };
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').map(name).collect::<Vec<_>>(),
            None => vec![name(rest)],
        })
        .filter(|name| !name.is_empty())
        .collect()
}

fn place_of(room: &str) -> usize {
    ORDER
        .iter()
        .position(|other| *other == room)
        .unwrap_or_else(|| panic!("{room} has no place in the order"))
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
