//! Kontent.ai's Management API v2: listings that go on by a continuation token in a header, two counters that count each
//! request together, and content items that can be written. Rules from the vendor's documentation and from what its own
//! clients accept; see `config` for what can be set.

mod config;
mod data;
mod listing;
mod problem;
mod store;
mod token;

use serde_json::Value;

use crate::arrivals::Arrivals;
use crate::config::KeyState;
use crate::digest::Digest;
use crate::fault::Fault;
use crate::limiter::{Limits, Verdict};
use crate::object::{Object, array};
use crate::random::Random;
use crate::reply::{JSON, Reply};
use crate::request::Request;
use crate::service::Backend;
use crate::stats::Stats;
use crate::target::{Parameters, encode, segments, split};
use crate::text::{number_of, uuid};

pub use config::{Config, EndOfTokens, TokenForm};
use data::{Source, precise};
use listing::{Form, Kind, Listing};
use problem::Problem;
use store::{Name, Store};
use token::Tokens;

/// One environment and its subscription.
#[derive(Clone, Debug)]
pub(crate) struct Kontent {
    config: Config,
    seed: u64,
    limits: Limits,
    /// The counters' names.
    counters: Vec<String>,
    arrivals: Arrivals,
    tokens: Tokens,
    store: Store,
    errors: u64,
}

impl Kontent {
    pub(crate) fn new(config: Config, seed: u64) -> Self {
        let mut limits = Limits::new(seed);
        let counters: Vec<String> = (0..config.limits.len()).map(|number| number.to_string()).collect();
        for (name, limit) in counters.iter().zip(&config.limits) {
            limits.add(name, *limit);
        }
        let longest = config.limits.iter().map(|limit| limit.window_ms).max().unwrap_or(0);
        let source = Source::new(&config, seed, number_of("E/items"));
        Self {
            arrivals: Arrivals::new(longest),
            tokens: Tokens::default(),
            store: Store::new(source, config.items),
            errors: 0,
            limits,
            counters,
            config,
            seed,
        }
    }

    fn check_key(&self, request: &Request<'_>) -> Result<(), Problem> {
        let given = request.credentials("Bearer");
        let known = self.config.keys.iter().find(|known| Some(known.key.as_str()) == given);
        match known.map(|known| known.state) {
            Some(KeyState::Active) => Ok(()),
            Some(KeyState::Revoked) => Err(Problem::revoked()),
            Some(KeyState::Expired) => Err(Problem::no_access("The provided API key has expired.")),
            None => Err(Problem::no_access("The API key is missing or not valid.")),
        }
    }

    fn refuse(&mut self, problem: &Problem) -> Reply {
        self.errors += 1;
        let request_id = uuid(&mut Random::of(&[self.seed, self.errors, 34]), self.errors);
        problem.reply(&request_id)
    }

    /// The segments of a path with `E` or `S` for the environment or subscription in front; `None` for any other path.
    fn place(&self, path: &str) -> Option<Vec<String>> {
        let mut place = segments(path.strip_prefix(self.config.base_path.as_str())?)?;
        let owner = match place.as_slice() {
            [room, id, ..] if room == "projects" && *id == self.config.environment => "E",
            [room, id, ..] if room == "subscriptions" && *id == self.config.subscription => "S",
            _ => return None,
        };
        place.splice(..2, [owner.to_owned()]);
        Some(place)
    }

    fn answer(&mut self, now_ms: u64, request: &Request<'_>, stats: &mut Stats) -> Result<Reply, Problem> {
        let (path, query) = split(request.target);
        let place = self.place(path).ok_or_else(Problem::not_found)?;
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        match (place.as_slice(), request.method) {
            (["E", "items"], "POST") => self.create(now_ms, request, stats),
            (["E", "items"], method) if method != "GET" => Err(Problem::not_allowed("GET, POST")),
            (place, method) => match Listing::find(place) {
                Some(listing) if method == listing.method => {
                    self.list(listing, &place.join("/"), query, request, stats)
                }
                Some(listing) => Err(Problem::not_allowed(listing.method)),
                None => self.one_item(now_ms, place, request, stats),
            },
        }
    }

