//! Frends's two kinds of page as JSON: one with numbers and links (`data` and `paging`), one with a continuation token. The
//! token holds characters that a query must encode, and holds only for the filters that it was given for.

use super::config::Links;
use super::query::Query;
use crate::config::EndOfList;
use crate::fault::Fault;
use crate::object::{Object, array};
use crate::request::Request;
use crate::target::{encode, split};
use crate::text::{number_of, quoted};

/// A page with a number.
pub(super) struct Numbered<'a> {
    pub(super) number: u64,
    pub(super) size: u64,
    /// Items on all pages.
    pub(super) total: u64,
    /// What links to other pages have in common, up to the query's first parameter of paging.
    pub(super) link: &'a str,
    pub(super) end: EndOfList,
}

/// The part of a list that a page has.
pub(super) fn range(skipped: u64, size: u64, total: u64) -> std::ops::Range<u64> {
    let from = skipped.min(total);
    from..from.saturating_add(size).min(total)
}

/// What links from a request to others of the same list begin with: origin, path, and the other parameters.
pub(super) fn link(request: &Request<'_>, links: &Links, query: &Query, paging: &[&str]) -> String {
    let (path, _) = split(request.target);
    let host = request.field("Host").unwrap_or("localhost");
    let origin = match links {
        Links::Host => format!("http://{host}"),
        Links::SecureHost => format!("https://{host}"),
        Links::Origin(origin) => origin.clone(),
    };
    let others: String = query.without(paging).into_iter().map(|parameter| parameter + "&").collect();
    format!("{origin}{path}?{others}")
}

/// How many items a page has, and its text.
pub(super) struct Page {
    pub(super) items: u64,
    pub(super) text: String,
}

/// The items as a fault wants them.
fn bent(items: Vec<String>, fault: Option<&Fault>) -> Vec<String> {
    match fault {
        Some(Fault::EmptyPageClaimsMore) => Vec::new(),
        Some(&Fault::DeepJson { depth }) => {
            let depth = depth as usize;
            vec!["[".repeat(depth) + &"]".repeat(depth)]
        }
        _ => items,
    }
}

impl Numbered<'_> {
    pub(super) fn page(&self, items: Vec<String>, fault: Option<&Fault>) -> Page {
        let items = bent(items, fault);
        let last = self.total.div_ceil(self.size).max(1);
        let next = match fault {
            Some(Fault::RepeatCursor) => Some(self.number),
            Some(Fault::EmptyPageClaimsMore) => Some(self.number + 1),
            _ => (self.number < last).then(|| self.number + 1),
        };
        let previous = (self.number > 1).then(|| (self.number - 1).min(last));
        let paging = Object::new()
            .number("currentPage", self.number)
            .number("pageSize", self.size)
            .number("totalCount", self.total)
            .text("firstPage", self.url(1))
            .text("lastPage", self.url(last));
        let paging = self.leading("nextPage", next, paging);
        let paging = self.leading("previousPage", previous, paging).done();
        let text = Object::new().raw("data", array(&items)).raw("paging", paging).done();
        Page { items: items.len() as u64, text }
    }

    fn leading(&self, name: &str, to: Option<u64>, object: Object) -> Object {
        match (to, self.end) {
            (Some(number), _) => object.text(name, self.url(number)),
            (None, EndOfList::Null) => object.raw(name, "null"),
            (None, EndOfList::Missing) => object,
        }
    }

    fn url(&self, number: u64) -> String {
        format!("{}PageNumber={number}&PageSize={}", self.link, self.size)
    }
}

/// A page that begins after so many items, and what its token is bound to.
pub(super) struct Continued<'a> {
    pub(super) skipped: u64,
    pub(super) size: u64,
    pub(super) total: u64,
    /// What must be the same for the token to hold.
    pub(super) bound_to: &'a str,
    pub(super) link: &'a str,
}

impl Continued<'_> {
    pub(super) fn page(&self, items: Vec<String>, fault: Option<&Fault>) -> Page {
        let items = bent(items, fault);
        let end = range(self.skipped, self.size, self.total).end;
        let next = match fault {
            Some(Fault::RepeatCursor) => Some(self.skipped),
            Some(Fault::EmptyPageClaimsMore) => Some(end),
            _ => (end < self.total).then_some(end),
        };
        let token = next.map(|skipped| token(skipped, self.bound_to));
        let link = token.as_deref().map_or_else(
            || "null".to_owned(),
            |token| {
                let href = format!("{}continuationToken={}&pageSize={}", self.link, encode(token), self.size);
                Object::new().text("href", href).text("rel", "next").text("method", "GET").done()
            },
        );
        let text = Object::new()
            .raw("data", array(&items))
            .raw("nextContinuationToken", token.as_deref().map_or_else(|| "null".to_owned(), quoted))
            .raw("nextLink", link)
            .done();
        Page { items: items.len() as u64, text }
    }
}

