//! What is at Frends's paths: lists, single objects, and all that changes them. A change is counted once it has happened.

use serde_json::{Map, Value};

use super::data::{self, List, date};
use super::instances::Filters;
use super::page::{Continued, Numbered, Page, link, range, skipped};
use super::problem::Problem;
use super::query::Query;
use super::template::template;
use super::{Frends, multipart};
use crate::fault::Fault;
use crate::object::{Object, array};
use crate::reply::{JSON, Reply};
use crate::request::Request;
use crate::stats::Stats;
use crate::target::{segments, split};

const SPECIFICATIONS: [&str; 2] = ["api-management", "api-specifications"];

/// A list that comes in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    Specifications,
    Other(List),
    /// Of an agent group, with continuation tokens.
    Instances(u64),
}

impl Frends {
    pub(super) fn answer(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        fault: Option<&Fault>,
        stats: &mut Stats,
    ) -> Result<Reply, Problem> {
        let place = place(request.target)?;
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        if request.method == "GET"
            && let Some(listing) = self.listing(&place)?
        {
            return self.page(listing, request, fault, stats);
        }
        match place.strip_prefix(&SPECIFICATIONS[..]) {
            Some(rest) => self.specifications(now_ms, rest, request, stats),
            None if self.listing(&place)?.is_some() => Err(Problem::not_allowed("GET")),
            None => Err(nothing()),
        }
    }

    /// Every item of the list that a target names, paging aside.
    pub(super) fn all(&self, target: &str) -> Result<Vec<String>, Problem> {
        let (_, query) = split(target);
        let place = place(target)?;
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        let query = Query::read(query)?;
        if let Some(listing) = self.listing(&place)? {
            let places = self.places(listing, &query)?;
            return self.part(listing, &places, 0, u64::MAX);
        }
        match place.strip_prefix(&SPECIFICATIONS[..]) {
            Some([id, version, "api-passthrough"]) => self.store.passthroughs(number(id)?, small(version)?),
            _ => Err(nothing()),
        }
    }

    /// The list at a place, if there is one.
    fn listing(&self, place: &[&str]) -> Result<Option<Listing>, Problem> {
        Ok(match place {
            ["api-management", "api-specifications"] => Some(Listing::Specifications),
            ["processes"] => Some(Listing::Other(List::Processes)),
            ["process-deployments"] => Some(Listing::Other(List::Deployments)),
            ["process-templates"] => Some(Listing::Other(List::Templates)),
            ["environment-variables"] => Some(Listing::Other(List::Variables)),
            ["instances", group] => {
                let group = number(group)?;
                if !self.config.agent_groups.contains(&group) {
                    return Err(Problem::not_found("The agent group"));
                }
                Some(Listing::Instances(group))
            }
            _ => None,
        })
    }

    /// Where in a list the items stand that a query's filters let through.
    fn places(&self, listing: Listing, query: &Query) -> Result<Vec<u64>, Problem> {
        let (count, groups) = (self.config.items, &self.config.agent_groups);
        Ok(match listing {
            Listing::Specifications => self.store.ids().collect(),
            Listing::Other(List::Deployments) => {
                let group = query.number("agentGroupId")?;
                let is_in =
                    |place: &u64| group.is_none_or(|group| data::deployed_in(*place, groups) == group);
                (0..count).filter(is_in).collect()
            }
            Listing::Other(_) => (0..count).collect(),
            Listing::Instances(group) => {
                let filters = Filters::read(query)?;
                (0..count).filter(|&place| filters.let_through(self.seed, group, place)).collect()
            }
        })
    }

    /// The item at a place of a list.
    fn item(&self, listing: Listing, place: u64) -> Result<String, Problem> {
        Ok(match listing {
            Listing::Specifications => self.store.item(place, None)?,
            Listing::Other(list) => data::item(self.seed, list, place, &self.config.agent_groups),
            Listing::Instances(group) => data::instance(self.seed, group, place).text,
        })
    }

    fn part(
        &self,
        listing: Listing,
        places: &[u64],
        skipped: u64,
        size: u64,
    ) -> Result<Vec<String>, Problem> {
        let range = range(skipped, size, places.len() as u64);
        let part = &places[range.start as usize..range.end as usize];
        part.iter().map(|&place| self.item(listing, place)).collect()
    }

