//! What must hold before the first request: an endpoint that can be requested, and a state and an output that are
//! this pull's own. Then the output and the memory that the pull begins with. Nothing here overwrites anything that is
//! good.

use super::files::Files;
use crate::args::PullArgs;
use crate::clock::unix_now;
use crate::connection::{self, Service};
use crate::exit::Fault;
use crate::mark::Mark;
use crate::output::{Locked, Output, Target, part_of};
use crate::position::{Place, Position};
use crate::sink::Memory;
use crate::state::StateFile;
use std::path::Path;
use tidegate_core::pull::{Oversized, PullError, Settings};
use tidegate_core::{Checkpoint, Endpoint};
use tidegate_std::Spent;

/// What an earlier run left.
#[derive(Default)]
pub(super) struct Saved {
    file: Option<StateFile>,
    /// What has the output's name, if anything.
    earlier: Option<Locked>,
    /// The part beside it, if the state speaks of that and it is there.
    part: Option<Locked>,
    pub(super) spent: Option<Spent>,
    origin: Origin,
}

/// What it means for the output.
#[derive(Default)]
enum Origin {
    /// Nothing was saved, so an output that is there is somebody else's.
    #[default]
    Nothing,
    /// The pull goes on from here.
    Resume(Position, Missing),
    /// The pull begins anew. What was saved is kept until the new pull has a page.
    Restart(Option<(Position, Missing)>),
}

/// How many items more the server counted at the end of the list than it gave.
type Missing = u64;

impl Saved {
    /// Where the pull goes on from, if it does.
    pub(super) fn position(&self) -> Option<&Position> {
        match &self.origin {
            Origin::Resume(position, _) => Some(position),
            Origin::Nothing | Origin::Restart(_) => None,
        }
    }

    /// Whether what was saved is in the part, whose place is taken.
    pub(super) fn is_beside(&self) -> bool {
        self.position().is_some_and(|position| position.place() == Place::Part)
    }

    /// The latest items that an earlier run stored, at most so many: those that may come again.
    pub(super) fn latest(&self, items: usize) -> Result<Vec<Vec<u8>>, Fault> {
        let Some(position) = self.position() else { return Ok(Vec::new()) };
        let file = match position.place() {
            Place::Output => self.earlier.as_ref(),
            Place::Part => self.part.as_ref(),
        };
        file.map_or(Ok(Vec::new()), |file| file.latest(position.output().bytes, items))
    }

    /// How many items were missing when the list ended.
    pub(super) fn missing(&self) -> u64 {
        match &self.origin {
            Origin::Resume(_, missing) => *missing,
            Origin::Nothing | Origin::Restart(_) => 0,
        }
    }
}

/// Locks the state and the output, if there is to be a state, and reads it.
pub(super) fn load(args: &PullArgs, files: &Files) -> Result<Saved, Fault> {
    let Some(Target::File(output)) = &files.output else { return Ok(Saved::default()) };
    let Some(path) = &files.state else {
        return Ok(Saved { earlier: Locked::find(output)?, ..Saved::default() });
    };
    let file = StateFile::lock(path, output)?;
    let earlier = Locked::find(output)?;
    let state = if args.restart { file.load().unwrap_or(None) } else { file.load()? };
    // The server's counter does not start anew with the pull.
    let spent = state.as_ref().map(|state| state.spent_at(unix_now()));
    let saved = state.map(|state| (state.position, state.missing));
    let mut part = None;
    let origin = match saved {
        saved if args.restart => Origin::Restart(saved),
        None => Origin::Nothing,
        Some((mut position, missing)) => {
            part = match position.place() {
                Place::Part => Locked::find(&part_of(output))?,
                Place::Output => None,
            };
            if part.is_none() && has_taken_its_place(&position, earlier.as_ref())? {
                position.moved_in_place();
            }
            Origin::Resume(position, missing)
        }
    };
    Ok(Saved { file: Some(file), earlier, part, spent, origin })
}

/// Whether the part of a whole list has the output's name already, and only the state does not say so yet.
fn has_taken_its_place(position: &Position, output: Option<&Locked>) -> Result<bool, Fault> {
    let mark = position.output();
    match output {
        Some(output) if position.checkpoint().is_complete() => {
            Ok(output.length()? == mark.bytes && output.has(mark)?)
        }
        _ => Ok(false),
    }
}

