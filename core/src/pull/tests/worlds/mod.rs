//! Worlds made of numbers: one to four pulls through one gate, a limiter of any kind, a server and a network with faults of
//! their own, drivers that vanish between any two steps, that come back or do not, that call out of order, and restarts
//! with what was stored. Whatever happens:
//!
//! * the limiter, whose only client this is, never has to reject a request;
//! * a pull's items are stored whole, once and in order, at every moment as far as it has come;
//! * every pull ends;
//! * no pull sleeps while the gate is open to it.
//!
//! A world is drawn from its number alone. `TIDEGATE_WORLDS=20000 cargo test -p tidegate-core --lib worlds` goes through more
//! of them than the usual 300, and `TIDEGATE_WORLD=17` through that one.

mod driver;
mod limiter;
mod small;

use self::driver::{Driver, Turn};
use self::limiter::{Kind, Limiter};
use super::server::page;
use crate::api::{Api, Endpoint, Project, comanage};
use crate::auth::{Credential, TokenRules};
use crate::checkpoint::{Checkpoint, Encoded};
use crate::gate::{Gate, WithToken};
use crate::pull::{Pull, Settings, Step};
use crate::quota::{Held, Slot, Terms, Window, Windows};
use crate::retry::RetryPolicy;
use crate::time::{Duration, Instant};
use fastrand::Rng;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{env, eprintln, format, vec};

type WorldGate = Gate<WithToken<Vec<Slot>, Vec<u8>>>;

const LIST: Endpoint<'static> = comanage::list("/objects");
const SIDE_BY_SIDE: Api = comanage::API;
const SEQUENTIAL: Api = Api { is_sequential: true, ..comanage::API };
const WITH_TOKENS: Api = Api {
    credential: Credential::Token(TokenRules {
        expired: &[401],
        early: Duration::from_secs(60),
        lifetime: Duration::from_secs(600),
    }),
    ..comanage::API
};

/// What makes a world, drawn from its number.
#[derive(Debug)]
struct Plan {
    api: &'static Api,
    limiters: Vec<Limiter>,
    slots: usize,
    pages: Vec<Vec<String>>,
    pulls: usize,
    /// The longest way there, and back.
    latency: (u64, u64),
    /// Of a thousand requests, how many meet a fault.
    faults: u32,
    /// Of a thousand turns of a driver, how many are its last.
    vanishing: u32,
    /// Of a thousand turns of a driver, in how many it calls out of order.
    disorder: u32,
    /// How many restarts there are at most.
    restarts: u32,
    settings: Settings,
}

impl Plan {
    fn draw(random: &mut Rng) -> Self {
        let limiters: Vec<_> = (0..random.usize(1..=2)).map(|_| Self::limiter(random)).collect();
        let all_slots: usize = limiters.iter().map(|limiter| limiter.limit as usize).sum();
        // One slot a window is the least.
        let slots = if random.bool() { all_slots } else { random.usize(limiters.len()..=all_slots) };
        let mut item = 0;
        let mut items = |random: &mut Rng| {
            (0..random.usize(1..4))
                .map(|_| {
                    item += 1;
                    item.to_string()
                })
                .collect::<Vec<_>>()
        };
        Self {
            api: random.choice([&SIDE_BY_SIDE, &SEQUENTIAL, &WITH_TOKENS]).unwrap(),
            slots,
            limiters,
            pages: (0..random.usize(1..8)).map(|_| items(random)).collect(),
            pulls: random.usize(1..=4),
            latency: (random.u64(..2_500), random.u64(..2_500)),
            faults: random.choice([0, 50, 300]).unwrap(),
            vanishing: random.choice([0, 0, 10, 50]).unwrap(),
            disorder: random.choice([0, 100]).unwrap(),
            restarts: random.choice([0, 0, 1, 3]).unwrap(),
            settings: Settings {
                head_timeout: Duration::from_millis(6_000),
                idle_timeout: Duration::from_millis(6_000),
                retry: RetryPolicy {
                    budget: u16::MAX,
                    first: Duration::from_millis(random.u64(..1_000)),
                    ceiling: Duration::from_secs(5),
                },
                limit_patience: Duration::MAX,
                seed: random.u64(..),
                ..Settings::DEFAULT
            },
        }
    }

