//! The gateway program, `tidegate`: pulls everything a rate-limited, paginated REST API will give, into a file or a
//! pipe. All that decides is in `tidegate_core`, all that sends in `tidegate_std`; here is what a person at a terminal
//! and a service manager need around them: arguments, files that survive a power cut, signals, progress, exit codes.
//! Runs on Unix. The rooms stand in an order, which `tests/arrows.rs` has and holds.
//!
//! | room | what lives there |
//! |---|---|
//! | `command`, `args`, `units` | the command line, what all APIs have in common, and durations, sizes and dates as people write them |
//! | `apis` | the APIs, each with its own arguments |
//! | `asking`, `connection` | what is asked for, and where, with what key and how often |
//! | `pull` | one pull, from its arguments to its exit code |
//! | `sink` | where a pull's events go, in the order that makes it exactly-once |
//! | `output`, `ndjson` | the items, one a line, and how they are taken back |
//! | `state`, `position`, `mark` | what survives a restart, and by what an output is known again |
//! | `interrupt` | SIGINT and SIGTERM |
//! | `progress`, `tally`, `summary` | what is told while it runs, what is counted, and what is left behind |
//! | `exit`, `advice` | exit codes, errors that end the program, and the flags that help |
//! | `send` | one request that is no list |
//! | `scan`, `plan`, `simulate`, `demo` | the other commands |
//! | `console`, `clock` | the only rooms that print, and that read the wall clock |

mod advice;
mod apis;
mod args;
mod asking;
mod clock;
mod command;
mod connection;
mod console;
mod demo;
mod exit;
mod interrupt;
mod mark;
mod ndjson;
mod output;
mod plan;
mod position;
mod progress;
mod pull;
mod scan;
mod send;
mod simulate;
mod sink;
mod state;
mod summary;
mod tally;
mod units;

use clap::Parser;
use command::{Cli, Command};
use exit::Fault;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    console::log(cli.verbose);
    let ended = match cli.command.unwrap_or(Command::Demo) {
        Command::Demo => demo::run(),
        Command::Pull { api } => pull::run(&api),
        Command::Send { api } => send::run(&api),
        Command::Simulate { api } => simulate::run(&api),
        Command::Scan(args) => scan::run(&args),
        Command::Plan(args) => plan::run(&args),
    };
    let exit = ended.unwrap_or_else(|Fault { exit, sentence }| {
        if let Some(sentence) = sentence {
            console::tell(format_args!("error: {sentence}"));
        }
        exit
    });
    ExitCode::from(exit.code())
}
