//! Several pulls through one gate: nobody starves, nobody sleeps while the gate is open to him, and nobody waits for a pull that
//! nobody asks.

use std::collections::HashMap;
use tidegate_core::Endpoint;
use tidegate_core::api::{Project, comanage, kontent, opsramp};
use tidegate_core::http::{Method, Parameter};
use tidegate_core::pull::Outcome;
use tidegate_core::quota::{Window, Windows};
use tidegate_core::time::{Duration, Instant};
use tidegate_field::together::{Answer, Departure, HeldAt, World};

const BASE: &str = "http://127.0.0.1:8080";
const CALL: Endpoint<'static> = Endpoint::call(Method::Get, "/things/1");

fn comanage_project() -> Project<'static> {
    Project::new(&comanage::API, BASE, "k3y-0f-the-harbour").expect("a usable project")
}

fn kontent_project() -> Project<'static> {
    Project::new(&kontent::API, BASE, "k3y-0f-the-harbour").expect("a usable project")
}

fn opsramp_project() -> Project<'static> {
    let project = Project::new(&opsramp::API, BASE, "s3cret-0f-the-harbour").expect("a usable project");
    project.with_tokens_of("http://127.0.0.1:8080/token", "harbour").expect("a usable token URL")
}

fn kontent_items() -> Endpoint<'static> {
    let items = tidegate_core::api::List::named(kontent::LISTS, "items").expect("a list");
    items.with("environment", Parameter::Text("e1"))
}

/// A limit that is never reached.
fn wide() -> Windows {
    Windows::one(Window::new(1_000, Duration::from_secs(1)))
}

fn window(limit: u32, seconds: u64) -> Windows {
    Windows::one(Window::new(limit, Duration::from_secs(seconds)))
}

const fn secs(seconds: u64) -> Instant {
    Instant::from_millis(seconds * 1_000)
}

