//! Where a pull's events go. The order of things here is what makes a file with a state exactly-once:
//!
//! * a page's items are in the output, and synced, before the state says so;
//! * what the output has beyond the state's length is forgotten when the pull goes on;
//! * a request leaves only when a saved state counts it. The save with a page counts the next request as on its way
//!   already, so that it need not be saved again; the save before a wait does not, for a program that is stopped in its
//!   waits again and again must not count requests that were never sent.

use crate::clock::unix_now;
use crate::exit::Fault;
use crate::interrupt::StopRequest;
use crate::output::Output;
use crate::position::Position;
use crate::progress::Progress;
use crate::state::{State, StateFile};
use crate::tally::Tally;
use crate::units::Count;
use std::fmt;
use std::time::{Duration, Instant};
use tidegate_core::Checkpoint;
use tidegate_std::{Client, Event, Sink, SinkError, Spent};

/// How often a page that takes long is shown.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// Takes a pull's events.
pub(crate) struct Store {
    pub(crate) output: Output,
    pub(crate) tally: Tally,
    pub(crate) progress: Progress,
    memory: Option<Memory>,
    client: Client,
    stop: StopRequest,
    items_in_hand: u64,
    shown: Instant,
}

/// What survives a restart.
pub(crate) struct Memory {
    file: StateFile,
    position: Position,
    missing: u64,
    covers_next_request: bool,
}

impl Memory {
    /// Remembers from now on; nothing is saved yet.
    pub(crate) fn new(file: StateFile, position: Position) -> Self {
        Self { file, position, missing: 0, covers_next_request: false }
    }

    /// The same of a list that ended with so many items missing.
    pub(crate) fn missing(self, missing: u64) -> Self {
        Self { missing, ..self }
    }

    /// Saves where the pull stands, and what it has spent.
    pub(crate) fn save(&mut self, spent: Spent) -> Result<(), Fault> {
        let Self { file, position, missing, .. } = self;
        let state = State { position: position.clone(), missing: *missing, spent, saved: unix_now() };
        file.store(&state).map_err(|error| Fault::file(file.path(), error))?;
        self.covers_next_request = false;
        Ok(())
    }

    /// A page is whole: saves where the pull stands with it, and counts the next request as sent.
    fn page_is_whole(&mut self, position: Position, spent: Spent) -> Result<(), Fault> {
        self.position = position;
        self.missing = 0;
        self.save(Spent { in_flight: spent.in_flight.saturating_add(1), ..spent })?;
        self.covers_next_request = true;
        Ok(())
    }
}

impl Store {
    pub(crate) fn new(
        output: Output,
        memory: Option<Memory>,
        tally: Tally,
        client: Client,
        stop: StopRequest,
    ) -> Self {
        let progress = Progress::new();
        Self { output, tally, progress, memory, client, stop, items_in_hand: 0, shown: Instant::now() }
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), Stop> {
        match event {
            // By far the most frequent one comes first.
            Event::Item { bytes, .. } => {
                self.output.item(bytes)?;
                self.items_in_hand += 1;
                if self.shown.elapsed() >= SHOW_EVERY {
                    self.show();
                }
                return Ok(());
            }
            Event::Skipped { index, size } => self.progress.note(format_args!(
                "item {index} of page {} has {} bytes, more than --max-item, and is left out",
                self.tally.now().pages + 1,
                Count(size)
            )),
            Event::Sending { .. } => self.before_request()?,
            Event::Checkpoint { checkpoint, .. } => self.page_is_whole(checkpoint)?,
            Event::Rewind { .. } => {
                self.items_in_hand = 0;
                self.output.take_back_page()?;
            }
            Event::Waiting { wait, why } => {
                self.before_wait()?;
                self.progress.wait(wait, why);
            }
            Event::Maintenance(announced) => self.progress.maintenance(announced),
            _ => {}
        }
        self.tally.count(&event);
        match event {
            Event::Checkpoint { checkpoint, .. } => {
                self.show();
                // The end is no place to stop before.
                if self.stop.is_made() && !checkpoint.is_complete() { Err(Stop::Asked) } else { Ok(()) }
            }
            Event::Waiting { .. } if self.stop.is_made() => Err(Stop::Asked),
            _ => Ok(()),
        }
    }

    fn page_is_whole(&mut self, checkpoint: &Checkpoint) -> Result<(), Stop> {
        self.items_in_hand = 0;
        let good = self.output.page_is_whole()?;
        if let Some((memory, (mark, place))) = self.memory.as_mut().zip(good) {
            memory.page_is_whole(Position::new(*checkpoint, mark, place), self.client.spent())?;
        }
        Ok(())
    }

