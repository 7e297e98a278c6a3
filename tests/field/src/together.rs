//! Several pulls through one gate, on a virtual clock. A [`World`] has a gate, a server that is a function, and pulls that run as
//! tasks of one thread would: a pull goes on until it has to wait, and sleeps until its time has come or the gate has changed.
//! Whoever just went on is asked first, as a task is that does not yield: turns that are fair must be made so by the gate.

use tidegate_core::api::Project;
use tidegate_core::gate::WithToken;
use tidegate_core::pull::{Outcome, Settings};
use tidegate_core::quota::{Slot, Terms, Windows};
use tidegate_core::time::{Duration, Instant, UnixTime};
use tidegate_core::{Endpoint, Gate, Pull, Step};

/// A gate with room for everything.
pub type SharedGate = Gate<WithToken<Vec<Slot>, Vec<u8>>>;

/// The wall time at which a world begins.
const START: UnixTime = UnixTime::from_secs(1_800_000_000);

/// A number that changes whenever something has opened the gate. A pull that waits is asked again when it does.
const fn changed(gate: &SharedGate) -> u32 {
    gate.changed()
}

/// A request that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// When.
    pub at: Instant,
    /// Whose it is: the number of the pull, in the order in which they were added.
    pub pull: usize,
    /// Path and query.
    pub target: String,
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The fields.
    pub fields: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// From the request's departure until the answer is there. `None` is silence.
    pub after: Option<Duration>,
}

impl Answer {
    /// A page, or any other answer of success, after 40 ms.
    pub fn ok(body: impl Into<String>) -> Self {
        Self { status: 200, fields: Vec::new(), body: body.into(), after: Some(Duration::from_millis(40)) }
    }

    /// The same after another time.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self { after: Some(time), ..self }
    }

    /// The same with a field more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Nothing, ever.
    pub const fn silence() -> Self {
        Self { status: 0, fields: Vec::new(), body: String::new(), after: None }
    }
}

/// Where a pull is no longer asked, as if its task were not polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldAt {
    /// It was told to send for the first time, and does not.
    Send,
    /// It was told to wait for the first time.
    Wait,
    /// Its first page is there but for its end.
    Page,
    /// Its first checkpoint waits to be stored.
    Checkpoint,
}

struct Task {
    pull: Pull<'static>,
    /// Until when it sleeps, and what the gate's number was then.
    asleep: Option<(Instant, u32)>,
    /// When the answer comes that it waits for, and what it is.
    coming: Option<(Instant, Answer)>,
    held_at: Option<HeldAt>,
    is_held: bool,
    pages: Vec<Instant>,
    ended: Option<(Instant, Outcome)>,
}

/// A gate, a server, and pulls.
pub struct World<F> {
    gate: SharedGate,
    server: F,
    now: Instant,
    tasks: Vec<Task>,
    departures: Vec<Departure>,
    latest: usize,
}

impl<F: FnMut(&Departure) -> Answer> World<F> {
    /// A world without pulls. Nothing was sent before it begins.
    ///
    /// # Panics
    ///
    /// If the limits cannot be kept.
    pub fn new(windows: Windows, server: F) -> Self {
        let memory = WithToken { slots: vec![Slot::FREE; windows.slots()], token: vec![0; 4_096] };
        let mut gate = Gate::new(windows, Terms::DEFAULT, memory).expect("enough slots").unused();
        gate.assume_clock(START, Instant::ZERO);
        Self { gate, server, now: Instant::ZERO, tasks: Vec::new(), departures: Vec::new(), latest: 0 }
    }

    /// Adds a pull. What it borrows lives as long as the test, so it is leaked.
    ///
    /// # Panics
    ///
    /// If no request can be made of it.
    pub fn add(&mut self, project: Project<'static>, endpoint: Endpoint<'static>) -> usize {
        let settings = Settings { seed: self.tasks.len() as u64 + 1, ..Settings::DEFAULT };
        let pull = Pull::new(
            Box::leak(Box::new(project)),
            Box::leak(Box::new(endpoint)),
            Box::leak(Box::new(settings)),
            vec![0; 4_096].leak(),
            None,
        );
        self.tasks.push(Task {
            pull: pull.expect("a usable pull"),
            asleep: None,
            coming: None,
            held_at: None,
            is_held: false,
            pages: Vec::new(),
            ended: None,
        });
        self.tasks.len() - 1
    }

    /// From there on a pull is not asked any more.
    pub fn hold(&mut self, pull: usize, at: HeldAt) {
        self.tasks[pull].held_at = Some(at);
    }

