//! From page to page: keys in every form, any split of the bytes, items of any size, and the guards that keep a faulty
//! server from sending a pull round in circles.

use super::server::{Answer, ITEMS, first, page, site, three_pages};
use super::world::{BASE, Event, KEY, LIST, Split, World, gate};
use crate::api::{Project, comanage};
use crate::cursor::CursorFault;
use crate::gate::Gate;
use crate::page::PageFault;

use crate::pull::{self, End, Failure, Outcome, Oversized, Pull, Settings};
use crate::quota::Slot;
use crate::time::Instant;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

const SPLITS: [Split; 6] =
    [Split::Whole, Split::Every(1), Split::Every(3), Split::Every(7), Split::Random(1), Split::Random(2)];

#[test]
fn a_key_that_is_a_number_or_a_text_leads_on_and_null_or_nothing_ends() {
    for last in ["null", ""] {
        let [one, two, _] = three_pages();
        let mut world = World::new(site([one, two, ("20", page(&ITEMS[4..], last))]));
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.targets(), ["/objects", "/objects?afterId=10", "/objects?afterId=20"]);
        assert_eq!(world.line.sink, ITEMS);
        let counters = world.line.counters;
        assert_eq!((counters.items, counters.pages, counters.requests, counters.retried), (6, 3, 3, 0));
    }
}

#[test]
fn a_key_beyond_the_53_bits_of_a_double_is_asked_for_exactly() {
    for key in ["9007199254740993", "9223372036854775807", "-9223372036854775808"] {
        for written in [key.to_string(), format!("\"{key}\"")] {
            let mut world = World::new(site([("", page(&["1"], &written)), (key, page(&["2"], ""))]));
            assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
            assert_eq!(world.targets()[1], format!("/objects?afterId={key}"));
        }
    }
}

#[test]
fn parameters_stay_on_every_page() {
    let mut world = World::new(site(three_pages()));
    world.endpoint = comanage::view_objects("/views/{viewId}/objects", 77)
        .with("filter", crate::http::Parameter::Text("a b&c"));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    let path = "/views/77/objects?filter=a%20b%26c";
    let expected = ["", "&afterId=10", "&afterId=20"].map(|key| format!("{path}{key}"));
    assert_eq!(world.targets(), expected);
}

#[test]
fn any_split_of_the_same_bytes_gives_the_same_trace() {
    let scripts: [fn() -> World; 4] = [
        || World::new(site(three_pages())),
        || World::new(first([Answer::page("{\"objects\": [1, 2, oops]}")], site(three_pages()))),
        || World::new(first([Answer::status(500, "{\"title\":\"no\"}")], site(three_pages()))),
        || World {
            settings: Settings { page_bytes: 40, ..Settings::DEFAULT },
            ..World::new(site(three_pages()))
        },
    ];
    for script in scripts {
        let whole = trace(script(), Split::Whole);
        for split in SPLITS {
            assert_eq!(trace(script(), split), whole, "{split:?}");
        }
    }
}

fn trace(mut world: World, split: Split) -> Vec<Event> {
    world.split = split;
    world.run();
    world.line.trace
}

#[test]
fn an_item_is_lent_from_the_chunk_if_it_lies_whole_in_it_and_else_from_the_buffer() {
    let body = page(&["\"whole\"", "\"across the edge\""], "");
    let edge = body.windows(6).position(|text| text == b"across").unwrap() + 3;
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let mut buffer = [0; 64];
    let room = buffer.as_ptr_range();
    let mut gate: Gate<Vec<Slot>> = gate(9, 1_000);
    let mut pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, Instant::ZERO));
    pull.head(&mut gate, Instant::ZERO, 200, []);
    let (chunk, rest) = body.split_at(edge);

    let mut left = chunk;
    let event = pull.body(Instant::ZERO, &mut left);
    let Some(pull::Event::Item { index: 0, bytes }) = event else { panic!("{event:?}") };
    assert_eq!(bytes, b"\"whole\"");
    assert!(chunk.as_ptr_range().contains(&bytes.as_ptr()));
    assert!(pull.body(Instant::ZERO, &mut left).is_none());
    assert!(left.is_empty());

    let mut left = rest;
    let event = pull.body(Instant::ZERO, &mut left);
    let Some(pull::Event::Item { index: 1, bytes }) = event else { panic!("{event:?}") };
    assert_eq!(bytes, b"\"across the edge\"");
    assert!(room.contains(&bytes.as_ptr()));
}

#[test]
fn an_empty_list_is_complete() {
    for body in ["{\"objects\":[]}", "{\"objects\":[],\"nextPageKey\":null}"] {
        let mut world = World::new(site([("", body.into())]));
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!((world.line.sink.len(), world.line.counters.pages), (0, 1));
    }
}

