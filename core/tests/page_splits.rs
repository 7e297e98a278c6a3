//! Generated pages, whole and damaged: however a body is cut, the same comes out of it, and what comes out of a right
//! one is what `serde_json` finds in it.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::value::RawValue;
use tidegate_core::page::{CursorValue, Item, Items, PageFault, PageScanner, PageShape};

use support::{array, chunks, cuts, mutated, object, space, string, value};

/// What a page gave, in a form that outlives its buffers.
#[derive(Debug, PartialEq)]
enum Given {
    Item(u32, Vec<u8>),
    TooLarge(u32, u64),
    End(u32, Cursor, Option<u64>),
    Fault(PageFault),
}

#[derive(Debug, PartialEq)]
enum Cursor {
    Absent,
    Null,
    Number(String),
    Text(String),
    Bool(bool),
}

impl From<CursorValue<'_>> for Cursor {
    fn from(value: CursorValue<'_>) -> Self {
        match value {
            CursorValue::Absent => Self::Absent,
            CursorValue::Null => Self::Null,
            CursorValue::Number(number) => Self::Number(number.into()),
            CursorValue::Text(text) => Self::Text(text.into()),
            CursorValue::Bool(value) => Self::Bool(value),
        }
    }
}

fn scan(shape: PageShape<'_>, chunks: &[&[u8]], item_size: usize, cursor_size: usize) -> Vec<Given> {
    let mut scanner = PageScanner::new(shape);
    let (mut item, mut cursor) = (vec![0; item_size], vec![0; cursor_size]);
    let mut given = Vec::new();
    for chunk in chunks {
        let mut rest = *chunk;
        loop {
            match scanner.push(rest, &mut item, &mut cursor) {
                Ok((taken, Some(item))) => {
                    rest = &rest[taken..];
                    given.push(match item {
                        Item::Whole { index, bytes } => Given::Item(index, bytes.to_vec()),
                        Item::TooLarge { index, size } => Given::TooLarge(index, size),
                    });
                }
                Ok((_, None)) => break,
                Err(fault) => {
                    given.push(Given::Fault(fault));
                    return given;
                }
            }
        }
    }
    given.push(match scanner.finish(&cursor) {
        Ok(end) => Given::End(end.items, end.cursor.into(), end.total),
        Err(fault) => Given::Fault(fault),
    });
    given
}

fn shape() -> impl Strategy<Value = PageShape<'static>> {
    let items = select(vec![Items::Key("items"), Items::Key("paging.items"), Items::Root, Items::OnlyArray]);
    let cursor = select(vec![None, Some("next"), Some("paging.next"), Some("paging")]);
    let total = select(vec![None, Some("total"), Some("paging.total"), Some("next")]);
    (items, cursor, total).prop_map(|(items, cursor, total)| PageShape {
        cursor,
        total,
        ..PageShape::new(items)
    })
}

/// A member that may matter, under a name that may.
fn member() -> impl Strategy<Value = (String, String)> {
    let name = select(vec!["items", "it\\u0065ms", "next", "n\\u0065xt", "total", "é", "\\ud800"]);
    let value = prop_oneof![
        vec(value(), 0..5).prop_flat_map(array),
        value(),
        select(vec!["null", "true", "17", "\"a\\u00e9\\n\"", "\"漢字😀\"", "\"\\ud800\""])
            .prop_map(String::from),
    ];
    (name.prop_map(|name| format!("\"{name}\"")), value)
}

fn page() -> impl Strategy<Value = String> {
    let paging =
        vec(member(), 0..4).prop_flat_map(object).prop_map(|paging| ("\"paging\"".to_owned(), paging));
    let members = vec(prop_oneof![4 => member(), 2 => paging, 1 => (string(), value())], 0..6);
    let page = prop_oneof![4 => members.prop_flat_map(object), 1 => vec(value(), 0..6).prop_flat_map(array)];
    (space(), page, space()).prop_map(|(before, page, behind)| format!("{before}{page}{behind}"))
}

/// A page as an API would send it, its items, and its cursor if it has one.
fn right_page() -> impl Strategy<Value = (String, Vec<String>, Option<String>)> {
    let texts = select(vec!["abc", "é漢😀", "a/b+c==", "\u{7f} \" \\ \n"]);
    let cursor = proptest::option::of(texts.prop_map(String::from));
    (vec(value(), 0..8), cursor, any::<bool>()).prop_flat_map(|(items, cursor, first)| {
        let page = array(items.clone()).prop_flat_map({
            let cursor = cursor.clone();
            move |array| {
                let mut members =
                    vec![("\"total\"".to_owned(), "[0]".to_owned()), ("\"items\"".to_owned(), array)];
                if let Some(cursor) = &cursor {
                    let text = serde_json::to_string(cursor).expect("a string");
                    members.insert(if first { 0 } else { 2 }, ("\"next\"".to_owned(), text));
                }
                object(members)
            }
        });
        (page, Just(items), Just(cursor))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_page_gives_the_same_however_it_is_cut(
        shape in shape(),
        page in page(),
        cuts in cuts(),
        item_size in 0_usize..40,
        cursor_size in 0_usize..12,
    ) {
        let whole = scan(shape, &[page.as_bytes()], item_size, cursor_size);
        prop_assert_eq!(&scan(shape, &chunks(page.as_bytes(), &cuts), item_size, cursor_size), &whole);
        let bytewise: Vec<_> = page.as_bytes().chunks(1).collect();
        prop_assert_eq!(&scan(shape, &bytewise, item_size, cursor_size), &whole);
    }

    #[test]
    fn a_damaged_page_gives_the_same_however_it_is_cut(
        shape in shape(),
        page in mutated(page()),
        cuts in cuts(),
        item_size in 0_usize..40,
        cursor_size in 0_usize..12,
    ) {
        let whole = scan(shape, &[&page], item_size, cursor_size);
        prop_assert_eq!(&scan(shape, &chunks(&page, &cuts), item_size, cursor_size), &whole);
        let bytewise: Vec<_> = page.chunks(1).collect();
        prop_assert_eq!(&scan(shape, &bytewise, item_size, cursor_size), &whole);
    }

    #[test]
    fn a_page_that_is_not_json_has_no_end(shape in shape(), page in mutated(page())) {
        let given = scan(shape, &[&page], 64, 64);
        let json = std::str::from_utf8(&page).is_ok() && serde_json::from_slice::<&RawValue>(&page).is_ok();
        prop_assert!(json || matches!(given.last(), Some(Given::Fault(_))), "{:?}", given);
    }

    #[test]
    fn a_right_page_gives_the_items_and_the_cursor_that_are_in_it(
        (page, items, cursor) in right_page(),
        cuts in cuts(),
    ) {
        let shape = PageShape { cursor: Some("next"), ..PageShape::new(Items::Key("items")) };
        let given = scan(shape, &chunks(page.as_bytes(), &cuts), page.len(), page.len());
        let mut wanted: Vec<_> =
            (0..).zip(&items).map(|(index, item)| Given::Item(index, item.as_bytes().to_vec())).collect();
        wanted.push(Given::End(wanted.len() as u32, cursor.map_or(Cursor::Absent, Cursor::Text), None));
        prop_assert_eq!(&given, &wanted);

        let members: BTreeMap<String, &RawValue> = serde_json::from_str(&page).expect("a page");
        let elements: Vec<&RawValue> = serde_json::from_str(members["items"].get()).expect("an array");
        prop_assert_eq!(elements.iter().map(|element| element.get()).collect::<Vec<_>>(), items);
    }
}
