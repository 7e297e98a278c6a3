//! Maintenance, announced and under way. No request is sent inside an announced window, by the server's own clock; a
//! server that refuses because of maintenance is left alone until its announced end, or asked gently.

use super::profiles::Objects;
use super::server::{Answer, Ending, first, numbered};
use super::world::{Asked, BASE, Event, KEY, LIST, NOON, Split, World, gate};
use crate::api::{Project, comanage};
use crate::gate::WaitReason;
use crate::pull::{End, Failure, Outcome, Pull, Settings};
use crate::retry::Cause;
use crate::time::{Duration, Instant, UnixTime};
use std::boxed::Box;
use std::format;
use std::string::ToString;

const START: &str = "X-Upcoming-Maintenance-Start";
const END: &str = "X-Upcoming-Maintenance-End";
const POLL: u64 = 60_000;

fn announcing(answer: Answer, start: u64, end: u64) -> Answer {
    answer.field(START, NOON + start).field(END, NOON + end)
}

/// The refusal as the vendor documents it.
fn refusal() -> Answer {
    let body = r#"{"title":"Server undergoing maintenance","status":503,
        "type":"https://schemas.nti.biz/comanage/errors/under-maintenance"}"#;
    Answer::status(503, body)
}

#[test]
fn no_request_is_sent_inside_an_announced_window() {
    let (start, end) = (30, 90);
    for phase in (0..3_000).step_by(137) {
        for (there, back) in [(40, 60), (0, 0), (900, 10), (10, 1_900), (10, 2_900)] {
            let mut pages = numbered(130);
            let mut world = World::new(move |asked: &Asked| announcing(pages(asked), start, end));
            world = world.limited(1, 300);
            (world.there, world.back) = (there, back);
            world.server_clock = Some(NOON * 1_000 + phase);
            assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
            let is_inside = |at: u64| (start * 1_000..end * 1_000).contains(&(at + phase));
            let (sent, arrived) = (world.sent(), &world.arrivals);
            assert!(!sent.iter().chain(arrived).any(|&at| is_inside(at)), "phase {phase}: {sent:?}");
            let first_after = sent.iter().find(|&at| at + phase >= end * 1_000).unwrap() + phase;
            assert!(first_after <= end * 1_000 + 4_000, "phase {phase}: it waits no longer than it must");
            let last_before = sent.iter().rfind(|&at| at + phase < start * 1_000).unwrap() + phase;
            assert!(last_before >= start * 1_000 - 11_000, "phase {phase}: it stops no earlier than it must");
        }
    }
}

#[test]
fn a_request_slower_than_all_before_it_does_not_arrive_inside_either() {
    for slow_from in (27_000..30_000).step_by(73) {
        let mut pages = numbered(400);
        let mut world = World::new(move |asked: &Asked| announcing(pages(asked), 30, 90));
        world.server_clock = Some(NOON * 1_000);
        (world.there, world.back) = (0, 100);
        world.power_goes = Box::new(move |event| matches!(event, Event::Sent { at, .. } if *at >= slow_from));
        world.run();
        world.there = 900;
        world.power_goes = Box::new(|_| false);
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert!(!world.arrivals.iter().any(|at| (30_000..90_000).contains(at)), "slow from {slow_from} ms");
    }
}

#[test]
fn a_window_announced_while_it_runs_is_waited_out() {
    let mut pages = numbered(3);
    let mut world = World::new(move |asked: &Asked| announcing(pages(asked), 0, 300));
    world.server_clock = Some(NOON * 1_000);
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.waits(), [(300_100, WaitReason::Maintenance)]);
}

#[test]
fn an_announcement_is_told() {
    let mut pages = numbered(1);
    let mut world = World::new(move |asked: &Asked| announcing(pages(asked), 3_600, 7_200));
    world.run();
    let announced = world.gate.announced_maintenance().unwrap();
    assert_eq!(announced.start(), UnixTime::from_secs(NOON + 3_600));
    assert_eq!(announced.end(), UnixTime::from_secs(NOON + 7_200));
}

#[test]
fn a_refusal_with_a_known_end_is_waited_out_until_then() {
    let mut world = World::new(first([announcing(refusal(), 0, 600)], numbered(2)));
    world.server_clock = Some(NOON * 1_000);
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.waits(), [(600_100, WaitReason::Maintenance)]);
    assert_eq!(world.line.counters.retried, 0, "it is no failure");
    assert_eq!(world.line.counters.waited.maintenance, Duration::from_secs(600));
}

#[test]
fn a_refusal_without_an_end_is_asked_again_gently() {
    let mut world = World::new(first((0..20).map(|_| refusal()), numbered(1)));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    for pair in world.sent().windows(2) {
        assert_eq!(pair[1] - pair[0], 100 + POLL);
    }
    assert_eq!(world.arrivals.len(), 21, "more often than failures are forgiven");
}

#[test]
fn an_end_that_is_over_or_cannot_be_placed_is_no_end() {
    // Without a `Date` the server's clock is unknown.
    let clock = (NOON + 1_000) * 1_000;
    for (clock, end) in [(Some(clock), 0), (Some(clock), 1), (Some(clock), 999), (None, 2_000)] {
        let mut world = World::new(first([announcing(refusal(), 0, end)], numbered(1)));
        world.server_clock = clock;
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.sent()[1], 100 + POLL, "{end}");
    }
}

