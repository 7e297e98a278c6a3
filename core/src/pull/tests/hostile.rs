//! A server that says the same for ever, or that stops a list in the middle, and drivers that go away at a bad moment.

use super::complete::{CONTACTS, PROCESSES, RESOURCES, pulled_with};
use super::invented::*;
use super::server::Answer;
use super::world::{BASE, KEY, World};
use crate::cursor::CursorFault;
use crate::gate::Gate;
use crate::pull::{End, Failure, Outcome, Pull, Settings, Step};
use crate::quota::{LimiterKind, Slot, Terms, Window, Windows};
use crate::time::Duration;
use std::string::String;
use std::vec::Vec;
use std::{format, vec};

#[test]
fn a_server_that_always_says_that_the_limit_is_reached_ends_the_pull_whatever_the_window() {
    for (limit, period) in [(1, 60_000), (1, 3_600_000), (2, 600_000), (200, 60_000)] {
        for pause in ["", "0", "1", "70"] {
            let mut world = World::new(move |_| match pause {
                "" => Answer::status(429, ""),
                pause => Answer::status(429, "").field("Retry-After", pause),
            })
            .limited(limit, period);
            let outcome = world.outcome();
            assert!(
                matches!(outcome, Outcome::Failed(Failure::Limit { .. })),
                "{limit} in {period}, {pause}: {outcome:?} after {} requests",
                world.arrivals.len()
            );
            assert!(world.arrivals.len() < 320, "{} requests", world.arrivals.len());
        }
    }
}

