//! The only room that prints: data and results to stdout, everything else to stderr. Neither macro of the standard
//! library is used, for both panic when the other end of a pipe is gone.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use tracing_subscriber::EnvFilter;

/// Says a line to people.
pub(crate) fn tell(line: impl Display) {
    // There is nobody left to tell that nobody can be told.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Says what a server wrote. What would act on a terminal instead of being shown is replaced.
pub(crate) fn quote(text: &str) {
    tell(harmless(text.trim_end()));
}

fn harmless(text: &str) -> String {
    let is_layout = |c| matches!(c, '\n' | '\t');
    let acts = |c: char| {
        c.is_control() && !is_layout(c)
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace("\r\n", "\n").replace(acts, "\u{fffd}")
}

/// Writes a line of a command's result.
pub(crate) fn result(line: impl Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Writes a command's result as it is.
pub(crate) fn result_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Whether a progress bar would be seen, and seen as one.
pub(crate) fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Sends the libraries' events to stderr if `-v` or `RUST_LOG` asks for them.
pub(crate) fn log(verbose: u8) {
    let filter = match (std::env::var("RUST_LOG"), verbose) {
        (Ok(filter), _) => EnvFilter::new(filter),
        (Err(_), 0) => return,
        (Err(_), 1) => EnvFilter::new("tidegate=info,tidegate_std=info"),
        (Err(_), _) => EnvFilter::new("tidegate=debug,tidegate_std=debug"),
    };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(is_terminal()).init();
}

/// Whether the libraries' events are shown; a progress bar would only stand in their way.
pub(crate) fn is_logging() -> bool {
    tracing::level_filters::LevelFilter::current() != tracing::level_filters::LevelFilter::OFF
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_wrote_cannot_act_on_a_terminal() {
        let table = [
            ("{\r\n\t\"a\": 1\n}", "{\n\t\"a\": 1\n}"),
            ("\u{1b}[2Jgone", "\u{fffd}[2Jgone"),
            ("a\rb\u{9b}c\u{202e}d", "a\u{fffd}b\u{fffd}c\u{fffd}d"),
            ("é 日本", "é 日本"),
        ];
        for (text, shown) in table {
            assert_eq!(harmless(text), shown);
        }
    }
}
