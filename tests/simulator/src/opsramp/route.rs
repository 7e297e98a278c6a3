//! What a request to OpsRamp asks for: the tenant, the counter that counts it, and the thing within the tenant. Paths are
//! the vendor's, below `/api/v2`.

use super::config::{Allowance, Config};
use super::error;
use super::filter::Filter;
use super::list::{Category, List};
use crate::reply::Reply;
use crate::target::{Parameters, segments, split};

/// A place within a tenant, whatever is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) tenant: String,
    within: Vec<String>,
    query: Parameters,
}

/// What is asked for at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A page.
    Page {
        list: List,
        turn: Turn,
    },
    /// A whole list, as an array.
    Whole {
        list: List,
        minimal: bool,
    },
    Single {
        list: List,
        id: String,
    },
    Create {
        list: List,
    },
    /// To write over what is there, or to create it.
    Overwrite {
        list: List,
        id: String,
    },
    Update {
        list: List,
        id: String,
    },
    Delete {
        list: List,
        id: String,
    },
    /// A GET that acts: runs a policy.
    Run {
        id: String,
    },
}

/// Which part of a list, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) page_no: u64,
    pub(super) page_size: u64,
    pub(super) filter: Filter,
    pub(super) descending: bool,
}

/// A counter's name and what it admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) name: String,
    pub(super) requests: u32,
}

impl Place {
    /// Reads a target, or says what is wrong with it.
    pub(super) fn read(config: &Config, target: &str) -> Result<Self, Reply> {
        let (path, query) = split(target);
        let path = path.strip_prefix("/api/v2").ok_or_else(error::no_such_path)?;
        let mut parts = segments(path).ok_or_else(error::no_such_path)?;
        if parts.len() < 3 || parts[0] != "tenants" {
            return Err(error::no_such_path());
        }
        let within = parts.split_off(2);
        let tenant = parts.swap_remove(1);
        match config.tenants.iter().find(|known| known.id == tenant) {
            None => return Err(error::unknown_tenant(&tenant)),
            Some(known) if !known.active => return Err(error::tenant_gone(&tenant)),
            Some(_) => {}
        }
        let query =
            Parameters::read(query).ok_or_else(|| error::bad_request("The query cannot be decoded"))?;
        Ok(Self { tenant, within, query })
    }

    /// The counter of a request for this.
    pub(super) fn bucket(&self, config: &Config, method: &str) -> Bucket {
        let within = self.within();
        let category = List::category(&within);
        let Allowance { get, paged, write } = match category {
            Category::Alerts => config.limits.alerts,
            Category::Metric => config.limits.metric,
            Category::Device => config.limits.device,
            Category::Tickets => config.limits.tickets,
            Category::Other => config.limits.other,
        };
        let (kind, requests) = match method {
            "GET" | "HEAD" if searched(&within).is_some() => ("get-paged", paged),
            "GET" | "HEAD" => ("get", get),
            _ => ("write", write),
        };
        let category = format!("{category:?}").to_lowercase();
        Bucket { name: format!("{}:{category}:{kind}", self.tenant), requests }
    }

    /// What a method asks for here.
    pub(super) fn asked(&self, config: &Config, method: &str) -> Result<Asked, Reply> {
        let within = self.within();
        if let Some(list) = searched(&within) {
            return match method {
                "GET" => Ok(Asked::Page { list, turn: self.turn(config, list)? }),
                _ => Err(error::not_allowed("GET")),
            };
        }
        let single = |list, id: &str| match method {
            "GET" => Ok(Asked::Single { list, id: id.to_owned() }),
            _ if list == List::Alerts => Err(error::not_allowed("GET")),
            "PUT" => Ok(Asked::Overwrite { list, id: id.to_owned() }),
            "POST" => Ok(Asked::Update { list, id: id.to_owned() }),
            "DELETE" => Ok(Asked::Delete { list, id: id.to_owned() }),
            _ => Err(error::not_allowed("GET, POST, PUT, DELETE")),
        };
        let only = |wanted: &'static str, asked| {
            if method == wanted { Ok(asked) } else { Err(error::not_allowed(wanted)) }
        };
        match within.as_slice() {
            ["resources", "minimal"] => only("GET", Asked::Whole { list: List::Resources, minimal: true }),
            ["deviceGroups", "minimal"] => {
                only("GET", Asked::Whole { list: List::DeviceGroups, minimal: false })
            }
            ["metric", "search"] => only("GET", Asked::Whole { list: List::Metrics, minimal: false }),
            ["policies", "management", id, "action", "run"] => {
                only("GET", Asked::Run { id: (*id).to_owned() })
            }
            ["policies", "management"] if method == "PUT" => Ok(Asked::Create { list: List::Policies }),
            ["policies", "management"] => only("GET", Asked::Whole { list: List::Policies, minimal: false }),
            ["resources"] => only("PUT", Asked::Create { list: List::Resources }),
            ["incidents"] => only("PUT", Asked::Create { list: List::Incidents }),
            ["resources", id] => single(List::Resources, id),
            ["incidents", id] => single(List::Incidents, id),
            ["alerts", id] => single(List::Alerts, id),
            ["policies", "management", id] => single(List::Policies, id),
            _ => Err(error::no_such_path()),
        }
    }

    fn within(&self) -> Vec<&str> {
        self.within.iter().map(String::as_str).collect()
    }

    fn turn(&self, config: &Config, list: List) -> Result<Turn, Reply> {
        let page_no = self.number("pageNo")?.unwrap_or(1);
        let page_size = self.number("pageSize")?.unwrap_or(config.page_size.max(1).into());
        let page_size = config.largest_page.map_or(page_size, |most| page_size.min(most.max(1).into()));
        let filter = self.query.last("queryString").unwrap_or_default();
        let filter = Filter::read(list, filter).map_err(|message| error::bad_request(&message))?;
        let descending = match self.query.last("isDescendingOrder") {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(error::bad_request("isDescendingOrder is not a boolean")),
        };
        Ok(Turn { page_no, page_size, filter, descending })
    }

    /// The one positive number of this name, if there is any.
    fn number(&self, name: &'static str) -> Result<Option<u64>, Reply> {
        let wrong = || error::bad_request(&format!("{name} is not one positive number"));
        let mut values = self.query.all(name);
        let Some(value) = values.next() else { return Ok(None) };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let number =
            value.parse().ok().filter(|&number: &u64| digits && number > 0 && values.next().is_none());
        number.map(Some).ok_or_else(wrong)
    }
}

