//! What must hold before the first request: arguments that go together, a key, files that are this pull's own. Nothing
//! here overwrites anything.

use crate::args::{Destination, PullArgs};
use crate::clock::unix_now;
use crate::exit::Fault;
use crate::mark::Mark;
use crate::output::{self, Locked};
use crate::state::StateFile;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tidegate_core::api::{self, ProjectError};
use tidegate_core::http::Parameter;
use tidegate_core::page::Items;
use tidegate_core::pull::{Oversized, PullError, Settings};
use tidegate_core::retry::RetryPolicy;
use tidegate_core::{Checkpoint, Endpoint};
use tidegate_std::durable;
use tidegate_std::{Client, Project, Spent, comanage};

const KEY_VARIABLE: &str = "TIDEGATE_API_KEY";
const SUMMARY: &str = "--summary";

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
    match clashes(args).first() {
        Some((one, other)) => {
            Err(Fault::usage(format_args!("{one} and {other} are the same file: give two")))
        }
        None => Ok(()),
    }
}

/// Whether nothing else is lost when the summary is written.
pub(super) fn is_summary_apart(args: &PullArgs) -> bool {
    let is_summary = |name: &String| name.starts_with(SUMMARY);
    !clashes(args).iter().any(|(one, other)| is_summary(one) || is_summary(other))
}

/// Files that must be two and are one, by their names.
fn clashes(args: &PullArgs) -> Vec<(String, String)> {
    let files = files(args);
    let pairs = files
        .iter()
        .enumerate()
        .flat_map(|(index, one)| files.iter().skip(index + 1).map(move |other| (one, other)));
    let same = pairs.filter(|((_, one), (_, other))| is_same_file(one, other));
    same.map(|((one, _), (other, _))| (one.clone(), other.clone())).collect()
}

/// Every file that the arguments name, and every one that is made beside it.
fn files(args: &PullArgs) -> Vec<(String, PathBuf)> {
    let output = match &args.output {
        Destination::File(path) => Some(path),
        Destination::Stdout => None,
    };
    let named: [(&str, Option<&PathBuf>, &[&str]); 5] = [
        ("--output", output, &[".part"]),
        ("--state", args.state.as_ref(), &[".new", ".lock"]),
        (SUMMARY, args.summary.as_ref(), &[".new"]),
        ("--api-key-file", args.api_key_file.as_ref(), &[]),
        ("--ca-file", args.ca_file.as_ref(), &[]),
    ];
    let mut files = Vec::new();
    for (name, path, endings) in named {
        let Some(path) = path else { continue };
        files.push((name.to_owned(), path.clone()));
        let beside =
            |ending: &&str| (format!("{name} with {ending} after it"), durable::beside(path, ending));
        files.extend(endings.iter().map(beside));
    }
    files
}

/// Whether two paths lead to one file, or would if it were there.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path| fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
    place_of(one) == place_of(other) || identity(one).is_some_and(|one| Some(one) == identity(other))
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
    /// The output that belongs to the state, if it is there.
    pub(super) output: Option<Locked>,
    pub(super) checkpoint: Option<Checkpoint>,
    pub(super) spent: Option<Spent>,
    origin: Origin,
}

impl Saved {
    /// How much of the output is good.
    pub(super) fn output_bytes(&self) -> u64 {
        match &self.origin {
            Origin::State(mark) => mark.bytes,
            Origin::Nothing | Origin::Restart => 0,
        }
    }
}

/// What it means for the output.
#[derive(Default)]
enum Origin {
    /// Nothing was saved, so an output that is there is somebody else's.
    #[default]
    Nothing,
    /// The output begins with what the state says.
    State(Mark),
    /// The output may be overwritten.
    Restart,
}

/// Locks the state and the output, if there is to be a state, and reads it.
pub(super) fn load(args: &PullArgs) -> Result<Saved, Fault> {
    let (Some(path), Destination::File(output)) = (&args.state, &args.output) else {
        return Ok(Saved::default());
    };
    let file = StateFile::lock(path, output)?;
    let output = Locked::find(output)?;
    let state = if args.restart { file.load().unwrap_or(None) } else { file.load()? };
    // The server's counter does not start anew with the pull.
    let spent = state.as_ref().map(|state| state.spent_at(unix_now()));
    let saved = Saved { file: Some(file), output, spent, ..Saved::default() };
    Ok(match state {
        _ if args.restart => Saved { origin: Origin::Restart, ..saved },
        None => saved,
        Some(state) => {
            Saved { checkpoint: Some(state.checkpoint), origin: Origin::State(state.output), ..saved }
        }
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
        output::check_kind(path)?;
        check_output(path, saved)?;
    }
    Ok(*pull.checkpoint())
}

fn check_output(path: &Path, saved: &Saved) -> Result<(), Fault> {
    let length = saved.output.as_ref().map_or(Ok(0), Locked::length)?;
    match (&saved.origin, &saved.output) {
        (Origin::Nothing, _) if length > 0 => Err(Fault::usage(format_args!(
            "{} has something in it and no state belongs to it, so it would be overwritten: name another file, or give \
             --restart",
            path.display()
        ))),
        (Origin::State(mark), _) if length < mark.bytes => Err(Fault::usage(format_args!(
            "{} has {length} bytes where the state counts {}: it was changed or moved away; bring it back, or give \
             --restart",
            path.display(),
            mark.bytes
        ))),
        (Origin::State(mark), Some(output)) if !output.has(mark)? => Err(Fault::usage(format_args!(
            "{} does not hold what the state says: it was changed, or is another file; bring back the one that was \
             written, or give --restart",
            path.display()
        ))),
        (Origin::Nothing | Origin::State(_) | Origin::Restart, _) => Ok(()),
    }
}

/// The client of the project.
pub(super) fn client(args: &PullArgs, key: String, spent: Option<Spent>) -> Result<Client, Fault> {
    let make = if args.allow_plain_http { Project::over_plain_text } else { Project::new };
    let project = make(&api::comanage::API, args.base_url.as_str(), key).map_err(|error| match error {
        ProjectError::PlainText => Fault::usage(format_args!("{error} (--allow-plain-http)")),
        error => Fault::usage(error),
    })?;
    let limits = &args.limits;
    let mut builder = Client::builder(project.with_windows(limits.windows()).on_terms(limits.terms()));
    if let Some(path) = &args.ca_file {
        let unusable = |error: &dyn std::fmt::Display| {
            Fault::usage(format_args!("the certificates in {} cannot be used: {error}", path.display()))
        };
        let pem = fs::read(path).map_err(|error| unusable(&error))?;
        builder = builder.trust(&pem).map_err(|error| unusable(&error))?;
    }
    match spent {
        Some(spent) => builder = builder.spent(spent),
        None if limits.unused => builder = builder.unused(),
        None => {}
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
