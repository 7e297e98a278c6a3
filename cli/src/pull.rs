//! One pull, from its arguments to its exit code: what must hold before the first request, the run itself beside the
//! signals, and what is said and written at its end.

mod prepare;
mod report;

use crate::apis::{Job, PullApi};
use crate::args::{Destination, PullArgs};
use crate::connection;
use crate::console;
use crate::exit::{Exit, Fault};
use crate::interrupt::{Asked, Signals, StopRequest};
use crate::output::{Locked, Output};
use crate::sink::{Memory, Stop, Store};
use crate::summary::Summary;
use crate::tally::Tally;
use prepare::Saved;
use std::pin::pin;
use tidegate_core::pull::Outcome;
use tidegate_std::{Error, Pull, Report};

/// How a pull ended.
pub(crate) struct Ended {
    pub(crate) exit: Exit,
    pub(crate) summary: Summary,
    /// What is to be said of it.
    pub(crate) lines: Vec<String>,
}

/// Pulls as the arguments say.
pub(crate) fn run(api: &PullApi) -> Result<Exit, Fault> {
    let args = api.shared();
    let ended = connection::read_key(&args.connection).and_then(|key| run_with_key(api, key));
    let ended = ended.map_err(|fault| report::not_begun(api, fault))?;
    ended.lines.iter().for_each(console::tell);
    Ok(ended.exit)
}

/// Pulls as the arguments say, with a key from elsewhere.
pub(crate) fn run_with_key(api: &PullApi, key: String) -> Result<Ended, Fault> {
    let job = api.job()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Fault::new(Exit::LocalFile, error))?.block_on(pull(api, &job, key))
}

async fn pull(api: &PullApi, job: &Job, key: String) -> Result<Ended, Fault> {
    let args = api.shared();
    prepare::check_files(api)?;
    let Job { service, asked, ids } = job;
    let endpoint = asked.complete()?;
    let saved = prepare::load(args)?;
    let checkpoint = prepare::check(args, service, &key, &endpoint, &saved)?;
    let output_bytes = saved.output_bytes();
    let Saved { file, output, spent, .. } = saved;
    let client = connection::client(service, &args.connection, key, spent)?;
    let tally = Tally::new(&checkpoint);
    if checkpoint.is_complete() {
        return Ok(report::already_complete(args, &tally, output_bytes));
    }

    let signals = Signals::listen().map_err(|error| Fault::new(Exit::LocalFile, error))?;
    let (output, memory) = match (&args.output, file) {
        (Destination::Stdout, _) => (Output::stdout()?, None),
        (Destination::File(path), None) => (Output::fresh(path)?, None),
        (Destination::File(path), Some(file)) => {
            let output = output.map_or_else(|| Locked::make(path), Ok)?;
            let mut memory = Memory::new(file, checkpoint, output.mark(output_bytes)?);
            // Before anything is written: a partial output without a state would be taken for somebody else's file.
            memory.save(client.spent())?;
            (Output::stateful(output, output_bytes)?, Some(memory))
        }
    };
    let stop = StopRequest::default();
    let pull = client.pull(endpoint).max_item(args.max_item).settings(prepare::settings(args));
    let pull = pull.remembering(*ids).resume(checkpoint);
    let mut store = Store::new(output, memory, tally, client, stop.clone());
    let ending = drive(pull, &mut store, signals, &stop, args.state.is_some()).await;
    Ok(conclude(args, store, ending))
}

/// How a pull stopped moving.
enum Ending {
    Ended(Result<Box<Report>, Error>, Option<Asked>),
    /// Dropped because of a signal.
    Dropped(Asked),
}

/// Runs the pull, and listens for signals meanwhile.
async fn drive(
    pull: Pull<'_>,
    store: &mut Store,
    mut signals: Signals,
    stop: &StopRequest,
    can_go_on: bool,
) -> Ending {
    let progress = store.progress.clone();
    let mut running = pin!(pull.drive(store));
    let mut asked = None;
    loop {
        tokio::select! {
            // Signals first: a pull that always has something to read would never let them be heard.
            biased;
            signal = signals.next() => {
                if asked.is_some() || !can_go_on || stop.is_idle() {
                    return Ending::Dropped(asked.unwrap_or(signal));
                }
                asked = Some(signal);
                stop.make();
                progress.note("stopping with the page in hand; a second signal stops at once");
            }
            ended = &mut running => return Ending::Ended(ended.map(Box::new), asked),
        }
    }
}

/// Brings what was pulled to where it belongs, and says how it ended.
fn conclude(args: &PullArgs, mut store: Store, ending: Ending) -> Ended {
    store.progress.clear();
    let interrupted = |asked: Asked| {
        let exit = if args.state.is_some() { Exit::Interrupted } else { asked.exit() };
        Err(Fault::new(exit, "interrupted"))
    };
    let ended = match ending {
        Ending::Ended(Ok(report), _) => {
            let Report { outcome, counters, explanation, .. } = *report;
            store.tally.close(Some(&counters));
            match (outcome, explanation) {
                (Outcome::Complete(_) | Outcome::Incomplete { .. }, _) => Ok(()),
                (Outcome::Failed(failure), None) => Err(Fault::new(Exit::of(&failure), failure)),
                (Outcome::Failed(failure), Some(explanation)) => {
                    Err(Fault::new(Exit::of(&failure), format_args!("{failure} ({explanation})")))
                }
            }
        }
        Ending::Ended(Err(Error::Sink(error)), asked) => match (error.downcast::<Stop>(), asked) {
            (Ok(stop), asked) => match (*stop, asked) {
                (Stop::Unstored(fault), _) => Err(fault),
                (Stop::Asked, asked) => interrupted(asked.unwrap_or(Asked::ToInterrupt)),
            },
            (Err(error), _) => Err(Fault::new(Exit::LocalFile, error)),
        },
        Ending::Ended(Err(error), _) => Err(Fault::usage(error)),
        Ending::Dropped(asked) => interrupted(asked),
    };
    store.tally.close(None);
    let settled = match &ended {
        Ok(()) => store.output.finish(),
        Err(_) => store.output.give_up(),
    };
    let settled = settled.map_err(|error| store.output.fault(&error));
    // What the server said last, and what is spent, hold for whoever goes on from here.
    let remembered = store.remember();
    report::ended(args, &store.tally, store.output.bytes(), ended.and(settled).and(remembered))
}