    fn limiter(random: &mut Rng) -> Limiter {
        let period = random.choice([1_000, 10_000, 60_000]).unwrap();
        Limiter::new(random.u32(1..=6), period, Kind::random(random, period))
    }

    fn gate(&self) -> WorldGate {
        let window = |limiter: &Limiter| {
            Window::new(limiter.limit, Duration::from_millis(limiter.period)).kind(limiter.kind.named())
        };
        let windows = match self.limiters.as_slice() {
            [one] => Windows::one(window(one)),
            [one, two, ..] => Windows::two(window(one), window(two)),
            [] => Windows::NONE,
        };
        let memory = WithToken { slots: vec![Slot::FREE; self.slots], token: vec![0; 64] };
        Gate::new(windows, Terms::DEFAULT, memory).unwrap()
    }

    fn project(&self) -> Project<'static> {
        let project = Project::new(self.api, "https://api.example", "k3y-that-nobody-may-see").unwrap();
        project.with_tokens_of("https://login.example/token", "client").unwrap()
    }

    /// The page under a key.
    fn page(&self, key: &str) -> Vec<u8> {
        let at: usize = if key.is_empty() { 0 } else { key.parse().unwrap() };
        let items: Vec<&str> = self.pages[at].iter().map(String::as_str).collect();
        let next = if at + 1 < self.pages.len() { (at + 1).to_string() } else { String::new() };
        page(&items, &next)
    }

    fn items(&self) -> Vec<String> {
        self.pages.concat()
    }
}

/// A pull as its user sees it; it outlives drivers and restarts.
#[derive(Default)]
struct Line {
    /// Items of the page in hand.
    pending: Vec<String>,
    /// Items stored.
    sink: Vec<String>,
    stored: Option<Encoded>,
    is_over: bool,
}

/// What outlives a restart.
struct Stored {
    held: Vec<Held>,
    in_flight: u32,
    hints: crate::gate::Hints,
}

struct World {
    random: Rng,
    plan: Plan,
    gate: WorldGate,
    now: u64,
    lines: Vec<Line>,
    /// When requests that left will arrive, and whose they are.
    on_their_way: Vec<(u64, usize)>,
}

/// How a life of the program ends.
#[derive(PartialEq, Eq)]
enum Life {
    Complete,
    Cut,
}

impl World {
    fn new(number: u64) -> Self {
        let mut random = Rng::with_seed(number);
        let plan = Plan::draw(&mut random);
        let lines = (0..plan.pulls).map(|_| Line::default()).collect();
        let gate = plan.gate().unused();
        // The clock has run for an hour, so that it can say when windows before a restart began.
        Self { random, plan, gate, now: 3_600_000, lines, on_their_way: Vec::new() }
    }