/// The list that is read here page by page.
fn searched(within: &[&str]) -> Option<List> {
    match within {
        ["resources", "search"] => Some(List::Resources),
        ["alerts", "search"] => Some(List::Alerts),
        ["incidents", "search"] => Some(List::Incidents),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::Tenant;
    use super::*;

    fn config() -> Config {
        let gone = Tenant { id: "gone".to_owned(), active: false };
        Config { tenants: vec![Tenant::active("t"), gone], largest_page: Some(500), ..Config::default() }
    }

    fn status(method: &str, target: &str) -> u16 {
        let place = Place::read(&config(), target);
        place.and_then(|place| place.asked(&config(), method)).map_or_else(|reply| reply.status, |_| 200)
    }

    #[test]
    fn what_cannot_be_had_is_refused_with_the_right_status() {
        let cases = [
            ("GET", "/api/v2/tenants/t/resources/search", 200),
            ("GET", "/api/v2/tenants/t/resources/search?pageNo=2&pageSize=7&sortName=x", 200),
            ("GET", "/api/v2/tenants/t/alerts/search?queryString=priority:P0%2Bstates:Info,Ok", 200),
            ("GET", "/api/v2/tenants/t/alerts/search?queryString=nothing:P0", 400),
            ("GET", "/api/v2/tenants/t/resources/search?pageNo=0", 400),
            ("GET", "/api/v2/tenants/t/resources/search?pageNo=+1", 400),
            ("GET", "/api/v2/tenants/t/resources/search?pageNo=1&pageNo=2", 400),
            ("GET", "/api/v2/tenants/t/resources/search?pageSize=x", 400),
            ("GET", "/api/v2/tenants/t/resources/search?isDescendingOrder=1", 400),
            ("GET", "/api/v2/tenants/t/resources/search?x=%FF", 400),
            ("POST", "/api/v2/tenants/t/resources/search", 405),
            ("GET", "/api/v2/tenants/t/resources/minimal", 200),
            ("POST", "/api/v2/tenants/t/alerts/1", 405),
            ("PATCH", "/api/v2/tenants/t/resources/1", 405),
            ("GET", "/api/v2/tenants/t/resources", 405),
            ("GET", "/api/v2/tenants/t/policies/management/1/action/run", 200),
            ("POST", "/api/v2/tenants/t/policies/management/1/action/run", 405),
            ("GET", "/api/v2/tenants/t/nothing", 404),
            ("GET", "/api/v2/tenants/other/resources/search", 404),
            ("GET", "/api/v2/tenants/gone/resources/search", 410),
            ("GET", "/api/v2/tenants/t", 404),
            ("GET", "/api/v1/tenants/t/resources/search", 404),
            ("GET", "*", 404),
        ];
        for (method, target, expected) in cases {
            assert_eq!(status(method, target), expected, "{method} {target}");
        }
    }

    #[test]
    fn each_request_has_its_counter() {
        let cases = [
            ("GET", "resources/search?pageNo=3", "t:device:get-paged", 50),
            ("GET", "resources/1", "t:device:get", 500),
            ("POST", "resources/1", "t:device:write", 25),
            ("GET", "alerts/search", "t:alerts:get-paged", 50),
            ("DELETE", "alerts/1", "t:alerts:write", 200),
            ("GET", "metric/search", "t:metric:get", 500),
            ("PUT", "metric/x", "t:metric:write", 5_000),
            ("GET", "incidents/search", "t:tickets:get-paged", 50),
            ("PUT", "incidents", "t:tickets:write", 50),
            ("GET", "policies/management", "t:other:get", 500),
            ("GET", "nothing", "t:other:get", 500),
        ];
        for (method, within, name, requests) in cases {
            let place = Place::read(&config(), &format!("/api/v2/tenants/t/{within}")).expect("a place");
            let expected = Bucket { name: name.to_owned(), requests };
            assert_eq!(place.bucket(&config(), method), expected, "{method} {within}");
        }
    }

    #[test]
    fn a_page_is_no_larger_than_the_largest() {
        let place = Place::read(&config(), "/api/v2/tenants/t/alerts/search?pageSize=9000").expect("a place");
        let asked = place.asked(&config(), "GET").expect("a page");
        let Asked::Page { turn, .. } = asked else { panic!("{asked:?}") };
        assert_eq!((turn.page_no, turn.page_size), (1, 500));
    }
}
