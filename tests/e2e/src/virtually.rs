//! The virtual-clock driver: the same loop as every driver, with the simulator's model in place of a server and a clock
//! that jumps. It asks every step twice, since asking must not change anything. What a request and a response look like in
//! between is a [`Link`]'s matter; [`Direct`] hands them over as they are.

use crate::clock::VirtualClock;
use crate::scenario::Scenario;
use crate::trace::Run;
use tidegate_core::api::Project;
use tidegate_core::gate::WithToken;
use tidegate_core::http::{Body, Request};
use tidegate_core::pull::{Event, Mark, TransportFault};
use tidegate_core::quota::Slot;
use tidegate_core::time::Duration;
use tidegate_core::{Gate, Pull, Step};
use tidegate_simulator::{Response, SeenEnd, Simulator};
use tidegate_std::{Clock, Spent};

/// What lies between the engine and the model.
pub(crate) trait Link {
    /// The request as the server gets it.
    fn request(request: &Request<'_>) -> Asked;

    /// What a client gets to know of a response, piece by piece. Where neither its end nor a break comes, nothing more is
    /// ever heard. `chunk` is the size of what is received at once.
    fn response(response: &Response, chunk: usize) -> Vec<Received>;
}

/// A request as a server gets it.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A piece of a response.
pub(crate) enum Received {
    Head { status: u16, fields: Vec<(String, Vec<u8>)> },
    Body(Vec<u8>),
    End,
    Broken,
}

/// No bytes at all: fields as fields, and of a body what a correct client sees of it.
pub(crate) struct Direct;

impl Link for Direct {
    fn request(request: &Request<'_>) -> Asked {
        let host = ("host".to_owned(), request.origin().authority().to_string());
        let fields = request.fields().map(|field| (field.name.to_owned(), field.value.expose().to_string()));
        Asked {
            method: request.method().as_str().to_owned(),
            target: request.target().to_string(),
            fields: fields.chain([host]).collect(),
            body: bytes_of(&request.body()),
        }
    }

    fn response(response: &Response, chunk: usize) -> Vec<Received> {
        let mut received = Vec::new();
        let seen = response.seen();
        if let Some(body) = seen.body {
            let fields = response.fields.iter();
            let fields = fields.map(|(name, value)| (name.clone(), value.clone().into_bytes()));
            received.push(Received::Head { status: response.status, fields: fields.collect() });
            received.extend(body.chunks(chunk).map(|piece| Received::Body(piece.to_vec())));
        }
        match seen.end {
            SeenEnd::Complete => received.push(Received::End),
            SeenEnd::Closed | SeenEnd::Reset => received.push(Received::Broken),
            SeenEnd::Silence => {}
        }
        received
    }
}

/// All of a body.
fn bytes_of(body: &Body<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    body.write(&mut |piece| bytes.extend_from_slice(piece));
    bytes
}

pub(crate) fn run<L: Link>(scenario: &Scenario) -> Run {
    let clock = VirtualClock::new(scenario.start);
    let mut simulator = Simulator::new(scenario.config.clone());
    let mut run = Run::of(scenario);
    let mut spent = None;
    while let Some(spent_until_now) = run_once::<L>(scenario, &clock, &mut simulator, &mut run, spent) {
        run.restarted();
        spent = Some(spent_until_now);
    }
    run.stats = simulator.stats();
    run
}

/// The project of a scenario, below a base URL.
pub(crate) fn project<'a>(scenario: &'a Scenario, base_url: &'a str, token_url: &'a str) -> Project<'a> {
    let project = Project::new(scenario.api, base_url, &scenario.key).expect("a usable project");
    let Some(tokens) = &scenario.tokens else { return project };
    let project = project.with_tokens_of(token_url, tokens.client_id).expect("a usable token URL");
    match tokens.extra {
        Some((name, value)) => project.asking_for(name, value),
        None => project,
    }
}

/// A gate with room for everything.
pub(crate) type TestGate = Gate<WithToken<Vec<Slot>, Vec<u8>>>;

pub(crate) fn gate(scenario: &Scenario) -> TestGate {
    let memory =
        WithToken { slots: vec![Slot::FREE; scenario.windows.slots()], token: vec![0; TOKEN_BUFFER] };
    Gate::new(scenario.windows, scenario.terms, memory).expect("enough slots")
}

