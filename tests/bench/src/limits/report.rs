//! Many seeds of a case, and the tables that come of them.

use super::client::Strategy;
use super::others::Load;
use super::run::{Case, Outcome, run};
use super::server::Kind;
use std::num::NonZero;
use std::ops::Range;
use std::thread;

/// What the runs of a case come to.
#[derive(Clone, Debug)]
pub struct Cell {
    runs: Vec<Outcome>,
}

impl Cell {
    /// Runs a case with every seed, on all processors.
    pub fn of(case: &Case, seeds: Range<u64>) -> Self {
        let workers = thread::available_parallelism().map_or(1, NonZero::get) as u64;
        let part = |worker: u64| {
            let seeds = seeds.clone().filter(move |seed| seed % workers == worker);
            seeds.map(|seed| run(case, seed, false)).collect::<Vec<_>>()
        };
        let runs = thread::scope(|scope| {
            let handles: Vec<_> = (0..workers).map(|worker| scope.spawn(move || part(worker))).collect();
            handles.into_iter().flat_map(|handle| handle.join().expect("a run ends")).collect()
        });
        Self { runs }
    }

    /// The runs.
    pub fn runs(&self) -> &[Outcome] {
        &self.runs
    }

    fn mean(&self, of: impl Fn(&Outcome) -> f64) -> f64 {
        self.runs.iter().map(of).sum::<f64>() / self.runs.len() as f64
    }

    /// The mean time in seconds.
    pub fn seconds(&self) -> f64 {
        self.mean(|run| run.time as f64 / 1_000.0)
    }

    /// The mean number of own rejections.
    pub fn rejected(&self) -> f64 {
        self.mean(|run| f64::from(run.rejected))
    }

    /// Which part of the others' requests was rejected.
    pub fn others_rejected(&self) -> f64 {
        let sum = |of: fn(&Outcome) -> u32| self.runs.iter().map(|run| f64::from(of(run))).sum::<f64>();
        sum(|run| run.others_rejected) / sum(|run| run.others).max(1.0)
    }

    /// The longest time, and the median, in seconds.
    pub fn longest_and_median(&self) -> (f64, f64) {
        let mut times: Vec<_> = self.runs.iter().map(|run| run.time as f64 / 1_000.0).collect();
        times.sort_by(f64::total_cmp);
        (times[times.len() - 1], times[times.len() / 2])
    }
}

/// One table a load: seconds; own rejections; how many of the others' requests were rejected.
pub fn print_table(load: Load, pages: u32, seeds: Range<u64>) {
    println!("\n**{}**\n", load.name());
    println!("| server | {} |", Strategy::ALL.map(Strategy::name).join(" | "));
    println!("|---|{}", "---|".repeat(Strategy::ALL.len()));
    for kind in Kind::ALL {
        let cells = Strategy::ALL.map(|strategy| {
            // Where rejected requests count, the oracle never ends.
            let is_endless = strategy == Strategy::Oracle && kind == Kind::SlidingCountsRejected;
            let seeds = if is_endless { 0..0 } else { seeds.clone() };
            Cell::of(&Case { kind, load, strategy, pages }, seeds)
        });
        // The oracle's rejections mean nothing.
        let fastest = cells.iter().skip(1).map(Cell::seconds).fold(f64::MAX, f64::min);
        let texts: Vec<_> = Strategy::ALL
            .iter()
            .zip(&cells)
            .map(|(strategy, cell)| {
                if *strategy == Strategy::Oracle {
                    return if kind == Kind::SlidingCountsRejected {
                        "–".into()
                    } else {
                        format!("{:.0}", cell.seconds())
                    };
                }
                let mark = if cell.seconds() <= fastest * 1.005 { "←" } else { "" };
                let others = match load {
                    Load::Alone => String::new(),
                    _ => format!("; {:.0} %", 100.0 * cell.others_rejected()),
                };
                format!("{:.0}{mark}; {:.1}{others}", cell.seconds(), cell.rejected())
            })
            .collect();
        println!("| {} | {} |", kind.name(), texts.join(" | "));
    }
}
