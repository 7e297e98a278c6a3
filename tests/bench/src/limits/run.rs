//! One pull on one server, with whoever else is on its counter.

use super::WINDOW;
use super::client::{Answer, Client, Strategy};
use super::others::{Arrivals, Load};
use super::rate::round_trip;
use super::server::{Kind, Server};

/// What is run.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The server.
    pub kind: Kind,
    /// The others.
    pub load: Load,
    /// The client.
    pub strategy: Strategy,
    /// How many pages it wants.
    pub pages: u32,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// From the first request to the last answer, in milliseconds.
    pub time: u64,
    /// Own requests that were rejected.
    pub rejected: u32,
    /// Requests of others, in that time.
    pub others: u32,
    /// Those of them that were rejected.
    pub others_rejected: u32,
    /// The shortest time from a rejection to the next request.
    pub shortest_gap: u64,
    /// The longest time from an answer to the next request.
    pub longest_pause: u64,
    /// Whether the client has concluded that there are no fixed windows.
    pub has_given_up_on_windows: bool,
    /// Whether it leaves a part of the limit to others.
    pub gives_share_away: bool,
    /// Every request that arrived, if that was asked for: when, whose, and whether it was let in.
    pub arrivals: Vec<(u64, bool, bool)>,
    /// When the server's windows began, where it has them.
    pub windows: Vec<i64>,
}

/// A client with at most one request on its way.
struct Caller {
    client: Box<dyn Client>,
    rng: fastrand::Rng,
    sent: u64,
    arrives: u64,
    heard: u64,
}

impl Caller {
    fn new(strategy: Strategy, seed: u64, begins: u64) -> Self {
        let mut caller = Self {
            client: strategy.client(seed),
            rng: fastrand::Rng::with_seed(seed ^ 0x5eed),
            sent: 0,
            arrives: 0,
            heard: 0,
        };
        caller.send(begins);
        caller
    }

    fn send(&mut self, now: u64) {
        self.sent = self.client.next(now);
        self.client.sent(self.sent);
        let trip = round_trip(&mut self.rng);
        self.arrives = self.sent + (trip as f64 * (0.3 + 0.4 * self.rng.f64())).round() as u64;
        self.heard = self.sent + trip;
    }
}

/// After so long a client has failed.
const HORIZON: u64 = 4 * 3_600_000;

/// Runs it. The seed decides everything that is left to chance.
pub fn run(case: &Case, seed: u64, keep_arrivals: bool) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(seed);
    // The server's clock when the simulation's shows zero: any phase.
    let wall = 1_800_000_000_000 + rng.u64(..3_600_000);
    let mut server = Server::new(case.kind, rng.u64(..));
    let mut others = Arrivals::new(case.load, rng.u64(..));
    // The others were there before.
    let begins = 300_000 + rng.u64(..120_000);
    let mut own = Caller::new(case.strategy, rng.u64(..), begins);
    let twin_begins = begins - rng.u64(..120_000);
    let mut twin = (case.load == Load::Twin).then(|| Caller::new(case.strategy, rng.u64(..), twin_begins));
    let mut outcome = Outcome { shortest_gap: u64::MAX, ..Outcome::default() };
    let mut pages = 0;
    loop {
        let twin_arrives = twin.as_ref().map_or(u64::MAX, |twin| twin.arrives);
        let next = own.arrives.min(twin_arrives).min(others.peek());
        if keep_arrivals && let Some(begun) = server.window() {
            let begun = begun as i64 - (wall + begins) as i64;
            if outcome.windows.last() != Some(&begun) {
                outcome.windows.push(begun);
            }
        }
        if next == own.arrives {
            let is_admitted = server.take(wall + next);
            if keep_arrivals {
                outcome.arrivals.push((next - begins, true, is_admitted));
            }
            let (answer, before) = answered(&mut own, wall, is_admitted);
            pages += u32::from(is_admitted);
            outcome.rejected += u32::from(!is_admitted);
            if pages == case.pages || answer.heard > HORIZON {
                outcome.time = answer.heard - begins;
                outcome.has_given_up_on_windows = own.client.has_given_up_on_windows();
                outcome.gives_share_away = own.client.gives_share_away();
                return outcome;
            }
            own.send(before);
            let pause = own.sent - answer.heard;
            outcome.longest_pause = outcome.longest_pause.max(pause);
            if !is_admitted {
                outcome.shortest_gap = outcome.shortest_gap.min(pause);
            }
        } else {
            let is_admitted = server.take(wall + next);
            if next >= begins {
                outcome.others += 1;
                outcome.others_rejected += u32::from(!is_admitted);
                if keep_arrivals {
                    outcome.arrivals.push((next - begins, false, is_admitted));
                }
            }
            match &mut twin {
                Some(twin) if next == twin_arrives => {
                    let (_, before) = answered(twin, wall, is_admitted);
                    twin.send(before);
                }
                _ => others.draw(),
            }
        }
    }
}

/// Has the answer heard, and gives when that was.
fn answered(caller: &mut Caller, wall: u64, is_admitted: bool) -> (Answer, u64) {
    let date = (wall + caller.arrives) / 1_000 * 1_000;
    let answer = Answer { sent: caller.sent, heard: caller.heard, is_admitted, date };
    caller.client.answered(answer);
    (answer, caller.heard)
}

/// The shortest time in which so many pages can be had when others ask at such a rate and so much of it is rejected.
pub fn conservation_bound(pages: u32, rate_a_minute: f64, rejected: f64) -> f64 {
    let left = f64::from(super::LIMIT) - rate_a_minute * (WINDOW as f64 / 60_000.0) * (1.0 - rejected);
    f64::from(pages) * WINDOW as f64 / left
}
