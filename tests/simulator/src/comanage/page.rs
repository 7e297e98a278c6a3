//! One page as JSON text: an object with the items in an array and, if more follow, `nextPageKey` (the vendor's name).
//! Everything else about the envelope is unpublished and so configurable. Items go in byte for byte.

use super::data;
use super::list::List;
use super::route::Asked;
use crate::config::{Config, EndOfList, NextKeyForm};
use crate::fault::Fault;

/// Which items a page has and what it says about the next.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slice {
    from: u64,
    until: u64,
    next: Option<i64>,
}

/// How many items a page has, and its text.
pub(crate) struct Page {
    pub(crate) items: u64,
    pub(crate) text: Vec<u8>,
}

/// The page that is asked for, changed by the fault if that is one of paging.
pub(crate) fn page(config: &Config, asked: Asked, fault: Option<&Fault>) -> Page {
    let honest = slice(config, asked);
    let slice = match fault {
        Some(Fault::RepeatCursor) => Slice { next: asked.after.or(honest.next), ..honest },
        Some(&Fault::CycleCursor { to }) => Slice { next: Some(to), ..honest },
        Some(Fault::EmptyPageClaimsMore) => {
            let next = data::item_id(config, asked.list, honest.from) - 1;
            Slice { until: honest.from, next: Some(next), ..honest }
        }
        _ => honest,
    };
    let items: Vec<Vec<u8>> = match fault {
        Some(&Fault::DeepJson { depth }) => vec![nested(depth)],
        _ => (slice.from..slice.until).map(|index| data::item(config, asked.list, index)).collect(),
    };
    Page { items: items.len() as u64, text: write(config, asked.list, &items, slice.next) }
}

/// The items with an id above the key, as many as fit on a page; the key to the next is the last one's id.
fn slice(config: &Config, asked: Asked) -> Slice {
    let from = asked.after.map_or(0, |after| data::first_above(config, asked.list, after));
    let until = from.saturating_add(u64::from(config.page_size.max(1))).min(config.items);
    let next = (until < config.items).then(|| data::item_id(config, asked.list, until - 1));
    Slice { from, until, next }
}

fn nested(depth: u32) -> Vec<u8> {
    let depth = depth as usize;
    [vec![b'['; depth], vec![b']'; depth]].concat()
}

