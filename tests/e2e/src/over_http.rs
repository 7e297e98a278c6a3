//! `tidegate-std` against the simulator on loopback, on a virtual clock: the bytes and the sockets are real, the waits
//! are not.

use crate::clock::VirtualClock;
use crate::scenario::Scenario;
use crate::trace::Run;
use std::sync::{Arc, Mutex};
use tidegate_core::api::comanage;
use tidegate_core::time::Duration;
use tidegate_simulator::{Server, ServerOptions, Simulator, TlsIdentity};
use tidegate_std::{Client, Clock, Error, Event, Project, Sink, SinkError, Spent};

pub(crate) fn run(scenario: &Scenario) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run_on_runtime(scenario))
}

async fn run_on_runtime(scenario: &Scenario) -> Run {
    let clock = Arc::new(VirtualClock::new(scenario.start));
    let simulator = Arc::new(Mutex::new(Simulator::new(scenario.config.clone())));
    let (roots, tls) = if scenario.tls {
        let (roots, identity) = TlsIdentity::generate(&[]).expect("a certificate");
        (Some(roots), Some(identity))
    } else {
        (None, None)
    };
    let options = ServerOptions {
        clock: arrivals(Arc::clone(&clock), scenario.round_trip),
        on_stall: Some(on_stall(Arc::clone(&clock))),
        tls,
        ..ServerOptions::default()
    };
    let server = Server::start(Arc::clone(&simulator), options).await.expect("a free port");
    let base_url = format!("{}{}", server.base_url(), scenario.config.base_path);
    let mut sink = Recorder {
        run: Run::new(),
        clock: Arc::clone(&clock),
        restart_every: scenario.restart_every,
        checkpoints: 0,
    };
    let mut spent = None;
    while let Some(spent_until_now) =
        run_once(scenario, &clock, &base_url, roots.as_deref(), &mut sink, spent).await
    {
        sink.run.restarted();
        spent = Some(spent_until_now);
    }
    server.stop().await;
    let mut run = sink.run;
    run.stats = simulator.lock().expect("no panic").stats();
    run
}

/// Runs until the pull ends, or until the driver has to be started again: then what was spent by then comes back.
async fn run_once(
    scenario: &Scenario,
    clock: &Arc<VirtualClock>,
    base_url: &str,
    roots: Option<&str>,
    sink: &mut Recorder,
    spent: Option<Spent>,
) -> Option<Spent> {
    let project = Project::new(&comanage::API, base_url, scenario.key.as_str())
        .expect("a usable project")
        .with_windows(scenario.windows)
        .on_terms(scenario.terms);
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
    if let Some(checkpoint) = sink.run.checkpoint {
        pull = pull.resume(checkpoint);
    }
    match pull.drive(sink).await {
        Ok(report) => {
            sink.run.done(clock.now(), report.outcome, report.counters);
            sink.run.may_restart(scenario).then(|| client.spent())
        }
        Err(Error::Sink(_)) => Some(client.spent()),
        Err(error) => panic!("the pull could not run: {error}"),
    }
}

/// The simulator's clock: a request arrives half a round trip after it was sent, and its answer takes the other half.
fn arrivals(clock: Arc<VirtualClock>, round_trip: Duration) -> Arc<dyn Fn() -> u64 + Send + Sync> {
    let half_trip = Duration::from_millis(round_trip.as_millis() / 2);
    Arc::new(move || {
        clock.advance(half_trip);
        let arrival = clock.unix().as_millis();
        clock.advance(half_trip);
        arrival
    })
}

/// When the server falls silent, lets the client read what was sent, and then time pass until the client gives up.
fn on_stall(clock: Arc<VirtualClock>) -> Arc<dyn Fn() + Send + Sync> {
    /// The runtime looks at its sockets every few dozen turns.
    const TURNS: usize = 2_000;
    Arc::new(move || {
        let clock = Arc::clone(&clock);
        tokio::spawn(async move {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            clock.advance_to_first_sleeper();
        });
    })
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
