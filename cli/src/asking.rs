//! What is asked for: the arguments that say it, and the texts that an endpoint borrows from them. Knows no API; what is
//! particular to one is in `apis`.

mod call;

pub(crate) use call::SendArgs;

use crate::args::parse_parameter;
use crate::exit::Fault;
use clap::Args;
use std::fmt::Display;
use std::fs;
use std::path::Path;
use tidegate_core::Endpoint;
use tidegate_core::api::List;
use tidegate_core::cursor::Pager;
use tidegate_core::http::{Body, Parameter, target};
use tidegate_core::page::Items;

/// Of how many pages the ids are remembered where an item may come again: of two at the least, for a new row pushes others onto
/// the next page; and of up to four while these are not many ids, for an import brings many rows between two pages.
const PAGES_REMEMBERED: (u32, u32) = (2, 4);
const MANY_IDS: u32 = 20_000;

/// A list of an API whose lists are known by names.
#[derive(Clone, Debug, Args)]
pub(crate) struct NamedListArgs {
    /// The list: one of the names below, or a path below the base URL, which begins with a slash.
    #[arg(value_name = "LIST")]
    pub(crate) list: String,
    /// Of a path: the member of the page that holds the items, with dots between nested names. Default: the usual one of the
    /// API, or where that has none the only array.
    #[arg(long, value_name = "KEY", conflicts_with = "root")]
    pub(crate) items: Option<String>,
    /// Of a path: the page itself is the array of items, and there is one page only.
    #[arg(long)]
    pub(crate) root: bool,
    #[command(flatten)]
    pub(crate) parameters: ParameterArgs,
}

/// What fills a path and a query.
#[derive(Clone, Debug, Args)]
pub(crate) struct ParameterArgs {
    /// Value to put in the place of {NAME} in the path; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) set: Vec<(String, String)>,
    /// Parameter to add to the query, unchecked; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) query: Vec<(String, String)>,
}

/// Makes an endpoint out of its one text, which is a path or a body.
pub(crate) type Make = for<'a> fn(&'a str) -> Endpoint<'a>;

/// What an endpoint is made from.
#[derive(Clone, Debug)]
enum Source {
    /// A list that is known by a name.
    Known(&'static List),
    /// A text, and what makes an endpoint of it.
    Text(String, Make),
}

/// An endpoint with the texts that it needs.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    source: Source,
    items: Option<String>,
    parameters: Vec<(String, String)>,
    body: Sent,
}

/// The body of a request, with its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) enum Sent {
    #[default]
    Nothing,
    Json(String),
    JsonString(String),
    File {
        name: String,
        bytes: Vec<u8>,
    },
}

impl Asked {
    /// What `make` makes of a text.
    pub(crate) fn of(text: &str, make: Make) -> Self {
        let source = Source::Text(text.to_owned(), make);
        Self { source, items: None, parameters: Vec::new(), body: Sent::Nothing }
    }

    /// The list that the arguments name: one of `known`, or what `by_path` makes of a path.
    pub(crate) fn list(args: &NamedListArgs, known: &'static [List], by_path: Make) -> Result<Self, Fault> {
        let NamedListArgs { list, items, root, .. } = args;
        if list.starts_with('/') {
            let make = if *root { whole } else { by_path };
            return Ok(Self { items: items.clone(), ..Self::of(list, make) });
        }
        let found = known.iter().find(|known| known.name == list);
        let found = found.ok_or_else(|| {
            Fault::usage(format_args!(
                "there is no list {list}: there are {}; any other is given by its path, which begins with a slash",
                names(known)
            ))
        })?;
        if items.is_some() || *root {
            return Err(Fault::usage(format_args!(
                "where the items of {list} are is known: --items and --root go with a path"
            )));
        }
        Ok(Self { source: Source::Known(found), ..Self::of("", whole) })
    }

    /// The same with its items in another place.
    pub(crate) fn with_items(self, items: Option<&str>) -> Self {
        Self { items: items.map(ToOwned::to_owned), ..self }
    }

    /// The same with what the arguments fill in.
    pub(crate) fn filled(mut self, args: &ParameterArgs) -> Result<Self, Fault> {
        for (name, value) in &args.set {
            self = self.with_place("--set", name, Some(value))?;
        }
        self.parameters.extend(args.query.iter().cloned());
        Ok(self)
    }