    fn before_request(&mut self) -> Result<(), Stop> {
        self.stop.set_idle(false);
        let Some(memory) = &mut self.memory else { return Ok(()) };
        if memory.covers_next_request {
            memory.covers_next_request = false;
        } else {
            memory.save(self.client.spent())?;
        }
        Ok(())
    }

    /// What was sent before a wait is answered for, and nothing is on its way until it is over.
    fn before_wait(&mut self) -> Result<(), Stop> {
        self.remember()?;
        self.stop.set_idle(true);
        Ok(())
    }

    /// Saves what the requests came to that were sent, and that no other is on its way.
    pub(crate) fn remember(&mut self) -> Result<(), Fault> {
        self.memory.as_mut().map_or(Ok(()), |memory| memory.save(self.client.spent()))
    }

    /// The list ended, with so many items missing. An output that is whole gets its place.
    pub(crate) fn finish(&mut self, missing: u64) -> Result<(), Fault> {
        self.output.finish(missing == 0)?;
        if let Some(memory) = &mut self.memory {
            memory.missing = missing;
            if !self.output.is_beside() {
                memory.position.moved_in_place();
            }
        }
        Ok(())
    }

    fn show(&mut self) {
        self.shown = Instant::now();
        self.progress.show(&self.tally, self.items_in_hand);
    }
}

impl Sink for Store {
    async fn event(&mut self, event: Event<'_>) -> Result<(), SinkError> {
        self.take(event).map_err(SinkError::from)
    }
}

/// Why the pull is stopped from here.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A signal asked for it.
    Asked,
    /// What was pulled cannot be stored.
    Unstored(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Unstored(fault)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("asked to stop"),
            Self::Unstored(fault) => f.write_str(fault.sentence.as_deref().unwrap_or("nobody reads it")),
        }
    }
}

impl std::error::Error for Stop {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::Mark;
    use crate::position::Place;
    use std::future::Future;
    use std::path::{Path, PathBuf};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use tidegate_core::api::{Project, comanage};
    use tidegate_core::pull::{Counters, Pull, Settings};

    const URL: &str = "http://127.0.0.1:1";

    /// A checkpoint of its own for each path.
    fn checkpoint(path: &str) -> Checkpoint {
        let project = Project::new(&comanage::API, URL, "key").unwrap();
        let endpoint = comanage::list(path);
        *Pull::new(&project, &endpoint, &Settings::DEFAULT, &mut [], None).unwrap().checkpoint()
    }

    fn client() -> Client {
        let project = tidegate_std::Project::new(&comanage::API, URL, "key").unwrap();
        Client::builder(project).unused().build().unwrap()
    }

    fn directory() -> PathBuf {
        let path = std::env::temp_dir().join(format!("tidegate-sink-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        path
    }

    fn position(path: &str) -> Position {
        Position::new(checkpoint(path), Mark::of_nothing(), Place::Output)
    }

    fn is_taken(store: &mut Store, event: Event<'_>) -> bool {
        let taken = pin!(store.event(event)).poll(&mut Context::from_waker(Waker::noop()));
        matches!(taken, Poll::Ready(Ok(())))
    }

    /// A store whose page cannot be read back, and what it has saved before.
    fn unreadable(directory: &Path) -> (Store, StateFile) {
        let (output, state) = (directory.join("x.ndjson"), directory.join("x.state"));
        let file = StateFile::lock(&state, &output).unwrap();
        let mut memory = Memory::new(file, position("/folders"));
        memory.save(Spent::default()).unwrap();
        let tally = Tally::new(&checkpoint("/folders"));
        let output = Output::unreadable(&output);
        let store = Store::new(output, Some(memory), tally, client(), StopRequest::default());
        (store, StateFile::unlocked(&state))
    }

    #[test]
    fn a_page_that_cannot_be_read_back_leaves_the_position_before_it_whole() {
        let directory = directory();
        let (mut store, state) = unreadable(&directory);
        assert!(is_taken(&mut store, Event::Item { index: 0, bytes: b"1" }));
        let (behind, counters) = (checkpoint("/objects"), Counters::default());
        assert!(!is_taken(&mut store, Event::Checkpoint { checkpoint: &behind, counters: &counters }));
        // At its end the run saves what was spent, and nothing of the page.
        store.output.give_up().unwrap();
        store.remember().unwrap();
        assert_eq!(state.load().unwrap().unwrap().position, position("/folders"));
        assert_eq!((store.output.bytes(), store.tally.now().pages), (0, 0));
        assert_eq!(std::fs::read(directory.join("x.ndjson")).unwrap(), b"");
        std::fs::remove_dir_all(directory).unwrap();
    }
}
