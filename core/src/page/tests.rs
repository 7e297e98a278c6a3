//! What comes out of pages; generated ones are in `core/tests/page_splits.rs`.

use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use super::*;
use crate::json::Kind;

const fn at(items: Items<'static>, cursor: Option<&'static str>) -> PageShape<'static> {
    PageShape { cursor, ..PageShape::new(items) }
}

const KEY: PageShape<'static> = at(Items::Key("items"), Some("next"));
const DEEP: PageShape<'static> = at(Items::Key("paging.items"), Some("paging.cursor.next"));
const ROOT: PageShape<'static> = at(Items::Root, None);
const ONLY: PageShape<'static> = at(Items::OnlyArray, Some("next"));

/// All that a page gives: its items, then its end or the fault.
fn trace(shape: PageShape<'_>, chunks: &[&[u8]], item_size: usize, cursor_size: usize) -> Vec<String> {
    let mut scanner = PageScanner::new(shape);
    let (mut item, mut cursor) = (vec![0; item_size], vec![0; cursor_size]);
    let mut trace = Vec::new();
    for chunk in chunks {
        let mut rest = *chunk;
        loop {
            match scanner.push(rest, &mut item, &mut cursor) {
                Ok((taken, Some(item))) => {
                    rest = &rest[taken..];
                    trace.push(match item {
                        Item::Whole { index, bytes } => {
                            format!("{index}: {}", String::from_utf8_lossy(bytes))
                        }
                        Item::TooLarge { index, size } => format!("{index} has {size} bytes"),
                    });
                }
                Ok((taken, None)) => {
                    assert_eq!(taken, rest.len(), "without an item all is consumed");
                    break;
                }
                Err(fault) => {
                    assert_eq!(scanner.push(b"[]", &mut item, &mut cursor), Err(fault), "it stays refused");
                    assert_eq!(scanner.finish(&cursor), Err(fault), "it stays refused");
                    trace.push(fault.to_string());
                    return trace;
                }
            }
        }
    }
    trace.push(match scanner.finish(&cursor) {
        Ok(end) => {
            assert_eq!(end.items, scanner.items());
            format!("{} items, {:?}", end.items, end.cursor)
        }
        Err(fault) => fault.to_string(),
    });
    trace
}

