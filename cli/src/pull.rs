//! One pull, from its arguments to its exit code: what must hold before the first request, the run itself beside the
//! signals, and what is said and written at its end.

mod files;
mod prepare;
mod report;

use crate::apis::{Job, PullApi};
use crate::connection;
use crate::console;
use crate::exit::{Exit, Fault};
use crate::interrupt::{Asked, Signals, StopRequest};
use crate::sink::{Stop, Store};
use crate::summary::{Summary, SummaryFile};
use crate::tally::Tally;
use files::Files;
use report::{Finish, Way};
use std::pin::pin;
use tidegate_std::{Error, Event, Pull, Report, Sink, SinkError};

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
    let summary = args.summary.as_deref().filter(|_| files::is_summary_apart(api));
    let mut summary = summary.map(SummaryFile::open).transpose()?;
    let ended = connection::read_key(&args.connection)
        .and_then(|key| run_with_key(api, key))
        .map(|ended| report::with_summary(ended, summary.as_mut()))
        .map_err(|fault| report::not_begun(fault, summary.as_mut()))?;
    ended.lines.iter().for_each(console::tell);
    Ok(ended.exit)
}

/// Pulls as the arguments say, with a key from elsewhere. The summary is not written.
pub(crate) fn run_with_key(api: &PullApi, key: String) -> Result<Ended, Fault> {
    let job = api.job()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Fault::new(Exit::LocalFile, error))?.block_on(pull(api, &job, key))
}

async fn pull(api: &PullApi, job: &Job, key: String) -> Result<Ended, Fault> {
    let args = api.shared();
    let files = Files::of(api)?;
    let Job { service, asked, ids } = job;
    let endpoint = asked.complete()?;
    let mut saved = prepare::load(args, &files)?;
    let checkpoint = prepare::check(&files, service, &key, &endpoint, &saved)?;
    let is_over = checkpoint.is_complete();
    let bytes_before = saved.position().map_or(0, |position| position.output().bytes);
    let (missing, is_settled) = (saved.missing(), is_over && !saved.is_beside());
    let client = connection::client(service, &args.connection, key, saved.spent.take())?;
    let tally = Tally::new(&checkpoint);
    let mut way = Way::of(args, &files);
    if is_settled {
        let ended =
            client.pull(endpoint).resume(checkpoint).drive(&mut Nothing).await.map_err(Fault::usage)?;
        let finish = Finish::of(ended.outcome, ended.counters.missing.max(missing));
        let finish = finish.map_err(|failure| way.failed(&failure, ended.explanation.as_deref()))?;
        return Ok(report::already_over(&way, &tally, bytes_before, finish));
    }

    let latest = saved.latest(*ids)?;
    // A pipe waits for its reader, and that wait can be interrupted.
    let (output, mut memory) = prepare::begin(&files, saved, checkpoint)?;
    let signals = Signals::listen().map_err(|error| Fault::new(Exit::LocalFile, error))?;
    if let Some(memory) = &mut memory {
        // Before anything is written: a partial output without a state would be taken for somebody else's file.
        memory.save(client.spent())?;
    }
    let stop = StopRequest::default();
    let pull = client.pull(endpoint).max_item(args.max_item).settings(prepare::settings(args));
    let pull = pull.remembering(*ids).recalling(latest).resume(checkpoint);
    let mut store = Store::new(output, memory, tally, client, stop.clone());
    let ending = drive(pull, &mut store, signals, &stop, files.state.is_some()).await;
    Ok(conclude(way, store, ending, missing))
}

/// Takes the events of a pull that is over: there are none.
struct Nothing;

impl Sink for Nothing {
    async fn event(&mut self, _: Event<'_>) -> Result<(), SinkError> {
        Ok(())
    }
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
fn conclude(mut way: Way<'_>, mut store: Store, ending: Ending, missing_before: u64) -> Ended {
    store.progress.clear();
    let can_go_on = way.has_state();
    let interrupted = |asked: Asked| {
        let exit = if can_go_on { Exit::Interrupted } else { asked.exit() };
        Err(Fault::new(exit, "interrupted"))
    };
    let ended = match ending {
        Ending::Ended(Ok(report), _) => {
            let Report { outcome, counters, explanation, .. } = *report;
            store.tally.close(Some(&counters));
            Finish::of(outcome, counters.missing.max(missing_before))
                .map_err(|failure| way.failed(&failure, explanation.as_deref()))
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
        Ok(finish) => store.finish(finish.missing()),
        Err(_) => store.output.give_up(),
    };
    // What the server said last, and what is spent, hold for whoever goes on from here.
    let remembered = store.remember();
    (way.is_beside, way.is_foreign) = (store.output.is_beside(), store.output.is_foreign());
    let ended = ended.and_then(|finish| settled.and(remembered).map(|()| finish));
    report::ended(&way, &store.tally, store.output.bytes(), ended)
}
