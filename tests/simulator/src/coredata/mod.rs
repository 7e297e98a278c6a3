//! CoreData's API v2, a Tastypie: lists by limit and offset with a relative `next`, filters that are ignored when they are
//! misspelt, errors in many shapes, and files that are fetched from a storage elsewhere. Rules from the vendor's
//! documentation and from recordings of Tastypie; see `config` for what can be set. The order is Tastypie's: path, verb,
//! credentials, throttle.

mod config;
mod data;
mod filter;
mod page;
mod problem;
mod store;

use serde_json::Value;

use crate::arrivals::Arrivals;
use crate::config::KeyState;
use crate::digest::Digest;
use crate::fault::Fault;
use crate::limiter::{Limits, Verdict};
use crate::random::Random;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::Backend;
use crate::stats::Stats;
use crate::target::{Parameters, segments, split};
use crate::text::{number_of, uuid};

pub use config::{Change, Config, DEFAULT_CREDENTIALS, Drift, MissingSlash, Next, Total};
use data::{Resource, Row};
use filter::Filter;
use page::{Slice, page};
use problem::{bad_request, empty, failure, not_allowed};
use store::Store;

const JSON: &str = "application/json";
const LIST_VERBS: &str = "GET,POST";
const DETAIL_VERBS: &str = "GET,PUT,PATCH,DELETE";

/// One tenant.
#[derive(Clone, Debug)]
pub(crate) struct CoreData {
    config: Config,
    seed: u64,
    limits: Limits,
    arrivals: Arrivals,
    store: Store,
    pages: u64,
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    List(Resource),
    Detail(Resource, String),
    /// A file's content.
    Content(String),
    /// What a storage has under this name.
    Storage(String),
}

impl Place {
    /// The verbs that it knows.
    fn verbs(&self) -> &'static str {
        match self {
            Self::List(_) => LIST_VERBS,
            Self::Detail(..) => DETAIL_VERBS,
            Self::Content(_) | Self::Storage(_) => "GET",
        }
    }
}

impl CoreData {
    pub(crate) fn new(config: Config, seed: u64) -> Self {
        let mut limits = Limits::new(seed);
        for credentials in &config.credentials {
            if let Some(limit) = config.throttle {
                limits.add(user(&credentials.key), limit);
            }
        }
        Self {
            limits,
            arrivals: Arrivals::new(config.throttle.map_or(1, |limit| limit.window_ms)),
            store: Store::new(seed, config.items),
            pages: 0,
            config,
            seed,
        }
    }

    /// What a path names, or what the web framework says of it.
    fn place(&self, target: &str) -> Result<Place, Reply> {
        let (path, query) = split(target);
        let nothing = || problem::page(404);
        if let Some(name) = path.strip_prefix("/storage/") {
            return Ok(Place::Storage(name.to_owned()));
        }
        let below = path.strip_prefix(self.config.base_path.as_str()).ok_or_else(nothing)?;
        let Some(below) = below.strip_suffix('/') else {
            let question = if query.is_empty() { String::new() } else { format!("?{query}") };
            return Err(match self.config.missing_slash {
                MissingSlash::Redirect if place_of(below).is_some() => {
                    empty(301).with("Location", format!("{path}/{question}"))
                }
                MissingSlash::Redirect | MissingSlash::NotFound => nothing(),
            });
        };
        place_of(below).ok_or_else(nothing)
    }

    /// Who sends it, if it is somebody who may: in `Authorization`, or in the query, where it gets into every `next`.
    fn sender(&self, request: &Request<'_>) -> Option<String> {
        let in_query = || {
            let parameters = Parameters::read(split(request.target).1)?;
            Some(format!("{}:{}", parameters.last("username")?, parameters.last("api_key")?))
        };
        let given = request.credentials("ApiKey").map(str::to_owned).or_else(in_query)?;
        let known = self.config.credentials.iter().find(|known| known.key == given)?;
        (known.state == KeyState::Active).then(|| user(&known.key).to_owned())
    }

