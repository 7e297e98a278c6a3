//! What a request asks for: its path and query, read strictly. Paths are the simulator's own, for the vendor publishes
//! none; `afterId` and `viewId` are the vendor's, both int64.

use super::list::List;
use super::problem::invalid_parameter;
use crate::config::Config;
use crate::reply::Reply;
use crate::target::{Parameters, split};

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) list: List,
    pub(crate) after: Option<i64>,
}

/// Reads method and target, or says what is wrong with them.
pub(crate) fn route(config: &Config, method: &str, target: &str) -> Result<Asked, Reply> {
    let (path, query) = split(target);
    let path = path.strip_prefix(config.base_path.as_str()).ok_or_else(unknown_path)?;
    let (list, view_in_path) = list_of(path)?;
    if method != "GET" {
        return Err(Reply::problem(405, "Only GET is supported.").with("Allow", "GET"));
    }
    let parameters = parameters(query)?;
    if list == List::Objects {
        let view = match view_in_path {
            Some(view) => Some(integer("viewId", view)?),
            None => one_integer(&parameters, "viewId")?,
        };
        let view = view.ok_or_else(|| invalid_parameter("viewId", "The viewId field is required."))?;
        if !config.view_ids.contains(&view) {
            return Err(Reply::problem(404, "There is no such view."));
        }
    }
    Ok(Asked { list, after: one_integer(&parameters, "afterId")? })
}

/// The list that a path names, and the view if it names one as well.
fn list_of(path: &str) -> Result<(List, Option<&str>), Reply> {
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        ["", name] => Ok((name.parse().map_err(|_| unknown_path())?, None)),
        ["", "views", view, "objects"] => Ok((List::Objects, Some(view))),
        _ => Err(unknown_path()),
    }
}

fn unknown_path() -> Reply {
    Reply::problem(404, "There is nothing at this path.")
}

fn parameters(query: &str) -> Result<Parameters, Reply> {
    Parameters::read(query).ok_or_else(|| Reply::problem(400, "The query is not percent-encoded UTF-8."))
}

/// The one int64 of this name, if there is any.
fn one_integer(parameters: &Parameters, name: &str) -> Result<Option<i64>, Reply> {
    let mut values = parameters.all(name);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid_parameter(name, "The field is given more than once."));
    }
    integer(name, value).map(Some)
}

/// An int64 in plain decimal digits, with a minus if need be.
fn integer(name: &str, value: &str) -> Result<i64, Reply> {
    let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let parsed = if plain { value.parse().ok() } else { None };
    parsed.ok_or_else(|| invalid_parameter(name, "The value is not a 64-bit integer."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(target: &str) -> u16 {
        let config = Config { base_path: "/api/v1".to_owned(), ..Config::default() };
        route(&config, "GET", target).map_or_else(|reply| reply.status, |_| 200)
    }

    #[test]
    fn each_list_has_its_path_and_takes_an_int64() {
        let config = Config::default();
        for list in List::ALL {
            let target = format!("/{list}?viewId=42&afterId=-9223372036854775808");
            let asked = route(&config, "GET", &target).expect("a page is asked for");
            assert_eq!(asked, Asked { list, after: Some(i64::MIN) });
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_right_status() {
        let cases = [
            ("/api/v1/folders", 200),
            ("/api/v1/folders?other=%C3%A4&afterId=%31", 200),
            ("http://localhost:80/api/v1/folders?afterId=1", 200),
            ("/api/v1/views/42/objects?afterId=1", 200),
            ("/api/v1/objects?viewId=42", 200),
            ("/api/v1/objects", 400),
            ("/api/v1/objects?viewId=x", 400),
            ("/api/v1/objects?viewId=43", 404),
            ("/api/v1/views/43/objects", 404),
            ("/api/v1/views/x/objects", 400),
            ("/api/v1/folders?afterId=", 400),
            ("/api/v1/folders?afterId=1.0", 400),
            ("/api/v1/folders?afterId=+1", 400),
            ("/api/v1/folders?afterId=9223372036854775808", 400),
            ("/api/v1/folders?afterId=1&afterId=1", 400),
            ("/api/v1/folders?afterId=%4", 400),
            ("/api/v1/folders?x=%FF", 400),
            ("/folders", 404),
            ("/api/v1/folders/", 404),
            ("/api/v1/nothing", 404),
            ("/api/v1", 404),
            ("*", 404),
            ("", 404),
        ];
        for (target, expected) in cases {
            assert_eq!(status(target), expected, "{target}");
        }
    }

    #[test]
    fn anything_but_get_is_not_allowed() {
        for method in ["POST", "HEAD", "get", "DELETE"] {
            let refusal = route(&Config::default(), method, "/folders").expect_err("not GET");
            assert_eq!(refusal.status, 405, "{method}");
        }
    }
}