    fn page(
        &self,
        listing: Listing,
        request: &Request<'_>,
        fault: Option<&Fault>,
        stats: &mut Stats,
    ) -> Result<Reply, Problem> {
        let (_, query) = split(request.target);
        let query = Query::read(query)?;
        let page = match listing {
            Listing::Instances(group) => self.continued(group, &query, request, fault)?,
            Listing::Specifications | Listing::Other(_) => self.numbered(listing, &query, request, fault)?,
        };
        stats.pages += 1;
        stats.items += page.items;
        Ok(Reply::json(page.text.into_bytes()))
    }

    fn numbered(
        &self,
        listing: Listing,
        query: &Query,
        request: &Request<'_>,
        fault: Option<&Fault>,
    ) -> Result<Page, Problem> {
        let number = query.number("PageNumber")?.unwrap_or(1);
        let size = query.size("PageSize", self.config.page_size, self.config.largest_page)?;
        let places = self.places(listing, query)?;
        let items = self.part(listing, &places, (number - 1).saturating_mul(size), size)?;
        let total = places.len() as u64;
        let link = link(request, &self.config.links, query, &["PageNumber", "PageSize"]);
        let page = Numbered { number, size, total, link: &link, end: self.config.end_of_list };
        Ok(page.page(items, fault))
    }

    fn continued(
        &self,
        group: u64,
        query: &Query,
        request: &Request<'_>,
        fault: Option<&Fault>,
    ) -> Result<Page, Problem> {
        let paging = ["continuationToken", "pageSize"];
        let size = query.size("pageSize", self.config.instances_page_size, self.config.largest_page)?;
        let mut filters = query.without(&paging);
        filters.sort_unstable();
        let bound_to = format!("{} {group} {}", self.seed, filters.join("&"));
        let after = match query.one("continuationToken")? {
            None => 0,
            Some(token) => skipped(token, &bound_to)
                .ok_or_else(|| Problem::bad_request("continuationToken was not given for these filters."))?,
        };
        let places = self.places(Listing::Instances(group), query)?;
        let items = self.part(Listing::Instances(group), &places, after, size)?;
        let total = places.len() as u64;
        let link = link(request, &self.config.links, query, &paging);
        let page = Continued { skipped: after, size, total, bound_to: &bound_to, link: &link };
        Ok(page.page(items, fault))
    }

    /// What is below the list of specifications, and what changes that.
    fn specifications(
        &mut self,
        now_ms: u64,
        rest: &[&str],
        request: &Request<'_>,
        stats: &mut Stats,
    ) -> Result<Reply, Problem> {
        let store = &mut self.store;
        let done = match (rest, request.method) {
            ([], "POST") => created(store.create(&json_string(request)?)?),
            ([], _) => return Err(Problem::not_allowed("GET, POST")),
            (["import"], "POST") => created(store.create(&file(request)?)?),
            (["import"], _) => return Err(Problem::not_allowed("POST")),
            ([id], "GET") => return Ok(single(store.item(number(id)?, None)?)),
            ([id], "PUT") => {
                store.update(number(id)?, &json_string(request)?)?;
                Reply::empty(200)
            }
            ([_], _) => return Err(Problem::not_allowed("GET, PUT")),
            ([id, "publish"], "POST") => {
                check_publication(request)?;
                store.publish(number(id)?)?;
                Reply::empty(200)
            }
            ([_, "publish"], _) => return Err(Problem::not_allowed("POST")),
            ([id, version], "GET") => return Ok(single(store.item(number(id)?, Some(small(version)?))?)),
            ([_, _], _) => return Err(Problem::not_allowed("GET")),
            ([id, "agent-group", group], "DELETE") => {
                store.delete(number(id)?, number(group)?)?;
                Reply::empty(204)
            }
            ([_, "agent-group", _], _) => return Err(Problem::not_allowed("DELETE")),
            ([id, version, "processTemplate"], "POST") => {
                return self.process_template(now_ms, number(id)?, small(version)?, request);
            }
            ([_, _, "processTemplate"], _) => return Err(Problem::not_allowed("POST")),
            ([id, version, "deploy", group], "POST") => {
                store.deploy(number(id)?, small(version)?, number(group)?)?;
                Reply::empty(200)
            }
            ([_, _, "deploy", _], _) => return Err(Problem::not_allowed("POST")),
            ([id, version, "api-passthrough"], "GET") => {
                return Ok(single(array(store.passthroughs(number(id)?, small(version)?)?)));
            }
            ([id, version, "api-passthrough"], "POST") => {
                store.add_passthrough(number(id)?, small(version)?, json_object(request)?, date(now_ms))?;
                Reply::empty(201)
            }
            ([_, _, "api-passthrough"], _) => return Err(Problem::not_allowed("GET, POST")),
            ([id, version, "api-passthrough", own], "PUT") => {
                let which = (number(id)?, small(version)?, number(own)?);
                single(store.update_passthrough(which, json_object(request)?, date(now_ms))?)
            }
            ([id, version, "api-passthrough", own], "DELETE") => {
                store.delete_passthrough(number(id)?, small(version)?, number(own)?)?;
                Reply::empty(204)
            }
            ([_, _, "api-passthrough", _], _) => return Err(Problem::not_allowed("PUT, DELETE")),
            _ => return Err(nothing()),
        };
        stats.writes += 1;
        Ok(done)
    }

