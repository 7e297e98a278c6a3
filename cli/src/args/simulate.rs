//! The arguments of the simulated APIs. Their keys open nothing, so they may be arguments.

use crate::simulate::{self, Faulty};
use crate::units::parse_duration;
use clap::{Args, ValueEnum};
use tidegate_core::time::Duration;
use tidegate_simulator::{ItemSizes, LimitFields, WindowKind};

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

    #[test]
    fn a_span_that_cannot_be_meant_is_refused() {
        for text in ["30s", "90s..30s", "1..2", "5s..5s"] {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }
}
