//! Frends: an API behind Entra's tokens, with specifications that can be written and lists of two kinds. Rules from the
//! vendor's reference; what it leaves open is as ASP.NET Core does it. Here is who may ask, and what they are answered;
//! `content` has what is at which path.

mod config;
mod content;
mod data;
mod instances;
mod multipart;
mod page;
mod passthrough;
mod problem;
mod query;
mod specification;
mod store;
mod template;

pub use config::{Config, DEFAULT_CLIENT, DEFAULT_ENTRA_TENANT, DEFAULT_RESOURCE, DEFAULT_SECRET, Links};

use crate::arrivals::Arrivals;
use crate::digest::Digest;
use crate::fault::Fault;
use crate::limiter::{Limits, Verdict};
use crate::oauth::{Standing, TokenServer};
use crate::reply::Reply;
use crate::request::Request;
use crate::service::Backend;
use crate::stats::Stats;
use crate::target::split;
use problem::Problem;
use store::Store;

/// The one counter's name.
const ALL: &str = "all";

/// A tenant of Frends.
#[derive(Clone, Debug)]
pub(crate) struct Frends {
    config: Config,
    seed: u64,
    tokens: TokenServer,
    limits: Limits,
    arrivals: Arrivals,
    store: Store,
}

impl Frends {
    pub(crate) fn new(config: Config, seed: u64) -> Self {
        let mut limits = Limits::new(seed);
        if let Some(limit) = config.limit {
            limits.add(ALL, limit);
        }
        Self {
            seed,
            tokens: TokenServer::new(config.token.clone(), seed),
            limits,
            arrivals: Arrivals::new(config.limit.map_or(60_000, |limit| limit.window_ms)),
            store: Store::new(&config, seed),
            config,
        }
    }

    /// Answers a request at the place for tokens of an Entra tenant, which the path begins with.
    fn token(&mut self, now_ms: u64, tenant: &str, request: &Request<'_>, stats: &mut Stats) -> Reply {
        if tenant != self.config.entra_tenant {
            return self.tokens.unknown_tenant();
        }
        self.tokens.answer(now_ms, request, stats)
    }

    fn authenticate(&mut self, now_ms: u64, request: &Request<'_>) -> Result<(), Problem> {
        let token = request.credentials("Bearer");
        let token = token.ok_or_else(|| Problem::unauthorized("The request has no bearer token."))?;
        match self.tokens.present(now_ms, token) {
            Standing::Expired => Err(Problem::unauthorized("The token expired.")),
            Standing::Unknown => Err(Problem::unauthorized("The signature is invalid.")),
            Standing::Good if self.config.forbidden => Err(Problem::forbidden()),
            Standing::Good => Ok(()),
        }
    }

    fn let_pass(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        reject: bool,
        stats: &mut Stats,
    ) -> Result<(), Problem> {
        if let Err(problem) = self.authenticate(now_ms, request) {
            stats.unauthorized += 1;
            return Err(problem);
        }
        self.arrivals.note(now_ms, stats);
        if reject || self.limits.take(now_ms, &[ALL]) != Verdict::Accepted {
            stats.rejected += 1;
            return Err(Problem::rejected());
        }
        stats.accepted += 1;
        Ok(())
    }
}

impl Backend for Frends {
    fn admit(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        reject: bool,
        stats: &mut Stats,
    ) -> Result<(), Reply> {
        if tenant_of_token(request.target).is_some() {
            return Ok(());
        }
        let (path, _) = split(request.target);
        self.let_pass(now_ms, request, reject, stats).map_err(|problem| problem.reply(path))
    }

    fn content(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        fault: Option<&Fault>,
        stats: &mut Stats,
    ) -> Reply {
        if let Some(tenant) = tenant_of_token(request.target) {
            return self.token(now_ms, tenant, request, stats);
        }
        let (path, _) = split(request.target);
        self.answer(now_ms, request, fault, stats).unwrap_or_else(|problem| problem.reply(path))
    }

    fn digest(&self, target: &str) -> Option<Digest> {
        let items = self.all(target).ok()?;
        Some(Digest::of(items.into_iter().map(String::into_bytes)))
    }
}

/// The Entra tenant in a target where tokens are asked for, which is the only place outside `/api`.
fn tenant_of_token(target: &str) -> Option<&str> {
    let (path, _) = split(target);
    let tenant = path.strip_prefix('/')?.strip_suffix("/oauth2/token")?;
    (!tenant.contains('/')).then_some(tenant)
}
