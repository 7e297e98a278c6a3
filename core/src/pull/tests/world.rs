//! A driver without I/O. Its clock jumps from one event to the next, its server is a closure, its sink rolls back. At
//! every point it asks for the step twice and insists on the same answer, and it holds the engine to its contract:
//! no wait that is over, no rewind but for what was handed over, the credential for the configured origin only.

use super::profiles::Objects;
use super::server::{Answer, Ending, http_date};
use crate::api::{Endpoint, Project, comanage};
use crate::checkpoint::{Checkpoint, Encoded};
use crate::gate::{Gate, WaitReason};
use crate::http::Request;
use crate::profile::Profile;
use crate::pull::{self, Counters, Outcome, Pull, Settings, Step, TransportFault};
use crate::quota::{Slot, Terms, Window, Windows};
use crate::time::{Duration, Instant};
use std::boxed::Box;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const KEY: &str = "k3y-that-nobody-may-see";
pub(super) const BASE: &str = "https://api.example/base";
pub(super) const LIST: Endpoint<'static> = comanage::list("/objects");
/// The time of the server when the clock of the world starts.
pub(super) const NOON: u64 = 1_800_000_000;

/// What happened, in order.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "few of them live at once")]
pub(super) enum Event {
    Sent { at: u64, target: String },
    Wait { until: u64, why: WaitReason },
    Item(String),
    Skipped { index: u32, size: u64 },
    Checkpoint(Checkpoint),
    Rewind(u32),
    Done(Outcome),
}

/// A request as it arrives.
pub(super) struct Asked {
    pub(super) at: u64,
    /// The key by which the page is asked for; empty for the first.
    pub(super) key: String,
    /// Requests that came before it.
    pub(super) earlier: usize,
}

/// How the bytes of a body fall into chunks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Split {
    Whole,
    Every(usize),
    Random(u64),
}

impl Split {
    fn next(&mut self, rest: usize) -> usize {
        match self {
            Self::Whole => rest,
            Self::Every(len) => rest.min(*len),
            Self::Random(state) => {
                *state =
                    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                rest.min(1 + usize::try_from(*state >> 33).unwrap() % 17)
            }
        }
    }
}

/// An answer on its way, and how much of it arrived.
struct Flight {
    answer: Answer,
    head_at: u64,
    is_head_given: bool,
    given: usize,
}

impl Flight {
    /// When the next piece of it arrives, if it ever does.
    fn next_at(&self, chunk: usize) -> Option<u64> {
        let arrives =
            |bytes: usize| self.head_at + self.answer.millis_per_byte * u64::try_from(bytes).unwrap();
        match self.answer.ending {
            Ending::Silence => None,
            _ if !self.is_head_given => Some(self.head_at),
            Ending::Stall if self.given == self.answer.body.len() => None,
            _ => Some(arrives(self.given + chunk)),
        }
    }
}

/// One pull as its driver sees it, and what outlives it.
#[derive(Default)]
pub(super) struct Line {
    flight: Option<Flight>,
    /// Items of the page in hand.
    pending: Vec<Option<String>>,
    /// Items committed.
    pub(super) sink: Vec<String>,
    pub(super) stored: Option<Encoded>,
    pub(super) trace: Vec<Event>,
    pub(super) counters: Counters,
    pub(super) problem: String,
}

/// What came of one turn of the driver's loop.
enum Turn {
    Went,
    SleepsUntil(u64),
    Ended(Option<Outcome>),
}

/// Everything but the pulls.
pub(super) struct World {
    pub(super) endpoint: Endpoint<'static>,
    pub(super) settings: Settings,
    pub(super) item_buffer: usize,
    pub(super) gate: Gate<Vec<Slot>>,
    pub(super) now: u64,
    /// From the sending of a request to its arrival, and on to the head of the answer.
    pub(super) there: u64,
    pub(super) back: u64,
    pub(super) split: Split,
    /// The server's clock when this one shows zero, in milliseconds since 1970, if it sends a `Date`.
    pub(super) server_clock: Option<u64>,
    pub(super) line: Line,
    /// When every request arrived.
    pub(super) arrivals: Vec<u64>,
    /// The power goes right after an event of which this is true.
    pub(super) power_goes: Box<dyn FnMut(&Event) -> bool>,
    pub(super) server: Box<dyn FnMut(&Asked) -> Answer>,
}

impl World {
    /// A world in which nothing is limited.
    pub(super) fn new(server: impl FnMut(&Asked) -> Answer + 'static) -> Self {
        Self {
            endpoint: LIST,
            settings: Settings::DEFAULT,
            item_buffer: 64,
            gate: Gate::new(Windows::NONE, Terms::DEFAULT, Vec::new()).unwrap().unused(),
            now: 0,
            there: 40,
            back: 60,
            split: Split::Whole,
            server_clock: None,
            line: Line::default(),
            arrivals: Vec::new(),
            power_goes: Box::new(|_| false),
            server: Box::new(server),
        }
    }

