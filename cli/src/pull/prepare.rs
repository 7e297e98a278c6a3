//! What must hold before the first request: arguments that go together, a key, files that are this pull's own. Nothing
//! here overwrites anything.

use crate::args::{Destination, PullArgs};
use crate::clock::unix_now;
use crate::exit::Fault;
use crate::output;
use crate::state::StateFile;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use tidegate_core::api::{self, ProjectError};
use tidegate_core::http::Parameter;
use tidegate_core::page::Items;
use tidegate_core::pull::{Oversized, PullError, Settings};
use tidegate_core::quota::{Spent, Window, Windows};
use tidegate_core::retry::RetryPolicy;
use tidegate_core::{Checkpoint, Endpoint};
use tidegate_std::{Client, Project, comanage};

const KEY_VARIABLE: &str = "TIDEGATE_API_KEY";

/// The key, from where it may come from.
pub(super) fn read_key(args: &PullArgs) -> Result<String, Fault> {
    let variable = std::env::var_os(KEY_VARIABLE).filter(|value| !value.is_empty());
    let key = match (variable, &args.api_key_file) {
        (Some(_), Some(path)) => {
            return Err(Fault::usage(format_args!(
                "there are two keys, one in {KEY_VARIABLE} and one in {}: give one of them",
                path.display()
            )));
        }
        (None, None) => {
            return Err(Fault::usage(format_args!(
                "there is no key: put it into the environment variable {KEY_VARIABLE} or into a file for --api-key-file"
            )));
        }
        (Some(value), None) => value.into_encoded_bytes(),
        (None, Some(path)) => fs::read(path).map_err(|error| {
            Fault::usage(format_args!("the key cannot be read from {}: {error}", path.display()))
        })?,
    };
    let mut key =
        String::from_utf8(key).map_err(|_| Fault::usage("the key is not made of plain characters"))?;
    key.truncate(key.trim_end_matches(['\r', '\n']).len());
    Ok(key)
}

/// Whether the files that the arguments name go together.
pub(super) fn check_files(args: &PullArgs) -> Result<(), Fault> {
    if let (Some(_), Destination::Stdout) = (&args.state, &args.output) {
        return Err(Fault::usage(
            "--state needs an --output file: what was printed cannot be taken back, so a pull that goes on would print \
             items twice",
        ));
    }
    let output = match &args.output {
        Destination::File(path) => Some(path),
        Destination::Stdout => None,
    };
    let files = [
        ("--output", output),
        ("--state", args.state.as_ref()),
        ("--summary", args.summary.as_ref()),
        ("--api-key-file", args.api_key_file.as_ref()),
        ("--ca-file", args.ca_file.as_ref()),
    ];
    for (index, (name, path)) in files.iter().enumerate() {
        let Some(path) = path else { continue };
        let is_same = |other: &Option<&PathBuf>| other.is_some_and(|other| place_of(other) == place_of(path));
        if let Some((other, _)) = files.iter().skip(index + 1).find(|(_, other)| is_same(other)) {
            return Err(Fault::usage(format_args!("{name} and {other} are the same file: give two")));
        }
    }
    Ok(())
}

/// A path that is the same for the same place, however it is written.
fn place_of(path: &Path) -> PathBuf {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let directory = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    directory.join(path.file_name().unwrap_or_default())
}

/// The list that is pulled.
pub(super) fn endpoint(args: &PullArgs) -> Endpoint<'_> {
    let mut endpoint = match args.view_id {
        Some(view_id) => comanage::view_objects(&args.path, view_id),
        None => comanage::list(&args.path),
    };
    for (name, value) in &args.query {
        endpoint = endpoint.with(name, Parameter::Text(value));
    }
    match &args.items {
        Some(key) => endpoint.items_in(Items::Key(key)),
        None => endpoint,
    }
}

/// What an earlier run left.
#[derive(Default)]
pub(super) struct Saved {
    pub(super) file: Option<StateFile>,
    pub(super) checkpoint: Option<Checkpoint>,
    pub(super) output_bytes: u64,
    pub(super) spent: Option<Spent>,
    origin: Origin,
}

/// What it means for the output.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Origin {
    /// Nothing was saved, so an output that is there is somebody else's.
    #[default]
    Nothing,
    /// The output is as long as the state says, or longer.
    State,
    /// The output may be overwritten.
    Restart,
}

