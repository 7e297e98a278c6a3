//! What breaks on the way: bodies cut at every byte, servers that fall silent or drip, limits on bytes, bodies that are
//! no pages. Whatever happens, the sink ends with the undisturbed items or the pull ends with a reason.

use super::server::{Answer, Ending, ITEMS, first, numbered, page, site, three_pages};
use super::world::{Asked, BASE, Event, KEY, LIST, Split, World, gate};
use crate::api::{Project, comanage};
use crate::gate::WaitReason;
use crate::http::Media;
use crate::page::PageFault;
use crate::pull::{End, Failure, Outcome, Pull, Settings, Step, TransportFault};
use crate::retry::RetryPolicy;
use crate::time::{Duration, Instant};
use std::vec::Vec;

/// The three pages, of which number `broken` is cut after `len` bytes the first time.
fn cut_once(broken: usize, len: usize, ending: Ending) -> impl FnMut(&Asked) -> Answer {
    let mut pages = site(three_pages());
    move |asked: &Asked| {
        let answer = pages(asked);
        if asked.earlier == broken { answer.cut(len, ending) } else { answer }
    }
}

#[test]
fn a_body_cut_at_any_byte_loses_and_repeats_nothing() {
    for (broken, (_, body)) in three_pages().iter().enumerate() {
        for len in 0..body.len() {
            for ending in [Ending::Complete, Ending::Broken, Ending::Stall] {
                for split in [Split::Whole, Split::Every(1), Split::Random(len as u64)] {
                    let mut world = World::new(cut_once(broken, len, ending));
                    world.split = split;
                    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
                    assert_eq!(world.line.sink, ITEMS, "page {broken}, byte {len}, {ending:?}, {split:?}");
                    let counters = world.line.counters;
                    assert_eq!((counters.requests, counters.retried, counters.items), (4, 1, 6));
                }
            }
        }
    }
}

#[test]
fn a_body_cut_short_is_an_error_not_a_last_page() {
    // All items were seen, and no key: what is missing is only the last brace.
    let body = b"{\"objects\": [1, 2]";
    let mut world = World::new(first([Answer::page(body)], site([("", page(&["1", "2"], ""))])));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!((world.arrivals.len(), world.rewinds()), (2, 1));
    assert_eq!(world.line.sink, ["1", "2"]);
}

#[test]
fn a_connection_that_breaks_behind_the_last_byte_is_not_trusted() {
    let whole = three_pages()[0].1.len();
    for ending in [Ending::Broken, Ending::Stall] {
        let mut world = World::new(cut_once(0, whole, ending));
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!((world.rewinds(), world.arrivals.len()), (1, 4));
        assert_eq!(world.line.sink, ITEMS);
    }
}

#[test]
fn a_page_broken_before_its_first_item_is_not_rewound() {
    for len in [0, 5, 14] {
        let mut world = World::new(cut_once(1, len, Ending::Broken));
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.rewinds(), 0, "{len} bytes");
    }
}

#[test]
fn a_broken_page_is_rewound_before_it_is_waited_for() {
    let mut world = World::new(cut_once(0, 40, Ending::Broken));
    world.run();
    let rewind = world.line.trace.iter().position(|event| matches!(event, Event::Rewind(_))).unwrap();
    assert_eq!(world.line.trace[rewind], Event::Rewind(1));
    assert!(matches!(world.line.trace[rewind + 1], Event::Wait { why: WaitReason::Backoff(_), .. }));
}

#[test]
fn silence_is_given_up_at_the_deadline_for_its_place() {
    let millis = Duration::from_millis;
    let settings = Settings {
        head_timeout: millis(1_000),
        idle_timeout: millis(500),
        page_timeout: millis(2_000),
        retry: RetryPolicy { budget: 0, ..RetryPolicy::DEFAULT },
        ..Settings::DEFAULT
    };
    let [(_, body), ..] = three_pages();
    let whole = Answer::page(body);
    let cases = [
        ("no head", Answer::nothing(Ending::Silence), 1_000),
        ("a head and no body", whole.clone().cut(0, Ending::Stall), 100 + 500),
        ("half a body", whole.clone().cut(30, Ending::Stall).slowly(10), 100 + 300 + 500),
        ("a body that drips", whole.slowly(400), 100 + 2_000),
        ("an error body that stops", Answer::status(404, "{\"ti").ending(Ending::Stall), 100 + 500),
    ];
    for (case, answer, given_up) in cases {
        let mut world = World::new(first([answer], site(three_pages())));
        (world.settings, world.split) = (settings, Split::Every(1));
        let failure = match world.outcome() {
            Outcome::Failed(failure) => failure,
            ended => panic!("{case}: {ended:?}"),
        };
        let expected = match case {
            // The status was the news, whatever becomes of the body.
            "an error body that stops" => Failure::NotFound { status: 404 },
            "no head" => Failure::Transport(TransportFault::Timeout),
            "a body that drips" => Failure::Transport(TransportFault::TooSlow),
            _ => Failure::Transport(TransportFault::Idle),
        };
        assert_eq!((failure, world.now), (expected, given_up), "{case}");
    }
}

