//! API specifications: what is read out of an OpenAPI text, and what Frends keeps of each. A specification has versions, of
//! which the last is the active one; a version may be deployed only once it is no longer that.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::passthrough::Passthrough;
use crate::object::Object;
use crate::random::Random;
use crate::text::title;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A specification and all that hangs on it.
#[derive(Clone, Debug)]
pub(super) struct Specification {
    pub(super) id: u64,
    /// By number; there is always one.
    pub(super) versions: BTreeMap<u32, Described>,
    /// The agent groups in which it is.
    pub(super) groups: BTreeSet<u64>,
    pub(super) passthroughs: Vec<Passthrough>,
    /// A member that no schema has, as name and JSON.
    unknown: Option<(&'static str, &'static str)>,
}

impl Specification {
    /// Version 1 of what a text describes.
    pub(super) fn new(id: u64, described: Described, group: u64) -> Self {
        Self {
            id,
            versions: BTreeMap::from([(1, described)]),
            groups: BTreeSet::from([group]),
            passthroughs: Vec::new(),
            unknown: None,
        }
    }

    /// The one that was there from the beginning at this place.
    pub(super) fn made(seed: u64, place: u64, group: u64) -> Self {
        let mut random = Random::of(&[seed, place, 0x41]);
        let name = title(&mut random);
        let description = (random.below(4) > 0).then(|| title(&mut random));
        let base = format!("/api/made/{place}");
        let operations = BTreeSet::from([("/orders".to_owned(), "GET".to_owned())]);
        let described = Described { name, description, base, operations };
        let versions = (1..=random.between(1, 4)).map(|number| (number as u32, described.clone())).collect();
        let unknown = random.pick(&[
            None,
            None,
            None,
            Some(("lifecycle", "\"Sunset\"")),
            Some(("paging", r#"{"nextPage":"https://example.com/"}"#)),
        ]);
        Self { versions, unknown, ..Self::new(place + 1, Described::default(), group) }
    }

    pub(super) fn active(&self) -> u32 {
        self.versions.last_key_value().map_or(0, |(number, _)| *number)
    }

    /// Its item; with the name and description of this version, if there is such a one.
    pub(super) fn view(&self, version: u32) -> Option<String> {
        let described = self.versions.get(&version)?;
        let object = Object::new()
            .number("id", self.id)
            .text("name", &described.name)
            .number("activeVersion", self.active().into())
            .text_or_null("description", described.description.as_deref());
        let object = self.unknown.into_iter().fold(object, |object, (name, json)| object.raw(name, json));
        Some(object.done())
    }
}

/// What is read out of a specification's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) description: Option<String>,
    /// `basePath`, or the path of the first server's URL; without a slash at its end.
    pub(super) base: String,
    /// Paths and methods, the latter in capitals.
    pub(super) operations: BTreeSet<(String, String)>,
}

impl Described {
    /// Reads an OpenAPI text in JSON, or says what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        if text.trim().is_empty() {
            return Err("The specification is missing.");
        }
        let read: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| "The specification is not a JSON object.")?;
        let at = |name: &str| read.get(name).and_then(Value::as_str);
        let info = |name: &str| read.get("info").and_then(|info| info.get(name)).and_then(Value::as_str);
        let base = match (at("swagger"), at("openapi")) {
            (Some("2.0"), None) => at("basePath"),
            (None, Some(version)) if version.starts_with("3.") => {
                let server = read.get("servers").and_then(|servers| servers.pointer("/0/url"));
                server.and_then(Value::as_str).map(path_of)
            }
            _ => return Err("The specification is neither OpenAPI 2 nor 3."),
        };
        let name =
            info("title").filter(|title| !title.is_empty()).ok_or("The specification has no title.")?;
        let base = base.filter(|base| base.starts_with('/')).ok_or("The specification has no base path.")?;
        Ok(Self {
            name: name.to_owned(),
            description: info("description").map(ToOwned::to_owned),
            base: base.trim_end_matches('/').to_owned(),
            operations: operations(read.get("paths")),
        })
    }
}

/// The path of a URL, which may be relative.
fn path_of(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("://") else { return url };
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn operations(paths: Option<&Value>) -> BTreeSet<(String, String)> {
    let paths = paths.and_then(Value::as_object).into_iter().flatten();
    let of_path = |(path, item): (&String, &Value)| {
        let methods = METHODS.iter().filter(|method| item.get(**method).is_some());
        methods.map(|method| (path.clone(), method.to_uppercase())).collect::<Vec<_>>()
    };
    paths.flat_map(of_path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_specification_is_found() {
        let text = r#"{"openapi":"3.0.1","info":{"title":"T","description":"D"},
            "servers":[{"url":"https://a.example/api/t/"}],"paths":{"/x":{"get":{},"summary":"s"},"/y":{"post":{}}}}"#;
        let described = Described::read(text).expect("a specification");
        let operations: Vec<_> =
            described.operations.iter().map(|(path, method)| format!("{method} {path}")).collect();
        assert_eq!((described.name.as_str(), described.description.as_deref()), ("T", Some("D")));
        assert_eq!(
            (described.base.as_str(), operations),
            ("/api/t", vec!["GET /x".to_owned(), "POST /y".to_owned()])
        );
    }

    #[test]
    fn what_is_no_specification_is_refused() {
        let info = r#""info":{"title":"T"}"#;
        let cases = [
            (format!(r#"{{"swagger":"2.0",{info},"basePath":"/a"}}"#), true),
            (format!(r#"{{"openapi":"3.1.0",{info},"servers":[{{"url":"/a"}}]}}"#), true),
            (format!(r#"{{"openapi":"3.1.0",{info},"servers":[{{"url":"https://a.example"}}]}}"#), true),
            (format!(r#"{{"openapi":"3.1.0",{info}}}"#), false),
            (format!(r#"{{"openapi":"4.0",{info},"servers":[{{"url":"/a"}}]}}"#), false),
            (format!(r#"{{"swagger":"2.0",{info}}}"#), false),
            (r#"{"swagger":"2.0","basePath":"/a"}"#.to_owned(), false),
            (r#"{"swagger":"2.0","info":{"title":""},"basePath":"/a"}"#.to_owned(), false),
            (String::new(), false),
            ("text".to_owned(), false),
            ("[]".to_owned(), false),
        ];
        for (text, good) in cases {
            assert_eq!(Described::read(&text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn made_specifications_are_json_and_some_have_members_that_nobody_knows() {
        let views: Vec<Value> = (0..200)
            .map(|place| {
                let made = Specification::made(1, place, 1);
                serde_json::from_str(&made.view(made.active()).expect("a version")).expect("JSON")
            })
            .collect();
        assert!(views.iter().enumerate().all(|(place, view)| view["id"] == place as u64 + 1));
        assert!(views.iter().any(|view| view.get("lifecycle").is_some()));
        assert!(views.iter().any(|view| view["description"].is_null()));
    }
}
