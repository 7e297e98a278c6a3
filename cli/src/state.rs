//! What a pull must remember over a restart: where it stands, what the output is up to there, how much of the rate
//! limit is used up, and until when the server wants no request. One JSON file, replaced as a whole. It holds no
//! credential, and of the items only a digest.

use crate::exit::Fault;
use crate::mark::{Mark, to_hex};
use crate::position::{Place, Position};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tidegate_core::Checkpoint;
use tidegate_core::gate::Hints;
use tidegate_core::maintenance::Announcement;
use tidegate_core::quota::{Held, Learned, LearnedWindows};
use tidegate_core::time::{Duration, UnixTime};
use tidegate_std::Spent;
use tidegate_std::durable;

const FORMAT: u64 = 2;

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Where the pull stands.
    pub(crate) position: Position,
    /// How many items more the server counted at the end of the list than it gave.
    pub(crate) missing: u64,
    /// What was used up of the limit when this was saved.
    pub(crate) spent: Spent,
    /// When that was.
    pub(crate) saved: UnixTime,
}

impl State {
    /// What is used up now, going by the wall clock, for no other runs on while the power is off. One that was set back
    /// has nothing to say; one that was set forward frees requests early, which the server may then reject.
    pub(crate) fn spent_at(&self, now: UnixTime) -> Spent {
        self.spent.clone().later(now.since(self.saved))
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
    /// Of its last bytes before that.
    output_tail_sha256: String,
    output_inode: u64,
    /// Whether all that is of the part beside the output.
    #[serde(default, skip_serializing_if = "is_default")]
    in_part: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    missing: u64,
    spent: SpentDocument,
    saved_unix_ms: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpentDocument {
    /// For requests that count in a window: which window, how many, and until when.
    held: Vec<(usize, u32, u64)>,
    /// Requests on their way, of which it is not known when they arrived.
    in_flight: u32,
    /// Until when the server wanted to be left alone after a rejection.
    pause_until_unix_ms: u64,
    /// The share of the limit that rejections have left.
    share: Option<u32>,
    /// What rejections have taught of its windows.
    windows: WindowsDocument,
    /// Start and end of what it announced, by its own clock.
    maintenance: Option<(u64, u64)>,
    /// Until when it was not to be asked because of maintenance under way.
    shut_until_unix_ms: u64,
}

/// The windows of the limit. The times are those between which the latest began.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WindowsDocument {
    Unknown,
    Fixed { earliest_unix_ms: u64, latest_unix_ms: u64 },
    Even,
    Other,
}

impl WindowsDocument {
    fn write(windows: LearnedWindows, saved: UnixTime) -> Self {
        let ago = |ago: Duration| saved.as_millis().saturating_sub(ago.as_millis());
        match windows {
            LearnedWindows::Unknown => Self::Unknown,
            LearnedWindows::Fixed { earliest, latest } => {
                Self::Fixed { earliest_unix_ms: ago(earliest), latest_unix_ms: ago(latest) }
            }
            LearnedWindows::Even => Self::Even,
            LearnedWindows::Other => Self::Other,
        }
    }

    fn read(&self, saved: UnixTime) -> LearnedWindows {
        let ago = |at: u64| saved.since(UnixTime::from_millis(at));
        match *self {
            Self::Unknown => LearnedWindows::Unknown,
            Self::Fixed { earliest_unix_ms, latest_unix_ms } => {
                LearnedWindows::Fixed { earliest: ago(earliest_unix_ms), latest: ago(latest_unix_ms) }
            }
            Self::Even => LearnedWindows::Even,
            Self::Other => LearnedWindows::Other,
        }
    }
}

impl SpentDocument {
    fn write(spent: &Spent, saved: UnixTime) -> Self {
        let until = |left: Duration| saved.as_millis().saturating_add(left.as_millis());
        let Spent { held, in_flight, hints: Hints { pause, learned, maintenance, shut } } = spent;
        Self {
            held: held.iter().map(|held| (held.window, held.requests, until(held.left))).collect(),
            in_flight: *in_flight,
            pause_until_unix_ms: until(*pause),
            share: learned.share,
            windows: WindowsDocument::write(learned.windows, saved),
            maintenance: maintenance.map(|window| (window.start().as_secs(), window.end().as_secs())),
            shut_until_unix_ms: until(*shut),
        }
    }

    fn read(&self, saved: UnixTime) -> Spent {
        let left = |until: u64| UnixTime::from_millis(until).since(saved);
        let announced = |(start, end)| {
            Announcement::new(Some(UnixTime::from_secs(start)), Some(UnixTime::from_secs(end)))
        };
        Spent {
            held: self
                .held
                .iter()
                .map(|&(window, requests, until)| Held { window, requests, left: left(until) })
                .collect(),
            in_flight: self.in_flight,
            hints: Hints {
                pause: left(self.pause_until_unix_ms),
                learned: Learned { share: self.share, windows: self.windows.read(saved) },
                maintenance: self.maintenance.and_then(announced),
                shut: left(self.shut_until_unix_ms),
            },
        }
    }
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

    /// The state of `x.ndjson`, also while another process has its lock.
    #[cfg(test)]
    pub(crate) fn unlocked(path: &Path) -> Self {
        let lock = File::open("/dev/null").unwrap();
        Self { path: path.to_owned(), output_name: "x.ndjson".to_owned(), _lock: lock }
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
                "the state {} cannot be resumed: {why}; nothing was overwritten; --restart begins anew",
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
        let spent = document.spent.read(saved);
        let output = Mark {
            bytes: document.output_bytes,
            tail_sha256: document.output_tail_sha256,
            inode: document.output_inode,
        };
        let place = if document.in_part { Place::Part } else { Place::Output };
        let position = Position::new(checkpoint, output, place);
        Ok(State { position, missing: document.missing, spent, saved })
    }

    /// Replaces what was saved.
    pub(crate) fn store(&self, state: &State) -> io::Result<()> {
        durable::replace(&self.path, &self.write(state)?)
    }

    fn write(&self, state: &State) -> io::Result<Vec<u8>> {
        let Mark { bytes, tail_sha256, inode } = state.position.output();
        let document = Document {
            format: FORMAT,
            checkpoint: to_hex(&state.position.checkpoint().encode()),
            output: self.output_name.clone(),
            output_bytes: *bytes,
            output_tail_sha256: tail_sha256.clone(),
            output_inode: *inode,
            in_part: state.position.place() == Place::Part,
            missing: state.missing,
            spent: SpentDocument::write(&state.spent, state.saved),
            saved_unix_ms: state.saved.as_millis(),
        };
        let mut text = serde_json::to_vec(&document)?;
        text.push(b'\n');
        Ok(text)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| u8::try_from(digit(high)? << 4 | digit(low)?).ok());
    rest.is_empty().then(|| bytes.collect())?
}

#[cfg(test)]
mod tests;
