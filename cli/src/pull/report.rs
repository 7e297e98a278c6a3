//! What is said and written at a pull's end. It says what is there: complete, or what was stored and how to go on.

use super::{Ended, prepare};
use crate::apis::PullApi;
use crate::args::{Destination, PullArgs};
use crate::exit::{Exit, Fault};
use crate::summary::Summary;
use crate::tally::{self, Tally};
use crate::units::{Count, Seconds};
use tidegate_std::durable;

/// A pull that ended, well or with a fault.
pub(super) fn ended(args: &PullArgs, tally: &Tally, output_bytes: u64, result: Result<(), Fault>) -> Ended {
    let (exit, sentence) = match result {
        Ok(()) => (Exit::Complete, None),
        Err(Fault { exit, sentence }) => (exit, Some(sentence)),
    };
    let outcome = match &sentence {
        None => "complete".to_owned(),
        Some(sentence) => sentence.clone().unwrap_or_else(nobody_reads),
    };
    let lines = match sentence {
        None => {
            [Some(complete(args, tally, output_bytes)), changed(tally), missing(tally), Some(took(tally))]
                .into_iter()
                .flatten()
                .collect()
        }
        // Whoever stopped reading wants to read no more.
        Some(None) => Vec::new(),
        Some(Some(sentence)) => vec![format!("not complete: {sentence}"), stored(args, tally), took(tally)],
    };
    conclude(args, exit, &outcome, tally, output_bytes, lines)
}

/// A pull that had nothing to do.
pub(super) fn already_complete(args: &PullArgs, tally: &Tally, output_bytes: u64) -> Ended {
    let line = format!("already {}; --restart pulls it anew", complete(args, tally, output_bytes));
    conclude(args, Exit::Complete, "already complete", tally, output_bytes, vec![line])
}

/// A pull that could not begin, so that the summary of an earlier one is not taken for this one's.
pub(super) fn not_begun(api: &PullApi, fault: Fault) -> Fault {
    let summary = api.shared().summary.as_ref();
    let Some(path) = summary.filter(|_| prepare::is_summary_apart(api)) else { return fault };
    let sentence = fault.sentence.clone().unwrap_or_else(nobody_reads);
    match Summary::not_begun(fault.exit, &sentence).write(path) {
        Ok(()) => fault,
        Err(error) => {
            let path = path.display();
            Fault::new(
                fault.exit,
                format_args!("{sentence}; the summary {path} could not be written: {error}"),
            )
        }
    }
}

fn nobody_reads() -> String {
    "nobody reads the output any more".to_owned()
}

fn conclude(
    args: &PullArgs,
    mut exit: Exit,
    outcome: &str,
    tally: &Tally,
    output_bytes: u64,
    mut lines: Vec<String>,
) -> Ended {
    let summary = Summary::new(exit, outcome, tally, output_bytes);
    if let Some(path) = &args.summary
        && let Err(error) = summary.write(path)
    {
        lines.push(format!("the summary {} could not be written: {error}", path.display()));
        if exit == Exit::Complete {
            exit = Exit::LocalFile;
        }
    }
    Ended { exit, summary, lines }
}

fn complete(args: &PullArgs, tally: &Tally, output_bytes: u64) -> String {
    let skipped = match tally.now().skipped {
        0 => String::new(),
        skipped => format!(", {} left out because they were too large", Count(skipped)),
    };
    let repeated = match tally.counters().repeated {
        0 => String::new(),
        repeated => format!(", {} left out because they came before", Count(repeated)),
    };
    let to = match &args.output {
        Destination::File(path) => format!(" in {}", path.display()),
        Destination::Stdout => String::new(),
    };
    format!("complete: {}{skipped}{repeated}{to} ({} bytes)", amount(tally), Count(output_bytes))
}

/// What must be said of a list of which the server has not given all that it counts.
fn missing(tally: &Tally) -> Option<String> {
    match tally.counters().missing {
        0 => None,
        missing => Some(format!("the server counts {} items more than it gave", Count(missing))),
    }
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

fn stored(args: &PullArgs, tally: &Tally) -> String {
    match (&args.output, &args.state) {
        (Destination::File(path), Some(_)) => {
            let amount = amount(tally);
            format!("stored: {amount} in {}; the same command goes on from there", path.display())
        }
        (Destination::File(path), None) => format!(
            "{} was not touched; {} are in {}, and nothing can be gone on from (--state would change that)",
            path.display(),
            amount(tally),
            durable::beside(path, ".part").display()
        ),
        (Destination::Stdout, _) => format!(
            "printed: {} and perhaps part of the next page; nothing can be gone on from (--output and --state would \
             change that)",
            amount(tally)
        ),
    }
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
