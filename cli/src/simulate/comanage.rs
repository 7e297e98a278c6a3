//! The simulated CoManage External API: its arguments, and what they come to.

use super::{Kind, Served};
use crate::clock::unix_now;
use crate::units::parse_duration;
use clap::{Args, ValueEnum};
use tidegate_core::time::Duration;
use tidegate_simulator::{ApiKey, Config, DEFAULT_KEY, ItemSizes, LimitFields, Maintenance};

#[derive(Clone, Debug, Args)]
pub(crate) struct ComanageArgs {
    /// Items in each list.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    items: u64,
    /// Items on a page.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    page_size: u32,
    /// Requests admitted in one window.
    #[arg(long, value_name = "N", default_value_t = 200)]
    limit: u32,
    /// Length of the window.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_duration)]
    window: Duration,
    /// When the window begins.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Kind::Timer)]
    window_kind: Kind,
    /// Requests of others that reach the counter in each window, at random.
    #[arg(long, value_name = "N", default_value_t = 0)]
    others: u32,
    /// How responses tell of the limit.
    #[arg(long, value_name = "FIELDS", value_enum, default_value_t = Tells::Nothing)]
    limit_fields: Tells,
    /// Size of the items: small, mixed, a number of bytes that each has, or records, which hold nothing odd.
    #[arg(long, value_name = "SIZES", default_value = "mixed", value_parser = parse_sizes)]
    item_sizes: ItemSizes,
    /// Key to accept; may be given several times. Default: simulator-key.
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    /// Announce maintenance, and refuse everything from START to END after now, such as 30s..90s.
    #[arg(long, value_name = "START..END", value_parser = parse_span)]
    maintenance: Option<(Duration, Duration)>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Tells {
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

impl Served for ComanageArgs {
    fn config(&self) -> Config {
        let mut config = Config {
            items: self.items,
            page_size: self.page_size,
            item_sizes: self.item_sizes,
            limit: self.limit,
            window_ms: self.window.as_millis(),
            window: self.window_kind.into(),
            others_per_window: self.others,
            limit_fields: self.limit_fields.into(),
            maintenance: self.maintenance.map(|(start, end)| planned(start, end)),
            ..Config::default()
        };
        if !self.key.is_empty() {
            config.keys = self.key.iter().map(|key| ApiKey::active(key)).collect();
        }
        config
    }

    fn pull(&self, url: &str) -> String {
        let Config { view_ids, .. } = Config::default();
        let view_id = view_ids.first().copied().unwrap_or_default();
        let key = self.key.first().map_or(DEFAULT_KEY, String::as_str);
        format!(
            "TIDEGATE_API_KEY={key} tidegate pull comanage /objects --base-url {url} --view-id {view_id} --limit {} \
             --window {}ms --unused --output objects.ndjson --state objects.state",
            self.limit,
            self.window.as_millis()
        )
    }

    fn digest(&self) -> String {
        "objects".to_owned()
    }
}

fn planned(start: Duration, end: Duration) -> Maintenance {
    let now = unix_now().as_millis();
    Maintenance {
        announced_from: now,
        start: now.saturating_add(start.as_millis()),
        end: now.saturating_add(end.as_millis()),
        headers_while_active: false,
    }
}

fn parse_sizes(text: &str) -> Result<ItemSizes, String> {
    match text {
        "small" => Ok(ItemSizes::Small),
        "mixed" => Ok(ItemSizes::Mixed),
        "records" => Ok(ItemSizes::Records),
        bytes => bytes
            .parse()
            .map(ItemSizes::Exact)
            .map_err(|_| "write small, mixed, records or a number of bytes".to_owned()),
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
