//! Small worlds, gone through one by one: two pulls of two pages, limits of one to three and small buckets, and every
//! order of heads, ends, failures, vanishing drivers, timeouts and one restart, up to a number of events; from there on all
//! goes well.
//!
//! `TIDEGATE_DEPTH=6 cargo test --release -p tidegate-core --lib small` goes deeper than the usual three events; one more takes
//! about five times as long.

use super::driver::take;
use super::{LIST, SEQUENTIAL, SIDE_BY_SIDE, WorldGate};
use crate::api::{Api, Project};
use crate::checkpoint::{Checkpoint, Encoded};
use crate::gate::{Gate, WithToken};
use crate::pull::tests::server::page;
use crate::pull::{Pull, Settings, Step, TransportFault};
use crate::quota::{LimiterKind, Slot, Terms, Window, Windows};
use crate::retry::RetryPolicy;
use crate::time::{Duration, Instant};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{env, vec};

const PERIOD: u64 = 1_000;
/// What every event but a wait takes.
const MOMENT: u64 = 100;
const SETTINGS: Settings = Settings {
    head_timeout: Duration::from_millis(700),
    idle_timeout: Duration::from_millis(700),
    retry: RetryPolicy {
        budget: u16::MAX,
        first: Duration::from_millis(50),
        ceiling: Duration::from_millis(200),
    },
    limit_patience: Duration::MAX,
    ..Settings::DEFAULT
};

/// Which way a world goes at each fork.
#[derive(Debug)]
struct Path {
    /// The way taken at each fork, and how many there were.
    taken: Vec<(usize, usize)>,
    at: usize,
    depth: usize,
}

impl Path {
    /// One of so many ways. Beyond the depth it is the first one, which leads on.
    fn fork(&mut self, ways: usize) -> usize {
        if self.at == self.depth {
            return 0;
        }
        if self.at == self.taken.len() {
            self.taken.push((0, ways));
        }
        let (way, known) = self.taken[self.at];
        assert_eq!(known, ways, "the same way leads to the same fork");
        self.at += 1;
        way
    }

    /// On to the next path; `false` after the last one.
    fn next(&mut self) -> bool {
        self.at = 0;
        while let Some((way, ways)) = self.taken.pop() {
            if way + 1 < ways {
                self.taken.push((way + 1, ways));
                return true;
            }
        }
        false
    }
}

/// What may happen next, and to which pull.
#[derive(Clone, Copy, Debug)]
enum Event {
    Head(usize),
    End(usize),
    Fails(usize),
    /// The driver goes away, where it says so or not, and comes back with another connection.
    Vanishes(usize, bool),
    /// The pull goes away, and begins again where it was stored.
    IsLost(usize),
    /// Nothing, until somebody wakes up.
    Time,
    Restart,
}

#[derive(Clone, Copy)]
enum Flight {
    None,
    /// A request is on its way for the page of this number; when it arrives stands at this place.
    Asked {
        page: usize,
        arrival: usize,
    },
    /// The head came.
    Headed {
        page: usize,
    },
}

struct Side<'a> {
    pull: Pull<'a>,
    flight: Flight,
    wakes: u64,
    asleep_since: Option<u32>,
    pending: Vec<String>,
    sink: Vec<String>,
    stored: Option<Encoded>,
    is_over: bool,
}

/// What tells small worlds apart.
#[derive(Clone, Copy, Debug)]
struct Shape {
    limit: u32,
    slots: usize,
    kind: LimiterKind,
    is_sequential: bool,
    /// Whether requests arrive when they are answered, or when they are sent.
    arrives_late: bool,
}

struct Small<'a, 'p> {
    shape: Shape,
    project: &'p Project<'a>,
    gate: WorldGate,
    now: u64,
    /// When requests arrived; of those on their way, when they will at the latest.
    arrivals: Vec<u64>,
    may_restart: bool,
}

impl Shape {
    fn gate(self) -> WorldGate {
        let window = Window::new(self.limit, Duration::from_millis(PERIOD)).kind(self.kind);
        let windows = Windows::one(window);
        let memory = WithToken { slots: vec![Slot::FREE; self.slots], token: Vec::new() };
        Gate::new(windows, Terms::DEFAULT, memory).unwrap()
    }
}

