//! The command line. What the arguments are and what they mean to people; what becomes of them is the other rooms'
//! business. The key of a pull is never an argument, for arguments can be read by every user of the machine; those of
//! the simulator open nothing.

use crate::exit;
use crate::simulate::{self, Faulty};
use crate::units::{parse_duration, parse_item_size};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;
use tidegate_core::quota::{Pace, Sharing, Terms, Window, Windows};
use tidegate_core::time::Duration;
use tidegate_simulator::{ItemSizes, LimitFields, WindowKind};

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

#[derive(Debug, Subcommand)]
pub(crate) enum PullApi {
    /// From a project of the CoManage External API.
    ///
    /// The key comes from the environment variable TIDEGATE_API_KEY or from --api-key-file, never from an argument.
    ///
    /// With --output and --state, every item is stored exactly once: whatever ends the program, a crash or a power cut
    /// included, the same command goes on, and the file ends up as if nothing had happened. Beside the state file a
    /// file named .lock keeps a second process out.
    #[command(after_long_help = exit::table())]
    Comanage(PullArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum SimulateApi {
    /// A project of the CoManage External API, with its key, rate limit, paging and maintenance.
    Comanage(SimulateArgs),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct PullArgs {
    /// Path of the list below the base URL, such as /objects; a whole segment may be {viewId}.
    pub(crate) path: String,
    /// Base URL of the API; https, or http to this machine.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: String,
    /// View whose objects to pull; goes into the path where that has {viewId}, else into the query.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) view_id: Option<i64>,
    /// Member of the page that holds the items, with dots between nested names. Default: its only array.
    #[arg(long, value_name = "KEY")]
    pub(crate) items: Option<String>,
    /// Parameter to add to the query; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) query: Vec<(String, String)>,
    /// File to write the items to, or - for standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) output: Destination,
    /// File that remembers how far the pull came, so that the same command goes on after any interruption.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Start anew: overwrite the output and the state.
    #[arg(long, requires = "state")]
    pub(crate) restart: bool,
    /// File to write what the pull took to, as JSON, however it ends.
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
    /// File to read the key from.
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// Largest item that is taken.
    #[arg(long, value_name = "BYTES", default_value = "16MiB", value_parser = parse_item_size)]
    pub(crate) max_item: usize,
    /// Leave larger items out, and count them, instead of ending the pull.
    #[arg(long)]
    pub(crate) skip_oversized: bool,
    /// How long to go on without a page while others use up the rate limit.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = parse_duration)]
    pub(crate) patience: Duration,
    /// How long to go on without a page because of maintenance.
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = parse_duration)]
    pub(crate) maintenance_patience: Duration,
    /// Failures in a row to forgive.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) retries: u16,
    /// Certificates to trust as well, in PEM form.
    #[arg(long, value_name = "PEM")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Allow plain http to another machine: anyone on the way can read the key.
    #[arg(long)]
    pub(crate) allow_plain_http: bool,
}

/// The limit, and how much of it to take.
#[derive(Clone, Debug, Args)]
pub(crate) struct LimitArgs {
    /// Requests that the server admits in one window.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) limit: u32,
    /// Length of that window.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_window)]
    pub(crate) window: Duration,
    /// Keep to a fixed part of the limit, such as 1/4: for several devices that share it without knowing of each other.
    #[arg(long, value_name = "PART/OF", default_value = "1/1", value_parser = parse_share)]
    pub(crate) share: (u32, u32),
    /// Never use the last N requests of a window: they are for others.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) reserve: u32,
    /// How much to leave to others, once a rejection shows that there are some.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = SharingArg::Fair)]
    pub(crate) sharing: SharingArg,
    /// How to spread requests over a window.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = PaceArg::Burst)]
    pub(crate) pace: PaceArg,
    /// Begin at once: nothing was sent to this project for a whole window. Without this a pull that has no state yet
    /// waits for a window first, which an earlier one may have used up.
    #[arg(long)]
    pub(crate) unused: bool,
}

impl LimitArgs {
    /// The window, or the part of it.
    pub(crate) fn windows(&self) -> Windows {
        let (part, of) = self.share;
        Windows::one(Window::new(self.limit, self.window)).share(part, of)
    }

