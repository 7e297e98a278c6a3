//! What is said and written at a pull's end. It says what is there: complete, or what was stored and how to go on.

use super::Ended;
use super::files::{self, Files};
use crate::advice::{self, Command};
use crate::args::{Destination, PullArgs};
use crate::exit::{Exit, Fault};
use crate::output::Target;
use crate::summary::{Summary, SummaryFile};
use crate::tally::{self, Tally};
use crate::units::{Count, Seconds};
use std::path::PathBuf;
use tidegate_core::pull::{End, Failure, Outcome};

/// What the pull was, as far as its end is told by that.
pub(super) struct Way<'a> {
    args: &'a PullArgs,
    /// Whether the output keeps what was written to it.
    is_stream: bool,
    /// Whether the items are in the part, and what has the output's name is not theirs.
    pub(super) is_beside: bool,
    /// Whether another program changed the output.
    pub(super) is_foreign: bool,
    /// Whether the server no longer takes the place where an earlier run stopped.
    is_place_refused: bool,
}

impl<'a> Way<'a> {
    pub(super) fn of(args: &'a PullArgs, files: &Files) -> Self {
        let is_stream = !matches!(files.output, Some(Target::File(_)));
        Self { args, is_stream, is_beside: false, is_foreign: false, is_place_refused: false }
    }

    pub(super) fn has_state(&self) -> bool {
        self.args.state.is_some()
    }

    /// What a failure means to the caller of the program: its sentence, and the way out.
    pub(super) fn failed(&mut self, failure: &Failure, explanation: Option<&str>) -> Fault {
        self.is_place_refused = matches!(failure, Failure::CursorExpired { .. });
        let advice = advice::of(failure, Command::Pull);
        Fault::new(Exit::of(failure), advice::sentence(failure, explanation, advice))
    }

    /// The file that the items are in; `None` of a stream.
    fn items(&self) -> Option<PathBuf> {
        match &self.args.output {
            Destination::File(path) if !self.is_stream => Some(files::items_are_in(path, self.is_beside)),
            Destination::File(_) | Destination::Stdout => None,
        }
    }
}

/// How a list ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Finish {
    /// Everything is there, for this reason.
    Complete(End),
    /// The server counts so many items more.
    Incomplete { missing: u64 },
}

impl Finish {
    /// How the list ended by an outcome and by how many items are missing, in this run or since an earlier one; or why it
    /// failed.
    pub(super) fn of(outcome: Outcome, missing: u64) -> Result<Self, Failure> {
        match outcome {
            Outcome::Complete(_) if missing > 0 => Ok(Self::Incomplete { missing }),
            Outcome::Complete(end) => Ok(Self::Complete(end)),
            Outcome::Incomplete { missing } => Ok(Self::Incomplete { missing }),
            Outcome::Failed(failure) => Err(failure),
        }
    }

    pub(super) fn missing(&self) -> u64 {
        match self {
            Self::Complete(_) => 0,
            Self::Incomplete { missing } => *missing,
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Complete(_) => Exit::Complete,
            Self::Incomplete { .. } => Exit::Incomplete,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Complete(_) => "complete",
            Self::Incomplete { .. } => "incomplete",
        }
    }

    fn end(&self) -> Option<End> {
        match self {
            Self::Complete(end) => Some(*end),
            Self::Incomplete { .. } => None,
        }
    }
}

/// A pull that ended, well or with a fault.
pub(super) fn ended(way: &Way<'_>, tally: &Tally, output_bytes: u64, result: Result<Finish, Fault>) -> Ended {
    let Fault { exit, sentence } = match result {
        Ok(finish) => {
            let lines = [Some(over(way, tally, output_bytes, finish)), missing(way, finish), changed(tally)];
            let lines = lines.into_iter().flatten().chain([took(tally)]).collect();
            let summary = Summary::new(finish.exit(), finish.word(), tally, output_bytes);
            let summary = summary.ended(finish.end(), finish.missing());
            return Ended { exit: finish.exit(), summary, lines };
        }
        Err(fault) => fault,
    };
    let summary = Summary::new(exit, &sentence.clone().unwrap_or_else(nobody_reads), tally, output_bytes);
    let lines = match sentence {
        Some(sentence) => vec![format!("not complete: {sentence}"), stored(way, tally), took(tally)],
        // Whoever stopped reading wants to read no more.
        None => Vec::new(),
    };
    Ended { exit, summary, lines }
}

/// A pull that had nothing to do.
pub(super) fn already_over(way: &Way<'_>, tally: &Tally, output_bytes: u64, finish: Finish) -> Ended {
    let line = format!("already {}; --restart pulls it anew", over(way, tally, output_bytes, finish));
    let word = format!("already {}", finish.word());
    let summary =
        Summary::new(finish.exit(), &word, tally, output_bytes).ended(finish.end(), finish.missing());
    let lines = [Some(line), self::missing(way, finish)].into_iter().flatten().collect();
    Ended { exit: finish.exit(), summary, lines }
}