#[test]
fn an_error_body_that_drips_costs_no_more_time_than_a_page() {
    let mut world = World::new(|_| Answer::status(404, "x".repeat(10_000)).slowly(29_000));
    world.split = Split::Every(1);
    assert_eq!(world.outcome(), Outcome::Failed(Failure::NotFound { status: 404 }));
    assert!(world.now <= 100 + 15 * 60_000, "given up after {} s", world.now / 1_000);
}

#[test]
fn a_server_that_goes_on_just_in_time_is_heard_out() {
    let mut world = World::new(|_| Answer::page(page(&["1"], "")).slowly(20_000));
    world.split = Split::Every(1);
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
}

#[test]
fn failures_beyond_the_budget_end_the_pull_and_a_new_one_completes_it() {
    let script = (0..4).map(|_| Answer::nothing(Ending::NoHead(TransportFault::Connect)));
    let mut pages = numbered(3);
    let mut faults: Vec<Answer> = script.collect();
    let mut world = World::new(move |asked: &Asked| match asked.key.as_str() {
        "1" => faults.pop().unwrap_or_else(|| pages(asked)),
        _ => pages(asked),
    });
    world.settings.retry.budget = 3;
    let failure = Failure::Transport(TransportFault::Connect);
    assert_eq!(world.outcome(), Outcome::Failed(failure));
    assert_eq!((world.line.sink.len(), world.line.counters.retried), (1, 3));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.line.sink, ["0", "1", "2"]);
}

#[test]
fn a_whole_page_fills_the_budget_up_again() {
    let mut pages = numbered(6);
    let mut fails = false;
    let mut world = World::new(move |asked: &Asked| {
        fails = !fails;
        if fails { Answer::nothing(Ending::NoHead(TransportFault::Broken)) } else { pages(asked) }
    });
    world.settings.retry.budget = 1;
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.line.counters.retried, 6);
}

#[test]
fn a_page_larger_than_allowed_ends_the_pull_at_the_same_byte_however_it_is_split() {
    let body = page(&["1", "2", "3"], "");
    for limit in 0..body.len() {
        for split in [Split::Whole, Split::Every(1), Split::Every(5)] {
            let mut world = World::new(site([("", body.clone())]));
            (world.settings.page_bytes, world.split) = (limit as u64, split);
            let failure = Failure::PageTooLarge { limit: limit as u64 };
            assert_eq!(world.outcome(), Outcome::Failed(failure), "{limit} bytes, {split:?}");
            assert_eq!((world.line.sink.len(), world.arrivals.len()), (0, 1));
        }
    }
    let mut world = World::new(site([("", body.clone())]));
    world.settings.page_bytes = body.len() as u64;
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
}

#[test]
fn a_page_without_end_stops_at_the_limit() {
    let endless = [b"{\"objects\": [".to_vec(), b"1,".repeat(10_000)].concat();
    let mut world = World::new(move |_| Answer::page(endless.clone()).ending(Ending::Stall));
    (world.settings.page_bytes, world.split) = (1_000, Split::Every(100));
    assert_eq!(world.outcome(), Outcome::Failed(Failure::PageTooLarge { limit: 1_000 }));
    assert_eq!(world.line.counters.bytes, 1_000);
}

#[test]
fn what_is_no_json_is_tried_again_once_and_then_named() {
    for body in [
        "<html><body>Welcome to the hotel</body></html>",
        "{\"objects\": [1, 2, nul]}",
        "\u{feff}\u{feff}{}",
        "}",
    ] {
        let mut world = World::new(move |_| Answer::page(body));
        let Outcome::Failed(Failure::Page(PageFault::Json(_))) = world.outcome() else { panic!("{body}") };
        assert_eq!((world.line.sink.len(), world.line.counters.retried), (0, 1), "the same byte twice");
        let mut world = World::new(first([Answer::page(body)], site(three_pages())));
        assert_eq!(
            (world.outcome(), world.line.sink),
            (Outcome::Complete(End::SaidSo), ITEMS.map(Into::into).to_vec())
        );
    }
}

