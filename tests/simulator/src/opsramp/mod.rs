//! OpsRamp, version 2: OAuth, tenants, categories with counters of their own, lists with page numbers. The order is a
//! gate's: token, tenant, counter, then the path. Rules from the vendor's user guide and its OpenAPI documents.

mod config;
mod error;
mod filter;
mod item;
mod list;
mod page;
mod route;
mod store;

pub use config::{
    Allowance, Config, DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_TENANT, Drift, Envelope, ErrorBodies, Limits,
    Optional, RateFields, Tenant,
};

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::arrivals::Arrivals;
use crate::digest::Digest;
use crate::fault::Fault;
use crate::limiter::{Limit, Limits as Counters, Verdict};
use crate::oauth::{Standing, TokenServer};
use crate::reply::Reply;
use crate::request::Request;
use crate::service::Backend;
use crate::stats::Stats;
use crate::target::split;
use list::List;
use page::{Page, range};
use route::{Asked, Bucket, Place, Turn};
use store::{Row, Store};

/// Its state.
#[derive(Clone, Debug)]
pub(crate) struct OpsRamp {
    config: Config,
    seed: u64,
    tokens: TokenServer,
    counters: Counters,
    /// Arrivals at each counter.
    arrivals: BTreeMap<String, Arrivals>,
    store: Store,
    /// Pages answered, for drift.
    pages: u64,
    /// Requests that are still to be answered with "unable to authenticate".
    unable: u32,
    /// Requests that still find a resource not ready.
    not_ready: u32,
    /// The counter of the request in hand, if it got that far.
    bucket: Option<Bucket>,
}

impl OpsRamp {
    pub(crate) fn new(config: Config, seed: u64) -> Self {
        Self {
            seed,
            tokens: TokenServer::new(config.token.clone(), seed),
            counters: Counters::new(seed),
            arrivals: BTreeMap::new(),
            store: Store::new(&config, seed),
            pages: 0,
            unable: config.unable_first,
            not_ready: config.not_ready_first,
            bucket: None,
            config,
        }
    }

    fn asks_for_token(&self, request: &Request<'_>) -> bool {
        let (path, _) = split(request.target);
        self.config.token_paths.iter().any(|known| known == path)
    }

    fn authenticate(&mut self, now_ms: u64, request: &Request<'_>) -> Result<(), Reply> {
        let token = request.credentials("Bearer").ok_or_else(error::unable_to_authenticate)?;
        match self.tokens.present(now_ms, token) {
            Standing::Expired => Err(error::expired(self.config.expired_status, token)),
            Standing::Unknown => Err(error::unknown_token(token)),
            Standing::Good if self.unable > 0 => {
                self.unable -= 1;
                Err(error::unable_to_authenticate())
            }
            Standing::Good => Ok(()),
        }
    }

    fn count(&mut self, now_ms: u64, bucket: &Bucket, reject: bool) -> Verdict {
        let Config { window_ms, window, .. } = self.config;
        let name = bucket.name.as_str();
        self.counters.add(name, Limit { requests: bucket.requests, window_ms, window });
        if reject {
            return Verdict::Rejected { wait_ms: self.counters.until_reset(now_ms, &[name]) };
        }
        self.counters.take(now_ms, &[name])
    }

    fn let_pass(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        reject: bool,
        stats: &mut Stats,
    ) -> Result<(), Reply> {
        if let Err(refusal) = self.authenticate(now_ms, request) {
            stats.unauthorized += 1;
            return Err(refusal);
        }
        let bucket = Place::read(&self.config, request.target)?.bucket(&self.config, request.method);
        let window_ms = self.config.window_ms;
        let arrivals = self.arrivals.entry(bucket.name.clone());
        arrivals.or_insert_with(|| Arrivals::new(window_ms)).note(now_ms, stats);
        let verdict = self.count(now_ms, &bucket, reject);
        self.bucket = Some(bucket);
        match verdict {
            Verdict::Accepted => {
                stats.accepted += 1;
                Ok(())
            }
            Verdict::Rejected { .. } => {
                stats.rejected += 1;
                Err(error::throttled())
            }
        }
    }