/// The shape, the page, what it gives with room for 24 bytes an item and 12 the cursor.
const PAGES: &[(PageShape<'static>, &str, &[&str])] = &[
    // Items.
    (KEY, r#"{"items":[]}"#, &["0 items, Absent"]),
    (KEY, r#" { "items" : [ ] } "#, &["0 items, Absent"]),
    (KEY, r#"{"items":[{"id":1}]}"#, &[r#"0: {"id":1}"#, "1 items, Absent"]),
    (
        KEY,
        r#"{"items":[ {"a":[1,{}]} , [2], "t\n\ud800é" ,-1.5e3,0 ,true,false,null]}"#,
        &[
            r#"0: {"a":[1,{}]}"#,
            "1: [2]",
            r#"2: "t\n\ud800é""#,
            "3: -1.5e3",
            "4: 0",
            "5: true",
            "6: false",
            "7: null",
            "8 items, Absent",
        ],
    ),
    (KEY, r#"{"a":[[9]],"b":{"items":[8]},"items":[7],"c":[6]}"#, &["0: 7", "1 items, Absent"]),
    (KEY, r#"{"it\u0065ms":[1]}"#, &["0: 1", "1 items, Absent"]),
    (KEY, r#"{"item":[1],"itemss":[2],"Items":[3],"items":[4]}"#, &["0: 4", "1 items, Absent"]),
    (KEY, r#"{"items":null,"next":2}"#, &[r#"0 items, Number("2")"#]),
    (
        at(Items::Key(r"a\.b.c\\d"), Some(r"\.")),
        r#"{"a":{"b":{}},"a.b":{"c\\d":[1]},".":"x"}"#,
        &["0: 1", r#"1 items, Text("x")"#],
    ),
    (
        at(Items::Key(r"a\.b"), Some("c.d")),
        r#"{"a":{"b":[1]},"a.b":[2],"c.d":3}"#,
        &["0: 2", "1 items, Absent"],
    ),
    (ROOT, "[]", &["0 items, Absent"]),
    (ROOT, "\u{feff}[1]", &["0: 1", "1 items, Absent"]),
    (KEY, "\u{feff} {\"items\":[]}", &["0 items, Absent"]),
    (ROOT, " [1, [\"x\"]\n,{}] ", &["0: 1", r#"1: ["x"]"#, "2: {}", "3 items, Absent"]),
    (at(Items::Root, Some("next")), r#"[{"next":1}]"#, &[r#"0: {"next":1}"#, "1 items, Absent"]),
    (ONLY, r#"{"count":1,"whatever":["x"],"more":{"a":[[1]]}}"#, &[r#"0: "x""#, "1 items, Absent"]),
    (
        ONLY,
        r#"{"errors":[1],"Error":[2],"MESSAGES":[3],"message":[4],"warnings":[],"x":[5]}"#,
        &["0: 5", "1 items, Absent"],
    ),
    (
        ONLY,
        r#"{"errors":[1],"next":2}"#,
        &["no member of the page is an array of items; at its top level are: `errors`, `next`"],
    ),
    (DEEP, r#"{"items":[1],"paging":{"items":[2],"paging":{"items":[3]}}}"#, &["0: 2", "1 items, Absent"]),
    (at(Items::Key("é"), None), r#"{"\u00e9":[1]}"#, &["0: 1", "1 items, Absent"]),
    (
        at(Items::OnlyArray, Some("paging.next")),
        r#"{"paging":{"sort":["id"],"next":"x"},"data":[1]}"#,
        &["0: 1", r#"1 items, Text("x")"#],
    ),
    (
        at(Items::Key("list.items"), Some("paging.next")),
        r#"{"paging":{"list":{"items":[1]},"next":2},"list":{"items":[3],"paging":{"next":4}}}"#,
        &["0: 3", r#"1 items, Number("2")"#],
    ),
    // Items larger than the buffer.
    (
        KEY,
        r#"{"items":["aaaaaaaaaaaaaaaaaaaaaa","aaaaaaaaaaaaaaaaaaaaaaa",3],"next":4}"#,
        &[r#"0: "aaaaaaaaaaaaaaaaaaaaaa""#, "1 has 25 bytes", "2: 3", r#"3 items, Number("4")"#],
    ),
    (ROOT, "[1234567890123456789012345]", &["0 has 25 bytes", "1 items, Absent"]),
    // The cursor.
    (KEY, r#"{"next":"abc","items":[1]}"#, &["0: 1", r#"1 items, Text("abc")"#]),
    (KEY, r#"{"items":[1],"next":"abc"}"#, &["0: 1", r#"1 items, Text("abc")"#]),
    (KEY, r#"{"items":[],"next":""}"#, &[r#"0 items, Text("")"#]),
    (KEY, r#"{"items":[],"next":null}"#, &["0 items, Null"]),
    (KEY, r#"{"items":[],"next":true}"#, &["0 items, Bool(true)"]),
    (KEY, r#"{"items":[],"next":false}"#, &["0 items, Bool(false)"]),
    (KEY, r#"{"items":[],"next":-1.50e+7}"#, &[r#"0 items, Number("-1.50e+7")"#]),
    (KEY, r#"{"items":[],"next":123456789012}"#, &[r#"0 items, Number("123456789012")"#]),
    (KEY, r#"{"items":[],"n\u0065xt":"\/p\u00e9\ud83d\ude00漢"}"#, &[r#"0 items, Text("/pé😀漢")"#]),
    (KEY, r#"{"items":[{"next":1}],"a":{"next":2}}"#, &[r#"0: {"next":1}"#, "1 items, Absent"]),
    (ONLY, r#"{"next":7,"a":[]}"#, &[r#"0 items, Number("7")"#]),
    (DEEP, r#"{"paging":{"cursor":{"next":"x"},"items":[1]}}"#, &["0: 1", r#"1 items, Text("x")"#]),
    (
        DEEP,
        r#"{"paging":{"items":[1],"cursor":{"a":[{}],"next":"x"}},"b":1}"#,
        &["0: 1", r#"1 items, Text("x")"#],
    ),
    (DEEP, r#"{"paging":{"cursor":null,"items":[]}}"#, &["0 items, Absent"]),
    (DEEP, r#"{"paging":{"cursor":{},"items":[]},"cursor":{"next":1}}"#, &["0 items, Absent"]),
    (DEEP, r#"{"a":{"cursor":{"next":1}},"paging":{"next":1,"items":[]}}"#, &["0 items, Absent"]),
    // Pages of another shape.
    (KEY, "[1]", &["the page is an array at byte 0, not an object: check where its items are"]),
    (KEY, " null", &["the page is null at byte 1, not an object: check where its items are"]),
    (ONLY, "12 ", &["the page is a number at byte 0, not an object: check where its items are"]),
    (ROOT, "{}", &["the page is an object at byte 0, not an array: check where its items are"]),
    (KEY, "{}", &["the page has no member `items` for its items; it has no members at all"]),
    (
        KEY,
        r#"{"data":[1],"co\u0075nt":1,"a\u001bb":2,"\ud800":0}"#,
        &[
            "the page has no member `items` for its items; at its top level are: `data`, `count`, `a\u{fffd}b`, `\u{fffd}`",
        ],
    ),
    (KEY, r#"{"":1}"#, &["the page has no member `items` for its items; at its top level are: ``"]),
    (
        KEY,
        r#"{"a name of some length":1,"and another that is long":2,"a third":3}"#,
        &["the page has no member `items` for its items; \
           at its top level are: `a name of some length`, `and another th…"],
    ),
    (
        DEEP,
        r#"{"paging":{}}"#,
        &["the page has no member `paging.items` for its items; at its top level are: `paging`"],
    ),
    (
        KEY,
        r#"{"items":7}"#,
        &["the items `items` are a number at byte 9, not an array: check where they are"],
    ),
    (
        KEY,
        r#"{"items":{"a":1}}"#,
        &["the items `items` are an object at byte 9, not an array: check where they are"],
    ),
    (
        KEY,
        r#"{"items": "a"}"#,
        &["the items `items` are a string at byte 10, not an array: check where they are"],
    ),
    (
        DEEP,
        r#"{"paging":null}"#,
        &["the page has no member `paging.items` for its items; at its top level are: `paging`"],
    ),
    (
        DEEP,
        r#"{"paging":false}"#,
        &["`paging` is false at byte 10, not an object: check the path that leads through it"],
    ),
    (
        DEEP,
        r#"{"paging":{"items":[1],"cursor":[]}}"#,
        &[
            "0: 1",
            "`paging.cursor` is an array at byte 32, not an object: check the path that leads through it",
        ],
    ),
    (
        DEEP,
        r#"{"paging":{"cursor":7}}"#,
        &["`paging.cursor` is a number at byte 20, not an object: check the path that leads through it"],
    ),
    (
        at(Items::Key("a.items"), None),
        r#"{"a":[]}"#,
        &["`a` is an array at byte 5, not an object: check the path that leads through it"],
    ),
    (ONLY, "{}", &["no member of the page is an array of items; it has no members at all"]),
    (ONLY, r#"{"a":{"b":[]}}"#, &["no member of the page is an array of items; at its top level are: `a`"]),
    (
        ONLY,
        r#"{"a":[1],"c":0,"b":[2]}"#,
        &["0: 1", "both `a` and, at byte 19, `b` are arrays: name the one that holds the items"],
    ),
    (
        KEY,
        r#"{"items":[1],"it\u0065ms":[2]}"#,
        &["0: 1", "the page has the member `items` a second time, before byte 25: report it to the API"],
    ),
    (
        KEY,
        r#"{"next":null,"next":1}"#,
        &["the page has the member `next` a second time, before byte 19: report it to the API"],
    ),
    (
        DEEP,
        r#"{"paging":{"items":[]},"paging":{"cursor":{"next":1}}}"#,
        &["the page has the member `paging` a second time, before byte 31: report it to the API"],
    ),
    (
        DEEP,
        r#"{"paging":{"cursor":null,"cursor":{"next":1}}}"#,
        &["the page has the member `paging.cursor` a second time, before byte 33: report it to the API"],
    ),
    // Cursors that are none.
    (KEY, r#"{"next":{"a":1}}"#, &["the cursor `next` is an object at byte 8: check where the cursor is"]),
    (KEY, r#"{"next":[]}"#, &["the cursor `next` is an array at byte 8: check where the cursor is"]),
    (
        KEY,
        r#"{"next":"a\ud800"}"#,
        &[r"the cursor at byte 8 is no text: `\ud800` is half a character: report it to the API"],
    ),
    (
        KEY,
        r#"{"next":"\udc00a"}"#,
        &[r"the cursor at byte 8 is no text: `\udc00` is half a character: report it to the API"],
    ),
    (
        KEY,
        r#"{"items":[1],"next":"0123456789\u00e9x"}"#,
        &["0: 1", "the cursor at byte 20 needs 13 bytes, its buffer has 12: give it a larger one"],
    ),
    (
        KEY,
        r#"{"next":1234567890123}"#,
        &["the cursor at byte 8 needs 13 bytes, its buffer has 12: give it a larger one"],
    ),
    // Items and cursor that get into each other's way.
    (
        at(Items::Key("a"), Some("a")),
        r#"{"a":[]}"#,
        &["the cursor `a` is an array at byte 5: check where the cursor is"],
    ),
    (
        at(Items::Key("a"), Some("a.b")),
        r#"{"a":[]}"#,
        &["`a` is an array at byte 5, not an object: check the path that leads through it"],
    ),
    (
        at(Items::Key("a.b"), Some("a.b.c")),
        r#"{"a":{"b":{}}}"#,
        &["the items `a.b` are an object at byte 10, not an array: check where they are"],
    ),
    // What is no page, or no whole one.
    (KEY, "", &["the body is empty where a page was expected"]),
    (KEY, "\n", &["the body ends after 1 bytes, before the page is whole: fetch it again"]),
    (
        KEY,
        r#"{"items":[1,2"#,
        &["0: 1", "the body ends after 13 bytes, before the page is whole: fetch it again"],
    ),
    (
        KEY,
        r#"{"items":[1]"#,
        &["0: 1", "the body ends after 12 bytes, before the page is whole: fetch it again"],
    ),
    (ROOT, "[1]]", &["0: 1", "the page cannot be read as JSON: expected nothing more at byte 3, found `]`"]),
    (KEY, "<html>", &["the page cannot be read as JSON: expected a value at byte 0, found `<`"]),
    (
        KEY,
        "{\"items\":[1,{\"a\":\"\u{1}\"}]}",
        &[
            "0: 1",
            "the page cannot be read as JSON: the control character 0x01 at byte 18 must be escaped inside a string",
        ],
    ),
    (
        KEY,
        r#"{"items":[01]}"#,
        &["0: 0", "the page cannot be read as JSON: expected `,` or `]` at byte 11, found `1`"],
    ),
];

#[test]
fn a_page_gives_its_items_then_its_cursor_or_says_what_is_wrong_where() {
    for (shape, page, gives) in PAGES {
        assert_eq!(trace(*shape, &[page.as_bytes()], 24, 12), *gives, "{page}");
    }
}

#[test]
fn a_page_gives_the_same_however_it_is_cut() {
    for (shape, page, gives) in PAGES {
        let page = page.as_bytes();
        for first in 0..=page.len() {
            for second in first..=page.len() {
                let chunks = [&page[..first], &page[first..second], &page[second..]];
                assert_eq!(trace(*shape, &chunks, 24, 12), *gives, "cut at {first} and {second}");
            }
        }
        assert_eq!(trace(*shape, &page.chunks(1).collect::<Vec<_>>(), 24, 12), *gives, "byte by byte");
    }
}

#[test]
fn a_body_cut_short_is_an_error_not_a_last_page() {
    let page = br#"{"next":"abc","items":[{"id":1},2,"x"],"total":3}"#;
    for end in 0..page.len() {
        let mut scanner = PageScanner::new(KEY);
        let (mut item, mut cursor) = ([0; 24], [0; 12]);
        let mut rest = &page[..end];
        while let (taken, Some(_)) = scanner.push(rest, &mut item, &mut cursor).expect("right so far") {
            rest = &rest[taken..];
        }
        assert_eq!(scanner.finish(&cursor), Err(PageFault::CutShort { offset: end as u64 }));
    }
}

#[test]
fn an_item_that_lies_whole_in_a_chunk_is_lent_from_it_and_else_from_the_buffer() {
    let page = br#"[{"id":1},{"id":2}]"#;
    let mut scanner = PageScanner::new(ROOT);
    let mut item = [0; 8];
    let (taken, first) = scanner.push(&page[..12], &mut item, &mut []).expect("a page");
    assert_eq!((taken, first), (9, Some(Item::Whole { index: 0, bytes: &page[1..9] })));
    assert_eq!(item, [0; 8], "nothing was copied");
    assert_eq!(scanner.push(&page[9..12], &mut item, &mut []), Ok((3, None)));
    let (taken, second) = scanner.push(&page[12..], &mut item, &mut []).expect("a page");
    assert_eq!((taken, second), (6, Some(Item::Whole { index: 1, bytes: br#"{"id":2}"# })));
    assert_eq!(&item, br#"{"id":2}"#, "put together here");
    assert_eq!((scanner.push(&page[18..], &mut item, &mut []), scanner.items()), (Ok((1, None)), 2));
}

#[test]
fn a_number_ends_with_the_byte_behind_it_which_is_left_to_the_caller() {
    let mut scanner = PageScanner::new(ROOT);
    let mut item = [0; 4];
    assert_eq!(scanner.push(b"[1", &mut item, &mut []), Ok((2, None)));
    assert_eq!(scanner.push(b"2", &mut item, &mut []), Ok((1, None)));
    assert_eq!(
        scanner.push(b",3]", &mut item, &mut []),
        Ok((0, Some(Item::Whole { index: 0, bytes: b"12" })))
    );
    assert_eq!(
        scanner.push(b",3]", &mut item, &mut []),
        Ok((2, Some(Item::Whole { index: 1, bytes: b"3" })))
    );
    assert_eq!(scanner.push(b"]", &mut item, &mut []), Ok((1, None)));
}

#[test]
fn an_item_is_too_large_by_its_bytes_wherever_it_lies() {
    let page = br#"["abc"]"#;
    for cut in 0..=page.len() {
        let chunks = [&page[..cut], &page[cut..]];
        assert_eq!(trace(ROOT, &chunks, 5, 0), [r#"0: "abc""#, "1 items, Absent"]);
        assert_eq!(trace(ROOT, &chunks, 4, 0), ["0 has 5 bytes", "1 items, Absent"]);
        assert_eq!(trace(ROOT, &chunks, 0, 0), ["0 has 5 bytes", "1 items, Absent"]);
    }
}

#[test]
fn a_buffer_that_grows_halfway_does_not_give_an_item_with_holes() {
    let mut scanner = PageScanner::new(ROOT);
    assert_eq!(scanner.push(b"[\"abc", &mut [0; 2], &mut []), Ok((5, None)));
    let mut item = [0; 9];
    let too_large = Item::TooLarge { index: 0, size: 6 };
    assert_eq!(scanner.push(b"d\"]", &mut item, &mut []), Ok((2, Some(too_large))));
}

#[test]
fn a_cursor_handed_over_in_another_buffer_is_a_fault() {
    let mut scanner = PageScanner::new(KEY);
    assert_eq!(scanner.push(br#"{"items":[],"next":"abc"}"#, &mut [], &mut [0; 8]), Ok((25, None)));
    assert_eq!(scanner.finish(b"ab"), Err(PageFault::CursorLost));
    assert_eq!(scanner.finish(&[0xFF; 8]), Err(PageFault::CursorLost));
}

#[test]
fn more_items_than_can_be_counted_are_a_fault_and_not_a_wrap() {
    let page = b"[1,2,3]";
    let mut scanner = PageScanner::new(ROOT);
    let mut item = [0; 4];
    assert_eq!(scanner.push(page, &mut item, &mut []).map(|(taken, _)| taken), Ok(2));
    scanner.set_count(u32::MAX - 1);
    let last = Item::Whole { index: u32::MAX - 1, bytes: b"2" };
    assert_eq!(scanner.push(&page[2..], &mut item, &mut []), Ok((2, Some(last))));
    let fault = PageFault::TooManyItems { offset: 5 };
    assert_eq!(scanner.push(&page[4..], &mut item, &mut []), Err(fault));
    assert_eq!((scanner.finish(&[]), scanner.items()), (Err(fault), u32::MAX));
}

#[test]
fn a_fault_has_what_a_program_needs_to_know() {
    let mut scanner = PageScanner::new(KEY);
    let fault = PageFault::NotAnArray { name: Name::new("items"), found: Kind::True, offset: 9 };
    assert_eq!(scanner.push(br#"{"items":true}"#, &mut [], &mut []), Err(fault));
}

/// The total of a page of which it is `shape`'s only interest.
fn total(path: &'static str, page: &str) -> Result<Option<u64>, String> {
    let shape = PageShape { cursor: Some("next"), total: Some(path), ..PageShape::new(Items::OnlyArray) };
    let mut totals = (1..=page.len()).map(|size| {
        let mut scanner = PageScanner::new(shape);
        for chunk in page.as_bytes().chunks(size) {
            assert_eq!(scanner.push(chunk, &mut [], &mut []).map_err(|fault| fault.to_string())?.1, None);
        }
        scanner.finish(&[]).map(|end| end.total).map_err(|fault| fault.to_string())
    });
    let first = totals.next().unwrap();
    totals.for_each(|total| assert_eq!(total, first, "{page} gives the same however it is split"));
    first
}

#[test]
fn a_total_is_a_whole_number_before_or_after_the_items() {
    assert_eq!(total("meta.total_count", r#"{"meta":{"total_count":17},"objects":[]}"#), Ok(Some(17)));
    assert_eq!(total("n", r#"{"a":[],"n":18446744073709551615}"#), Ok(Some(u64::MAX)));
    assert_eq!(total("n", r#"{"a":[],"n":0}"#), Ok(Some(0)));
}

#[test]
fn a_total_that_is_no_count_is_as_good_as_absent() {
    for page in [
        r#"{"a":[]}"#,
        r#"{"a":[],"m":null}"#,
        r#"{"a":[],"m":{}}"#,
        r#"{"a":[],"m":{"n":null}}"#,
        r#"{"a":[],"m":{"n":-1}}"#,
        r#"{"a":[],"m":{"n":1.5}}"#,
        r#"{"a":[],"m":{"n":1e3}}"#,
        r#"{"a":[],"m":{"n":18446744073709551616}}"#,
    ] {
        assert_eq!(total("m.n", page), Ok(None), "{page}");
    }
}

#[test]
fn a_total_of_another_type_is_as_good_as_absent_and_a_text_of_digits_is_a_number() {
    let table = [
        (r#"{"n":"17","a":[]}"#, Some(17)),
        (r#"{"n":"\u0031","a":[]}"#, None),
        (r#"{"n":"","a":[]}"#, None),
        (r#"{"n":[],"a":[]}"#, None),
        (r#"{"n":{"n":3},"a":[]}"#, None),
        (r#"{"n":true,"a":[]}"#, None),
        (r#"{"n":1,"a":[],"n":2}"#, Some(1)),
    ];
    for (page, expected) in table {
        // An array that is the total's is still one at the top level.
        let page = page.replace(r#""n":[]"#, r#""n":[],"b":0"#).replace(r#""a":[]"#, r#""items":[]"#);
        let shape = PageShape { total: Some("n"), ..PageShape::new(Items::Key("items")) };
        assert_eq!(
            hinted(shape, &page),
            (expected, expected.is_none().then_some(Hint::Total).or(twice(&page)))
        );
    }
    let shape = PageShape { total: Some("n.m"), ..PageShape::new(Items::Key("a")) };
    assert_eq!(hinted(shape, r#"{"n":1,"a":[]}"#), (None, Some(Hint::Total)));
    assert_eq!(hinted(shape, r#"{"n":null,"a":[]}"#), (None, None));
}

/// What a total that is there twice is told as.
fn twice(page: &str) -> Option<Hint> {
    (page.matches("\"n\"").count() > 1).then_some(Hint::Total)
}

/// The total of a page, and what could not be used of it.
fn hinted(shape: PageShape<'_>, page: &str) -> (Option<u64>, Option<Hint>) {
    let mut found = (1..=page.len()).map(|size| {
        let mut scanner = PageScanner::new(shape);
        for chunk in page.as_bytes().chunks(size) {
            assert_eq!(scanner.push(chunk, &mut [], &mut [0; 8]).map(|(_, item)| item), Ok(None), "{page}");
        }
        let end = scanner.finish(&[0; 8]).expect("a page");
        (end.total, end.odd)
    });
    let first = found.next().expect("one way to cut it");
    found.for_each(|found| assert_eq!(found, first, "{page}"));
    first
}

#[test]
fn what_only_informs_is_never_a_fault_whatever_it_is() {
    let shape = PageShape {
        cursor: Some("m.more"),
        is_link: true,
        next: Some("m.next"),
        total: Some("m.total"),
        here: Some("m.here"),
        size: Some("m.size"),
        ..PageShape::new(Items::Key("rows"))
    };
    let hints = [
        ("more", Hint::More),
        ("next", Hint::Next),
        ("total", Hint::Total),
        ("here", Hint::Here),
        ("size", Hint::Size),
    ];
    for (name, hint) in hints {
        for value in ["{}", "[[]]", r#"{"m":{"total":4}}"#] {
            let page = format!(r#"{{"m":{{"{name}":{value}}},"rows":[]}}"#);
            assert_eq!(hinted(shape, &page), (None, Some(hint)), "{page}");
        }
        let page = format!(r#"{{"m":{{"{name}":null}},"rows":[]}}"#);
        assert_eq!(hinted(shape, &page), (None, None), "{page}");
    }
    for value in ["true", "7", r#""x""#, "[]"] {
        let page = format!(r#"{{"m":{value},"rows":[]}}"#);
        assert_eq!(hinted(shape, &page), (None, Some(Hint::More)), "{page}");
    }
    assert_eq!(hinted(shape, r#"{"m":{"more":"\ud800"},"rows":[]}"#), (None, Some(Hint::More)));
    assert_eq!(hinted(shape, r#"{"m":{"total":4},"rows":[]}"#), (Some(4), None));
}

#[test]
fn an_empty_list_may_be_left_out_where_the_total_is_zero() {
    for items in [Items::Key("rows"), Items::OnlyArray] {
        let shape = PageShape { total: Some("total"), ..PageShape::new(items) };
        for page in [r#"{"total":0}"#, r#"{"total":"0","x":{}}"#] {
            assert_eq!(hinted(shape, page), (Some(0), None), "{page}");
        }
        let mut scanner = PageScanner::new(shape);
        assert_eq!(scanner.push(br#"{"total":1}"#, &mut [], &mut []).map(|(_, item)| item), Ok(None));
        assert!(scanner.finish(&[]).is_err());
    }
}

#[test]
fn the_member_that_was_found_is_known_again() {
    let end = |pinned, page: &str| {
        let shape = PageShape { pinned, ..ONLY };
        let mut scanner = PageScanner::new(shape);
        let mut rest = page.as_bytes();
        loop {
            match scanner.push(rest, &mut [0; 8], &mut [0; 8])? {
                (taken, Some(_)) => rest = &rest[taken..],
                (_, None) => break scanner.finish(&[0; 8]).map(|end| (end.items, end.pinned)),
            }
        }
    };
    let (_, pinned) = end(0, r#"{"rows":[]}"#).expect("a page");
    assert_ne!(pinned, 0);
    assert_eq!(end(pinned, r#"{"a":[1],"rows":[1,2],"b":[1]}"#), Ok((2, pinned)));
    assert_eq!(end(pinned, r#"{"rows":null}"#), Ok((0, pinned)));
    assert_eq!(
        end(pinned, r#"{"x":{"rows":[1]}}"#),
        Err(PageFault::OtherItems { members: Members::new("`x`") })
    );
    assert!(matches!(end(pinned, r#"{"rows":[1],"rows":[2]}"#), Err(PageFault::SecondArray { .. })));
    assert!(matches!(end(pinned, r#"{"rows":{}}"#), Err(PageFault::OtherItems { .. })));
}

#[test]
fn half_a_byte_order_mark_is_refused_however_it_is_cut() {
    for start in [&b"\xef"[..], b"\xef\xbb", b"\xef\xbe", b"\xef\xbb\xbf\xef"] {
        let page = [start, b"[1]"].concat();
        let whole = trace(ROOT, &[&page], 8, 0);
        assert!(whole[0].starts_with("the page cannot be read as JSON"), "{whole:?}");
        assert_eq!(trace(ROOT, &page.chunks(1).collect::<Vec<_>>(), 8, 0), whole);
        assert_eq!(trace(ROOT, &[start], 8, 0).len(), 1);
    }
}

#[test]
fn a_scanner_is_small() {
    // Sixteen of it are for the longer texts of a fault, with `large`.
    assert!(size_of::<PageScanner<'_>>() <= 512, "{}", size_of::<PageScanner<'_>>());
    assert!(size_of::<PageFault>() <= 128, "{}", size_of::<PageFault>());
}
