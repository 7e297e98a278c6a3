//! The servers that others run, and what a pull must make of them.
//!
//! The simulator serves the world as we imagine it. Here, a scenario is a file that says what a server answers, word for word,
//! and what is right then. Most were taken from what clients of other people met. Each runs through every driver.
//!
//! | room | what it holds |
//! |---|---|
//! | `scenario` | what a file says, as data |
//! | `parse`, `words` | files into scenarios, with the line of whatever cannot be read |
//! | `template` | bodies and fields with repeated items, moments and echoes in them |
//! | `server` | the scripted server |
//! | `build` | which API, list and settings the client has |
//! | `name`, `check` | what a run came to, by name, and whether that is right |
//! | `together` | several pulls through one gate, on a virtual clock |

mod build;
mod check;
mod name;
mod parse;
mod scenario;
mod server;
mod template;
pub mod together;
mod words;

pub use parse::{Unreadable, parse};
pub use scenario::{Scenario, Topic};

use std::path::{Path, PathBuf};

/// Where the scenarios are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// The names of all scenarios, in order.
///
/// # Panics
///
/// If the folder cannot be read, or holds something else.
pub fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("a folder of scenarios");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("a file").file_name().into_string().expect("a name in UTF-8");
            name.strip_suffix(".field").unwrap_or_else(|| panic!("{name} is no scenario")).to_owned()
        })
        .collect();
    names.sort();
    names
}

/// The scenario of that name.
///
/// # Panics
///
/// If it cannot be read; the message says where.
pub fn load(name: &str) -> Scenario {
    let path = folder().join(format!("{name}.field"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    parse(&text).unwrap_or_else(|error| panic!("{}:{error}", path.display()))
}

/// Runs a scenario through every driver, and checks what it says is right.
///
/// # Panics
///
/// If the drivers did not do the same, or not what is right; the message has every line of the file that does not hold.
pub fn run(name: &str) {
    let scenario = load(name);
    let wrong = check::all(&scenario, &build::build(&scenario).run_on_each());
    assert!(wrong.is_empty(), "\nscenarios/{name}.field\n{}", wrong.join("\n"));
}
