//! What is demanded of the product's presets, each demand with what was seen. Ratios are between strategies in the same
//! runs; the oracle is the bound.

use super::WINDOW;
use super::client::Strategy::{
    self, Cubic, Fallback, FixedWait, Governor, Jitter, Line, LogAndWindow, Named, Oracle, Tidegate, Tower,
};
use super::others::Load;
use super::report::Cell;
use super::run::{Case, conservation_bound};
use super::server::{BURST, Kind};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use tidegate_core::quota::{LimiterKind, Sharing};

const GREEDY: Strategy = Tidegate(Sharing::Greedy);
const FAIR: Strategy = Tidegate(Sharing::Fair);
const POLITE: Strategy = Tidegate(Sharing::Polite);
const PRESETS: [Strategy; 3] = [GREEDY, FAIR, POLITE];

/// One demand.
#[derive(Debug)]
pub struct Demand {
    /// Its number.
    pub id: &'static str,
    /// What is demanded.
    pub text: &'static str,
    /// What was seen, the worst of it.
    pub seen: String,
    /// Whether that is enough.
    pub is_met: bool,
}

/// Figures below a bound: the worst one, and whether it is.
struct Worst {
    parts: Vec<String>,
    is_met: bool,
}

impl Worst {
    fn new() -> Self {
        Self { parts: Vec::new(), is_met: true }
    }

    /// None of the figures may be above the bound.
    fn at_most(mut self, what: &str, bound: f64, figures: impl IntoIterator<Item = f64>) -> Self {
        let worst = figures.into_iter().fold(f64::MIN, f64::max);
        self.is_met &= worst <= bound;
        self.parts.push(format!("{what} {worst:.3}"));
        self
    }

    fn demand(self, id: &'static str, text: &'static str) -> Demand {
        Demand { id, text, seen: self.parts.join(", "), is_met: self.is_met }
    }
}

/// Runs each case once.
struct Lab {
    seeds: Range<u64>,
    cells: RefCell<HashMap<String, Rc<Cell>>>,
}

impl Lab {
    fn cell(&self, kind: Kind, load: Load, strategy: Strategy) -> Rc<Cell> {
        self.of_pages(kind, load, strategy, 1_000)
    }

    fn of_pages(&self, kind: Kind, load: Load, strategy: Strategy, pages: u32) -> Rc<Cell> {
        let case = Case { kind, load, strategy, pages };
        let mut cells = self.cells.borrow_mut();
        Rc::clone(
            cells.entry(format!("{case:?}")).or_insert_with(|| Rc::new(Cell::of(&case, self.seeds.clone()))),
        )
    }

    /// How much longer one takes than the other.
    fn ratio(&self, kind: Kind, load: Load, one: Strategy, other: Strategy) -> f64 {
        self.cell(kind, load, one).seconds() / self.cell(kind, load, other).seconds()
    }

    /// How many more rejections one gets than the other.
    fn rejected_ratio(&self, kind: Kind, load: Load, one: Strategy, other: Strategy) -> f64 {
        self.cell(kind, load, one).rejected() / self.cell(kind, load, other).rejected()
    }
}

