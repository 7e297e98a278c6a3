//! Checkpoints: nothing is asked for before the latest one is stored, any of them gives the same rest, and none is taken
//! where it was not made.

use super::server::{Answer, Ending, ITEMS, first, numbered, page, site, three_pages};
use super::world::{BASE, Event, KEY, LIST, World, gate};
use crate::api::{Api, Endpoint, Project, comanage};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cursor::CursorFault;
use crate::page::Items;
use crate::pull::{End, Failure, Outcome, Oversized, Pull, PullError, Settings, Step, TransportFault};
use crate::time::Instant;
use std::boxed::Box;
use std::format;
use std::vec::Vec;

/// The world in which the power goes right after the first event of this kind on page `page`, counted from 0.
fn power_goes_on_page(page: u32, is_it: fn(&Event) -> bool) -> World {
    let mut world = World::new(site(three_pages()));
    let mut sent = 0;
    world.power_goes = Box::new(move |event| {
        sent += u32::from(matches!(event, Event::Sent { .. }));
        sent == page + 1 && is_it(event)
    });
    world
}

#[test]
fn the_next_request_waits_until_the_checkpoint_is_stored() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let (mut gate, mut buffer) = (gate(9, 1_000), [0; 64]);
    let mut pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, Instant::ZERO));
    pull.head(&mut gate, Instant::ZERO, 200, []);
    let body = page(&["1"], "7");
    let mut rest = &body[..];
    while pull.body(Instant::ZERO, &mut rest).is_some() {}
    pull.end(&mut gate, Instant::ZERO);
    for hours in 0..100 {
        let now = Instant::from_millis(hours * 3_600_000);
        let Step::Checkpoint = pull.step(&mut gate, now) else { panic!("after {hours} hours") };
        let behind = pull.behind();
        assert_eq!(behind.items(), 1);
        assert_eq!(pull.checkpoint().items(), 0, "it does not count yet");
    }
    pull.stored();
    assert_eq!(pull.checkpoint().items(), 1);
    assert!(matches!(pull.step(&mut gate, Instant::NEVER), Step::Send));
}

#[test]
fn every_page_has_its_checkpoint_behind_its_items_and_before_the_next_request() {
    let mut world = World::new(site(three_pages()));
    world.run();
    let order: Vec<char> = world.line.trace.iter().map(letter).collect();
    assert_eq!(order.into_iter().collect::<std::string::String>(), "siicsiicsiicd");
}

fn letter(event: &Event) -> char {
    match event {
        Event::Sent { .. } => 's',
        Event::Wait { .. } => 'w',
        Event::Item(_) | Event::Skipped { .. } => 'i',
        Event::Checkpoint(_) => 'c',
        Event::Rewind(_) => 'r',
        Event::Done(_) => 'd',
    }
}

#[test]
fn a_pull_that_ends_at_any_moment_is_gone_on_with_to_the_same_items() {
    let kinds: [fn(&Event) -> bool; 3] = [
        |event| matches!(event, Event::Sent { .. }),
        |event| matches!(event, Event::Item(_)),
        |event| matches!(event, Event::Checkpoint(_)),
    ];
    for (page, is_it) in (0..3).flat_map(|page| kinds.map(|kind| (page, kind))) {
        let mut world = power_goes_on_page(page, is_it);
        assert_eq!(world.run(), None);
        world.power_goes = Box::new(|_| false);
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.line.sink, ITEMS, "page {page}");
    }
}

#[test]
fn a_server_that_no_longer_knows_the_stored_place_is_told_from_one_that_fails() {
    for status in [400, 404, 410, 422] {
        let mut world = power_goes_on_page(0, |event| matches!(event, Event::Checkpoint(_)));
        assert_eq!(world.run(), None);
        let stored = world.line.stored;
        let resumed = |answers: Vec<Answer>| {
            let mut world = World::new(first(answers, move |_| Answer::status(status, "")));
            world.line.stored = stored;
            world.outcome()
        };
        assert_eq!(resumed(Vec::new()), Outcome::Failed(Failure::CursorExpired { status }));
        // A page since then has shown that it knows the place, and in a new pull there is none.
        let otherwise = match status {
            404 => Failure::NotFound { status },
            _ => Failure::Status { status },
        };
        assert_eq!(resumed(std::vec![Answer::page(page(&["4"], "70"))]), Outcome::Failed(otherwise));
        let mut world = World::new(move |_| Answer::status(status, ""));
        assert_eq!(world.outcome(), Outcome::Failed(otherwise));
    }
}

#[test]
fn a_checkpoint_of_any_page_gives_the_same_rest() {
    let mut whole = World::new(numbered(12));
    whole.run();
    let ends: Vec<_> = whole
        .line
        .trace
        .iter()
        .enumerate()
        .filter(|(_, event)| matches!(event, Event::Checkpoint(_)))
        .collect();
    assert_eq!(ends.len(), 12);
    for (at, end) in ends {
        let Event::Checkpoint(checkpoint) = end else { continue };
        let mut world = World::new(numbered(12));
        world.line.stored = Some(checkpoint.encode());
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        let without_times = |events: &[Event]| -> Vec<Event> {
            let plain = |event: &Event| match event {
                Event::Sent { target, .. } => Event::Sent { at: 0, target: target.clone() },
                other => other.clone(),
            };
            events.iter().map(plain).collect()
        };
        assert_eq!(without_times(&world.line.trace), without_times(&whole.line.trace[at + 1..]));
    }
}

