//! Arguments that are the same for every API: what they are, and what they mean to people. What becomes of them is the
//! other rooms' business. What opens an API is never an argument, for arguments can be read by every user of the machine.
//! What differs from API to API is in `apis`, and what commands there are in `command`.

mod limits;

pub(crate) use limits::LimitArgs;

use crate::units::{parse_bytes, parse_duration, parse_item_size};
use clap::Args;
use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;
use tidegate_core::pull::Settings;
use tidegate_core::time::Duration;

/// Where a pull's items go, and what it may cost: the same for every API.
#[derive(Clone, Debug, Args)]
pub(crate) struct PullArgs {
    /// File to write the items to, or - for standard output. A pipe or a device is written to and stays what it is.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) output: Destination,
    /// File that remembers how far the pull came, so that the same command goes on after any interruption.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Begin anew. An output that is there stays as it is until the new list is whole; until then the items are in a file
    /// beside it, with .part after its name. Without this flag the same command goes on with a pull that was begun so.
    #[arg(long, requires = "state")]
    pub(crate) restart: bool,
    /// File to write what the pull took to, as JSON, however it ends.
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
    /// Largest item that is taken.
    #[arg(long, value_name = "BYTES", default_value = "16MiB", value_parser = parse_item_size)]
    pub(crate) max_item: usize,
    /// Leave larger items out, and count them, instead of ending the pull.
    #[arg(long)]
    pub(crate) skip_oversized: bool,
    /// Remember the ids of so many items, and leave an item out that comes again. Default: of four pages, or of
    /// two if four are more than 20,000, where pages are asked for by number or offset, so that a row added meanwhile pushes
    /// others onto the next page; else of none.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    pub(crate) remember: Option<u32>,
    /// Most pages that are taken, those of earlier runs included: more of them end the pull.
    #[arg(long, value_name = "N", default_value_t = Settings::DEFAULT.pages)]
    pub(crate) max_pages: u64,
    /// Largest page that is taken.
    #[arg(long, value_name = "BYTES", default_value = "1GiB", value_parser = parse_bytes)]
    pub(crate) max_page: usize,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// What opens the API, and how often and how patiently it is asked.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConnectionArgs {
    /// File to read the key from, or the client's secret.
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// How long to go on without a page while others use up the rate limit.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = parse_duration)]
    pub(crate) patience: Duration,
    /// How long to go on without a page because of maintenance.
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = parse_duration)]
    pub(crate) maintenance_patience: Duration,
    /// How long to wait for an answer to begin.
    #[arg(long, alias = "timeout", value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    pub(crate) head_timeout: Duration,
    /// How long to wait for more of an answer that has begun.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    pub(crate) idle_timeout: Duration,
    /// How long an answer may take from its beginning to its end.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = parse_duration)]
    pub(crate) page_timeout: Duration,
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

/// Reads `NAME=VALUE`.
pub(crate) fn parse_parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write a name, an equals sign and a value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for text in ["=x", "x", ""] {
            assert!(parse_parameter(text).is_err(), "{text}");
        }
        assert_eq!(parse_parameter("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
    }
}