/// Whether the pull can be made, the state is its own, and the output is what the state says. If so, where the pull
/// begins.
pub(super) fn check(
    files: &Files,
    service: &Service,
    key: &str,
    endpoint: &Endpoint<'_>,
    saved: &Saved,
) -> Result<Checkpoint, Fault> {
    let project = service.checked(key)?;
    let resume = saved.position().map(|position| *position.checkpoint());
    // No request comes of it: it is made to hear whether it can be.
    let pull = tidegate_core::Pull::new(&project, endpoint, &Settings::DEFAULT, &mut [], resume);
    let pull = pull.map_err(|error| match (error, &saved.file) {
        (PullError::Checkpoint(error), Some(file)) => Fault::usage(format_args!(
            "the state {} cannot be resumed: {error}; nothing was overwritten; --restart begins anew",
            file.path().display()
        )),
        (error, _) => Fault::usage(error),
    })?;
    if let (Some(Target::File(path)), Some(_)) = (&files.output, &files.state) {
        check_output(path, saved)?;
    }
    Ok(*pull.checkpoint())
}

fn check_output(path: &Path, saved: &Saved) -> Result<(), Fault> {
    match &saved.origin {
        Origin::Nothing if length(saved.earlier.as_ref())? > 0 => Err(Fault::usage(format_args!(
            "{} has something in it and no state belongs to it, so it would be overwritten: name another file, or give \
             --restart",
            path.display()
        ))),
        Origin::Resume(position, _) => match position.place() {
            Place::Output => check_file(path, saved.earlier.as_ref(), position.output()),
            // A part without a good byte is made anew.
            Place::Part if position.output().bytes == 0 => Ok(()),
            Place::Part => check_file(&part_of(path), saved.part.as_ref(), position.output()),
        },
        Origin::Nothing | Origin::Restart(_) => Ok(()),
    }
}

/// Whether the file holds what the state says of it.
fn check_file(path: &Path, file: Option<&Locked>, mark: &Mark) -> Result<(), Fault> {
    let length = length(file)?;
    if length < mark.bytes {
        return Err(Fault::usage(format_args!(
            "{} has {length} bytes where the state counts {}: it was changed or moved away; bring it back, or give \
             --restart",
            path.display(),
            mark.bytes
        )));
    }
    match file {
        Some(file) if !file.has(mark)? => Err(Fault::usage(format_args!(
            "{} does not hold what the state says: it was changed, or is another file; bring back the one that was \
             written, or give --restart",
            path.display()
        ))),
        Some(_) | None => Ok(()),
    }
}

fn length(file: Option<&Locked>) -> Result<u64, Fault> {
    file.map_or(Ok(0), Locked::length)
}

/// The output and the memory that the pull begins with.
pub(super) fn begin(
    files: &Files,
    saved: Saved,
    checkpoint: Checkpoint,
) -> Result<(Output, Option<Memory>), Fault> {
    let Saved { file, earlier, part, origin, .. } = saved;
    let path = match &files.output {
        None => return Ok((Output::stdout()?, None)),
        Some(Target::Stream(path)) => return Ok((Output::stream(path)?, None)),
        Some(Target::File(path)) => path,
    };
    let Some(file) = file else { return Ok((Output::fresh(path, earlier), None)) };
    let (output, position, missing) = match origin {
        Origin::Resume(position, missing) => match position.place() {
            Place::Output => {
                let bytes = position.output().bytes;
                let output = earlier.map_or_else(|| Locked::make(path), Ok)?;
                // Nothing of a file without a page is good, so it may be another one by now.
                let mark = output.mark(bytes)?;
                let position = Position::new(*position.checkpoint(), mark, Place::Output);
                (Output::in_place(output, bytes)?, position, missing)
            }
            Place::Part => {
                let bytes = position.output().bytes;
                let part = part.filter(|_| bytes > 0).map(|part| (part, bytes));
                (Output::beside(path, earlier, part)?, position, missing)
            }
        },
        // What is there stays there until the new list is whole, and what was saved until there is a new page.
        Origin::Nothing | Origin::Restart(_) if length(earlier.as_ref())? > 0 => {
            let new = || (Position::new(checkpoint, Mark::of_nothing(), Place::Part), 0);
            let kept = if let Origin::Restart(kept) = origin { kept } else { None };
            let (position, missing) = kept.unwrap_or_else(new);
            (Output::beside(path, earlier, None)?, position, missing)
        }
        Origin::Nothing | Origin::Restart(_) => {
            let output = earlier.map_or_else(|| Locked::make(path), Ok)?;
            let position = Position::new(checkpoint, output.mark(0)?, Place::Output);
            (Output::in_place(output, 0)?, position, 0)
        }
    };
    Ok((output, Some(Memory::new(file, position).missing(missing))))
}

/// What the pull may cost.
pub(super) fn settings(args: &PullArgs) -> Settings {
    let oversized = if args.skip_oversized { Oversized::Skip } else { Oversized::Fail };
    Settings {
        oversized,
        pages: args.max_pages,
        page_bytes: args.max_page as u64,
        ..connection::settings(&args.connection)
    }
}