fn write(config: &Config, list: List, items: &[Vec<u8>], next: Option<i64>) -> Vec<u8> {
    let style = if config.pretty { Style::PRETTY } else { Style::COMPACT };
    let items_key = config.items_key.as_deref().unwrap_or(list.name());
    let cursor = next_page_key(config, next).map(|value| ("nextPageKey".to_owned(), value.into_bytes()));
    let (cursor_before, cursor_after) = if config.cursor_first { (cursor, None) } else { (None, cursor) };
    let mut members = Vec::new();
    members.extend(cursor_before);
    if config.second_array {
        members.push(("links".to_owned(), br#"["self",{"rel":"up"}]"#.to_vec()));
    }
    if config.extra_members {
        members.push(("meta".to_owned(), meta(items_key)));
    }
    members.push((items_key.to_owned(), style.array(items)));
    if config.extra_members {
        members.push(("count".to_owned(), items.len().to_string().into_bytes()));
    }
    members.extend(cursor_after);
    style.object(&members)
}

fn next_page_key(config: &Config, next: Option<i64>) -> Option<String> {
    match (next, config.next_key, config.end_of_list) {
        (Some(key), NextKeyForm::Number, _) => Some(key.to_string()),
        (Some(key), NextKeyForm::String, _) => Some(format!("\"{key}\"")),
        (None, _, EndOfList::Null) => Some("null".to_owned()),
        (None, _, EndOfList::Missing) => None,
    }
}

/// A member to mislead whoever looks for names and brackets instead of parsing.
fn meta(items_key: &str) -> Vec<u8> {
    format!(r#"{{"{items_key}":[1,[2]],"nextPageKey":7,"text":"]}},\"nextPageKey\":8","empty":{{}}}}"#)
        .into_bytes()
}

/// Where line breaks and spaces go. Names are taken to need no escaping.
struct Style {
    colon: &'static str,
    member: &'static str,
    item: &'static str,
    item_end: &'static str,
    end: &'static str,
}

impl Style {
    const COMPACT: Self = Self { colon: ":", member: "", item: "", item_end: "", end: "" };
    const PRETTY: Self =
        Self { colon: ": ", member: "\r\n  ", item: "\r\n    ", item_end: "\r\n  ", end: "\r\n" };

    fn object(&self, members: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut text = vec![b'{'];
        for (place, (name, value)) in members.iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            text.extend_from_slice(self.member.as_bytes());
            text.extend_from_slice(format!("\"{name}\"{}", self.colon).as_bytes());
            text.extend_from_slice(value);
        }
        text.extend_from_slice(self.end.as_bytes());
        text.push(b'}');
        text
    }

    fn array(&self, items: &[Vec<u8>]) -> Vec<u8> {
        let mut text = vec![b'['];
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            text.extend_from_slice(self.item.as_bytes());
            text.extend_from_slice(item);
        }
        if !items.is_empty() {
            text.extend_from_slice(self.item_end.as_bytes());
        }
        text.push(b']');
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const LIST: List = List::Documents;

    fn parsed(config: &Config, after: Option<i64>, fault: Option<&Fault>) -> Value {
        let page = page(config, Asked { list: LIST, after }, fault);
        serde_json::from_slice(&page.text).expect("a page is valid JSON")
    }

    fn walk(config: &Config, key: &str) -> Vec<i64> {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = parsed(config, after, None);
            ids.extend(
                page[key].as_array().expect("items").iter().map(|item| item["id"].as_i64().expect("id")),
            );
            after = match &page["nextPageKey"] {
                Value::Null => return ids,
                Value::String(text) => Some(text.parse().expect("digits")),
                number => Some(number.as_i64().expect("int64")),
            };
        }
    }

    #[test]
    fn following_the_keys_gives_every_item_once_in_every_form_of_page() {
        for items in [0, 1, 99, 100, 101, 250] {
            let plain = Config { items, ..Config::default() };
            let every_id: Vec<i64> = (0..items).map(|index| data::item_id(&plain, LIST, index)).collect();
            let other = Config {
                next_key: NextKeyForm::String,
                end_of_list: EndOfList::Null,
                cursor_first: true,
                pretty: true,
                items_key: Some("rows".to_owned()),
                extra_members: true,
                second_array: true,
                ..plain.clone()
            };
            assert_eq!(walk(&plain, "documents"), every_id);
            assert_eq!(walk(&other, "rows"), every_id);
        }
    }

    #[test]
    fn items_stand_in_the_page_byte_for_byte() {
        for pretty in [false, true] {
            let config = Config { pretty, items: 20, ..Config::default() };
            let text = page(&config, Asked { list: LIST, after: None }, None).text;
            let mut from = 0;
            for index in 0..20 {
                let item = data::item(&config, LIST, index);
                let at = text[from..].windows(item.len()).position(|part| part == item).expect("the item");
                from += at + item.len();
            }
        }
    }

    #[test]
    fn the_end_of_the_list_is_missing_or_null() {
        let missing = Config { items: 3, ..Config::default() };
        assert_eq!(parsed(&missing, None, None).get("nextPageKey"), None);
        let null = Config { end_of_list: EndOfList::Null, ..missing };
        assert_eq!(parsed(&null, None, None).get("nextPageKey"), Some(&Value::Null));
    }

    #[test]
    fn a_key_at_or_beyond_the_last_item_gives_an_empty_last_page() {
        let config = Config { items: 3, ..Config::default() };
        for after in [data::item_id(&config, LIST, 2), i64::MAX] {
            let page = parsed(&config, Some(after), None);
            assert_eq!(
                (page["documents"].as_array().map(Vec::len), page.get("nextPageKey")),
                (Some(0), None)
            );
        }
    }

    #[test]
    fn an_empty_page_that_claims_more_moves_on_and_loses_nothing() {
        let config = Config { items: 300, ..Config::default() };
        let asked = data::item_id(&config, LIST, 99);
        let empty = parsed(&config, Some(asked), Some(&Fault::EmptyPageClaimsMore));
        assert_eq!(empty["documents"].as_array().map(Vec::len), Some(0));
        let next = empty["nextPageKey"].as_i64().expect("a key");
        assert!(next > asked);
        let after = parsed(&config, Some(next), None);
        assert_eq!(after["documents"][0]["id"], data::item_id(&config, LIST, 100));
    }

    #[test]
    fn a_cursor_can_be_made_to_repeat_or_to_cycle() {
        let config = Config { items: 300, ..Config::default() };
        let asked = data::item_id(&config, LIST, 99);
        assert_eq!(parsed(&config, Some(asked), Some(&Fault::RepeatCursor))["nextPageKey"], asked);
        assert_eq!(parsed(&config, Some(asked), Some(&Fault::CycleCursor { to: 5 }))["nextPageKey"], 5);
    }
}
