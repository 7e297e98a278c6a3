//! CoManage. The order is a server's: maintenance refuses everything, the key is checked before the counter (so that 401
//! and 403 cost nothing), the counter before the path. Rules from the vendor's text; what it leaves open is as ASP.NET
//! Core does it. Its settings are those of the simulator itself.

pub(crate) mod data;
pub(crate) mod list;
mod page;
mod problem;
mod record;
mod route;

use crate::arrivals::Arrivals;
use crate::config::{Config, KeyState, LimitFields, Maintenance};
use crate::digest::{Digest, digest};
use crate::fault::Fault;
use crate::limiter::{Limiter, Verdict};
use crate::random::Random;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::Backend;
use crate::stats::Stats;
use page::page;
use route::route;

/// Its state: the project's counter, and what has been heard of late.
#[derive(Clone, Debug)]
pub(crate) struct Comanage {
    config: Config,
    limiter: Limiter,
    others: Others,
    arrivals: Arrivals,
}

impl Comanage {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            limiter: Limiter::new(config.window, config.limit, config.window_ms, config.seed),
            others: Others::new(&config),
            arrivals: Arrivals::new(config.window_ms),
            config,
        }
    }

    /// What a response says of the limit.
    fn limit_fields(&self, now_ms: u64) -> Vec<(&'static str, String)> {
        let Config { limit, window_ms, .. } = self.config;
        let (left, reset_ms) = (self.limiter.left(now_ms), self.limiter.until_reset(now_ms));
        match self.config.limit_fields {
            LimitFields::None => Vec::new(),
            LimitFields::RateLimit => vec![
                ("RateLimit", format!("\"project\";r={left};t={}", reset_ms.div_ceil(1_000))),
                ("RateLimit-Policy", format!("\"project\";q={limit};w={}", window_ms / 1_000)),
            ],
            LimitFields::XRateLimit => vec![
                ("X-RateLimit-Limit", format!("\"{limit}\"")),
                ("X-RateLimit-Remaining", format!("\"{left}\"")),
                ("X-RateLimit-Reset", format!("\"{}\"", (now_ms + reset_ms).div_ceil(1_000))),
            ],
        }
    }

    /// The two warning headers, while there is something to warn of.
    fn announcement(&self, now_ms: u64) -> Vec<(&'static str, String)> {
        let told = self.config.maintenance.and_then(|plan| announced(plan, now_ms));
        told.map_or_else(Vec::new, |(start, end)| {
            vec![
                ("X-UPCOMING-MAINTENANCE-START", start.to_string()),
                ("X-UPCOMING-MAINTENANCE-END", end.to_string()),
            ]
        })
    }

    fn check_key(&self, request: &Request<'_>) -> Result<(), Reply> {
        let given = request.field("X-API-KEY");
        let known = self.config.keys.iter().find(|known| Some(known.key.as_str()) == given);
        let unauthorized =
            |detail| Err(Reply::problem(401, detail).with("WWW-Authenticate", "ApiKey header=\"X-API-KEY\""));
        match known.map(|known| known.state) {
            Some(KeyState::Active) => Ok(()),
            Some(KeyState::Expired) => unauthorized("The API key has expired."),
            Some(KeyState::Revoked) => Err(Reply::problem(403, "The API key has been revoked.")),
            None if given.is_some() => unauthorized("The API key is not known."),
            None => unauthorized("The X-API-KEY header is required."),
        }
    }
}

impl Backend for Comanage {
    fn admit(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        reject: bool,
        stats: &mut Stats,
    ) -> Result<(), Reply> {
        for at in self.others.until(now_ms) {
            self.take_others(at, 1, stats);
        }
        if self.config.maintenance.is_some_and(|plan| (plan.start..plan.end).contains(&now_ms)) {
            stats.during_maintenance += 1;
            return Err(problem::maintenance());
        }
        if let Err(refusal) = self.check_key(request) {
            stats.unauthorized += 1;
            return Err(refusal);
        }
        self.arrivals.note(now_ms, stats);
        let verdict = if reject {
            Verdict::Rejected { wait_ms: self.limiter.until_reset(now_ms) }
        } else {
            self.limiter.take(now_ms)
        };
        match verdict {
            Verdict::Accepted => {
                stats.accepted += 1;
                Ok(())
            }
            Verdict::Rejected { wait_ms } => {
                stats.rejected += 1;
                let seconds = wait_ms.div_ceil(1_000).max(1);
                let hint = self.config.retry_after.then(|| seconds.to_string());
                Err(hint.into_iter().fold(problem::rejected(), |reply, hint| reply.with("Retry-After", hint)))
            }
        }
    }

    fn content(
        &mut self,
        _now_ms: u64,
        request: &Request<'_>,
        fault: Option<&Fault>,
        stats: &mut Stats,
    ) -> Reply {
        match route(&self.config, request.method, request.target) {
            Err(refusal) => refusal,
            Ok(asked) => {
                let page = page(&self.config, asked, fault);
                stats.pages += 1;
                stats.items += page.items;
                Reply::json(page.text)
            }
        }
    }

    fn fields(&self, now_ms: u64, _request: &Request<'_>) -> Vec<(&'static str, String)> {
        let mut fields = self.announcement(now_ms);
        fields.extend(self.limit_fields(now_ms));
        fields
    }

    fn cursor(&self, request: &Request<'_>) -> Option<Option<i64>> {
        route(&self.config, request.method, request.target).ok().map(|asked| asked.after)
    }

    fn take_others(&mut self, now_ms: u64, requests: u64, stats: &mut Stats) -> u64 {
        let passed = (0..requests).filter(|_| self.limiter.take(now_ms) == Verdict::Accepted).count() as u64;
        stats.others += passed;
        passed
    }

    fn digest(&self, target: &str) -> Option<Digest> {
        let asked = route(&self.config, "GET", target).ok()?;
        Some(digest(&self.config, asked.list))
    }
}

/// When the project's other keys send, in the time that has passed.
#[derive(Clone, Debug)]
struct Others {
    /// The mean distance, if there are others.
    distance_ms: Option<u64>,
    random: Random,
    next_ms: Option<u64>,
}

impl Others {
    fn new(config: &Config) -> Self {
        let distance_ms = config.window_ms.checked_div(config.others_per_window.into());
        Self { distance_ms, random: Random::of(&[config.seed, 0x07]), next_ms: None }
    }

    /// Every arrival up to now that was not told before.
    fn until(&mut self, now_ms: u64) -> Vec<u64> {
        let Some(distance_ms) = self.distance_ms else { return Vec::new() };
        let mut next = self.next_ms.unwrap_or(now_ms);
        let mut arrivals = Vec::new();
        while next <= now_ms {
            arrivals.push(next);
            next += self.random.between(1, 2 * distance_ms.max(1));
        }
        self.next_ms = Some(next);
        arrivals
    }
}

/// Start and end of a maintenance in Unix seconds, if they are to be told now. Fractions are rounded away from it, so
/// that who obeys is not early.
fn announced(plan: Maintenance, now_ms: u64) -> Option<(u64, u64)> {
    let told_until = if plan.headers_while_active { plan.end } else { plan.start };
    let told = (plan.announced_from..told_until).contains(&now_ms);
    told.then(|| (plan.start / 1_000, plan.end.div_ceil(1_000)))
}