impl Small<'_, '_> {
    fn instant(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    /// Lets a driver do what it can without the network.
    fn settle(&mut self, side: &mut Side<'_>) {
        let now = self.instant();
        side.asleep_since = None;
        loop {
            let step = side.pull.step(&mut self.gate, now);
            if !matches!(step, Step::Receive { .. }) {
                side.flight = Flight::None;
            }
            match step {
                Step::Wait { until, .. } => {
                    (side.wakes, side.asleep_since) = (until.as_millis(), Some(self.gate.changed()));
                    return;
                }
                Step::Receive { deadline } => {
                    side.wakes = deadline.as_millis();
                    return;
                }
                Step::Send => {
                    if side.pull.sent(&mut self.gate, now) {
                        let target =
                            side.pull.request(&self.gate).expect("it was just sent").target().to_string();
                        let (page, arrival) = (usize::from(target.contains("afterId")), self.arrivals.len());
                        side.flight = Flight::Asked { page, arrival };
                        let latest = self.now + SETTINGS.head_timeout.as_millis();
                        self.arrivals.push(if self.shape.arrives_late { latest } else { self.now });
                    }
                }
                Step::Checkpoint => {
                    let checkpoint = side.pull.behind();
                    side.sink.append(&mut side.pending);
                    side.stored = Some(checkpoint.encode());
                    side.pull.stored();
                }
                Step::Rewind { items } => {
                    assert_eq!(items as usize, side.pending.len(), "what was handed over is taken back");
                    side.pending.clear();
                    side.pull.rewound();
                }
                Step::Done(outcome) => {
                    assert!(outcome.is_complete(), "{outcome:?}");
                    assert_eq!(side.sink, ["1", "2"]);
                    (side.is_over, side.wakes) = (true, u64::MAX);
                    return;
                }
            }
        }
    }

    /// What may happen now; the first of it leads on.
    fn events(&self, sides: &[Side<'_>]) -> Vec<Event> {
        let mut events = Vec::new();
        for (at, side) in sides.iter().enumerate() {
            match side.flight {
                Flight::None => {}
                Flight::Asked { .. } => events.extend([
                    Event::Head(at),
                    Event::Fails(at),
                    Event::Vanishes(at, true),
                    Event::Vanishes(at, false),
                    Event::IsLost(at),
                ]),
                Flight::Headed { .. } => events.extend([Event::End(at), Event::Fails(at), Event::IsLost(at)]),
            }
        }
        if sides.iter().any(|side| !side.is_over) {
            events.push(Event::Time);
            events.extend(self.may_restart.then_some(Event::Restart));
        }
        events
    }

    fn happen<'b>(
        &mut self,
        event: Event,
        sides: &mut [Side<'b>; 2],
        pull_of: &mut impl FnMut(Option<Encoded>) -> Pull<'b>,
    ) {
        self.now += if matches!(event, Event::Time) { 0 } else { MOMENT };
        let now = self.instant();
        match event {
            Event::Head(at) => {
                sides[at].pull.head(&mut self.gate, now, 200, []);
                if let Flight::Asked { page, arrival } = sides[at].flight {
                    self.arrivals[arrival] = self.now.min(self.arrivals[arrival]);
                    sides[at].flight = Flight::Headed { page };
                }
            }
            Event::End(at) => {
                let side = &mut sides[at];
                if let Flight::Headed { page } = side.flight {
                    take(&mut side.pull, now, &body(page), &mut side.pending);
                    side.pull.end(&mut self.gate, now);
                }
            }
            Event::Fails(at) => {
                let side = &mut sides[at];
                match side.flight {
                    Flight::Headed { page } => {
                        take(&mut side.pull, now, &body(page)[..20], &mut side.pending)
                    }
                    Flight::Asked { arrival, .. } => {
                        self.arrivals[arrival] = self.now.min(self.arrivals[arrival]);
                    }
                    Flight::None => {}
                }
                side.pull.failed(&mut self.gate, now, TransportFault::Broken);
            }
            Event::Vanishes(at, says_so) => {
                sides[at].flight = Flight::None;
                if says_so {
                    sides[at].pull.abandoned(&mut self.gate, now);
                }
            }
            Event::IsLost(at) => {
                let side = &mut sides[at];
                (side.flight, side.pull) = (Flight::None, pull_of(side.stored));
                side.pending.clear();
            }
            Event::Time => {
                let wakes = sides.iter().map(|side| side.wakes).min().expect("there are two");
                self.now = self.now.max(wakes);
            }
            Event::Restart => {
                self.may_restart = false;
                for at in &mut self.arrivals {
                    *at = self.now.min(*at);
                }
                let (held, hints) = (self.gate.held(now).collect::<Vec<_>>(), self.gate.hints(now));
                let in_flight = self.gate.in_flight(now);
                self.gate = self.shape.gate();
                self.gate.restore(held, in_flight, hints, now);
                for side in sides.iter_mut() {
                    (side.flight, side.pull) = (Flight::None, pull_of(side.stored));
                    side.pending.clear();
                }
            }
        }
    }

    /// From the start to the end of both pulls.
    fn run(&mut self, path: &mut Path) {
        let mut buffers = vec![[0; 64]; 2 + 2 * path.depth];
        let mut buffers = buffers.iter_mut();
        let project = self.project;
        let mut pull_of = |stored: Option<Encoded>| {
            let checkpoint = stored.map(|bytes| Checkpoint::decode(&bytes).unwrap());
            Pull::new(project, &LIST, &SETTINGS, buffers.next().expect("enough"), checkpoint).unwrap()
        };
        let mut side = || Side {
            pull: pull_of(None),
            flight: Flight::None,
            wakes: 0,
            asleep_since: None,
            pending: Vec::new(),
            sink: Vec::new(),
            stored: None,
            is_over: false,
        };
        let mut sides = [side(), side()];
        let mut happened = 0;
        while sides.iter().any(|side| !side.is_over) {
            for side in sides.iter_mut().filter(|side| !side.is_over) {
                self.settle(side);
            }
            self.check_sleepers(&mut sides);
            let events = self.events(&sides);
            if events.is_empty() {
                break;
            }
            happened += 1;
            assert!(happened < 1_000, "the pulls do not end");
            let event = events[path.fork(events.len())];
            self.happen(event, &mut sides, &mut pull_of);
        }
        self.check_limit();
    }

    fn check_sleepers(&mut self, sides: &mut [Side<'_>; 2]) {
        let now = self.instant();
        for side in sides.iter_mut().filter(|side| !side.is_over) {
            if side.asleep_since == Some(self.gate.changed()) {
                let step = side.pull.step(&mut self.gate, now);
                assert!(matches!(step, Step::Wait { .. }), "a pull sleeps, and could {step:?}");
            }
        }
    }

    /// More than the limit never lie within one period: then no window of any kind holds more.
    fn check_limit(&mut self) {
        self.arrivals.sort_unstable();
        let limit = self.shape.limit as usize;
        for span in self.arrivals.windows(limit + 1) {
            assert!(span[limit] - span[0] >= PERIOD, "too many in one window: {:?}", self.arrivals);
        }
        let LimiterKind::Bucket { burst } = self.shape.kind else { return };
        // So many more than a burst take as many tokens that came back.
        for from in 0..self.arrivals.len() {
            for (beyond, at) in (1..).zip(self.arrivals.iter().skip(from + burst as usize)) {
                let enough = (at - self.arrivals[from]) * u64::from(self.shape.limit) >= PERIOD * beyond;
                assert!(enough, "a bucket for {burst} is empty: {:?}", self.arrivals);
            }
        }
    }
}

/// The page of this number, of which the first twenty bytes have the item.
fn body(number: usize) -> Vec<u8> {
    let next = if number == 0 { "1" } else { "" };
    page(&[if number == 0 { "1" } else { "2" }], next)
}

fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    let one = LimiterKind::Bucket { burst: 1 };
    let two = LimiterKind::Bucket { burst: 2 };
    let any = LimiterKind::Unknown;
    for (limit, slots, kind) in [
        (1, 1, any),
        (2, 1, any),
        (2, 2, any),
        (3, 1, any),
        (3, 2, any),
        (3, 3, any),
        (3, 3, one),
        (3, 1, two),
        (3, 3, two),
    ] {
        for (is_sequential, arrives_late) in [(false, false), (false, true), (true, false), (true, true)] {
            shapes.push(Shape { limit, slots, kind, is_sequential, arrives_late });
        }
    }
    shapes
}

#[test]
fn two_pulls_end_whole_within_the_limit_in_every_order_of_events() {
    let depth = env::var("TIDEGATE_DEPTH").map_or(3, |text| text.parse().expect("a number"));
    let mut worlds = 0;
    for shape in shapes() {
        let api: &Api = if shape.is_sequential { &SEQUENTIAL } else { &SIDE_BY_SIDE };
        let project = Project::new(api, "https://api.example", "k3y-that-nobody-may-see").unwrap();
        let mut path = Path { taken: Vec::new(), at: 0, depth };
        loop {
            let gate = shape.gate().unused();
            let mut small = Small {
                shape,
                project: &project,
                gate,
                now: 3_600_000,
                arrivals: Vec::new(),
                may_restart: true,
            };
            let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| small.run(&mut path)));
            assert!(ran.is_ok(), "{shape:?} {path:?}");
            worlds += 1;
            if !path.next() {
                break;
            }
        }
    }
    assert!(worlds > 1_000, "only {worlds} worlds");
}
