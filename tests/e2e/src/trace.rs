//! What a run did, in terms that all drivers share, and what its sink ended up with.

use crate::scenario::Scenario;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use tidegate_core::Checkpoint;
use tidegate_core::cursor::Cursor;
use tidegate_core::gate::WaitReason;
use tidegate_core::problem::Problem;
use tidegate_core::pull::{Counters, Failure, Outcome};
use tidegate_core::text::Text;
use tidegate_core::time::Instant;
use tidegate_simulator::{Digest, Stats};
use tidegate_std::Event;

/// One thing that a driver did or told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "few of them live at once")]
pub enum Traced {
    /// A request left.
    Sent {
        /// When.
        at: Instant,
        /// Path and query.
        target: String,
    },
    /// An item was handed over.
    Item {
        /// How many of the page came before it.
        index: u32,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// An item was skipped.
    Skipped {
        /// How many of the page came before it.
        index: u32,
        /// Its size.
        size: u64,
    },
    /// A page was whole.
    Checkpoint {
        /// When.
        at: Instant,
        /// Where the next page begins.
        cursor: Cursor,
        /// Items so far.
        items: u64,
        /// Items skipped so far.
        skipped: u64,
        /// Pages so far.
        pages: u64,
    },
    /// A page broke off.
    Rewind {
        /// How many of its items were handed over.
        items: u32,
    },
    /// Nothing happened for a while.
    Waited {
        /// Until when.
        until: Instant,
        /// Why.
        why: WaitReason,
    },
    /// What the server announces has changed: start and end in seconds.
    Maintenance(Option<(u64, u64)>),
    /// The driver was stopped and started again from the latest checkpoint.
    Restarted,
    /// The pull ended.
    Done {
        /// When.
        at: Instant,
        /// How.
        outcome: Outcome,
        /// What it took.
        counters: Counters,
    },
}

/// A run of a scenario through one driver.
#[derive(Clone, Debug)]
pub struct Run {
    /// What happened, in order.
    pub trace: Vec<Traced>,
    /// The items of whole pages, in order: what a sink with rollback has.
    pub items: Vec<Vec<u8>>,
    /// What the simulator saw.
    pub stats: Stats,
    /// The latest checkpoint.
    pub(crate) checkpoint: Option<Checkpoint>,
    /// What people get to see of the end beside the outcome. Drivers word it differently.
    pub explanation: String,
    /// Status and location of the answer to a call.
    pub answer: Option<(u16, Option<String>)>,
    /// One body comes, in pieces that are whatever the network makes of it: they are traced as one.
    is_call: bool,
    page: Vec<Vec<u8>>,
}

impl Run {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        Self {
            explanation: String::new(),
            answer: None,
            is_call: !scenario.endpoint.is_list(),
            trace: Vec::new(),
            items: Vec::new(),
            stats: Stats::default(),
            checkpoint: None,
            page: Vec::new(),
        }
    }

    /// Takes an event as a sink with rollback does.
    pub(crate) fn take(&mut self, now: Instant, event: Event<'_>) {
        if let (true, Event::Item { bytes: more, .. }, Some(Traced::Item { bytes, .. })) =
            (self.is_call, event, self.trace.last_mut())
        {
            bytes.extend_from_slice(more);
            self.page.iter_mut().for_each(|page| page.extend_from_slice(more));
            return;
        }
        self.trace.push(match event {
            Event::Sending { target, .. } => Traced::Sent { at: now, target: target.to_string() },
            Event::Item { index, bytes } => {
                self.page.push(bytes.to_vec());
                Traced::Item { index, bytes: bytes.to_vec() }
            }
            Event::Skipped { index, size } => Traced::Skipped { index, size },
            Event::Checkpoint { checkpoint, .. } => {
                self.items.append(&mut self.page);
                self.checkpoint = Some(*checkpoint);
                Traced::Checkpoint {
                    at: now,
                    cursor: checkpoint.cursor(),
                    items: if self.is_call { 0 } else { checkpoint.items() },
                    skipped: checkpoint.skipped(),
                    pages: checkpoint.pages(),
                }
            }
            Event::Rewind { items } => {
                self.page.clear();
                Traced::Rewind { items: if self.is_call { 1 } else { items } }
            }
            Event::Waiting { wait, why } => Traced::Waited { until: now.after(wait), why },
            Event::Maintenance(announcement) => {
                let seconds = |window: tidegate_core::maintenance::Announcement| {
                    (window.start().as_secs(), window.end().as_secs())
                };
                Traced::Maintenance(announcement.map(seconds))
            }
            // The counters have the one; what the run took is traced with the other, once the run has returned.
            Event::Repeated { .. } | Event::Done(_) => return,
            other => unreachable!("an event that the suite does not know: {other:?}"),
        });
    }