    fn carry_out(
        &mut self,
        request: &Request<'_>,
        fault: Option<&Fault>,
        stats: &mut Stats,
    ) -> Result<Reply, Reply> {
        let place = Place::read(&self.config, request.target)?;
        let tenant = place.tenant.as_str();
        let asked = place.asked(&self.config, request.method)?;
        let text = match asked {
            Asked::Page { list, turn } => self.page(tenant, list, &turn, fault, stats),
            Asked::Whole { list, minimal } => array(&self.whole(tenant, list, minimal)),
            Asked::Single { list, id } => self.single(tenant, list, &id)?,
            Asked::Create { list } => {
                let text = self.store.create(tenant, list, members(list, request.body)?);
                stats.writes += 1;
                text
            }
            Asked::Overwrite { list, id } => self.overwrite(tenant, list, &id, request.body, stats)?,
            Asked::Update { list, id } => {
                let changes = changes(list, request.body)?;
                let text = self.store.update(tenant, list, &id, changes);
                stats.writes += u64::from(text.is_some());
                text.ok_or_else(|| error::no_such_resource(&id))?
            }
            Asked::Delete { list, id } => {
                if !self.store.delete(tenant, list, &id) {
                    return Err(error::no_such_resource(&id));
                }
                stats.writes += 1;
                SUCCESS.to_vec()
            }
            Asked::Run { id } => {
                self.store.find(tenant, List::Policies, &id).ok_or_else(|| error::no_such_resource(&id))?;
                stats.writes += 1;
                SUCCESS.to_vec()
            }
        };
        Ok(Reply::json(text))
    }

    fn page(
        &mut self,
        tenant: &str,
        list: List,
        turn: &Turn,
        fault: Option<&Fault>,
        stats: &mut Stats,
    ) -> Vec<u8> {
        self.pages += 1;
        let moves: Vec<_> =
            self.config.drift.iter().copied().filter(|drift| drift.page == self.pages).collect();
        for drift in moves {
            self.store.drift(drift);
        }
        let rows = self.store.selected(tenant, list, &turn.filter, turn.descending);
        let total = rows.len() as u64;
        let range = range(turn.page_no, turn.page_size, total);
        let items = range.clone().map(|place| self.store.text(list, rows[place as usize])).collect();
        let &Turn { page_no, page_size, descending, .. } = turn;
        let page = Page { list, page_no, page_size, total, descending, items, more: range.end < total };
        let page = page.bent(self.config.envelope, fault);
        stats.pages += 1;
        stats.items += page.items.len() as u64;
        page.text(self.seed, self.config.envelope, fault)
    }

    fn whole(&self, tenant: &str, list: List, minimal: bool) -> Vec<Vec<u8>> {
        let rows = self.store.selected(tenant, list, &filter::Filter::default(), false);
        let text = |row: &Row| if minimal { self.store.minimal(row) } else { self.store.text(list, row) };
        rows.into_iter().map(text).collect()
    }

    fn single(&mut self, tenant: &str, list: List, id: &str) -> Result<Vec<u8>, Reply> {
        let row = self.store.find(tenant, list, id).ok_or_else(|| error::no_such_resource(id))?;
        if self.not_ready > 0 {
            self.not_ready -= 1;
            return Err(error::not_ready());
        }
        Ok(self.store.text(list, row))
    }

    fn overwrite(
        &mut self,
        tenant: &str,
        list: List,
        id: &str,
        body: &[u8],
        stats: &mut Stats,
    ) -> Result<Vec<u8>, Reply> {
        let text = self.store.overwrite(tenant, list, id, members(list, body)?);
        stats.writes += 1;
        Ok(text)
    }