    fn instant(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    /// Something that happens so many times in a thousand.
    fn happens(&mut self, times: u32) -> bool {
        self.random.u32(..1_000) < times
    }

    fn run(&mut self) {
        let project = self.plan.project();
        while self.live(&project) == Life::Cut {
            self.restart();
        }
        let items = self.plan.items();
        for line in self.lines.iter().filter(|line| line.is_over) {
            assert_eq!(line.sink, items, "what was stored");
        }
        assert!(self.lines.iter().any(|line| line.is_over), "not all pulls were given up");
    }

    /// From a start to the end of all pulls, or to a power cut.
    fn live(&mut self, project: &Project<'_>) -> Life {
        let settings = self.plan.settings;
        let mut buffers = vec![[0; 256]; 64];
        let mut buffers = buffers.iter_mut();
        let mut drivers: Vec<Option<Driver<'_>>> = Vec::new();
        let mut pull_of = |line: &Line| {
            let checkpoint = line.stored.map(|bytes| Checkpoint::decode(&bytes).unwrap());
            let buffer = buffers.next()?;
            Some(Pull::new(project, &LIST, &settings, buffer, checkpoint).unwrap())
        };
        for line in &self.lines {
            drivers.push(if line.is_over { None } else { Some(Driver::new(pull_of(line).unwrap())) });
        }
        let cut_at = if self.plan.restarts > 0 { self.random.u32(..400) } else { u32::MAX };
        let mut turns = 0;
        while drivers.iter().any(Option::is_some) {
            let mut order: Vec<usize> = (0..drivers.len()).collect();
            self.random.shuffle(&mut order);
            for at in order {
                while let Some(driver) = &mut drivers[at]
                    && driver.is_awake(self)
                {
                    turns += 1;
                    assert!(turns < 500_000, "the pulls do not end");
                    if turns == cut_at {
                        return Life::Cut;
                    }
                    match driver.turn(self, at) {
                        Turn::Went => {}
                        Turn::Ended => drivers[at] = None,
                        Turn::Lost => {
                            self.lines[at].pending.clear();
                            let later = self.now + self.random.u64(..20_000);
                            if let Some(pull) = pull_of(&self.lines[at]) {
                                *driver = Driver::new(pull).away_until(later);
                            }
                        }
                    }
                }
            }
            self.check_sleepers(&mut drivers);
            self.pass_time(&drivers);
        }
        Life::Complete
    }

    /// Nobody sleeps while the gate is open to it.
    fn check_sleepers(&mut self, drivers: &mut [Option<Driver<'_>>]) {
        for driver in drivers.iter_mut().flatten() {
            if driver.sleeps_at_the_gate() && !driver.is_awake(self) {
                let step = driver.pull.step(&mut self.gate, Instant::from_millis(self.now));
                assert!(
                    matches!(step, Step::Wait { .. }),
                    "a pull sleeps, and could {step:?} at {}",
                    self.now
                );
            }
        }
    }

    /// To the next moment at which a driver has something to do; requests arrive on the way.
    fn pass_time(&mut self, drivers: &[Option<Driver<'_>>]) {
        let awake = drivers.iter().flatten().any(|driver| driver.is_awake(self));
        let next = drivers.iter().flatten().map(|driver| driver.wakes).min();
        if let (false, Some(next)) = (awake, next) {
            self.arrive(next);
            self.now = next;
        }
    }

    /// What is on its way arrives up to then.
    fn arrive(&mut self, until: u64) {
        self.on_their_way.sort_unstable();
        let later = self.on_their_way.partition_point(|(at, _)| *at <= until);
        for (at, _) in self.on_their_way.drain(..later) {
            for limiter in &mut self.plan.limiters {
                assert!(limiter.admits(at), "{:?} rejects at {at}: {limiter:?}", limiter.kind);
            }
        }
    }

    /// What has not arrived by now never will; to be strict, it arrives right now.
    fn connection_closes(&mut self, line: usize) {
        for (at, _) in self.on_their_way.iter_mut().filter(|(_, owner)| *owner == line) {
            *at = self.now.min(*at);
        }
    }

    /// The program starts again from what it stored, after a while.
    fn restart(&mut self) {
        self.plan.restarts -= 1;
        let then = self.instant();
        let stored = Stored {
            held: self.gate.held(then).collect(),
            in_flight: self.gate.in_flight(then),
            hints: self.gate.hints(then),
        };
        let off = self.random.choice([0, 1, 300, 5_000, 70_000]).unwrap();
        self.now += off;
        (0..self.lines.len()).for_each(|line| self.connection_closes(line));
        self.gate = self.plan.gate();
        let off = Duration::from_millis(off);
        let held = stored.held.into_iter().map(|held| held.later(off));
        self.gate.restore(held, stored.in_flight, stored.hints.later(off), Instant::from_millis(self.now));
        for line in &mut self.lines {
            line.pending.clear();
        }
    }
}

#[test]
fn whatever_happens_items_are_whole_the_limit_is_kept_and_every_pull_ends() {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse().expect("a number"));
    let numbers = match number("TIDEGATE_WORLD") {
        Some(one) => one..one + 1,
        None => 0..number("TIDEGATE_WORLDS").unwrap_or(300),
    };
    let failed: Vec<u64> = numbers
        .filter(|number| {
            let mut world = World::new(*number);
            let plan = format!("{:?}", world.plan);
            let has_failed = std::panic::catch_unwind(move || world.run()).is_err();
            if has_failed {
                eprintln!("that was world {number}: {plan}");
            }
            has_failed
        })
        .take(20)
        .collect();
    assert!(failed.is_empty(), "try TIDEGATE_WORLD=… with one of {failed:?}");
}