#[test]
fn a_key_that_leads_nowhere_new_ends_the_pull_with_the_reason() {
    type Page = (&'static str, &'static str, &'static [&'static str]);
    let cases: [(&[Page], CursorFault); 5] = [
        (&[("", "7", &["1"]), ("7", "7", &["2"])], CursorFault::Repeated { key: 7 }),
        (&[("", "7", &["1"]), ("7", "8", &["2"]), ("8", "7", &["3"])], CursorFault::Cycle { key: 7 }),
        (&[("", "0", &["1"])], CursorFault::StartsOver),
        (&[("", "7", &["1"]), ("7", "\"0\"", &["2"])], CursorFault::StartsOver),
        (&[("", "1.5", &["1"])], CursorFault::NotAKey { found: crate::text::Text::new("1.5") }),
    ];
    for (pages, fault) in cases {
        let mut world = World::new(site(pages.iter().map(|(key, next, items)| (*key, page(items, next)))));
        assert_eq!(world.outcome(), Outcome::Failed(Failure::Cursor(fault)));
        assert_eq!(world.targets().len(), pages.len(), "nothing is asked for again");
        let committed: Vec<&str> = pages[..pages.len() - 1].iter().flat_map(|page| page.2).copied().collect();
        assert_eq!(world.line.sink, committed, "what came before is kept");
    }
}

#[test]
fn a_key_longer_than_any_number_is_named_with_its_length() {
    let length = super::super::CURSOR_BUFFER as u64 + 6;
    let key = "1".repeat(length as usize);
    let mut world = World::new(site([("", page(&["1"], &key))]));
    let Outcome::Failed(Failure::Page(PageFault::CursorTooLong { needed, limit, .. })) = world.outcome()
    else {
        panic!("{:?}", world.line.trace)
    };
    assert_eq!((needed, limit), (length, length - 6));
}

#[test]
fn pages_without_end_stop_at_the_ceiling() {
    let mut world = World::new(super::server::numbered(u64::MAX));
    world.settings.pages = 50;
    assert_eq!(world.outcome(), Outcome::Failed(Failure::TooManyPages { limit: 50 }));
    assert_eq!((world.arrivals.len(), world.line.sink.len()), (50, 50));
}

#[test]
fn the_ceiling_counts_the_pages_of_earlier_runs() {
    let mut world = World::new(super::server::numbered(5));
    world.settings.pages = 3;
    world.run();
    world.settings.pages = 4;
    assert_eq!(world.outcome(), Outcome::Failed(Failure::TooManyPages { limit: 4 }));
    world.settings.pages = 5;
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.arrivals.len(), 5);
}

/// Three items, of which the second has twelve bytes.
fn with_a_large_one(split: Split, oversized: Oversized, item_buffer: usize) -> World {
    let mut world =
        World::new(site([("", page(&["1"], "5")), ("5", page(&["2", "\"0123456789\"", "3"], ""))]));
    (world.split, world.settings.oversized, world.item_buffer) = (split, oversized, item_buffer);
    world
}

#[test]
fn an_item_larger_than_the_buffer_fails_the_pull_with_its_index_and_size() {
    for split in SPLITS {
        let mut world = with_a_large_one(split, Oversized::Fail, 11);
        let failure = Failure::ItemTooLarge { index: 1, size: 12, buffer: 11 };
        assert_eq!(world.outcome(), Outcome::Failed(failure), "{split:?}");
        assert_eq!(world.line.sink, ["1"], "the page it is on is forgotten");
        assert!(world.line.trace.contains(&Event::Rewind(1)), "it was not handed over itself: {split:?}");
    }
}

#[test]
fn an_item_larger_than_the_buffer_is_skipped_and_counted_if_so_wished() {
    for split in SPLITS {
        let mut world = with_a_large_one(split, Oversized::Skip, 11);
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.line.sink, ["1", "2", "3"]);
        assert!(world.line.trace.contains(&Event::Skipped { index: 1, size: 12 }), "{split:?}");
        let Some(Event::Checkpoint(last)) = world.line.trace.iter().rev().nth(1) else { panic!() };
        assert_eq!((last.items(), last.skipped(), last.pages()), (3, 1, 2));
        let counters = world.line.counters;
        assert_eq!((counters.items, counters.skipped), (3, 1));
    }
}

#[test]
fn an_item_as_large_as_the_buffer_fits() {
    for split in SPLITS {
        let mut world = with_a_large_one(split, Oversized::Fail, 12);
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo), "{split:?}");
        assert_eq!(world.line.sink.len(), 4);
    }
}

#[test]
fn skipped_items_alone_do_not_make_a_page_empty() {
    let large = format!("\"{}\"", "x".repeat(100));
    let mut world = World::new(site([("", page(&[&large], "5")), ("5", page(&["1"], ""))]));
    world.settings.oversized = Oversized::Skip;
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!((world.line.counters.items, world.line.counters.skipped), (1, 1));
}

#[test]
fn of_two_arrays_none_is_guessed_and_both_are_named() {
    let mut world = World::new(site([("", "{\"objects\":[1],\"views\":[2]}".into())]));
    let Outcome::Failed(Failure::Page(fault @ PageFault::SecondArray { .. })) = world.outcome() else {
        panic!()
    };
    let text = fault.to_string();
    assert!(text.contains("objects") && text.contains("views"), "{text}");
    assert_eq!(world.line.sink, Vec::<String>::new());
    assert_eq!(world.arrivals.len(), 1, "asking again would not help");
}