    /// The rate fields for the counter of the request in hand.
    fn rate_fields(&self, now_ms: u64, bucket: &Bucket) -> Vec<(&'static str, String)> {
        let write = |value: String| match self.config.rate_fields {
            RateFields::Plain => Some(value),
            RateFields::Quoted => Some(format!(" \" {value} \"")),
            RateFields::Absent => None,
        };
        let left = self.counters.left(now_ms, &bucket.name).unwrap_or(0);
        let reset_ms = now_ms + self.counters.until_reset(now_ms, &[&bucket.name]);
        let fields = [
            ("X-RateLimit-Limit", bucket.requests.to_string()),
            ("X-RateLimit-Remaining", left.to_string()),
            ("X-RateLimit-Reset", reset_ms.div_ceil(1_000).to_string()),
            ("X-RateLimit-Bucket", bucket.name.clone()),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, write(value)?))).collect()
    }
}

impl Backend for OpsRamp {
    fn admit(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        reject: bool,
        stats: &mut Stats,
    ) -> Result<(), Reply> {
        self.bucket = None;
        if self.asks_for_token(request) {
            return Ok(());
        }
        let admitted = self.let_pass(now_ms, request, reject, stats);
        admitted.map_err(|refusal| error::with_body(refusal, self.config.error_bodies))
    }

    fn content(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        fault: Option<&Fault>,
        stats: &mut Stats,
    ) -> Reply {
        if self.asks_for_token(request) {
            return self.tokens.answer(now_ms, request, stats);
        }
        let reply = self.carry_out(request, fault, stats).unwrap_or_else(|refusal| refusal);
        error::with_body(reply, self.config.error_bodies)
    }

    fn fields(&self, now_ms: u64, _request: &Request<'_>) -> Vec<(&'static str, String)> {
        self.bucket.as_ref().map_or_else(Vec::new, |bucket| self.rate_fields(now_ms, bucket))
    }

    fn digest(&self, target: &str) -> Option<Digest> {
        let place = Place::read(&self.config, target).ok()?;
        let items = match place.asked(&self.config, "GET").ok()? {
            Asked::Page { list, turn } => {
                let rows = self.store.selected(&place.tenant, list, &turn.filter, turn.descending);
                rows.into_iter().map(|row| self.store.text(list, row)).collect()
            }
            Asked::Whole { list, minimal } => self.whole(&place.tenant, list, minimal),
            _ => return None,
        };
        Some(Digest::of(items.into_iter()))
    }
}

const SUCCESS: &[u8] = br#"{"success":true}"#;

/// An array of these JSON texts.
fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [b"[", items.join(&b","[..]).as_slice(), b"]"].concat()
}

/// The object in a body.
fn object(body: &[u8]) -> Result<Map<String, Value>, Reply> {
    serde_json::from_slice(body).map_err(|_| error::bad_request("The body is not a JSON object"))
}

/// The object in a body that changes an item: a policy may not lose its name.
fn changes(list: List, body: &[u8]) -> Result<Map<String, Value>, Reply> {
    let changes = object(body)?;
    let name = if list == List::Policies { changes.get("name") } else { None };
    if name.is_some_and(|name| name.as_str().is_none_or(str::is_empty)) {
        return Err(error::invalid_field("name", "Name is mandatory"));
    }
    Ok(changes)
}

/// The object in a body that is to become an item: it must have what such an item is known by.
fn members(list: List, body: &[u8]) -> Result<Map<String, Value>, Reply> {
    let members = object(body)?;
    let has = |name: &str| members.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    match list {
        List::Policies if !has("name") => Err(error::invalid_field("name", "Name is mandatory")),
        List::Resources if !has("hostName") && !has("name") => {
            Err(error::bad_request("hostName is mandatory"))
        }
        List::Incidents if !has("subject") => Err(error::bad_request("subject is mandatory")),
        _ => Ok(members),
    }
}