    pub(super) fn limited(mut self, limit: u32, period: u64) -> Self {
        self.gate = gate(limit, period);
        self
    }

    /// Pulls from the stored checkpoint until the end; `None` if the power goes before.
    pub(super) fn run(&mut self) -> Option<Outcome> {
        let mut line = [core::mem::take(&mut self.line)];
        let outcomes = self.run_side_by_side(&mut line);
        [self.line] = line;
        outcomes[0]
    }

    /// The end of a pull during which the power does not go.
    pub(super) fn outcome(&mut self) -> Outcome {
        self.run().unwrap()
    }

    /// Several pulls through the one gate.
    pub(super) fn run_side_by_side(&mut self, lines: &mut [Line]) -> Vec<Option<Outcome>> {
        self.run_with::<Objects>(lines)
    }

    /// The same by engines that are able to do what a profile says.
    pub(super) fn run_with<P: Profile>(&mut self, lines: &mut [Line]) -> Vec<Option<Outcome>> {
        let project = Project::new(&comanage::API, BASE, KEY).unwrap();
        let (endpoint, settings) = (self.endpoint, self.settings);
        let mut buffers = std::vec![std::vec![0; self.item_buffer]; lines.len()];
        let mut pulls: Vec<_> = buffers
            .iter_mut()
            .zip(lines.iter())
            .map(|(buffer, line)| {
                let stored = line.stored.map(|bytes| Checkpoint::decode(&bytes).unwrap());
                Pull::<P>::with_profile(&project, &endpoint, &settings, buffer, stored).unwrap()
            })
            .collect();
        let mut outcomes = std::vec![None; lines.len()];
        for _ in 0..1_000_000 {
            let mut wakes = u64::MAX;
            for ((pull, line), outcome) in pulls.iter_mut().zip(lines.iter_mut()).zip(&mut outcomes) {
                while outcome.is_none() {
                    match self.turn(pull, line) {
                        Turn::Went => {}
                        Turn::SleepsUntil(at) => {
                            wakes = wakes.min(at);
                            break;
                        }
                        Turn::Ended(end) => {
                            line.counters = *pull.counters();
                            line.problem = pull.problem().to_string();
                            line.flight = None;
                            line.pending.clear();
                            *outcome = Some(end);
                        }
                    }
                }
            }
            if wakes == u64::MAX {
                return outcomes.into_iter().map(Option::flatten).collect();
            }
            self.now = wakes;
        }
        panic!("the pull does not end");
    }

    fn turn<P: Profile>(&mut self, pull: &mut Pull<'_, P>, line: &mut Line) -> Turn {
        let now = Instant::from_millis(self.now);
        let step = pull.step(&mut self.gate, now);
        let again = pull.step(&mut self.gate, now);
        assert_eq!(format!("{step:?}"), format!("{again:?}"), "asked twice");
        if !matches!(step, Step::Receive { .. }) {
            line.flight = None;
        }
        let event = match step {
            Step::Receive { deadline } => return self.receive(pull, line, deadline.as_millis()),
            Step::Wait { until, why } => {
                assert!(until > now, "a wait for what is over");
                let event = Event::Wait { until: until.as_millis(), why };
                if line.trace.last() != Some(&event) {
                    line.trace.push(event);
                }
                return Turn::SleepsUntil(until.as_millis());
            }
            Step::Send => {
                assert!(pull.sent(&mut self.gate, now), "the step was to send");
                let target = check_request(&pull.request(&self.gate).expect("it was just sent"));
                line.flight = Some(self.ask(&target));
                Event::Sent { at: self.now, target }
            }
            Step::Checkpoint => {
                let checkpoint = *pull.behind();
                line.sink.extend(line.pending.drain(..).flatten());
                line.stored = Some(checkpoint.encode());
                Event::Checkpoint(checkpoint)
            }
            Step::Rewind { items } => {
                let handed_over = u32::try_from(line.pending.len()).unwrap();
                assert_eq!(items, handed_over, "rewind is for what was handed over of the page");
                assert_ne!(items, 0, "nothing to forget");
                line.pending.clear();
                Event::Rewind(items)
            }
            Step::Done(outcome) => {
                assert!(line.pending.is_empty(), "items of a broken page were left");
                line.trace.push(Event::Done(outcome));
                return Turn::Ended(Some(outcome));
            }
        };
        let turn = self.record(line, event);
        if let Turn::Went = turn {
            match step {
                Step::Checkpoint => pull.stored(),
                Step::Rewind { .. } => pull.rewound(),
                Step::Send | Step::Wait { .. } | Step::Receive { .. } | Step::Done(_) => {}
            }
        }
        turn
    }