    /// The latest items of whole pages, at most so many: what a driver that starts again remembers them by.
    pub(crate) fn latest(&self, count: usize) -> &[Vec<u8>] {
        &self.items[self.items.len().saturating_sub(count)..]
    }

    /// The driver starts again: what was not stored is gone.
    pub(crate) fn restarted(&mut self) {
        self.page.clear();
        self.trace.push(Traced::Restarted);
    }

    /// Whether the pull ended in failure, and may be started again according to the scenario.
    pub(crate) fn may_restart(&self, scenario: &Scenario) -> bool {
        let failed = |traced: &&Traced| matches!(traced, Traced::Done { outcome: Outcome::Failed(_), .. });
        self.trace.last().as_ref().is_some_and(failed)
            && self.trace.iter().filter(failed).count() <= scenario.restarts_on_failure
    }

    pub(crate) fn done(&mut self, at: Instant, outcome: Outcome, counters: Counters) {
        let counters = if self.is_call { Counters { items: 0, ..counters } } else { counters };
        let outcome = somewhere(outcome);
        self.trace.push(Traced::Done { at, outcome, counters });
    }

    /// What the server said of its latest refusal.
    pub(crate) fn refused(&mut self, problem: &Problem) {
        self.explanation = format!("{problem} {problem:?}");
    }

    /// What the answer to a call was.
    pub(crate) fn answered(&mut self, status: Option<u16>, location: Option<&str>) {
        self.answer = status.filter(|_| self.is_call).map(|status| (status, location.map(str::to_owned)));
    }

    /// Checks that another driver did the same.
    pub(crate) fn assert_same(&self, other: &Self, name: &str) {
        for (at, (ours, theirs)) in self.trace.iter().zip(&other.trace).enumerate() {
            assert_eq!(ours, theirs, "step {at}: the virtual driver, and {name}");
        }
        let (ours, theirs) = (self.trace.len(), other.trace.len());
        assert_eq!(ours, theirs, "the virtual driver or {name} went on where the other ended");
        assert_eq!(self.items, other.items, "the virtual driver, and {name}");
        assert_eq!(self.answer, other.answer, "the virtual driver, and {name}");
    }

    /// How the pull ended, and what it took; `None` if it was stopped.
    pub fn end(&self) -> Option<(Outcome, Counters)> {
        match self.trace.last() {
            Some(Traced::Done { outcome, counters, .. }) => Some((*outcome, *counters)),
            _ => None,
        }
    }

    /// How the pull ended.
    ///
    /// # Panics
    ///
    /// If it was stopped.
    pub fn outcome(&self) -> Outcome {
        self.end().expect("the pull ran to its end").0
    }

    /// What the pull took.
    ///
    /// # Panics
    ///
    /// If it was stopped.
    pub fn counters(&self) -> Counters {
        self.end().expect("the pull ran to its end").1
    }

    /// The body of the answer to a call, as a text.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub fn body(&self) -> String {
        String::from_utf8(self.items.concat()).expect("a text")
    }

    /// The targets that were asked for.
    pub fn targets(&self) -> Vec<&str> {
        self.trace
            .iter()
            .filter_map(|traced| match traced {
                Traced::Sent { target, .. } => Some(target.as_str()),
                _ => None,
            })
            .collect()
    }

    /// When requests left.
    pub fn send_times(&self) -> Vec<Instant> {
        self.trace
            .iter()
            .filter_map(|traced| match traced {
                Traced::Sent { at, .. } => Some(*at),
                _ => None,
            })
            .collect()
    }

    /// What was waited for.
    pub fn waits(&self) -> Vec<(Instant, WaitReason)> {
        self.trace
            .iter()
            .filter_map(|traced| match traced {
                Traced::Waited { until, why } => Some((*until, *why)),
                _ => None,
            })
            .collect()
    }

    /// Number and checksum of the sink's items, to compare with the simulator's.
    pub fn digest(&self) -> Digest {
        digest(&self.items)
    }
}

/// The same without the port of the simulator, which each driver has another of.
fn somewhere(outcome: Outcome) -> Outcome {
    let here = Text::new("http://127.0.0.1");
    match outcome {
        Outcome::Failed(Failure::Redirect { status, location, .. }) => {
            Outcome::Failed(Failure::Redirect { status, location, configured: here })
        }
        other => other,
    }
}

/// Number and checksum of items, as the simulator counts them: SHA-256 over each item and a line end.
fn digest(items: &[Vec<u8>]) -> Digest {
    let mut hash = Sha256::new();
    for item in items {
        hash.update(item);
        hash.update(b"\n");
    }
    let sha256 = hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    });
    Digest { items: items.len() as u64, sha256 }
}
