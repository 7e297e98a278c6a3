//! The simulated Frends Platform API v1: its arguments, and what they come to.

use super::{Kind, Served, limit};
use crate::units::parse_duration;
use clap::{Args, ValueEnum};
use tidegate_core::time::Duration;
use tidegate_simulator::frends::{
    self, DEFAULT_CLIENT, DEFAULT_ENTRA_TENANT, DEFAULT_RESOURCE, DEFAULT_SECRET, Links,
};
use tidegate_simulator::oauth::{self, ExpiresIn};
use tidegate_simulator::{Config, EndOfList, Service};

#[derive(Clone, Debug, Args)]
pub(crate) struct FrendsArgs {
    /// Items in each list.
    #[arg(long, value_name = "N", default_value_t = 130)]
    items: u64,
    /// Items on a page, where none are asked for.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=200))]
    page_size: u32,
    /// Requests admitted in one window. Default: there is no limit.
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Length of the window.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_duration)]
    window: Duration,
    /// When the window begins.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Kind::FirstRequest)]
    window_kind: Kind,
    /// Application id of the client.
    #[arg(long, value_name = "ID", default_value = DEFAULT_CLIENT)]
    client_id: String,
    /// Its secret.
    #[arg(long, value_name = "SECRET", default_value = DEFAULT_SECRET)]
    client_secret: String,
    /// Application id URI, for which tokens are granted.
    #[arg(long, value_name = "URI", default_value = DEFAULT_RESOURCE)]
    resource: String,
    /// Way of its own, documented or possible; may be given several times.
    #[arg(long, value_name = "NAME", value_enum)]
    quirk: Vec<Quirk>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Quirk {
    /// Links lead to the same host by https.
    HttpsLinks,
    /// Links lead to another origin.
    ForeignLinks,
    /// A link that leads nowhere is left out.
    NoLinkAtTheEnd,
    /// The client has not the role that is wanted.
    Forbidden,
    /// A token's lifetime is a number.
    LifetimeIsNumber,
    /// A token's lifetime is not told.
    NoLifetime,
}

impl Quirk {
    fn bend(self, config: &mut frends::Config) {
        match self {
            Self::HttpsLinks => config.links = Links::SecureHost,
            Self::ForeignLinks => config.links = Links::Origin("https://elsewhere.example".to_owned()),
            Self::NoLinkAtTheEnd => config.end_of_list = EndOfList::Missing,
            Self::Forbidden => config.forbidden = true,
            Self::LifetimeIsNumber => config.token.expires_in = ExpiresIn::Number,
            Self::NoLifetime => config.token.expires_in = ExpiresIn::Absent,
        }
    }
}

impl Served for FrendsArgs {
    fn config(&self) -> Config {
        let mut config = frends::Config {
            specifications: self.items,
            items: self.items,
            page_size: self.page_size,
            instances_page_size: self.page_size,
            token: oauth::Config::entra(&self.client_id, &self.client_secret, &self.resource),
            limit: self.limit.map(|requests| limit(requests, self.window, self.window_kind)),
            ..frends::Config::default()
        };
        self.quirk.iter().for_each(|quirk| quirk.bend(&mut config));
        Config { service: Service::Frends(config), ..Config::default() }
    }

    fn pull(&self, url: &str) -> String {
        let limit = match self.limit {
            Some(limit) => format!(" --limit {limit} --window {}ms", self.window.as_millis()),
            None => String::new(),
        };
        format!(
            "TIDEGATE_API_KEY={} tidegate pull frends processes --base-url {url}/api/v1 --token-url \
             {url}/{DEFAULT_ENTRA_TENANT}/oauth2/token --client-id {} --resource {}{limit} --unused --output \
             processes.ndjson --state processes.state",
            self.client_secret, self.client_id, self.resource
        )
    }

    fn digest(&self) -> String {
        "api/v1/processes".to_owned()
    }
}
