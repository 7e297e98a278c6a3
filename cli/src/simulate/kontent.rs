//! The simulated Kontent.ai Management API v2: its arguments, and what they come to.

use super::{Kind, Served, limit};
use clap::{Args, ValueEnum};
use tidegate_core::time::Duration;
use tidegate_simulator::kontent::{self, EndOfTokens, TokenForm};
use tidegate_simulator::{ApiKey, Config, DEFAULT_KEY, RetryAfter, Service};

/// A token that is longer than most, and not as long as any client takes.
const LONG_TOKEN: u32 = 900;

#[derive(Clone, Debug, Args)]
pub(crate) struct KontentArgs {
    /// Items in each list that comes in pages.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    items: u64,
    /// Items on a page.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    page_size: u32,
    /// Requests admitted in a second.
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit_per_second: u32,
    /// Requests admitted in a minute.
    #[arg(long, value_name = "N", default_value_t = 400)]
    limit_per_minute: u32,
    /// When the windows begin.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Kind::FirstRequest)]
    window_kind: Kind,
    /// Key to accept; may be given several times. Default: simulator-key.
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    /// Way of its own, documented or seen; may be given several times.
    #[arg(long, value_name = "NAME", value_enum)]
    quirk: Vec<Quirk>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Quirk {
    /// Tokens that begin with a plus.
    RidTokens,
    /// Tokens that are an array in Base64.
    WrappedTokens,
    /// Tokens of 900 characters.
    LongTokens,
    /// An empty token at the end, in place of null.
    EmptyToken,
    /// The last page names a next one, and has no token for it.
    NextPageAtTheEnd,
    /// Retry-After is a date.
    RetryAfterDate,
    /// Retry-After has a fraction.
    RetryAfterFraction,
    /// There is no Retry-After.
    NoRetryAfter,
    /// Nothing but what is documented.
    NoNovelties,
}

impl Quirk {
    fn bend(self, config: &mut kontent::Config) {
        match self {
            Self::RidTokens => config.token = TokenForm::Rid,
            Self::WrappedTokens => config.token = TokenForm::Wrapped,
            Self::LongTokens => config.token = TokenForm::Opaque(LONG_TOKEN),
            Self::EmptyToken => config.end = EndOfTokens::Empty,
            Self::NextPageAtTheEnd => config.next_page_at_the_end = true,
            Self::RetryAfterDate => config.retry_after = RetryAfter::HttpDate,
            Self::RetryAfterFraction => config.retry_after = RetryAfter::Fractional,
            Self::NoRetryAfter => config.retry_after = RetryAfter::Missing,
            Self::NoNovelties => config.novelties = false,
        }
    }
}

impl Served for KontentArgs {
    fn config(&self) -> Config {
        let second = limit(self.limit_per_second, Duration::from_secs(1), self.window_kind);
        let minute = limit(self.limit_per_minute, Duration::from_secs(60), self.window_kind);
        let mut config = kontent::Config {
            items: self.items,
            page_size: self.page_size,
            limits: vec![second, minute],
            ..kontent::Config::default()
        };
        if !self.key.is_empty() {
            config.keys = self.key.iter().map(|key| ApiKey::active(key)).collect();
        }
        self.quirk.iter().for_each(|quirk| quirk.bend(&mut config));
        Config { service: Service::Kontent(config), ..Config::default() }
    }

    fn pull(&self, url: &str) -> String {
        let kontent::Config { base_path, environment, .. } = kontent::Config::default();
        let key = self.key.first().map_or(DEFAULT_KEY, String::as_str);
        format!(
            "TIDEGATE_API_KEY={key} tidegate pull kontent items --base-url {url}{base_path} --environment {environment} \
             --limit {} --window 1s --limit {} --window 60s --unused --output items.ndjson --state items.state",
            self.limit_per_second, self.limit_per_minute
        )
    }

    fn digest(&self) -> String {
        let kontent::Config { base_path, environment, .. } = kontent::Config::default();
        format!("{}/projects/{environment}/items", base_path.trim_start_matches('/'))
    }
}
