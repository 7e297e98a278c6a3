//! Who else uses the counter. They send whatever happens, and do not try again.

use super::rate::exponential;

/// The others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Nobody.
    Alone,
    /// So many a minute, at random.
    Poisson(u32),
    /// Sixty within 6 s, every one to five minutes.
    Bursts,
    /// A second client of the same kind that never ends, begun up to two minutes earlier.
    Twin,
}

impl Load {
    /// How it is called in tables.
    pub fn name(self) -> String {
        match self {
            Self::Alone => "alone".into(),
            Self::Poisson(rate) => format!("others: {rate} a minute at random"),
            Self::Bursts => "others: 60 within 6 s, every 1 to 5 minutes".into(),
            Self::Twin => "a second, endless client of the same kind".into(),
        }
    }
}

/// When they send.
#[derive(Clone, Debug)]
pub struct Arrivals {
    load: Load,
    rng: fastrand::Rng,
    next: u64,
    left_in_burst: u32,
}

impl Arrivals {
    /// From the beginning of time on.
    pub fn new(load: Load, seed: u64) -> Self {
        let mut arrivals = Self { load, rng: fastrand::Rng::with_seed(seed), next: 0, left_in_burst: 0 };
        arrivals.draw();
        arrivals
    }

    /// The next one, in milliseconds.
    pub fn peek(&self) -> u64 {
        self.next
    }

    /// Goes on to the one after it.
    pub fn draw(&mut self) {
        self.next = match self.load {
            Load::Alone | Load::Twin => u64::MAX,
            Load::Poisson(rate) => {
                self.next + exponential(&mut self.rng, 60_000.0 / f64::from(rate)).round() as u64
            }
            Load::Bursts if self.left_in_burst > 0 => {
                self.left_in_burst -= 1;
                self.next + self.rng.u64(..200)
            }
            Load::Bursts => {
                self.left_in_burst = 59;
                self.next + self.rng.u64(60_000..300_000)
            }
        };
    }
}
