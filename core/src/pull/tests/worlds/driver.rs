//! One driver: what it does with each step, where it may vanish, and what it gets wrong.

use super::World;
use crate::pull::{Event, Pull, RequestKind, Step, TransportFault};
use crate::time::Instant;
use std::format;
use std::string::String;
use std::vec::Vec;

/// A pull's driver, and the connection that it has.
pub(super) struct Driver<'a> {
    pub(super) pull: Pull<'a>,
    flight: Option<Flight>,
    /// When it has something to do again.
    pub(super) wakes: u64,
    /// If it sleeps at the gate, what the gate said when it fell asleep.
    asleep_since: Option<u32>,
    /// The items of the broken page are forgotten, and the pull does not know yet.
    has_rewound: bool,
    /// Where the latest body was cut. A fault that comes again at the same byte is no passing one.
    cut_at: usize,
}

/// What came of a turn.
pub(super) enum Turn {
    Went,
    /// The pull is over.
    Ended,
    /// The pull is gone, and its line begins again where it was stored.
    Lost,
}

/// An answer on its way.
struct Flight {
    status: u16,
    body: Vec<u8>,
    ending: Ending,
    has_head: bool,
    given: usize,
    /// When the next piece of it comes, if one does.
    next_at: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Complete,
    Broken,
    /// Nothing comes any more.
    Silent,
}

impl<'a> Driver<'a> {
    pub(super) const fn new(pull: Pull<'a>) -> Self {
        Self { pull, flight: None, wakes: 0, asleep_since: None, has_rewound: false, cut_at: usize::MAX }
    }

    pub(super) fn away_until(self, wakes: u64) -> Self {
        Self { wakes, ..self }
    }

    pub(super) fn is_awake(&self, world: &World) -> bool {
        self.wakes <= world.now || self.asleep_since.is_some_and(|then| then != world.gate.changed())
    }

    pub(super) const fn sleeps_at_the_gate(&self) -> bool {
        self.asleep_since.is_some()
    }

    /// Does what the step says, or vanishes, or gets it wrong first.
    pub(super) fn turn(&mut self, world: &mut World, line: usize) -> Turn {
        (self.wakes, self.asleep_since) = (world.now, None);
        if world.happens(world.plan.vanishing) {
            return self.vanish(world);
        }
        let now = world.instant();
        let step = self.pull.step(&mut world.gate, now);
        if world.happens(world.plan.disorder) {
            self.call_out_of_order(world, &step);
            let again = self.pull.step(&mut world.gate, now);
            assert_eq!(format!("{again:?}"), format!("{step:?}"), "what does not fit is ignored");
        }
        if !matches!(step, Step::Receive { .. }) {
            self.flight = None;
        }
        match step {
            Step::Wait { until, .. } => {
                assert!(until > now, "a wait for what is over");
                (self.wakes, self.asleep_since) = (until.as_millis(), Some(world.gate.changed()));
            }
            Step::Send if world.happens(world.plan.faults / 10) => {
                self.pull.failed(&mut world.gate, now, TransportFault::Connect);
            }
            Step::Send => {
                if self.pull.sent(&mut world.gate, now) {
                    self.flight = Some(self.send(world, line));
                }
            }
            Step::Receive { deadline } => self.receive(world, line, deadline.as_millis()),
            Step::Checkpoint => {
                let checkpoint = self.pull.behind();
                let line = &mut world.lines[line];
                line.sink.append(&mut line.pending);
                line.stored = Some(checkpoint.encode());
                assert!(world.plan.items().starts_with(&line.sink), "items are in order: {:?}", line.sink);
                if world.happens(world.plan.vanishing) {
                    return self.vanish(world);
                }
                self.pull.stored();
            }
            Step::Rewind { items } => {
                let pending = &mut world.lines[line].pending;
                if !self.has_rewound {
                    assert_eq!(items as usize, pending.len(), "what was handed over is taken back");
                }
                pending.clear();
                self.has_rewound = true;
                if world.happens(world.plan.vanishing) {
                    return self.vanish(world);
                }
                self.pull.rewound();
                self.has_rewound = false;
            }
            Step::Done(outcome) => {
                assert!(outcome.is_complete(), "{outcome:?}");
                world.lines[line].is_over = true;
                return Turn::Ended;
            }
        }
        Turn::Went
    }

    /// The driver is dropped, where it says so or not. It is gone for a while, or its pull goes with it.
    fn vanish(&mut self, world: &mut World) -> Turn {
        self.flight = None;
        if world.random.bool() {
            let now = world.instant();
            self.pull.abandoned(&mut world.gate, now);
        }
        if world.happens(300) {
            return Turn::Lost;
        }
        self.wakes = world.now + world.random.choice([0, 1, 400, 9_000]).unwrap();
        Turn::Went
    }