    /// The same with a value, if there is one, in the place of `{name}`. A path without it would send the value in the query,
    /// where nobody looks for it.
    pub(crate) fn with_place(self, flag: &str, name: &str, value: Option<&str>) -> Result<Self, Fault> {
        let Some(value) = value else { return Ok(self) };
        let path = self.endpoint().path();
        if !target::placeholders(path).any(|place| place == name) {
            return Err(Fault::usage(format_args!("{flag} has no place: there is no {{{name}}} in {path}")));
        }
        Ok(self.with(name, value))
    }

    /// The same with a parameter, in the path if that holds its name in braces, else in the query.
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        self.parameters.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same with a body.
    pub(crate) fn with_body(self, body: Sent) -> Self {
        Self { body, ..self }
    }

    /// The endpoint.
    pub(crate) fn endpoint(&self) -> Endpoint<'_> {
        let mut endpoint = match &self.source {
            Source::Known(list) => list.endpoint,
            Source::Text(text, make) => make(text),
        };
        for (name, value) in &self.parameters {
            endpoint = endpoint.with(name, Parameter::Text(value));
        }
        if let Some(key) = &self.items {
            endpoint = endpoint.items_in(Items::Key(key));
        }
        match &self.body {
            Sent::Nothing => endpoint,
            Sent::Json(text) => endpoint.with_body(Body::Json(text)),
            Sent::JsonString(text) => endpoint.with_body(Body::JsonString(text)),
            Sent::File { name, bytes } => endpoint.with_body(Body::File { part: "file", name, bytes }),
        }
    }

    /// The endpoint, if everything in its path is filled in.
    pub(crate) fn complete(&self) -> Result<Endpoint<'_>, Fault> {
        let endpoint = self.endpoint();
        let is_given = |place: &str| self.parameters.iter().any(|(name, _)| name == place);
        match target::placeholders(endpoint.path()).find(|place| !is_given(place)) {
            None => Ok(endpoint),
            Some(place) => Err(Fault::usage(format_args!(
                "{} has a parameter in braces that was not given: --set {place}=VALUE, or the flag of that name",
                endpoint.path()
            ))),
        }
    }

    /// How many ids to remember: as many as asked for, else of some pages where an item may come again.
    pub(crate) fn ids(&self, asked: Option<u32>, page_size: u32) -> usize {
        let ids = asked.unwrap_or_else(|| match self.endpoint().pager() {
            Pager::Page { .. } | Pager::Offset { .. } => remembered(page_size),
            _ => 0,
        });
        ids.try_into().unwrap_or(usize::MAX)
    }
}

/// How many ids are remembered of pages of this size.
fn remembered(page_size: u32) -> u32 {
    let (least, most) = PAGES_REMEMBERED;
    MANY_IDS.clamp(page_size.saturating_mul(least), page_size.saturating_mul(most))
}

/// A list that is an array and comes at once.
fn whole(path: &str) -> Endpoint<'_> {
    Endpoint::new(path, Items::Root, Pager::None)
}

/// The names of lists.
fn names(known: &[List]) -> String {
    known.iter().map(|list| list.name).collect::<Vec<_>>().join(", ")
}

/// The file that an argument names, if it is `@FILE`.
pub(crate) fn file(argument: &str) -> Option<&Path> {
    argument.strip_prefix('@').map(Path::new)
}

/// A text that is given as it is, or as `@FILE`.
pub(crate) fn text(argument: &str) -> Result<String, Fault> {
    let Some(path) = file(argument) else { return Ok(argument.to_owned()) };
    let unusable =
        |error: &dyn Display| Fault::usage(format_args!("{} cannot be sent: {error}", path.display()));
    let bytes = fs::read(path).map_err(|error| unusable(&error))?;
    String::from_utf8(bytes).map_err(|error| unusable(&error))
}

/// A body of JSON, given as it is or as `@FILE`.
pub(crate) fn json(argument: &str) -> Result<String, Fault> {
    let text = text(argument)?;
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Fault::usage(format_args!("the body is no JSON: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_pages_are_remembered_or_as_many_as_do_no_harm_and_always_two() {
        let table = [(1, 4), (500, 2_000), (5_000, 20_000), (7_000, 20_000), (20_000, 40_000)];
        for (page_size, ids) in table {
            assert_eq!(remembered(page_size), ids, "{page_size}");
        }
        assert_eq!(remembered(u32::MAX), u32::MAX);
    }
}
