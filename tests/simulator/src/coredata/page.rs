//! A page of a list: `meta` and then `objects`, as Tastypie's paginator makes them, with what can be set to be otherwise.

use super::config::{Config, Next, Total};
use super::problem::bad_request;
use crate::object::{Object, spaced_array};
use crate::reply::Reply;
use crate::target::{Parameters, encode};

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    /// Zero: all.
    pub(super) limit: u64,
    pub(super) offset: u64,
}

impl Slice {
    pub(super) fn of(config: &Config, parameters: &Parameters) -> Result<Self, Reply> {
        let limit = match parameters.last("limit") {
            Some(limit) => number("limit", limit)?,
            None => config.default_limit,
        };
        let beyond = config.max_limit > 0 && (limit == 0 || limit > config.max_limit);
        let offset = parameters.last("offset").map_or(Ok(0), |offset| number("offset", offset))?;
        Ok(Self { limit: if beyond { config.max_limit } else { limit }, offset })
    }

    /// How many objects fit.
    pub(super) fn size(self) -> usize {
        if self.limit == 0 { usize::MAX } else { usize::try_from(self.limit).unwrap_or(usize::MAX) }
    }
}

fn number(name: &str, text: &str) -> Result<u64, Reply> {
    let number: i64 = text.trim().parse().map_err(|_| {
        bad_request(&format!("Invalid {name} '{text}' provided. Please provide a positive integer."))
    })?;
    u64::try_from(number).map_err(|_| {
        bad_request(&format!("Invalid {name} '{number}' provided. Please provide a positive integer >= 0."))
    })
}

/// The page's text. `found` is how many objects there are in all, `path` that of the list.
pub(super) fn page(
    config: &Config,
    path: &str,
    parameters: &Parameters,
    slice: Slice,
    found: u64,
    objects: &[String],
) -> String {
    let Slice { limit, offset } = slice;
    let total = match config.total {
        Total::All => found,
        Total::OfPage => objects.len() as u64,
    };
    let uri = |offset: u64| format!("{path}?{}limit={limit}&offset={offset}", filters(parameters));
    let after = offset.saturating_add(limit);
    let next = match &config.next {
        Next::Honest => (after < found).then(|| uri(after)),
        Next::Endless => Some(uri(after)),
        Next::At(origin) => (after < found).then(|| format!("{origin}{}", uri(after))),
    };
    let previous = offset.checked_sub(limit).map(uri);
    let meta = Object::spaced().number("limit", limit);
    let meta = if limit == 0 {
        meta.number("offset", offset)
    } else {
        meta.text_or_null("next", next.as_deref())
            .number("offset", offset)
            .text_or_null("previous", previous.as_deref())
    };
    let meta = meta.number("total_count", total).done();
    Object::spaced().raw("meta", meta).raw("objects", spaced_array(objects)).done()
}

/// The query without what says which page, encoded anew, and ready to be gone on with.
fn filters(parameters: &Parameters) -> String {
    let kept = parameters.pairs().filter(|(name, _)| !["limit", "offset"].contains(name));
    kept.map(|(name, value)| format!("{}={}&", encode(name), encode(value))).collect()
}