    fn record(&mut self, line: &mut Line, event: Event) -> Turn {
        let is_over = (self.power_goes)(&event);
        line.trace.push(event);
        if is_over { Turn::Ended(None) } else { Turn::Went }
    }

    fn ask(&mut self, target: &str) -> Flight {
        let at = self.now + self.there;
        let key = target.split_once("afterId=").map_or("", |(_, key)| key).to_string();
        let mut answer = (self.server)(&Asked { at, key, earlier: self.arrivals.len() });
        self.arrivals.push(at);
        if let Some(start) = self.server_clock {
            answer = answer.field("date", http_date((start + at) / 1_000));
        }
        Flight { answer, head_at: at + self.back, is_head_given: false, given: 0 }
    }

    /// Gives the pull what has arrived, or sleeps until something does or the deadline has come.
    fn receive<P: Profile>(&mut self, pull: &mut Pull<'_, P>, line: &mut Line, deadline: u64) -> Turn {
        let now = Instant::from_millis(self.now);
        assert!(deadline > self.now, "a deadline that is over");
        let Some(mut flight) = line.flight.take() else { return Turn::SleepsUntil(deadline) };
        let split_before = self.split;
        let chunk = self.split.next(flight.answer.body.len() - flight.given);
        let arrives = flight.next_at(chunk).filter(|&at| at < deadline);
        if arrives.is_none_or(|at| at > self.now) {
            self.split = split_before;
            line.flight = Some(flight);
            return Turn::SleepsUntil(arrives.unwrap_or(deadline));
        }
        let answer = &flight.answer;
        if let Ending::NoHead(fault) = answer.ending {
            pull.failed(&mut self.gate, now, fault);
            return Turn::Went;
        }
        if !flight.is_head_given {
            self.split = split_before;
            let fields = answer.fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
            pull.head(&mut self.gate, now, answer.status, fields);
            flight.is_head_given = true;
            line.flight = Some(flight);
            return Turn::Went;
        }
        if chunk == 0 {
            match answer.ending {
                Ending::Complete => pull.end(&mut self.gate, now),
                _ => pull.failed(&mut self.gate, now, TransportFault::Broken),
            }
            return Turn::Went;
        }
        let mut rest = &answer.body[flight.given..flight.given + chunk];
        let mut turn = Turn::Went;
        while let Some(told) = pull.body(now, &mut rest) {
            turn = match told {
                pull::Event::Item { bytes, .. } => {
                    let text = String::from_utf8(bytes.to_vec()).unwrap();
                    line.pending.push(Some(text.clone()));
                    self.record(line, Event::Item(text))
                }
                pull::Event::Skipped { index, size } => {
                    line.pending.push(None);
                    self.record(line, Event::Skipped { index, size })
                }
                _ => Turn::Went,
            };
            if let Turn::Ended(_) = turn {
                break;
            }
        }
        flight.given += chunk;
        line.flight = Some(flight);
        turn
    }

    pub(super) fn targets(&self) -> Vec<&str> {
        let sent = self.line.trace.iter().filter_map(|event| match event {
            Event::Sent { target, .. } => Some(target.as_str()),
            _ => None,
        });
        sent.collect()
    }

    /// When the requests left.
    pub(super) fn sent(&self) -> Vec<u64> {
        let sent = self.line.trace.iter().filter_map(|event| match event {
            Event::Sent { at, .. } => Some(*at),
            _ => None,
        });
        sent.collect()
    }

    /// What was waited for, and until when.
    pub(super) fn waits(&self) -> Vec<(u64, WaitReason)> {
        let waits = self.line.trace.iter().filter_map(|event| match event {
            Event::Wait { until, why } => Some((*until, *why)),
            _ => None,
        });
        waits.collect()
    }

    pub(super) fn rewinds(&self) -> usize {
        self.line.trace.iter().filter(|event| matches!(event, Event::Rewind(_))).count()
    }
}

/// A window with a slack of 250 ms.
pub(super) const fn window(limit: u32, period: u64) -> Window {
    Window::new(limit, Duration::from_millis(period))
}

/// A gate of one window.
pub(super) fn gate(limit: u32, period: u64) -> Gate<Vec<Slot>> {
    let windows = Windows::one(window(limit, period));
    Gate::new(windows, Terms::DEFAULT, std::vec![Slot::FREE; windows.slots()]).unwrap().unused()
}

/// The target of a request that goes where it should, with all that it needs.
fn check_request<P: Profile>(request: &Request<'_, P>) -> String {
    assert_eq!(request.origin().to_string(), "https://api.example");
    let secrets: Vec<_> =
        request.fields().filter(|field| field.value.expose().to_string().contains(KEY)).collect();
    assert_eq!(secrets.len(), 1);
    assert!(secrets[0].name == "x-api-key" && secrets[0].value.is_secret());
    let target = request.target().to_string();
    assert!(!target.contains(KEY));
    target.strip_prefix("/base").unwrap().to_string()
}
