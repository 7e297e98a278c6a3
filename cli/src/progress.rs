//! What is told while a pull runs. To a terminal: a line with items, pages and their rate, and one that says what is
//! waited for and until when. To anything else: one plain line for each long wait.

use crate::clock::unix_now;
use crate::console;
use crate::tally::Tally;
use crate::units::{Count, Moment, Seconds, TimeOfDay};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::{Display, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration as StdDuration, Instant};
use tidegate_core::gate::WaitReason;
use tidegate_core::maintenance::Announcement;
use tidegate_core::time::{Duration, UnixTime};

/// A wait that a log wants to know of.
const LONG: Duration = Duration::from_secs(5);
const REDRAW: StdDuration = StdDuration::from_millis(200);

/// Tells how a pull gets on.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    wait: Arc<Mutex<Option<Wait>>>,
}

/// What is being waited for.
#[derive(Clone, Copy, Debug)]
struct Wait {
    why: WaitReason,
    until: Instant,
    until_unix: UnixTime,
}

impl Progress {
    /// A bar on a terminal, and silence elsewhere.
    pub(crate) fn new() -> Self {
        let wait = Arc::default();
        let is_seen = console::is_terminal() && !console::is_logging();
        let bar = is_seen.then(|| bar(Arc::clone(&wait)));
        Self { bar, wait }
    }

    /// Shows where the pull stands.
    pub(crate) fn show(&self, tally: &Tally, items_in_hand: u64) {
        self.set_wait(None);
        let Some(bar) = &self.bar else { return };
        let items = tally.now().items + items_in_hand;
        let fresh = tally.counters().items + items_in_hand;
        let rate = fresh as f64 / tally.began().elapsed().as_secs_f64().max(0.001);
        let pages = tally.now().pages;
        bar.set_message(format!("{} items, {} pages, {rate:.0} items/s", Count(items), Count(pages)));
    }

    /// Says that nothing will happen for a while.
    pub(crate) fn wait(&self, length: Duration, why: WaitReason) {
        let until_unix = UnixTime::from_millis(unix_now().as_millis().saturating_add(length.as_millis()));
        let Some(until) = Instant::now().checked_add(length.into()) else { return };
        self.set_wait(Some(Wait { why, until, until_unix }));
        if self.bar.is_none() && length >= LONG {
            console::tell(waiting(why, until_unix, length));
        }
    }

    /// Says what the server announces.
    pub(crate) fn maintenance(&self, announced: Option<Announcement>) {
        match announced {
            Some(window) => self.note(format_args!(
                "maintenance is announced from {} to {}; no request will be sent in that time",
                Moment(window.start()),
                Moment(window.end())
            )),
            None => self.note("the announced maintenance is no longer announced"),
        }
    }

    /// Says a line, above the bar if there is one.
    pub(crate) fn note(&self, line: impl Display) {
        match &self.bar {
            Some(bar) => bar.suspend(|| console::tell(line)),
            None => console::tell(line),
        }
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn set_wait(&self, wait: Option<Wait>) {
        *self.wait.lock().unwrap_or_else(PoisonError::into_inner) = wait;
    }
}

fn bar(wait: Arc<Mutex<Option<Wait>>>) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let write_wait = move |_: &indicatif::ProgressState, out: &mut dyn Write| {
        let wait = *wait.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Wait { why, until, until_unix }) = wait else { return };
        let left = until.saturating_duration_since(Instant::now());
        // A line that cannot be drawn is drawn next time.
        let _ = write!(out, "\n  {}", waiting(why, until_unix, left.into()));
    };
    // The template is a constant; the plain spinner would be shown if it were wrong.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}{wait}") {
        bar.set_style(style.with_key("wait", write_wait));
    }
    bar.enable_steady_tick(REDRAW);
    bar
}

fn waiting(why: WaitReason, until: UnixTime, left: Duration) -> String {
    format!("waiting until {} ({}): {why}", TimeOfDay(until), Seconds(left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_core::quota::{Reason, Window};

    #[test]
    fn a_wait_says_what_for_and_until_when() {
        let reason = Reason::Window(Window::new(200, Duration::from_secs(60)));
        let until = UnixTime::from_secs(1_800_000_059);
        let line = waiting(WaitReason::Limit(reason), until, Duration::from_secs(48));
        assert_eq!(line, "waiting until 08:00:59 UTC (48 s): the limit of 200 requests in 60s is used up");
    }
}
