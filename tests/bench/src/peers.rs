//! Who reads the pages, each behind a function that gives the number of items. Every one of them reads the whole page
//! and gives each item's bytes, as far as it can.

use std::hint::black_box;

use picojson::{BitStackStruct, Event, PullParser, SliceParser};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tidegate_core::page::{CursorValue, Items, PageScanner, PageShape};

#[derive(Deserialize)]
struct Page<T> {
    objects: Vec<T>,
    #[serde(rename = "nextPageKey")]
    next: u64,
}

/// `serde_json`, the items as they are written.
pub fn raw_values(page: &[u8]) -> usize {
    #[derive(Deserialize)]
    struct Page<'a> {
        #[serde(borrow)]
        objects: Vec<&'a RawValue>,
        #[serde(rename = "nextPageKey")]
        next: u64,
    }
    let page: Page<'_> = serde_json::from_slice(page).expect("a page");
    black_box(&page.objects);
    black_box(page.next);
    page.objects.len()
}

/// `serde_json`, going past the items. It does not look whether they are UTF-8.
pub fn ignored(page: &[u8]) -> usize {
    items(serde_json::from_slice::<Page<IgnoredAny>>(page).expect("a page"))
}

/// `serde_json`, into a type that fits.
pub fn typed(name: &str) -> Option<fn(&[u8]) -> usize> {
    match name {
        "objects" | "pretty" => {
            Some(|page| items(serde_json::from_slice::<Page<Object>>(page).expect("a page")))
        }
        "long strings" | "CJK" => {
            Some(|page| items(serde_json::from_slice::<Page<Document>>(page).expect("a page")))
        }
        _ => None,
    }
}

fn items<T>(page: Page<T>) -> usize {
    black_box(&page.objects);
    black_box(page.next);
    page.objects.len()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only read")]
struct Object {
    id: u64,
    name: String,
    r#type: String,
    status: u8,
    parent_id: Option<u64>,
    active: bool,
    created_on: String,
    modified_on: String,
    position: f64,
    description: String,
    owner: Owner,
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only read")]
struct Owner {
    id: u64,
    role: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only read")]
struct Document {
    id: u64,
    title: Option<String>,
    text: String,
}

/// `sonic-rs`, checked: the array by its path, then its elements. It does not read behind the array.
pub fn sonic(page: &[u8]) -> usize {
    let objects = sonic_rs::get(page, ["objects"]).expect("a page");
    let mut items = 0;
    for item in sonic_rs::to_array_iter(objects.as_raw_str()) {
        black_box(item.expect("an item").as_raw_str());
        items += 1;
    }
    items
}

/// `simd-json`, to a tape. It writes into the page, so it gets a copy, which is not counted.
pub fn simd(page: &mut [u8], buffers: &mut simd_json::Buffers) -> usize {
    let tape = simd_json::to_tape_with_buffers(page, buffers).expect("a page");
    let value = tape.as_value();
    let objects = value.as_object().and_then(|page| page.get("objects")).expect("a page");
    black_box(objects.as_array().expect("an array").len())
}

/// `picojson`, event by event: it does not say where in the page an item lies.
pub fn pico(page: &[u8], scratch: &mut [u8]) -> Option<usize> {
    let mut parser =
        SliceParser::<'_, '_, BitStackStruct<u128, u8>>::with_config_and_buffer_from_slice(page, scratch);
    let (mut depth, mut items) = (0_usize, 0);
    loop {
        match black_box(parser.next_event()).ok()? {
            Event::StartObject | Event::StartArray => {
                items += usize::from(depth == 2);
                depth += 1;
            }
            Event::EndObject | Event::EndArray => depth -= 1,
            Event::EndDocument => return Some(items),
            _ => {}
        }
    }
}

/// Tidegate, in chunks of so many bytes.
pub fn tidegate(page: &[u8], chunk: usize, item: &mut [u8], cursor: &mut [u8]) -> usize {
    let shape = PageShape { cursor: Some("nextPageKey"), ..PageShape::new(Items::Key("objects")) };
    let mut scanner = PageScanner::new(shape);
    for chunk in page.chunks(chunk) {
        let mut rest = chunk;
        while let (taken, Some(item)) = scanner.push(rest, item, cursor).expect("a page") {
            black_box(item);
            rest = &rest[taken..];
        }
    }
    let end = scanner.finish(cursor).expect("a page");
    assert!(matches!(end.cursor, CursorValue::Number(_)), "the cursor is there");
    end.items as usize
}
