//! `tidegate-std` against the simulator on loopback, on a virtual clock: the bytes and the sockets are real, the waits
//! are not.

use crate::clock::VirtualClock;
use crate::scenario::Scenario;
use crate::served::Served;
use crate::trace::Run;
use std::sync::Arc;
use tidegate_std::{Client, Clock, Error, Event, Project, Sink, SinkError, Spent};

pub(crate) fn run(scenario: &Scenario) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run_on_runtime(scenario))
}

async fn run_on_runtime(scenario: &Scenario) -> Run {
    let served = Served::start(scenario).await;
    let mut sink = Recorder {
        run: Run::of(scenario),
        clock: Arc::clone(&served.clock),
        restart_every: scenario.restart_every,
        checkpoints: 0,
    };
    let mut spent = None;
    while let Some(spent_until_now) = run_once(scenario, &served, &mut sink, spent).await {
        sink.run.restarted();
        spent = Some(spent_until_now);
    }
    let mut run = sink.run;
    run.stats = served.stop().await;
    run
}

/// Runs until the pull ends, or until the driver has to be started again: then what was spent by then comes back.
async fn run_once(
    scenario: &Scenario,
    served: &Served,
    sink: &mut Recorder,
    spent: Option<Spent>,
) -> Option<Spent> {
    let Served { clock, base_url, roots, .. } = served;
    let project = project(scenario, base_url).with_windows(scenario.windows).on_terms(scenario.terms);
    let mut builder = Client::builder(project).clock(Arc::clone(clock) as Arc<dyn Clock>);
    if let Some(roots) = roots {
        builder = builder.trust(roots.as_bytes()).expect("a readable certificate");
    }
    builder = match spent {
        Some(spent) => builder.spent(spent),
        None => builder.unused(),
    };
    let client = builder.build().expect("a client");
    let mut pull = client.pull(scenario.endpoint).settings(scenario.settings).max_item(scenario.item_buffer);
    pull = pull.remembering(scenario.ids).recalling(sink.run.latest(scenario.ids).iter().cloned());
    if let Some(checkpoint) = sink.run.checkpoint {
        pull = pull.resume(checkpoint);
    }
    match pull.drive(sink).await {
        Ok(report) => {
            sink.run.done(clock.now(), report.outcome, report.counters);
            sink.run.answered(report.status, report.location.as_deref());
            sink.run.explanation = report.explanation.unwrap_or_default();
            sink.run.may_restart(scenario).then(|| client.spent())
        }
        Err(Error::Sink(_)) => Some(client.spent()),
        Err(error) => panic!("the pull could not run: {error}"),
    }
}

fn project(scenario: &Scenario, base_url: &str) -> Project {
    let project = Project::new(scenario.api, base_url, scenario.key.as_str()).expect("a usable project");
    let Some(tokens) = &scenario.tokens else { return project };
    let project = project.with_tokens_of(tokens.url_at(base_url), tokens.client_id);
    let project = project.expect("a usable token URL");
    match tokens.extra {
        Some((name, value)) => project.asking_for(name, value),
        None => project,
    }
}

struct Recorder {
    run: Run,
    clock: Arc<VirtualClock>,
    restart_every: Option<usize>,
    checkpoints: usize,
}

impl Sink for Recorder {
    async fn event(&mut self, event: Event<'_>) -> Result<(), SinkError> {
        self.run.take(self.clock.now(), event);
        match event {
            Event::Waiting { wait, .. } => self.clock.advance(wait),
            Event::Checkpoint { .. } => {
                self.checkpoints += 1;
                if self.restart_every == Some(self.checkpoints) {
                    self.checkpoints = 0;
                    return Err("the scenario starts the driver again".into());
                }
            }
            _ => {}
        }
        Ok(())
    }
}