/// The longest token, as in `tidegate-std`.
const TOKEN_BUFFER: usize = 16 << 10;

/// Runs until the pull ends, or until the driver has to be started again: then what was spent by then comes back.
fn run_once<L: Link>(
    scenario: &Scenario,
    clock: &VirtualClock,
    simulator: &mut Simulator,
    run: &mut Run,
    spent: Option<Spent>,
) -> Option<Spent> {
    // As many digits as a real port has, so that a link of the server's to itself is as long.
    let base_url = format!("http://127.0.0.1:54321{}", scenario.base_path());
    let token_url = scenario.tokens.as_ref().map(|tokens| tokens.url_at(&base_url)).unwrap_or_default();
    let project = project(scenario, &base_url, &token_url);
    let mut gate = gate(scenario);
    match spent {
        Some(spent) => spent.restore(&mut gate, clock.now()),
        None => gate = gate.unused(),
    }
    gate.assume_clock(clock.unix(), clock.now());
    let mut item_buffer = vec![0; scenario.item_buffer];
    let mut ids = vec![Mark::EMPTY; scenario.ids];
    let pull = Pull::new(&project, &scenario.endpoint, &scenario.settings, &mut item_buffer, run.checkpoint);
    let mut pull = Box::new(pull.expect("a usable pull").remembering(&mut ids));
    run.latest(scenario.ids).iter().for_each(|item| pull.recall(item));
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
            Step::Send => {
                assert!(pull.sent(&mut gate, now), "nobody else uses the gate");
                run.take(now, Event::Sending { target: pull.target().expect("it was just sent") });
                let request = L::request(&pull.request(&gate).expect("it was just sent"));
                response = Some(exchange(scenario, clock, simulator, request));
            }
            Step::Receive { deadline } => match response.take() {
                Some(response) => {
                    let received = L::response(&response, scenario.chunk);
                    receive(clock, &mut gate, &mut pull, received, run);
                }
                // The server is silent.
                None => clock.advance(deadline.since(now)),
            },
            Step::Checkpoint => {
                run.take(now, Event::Checkpoint { checkpoint: pull.behind(), counters: pull.counters() });
                checkpoints += 1;
                if scenario.restart_every == Some(checkpoints) {
                    return Some(Spent::of(&gate, now));
                }
                pull.stored();
            }
            Step::Rewind { items } => {
                run.take(now, Event::Rewind { items });
                pull.rewound();
            }
            Step::Done(outcome) => {
                run.done(now, outcome, *pull.counters());
                run.answered(pull.status(), pull.location());
                run.refused(pull.problem());
                return run.may_restart(scenario).then(|| Spent::of(&gate, now));
            }
        }
    }
}

/// Asks the simulator; half of the round trip passes before the request arrives, and half before the answer does.
fn exchange(scenario: &Scenario, clock: &VirtualClock, simulator: &mut Simulator, asked: Asked) -> Response {
    let Asked { method, target, fields, body } = &asked;
    let request = tidegate_simulator::Request { method, target, fields, body };
    let half_trip = Duration::from_millis(scenario.round_trip.as_millis() / 2);
    clock.advance(half_trip);
    let response = simulator.answer(clock.unix().as_millis(), &request);
    clock.advance(half_trip.plus(Duration::from_millis(response.delay_ms)));
    response
}

/// Hands over what came of a response, as far as the engine wants it.
fn receive(
    clock: &VirtualClock,
    gate: &mut TestGate,
    pull: &mut Pull<'_>,
    received: Vec<Received>,
    run: &mut Run,
) {
    for piece in received {
        let now = clock.now();
        if !matches!(pull.step(gate, now), Step::Receive { .. }) {
            return;
        }
        match piece {
            Received::Head { status, fields } => {
                let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
                if let Some(event) = pull.head(gate, now, status, fields) {
                    run.take(now, event);
                }
            }
            Received::Body(bytes) => {
                let mut rest = &bytes[..];
                while let Some(event) = pull.body(clock.now(), &mut rest) {
                    run.take(clock.now(), event);
                }
            }
            Received::End => pull.end(gate, now),
            Received::Broken => pull.failed(gate, now, TransportFault::Broken),
        }
    }
}
