//! The command line: the commands that there are. What differs from API to API is in `apis`.

use crate::apis::{PullApi, SendApi};
use crate::exit;
use crate::plan::PlanArgs;
use crate::scan::ScanArgs;
use crate::simulate::SimulateApi;
use clap::{ArgAction, Parser, Subcommand};

/// Pulls everything a rate-limited, paginated REST API will give, without ever being rejected.
///
/// Without a command it runs the demo: it starts a simulated API on this machine, pulls 10,000 items from it through a
/// rate limit, and proves that each of them is there.
#[derive(Debug, Parser)]
#[command(name = "tidegate", version, after_long_help = exit::table())]
pub(crate) struct Cli {
    /// Say on standard error what happens; twice, say it of every request. RUST_LOG is obeyed too.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Pull from a simulated API on this machine and prove that nothing is missing (the default).
    Demo,
    /// Pull a list from an API, item by item, as newline-delimited JSON.
    #[command(after_long_help = exit::table())]
    Pull {
        #[command(subcommand)]
        api: PullApi,
    },
    /// Send one request, within the same limits, and print the body of its answer.
    #[command(after_long_help = exit::table())]
    Send {
        #[command(subcommand)]
        api: SendApi,
    },
    /// Serve a simulated API on this machine, to try things on.
    Simulate {
        #[command(subcommand)]
        api: SimulateApi,
    },
    /// Read one page of JSON from standard input: its items to standard output, its cursor and total to standard error.
    ///
    /// Exits with 7 if the page is not strict JSON, or not of the shape that was asked for.
    Scan(ScanArgs),
    /// Say how long a pull of so many pages will take on a limit, and why. Sends nothing.
    Plan(PlanArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_argument_takes_a_key_for_a_pull() {
        let parse = |extra: &str| {
            Cli::try_parse_from([
                "tidegate",
                "pull",
                "comanage",
                "/x",
                "--base-url",
                "https://h",
                extra,
                "secret",
            ])
        };
        for flag in ["--api-key", "--key", "-k"] {
            assert!(parse(flag).is_err(), "{flag}");
        }
    }
}
