//! Exit codes, in one table that `--help` shows too, and the errors that end the program. Knows what each failure of a
//! pull means to the caller of the program.

use std::fmt::{Display, Write};
use std::path::Path;
use tidegate_core::pull::Failure;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Complete,
    LocalFile,
    Usage,
    Credential,
    Limit,
    Maintenance,
    Interrupted,
    Data,
    Transport,
    Incomplete,
    StoppedByInterrupt,
    NobodyReads,
    StoppedByTermination,
}

const TABLE: [(Exit, u8, &str); 13] = [
    (Exit::Complete, 0, "complete"),
    (Exit::LocalFile, 1, "a local file could not be read or written"),
    (Exit::Usage, 2, "the command cannot be carried out as given; nothing was overwritten"),
    (Exit::Credential, 3, "the key is expired, revoked or wrong: a new one is needed"),
    (Exit::Limit, 4, "others used up the rate limit for longer than --patience"),
    (Exit::Maintenance, 5, "the server's maintenance outlasts --maintenance-patience"),
    (Exit::Interrupted, 6, "interrupted; the same command goes on from the state file"),
    (Exit::Data, 7, "the server's answer is not what it should be: protocol or data fault"),
    (Exit::Transport, 8, "no connection, a broken one, or a server that only fails"),
    (Exit::Incomplete, 9, "the list ended, but the server counts more items than it gave"),
    (Exit::StoppedByInterrupt, 130, "interrupted without a state file: this pull cannot be resumed"),
    (Exit::NobodyReads, 141, "the reader of standard output stopped reading"),
    (Exit::StoppedByTermination, 143, "terminated without a state file: this pull cannot be resumed"),
];

impl Exit {
    fn row(self) -> (u8, &'static str) {
        let row = TABLE.iter().find(|(exit, ..)| *exit == self);
        row.map_or((1, ""), |&(_, code, meaning)| (code, meaning))
    }

    /// What the caller sees.
    pub(crate) fn code(self) -> u8 {
        self.row().0
    }

    /// What a failed pull means to the caller.
    pub(crate) fn of(failure: &Failure) -> Self {
        match failure {
            Failure::Credential { .. } => Self::Credential,
            Failure::Limit { .. } => Self::Limit,
            Failure::Maintenance { .. } => Self::Maintenance,
            Failure::Transport(_) => Self::Transport,
            Failure::Status { status: 408 | 500.. } => Self::Transport,
            // It has a limit of its own, which is not the API's.
            Failure::TokenStatus { status: 408 | 429 | 500.. } => Self::Transport,
            // Redirects, other statuses, encodings, pages, cursors, sizes: trying again would change nothing.
            _ => Self::Data,
        }
    }
}

/// The table as `--help` shows it.
pub(crate) fn table() -> String {
    TABLE.iter().fold("Exit codes:\n".to_owned(), |mut text, (_, code, meaning)| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {code:>3}  {meaning}");
        text
    })
}

/// An error that ends the program: what to exit with, and what to say, if anything.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) exit: Exit,
    pub(crate) sentence: Option<String>,
}

impl Fault {
    pub(crate) fn new(exit: Exit, sentence: impl Display) -> Self {
        Self { exit, sentence: Some(sentence.to_string()) }
    }

    /// The command cannot be carried out as given.
    pub(crate) fn usage(sentence: impl Display) -> Self {
        Self::new(Exit::Usage, sentence)
    }

    /// A local file cannot be used.
    pub(crate) fn file(path: &Path, error: impl Display) -> Self {
        Self::new(Exit::LocalFile, format_args!("{}: {error}", path.display()))
    }

    /// Standard output cannot be written. If nobody reads it any more, there is nothing to be said either.
    pub(crate) fn stdout(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self { exit: Exit::NobodyReads, sentence: None },
            _ => Self::new(Exit::LocalFile, format_args!("standard output: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_core::pull::TransportFault;
    use tidegate_core::time::Duration;

    #[test]
    fn every_way_to_end_has_one_row_and_its_own_code() {
        for (place, (exit, code, meaning)) in TABLE.iter().enumerate() {
            assert_eq!(exit.row(), (*code, *meaning), "{exit:?} has a second row");
            assert!(TABLE.iter().skip(place + 1).all(|(_, other, _)| other > code), "{code} is out of order");
            assert!(table().contains(&format!("{code:>3}  {meaning}\n")));
        }
    }

    #[test]
    fn failures_mean_what_the_table_says() {
        let wait = Duration::from_secs(1);
        let table = [
            (Failure::Credential { status: 401 }, 3),
            (Failure::Limit { wait }, 4),
            (Failure::Maintenance { wait }, 5),
            (Failure::Status { status: 404 }, 7),
            (Failure::NotFound { status: 500 }, 7),
            (Failure::TokenStatus { status: 404 }, 7),
            (Failure::TokenStatus { status: 429 }, 8),
            (Failure::TokenStatus { status: 503 }, 8),
            (Failure::TooManyPages { limit: 1 }, 7),
            (Failure::ItemTooLarge { index: 0, size: 2, buffer: 1 }, 7),
            (Failure::Status { status: 408 }, 8),
            (Failure::Status { status: 502 }, 8),
            (Failure::Transport(TransportFault::Timeout), 8),
        ];
        for (failure, code) in table {
            assert_eq!(Exit::of(&failure).code(), code, "{failure}");
        }
    }
}