/// All demands, seen with these seeds.
pub fn demands(seeds: Range<u64>) -> Vec<Demand> {
    let lab = Lab { seeds, cells: RefCell::default() };
    let hundred = Load::Poisson(100);
    let crowded = [50, 100, 150].map(Load::Poisson);
    vec![
        alone(&lab),
        Worst::new()
            .at_most("ratio", 1.04, pairs(Kind::FIXED, crowded).map(|(kind, load)| lab.ratio(kind, load, GREEDY, Oracle)))
            .demand("A2", "greedy, fixed windows, others 50, 100, 150: at most 1.04 of the oracle's time"),
        Worst::new()
            .at_most("mean", 9.5, Kind::FIXED.map(|kind| lab.cell(kind, hundred, GREEDY).rejected()))
            .at_most("of jitter's", 0.27, Kind::FIXED.map(|kind| lab.rejected_ratio(kind, hundred, GREEDY, Jitter)))
            .at_most("most", 14.0, most_rejected(&lab, hundred))
            .demand("A3", "greedy, fixed windows, others 100: at most 9.5 own rejections, 0.27 of jitter's, never above 14"),
        long_pulls(&lab),
        Worst::new()
            .at_most("greedy", 1.15, [lab.ratio(Kind::Sliding, hundred, GREEDY, Jitter)])
            .at_most("its rejections", 0.25, [lab.rejected_ratio(Kind::Sliding, hundred, GREEDY, Jitter)])
            .at_most("fair", 0.80, [lab.ratio(Kind::Sliding, hundred, FAIR, LogAndWindow)])
            .demand("A5", "sliding log, others 100: greedy at most 1.15 of jitter's time with 0.25 of its rejections; fair 0.80 of log + 60 s"),
        Worst::new()
            .at_most("of jitter", 1.30, [lab.ratio(Kind::Sliding, Load::Poisson(150), GREEDY, Jitter)])
            .at_most("of log + 60 s", 0.65, [lab.ratio(Kind::Sliding, Load::Poisson(150), GREEDY, LogAndWindow)])
            .demand("A6", "sliding log, others 150: greedy at most 1.30 of jitter's time and 0.65 of log + 60 s"),
        Worst::new()
            .at_most("of jitter", 1.25, [lab.ratio(Kind::Bucket, hundred, GREEDY, Jitter)])
            .at_most("of log + 60 s", 0.95, [lab.ratio(Kind::Bucket, hundred, GREEDY, LogAndWindow)])
            .demand("A7", "token bucket, others 100: greedy at most 1.25 of jitter's time and 0.95 of log + 60 s"),
        Worst::new()
            .at_most(
                "ratio",
                0.95,
                [Jitter, FixedWait, Cubic, Governor, Tower, LogAndWindow]
                    .map(|other| lab.ratio(Kind::SlidingCountsRejected, hundred, FAIR, other)),
            )
            .at_most("rejections", 20.0, [lab.cell(Kind::SlidingCountsRejected, hundred, FAIR).rejected()])
            .demand("A8", "sliding, counts rejected, others 100: fair at most 0.95 of every other's time, 20 own rejections"),
        Worst::new()
            .at_most(
                "ratio",
                1.05,
                [Kind::Sliding, Kind::Bucket, Kind::SlidingCountsRejected]
                    .map(|kind| lab.ratio(kind, hundred, GREEDY, Fallback)),
            )
            .demand("A9", "no fixed windows, others 100: greedy at most 1.05 of its own time without learning"),
        fairness(&lab),
        Worst::new()
            .at_most("time", 1.0, Kind::FIXED.map(|kind| lab.ratio(kind, hundred, POLITE, LogAndWindow)))
            .at_most(
                "others rejected",
                0.999,
                Kind::FIXED.map(|kind| {
                    lab.cell(kind, hundred, POLITE).others_rejected() / lab.cell(kind, hundred, LogAndWindow).others_rejected()
                }),
            )
            .demand("A11", "fixed windows, others 100: polite no slower than log + 60 s, and fewer of the others rejected"),
        Worst::new()
            .at_most(
                "ratio",
                3.0,
                pairs(Kind::ALL, PRESETS).map(|(kind, preset)| {
                    let (longest, median) = lab.cell(kind, Load::Twin, preset).longest_and_median();
                    longest / median
                }),
            )
            .demand("A12", "two of the same kind, every preset and server: the longest time at most 3 medians"),
        false_disproofs(&lab),
        pauses(&lab),
        named(&lab),
        unnamed(&lab),
    ]
}

/// What is demanded on limiters that take bursts badly.
pub fn of_uneven(seeds: Range<u64>) -> [Demand; 2] {
    let lab = Lab { seeds, cells: RefCell::default() };
    [named(&lab), unnamed(&lab)]
}

/// The best that is possible where bursts are rejected: of a counter an even line, of a bucket its own rate.
fn best(lab: &Lab, kind: Kind) -> f64 {
    let bound = if kind == Kind::SmallBucket { Oracle } else { Line };
    lab.cell(kind, Load::Alone, bound).seconds()
}

fn named(lab: &Lab) -> Demand {
    let cases =
        [(Kind::Counter, LimiterKind::Counter), (Kind::SmallBucket, LimiterKind::Bucket { burst: BURST })];
    let cell = |(kind, name)| lab.cell(kind, Load::Alone, Named(name));
    Worst::new()
        .at_most("rejections", 0.0, cases.map(|case| cell(case).rejected()))
        .at_most("ratio", 1.02, cases.map(|case| cell(case).seconds() / best(lab, case.0)))
        .demand("A16", "alone on a counter and on a small bucket that are named: no rejection, at most 1.02 of the best time")
}

fn unnamed(lab: &Lab) -> Demand {
    let cells: Vec<_> = pairs(Kind::UNEVEN, PRESETS)
        .map(|(kind, preset)| (kind, lab.cell(kind, Load::Alone, preset)))
        .collect();
    let runs = || cells.iter().flat_map(|(_, cell)| cell.runs());
    Worst::new()
        .at_most("most rejections", 2.0, runs().map(|run| f64::from(run.rejected)))
        .at_most("ratio", 1.05, cells.iter().map(|(kind, cell)| cell.seconds() / best(lab, *kind)))
        .at_most("shares given away", 0.0, runs().map(|run| f64::from(u8::from(run.gives_share_away))))
        .demand("A17", "the same, not named, every preset: at most 2 rejections in any run, 1.05 of the best time, no share given away")
}

