//! The simulated OpsRamp REST API v2: its arguments, and what they come to.

use super::{Kind, Served};
use crate::units::parse_duration;
use clap::{Args, ValueEnum};
use tidegate_core::time::Duration;
use tidegate_simulator::oauth::{self, ExpiresIn};
use tidegate_simulator::opsramp::{
    self, Allowance, DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_TENANT, Drift, ErrorBodies, Limits, RateFields,
    Tenant,
};
use tidegate_simulator::{Config, Service};

/// Seconds that a token lives where it is said to live for hours.
const SHORT: u64 = 5;

#[derive(Clone, Debug, Args)]
pub(crate) struct OpsrampArgs {
    /// Items in each list.
    #[arg(long, value_name = "N", default_value_t = 250)]
    items: u64,
    /// Items on a page, where none are asked for.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    page_size: u32,
    /// The most items on a page; more are cut to that without a word.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    largest_page: Option<u32>,
    /// Reads of pages admitted in one window, in each category.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    /// Length of the window.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_duration)]
    window: Duration,
    /// When the window begins.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Kind::FirstRequest)]
    window_kind: Kind,
    /// Key of the integration.
    #[arg(long, value_name = "KEY", default_value = DEFAULT_KEY)]
    client_id: String,
    /// Its secret.
    #[arg(long, value_name = "SECRET", default_value = DEFAULT_SECRET)]
    client_secret: String,
    /// Tenant.
    #[arg(long, value_name = "ID", default_value = DEFAULT_TENANT)]
    tenant: String,
    /// Way of its own, documented or seen; may be given several times.
    #[arg(long, value_name = "NAME", value_enum)]
    quirk: Vec<Quirk>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Quirk {
    /// The first request with a good token is answered with 400, "unable to authenticate".
    UnableFirst,
    /// A single resource is first answered with 500, code 0005.
    NotReadyFirst,
    /// A token that is over is answered with 401.
    #[value(name = "expired-is-401")]
    ExpiredIs401,
    /// Tokens live for five seconds, and are said to live for hours.
    ShortTokens,
    /// A token's lifetime is a text.
    LifetimeIsText,
    /// Tokens are granted at the old place only.
    OldTokenPath,
    /// The values of the rate fields are in quotes.
    QuotedRateFields,
    /// There are no rate fields.
    NoRateFields,
    /// The number of the next page is the page's own.
    NextRepeats,
    /// All numbers of a page that has a next one are 0.
    Zeros,
    /// Alerts come as `result`.
    ResultForAlerts,
    /// Rows come in at the front before the third page.
    RowsInserted,
    /// Rows go from the front before the third page.
    RowsRemoved,
    /// Refusals have no body.
    EmptyErrors,
    /// Refusals are no JSON.
    TextErrors,
}

impl Quirk {
    fn bend(self, config: &mut opsramp::Config) {
        let drift = |inserted, removed| Drift { page: 3, inserted, removed };
        match self {
            Self::UnableFirst => config.unable_first = 1,
            Self::NotReadyFirst => config.not_ready_first = 1,
            Self::ExpiredIs401 => config.expired_status = 401,
            Self::ShortTokens => {
                config.token.told_s = Some(config.token.lifetime_s);
                config.token.lifetime_s = SHORT;
            }
            Self::LifetimeIsText => config.token.expires_in = ExpiresIn::String,
            Self::OldTokenPath => config.token_paths.retain(|path| path == "/auth/oauth/token"),
            Self::QuotedRateFields => config.rate_fields = RateFields::Quoted,
            Self::NoRateFields => config.rate_fields = RateFields::Absent,
            Self::NextRepeats => config.envelope.next_repeats = true,
            Self::Zeros => config.envelope.zeros = true,
            Self::ResultForAlerts => config.envelope.result_for_alerts = true,
            Self::RowsInserted => config.drift.push(drift(7, 0)),
            Self::RowsRemoved => config.drift.push(drift(0, 7)),
            Self::EmptyErrors => config.error_bodies = ErrorBodies::Empty,
            Self::TextErrors => config.error_bodies = ErrorBodies::NotJson,
        }
    }
}

impl OpsrampArgs {
    fn limits(&self) -> Limits {
        let of = |usual: Allowance| Allowance { paged: self.limit, ..usual };
        let Limits { alerts, metric, device, tickets, other } = Limits::default();
        Limits {
            alerts: of(alerts),
            metric: of(metric),
            device: of(device),
            tickets: of(tickets),
            other: of(other),
        }
    }
}

impl Served for OpsrampArgs {
    fn config(&self) -> Config {
        let mut config = opsramp::Config {
            items: self.items,
            page_size: self.page_size,
            largest_page: self.largest_page,
            tenants: vec![Tenant::active(&self.tenant)],
            token: oauth::Config::opsramp(&self.client_id, &self.client_secret),
            limits: self.limits(),
            window_ms: self.window.as_millis(),
            window: self.window_kind.into(),
            ..opsramp::Config::default()
        };
        self.quirk.iter().for_each(|quirk| quirk.bend(&mut config));
        Config { service: Service::OpsRamp(config), ..Config::default() }
    }

    fn pull(&self, url: &str) -> String {
        let token_url = match self.quirk.iter().any(|quirk| matches!(quirk, Quirk::OldTokenPath)) {
            true => format!(" --token-url {url}/auth/oauth/token"),
            false => String::new(),
        };
        format!(
            "TIDEGATE_API_KEY={} tidegate pull opsramp resources --base-url {url}/api/v2 --client-id {}{token_url} \
             --tenant {} --category devices --limit {} --window {}ms --unused --output resources.ndjson --state \
             resources.state",
            self.client_secret,
            self.client_id,
            self.tenant,
            self.limit,
            self.window.as_millis()
        )
    }

    fn digest(&self) -> String {
        format!("api/v2/tenants/{}/resources/search", self.tenant)
    }
}