#[test]
fn a_complete_checkpoint_is_done_without_a_request() {
    let mut world = World::new(site(three_pages()));
    world.run();
    world.line.trace.clear();
    let before = world.arrivals.len();
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.line.trace, [Event::Done(Outcome::Complete(End::SaidSo))]);
    assert_eq!(world.arrivals.len(), before);
}

#[test]
fn a_checkpoint_counts_over_restarts() {
    let large = format!("\"{}\"", "x".repeat(100));
    let pages = [("", page(&["1", &large], "5")), ("5", page(&[&large, "2", "3"], ""))];
    let mut world = World::new(site(pages));
    world.settings.oversized = Oversized::Skip;
    world.power_goes = Box::new(|event| matches!(event, Event::Checkpoint(_)));
    world.run();
    world.power_goes = Box::new(|_| false);
    world.run();
    let last = Checkpoint::decode(&world.line.stored.unwrap()).unwrap();
    assert_eq!((last.items(), last.skipped(), last.pages()), (3, 2, 2));
    let counters = world.line.counters;
    assert_eq!((counters.items, counters.skipped, counters.pages), (2, 1, 1), "of the second run alone");
}

#[test]
fn the_loop_guard_survives_a_restart() {
    let pages = [("", "1"), ("1", "2"), ("2", "3"), ("3", "1")];
    let mut world = World::new(site(pages.map(|(key, next)| (key, page(&["0"], next)))));
    // A restart after every page.
    world.power_goes = Box::new(|event| matches!(event, Event::Checkpoint(_)));
    for _ in 0..3 {
        assert_eq!(world.run(), None);
    }
    assert_eq!(world.outcome(), Outcome::Failed(Failure::Cursor(CursorFault::Cycle { key: 1 })));
    assert_eq!(world.arrivals.len(), 4);
}

#[test]
fn a_checkpoint_is_refused_where_it_was_not_made() {
    const OTHER_API: Api = Api { name: "Another API", ..comanage::API };
    let stored = {
        let mut world = World::new(numbered(2));
        world.run();
        world.line.stored.unwrap()
    };
    let cases: [(&Api, &str, Endpoint<'_>, Option<CheckpointError>); 8] = [
        (&comanage::API, BASE, LIST, None),
        (&OTHER_API, BASE, LIST, Some(CheckpointError::OtherApi)),
        (&comanage::API, "https://api.example:8443/base", LIST, Some(CheckpointError::OtherOrigin)),
        (&comanage::API, "https://other.example/base", LIST, Some(CheckpointError::OtherOrigin)),
        (&comanage::API, "https://api.example/other", LIST, Some(CheckpointError::OtherOrigin)),
        (&comanage::API, BASE, comanage::list("/others"), Some(CheckpointError::OtherEndpoint)),
        (&comanage::API, BASE, comanage::view_objects("/objects", 1), Some(CheckpointError::OtherEndpoint)),
        (&comanage::API, BASE, LIST.items_in(Items::Key("objects")), Some(CheckpointError::OtherEndpoint)),
    ];
    for (api, base, endpoint, refused) in cases {
        let project = Project::new(api, base, KEY).unwrap();
        let checkpoint = Some(Checkpoint::decode(&stored).unwrap());
        let pull = Pull::new(&project, &endpoint, &Settings::DEFAULT, &mut [], checkpoint);
        assert_eq!(pull.err(), refused.map(PullError::Checkpoint), "{base} {endpoint}");
    }
}

#[test]
fn another_key_of_the_same_project_takes_the_checkpoint() {
    let mut world = World::new(numbered(2));
    world.run();
    let project = Project::new(&comanage::API, BASE, "the-key-that-replaced-it").unwrap();
    let checkpoint = Checkpoint::decode(&world.line.stored.unwrap()).ok();
    assert!(Pull::new(&project, &LIST, &Settings::DEFAULT, &mut [], checkpoint).is_ok());
}

#[test]
fn a_pull_that_failed_keeps_the_checkpoint_of_its_last_whole_page() {
    let script = first([], numbered(5));
    let mut script = Box::new(script);
    let mut world = World::new(move |asked| match asked.key.as_str() {
        "3" if asked.earlier < 5 => {
            Answer::page(page(&["3"], "4")).cut(15, Ending::NoHead(TransportFault::Broken))
        }
        _ => script(asked),
    });
    world.settings.retry.budget = 0;
    assert!(matches!(world.outcome(), Outcome::Failed(Failure::Transport(TransportFault::Broken))));
    assert_eq!(Checkpoint::decode(&world.line.stored.unwrap()).unwrap().items(), 3);
    world.run();
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.line.sink, ["0", "1", "2", "3", "4"]);
}