/// A list of CoManage without end, or with so many pages.
fn comanage_pages(most: usize) -> impl FnMut(&Departure) -> Answer {
    let mut pages: HashMap<usize, usize> = HashMap::new();
    move |departure| {
        let page = pages.entry(departure.pull).or_default();
        *page += 1;
        let next = if *page < most { page.to_string() } else { "null".to_owned() };
        Answer::ok(format!(r#"{{"objects":[{{"id":{page}}}],"nextPageKey":{next}}}"#))
    }
}

/// A list of Kontent without end.
fn kontent_pages() -> impl FnMut(&Departure) -> Answer {
    let mut page = 0;
    move |_| {
        page += 1;
        Answer::ok(format!(
            r#"{{"items":[{{"id":{page}}}],"pagination":{{"continuation_token":"T{page}"}}}}"#
        ))
    }
}

/// The most requests that left within any such span.
fn busiest(departures: &[Departure], span: Duration) -> usize {
    let within = |first: &Departure| {
        departures.iter().filter(|other| other.at >= first.at && other.at < first.at.after(span)).count()
    };
    departures.iter().map(within).max().unwrap_or(0)
}

fn is_complete(outcome: Outcome) -> bool {
    format!("{outcome:?}").starts_with("Complete")
}

#[test]
fn twelve_single_requests_under_five_in_two_seconds_end_in_time() {
    let mut world = World::new(window(5, 2), |_: &Departure| Answer::ok("{}"));
    let calls: Vec<usize> = (0..12).map(|_| world.add(comanage_project(), CALL)).collect();
    world.run_until(secs(120));
    let ends: Vec<Instant> = calls.iter().map(|call| world.ended(*call).expect("it ended").0).collect();
    assert!(ends.iter().all(|end| *end <= Instant::from_millis(5_500)), "{ends:?}");
    assert_eq!(busiest(world.departures(), Duration::from_secs(2)), 5);
}

#[test]
fn single_requests_that_fail_at_once_do_not_hold_the_others_back() {
    let mut world = World::new(window(5, 2), |_: &Departure| Answer { status: 404, ..Answer::ok("{}") });
    let calls: Vec<usize> = (0..12).map(|_| world.add(comanage_project(), CALL)).collect();
    world.run_until(secs(120));
    let ends: Vec<Instant> = calls.iter().map(|call| world.ended(*call).expect("it ended").0).collect();
    assert!(ends.iter().all(|end| *end <= Instant::from_millis(5_500)), "{ends:?}");
}

#[test]
fn two_pulls_under_one_request_a_second_alternate() {
    let mut world = World::new(window(1, 1), comanage_pages(10));
    let pulls = [0, 1].map(|_| world.add(comanage_project(), comanage::list("/objects")));
    world.run_until(secs(120));
    let turns: Vec<usize> = world.departures().iter().map(|departure| departure.pull).collect();
    assert_eq!(turns.len(), 20);
    let together = &turns[..turns.len() - 2];
    assert!(together.windows(2).all(|pair| pair[0] != pair[1]), "{turns:?}");
    let ends = pulls.map(|pull| world.ended(pull).expect("it ended"));
    assert!(ends.iter().all(|(end, outcome)| is_complete(*outcome) && *end <= secs(28)), "{ends:?}");
}

#[test]
fn five_pulls_under_two_requests_a_second_each_get_their_share() {
    let mut world = World::new(window(2, 1), comanage_pages(1_000));
    let pulls = [0; 5].map(|_| world.add(comanage_project(), comanage::list("/objects")));
    world.run_until(secs(60));
    let pages = pulls.map(|pull| world.pages(pull).len());
    let all: usize = pages.iter().sum();
    assert!(all >= 85, "two in a second, its round trip and the slack: {pages:?}");
    assert!(pages.iter().all(|own| *own >= all / 6), "{pages:?}");
}

#[test]
fn where_one_request_at_a_time_is_wanted_each_pull_gets_its_share() {
    for count in 2..=4 {
        let mut world = World::new(wide(), kontent_pages());
        let pulls: Vec<usize> = (0..count).map(|_| world.add(kontent_project(), kontent_items())).collect();
        world.run_until(secs(30));
        let pages: Vec<usize> = pulls.iter().map(|pull| world.pages(*pull).len()).collect();
        let all: usize = pages.iter().sum();
        assert!(all >= 700, "a page takes 40 ms: {pages:?}");
        assert!(pages.iter().all(|own| *own >= all / (count + 1)), "{pages:?}");
    }
}

#[test]
fn where_one_request_at_a_time_is_wanted_no_two_are_under_way() {
    let mut world = World::new(wide(), kontent_pages());
    for _ in 0..3 {
        world.add(kontent_project(), kontent_items());
    }
    world.run_until(secs(10));
    let times: Vec<Instant> = world.departures().iter().map(|departure| departure.at).collect();
    let answer = Duration::from_millis(40);
    assert!(times.windows(2).all(|pair| pair[1].since(pair[0]) >= answer), "{times:?}");
}

#[test]
fn a_pull_that_comes_later_is_served_at_once_where_one_at_a_time_is_wanted() {
    let mut world = World::new(wide(), kontent_pages());
    world.add(kontent_project(), kontent_items());
    world.run_until(secs(10));
    let late = world.add(kontent_project(), kontent_items());
    world.run_until(secs(11));
    let first = world.pages(late).first().copied();
    assert!(first.is_some_and(|first| first <= Instant::from_millis(10_120)), "{first:?}");
}

#[test]
fn a_pull_that_nobody_asks_delays_another_by_nothing() {
    for at in [HeldAt::Send, HeldAt::Page, HeldAt::Checkpoint] {
        let mut world = World::new(wide(), kontent_pages());
        let held = world.add(kontent_project(), kontent_items());
        world.hold(held, at);
        world.run_until(Instant::from_millis(100));
        let other = world.add(kontent_project(), kontent_items());
        world.run_until(Instant::from_millis(1_100));
        let pages = world.pages(other).len();
        assert!(pages >= 24, "held at {at:?}: {pages} pages in a second, and one takes 40 ms");
    }
}

#[test]
fn a_pull_that_waits_and_is_not_asked_again_delays_another_by_nothing() {
    // The limit is used up by the first. The second waits, and is forgotten. The third has the next window to itself.
    let mut world = World::new(window(2, 1), comanage_pages(2));
    let first = world.add(comanage_project(), comanage::list("/objects"));
    world.run_until(Instant::from_millis(200));
    assert!(world.ended(first).is_some(), "two pages, and the limit is used up");
    let held = world.add(comanage_project(), comanage::list("/objects"));
    world.hold(held, HeldAt::Wait);
    world.run_until(Instant::from_millis(300));
    let other = world.add(comanage_project(), comanage::list("/objects"));
    world.run_until(secs(60));
    let (end, outcome) = world.ended(other).expect("it ended");
    assert!(is_complete(outcome) && end <= Instant::from_millis(2_300), "{end:?}");
}

#[test]
fn a_driver_that_goes_away_in_its_turn_gives_it_back() {
    // Its answer would never come.
    let mut world = World::new(wide(), |departure: &Departure| match departure.pull {
        0 => Answer::silence(),
        _ => Answer::ok(r#"{"items":[{"id":1}],"pagination":{"continuation_token":null}}"#),
    });
    let gone = world.add(kontent_project(), kontent_items());
    world.run_until(Instant::from_millis(10));
    let other = world.add(kontent_project(), kontent_items());
    world.run_until(Instant::from_millis(500));
    assert_eq!(world.departures().len(), 1, "it waits for its turn");
    world.drop_driver(gone);
    world.run_until(secs(60));
    let (end, outcome) = world.ended(other).expect("it ended");
    assert!(is_complete(outcome) && end <= Instant::from_millis(560), "{end:?}");
}

#[test]
fn whoever_waits_for_a_token_goes_on_when_it_comes() {
    let mut world = World::new(wide(), |departure: &Departure| {
        if departure.target == "/token" {
            let granted = r#"{"access_token":"granted","token_type":"bearer","expires_in":3600}"#;
            return Answer::ok(granted).after(Duration::from_millis(120));
        }
        Answer::ok(r#"{"results":[{"id":1}],"totalResults":1,"nextPage":false}"#)
    });
    let list = || opsramp::search("/things/search");
    let pulls = [0; 3].map(|_| world.add(opsramp_project(), list()));
    world.run_until(secs(60));
    let ends = pulls.map(|pull| world.ended(pull).expect("it ended"));
    // The token, and then a page; nothing in between.
    assert!(
        ends.iter().all(|(end, outcome)| is_complete(*outcome) && *end <= Instant::from_millis(165)),
        "{ends:?}"
    );
    assert_eq!(world.departures().iter().filter(|departure| departure.target == "/token").count(), 1);
}

#[test]
fn answers_that_overtake_each_other_do_not_raise_what_is_left() {
    // Three requests are answered with 2, 1 and 0 left, and the last of them is there first. A fourth waits for the reset.
    let mut left = 3_u64;
    let mut world = World::new(window(100, 60), move |_: &Departure| {
        left = left.saturating_sub(1);
        Answer::ok("{}")
            .with("X-RateLimit-Limit", "100")
            .with("X-RateLimit-Remaining", left.to_string())
            .with("X-RateLimit-Reset", "30")
            .after(Duration::from_millis(100 + left * 100))
    });
    for _ in 0..3 {
        world.add(comanage_project(), CALL);
    }
    world.run_until(secs(1));
    let fourth = world.add(comanage_project(), CALL);
    world.run_until(secs(120));
    let left = world.departures().iter().find(|departure| departure.pull == fourth).expect("it left");
    assert!(left.at >= secs(29), "{left:?}");
}

#[test]
fn timeouts_of_one_pull_do_not_slow_another_down() {
    // The first never gets an answer. The second is told that a few requests are left, which is true.
    let mut page = 0;
    let mut world = World::new(window(20, 1), move |departure: &Departure| {
        if departure.pull == 0 {
            return Answer::silence();
        }
        page += 1;
        Answer::ok(format!(r#"{{"objects":[{{"id":{page}}}],"nextPageKey":{page}}}"#))
            .with("X-RateLimit-Limit", "20")
            .with("X-RateLimit-Remaining", "3")
            .with("X-RateLimit-Reset", "1")
    });
    world.add(comanage_project(), comanage::list("/silent"));
    let other = world.add(comanage_project(), comanage::list("/objects"));
    world.run_until(secs(300));
    let in_minute = |minute: u64| {
        let pages = world.pages(other).iter();
        pages.filter(|at| at.as_millis() / 60_000 == minute).count()
    };
    let (first, last) = (in_minute(0), in_minute(4));
    assert!(
        first > 100 && last * 100 >= first * 95,
        "{first} pages in the first minute, {last} in the fifth"
    );
}