#[test]
fn a_server_that_is_always_under_maintenance_ends_the_pull_whatever_the_window() {
    let kind = "https://schemas.nti.biz/comanage/errors/under-maintenance";
    for (limit, period) in [(1, 60_000), (1, 600_000), (200, 60_000)] {
        let mut world = World::new(move |_| Answer::status(503, format!(r#"{{"type":"{kind}"}}"#)))
            .limited(limit, period);
        let outcome = world.outcome();
        assert!(
            matches!(outcome, Outcome::Failed(Failure::Maintenance { .. })),
            "{limit} in {period}: {outcome:?} after {} requests",
            world.arrivals.len()
        );
        assert!((60..=721).contains(&world.arrivals.len()), "{} requests", world.arrivals.len());
    }
}

#[test]
fn a_server_that_is_always_about_to_be_ready_is_not_asked_more_than_once_a_second() {
    for (status, pause) in [(202, "0.001"), (425, "0.2"), (202, "0.9")] {
        let mut world = World::new(move |_| Answer::status(status, "").field("Retry-After", pause));
        let outcome = world.outcome();
        assert_eq!(outcome, Outcome::Failed(Failure::Status { status }));
        let closest = world.arrivals.windows(2).map(|pair| pair[1] - pair[0]).min();
        assert!(closest >= Some(500), "{closest:?} ms apart, {} requests", world.arrivals.len());
        assert!(world.arrivals.len() < 1_000, "{} requests", world.arrivals.len());
    }
}

#[test]
fn a_row_that_came_twice_is_not_counted_for_one_that_never_came() {
    // The server has no fixed order: a row comes on two pages, and another on none.
    let came = pulled_with(
        &RESOURCES,
        8,
        None,
        &[],
        &[
            r#"{"results":[{"id":1},{"id":2},{"id":3}],"totalResults":6,"nextPage":true}"#,
            r#"{"results":[{"id":3},{"id":5},{"id":6}],"totalResults":6,"nextPage":false}"#,
        ],
    );
    assert_eq!((came.outcome, came.ids()), (Outcome::Incomplete { missing: 1 }, vec![1, 2, 3, 5, 6]));
    assert_eq!(came.stored.missing(), 1);
    // A row that was added meanwhile pushes another on: those that were there when the list began all came.
    let came = pulled_with(
        &RESOURCES,
        8,
        None,
        &[],
        &[
            r#"{"results":[{"id":1},{"id":2},{"id":3}],"totalResults":6,"nextPage":true}"#,
            r#"{"results":[{"id":3},{"id":4},{"id":5}],"totalResults":7,"nextPage":true}"#,
            r#"{"results":[{"id":6}],"totalResults":7,"nextPage":false}"#,
        ],
    );
    assert_eq!((came.outcome, came.ids().len()), (Outcome::Complete(End::SaidSo), 6));
    // One that was removed is not missed.
    let came = pulled_with(
        &CONTACTS,
        8,
        None,
        &[],
        &[
            r#"{"meta":{"limit":2,"offset":0,"next":"/x/?offset=2","total_count":4},"objects":[{"id":1},{"id":2}]}"#,
            r#"{"meta":{"limit":2,"offset":2,"next":null,"total_count":3},"objects":[{"id":2},{"id":4}]}"#,
        ],
    );
    assert_eq!((came.outcome, came.ids().len()), (Outcome::Complete(End::SaidSo), 3));
}

#[cfg(feature = "tokens")]
#[test]
fn no_content_in_the_middle_of_a_list_does_not_say_that_nothing_follows() {
    use crate::cursor::{Ends, Pager, Place};
    use crate::page::{Items, Name};
    let pager = Pager::Token { place: Place::Query("token"), field: "next" };
    let list = crate::api::Endpoint::new("/list", Items::Key("rows"), pager);
    let page = Answers(200, r#"{"rows":[{"id":1}],"next":"a"}"#);
    let fault = CursorFault::Silent { member: Name::new("next") };
    let empty = Outcome::Complete(End::EmptyPage);
    let table = [
        (list, Outcome::Failed(Failure::Cursor(fault))),
        (list.ending_by(Ends::SAID.or_empty_page()), empty),
        (list.ending_by(Ends::ABSENCE), Outcome::Complete(End::SaidSo)),
    ];
    for (list, expected) in table {
        let ran = once(&list, &[Answers(200, GRANT), page, Answers(204, "")]);
        assert_eq!((ran.outcome, ran.items.len()), (expected, 1));
        let ran = once(&list, &[Answers(200, GRANT), Answers(204, "")]);
        assert_eq!(ran.outcome, Outcome::Complete(End::SaidSo), "an empty list");
    }
    // Where the server counts, its total says what is missing.
    let ran = once(&LIST, &[Answers(200, GRANT), FIRST_PAGE, Answers(204, "")]);
    assert_eq!(ran.outcome, Outcome::Incomplete { missing: 1 });
    let said = Answers(200, r#"{"rows":[{"id":1}],"more":true}"#);
    let ran = once(&LIST, &[Answers(200, GRANT), said, Answers(204, "")]);
    let fault = CursorFault::Silent { member: Name::new("more") };
    assert_eq!(ran.outcome, Outcome::Failed(Failure::Cursor(fault)));
}

#[test]
fn pages_with_nothing_new_on_them_do_not_come_for_ever() {
    // A cache drops the query, and the rows of each answer have the time in them, or another order. What the server counts is
    // no more than the page has.
    let page = |rows: &[String]| -> &'static str {
        let rows = rows.join(",");
        r#"{"data":[ROWS],"paging":{"nextPage":"/p?PageNumber=2","totalCount":3}}"#
            .replace("ROWS", &rows)
            .leak()
    };
    let changing: Vec<_> =
        (0..150).map(|n| page(&[1, 2, 3].map(|id| format!(r#"{{"id":{id},"now":{n}}}"#)))).collect();
    let came = pulled_with(&PROCESSES, 16, None, &[], &changing);
    assert_eq!(came.outcome, Outcome::Failed(Failure::Cursor(CursorFault::EmptyPages { pages: 100 })));
    assert_eq!((came.asked.len(), came.counters.updated), (102, 300));
    // As many as the server counts may all have come, so one page more is none too many.
    let six: Vec<_> = changing.iter().map(|page| &*page.replace(":3}}", ":6}}").leak()).collect();
    let came = pulled_with(&PROCESSES, 16, None, &[], &six);
    assert_eq!((came.asked.len(), came.counters.updated), (103, 303));
    // Many rows of one id are as many rows, where the server counts as many.
    let rows: Vec<_> = (0..150)
        .map(|n| {
            &*page(&[1, 2, 3].map(|id| format!(r#"{{"id":{id},"row":{n}}}"#)))
                .replace(":3}}", ":600}}")
                .leak()
        })
        .collect();
    let came = pulled_with(
        &PROCESSES,
        16,
        None,
        &[],
        &[&rows[..], &[r#"{"data":[],"paging":{"nextPage":null}}"#]].concat(),
    );
    assert_eq!((came.outcome, came.items.len()), (Outcome::Incomplete { missing: 150 }, 450));
    let mut seed = 1_usize;
    let shuffled: Vec<_> = (0..150)
        .map(|_| {
            let mut rows: Vec<_> = (1..=9).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
            for at in 0..9 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                rows.swap(at, (seed >> 33) % 9);
            }
            page(&rows)
        })
        .collect();
    let came = pulled_with(&PROCESSES, 16, None, &[], &shuffled);
    assert_eq!(came.outcome, Outcome::Failed(Failure::Cursor(CursorFault::EmptyPages { pages: 100 })));
    assert_eq!((came.items.len(), came.asked.len()), (9, 102));
}

#[test]
fn a_request_whose_driver_went_away_is_not_on_its_way() {
    let window = Window::new(60, Duration::from_secs(60)).kind(LimiterKind::Counter);
    let windows = Windows::one(window);
    let mut gate = Gate::new(windows, Terms::DEFAULT, vec![Slot::FREE; windows.slots()]).unwrap().unused();
    let project = crate::api::Project::new(&crate::api::comanage::API, BASE, KEY).unwrap();
    let endpoint = super::world::LIST;
    let mut one = [0; 64];
    let mut gone = Pull::new(&project, &endpoint, &Settings::DEFAULT, &mut one, None).unwrap();
    assert!(matches!(gone.step(&mut gate, at(0)), Step::Send));
    assert!(gone.sent(&mut gate, at(0)));
    gone.abandoned(&mut gate, at(10));
    assert_eq!(gate.in_flight(at(10)), 0);
}

#[test]
fn a_token_that_was_being_read_does_not_stay_when_the_driver_goes_away() {
    let (project, mut gate, mut buffer) = (project(), gate(), [0; 256]);
    let mut pull =
        Pull::new(&project, &super::invented::LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(matches!(pull.step(&mut gate, at(0)), Step::Send) && pull.sent(&mut gate, at(0)));
    pull.head(&mut gate, at(1), 200, []);
    let mut part = &GRANT.as_bytes()[..30];
    assert!(pull.body(at(1), &mut part).is_none());
    pull.abandoned(&mut gate, at(2));
    assert_eq!(buffer, [0; 256]);
}
