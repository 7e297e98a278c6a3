//! The virtual-clock driver: the same loop as every driver, with the simulator's model in place of a network and a
//! clock that jumps. It asks every step twice, since asking must not change anything.

use crate::clock::VirtualClock;
use crate::scenario::Scenario;
use crate::trace::Run;
use tidegate_core::api::Project;
use tidegate_core::api::comanage;
use tidegate_core::page::Item;
use tidegate_core::pull::TransportFault;
use tidegate_core::quota::{Slot, Spent};
use tidegate_core::time::Duration;
use tidegate_core::{Gate, Pull, Step};
use tidegate_simulator::{Request, Response, SeenEnd, Simulator};
use tidegate_std::{Clock, Event};

pub(crate) fn run(scenario: &Scenario) -> Run {
    let clock = VirtualClock::new(scenario.start);
    let mut simulator = Simulator::new(scenario.config.clone());
    let mut run = Run::new();
    let mut spent = None;
    while let Some(spent_until_now) = run_once(scenario, &clock, &mut simulator, &mut run, spent) {
        run.restarted();
        spent = Some(spent_until_now);
    }
    run.stats = simulator.stats();
    run
}

/// Runs until the pull ends, or until the driver has to be started again: then what was spent by then comes back.
fn run_once(
    scenario: &Scenario,
    clock: &VirtualClock,
    simulator: &mut Simulator,
    run: &mut Run,
    spent: Option<Spent>,
) -> Option<Spent> {
    let base_url = format!("http://127.0.0.1{}", scenario.config.base_path);
    let project = Project::new(&comanage::API, &base_url, &scenario.key).expect("a usable project");
    let slots = vec![Slot::FREE; scenario.windows.slots()];
    let mut gate = Gate::new(scenario.windows, slots).expect("enough slots");
    if let Some(spent) = spent {
        gate.restore(spent, clock.now());
    }
    gate.assume_clock(clock.unix(), clock.now());
    let mut item_buffer = vec![0; scenario.item_buffer];
    let mut pull =
        Pull::new(&project, &scenario.endpoint, &scenario.settings, &mut item_buffer, run.checkpoint)
            .expect("a usable pull");
    let mut response = None;
    let mut checkpoints = 0;
    loop {
        let now = clock.now();
        let step = pull.step(&mut gate, now);
        assert_eq!(
            format!("{step:?}"),
            format!("{:?}", pull.step(&mut gate, now)),
            "asking changed the answer"
        );
        match step {
            Step::Wait { until, why } => {
                let wait = until.since(now);
                run.take(now, Event::Waiting { wait, why });
                clock.advance(wait);
            }
            Step::Send(request) => {
                assert!(pull.sent(&mut gate, now), "nobody else uses the gate");
                let target = request.target().to_string();
                run.take(now, Event::Sending { target: &target, spent: gate.spent(now) });
                response = Some(exchange(scenario, clock, simulator, &request));
            }
            Step::Receive { deadline } => match response.take() {
                Some(response) => receive(scenario, clock, &mut gate, &mut pull, &response, run),
                // The server is silent.
                None => clock.advance(deadline.since(now)),
            },
            Step::Checkpoint(checkpoint) => {
                run.take(now, Event::Checkpoint { checkpoint: &checkpoint, counters: pull.counters() });
                checkpoints += 1;
                if scenario.restart_every == Some(checkpoints) {
                    return Some(gate.spent(now));
                }
                pull.stored();
            }
            Step::Rewind { items } => {
                run.take(now, Event::Rewind { items });
                pull.rewound();
            }
            Step::Done(outcome) => {
                run.done(now, outcome, *pull.counters());
                return run.may_restart(scenario).then(|| gate.spent(now));
            }
        }
    }
}

/// Asks the simulator; half of the round trip passes before the request arrives, and half before the answer does.
fn exchange(
    scenario: &Scenario,
    clock: &VirtualClock,
    simulator: &mut Simulator,
    request: &tidegate_core::http::Request<'_>,
) -> Response {
    let target = request.target().to_string();
    let host = ("host".to_owned(), request.origin().authority().to_string());
    let fields = request.fields().map(|field| (field.name.to_owned(), field.value.expose().to_owned()));
    let fields: Vec<(String, String)> = fields.chain([host]).collect();
    let sent = Request { method: request.method().as_str(), target: &target, fields: &fields };
    let half_trip = Duration::from_millis(scenario.round_trip.as_millis() / 2);
    clock.advance(half_trip);
    let response = simulator.answer(clock.unix().as_millis(), &sent);
    clock.advance(half_trip);
    response
}

/// Hands over what a client sees of a response.
fn receive(
    scenario: &Scenario,
    clock: &VirtualClock,
    gate: &mut Gate<Vec<Slot>>,
    pull: &mut Pull<'_>,
    response: &Response,
    run: &mut Run,
) {
    let seen = response.seen();
    if let Some(body) = seen.body {
        let announced = gate.announced_maintenance();
        let fields = response.fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        pull.head(gate, clock.now(), response.status, fields);
        if gate.announced_maintenance() != announced {
            run.take(clock.now(), Event::Maintenance(gate.announced_maintenance()));
        }
        for chunk in body.chunks(scenario.chunk) {
            if !matches!(pull.step(gate, clock.now()), Step::Receive { .. }) {
                return;
            }
            hand_over(clock, pull, chunk, run);
        }
    }
    let now = clock.now();
    if !matches!(pull.step(gate, now), Step::Receive { .. }) {
        return;
    }
    match seen.end {
        SeenEnd::Complete => pull.end(gate, now),
        SeenEnd::Closed | SeenEnd::Reset => pull.failed(gate, now, TransportFault::Broken),
        SeenEnd::Silence => {}
    }
}

fn hand_over(clock: &VirtualClock, pull: &mut Pull<'_>, mut chunk: &[u8], run: &mut Run) {
    loop {
        let now = clock.now();
        let (taken, item) = pull.body(now, chunk);
        match item {
            Some(Item::Whole { index, bytes }) => run.take(now, Event::Item { index, bytes }),
            Some(Item::TooLarge { index, size }) => run.take(now, Event::Skipped { index, size }),
            None => return,
        }
        chunk = &chunk[taken..];
    }
}