/// Locks and reads the state, if there is to be one.
pub(super) fn load(args: &PullArgs) -> Result<Saved, Fault> {
    let (Some(path), Destination::File(output)) = (&args.state, &args.output) else {
        return Ok(Saved::default());
    };
    let file = StateFile::lock(path, output)?;
    let state = if args.restart { file.load().unwrap_or(None) } else { file.load()? };
    // The server's counter does not start anew with the pull.
    let spent = state.map(|state| state.spent_at(unix_now()));
    let file = Some(file);
    Ok(match state {
        _ if args.restart => Saved { file, spent, origin: Origin::Restart, ..Saved::default() },
        None => Saved { file, ..Saved::default() },
        Some(state) => Saved {
            file,
            checkpoint: Some(state.checkpoint),
            output_bytes: state.output_bytes,
            spent,
            origin: Origin::State,
        },
    })
}

/// Whether the pull can be made, the state is its own, and the output is what the state says. If so, where the pull
/// begins.
pub(super) fn check(
    args: &PullArgs,
    key: &str,
    endpoint: &Endpoint<'_>,
    saved: &Saved,
) -> Result<Checkpoint, Fault> {
    let project = api::Project::over_plain_text(&api::comanage::API, &args.base_url, key);
    let project = project.map_err(Fault::usage)?;
    // No request comes of it: it is made to hear whether it can be.
    let pull = tidegate_core::Pull::new(&project, endpoint, &Settings::DEFAULT, &mut [], saved.checkpoint);
    let pull = pull.map_err(|error| match (error, &saved.file) {
        (PullError::Checkpoint(error), Some(file)) => Fault::usage(format_args!(
            "the state {} cannot be gone on from: {error}; nothing was overwritten; --restart starts anew",
            file.path().display()
        )),
        (error, _) => Fault::usage(error),
    })?;
    if let Destination::File(path) = &args.output {
        check_output(path, saved, output::length(path)?.unwrap_or(0))?;
    }
    Ok(*pull.checkpoint())
}

fn check_output(path: &Path, saved: &Saved, length: u64) -> Result<(), Fault> {
    match saved.origin {
        Origin::Nothing if saved.file.is_some() && length > 0 => Err(Fault::usage(format_args!(
            "{} has something in it and no state belongs to it, so it would be overwritten: name another file, or give \
             --restart",
            path.display()
        ))),
        Origin::State if length < saved.output_bytes => Err(Fault::usage(format_args!(
            "{} has {length} bytes where the state counts {}: it was changed or moved away; bring it back, or give \
             --restart",
            path.display(),
            saved.output_bytes
        ))),
        Origin::Nothing | Origin::State | Origin::Restart => Ok(()),
    }
}

/// The client of the project.
pub(super) fn client(args: &PullArgs, key: String, spent: Option<Spent>) -> Result<Client, Fault> {
    let make = if args.allow_plain_http { Project::over_plain_text } else { Project::new };
    let project = make(&api::comanage::API, args.base_url.as_str(), key).map_err(|error| match error {
        ProjectError::PlainText => Fault::usage(format_args!("{error} (--allow-plain-http)")),
        error => Fault::usage(error),
    })?;
    let window = Window { limit: args.limit, period: args.window, slack: api::comanage::WINDOW.slack };
    let mut builder = Client::builder(project.with_windows(Windows::one(window)));
    if let Some(path) = &args.ca_file {
        let unusable = |error: &dyn std::fmt::Display| {
            Fault::usage(format_args!("the certificates in {} cannot be used: {error}", path.display()))
        };
        let pem = fs::read(path).map_err(|error| unusable(&error))?;
        builder = builder.trust(&pem).map_err(|error| unusable(&error))?;
    }
    if let Some(spent) = spent {
        builder = builder.spent(spent);
    }
    builder.build().map_err(Fault::usage)
}

/// What the pull may cost.
pub(super) fn settings(args: &PullArgs) -> Settings {
    Settings {
        oversized: if args.skip_oversized { Oversized::Skip } else { Oversized::Fail },
        retry: RetryPolicy { budget: args.retries, ..RetryPolicy::DEFAULT },
        limit_patience: args.patience,
        maintenance_patience: args.maintenance_patience,
        // The standard library's only source of randomness.
        seed: RandomState::new().build_hasher().finish(),
        ..Settings::DEFAULT
    }
}