#[test]
fn what_is_json_and_no_page_is_not_asked_for_again() {
    for body in ["[1, 2]", "{}", "{\"objects\": 1}", "\"page\"", "{\"objects\": [1], \"nextPageKey\": {}}"] {
        let mut world = World::new(move |_| Answer::page(body));
        assert!(matches!(world.outcome(), Outcome::Failed(Failure::Page(_))), "{body}");
        assert_eq!((world.line.sink.len(), world.arrivals.len()), (0, 1), "{body}");
    }
}

#[test]
fn an_error_body_without_end_is_read_up_to_its_limit() {
    for status in [200, 404, 401, 429, 503] {
        let mut world = World::new(move |_| Answer::status(status, "x".repeat(1 << 20)).slowly(1));
        world.settings.retry.budget = 0;
        world.settings.limit_patience = Duration::ZERO;
        (world.settings.error_bytes, world.split) = (1_000, Split::Every(7));
        assert!(matches!(world.outcome(), Outcome::Failed(_)));
        assert!(world.now <= 100 + 1_020, "{status}: {} ms", world.now);
    }
}

#[test]
fn a_hostile_head_is_as_good_as_a_plain_one() {
    let long = "9".repeat(70_000);
    let mut answer = Answer::page(page(&["1"], ""));
    for name in
        ["date", "retry-after", "location", "x-upcoming-maintenance-start", "x-upcoming-maintenance-end"]
    {
        for value in [
            "",
            "-1",
            "\u{1F4A3}",
            "9999999999999999999999",
            "\0\r\n",
            "Fri, 99 Foo 2027 99:99:99 GMT",
            &long,
        ] {
            answer = answer.field(name, value).field(&name.to_uppercase(), value);
        }
    }
    for n in 0..1_000 {
        answer = answer.field("x-upcoming-maintenance-", n).field("", "");
    }
    let statuses = [200, 0, 100, 204, 206, 418, 429, 503, 599, 600, u16::MAX];
    for status in statuses {
        let mut world =
            World::new(first([Answer { status, ..answer.clone() }], site([("", page(&["1"], ""))])));
        match (world.outcome(), status) {
            (Outcome::Complete(_), 204) => assert!(world.line.sink.is_empty()),
            (Outcome::Complete(End::SaidSo), 200 | 503..) => assert_eq!(world.line.sink, ["1"]),
            // A number beyond all numbers is a pause without end, and is not absent.
            (Outcome::Failed(Failure::Limit { .. }), 429) => {}
            (Outcome::Failed(Failure::Status { status: named }), _) => assert_eq!(named, status),
            (outcome, _) => panic!("{status}: {outcome:?}"),
        }
    }
}

#[test]
fn the_time_that_the_caller_takes_over_items_is_not_the_servers() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let (mut gate, mut buffer) = (gate(9, 1_000), [0; 64]);
    let mut pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, Instant::ZERO));
    pull.head(&mut gate, Instant::ZERO, 200, []);
    let body = page(&["1", "2", "3"], "7");
    let (mut rest, mut hours) = (&body[..], 0);
    // An hour for each item, and still the server is in time.
    while pull.body(Instant::from_millis(hours * 3_600_000), &mut rest).is_some() {
        hours += 1;
    }
    let now = Instant::from_millis(hours * 3_600_000 + 1_000);
    assert!(matches!(pull.step(&mut gate, now), Step::Receive { .. }));
    pull.end(&mut gate, now);
    assert!(matches!(pull.step(&mut gate, now), Step::Checkpoint));
}

#[test]
fn what_claims_to_be_no_json_or_ends_at_the_same_byte_is_tried_again_once_too() {
    let html = || Answer::page("<html>").field("Content-Type", "text/html");
    let mut world = World::new(move |_| html());
    assert_eq!(world.outcome(), Outcome::Failed(Failure::NotJson { media: Media::Html }));
    assert_eq!(world.arrivals.len(), 2);
    // Whole by its framing, and yet no whole page.
    let body = r#"{"objects":["#;
    let mut world = World::new(move |_| Answer::page(body));
    let offset = body.len() as u64;
    assert_eq!(world.outcome(), Outcome::Failed(Failure::Page(PageFault::CutShort { offset })));
    assert_eq!(world.arrivals.len(), 2);
}
