//! What a person can do about a failure with the flags of this program. Core's sentences say what happened, and know no
//! flags.

use std::fmt::{Display, Write};
use tidegate_core::page::PageFault;
use tidegate_core::pull::{Failure, TransportFault};

/// Which command failed: they have not all flags in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Pull,
    Send,
}

/// The flag that helps against a failure, if there is one.
pub(crate) fn of(failure: &Failure, command: Command) -> Option<&'static str> {
    match (failure, command) {
        (Failure::Limit { .. }, _) => Some("--patience waits longer"),
        (Failure::Maintenance { .. }, _) => Some("--maintenance-patience waits longer"),
        (Failure::ItemTooLarge { .. }, Command::Pull) => {
            Some("--max-item takes larger ones, and --skip-oversized leaves them out")
        }
        (Failure::PageTooLarge { .. }, Command::Pull) => Some("--max-page takes larger ones"),
        (Failure::PageTooLarge { .. }, Command::Send) => Some("--max-body takes larger ones"),
        (Failure::TooManyPages { .. }, _) => Some("--max-pages takes more"),
        (Failure::Transport(TransportFault::Certificate), _) => Some("--ca-file trusts one more authority"),
        (Failure::Transport(TransportFault::Timeout), _) => {
            Some("--head-timeout waits longer for an answer to begin")
        }
        (Failure::Transport(TransportFault::Idle), _) => {
            Some("--idle-timeout waits longer for an answer to go on")
        }
        (Failure::Transport(TransportFault::TooSlow), _) => {
            Some("--page-timeout waits longer for an answer to end")
        }
        (
            Failure::Page(
                PageFault::NoItems { .. }
                | PageFault::NotAnArray { .. }
                | PageFault::NoArray { .. }
                | PageFault::SecondArray { .. },
            ),
            Command::Pull,
        ) => Some("--items names the member that holds the items"),
        _ => None,
    }
}

/// A failure, what the server or the network says of it, and what helps.
pub(crate) fn sentence(failure: &Failure, explanation: Option<&str>, advice: Option<&str>) -> String {
    let mut sentence = failure.to_string();
    let mut add = |text: &dyn Display| {
        // Writing to a string does not fail.
        let _ = write!(sentence, "{text}");
    };
    if let Some(explanation) = explanation {
        add(&format_args!(" ({explanation})"));
    }
    if let Some(advice) = advice {
        add(&format_args!("; {advice}"));
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Cli;
    use clap::CommandFactory;
    use tidegate_core::time::Duration;

    /// Every failure that has a flag, and the flags that its advice must name.
    const HELPED: [(Failure, Command, &str); 10] = [
        (Failure::Limit { wait: Duration::ZERO }, Command::Pull, "--patience"),
        (Failure::Maintenance { wait: Duration::ZERO }, Command::Send, "--maintenance-patience"),
        (Failure::ItemTooLarge { index: 0, size: 2, buffer: 1 }, Command::Pull, "--max-item"),
        (Failure::PageTooLarge { limit: 1 }, Command::Pull, "--max-page"),
        (Failure::PageTooLarge { limit: 1 }, Command::Send, "--max-body"),
        (Failure::TooManyPages { limit: 1 }, Command::Pull, "--max-pages"),
        (Failure::Transport(TransportFault::Certificate), Command::Send, "--ca-file"),
        (Failure::Transport(TransportFault::Timeout), Command::Pull, "--head-timeout"),
        (Failure::Transport(TransportFault::Idle), Command::Send, "--idle-timeout"),
        (Failure::Transport(TransportFault::TooSlow), Command::Pull, "--page-timeout"),
    ];

    #[test]
    fn advice_names_flags_that_the_command_has() {
        for (failure, command, flag) in HELPED {
            let advice = of(&failure, command).expect("there is a flag for it");
            assert!(advice.contains(flag), "{advice}");
            let name = if command == Command::Pull { "pull" } else { "send" };
            let cli = Cli::command();
            let apis = cli.find_subcommand(name).expect("a command");
            for api in apis.get_subcommands() {
                for word in advice.split([' ', ',']).filter_map(|word| word.strip_prefix("--")) {
                    assert!(
                        api.get_arguments().any(|argument| argument.get_long() == Some(word)),
                        "{name} {} has no --{word}",
                        api.get_name()
                    );
                }
            }
        }
    }

    #[test]
    fn a_sentence_has_what_happened_what_was_said_and_what_helps() {
        let failure = Failure::Status { status: 410 };
        let plain = failure.to_string();
        assert_eq!(sentence(&failure, None, None), plain);
        assert_eq!(sentence(&failure, Some("gone"), Some("--x helps")), format!("{plain} (gone); --x helps"));
    }
}