/// How many items a token skips; `None` if it was not given for the same.
pub(super) fn skipped(text: &str, bound_to: &str) -> Option<u64> {
    let (skipped, _) = text.strip_prefix('+')?.split_once('/')?;
    let skipped = u64::from_str_radix(skipped, 16).ok()?;
    (token(skipped, bound_to) == text).then_some(skipped)
}

fn token(skipped: u64, bound_to: &str) -> String {
    format!("+{skipped:x}/{:016x}&==", number_of(&format!("{skipped} {bound_to}")))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn items(count: u64) -> Vec<String> {
        (0..count).map(|number| number.to_string()).collect()
    }

    fn read(page: Page) -> Value {
        serde_json::from_str(&page.text).expect("a page is JSON")
    }

    #[test]
    fn links_lead_to_the_neighbours_and_end_as_configured() {
        let page = |number, end| Numbered { number, size: 10, total: 25, link: "http://h/l?", end };
        let cases = [(1, Some(2), None), (2, Some(3), Some(1)), (3, None, Some(2)), (9, None, Some(3))];
        let url = |number: Option<u64>| {
            number.map_or(Value::Null, |number| format!("http://h/l?PageNumber={number}&PageSize=10").into())
        };
        for (number, next, previous) in cases {
            let read = read(page(number, EndOfList::Null).page(items(10), None));
            let paging = &read["paging"];
            assert_eq!(
                (&paging["nextPage"], &paging["previousPage"]),
                (&url(next), &url(previous)),
                "{number}"
            );
            assert_eq!((&paging["firstPage"], &paging["lastPage"]), (&url(Some(1)), &url(Some(3))));
        }
        let last = read(page(3, EndOfList::Missing).page(items(5), None));
        assert_eq!(
            (last["paging"].get("nextPage"), last["paging"].get("previousPage").is_some()),
            (None, true)
        );
        assert!(read(page(3, EndOfList::Null).page(items(5), None))["paging"].get("nextPage").is_some());
    }

    #[test]
    fn a_token_holds_for_what_it_was_given_and_for_nothing_else() {
        let text = token(50, "a");
        let cases = [
            (text.clone(), "a", Some(50)),
            (text.clone(), "b", None),
            (text.replace("+32", "+33"), "a", None),
            (text.replace('+', " "), "a", None),
            (String::new(), "a", None),
        ];
        for (text, bound_to, expected) in cases {
            assert_eq!(skipped(&text, bound_to), expected, "{text:?}");
        }
    }

    #[test]
    fn a_continued_page_ends_with_nulls() {
        let page = |skipped| Continued { skipped, size: 10, total: 20, bound_to: "a", link: "http://h/l?" };
        let first = read(page(0).page(items(10), None));
        let token = first["nextContinuationToken"].as_str().expect("a token");
        assert_eq!(skipped(token, "a"), Some(10));
        let href = first["nextLink"]["href"].as_str().expect("a link");
        assert_eq!(href, format!("http://h/l?continuationToken={}&pageSize=10", encode(token)));
        let last = read(page(10).page(items(10), None));
        assert_eq!((&last["nextContinuationToken"], &last["nextLink"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn faults_of_paging_are_carried_out_on_both_kinds() {
        let numbered = Numbered { number: 2, size: 10, total: 20, link: "", end: EndOfList::Null };
        let continued = Continued { skipped: 10, size: 10, total: 20, bound_to: "a", link: "" };
        let repeat = Some(&Fault::RepeatCursor);
        assert_eq!(read(numbered.page(items(10), repeat))["paging"]["nextPage"], "PageNumber=2&PageSize=10");
        assert_eq!(read(continued.page(items(10), repeat))["nextContinuationToken"], token(10, "a"));
        let empty = Some(&Fault::EmptyPageClaimsMore);
        for page in [numbered.page(items(10), empty), continued.page(items(10), empty)] {
            assert_eq!((page.items, page.text.contains("null")), (0, false), "{}", page.text);
        }
        assert!(numbered.page(items(1), Some(&Fault::DeepJson { depth: 2 })).text.contains("[[[]]]"));
    }
}