    /// The driver of a pull goes away, as when its future is dropped.
    pub fn drop_driver(&mut self, pull: usize) {
        let task = &mut self.tasks[pull];
        task.pull.abandoned(&mut self.gate, self.now);
        task.is_held = true;
    }

    /// Runs until nothing happens any more, or the time has come.
    pub fn run_until(&mut self, end: Instant) {
        loop {
            if let Some(next) = self.ready() {
                self.latest = next;
                self.go_on(next);
                continue;
            }
            match self.next_wake().filter(|wake| *wake <= end) {
                Some(wake) => self.now = wake,
                None => {
                    self.now = end;
                    return;
                }
            }
        }
    }

    /// All requests that left, in order.
    pub fn departures(&self) -> &[Departure] {
        &self.departures
    }

    /// When pages of a pull were stored.
    pub fn pages(&self, pull: usize) -> &[Instant] {
        &self.tasks[pull].pages
    }

    /// When and how a pull ended.
    pub fn ended(&self, pull: usize) -> Option<(Instant, Outcome)> {
        self.tasks[pull].ended
    }

    /// The pull that goes on now: the one that did last, if it can.
    fn ready(&self) -> Option<usize> {
        let changed = changed(&self.gate);
        let count = self.tasks.len();
        (0..count).map(|offset| (self.latest + offset) % count).find(|index| {
            let task = &self.tasks[*index];
            let sleeps = task.asleep.is_some_and(|(until, number)| until > self.now && number == changed);
            !task.is_held && task.ended.is_none() && !sleeps
        })
    }

    fn next_wake(&self) -> Option<Instant> {
        let awaited = self.tasks.iter().filter(|task| !task.is_held && task.ended.is_none());
        awaited.filter_map(|task| task.asleep.map(|(until, _)| until)).min()
    }

    /// Asks a pull until it has to wait.
    fn go_on(&mut self, index: usize) {
        let Self { gate, server, now, tasks, departures, .. } = self;
        let (now, task) = (*now, &mut tasks[index]);
        task.asleep = None;
        while task.asleep.is_none() && task.ended.is_none() && !task.is_held {
            let step = task.pull.step(gate, now);
            task.is_held = task.holds(&step);
            if task.is_held {
                return;
            }
            match step {
                Step::Wait { until, .. } => task.asleep = Some((until, changed(gate))),
                Step::Send => {
                    if task.pull.sent(gate, now) {
                        let target = task.pull.target().expect("it was just sent").to_string();
                        departures.push(Departure { at: now, pull: index, target });
                        let answer = server(departures.last().expect("it was just added"));
                        task.coming = answer.after.map(|after| (now.after(after), answer));
                    }
                }
                Step::Receive { deadline } => task.receive(gate, now, deadline),
                Step::Checkpoint => {
                    task.pages.push(now);
                    task.pull.stored();
                }
                Step::Rewind { .. } => task.pull.rewound(),
                Step::Done(outcome) => task.ended = Some((now, outcome)),
            }
        }
    }
}

impl Task {
    /// Whether this is where it is no longer asked.
    fn holds(&self, step: &Step) -> bool {
        match self.held_at {
            None => false,
            Some(HeldAt::Send) => matches!(step, Step::Send),
            Some(HeldAt::Wait) => matches!(step, Step::Wait { .. }),
            Some(HeldAt::Checkpoint) => matches!(step, Step::Checkpoint),
            // It is held while it receives.
            Some(HeldAt::Page) => false,
        }
    }

    /// The answer that comes, if its time has come.
    fn receive(&mut self, gate: &mut SharedGate, now: Instant, deadline: Instant) {
        let Some((_, answer)) = self.coming.take_if(|(at, _)| *at <= now) else {
            let until = self.coming.as_ref().map_or(deadline, |(at, _)| (*at).min(deadline));
            // Nothing but its answer, or its end, wakes a pull that receives.
            self.asleep = Some((until.max(now.after(Duration::from_millis(1))), changed(gate)));
            return;
        };
        let fields = answer.fields.iter().map(|(name, value)| (*name, value.as_bytes()));
        self.pull.head(gate, now, answer.status, fields);
        if self.held_at == Some(HeldAt::Page) {
            self.is_held = true;
            return;
        }
        let mut rest = answer.body.as_bytes();
        while self.pull.body(now, &mut rest).is_some() {}
        if matches!(self.pull.step(gate, now), Step::Receive { .. }) {
            self.pull.end(gate, now);
        }
    }
}