/// The same with its summary written.
pub(super) fn with_summary(mut ended: Ended, file: Option<&mut SummaryFile>) -> Ended {
    let Some(file) = file else { return ended };
    if let Err(error) = file.write(&ended.summary) {
        ended.lines.push(format!("the summary {} could not be written: {error}", file.path().display()));
        if ended.exit == Exit::Complete {
            ended.exit = Exit::LocalFile;
        }
    }
    ended
}

/// A pull that could not begin, so that the summary of an earlier one is not taken for this one's.
pub(super) fn not_begun(fault: Fault, file: Option<&mut SummaryFile>) -> Fault {
    let Some(file) = file else { return fault };
    let sentence = fault.sentence.clone().unwrap_or_else(nobody_reads);
    match file.write(&Summary::not_begun(fault.exit, &sentence)) {
        Ok(()) => fault,
        Err(error) => {
            let path = file.path().display();
            let sentence = format_args!("{sentence}; the summary {path} could not be written: {error}");
            Fault::new(fault.exit, sentence)
        }
    }
}

fn nobody_reads() -> String {
    "nobody reads the output any more".to_owned()
}

fn over(way: &Way<'_>, tally: &Tally, output_bytes: u64, finish: Finish) -> String {
    let skipped = match tally.now().skipped {
        0 => String::new(),
        skipped => format!(", {} left out because they were too large", Count(skipped)),
    };
    let repeated = match tally.counters().repeated {
        0 => String::new(),
        repeated => format!(", {} left out because they came before", Count(repeated)),
    };
    let to = way.items().map_or_else(String::new, |path| format!(" in {}", path.display()));
    let amount = amount(tally);
    format!("{}: {amount}{skipped}{repeated}{to} ({} bytes)", finish.word(), Count(output_bytes))
}

/// What must be said of a list of which the server has not given all that it counts.
fn missing(way: &Way<'_>, finish: Finish) -> Option<String> {
    let Finish::Incomplete { missing } = finish else { return None };
    let stays = match &way.args.output {
        Destination::File(path) if way.is_beside => {
            format!("; {} stays as it was before", path.display())
        }
        Destination::File(_) | Destination::Stdout => String::new(),
    };
    Some(format!(
        "the list ended, and the server counts {} items more than it gave: some were passed over, or it counts items that \
         this key may not see{stays}",
        Count(missing)
    ))
}

/// What must be said of a list that changed under the pull.
fn changed(tally: &Tally) -> Option<String> {
    let total = tally.counters().changed?;
    Some(format!(
        "the list changed meanwhile: the server counts {} items now, and said otherwise before; some may have been passed \
         over, and a pull anew would have them",
        Count(total)
    ))
}

/// What of a pull that is not complete is where, and how to go on.
fn stored(way: &Way<'_>, tally: &Tally) -> String {
    let amount = amount(tally);
    let Destination::File(path) = &way.args.output else { return printed(&amount) };
    let Some(items) = way.items() else { return printed(&amount) };
    let (path, items) = (path.display(), items.display());
    if way.is_foreign {
        return format!("{amount} were written to {items}, and what is in it now is not known");
    }
    if way.is_place_refused {
        return format!(
            "stored: {amount} in {items}, but the server no longer takes the place where the pull stopped: --restart \
             begins anew, and {path} stays as it is until the new list is whole"
        );
    }
    match (&way.args.state, way.args.restart) {
        (Some(_), true) if tally.counters().pages == 0 => {
            format!("nothing was stored, and what was in {path} before is as it was")
        }
        (Some(_), true) => {
            format!("stored: {amount} in {items}; the same command without --restart goes on from there")
        }
        (Some(_), false) => format!("stored: {amount} in {items}; the same command goes on from there"),
        (None, _) if tally.counters().pages == 0 => format!("nothing was stored, and {path} was not touched"),
        (None, _) => format!(
            "{path} was not touched; {amount} are in {items}, and this pull cannot be resumed (--state would change that)"
        ),
    }
}

fn printed(amount: &str) -> String {
    format!(
        "printed: {amount} and perhaps part of the next page; this pull cannot be resumed (--output and --state would \
         change that)"
    )
}

fn amount(tally: &Tally) -> String {
    let now = tally.now();
    format!("{} items on {} pages", Count(now.items), Count(now.pages))
}

fn took(tally: &Tally) -> String {
    let counters = tally.counters();
    format!(
        "this run: {} requests, {} rejected, {} retried, {} waited of {}",
        Count(counters.requests),
        Count(counters.rejected),
        Count(counters.retried),
        Seconds(tally::total(&counters.waited)),
        Seconds(tally.elapsed())
    )
}