    fn list(
        &mut self,
        listing: Listing,
        place: &str,
        query: &str,
        request: &Request<'_>,
        stats: &mut Stats,
    ) -> Result<Reply, Problem> {
        let body = if listing.is_asked_by_body() { filter(listing, request.body)? } else { String::new() };
        let parameters = Parameters::read(query).ok_or_else(Problem::not_found)?;
        let filters = filters(&parameters);
        let asked = format!("{place}?{filters}\n{body}");
        let token = request.field("x-continuation").or(parameters.last("continuationToken"));
        let offset = match token {
            Some(token) => self.tokens.offset(&asked, token).ok_or_else(Problem::bad_token)?,
            None => 0,
        };
        let size = match listing.form {
            Form::Pages(_) => u64::from(self.config.page_size.max(1)),
            Form::Member(_) | Form::Dated(_) | Form::Bare => u64::MAX,
        };
        let items: Vec<String> =
            self.items(listing, place, offset).take(size.try_into().unwrap_or(usize::MAX)).collect();
        stats.pages += 1;
        stats.items += items.len() as u64;
        let array = array(&items);
        let text = match listing.form {
            Form::Bare => array,
            Form::Member(name) => Object::new().raw(name, array).done(),
            Form::Dated(name) => {
                Object::new().raw(name, array).text("last_modified", precise(1_622_202_889_860, 9_984)).done()
            }
            Form::Pages(name) => {
                let next = offset + items.len() as u64;
                let more = next < self.length(listing);
                let token = more.then(|| self.tokens.issue(self.config.token, &asked, next));
                let pagination = self.pagination(split(request.target).0, &filters, token.as_deref());
                Object::new().raw(name, array).raw("pagination", pagination).done()
            }
        };
        Ok(Reply::json(text.into_bytes()))
    }

    fn pagination(&self, path: &str, filters: &str, token: Option<&str>) -> String {
        let end = match self.config.end {
            EndOfTokens::Null => None,
            EndOfTokens::Empty => Some(""),
        };
        let after_last = self.config.next_page_at_the_end.then_some("MTAw");
        let next_page = token.or(after_last).map(|token| {
            let separator = if filters.is_empty() { "" } else { "&" };
            let token = escapes_in_lower_case(&encode(token));
            format!("{}{path}?{filters}{separator}continuationToken={token}", self.config.origin)
        });
        Object::new()
            .text_or_null("continuation_token", token.or(end))
            .text_or_null("next_page", next_page.as_deref())
            .done()
    }

    fn length(&self, listing: Listing) -> u64 {
        match (listing.kind, listing.form) {
            (Kind::Items, _) => self.store.count(),
            (_, Form::Pages(_)) => self.config.items,
            (_, Form::Member(_) | Form::Dated(_) | Form::Bare) => self.config.unpaged_items,
        }
    }

    fn items<'a>(
        &'a self,
        listing: Listing,
        place: &str,
        from: u64,
    ) -> Box<dyn Iterator<Item = String> + 'a> {
        if listing.kind == Kind::Items {
            return Box::new(self.store.from(from).map(|item| item.object().done()));
        }
        let source = Source::new(&self.config, self.seed, number_of(place));
        Box::new((from..self.length(listing)).map(move |index| source.object(listing.kind, index)))
    }

    fn create(&mut self, now_ms: u64, request: &Request<'_>, stats: &mut Stats) -> Result<Reply, Problem> {
        let item = self.store.create(now_ms, &json(request.body)?)?;
        stats.writes += 1;
        Ok(self.created(&item))
    }

    fn created(&self, item: &data::Item) -> Reply {
        let Config { base_path, environment, .. } = &self.config;
        let location = format!("{base_path}/projects/{environment}/items/{}", item.id);
        Reply::new(201, JSON, item.object().done()).with("Location", location)
    }

    /// What concerns one content item.
    fn one_item(
        &mut self,
        now_ms: u64,
        place: &[&str],
        request: &Request<'_>,
        stats: &mut Stats,
    ) -> Result<Reply, Problem> {
        let ["E", "items", name @ ..] = place else { return Err(Problem::not_found()) };
        let name = Name::of(name).ok_or_else(Problem::not_found)?;
        let shown = |item: data::Item| Reply::json(item.object().done().into_bytes());
        let reply = match request.method {
            "GET" => return self.store.find(name).map(shown).ok_or_else(Problem::not_found),
            "PUT" => match self.store.upsert(now_ms, name, &json(request.body)?)? {
                (item, true) => self.created(&item),
                (item, false) => shown(item),
            },
            "PATCH" => shown(self.store.patch(now_ms, name, &json(request.body)?)?),
            "DELETE" => {
                self.store.delete(name)?;
                Reply::empty(204)
            }
            _ => return Err(Problem::not_allowed("GET, PUT, PATCH, DELETE")),
        };
        stats.writes += 1;
        Ok(reply)
    }
}