    /// What is asked of it.
    pub(crate) fn terms(&self) -> Terms {
        Terms { sharing: self.sharing.into(), reserve: self.reserve, pace: self.pace.into() }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SharingArg {
    /// Nothing: everything that is free is taken.
    Greedy,
    /// A tenth at every rejection, and try to get it back.
    Fair,
    /// A quarter at every rejection, and take it back slowly.
    Polite,
}

impl From<SharingArg> for Sharing {
    fn from(sharing: SharingArg) -> Self {
        match sharing {
            SharingArg::Greedy => Self::Greedy,
            SharingArg::Fair => Self::Fair,
            SharingArg::Polite => Self::Polite,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PaceArg {
    /// As soon as the limit allows.
    Burst,
    /// At even distances.
    Even,
}

impl From<PaceArg> for Pace {
    fn from(pace: PaceArg) -> Self {
        match pace {
            PaceArg::Burst => Self::Burst,
            PaceArg::Even => Self::Even,
        }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct PlanArgs {
    /// Pages to pull.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) pages: u64,
    /// From sending a request until its page is read.
    #[arg(long, value_name = "TIME", default_value = "150ms", value_parser = parse_duration)]
    pub(crate) round_trip: Duration,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Port on this machine; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Items in each list.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) items: u64,
    /// Items on a page.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page_size: u32,
    /// Requests admitted in one window.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) limit: u32,
    /// Length of the window.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_duration)]
    pub(crate) window: Duration,
    /// When the window begins.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Kind::Timer)]
    pub(crate) window_kind: Kind,
    /// Requests of others that reach the counter in each window, at random.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) others: u32,
    /// How responses tell of the limit.
    #[arg(long, value_name = "FIELDS", value_enum, default_value_t = Tells::Nothing)]
    pub(crate) limit_fields: Tells,
    /// Size of the items: small, mixed, or a number of bytes that each has.
    #[arg(long, value_name = "SIZES", default_value = "mixed", value_parser = parse_sizes)]
    pub(crate) item_sizes: ItemSizes,
    /// Fixes every item.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Key to accept; may be given several times. Default: simulator-key.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<String>,
    /// Let a request go wrong; may be given several times. REQUEST is its number, or every and a number.
    #[arg(long, value_name = "REQUEST=KIND[:ARG]", long_help = simulate::fault_help())]
    pub(crate) fault: Vec<Faulty>,
    /// Announce maintenance, and refuse everything from START to END after now, such as 30s..90s.
    #[arg(long, value_name = "START..END", value_parser = parse_span)]
    pub(crate) maintenance: Option<(Duration, Duration)>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Tells {
    /// Not at all, as the vendor's.
    Nothing,
    /// RateLimit and RateLimit-Policy.
    Ratelimit,
    /// X-RateLimit-Limit, -Remaining and -Reset.
    XRatelimit,
}

impl From<Tells> for LimitFields {
    fn from(tells: Tells) -> Self {
        match tells {
            Tells::Nothing => Self::None,
            Tells::Ratelimit => Self::RateLimit,
            Tells::XRatelimit => Self::XRateLimit,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// At multiples of its length since 1970.
    Epoch,
    /// With the first request after the last window.
    FirstRequest,
    /// By a timer that drifts.
    Timer,
    /// Slides: counts what came within its length.
    Sliding,
    /// Slides, and counts what was rejected too.
    SlidingCountsRejected,
    /// None: a bucket of a window's worth, which fills all the time.
    Bucket,
}

impl From<Kind> for WindowKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Epoch => Self::Epoch,
            Kind::FirstRequest => Self::FirstRequest,
            Kind::Timer => Self::Timer,
            Kind::Sliding => Self::Sliding,
            Kind::SlidingCountsRejected => Self::SlidingCountsRejected,
            Kind::Bucket => Self::Bucket,
        }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ScanArgs {
    /// Member that holds the items, with dots between nested names.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["root", "only_array"])]
    pub(crate) items: Option<String>,
    /// The page itself is the array of items.
    #[arg(long, conflicts_with = "only_array")]
    pub(crate) root: bool,
    /// The only array among the page's members holds the items (the default).
    #[arg(long)]
    pub(crate) only_array: bool,
    /// Member that leads to the next page, with dots between nested names.
    #[arg(long, value_name = "KEY")]
    pub(crate) cursor: Option<String>,
    /// Member that says how many items all pages have together, with dots between nested names.
    #[arg(long, value_name = "KEY")]
    pub(crate) total: Option<String>,
    /// Largest item that is taken.
    #[arg(long, value_name = "BYTES", default_value = "16MiB", value_parser = parse_item_size)]
    pub(crate) max_item: usize,
}

/// Where items go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Stdout,
    File(PathBuf),
}

impl FromStr for Destination {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "-" { Self::Stdout } else { Self::File(PathBuf::from(text)) })
    }
}

fn parse_parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write a name, an equals sign and a value".to_owned()),
    }
}

fn parse_share(text: &str) -> Result<(u32, u32), String> {
    let numbers = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match numbers {
        Some((part, of)) if part >= 1 && part <= of => Ok((part, of)),
        _ => Err("write which part of how many: 1/4 is one of four devices".to_owned()),
    }
}

fn parse_window(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("a window lasts some time".to_owned()),
        window => Ok(window),
    }
}

fn parse_sizes(text: &str) -> Result<ItemSizes, String> {
    match text {
        "small" => Ok(ItemSizes::Small),
        "mixed" => Ok(ItemSizes::Mixed),
        bytes => bytes
            .parse()
            .map(ItemSizes::Exact)
            .map_err(|_| "write small, mixed or a number of bytes".to_owned()),
    }
}

fn parse_span(text: &str) -> Result<(Duration, Duration), String> {
    let (start, end) = text.split_once("..").ok_or("write two times with two dots between them: 30s..90s")?;
    let span = (parse_duration(start)?, parse_duration(end)?);
    if span.0 < span.1 { Ok(span) } else { Err("it must end after it has begun".to_owned()) }
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

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for text in ["30s", "90s..30s", "1..2", "5s..5s"] {
            assert!(parse_span(text).is_err(), "{text}");
        }
        for text in ["=x", "x", ""] {
            assert!(parse_parameter(text).is_err(), "{text}");
        }
        assert_eq!(parse_parameter("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
    }
}
