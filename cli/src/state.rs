//! What a pull must remember over a restart: where it stands, how long the output is up to there, and how much of the
//! rate limit is used up. One JSON file, replaced as a whole. It holds no credential and nothing of the items.

use crate::durable;
use crate::exit::Fault;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tidegate_core::Checkpoint;
use tidegate_core::quota::{Spent, Used};
use tidegate_core::time::{Duration, UnixTime};

const FORMAT: u64 = 1;

/// What is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Where the pull stands.
    pub(crate) checkpoint: Checkpoint,
    /// The output up to the checkpoint.
    pub(crate) output_bytes: u64,
    /// How much of the limit was used up when this was saved.
    pub(crate) spent: Spent,
    /// When that was.
    pub(crate) saved: UnixTime,
}

impl State {
    /// What is used up now, going by the wall clock, for no other runs on while the power is off. One that was set back
    /// has nothing to say; one that was set forward frees requests early, which the server may then reject.
    pub(crate) fn spent_at(&self, now: UnixTime) -> Spent {
        self.spent.later(now.since(self.saved))
    }
}

/// A state file, locked: no other process uses it.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    /// The name of the output that the state belongs to. Another file would be cut at a length that is not its own.
    output_name: String,
    _lock: File,
}

/// The file's form.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u64,
    /// In hexadecimal digits.
    checkpoint: String,
    output: String,
    output_bytes: u64,
    /// For each window: requests, and until when they count, in Unix milliseconds.
    spent: Vec<(u32, u64)>,
    /// Until when the server wanted to be left alone.
    pause_until_unix_ms: u64,
    saved_unix_ms: u64,
}

impl StateFile {
    /// Locks the state file at `path` until this is dropped.
    pub(crate) fn lock(path: &Path, output: &Path) -> Result<Self, Fault> {
        let lock_path = durable::beside(path, ".lock");
        let lock = durable::open_locked(&lock_path).map_err(|error| Fault::file(&lock_path, error))?;
        let lock = lock.ok_or_else(|| {
            Fault::usage(format_args!("{}: another process is using this state; wait for it", path.display()))
        })?;
        let output_name = output.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { path: path.to_owned(), output_name, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What was saved; `None` if nothing was.
    pub(crate) fn load(&self) -> Result<Option<State>, Fault> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Fault::file(&self.path, error)),
        };
        self.read(&text).map(Some).map_err(|why| {
            Fault::usage(format_args!(
                "the state {} cannot be gone on from: {why}; nothing was overwritten; --restart starts anew",
                self.path.display()
            ))
        })
    }

    fn read(&self, text: &[u8]) -> Result<State, String> {
        let damaged = |error: serde_json::Error| format!("it is damaged, or no state ({error})");
        let value: serde_json::Value = serde_json::from_slice(text).map_err(damaged)?;
        match value.get("format").map(|format| format.as_u64()) {
            Some(Some(FORMAT)) => {}
            Some(_) => return Err(format!("it is of another format than {FORMAT}, the only one understood")),
            None => return Err("it is no state of this program".to_owned()),
        }
        let document: Document = serde_json::from_value(value).map_err(damaged)?;
        if document.output != self.output_name {
            return Err(format!("it belongs to an output named {}", document.output));
        }
        let checkpoint = from_hex(&document.checkpoint).ok_or("its checkpoint is damaged")?;
        let checkpoint = Checkpoint::decode(&checkpoint).map_err(|error| error.to_string())?;
        let saved = UnixTime::from_millis(document.saved_unix_ms);
        let left = |until: u64| UnixTime::from_millis(until).since(saved);
        let mut spent = Spent { pause: left(document.pause_until_unix_ms), ..Spent::default() };
        for (own, (requests, until)) in spent.windows.iter_mut().zip(document.spent) {
            *own = Used { requests, left: left(until) };
        }
        Ok(State { checkpoint, output_bytes: document.output_bytes, spent, saved })
    }

    /// Replaces what was saved.
    pub(crate) fn store(&self, state: &State) -> io::Result<()> {
        durable::replace(&self.path, &self.write(state)?)
    }

    fn write(&self, state: &State) -> io::Result<Vec<u8>> {
        let saved = state.saved.as_millis();
        let until = |left: Duration| saved.saturating_add(left.as_millis());
        let document = Document {
            format: FORMAT,
            checkpoint: to_hex(&state.checkpoint.encode()),
            output: self.output_name.clone(),
            output_bytes: state.output_bytes,
            spent: state.spent.windows.iter().map(|used| (used.requests, until(used.left))).collect(),
            pause_until_unix_ms: until(state.spent.pause),
            saved_unix_ms: saved,
        };
        let mut text = serde_json::to_vec(&document)?;
        text.push(b'\n');
        Ok(text)
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| u8::try_from(digit(high)? << 4 | digit(low)?).ok());
    rest.is_empty().then(|| bytes.collect())?
}

#[cfg(test)]
mod tests;