impl Backend for Kontent {
    fn admit(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        reject: bool,
        stats: &mut Stats,
    ) -> Result<(), Reply> {
        if let Err(problem) = self.check_key(request) {
            stats.unauthorized += 1;
            return Err(self.refuse(&problem));
        }
        self.arrivals.note(now_ms, stats);
        let names: Vec<&str> = self.counters.iter().map(String::as_str).collect();
        let verdict = if reject {
            Verdict::Rejected { wait_ms: self.limits.until_reset(now_ms, &names) }
        } else {
            self.limits.take(now_ms, &names)
        };
        match verdict {
            Verdict::Accepted => {
                stats.accepted += 1;
                Ok(())
            }
            Verdict::Rejected { wait_ms } => {
                stats.rejected += 1;
                let hint = self.config.retry_after.value(now_ms, wait_ms);
                let reply = self.refuse(&Problem::rejected());
                Err(hint.into_iter().fold(reply, |reply, hint| reply.with("Retry-After", hint)))
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
        match self.answer(now_ms, request, stats) {
            Ok(reply) => reply,
            Err(problem) => self.refuse(&problem),
        }
    }

    fn take_others(&mut self, now_ms: u64, requests: u64, stats: &mut Stats) -> u64 {
        let names: Vec<&str> = self.counters.iter().map(String::as_str).collect();
        let taken = (0..requests).filter(|_| self.limits.take(now_ms, &names) == Verdict::Accepted);
        let passed = taken.count() as u64;
        stats.others += passed;
        passed
    }

    fn digest(&self, target: &str) -> Option<Digest> {
        let place = self.place(split(target).0)?;
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        let listing = Listing::find(&place)?;
        Some(Digest::of(self.items(listing, &place.join("/"), 0).map(String::into_bytes)))
    }
}

fn json(body: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(body).map_err(|error| Problem::not_json(&error))
}

/// The body of a listing that is asked by one: what must come again with each token.
fn filter(listing: Listing, body: &[u8]) -> Result<String, Problem> {
    let value = json(body)?;
    if !value.is_object() {
        return Err(Problem::wrong_member("", "An object is expected."));
    }
    let references = value.get("variants").and_then(Value::as_array);
    if listing.wants_references() && references.is_none_or(Vec::is_empty) {
        return Err(Problem::wrong_member("variants", "The 'variants' property is required."));
    }
    Ok(value.to_string())
}

/// The query without its token, encoded anew.
fn filters(parameters: &Parameters) -> String {
    let kept = parameters.pairs().filter(|(name, _)| *name != "continuationToken");
    kept.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// `%2B` as `%2b`, which is how the vendor writes it.
fn escapes_in_lower_case(encoded: &str) -> String {
    let mut text = String::with_capacity(encoded.len());
    let mut in_escape = 0;
    for character in encoded.chars() {
        text.push(if in_escape > 0 { character.to_ascii_lowercase() } else { character });
        in_escape = if character == '%' { 2 } else { i32::max(in_escape - 1, 0) };
    }
    text
}
