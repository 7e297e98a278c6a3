//! The page scanner: the same items, cursor and fault for every split, and the items of serde_json.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use tidegate_core::page::{CursorValue, Item, Items, PageFault, PageScanner, PageShape};
use tidegate_fuzz::{Choices, pieces};

const SHAPES: [PageShape<'static>; 5] = [
    PageShape { cursor: Some("next"), total: Some("total"), ..PageShape::new(Items::Key("items")) },
    PageShape { cursor: Some("a.next"), total: Some("a.total"), ..PageShape::new(Items::Key("a.items")) },
    PageShape { cursor: Some("next"), ..PageShape::new(Items::OnlyArray) },
    PageShape { cursor: Some("p.next"), total: Some("next"), ..PageShape::new(Items::OnlyArray) },
    PageShape::new(Items::Root),
];

#[derive(Debug, PartialEq)]
struct Page {
    items: Vec<Result<Vec<u8>, u64>>,
    end: Result<String, PageFault>,
}

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices::new(input);
    let shape = choices.one_of(SHAPES);
    let (item_buffer, cursor_buffer) = (usize::from(choices.byte()), usize::from(choices.byte() % 32));
    let split = choices.byte();
    let body = choices.rest();

    let whole = scan(shape, item_buffer, cursor_buffer, std::iter::once(body));
    assert_eq!(scan(shape, item_buffer, cursor_buffer, body.chunks(1)), whole, "byte by byte");
    assert_eq!(scan(shape, item_buffer, cursor_buffer, pieces(body, split)), whole, "in pieces");
    if let (PageShape { items: Items::Key("items"), .. }, Ok(_)) = (shape, &whole.end) {
        compare(body, item_buffer, &whole);
    }
});

fn scan<'a>(
    shape: PageShape<'_>,
    item_buffer: usize,
    cursor_buffer: usize,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Page {
    let (mut item_buffer, mut cursor_buffer) = (vec![0; item_buffer], vec![0; cursor_buffer]);
    let mut scanner = PageScanner::new(shape);
    let mut items = Vec::new();
    for piece in pieces {
        let mut rest = piece;
        loop {
            match scanner.push(rest, &mut item_buffer, &mut cursor_buffer) {
                Ok((taken, Some(item))) => {
                    items.push(match item {
                        Item::Whole { bytes, .. } => Ok(bytes.to_vec()),
                        Item::TooLarge { size, .. } => Err(size),
                    });
                    rest = &rest[taken..];
                }
                Ok((taken, None)) => {
                    assert_eq!(taken, rest.len(), "what gives no item is consumed");
                    break;
                }
                Err(fault) => return Page { items, end: Err(fault) },
            }
        }
    }
    let end = scanner.finish(&cursor_buffer).map(|end| {
        assert_eq!(end.items as usize, items.len());
        match end.cursor {
            CursorValue::Number(text) => assert!(serde_json::from_str::<&RawValue>(text).is_ok()),
            CursorValue::Absent | CursorValue::Null | CursorValue::Text(_) | CursorValue::Bool(_) => {}
        }
        format!("{:?} of {:?}", end.cursor, end.total)
    });
    Page { items, end }
}

/// What serde_json finds in the same page. Of members that are there twice it keeps the last, ours refuses them where
/// they matter, so a page that ours takes has one.
fn compare(body: &[u8], item_buffer: usize, page: &Page) {
    let Ok(members) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body) else { return };
    let expected: Vec<&RawValue> = serde_json::from_str(members["items"].get()).expect("an array");
    assert_eq!(expected.len(), page.items.len());
    if let Some(total) = members.get("total") {
        let total = serde_json::from_str::<u64>(total.get()).ok().filter(|_| !total.get().starts_with('-'));
        assert!(page.end.as_ref().is_ok_and(|end| end.ends_with(&format!(" of {total:?}"))));
    }
    for (expected, item) in expected.iter().zip(&page.items) {
        let expected = expected.get().as_bytes();
        match item {
            Ok(bytes) => assert_eq!(bytes, expected),
            Err(size) => assert!(expected.len() as u64 == *size && expected.len() > item_buffer),
        }
    }
}
