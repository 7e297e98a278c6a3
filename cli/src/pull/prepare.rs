//! What must hold before the first request: files that go together, an endpoint of which requests can be
//! made, and a state and an output that are this pull's own. Nothing
//! here overwrites anything.

use crate::apis::PullApi;
use crate::args::{Destination, PullArgs};
use crate::clock::unix_now;
use crate::connection::{self, Service};
use crate::exit::Fault;
use crate::mark::Mark;
use crate::output::{self, Locked};
use crate::state::StateFile;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tidegate_core::pull::{Oversized, PullError, Settings};
use tidegate_core::{Checkpoint, Endpoint};
use tidegate_std::Spent;
use tidegate_std::durable;

const SUMMARY: &str = "--summary";

/// Whether the files that the arguments name go together.
pub(super) fn check_files(api: &PullApi) -> Result<(), Fault> {
    let args = api.shared();
    if let (Some(_), Destination::Stdout) = (&args.state, &args.output) {
        return Err(Fault::usage(
            "--state needs an --output file: what was printed cannot be taken back, so a pull that goes on would print \
             items twice",
        ));
    }
    match clashes(api).first() {
        Some((one, other)) => {
            Err(Fault::usage(format_args!("{one} and {other} are the same file: give two")))
        }
        None => Ok(()),
    }
}

/// Whether nothing else is lost when the summary is written.
pub(super) fn is_summary_apart(api: &PullApi) -> bool {
    let is_summary = |name: &String| name.starts_with(SUMMARY);
    !clashes(api).iter().any(|(one, other)| is_summary(one) || is_summary(other))
}

/// Files that must be two and are one, by their names.
fn clashes(api: &PullApi) -> Vec<(String, String)> {
    let files = files(api);
    let pairs = files
        .iter()
        .enumerate()
        .flat_map(|(index, one)| files.iter().skip(index + 1).map(move |other| (one, other)));
    let same = pairs.filter(|((_, one), (_, other))| is_same_file(one, other));
    same.map(|((one, _), (other, _))| (one.clone(), other.clone())).collect()
}

/// Every file that the arguments name, and every one that is made beside it.
fn files(api: &PullApi) -> Vec<(String, PathBuf)> {
    let args = api.shared();
    let output = match &args.output {
        Destination::File(path) => Some(path.as_path()),
        Destination::Stdout => None,
    };
    let named: [(&str, Option<&Path>, &[&str]); 6] = [
        ("--output", output, &[".part"]),
        ("--state", args.state.as_deref(), &[".new", ".lock"]),
        (SUMMARY, args.summary.as_deref(), &[".new"]),
        ("--api-key-file", args.connection.api_key_file.as_deref(), &[]),
        ("--ca-file", args.connection.ca_file.as_deref(), &[]),
        ("--body", api.body_file(), &[]),
    ];
    let mut files = Vec::new();
    for (name, path, endings) in named {
        let Some(path) = path else { continue };
        files.push((name.to_owned(), path.to_owned()));
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
    service: &Service,
    key: &str,
    endpoint: &Endpoint<'_>,
    saved: &Saved,
) -> Result<Checkpoint, Fault> {
    let project = service.checked(key)?;
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

/// What the pull may cost.
pub(super) fn settings(args: &PullArgs) -> Settings {
    let oversized = if args.skip_oversized { Oversized::Skip } else { Oversized::Fail };
    Settings { oversized, ..connection::settings(&args.connection) }
}
