//! What a request asks for: its path and query, read strictly. Paths are the simulator's own, for the vendor publishes
//! none; `afterId` and `viewId` are the vendor's, both int64.

use crate::config::Config;
use crate::list::List;
use crate::problem::Reply;

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) list: List,
    pub(crate) after: Option<i64>,
}

/// Reads method and target, or says what is wrong with them.
pub(crate) fn route(config: &Config, method: &str, target: &str) -> Result<Asked, Reply> {
    let target = without_origin(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = path.strip_prefix(config.base_path.as_str()).ok_or_else(unknown_path)?;
    let (list, view_in_path) = list_of(path)?;
    if method != "GET" {
        return Err(Reply::problem(405, "Only GET is supported.").with("Allow", "GET"));
    }
    let parameters = Parameters::read(query)?;
    if list == List::Objects {
        let view = match view_in_path {
            Some(view) => Some(integer("viewId", view)?),
            None => parameters.integer("viewId")?,
        };
        let view = view.ok_or_else(|| Reply::invalid_parameter("viewId", "The viewId field is required."))?;
        if !config.view_ids.contains(&view) {
            return Err(Reply::problem(404, "There is no such view."));
        }
    }
    Ok(Asked { list, after: parameters.integer("afterId")? })
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

/// A proxy's absolute form (RFC 9112 section 3.2.2) without its origin.
fn without_origin(target: &str) -> &str {
    let Some((_, rest)) = target.split_once("://").filter(|_| !target.starts_with('/')) else {
        return target;
    };
    rest.find('/').map_or("/", |at| &rest[at..])
}

/// The query's parameters, decoded, in their order.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn read(query: &str) -> Result<Self, Reply> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        });
        let all: Option<Vec<_>> = decoded.collect();
        all.map(Self).ok_or_else(|| Reply::problem(400, "The query is not percent-encoded UTF-8."))
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, Reply> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Reply::invalid_parameter(name, "The field is given more than once."));
        }
        integer(name, value).map(Some)
    }
}

/// An int64 in plain decimal digits, with a minus if need be.
fn integer(name: &str, value: &str) -> Result<i64, Reply> {
    let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let parsed = if plain { value.parse().ok() } else { None };
    parsed.ok_or_else(|| Reply::invalid_parameter(name, "The value is not a 64-bit integer."))
}

/// Percent-decoding; `None` for a broken escape or what is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
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