    fn answer(&mut self, now_ms: u64, request: &Request<'_>, stats: &mut Stats) -> Result<Reply, Reply> {
        match (self.place(request.target)?, request.method) {
            (Place::List(resource), "GET") => self.list(resource, request.target, stats),
            (Place::List(resource), _) => {
                let body = body(request, self.config.debug)?;
                let row = self.store.create(now_ms, resource, &body);
                stats.writes += 1;
                Ok(empty(201).with("Location", row.path(&self.config.base_path)))
            }
            (Place::Detail(resource, id), "GET") => {
                let row = self.store.find(resource, &id).ok_or_else(|| empty(404))?;
                Ok(Reply::new(200, JSON, row.text(&self.config.base_path)))
            }
            (Place::Detail(resource, id), "DELETE") => {
                let deleted = self.store.delete(resource, &id);
                stats.writes += u64::from(deleted);
                Ok(empty(if deleted { 204 } else { 404 }))
            }
            (Place::Detail(resource, id), method) => {
                let body = body(request, self.config.debug)?;
                let row = self.store.change(now_ms, resource, &id, &body).ok_or_else(|| empty(404))?;
                stats.writes += 1;
                Ok(self.changed(method, &row))
            }
            (Place::Content(id), _) => self.content_of(&id),
            (Place::Storage(name), _) => self.stored(&name, request, stats),
        }
    }

    fn changed(&self, method: &str, row: &Row) -> Reply {
        match (method, self.config.returns_data) {
            ("PUT", true) => Reply::new(200, JSON, row.text(&self.config.base_path)),
            ("PUT", false) => empty(204),
            (_, true) => Reply::new(202, JSON, row.text(&self.config.base_path)),
            (_, false) => empty(202),
        }
    }

    fn list(&mut self, resource: Resource, target: &str, stats: &mut Stats) -> Result<Reply, Reply> {
        let (path, query) = split(target);
        let parameters = parameters(query)?;
        let slice = Slice::of(&self.config, &parameters)?;
        let filters = Filter::all(&self.config, resource, &parameters)?;
        let (found, rows) = if filters.is_empty() {
            let rows: Vec<Row> = self.store.from(resource, slice.offset).take(slice.size()).collect();
            (self.store.count(resource), rows)
        } else {
            let found: Vec<Row> = self.matching(resource, &filters).collect();
            let skipped = usize::try_from(slice.offset).unwrap_or(usize::MAX);
            (found.len() as u64, found.into_iter().skip(skipped).take(slice.size()).collect())
        };
        let objects: Vec<String> = rows.iter().map(|row| row.text(&self.config.base_path)).collect();
        let text = page(&self.config, path, &parameters, slice, found, &objects);
        stats.pages += 1;
        stats.items += objects.len() as u64;
        self.pages += 1;
        if let Some(drift) = self.config.drift.filter(|drift| drift.after_pages == self.pages) {
            self.store.drift(resource, drift.objects, drift.change);
        }
        Ok(Reply::new(200, JSON, text))
    }

    fn matching<'a>(&'a self, resource: Resource, filters: &'a [Filter]) -> impl Iterator<Item = Row> + 'a {
        self.store.from(resource, 0).filter(|row| filters.iter().all(|filter| filter.holds(row)))
    }

    /// A redirect to where the file's content is: a URL that is a credential by itself.
    fn content_of(&self, id: &str) -> Result<Reply, Reply> {
        let row = self.store.find(Resource::Files, id).ok_or_else(|| empty(404))?;
        let origin = self.config.storage.as_deref().unwrap_or_default();
        let location = format!("{origin}/storage/{}?signature={}", row.id, self.signature(&row.id));
        Ok(empty(302).with("Location", location))
    }