    /// A POST that changes nothing.
    fn process_template(
        &self,
        now_ms: u64,
        id: u64,
        version: u32,
        request: &Request<'_>,
    ) -> Result<Reply, Problem> {
        let asked = json_object(request)?;
        let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default();
        let (path, operation) = (text("path"), text("operation").to_uppercase());
        let described = self.store.find(id)?.versions.get(&version);
        let described =
            described.ok_or_else(|| Problem::not_found("The version of the API specification"))?;
        if !described.operations.contains(&(path.to_owned(), operation.clone())) {
            return Err(Problem::not_found("The process"));
        }
        Ok(single(template(self.seed, id, path, &operation, &date(now_ms))))
    }
}

/// The decoded segments of a path below `/api/v1`.
fn place(target: &str) -> Result<Vec<String>, Problem> {
    let (path, _) = split(target);
    path.strip_prefix("/api/v1").and_then(segments).ok_or_else(nothing)
}

fn nothing() -> Problem {
    Problem::not_found("The path")
}

/// An int64 in a path.
fn number(text: &str) -> Result<u64, Problem> {
    let number = text.parse().ok().and_then(|number: i64| u64::try_from(number).ok());
    number.ok_or_else(|| Problem::bad_request(format!("The value '{text}' is not valid.")))
}

/// An int32 in a path.
fn small(text: &str) -> Result<u32, Problem> {
    number(text)?.try_into().map_err(|_| Problem::bad_request(format!("The value '{text}' is not valid.")))
}

/// An object or array in `data`.
fn single(json: String) -> Reply {
    Reply::json(Object::new().raw("data", json).done().into_bytes())
}

fn created(item: String) -> Reply {
    Reply::new(201, JSON, Object::new().raw("data", item).done())
}

fn json_body(request: &Request<'_>) -> Result<Value, Problem> {
    let declared = request.field("Content-Type").and_then(|value| value.split(';').next());
    if !declared.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        return Err(Problem::media_type("application/json"));
    }
    serde_json::from_slice(request.body).map_err(|_| Problem::bad_request("The body is not JSON."))
}

/// The text of a specification, which comes as one JSON string.
fn json_string(request: &Request<'_>) -> Result<String, Problem> {
    match json_body(request)? {
        Value::String(text) => Ok(text),
        _ => Err(Problem::bad_request("The specification must be one JSON string.")),
    }
}

fn json_object(request: &Request<'_>) -> Result<Map<String, Value>, Problem> {
    match json_body(request)? {
        Value::Object(members) => Ok(members),
        _ => Err(Problem::bad_request("The body must be an object.")),
    }
}

/// A publication may say what has changed; it need not.
fn check_publication(request: &Request<'_>) -> Result<(), Problem> {
    if request.body.is_empty() {
        return Ok(());
    }
    match json_object(request)?.get("changeDescription") {
        None | Some(Value::Null | Value::String(_)) => Ok(()),
        Some(_) => Err(Problem::bad_request("changeDescription is a string.")),
    }
}

/// The one file of an import.
fn file(request: &Request<'_>) -> Result<String, Problem> {
    let boundary = multipart::boundary(request).ok_or_else(|| Problem::media_type("multipart/form-data"))?;
    let malformed = || Problem::bad_request("The form is malformed.");
    let parts = multipart::parts(request.body, &boundary).ok_or_else(malformed)?;
    match parts.as_slice() {
        [part] if part.name == "file" && part.file_name.is_some() => {
            let text = std::str::from_utf8(part.content);
            text.map(ToOwned::to_owned).map_err(|_| Problem::bad_request("The file is not UTF-8."))
        }
        _ => Err(Problem::bad_request("The form must have one part 'file', with a file in it.")),
    }
}
