//! The simulated CoreData API v2: its arguments, and what they come to.

use super::{Kind, Served, limit};
use crate::units::parse_duration;
use clap::{Args, ValueEnum};
use tidegate_core::time::Duration;
use tidegate_simulator::coredata::{self, Change, DEFAULT_CREDENTIALS, Drift, MissingSlash, Next, Total};
use tidegate_simulator::{ApiKey, Config, RetryAfter, Service};

#[derive(Clone, Debug, Args)]
pub(crate) struct CoredataArgs {
    /// Objects in each list.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    items: u64,
    /// Objects on a page, where none are asked for.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    page_size: u64,
    /// The most objects on a page; 0 is no maximum.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    largest_page: u64,
    /// Requests admitted in one window, for each user. Default: there is no limit.
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Length of the window.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_duration)]
    window: Duration,
    /// When the window begins.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Kind::Sliding)]
    window_kind: Kind,
    /// User and key to accept; may be given several times. Default: simulator-user:simulator-key.
    #[arg(long, value_name = "USER:KEY")]
    key: Vec<String>,
    /// Way of its own, documented or seen; may be given several times.
    #[arg(long, value_name = "NAME", value_enum)]
    quirk: Vec<Quirk>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Quirk {
    /// A path without its slash is redirected.
    SlashRedirect,
    /// It knows no time zones, and fails at a Z in a filter.
    NaiveTime,
    /// There is a next page behind the last one, without end.
    EndlessNext,
    /// The next page is at another origin.
    ForeignNext,
    /// The total is that of the page.
    TotalOfPage,
    /// Objects come in at the front after the second page.
    ObjectsInserted,
    /// Objects go from the front after the second page.
    ObjectsRemoved,
    /// Failures have a traceback.
    Debug,
    /// PUT and PATCH answer with the object.
    ReturnsData,
    /// Retry-After is a date.
    RetryAfterDate,
    /// There is no Retry-After.
    NoRetryAfter,
}

impl Quirk {
    fn bend(self, config: &mut coredata::Config) {
        let drift = |change| Some(Drift { after_pages: 2, objects: 7, change });
        match self {
            Self::SlashRedirect => config.missing_slash = MissingSlash::Redirect,
            Self::NaiveTime => config.zones = false,
            Self::EndlessNext => config.next = Next::Endless,
            Self::ForeignNext => config.next = Next::At("https://elsewhere.example".to_owned()),
            Self::TotalOfPage => config.total = Total::OfPage,
            Self::ObjectsInserted => config.drift = drift(Change::InsertedAtFront),
            Self::ObjectsRemoved => config.drift = drift(Change::RemovedFromFront),
            Self::Debug => config.debug = true,
            Self::ReturnsData => config.returns_data = true,
            Self::RetryAfterDate => config.retry_after = RetryAfter::HttpDate,
            Self::NoRetryAfter => config.retry_after = RetryAfter::Missing,
        }
    }
}

impl Served for CoredataArgs {
    fn config(&self) -> Config {
        let mut config = coredata::Config {
            items: self.items,
            default_limit: self.page_size,
            max_limit: self.largest_page,
            throttle: self.limit.map(|requests| limit(requests, self.window, self.window_kind)),
            ..coredata::Config::default()
        };
        if !self.key.is_empty() {
            config.credentials = self.key.iter().map(|key| ApiKey::active(key)).collect();
        }
        self.quirk.iter().for_each(|quirk| quirk.bend(&mut config));
        Config { service: Service::CoreData(config), ..Config::default() }
    }

    fn pull(&self, url: &str) -> String {
        let key = self.key.first().map_or(DEFAULT_CREDENTIALS, String::as_str);
        let limit = match self.limit {
            Some(limit) => format!(" --limit {limit} --window {}ms", self.window.as_millis()),
            None => String::new(),
        };
        format!(
            "TIDEGATE_API_KEY={key} tidegate pull coredata projects --base-url {url}/api/v2{limit} --unused --output \
             projects.ndjson --state projects.state"
        )
    }

    fn digest(&self) -> String {
        "api/v2/projects/".to_owned()
    }
}