    fn signature(&self, name: &str) -> String {
        uuid(&mut Random::of(&[self.seed, number_of(name), 45]), number_of(name))
    }

    /// As a storage answers: to whoever has the signature, and to nobody who shows another credential as well.
    fn stored(&self, name: &str, request: &Request<'_>, stats: &mut Stats) -> Result<Reply, Reply> {
        if request.field("Authorization").is_some() {
            stats.leaked += 1;
            return Err(problem::storage(400, "InvalidArgument"));
        }
        let parameters = parameters(split(request.target).1)?;
        if parameters.last("signature") != Some(&self.signature(name)) {
            return Err(problem::storage(403, "SignatureDoesNotMatch"));
        }
        let mut random = Random::of(&[self.seed, number_of(name), 46]);
        let length = random.between(100, 5_000);
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        Ok(Reply::new(200, "application/octet-stream", bytes))
    }
}

impl Backend for CoreData {
    fn admit(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        reject: bool,
        stats: &mut Stats,
    ) -> Result<(), Reply> {
        let place = self.place(request.target)?;
        if !place.verbs().split(',').any(|verb| verb == request.method) {
            return Err(not_allowed(place.verbs()));
        }
        if matches!(place, Place::Storage(_)) {
            stats.accepted += 1;
            return Ok(());
        }
        let Some(user) = self.sender(request) else {
            stats.unauthorized += 1;
            return Err(empty(401));
        };
        self.arrivals.note(now_ms, stats);
        let verdict = if reject {
            Verdict::Rejected { wait_ms: self.limits.until_reset(now_ms, &[&user]) }
        } else {
            self.limits.take(now_ms, &[&user])
        };
        match verdict {
            Verdict::Accepted => {
                stats.accepted += 1;
                Ok(())
            }
            Verdict::Rejected { wait_ms } => {
                stats.rejected += 1;
                let hint = self.config.retry_after.value(now_ms, wait_ms);
                Err(hint.into_iter().fold(empty(429), |reply, hint| reply.with("Retry-After", hint)))
            }
        }
    }

    fn content(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        _fault: Option<&Fault>,
        stats: &mut Stats,
    ) -> Reply {
        self.answer(now_ms, request, stats).unwrap_or_else(|refusal| refusal)
    }

    fn digest(&self, target: &str) -> Option<Digest> {
        let Ok(Place::List(resource)) = self.place(target) else { return None };
        let parameters = parameters(split(target).1).ok()?;
        let filters = Filter::all(&self.config, resource, &parameters).ok()?;
        let rows = self.matching(resource, &filters);
        Some(Digest::of(rows.map(|row| row.text(&self.config.base_path).into_bytes())))
    }
}

/// The part of `user:key` that may be told.
fn user(credentials: &str) -> &str {
    credentials.split_once(':').map_or(credentials, |(user, _)| user)
}

/// What a path below the base names, given without its last slash.
fn place_of(below: &str) -> Option<Place> {
    let segments = segments(below)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        [name] => name.parse().ok().map(Place::List),
        ["files", id, "content"] => Some(Place::Content((*id).to_owned())),
        [name, id] if !id.is_empty() => {
            name.parse().ok().map(|resource| Place::Detail(resource, (*id).to_owned()))
        }
        _ => None,
    }
}

fn parameters(query: &str) -> Result<Parameters, Reply> {
    Parameters::read(query).ok_or_else(|| bad_request("The query cannot be decoded."))
}

/// A body that says what to write.
fn body(request: &Request<'_>, debug: bool) -> Result<Value, Reply> {
    let content_type = request.field("Content-Type").unwrap_or(JSON);
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case(JSON) {
        let text = format!("The format indicated '{media_type}' had no available deserialization method.");
        return Err(failure(415, &text, debug));
    }
    let value: Option<Value> = serde_json::from_slice(request.body).ok();
    value.filter(Value::is_object).ok_or_else(|| bad_request("Request is not valid JSON."))
}