fn alone(lab: &Lab) -> Demand {
    let cells: Vec<_> =
        pairs(Kind::ALL, PRESETS).map(|(kind, preset)| lab.cell(kind, Load::Alone, preset)).collect();
    Worst::new()
        .at_most("rejections", 0.0, cells.iter().map(|cell| cell.rejected()))
        .at_most("seconds", 285.0, cells.iter().map(|cell| cell.seconds()))
        .demand("A1", "alone, every preset and server: no rejection in any run, at most 285 s")
}

fn most_rejected(lab: &Lab, load: Load) -> Vec<f64> {
    let most = |kind| {
        let cell = lab.cell(kind, load, GREEDY);
        cell.runs().iter().map(|run| f64::from(run.rejected)).fold(0.0, f64::max)
    };
    Kind::FIXED.map(most).into()
}

fn long_pulls(lab: &Lab) -> Demand {
    let few = Lab { seeds: lab.seeds.start..lab.seeds.start + 8, cells: RefCell::default() };
    let cell = |kind, strategy| few.of_pages(kind, Load::Poisson(100), strategy, 20_000);
    let per_window = |kind| {
        let cell = cell(kind, GREEDY);
        cell.rejected() / (cell.seconds() * 1_000.0 / WINDOW as f64)
    };
    Worst::new()
        .at_most("rejections a window", 1.2, Kind::FIXED.map(per_window))
        .at_most("ratio", 1.02, Kind::FIXED.map(|kind| cell(kind, GREEDY).seconds() / cell(kind, Oracle).seconds()))
        .demand("A4", "greedy, fixed windows, 20,000 pages, others 100: at most 1.2 own rejections a window, 1.02 of the oracle's time")
}

fn fairness(lab: &Lab) -> Demand {
    let cell = |kind, strategy| lab.of_pages(kind, Load::Poisson(100), strategy, 3_000);
    let bound = |(kind, strategy)| {
        let cell = cell(kind, strategy);
        cell.seconds() * 1_000.0 / conservation_bound(3_000, 100.0, cell.others_rejected())
    };
    Worst::new()
        .at_most("fair", 0.19, Kind::FIXED.map(|kind| cell(kind, FAIR).others_rejected()))
        .at_most("polite", 0.10, Kind::FIXED.map(|kind| cell(kind, POLITE).others_rejected()))
        .at_most("time", 1.10, pairs(Kind::FIXED, [FAIR, POLITE]).map(bound))
        .demand("A10", "fixed windows, 3,000 pages, others 100: of the others at most 0.19 rejected (fair), 0.10 (polite); at most 1.10 of the bound")
}

fn false_disproofs(lab: &Lab) -> Demand {
    let rates = [20, 40, 60, 80, 100, 120, 140, 160, 180, 190].map(Load::Poisson);
    let loads: Vec<_> = rates.into_iter().chain([Load::Bursts, Load::Twin]).collect();
    let (mut runs, mut given_up) = (0, 0);
    for kind in Kind::FIXED {
        for load in &loads {
            for preset in PRESETS {
                let cell = lab.cell(kind, *load, preset);
                runs += cell.runs().len();
                given_up += cell.runs().iter().filter(|run| run.has_given_up_on_windows).count();
            }
        }
    }
    Demand {
        id: "A13",
        text: "fixed windows, others 20 to 190, in bursts, of the same kind: never taken for something else",
        seen: format!("{given_up} of {runs} runs"),
        is_met: given_up == 0 && (runs >= 6_000 || lab.seeds.end - lab.seeds.start < 60),
    }
}

fn pauses(lab: &Lab) -> Demand {
    let loads = [Load::Poisson(50), Load::Poisson(100), Load::Poisson(150), Load::Bursts, Load::Twin];
    let (mut shortest, mut longest) = (u64::MAX, 0);
    for (kind, load) in pairs(Kind::ALL, loads) {
        for preset in PRESETS {
            for run in lab.cell(kind, load, preset).runs() {
                (shortest, longest) = (shortest.min(run.shortest_gap), longest.max(run.longest_pause));
            }
        }
    }
    Demand {
        id: "A14",
        text: "every server and preset, with others: at least 3,000 ms after a rejection, no pause above 60,500 ms",
        seen: format!("{shortest} and {longest} ms"),
        is_met: shortest >= 3_000 && longest <= 60_500,
    }
}

fn pairs<A: Copy, B: Copy, const N: usize, const M: usize>(
    first: [A; N],
    second: [B; M],
) -> impl Iterator<Item = (A, B)> {
    first.into_iter().flat_map(move |one| second.into_iter().map(move |other| (one, other)))
}
