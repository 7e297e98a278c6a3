//! What a run leaves behind for other programs: one JSON object in a file of its own, written at every end.

use crate::exit::{Exit, Fault};
use crate::output::Target;
use crate::tally::Tally;
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tidegate_core::cursor::Cursor;
use tidegate_core::pull::End;
use tidegate_core::time::Duration;
use tidegate_std::durable;

/// What a run came to. Counts are of this run but for those of [`Summary::items`], `skipped` and `pages`, which are of
/// the whole pull, as are `cursor` and `output_bytes`; those are not known of a pull that could not begin.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) complete: bool,
    /// `complete`, `incomplete`, or a sentence that says what went wrong.
    pub(crate) outcome: String,
    /// Why the list counts as complete, if it does and this run saw its end.
    pub(crate) end: Option<&'static str>,
    pub(crate) exit_code: u8,
    pub(crate) items: Option<u64>,
    pub(crate) skipped: Option<u64>,
    pub(crate) pages: Option<u64>,
    pub(crate) this_run: ThisRun,
    pub(crate) requests: u64,
    /// Requests that the server rejected because of its limit.
    pub(crate) rejected: u64,
    pub(crate) retried: u64,
    /// Items left out because they came before.
    pub(crate) repeated: u64,
    /// How many items there are in all, as the server said last, if it had said otherwise before.
    pub(crate) changed: Option<u64>,
    /// How many items more the server counts than it gave.
    pub(crate) missing: u64,
    /// Bytes of pages received.
    pub(crate) bytes: u64,
    pub(crate) waited_seconds: WaitedSeconds,
    pub(crate) elapsed_seconds: f64,
    /// `start`, `end`, or where the next page begins; a text, for not every reader of JSON keeps the 64 bits of a key.
    pub(crate) cursor: Option<String>,
    pub(crate) output_bytes: Option<u64>,
    /// The most memory that the process ever had, where the system tells.
    pub(crate) peak_memory_bytes: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct ThisRun {
    pub(crate) items: u64,
    pub(crate) pages: u64,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct WaitedSeconds {
    pub(crate) quota: f64,
    pub(crate) rejected: f64,
    pub(crate) retry_after: f64,
    pub(crate) maintenance: f64,
    pub(crate) backoff: f64,
}

impl Summary {
    pub(crate) fn new(exit: Exit, outcome: &str, tally: &Tally, output_bytes: u64) -> Self {
        let (counters, standing) = (tally.counters(), tally.now());
        Self {
            items: Some(standing.items),
            skipped: Some(standing.skipped),
            pages: Some(standing.pages),
            this_run: ThisRun { items: counters.items, pages: counters.pages },
            requests: counters.requests,
            rejected: counters.rejected,
            retried: counters.retried,
            repeated: counters.repeated,
            changed: counters.changed,
            missing: counters.missing,
            bytes: counters.bytes,
            waited_seconds: WaitedSeconds {
                quota: seconds(counters.waited.quota),
                rejected: seconds(counters.waited.rejected),
                retry_after: seconds(counters.waited.retry_after),
                maintenance: seconds(counters.waited.maintenance),
                backoff: seconds(counters.waited.backoff),
            },
            elapsed_seconds: seconds(tally.elapsed()),
            cursor: Some(match standing.cursor {
                Cursor::Start => "start".to_owned(),
                Cursor::End(_) => "end".to_owned(),
                Cursor::Key(key) => key.to_string(),
                other => other.to_string(),
            }),
            output_bytes: Some(output_bytes),
            ..Self::not_begun(exit, outcome)
        }
    }

    /// Of a run that did nothing.
    pub(crate) fn not_begun(exit: Exit, outcome: &str) -> Self {
        Self {
            complete: exit == Exit::Complete,
            outcome: outcome.to_owned(),
            end: None,
            exit_code: exit.code(),
            items: None,
            skipped: None,
            pages: None,
            this_run: ThisRun::default(),
            requests: 0,
            rejected: 0,
            retried: 0,
            repeated: 0,
            changed: None,
            missing: 0,
            bytes: 0,
            waited_seconds: WaitedSeconds::default(),
            elapsed_seconds: 0.0,
            cursor: None,
            output_bytes: None,
            peak_memory_bytes: peak_memory(),
        }
    }

    /// The same of a list that ended.
    pub(crate) fn ended(self, end: Option<End>, missing: u64) -> Self {
        Self { end: end.map(name), missing, ..self }
    }
}

fn name(end: End) -> &'static str {
    match end {
        End::SaidSo => "said_so",
        End::TotalReached => "total_reached",
        End::EmptyPage => "empty_page",
        End::ShortPage => "short_page",
        End::SingleAnswer => "single_answer",
    }
}

/// Where a summary is written to.
#[derive(Debug)]
pub(crate) enum SummaryFile {
    /// A file that is replaced as a whole.
    File(PathBuf),
    /// A pipe or a device, which stays what it is. It is opened before the run: a pipe waits for its reader, and that
    /// wait can be interrupted.
    Stream(PathBuf, File),
}

impl SummaryFile {
    /// What is at a path; nothing is written yet.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        match Target::of(path)? {
            Target::File(path) => Ok(Self::File(path)),
            Target::Stream(path) => {
                let file = OpenOptions::new().write(true).open(&path);
                let file = file.map_err(|error| Fault::file(&path, error))?;
                Ok(Self::Stream(path, file))
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Stream(path, _) => path,
        }
    }

    /// Writes the summary.
    pub(crate) fn write(&mut self, summary: &Summary) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(summary)?;
        text.push(b'\n');
        match self {
            Self::File(path) => durable::replace(path, &text),
            Self::Stream(_, file) => file.write_all(&text),
        }
    }
}

fn seconds(duration: Duration) -> f64 {
    duration.as_millis() as f64 / 1_000.0
}

/// `VmHWM` of proc_pid_status(5): the peak of the resident set.
fn peak_memory() -> Option<u64> {
    parse_peak(&fs::read_to_string("/proc/self/status").ok()?)
}

fn parse_peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_where_the_system_tells_it() {
        assert_eq!(parse_peak("Name:\ttidegate\nVmHWM:\t   10240 kB\nVmRSS:\t 1 kB\n"), Some(10_485_760));
        for other in ["", "VmHWM:", "VmHWM:\tmuch kB", "VmRSS:\t1 kB"] {
            assert_eq!(parse_peak(other), None, "{other}");
        }
    }
}