#[test]
fn maintenance_beyond_patience_ends_the_pull() {
    let patience = Duration::from_secs(3_600);
    let polls = World::new(|_| refusal());
    let announced = World::new(|_| announcing(refusal(), 0, 3_700));
    for (mut world, requests) in [(polls, 61), (announced, 1)] {
        world.server_clock = Some(NOON * 1_000);
        world.settings.maintenance_patience = patience;
        assert!(matches!(world.outcome(), Outcome::Failed(Failure::Maintenance { .. })));
        assert_eq!(world.arrivals.len(), requests);
        assert!(world.line.counters.waited.maintenance <= patience);
    }
}

#[test]
fn patience_is_measured_by_the_clock_and_not_only_by_the_waits() {
    // Each answer takes 29 seconds, and a minute is waited after each.
    let limit = || Answer::status(429, "").field("Retry-After", 60);
    let table = [(250_000, 4), (266_999, 4), (267_000, 5)];
    for (answer, (patience, requests)) in
        [refusal(), limit()].iter().flat_map(|answer| table.map(|row| (answer, row)))
    {
        let answer = answer.clone();
        let mut world = World::new(move |_| answer.clone());
        (world.there, world.back) = (25_000, 4_000);
        world.server_clock = Some(NOON * 1_000);
        world.settings.head_timeout = Duration::from_secs(60);
        world.settings.limit_patience = Duration::from_millis(patience);
        world.settings.maintenance_patience = Duration::from_millis(patience);
        assert!(matches!(
            world.outcome(),
            Outcome::Failed(Failure::Maintenance { .. } | Failure::Limit { .. })
        ));
        assert_eq!(world.arrivals.len(), requests, "{patience}");
    }
}

#[test]
fn an_ordinary_503_is_retried_as_a_failure_of_the_server() {
    for body in ["", "upstream timed out", "{\"type\":\"about:blank\",\"status\":503}", "{\"type\":null}"] {
        let mut world = World::new(move |_| Answer::status(503, body));
        assert_eq!(world.outcome(), Outcome::Failed(Failure::Status { status: 503 }));
        assert_eq!(world.line.counters.retried, 10);
        assert!(world.waits().iter().all(|(_, why)| *why == WaitReason::Backoff(Cause::Status(503))));
    }
}

#[test]
fn the_type_of_maintenance_with_another_status_is_no_maintenance() {
    let mut world = World::new(|_| Answer { status: 500, ..refusal() });
    assert_eq!(world.outcome(), Outcome::Failed(Failure::Status { status: 500 }));
}

/// A refusal of which the type stands behind so many bytes.
fn refusal_behind(bytes: usize) -> Answer {
    let kind = comanage::API.maintenance.unwrap().problem_type;
    let noise = "x".repeat(bytes);
    Answer::status(503, format!("{{\"trace\":\"{noise}\",\"type\":\"{kind}\",\"more\":\"{noise}\"}}"))
}

#[test]
fn a_huge_refusal_is_understood_as_far_as_it_is_read_however_it_is_split() {
    for (bytes, why) in [(500, WaitReason::Maintenance), (2_000, WaitReason::Backoff(Cause::Status(503)))] {
        for split in [Split::Whole, Split::Every(1), Split::Every(999), Split::Random(4)] {
            let mut world = World::new(first([refusal_behind(bytes)], numbered(1)));
            (world.settings.error_bytes, world.split) = (1_000, split);
            assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
            assert_eq!(world.waits()[0].1, why, "{bytes} bytes, {split:?}");
        }
    }
}

#[test]
fn a_refusal_that_breaks_off_behind_its_type_is_understood() {
    for ending in [Ending::Broken, Ending::Stall] {
        let mut world = World::new(first([refusal().ending(ending)], numbered(1)));
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.waits()[0].1, WaitReason::Maintenance);
    }
}

#[test]
fn a_withdrawn_announcement_is_forgotten() {
    let mut pages = numbered(3);
    let mut world = World::new(move |asked: &Asked| match asked.earlier {
        0 => announcing(pages(asked), 15, 600),
        _ => pages(asked),
    });
    world.server_clock = Some(NOON * 1_000);
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.waits(), []);
}

#[test]
fn a_window_that_never_ends_does_not_park_the_gate_for_ever() {
    const YEAR_9999: u64 = 253_402_300_799;
    let mut pages = numbered(2);
    let mut world = World::new(move |asked: &Asked| match asked.earlier {
        0 => pages(asked).field(START, NOON).field(END, YEAR_9999),
        _ => pages(asked),
    });
    world.server_clock = Some(NOON * 1_000);
    assert!(matches!(world.outcome(), Outcome::Failed(Failure::Maintenance { .. })));
    world.now = 8 * 24 * 60 * 60 * 1_000;
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo), "a week later it is asked again");
}

#[test]
fn an_answer_tells_of_maintenance_only_what_is_new() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let mut gate = gate(200, 60_000);
    let (start, end) = ((NOON + 3_600).to_string(), (NOON + 7_200).to_string());
    let window = [(START, start.as_bytes()), (END, end.as_bytes())];
    for (fields, is_news) in [(&window[..0], false), (&window, true), (&window, false), (&window[..0], true)]
    {
        let mut buffer = [0; 64];
        let mut pull =
            Pull::<Objects>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
        let now = Instant::from_millis(1);
        assert!(pull.sent(&mut gate, now));
        let told = pull.head(&mut gate, now, 200, fields.iter().copied());
        assert_eq!(told.is_some(), is_news, "{fields:?}: {told:?}");
    }
}