    fn send(&mut self, world: &mut World, line: usize) -> Flight {
        let target = format!("{}", self.pull.request(&world.gate).expect("it was just sent").target());
        let there = world.now + world.random.u64(..=world.plan.latency.0);
        let back = there + world.random.u64(..=world.plan.latency.1);
        let mut flight = Flight {
            status: 200,
            body: Vec::new(),
            ending: Ending::Complete,
            has_head: false,
            given: 0,
            next_at: back,
        };
        let is_fault = world.happens(world.plan.faults);
        let fault = if is_fault { world.random.u8(..6) } else { u8::MAX };
        // The limit counts what arrives at the API.
        if matches!(self.pull.recipient(), Some((RequestKind::Token, _))) {
            let life = world.random.u32(1..400);
            flight.body = format!(r#"{{"access_token":"t0ken-{life}","expires_in":{life}}}"#).into_bytes();
        } else {
            flight.body = world.plan.page(target.split_once("afterId=").map_or("", |(_, key)| key));
            if fault > 0 {
                world.on_their_way.push((there, line));
            }
        }
        match fault {
            // Two without a head: the connection breaks, before the request is there in the first case.
            0 | 1 => (flight.status, flight.ending) = (0, Ending::Broken),
            2 => flight.ending = Ending::Silent,
            3 => flight.status = 503,
            4 => {
                self.cut(world, &mut flight.body);
                flight.ending =
                    world.random.choice([Ending::Broken, Ending::Silent, Ending::Complete]).unwrap();
            }
            5 => {
                self.cut(world, &mut flight.body);
                flight.body.push(b'?');
            }
            _ => {}
        }
        if fault == 2 {
            flight.next_at = u64::MAX;
        }
        flight
    }

    /// Cuts a body anywhere but near where the one before was cut.
    fn cut(&mut self, world: &mut World, body: &mut Vec<u8>) {
        let mut at = world.random.usize(..body.len());
        while at.abs_diff(self.cut_at) < 3 {
            at = world.random.usize(..body.len());
        }
        body.truncate(at);
        self.cut_at = at;
    }

    /// Gives the pull what has come, or sleeps until something does.
    fn receive(&mut self, world: &mut World, line: usize, deadline: u64) {
        assert!(deadline > world.now, "a deadline that is over");
        let now = world.instant();
        let Some(flight) = &mut self.flight else {
            // The driver before this one took the connection along.
            if world.random.bool() {
                world.connection_closes(line);
                self.pull.failed(&mut world.gate, now, TransportFault::Broken);
            } else {
                self.wakes = deadline;
            }
            return;
        };
        if flight.next_at > world.now {
            self.wakes = flight.next_at.min(deadline);
            return;
        }
        if !flight.has_head {
            if flight.status == 0 {
                self.pull.failed(&mut world.gate, now, TransportFault::Broken);
            } else {
                self.pull.head(&mut world.gate, now, flight.status, []);
            }
            flight.has_head = true;
            return;
        }
        let rest = &flight.body[flight.given..];
        if rest.is_empty() {
            match flight.ending {
                Ending::Complete => self.pull.end(&mut world.gate, now),
                Ending::Broken => self.pull.failed(&mut world.gate, now, TransportFault::Broken),
                Ending::Silent => flight.next_at = u64::MAX,
            }
            return;
        }
        let length = world.random.usize(1..=rest.len());
        take(&mut self.pull, now, &rest[..length], &mut world.lines[line].pending);
        flight.given += length;
        flight.next_at = world.now + world.random.choice([0, 0, 0, 50, 2_000]).unwrap();
    }

    /// Calls something that does not fit the step.
    fn call_out_of_order(&mut self, world: &mut World, step: &Step) {
        let now = world.instant();
        let gate = &mut world.gate;
        let has_head = self.flight.as_ref().is_some_and(|flight| flight.has_head);
        let is_receiving = matches!(step, Step::Receive { .. });
        match world.random.u8(..7) {
            0 if !matches!(step, Step::Send) => assert!(!self.pull.sent(gate, now), "no request is due"),
            1 if !is_receiving || has_head => assert!(self.pull.head(gate, now, 500, []).is_none()),
            2 if !is_receiving || (self.flight.is_some() && !has_head) => self.pull.end(gate, now),
            // Where a request is due, it says that no connection could be made.
            3 if matches!(step, Step::Checkpoint | Step::Rewind { .. } | Step::Done(_)) => {
                self.pull.failed(gate, now, TransportFault::Timeout);
            }
            4 if !is_receiving || (self.flight.is_some() && !has_head) => {
                assert!(self.pull.body(now, &mut &b"[1]"[..]).is_none(), "no body is due");
            }
            5 if !matches!(step, Step::Checkpoint) => self.pull.stored(),
            6 if !matches!(step, Step::Rewind { .. }) => self.pull.rewound(),
            _ => {}
        }
    }
}

/// Gives a pull a chunk, and keeps the items in it.
pub(super) fn take(pull: &mut Pull<'_>, now: Instant, chunk: &[u8], pending: &mut Vec<String>) {
    let mut rest = chunk;
    while let Some(event) = pull.body(now, &mut rest) {
        let Event::Item { bytes, .. } = event else { panic!("{event:?}") };
        pending.push(String::from_utf8(bytes.to_vec()).unwrap());
    }
}
