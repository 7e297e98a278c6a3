//! The files that a pull's arguments name: what each of them is, and whether they go together. Nothing is opened here.

use crate::apis::PullApi;
use crate::args::{Destination, PullArgs};
use crate::exit::Fault;
use crate::output::{Target, part_of};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tidegate_std::durable;

const SUMMARY: &str = "--summary";

/// Where items and state go.
pub(super) struct Files {
    /// `None` for standard output.
    pub(super) output: Option<Target>,
    /// Its links are followed.
    pub(super) state: Option<PathBuf>,
}

impl Files {
    /// The files that the arguments name, if they go together.
    pub(super) fn of(api: &PullApi) -> Result<Self, Fault> {
        let args = api.shared();
        let output = output_of(args)?;
        if let (Some(_), None | Some(Target::Stream(_))) = (&args.state, &output) {
            return Err(Fault::usage(
                "--state needs an --output file: what was printed cannot be taken back, so a pull that goes on would \
                 print items twice",
            ));
        }
        let state = args.state.as_deref().map(Target::of).transpose()?;
        let state = match state {
            Some(Target::Stream(path)) => {
                return Err(Fault::usage(format_args!(
                    "--state {} is a pipe or a device, which remembers nothing: name a file",
                    path.display()
                )));
            }
            Some(Target::File(path)) => Some(path),
            None => None,
        };
        match clashes(api).first() {
            Some((one, other)) => {
                Err(Fault::usage(format_args!("{one} and {other} are the same file: give two")))
            }
            None => Ok(Self { output, state }),
        }
    }
}

fn output_of(args: &PullArgs) -> Result<Option<Target>, Fault> {
    match &args.output {
        Destination::Stdout => Ok(None),
        Destination::File(path) => Target::of(path).map(Some),
    }
}

/// Whether nothing else is lost when the summary is written.
pub(super) fn is_summary_apart(api: &PullApi) -> bool {
    let is_summary = |name: &String| name.starts_with(SUMMARY);
    !clashes(api).iter().any(|(one, other)| is_summary(one) || is_summary(other))
}

/// Files that must be two and are one, by their names.
fn clashes(api: &PullApi) -> Vec<(String, String)> {
    let files = named(api);
    let pairs = files
        .iter()
        .enumerate()
        .flat_map(|(index, one)| files.iter().skip(index + 1).map(move |other| (one, other)));
    let same = pairs.filter(|((_, one), (_, other))| is_same_file(one, other));
    same.map(|((one, _), (other, _))| (one.clone(), other.clone())).collect()
}

/// Every file that the arguments name, and every one that is made beside it. Nothing is made beside a pipe or a device, nor
/// lost if it is named twice.
fn named(api: &PullApi) -> Vec<(String, PathBuf)> {
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
        if matches!(Target::of(path), Ok(Target::Stream(_))) {
            continue;
        }
        let path = durable::target(path).unwrap_or_else(|_| path.to_owned());
        let beside =
            |ending: &&str| (format!("{name} with {ending} after it"), durable::beside(&path, ending));
        files.extend(endings.iter().map(beside));
        files.push((name.to_owned(), path));
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

/// The path that people are told, in whose place the items are: of an output that is not whole the part.
pub(super) fn items_are_in(path: &Path, is_beside: bool) -> PathBuf {
    let target = || durable::target(path).unwrap_or_else(|_| path.to_owned());
    if is_beside { part_of(&target()) } else { path.to_owned() }
}
