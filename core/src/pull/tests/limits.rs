//! The server's limit. Alone, a pull is never rejected, whatever the phase of the server's window; with others, it waits
//! as long as the server says, or a whole window, and no longer than its patience.

use super::server::{Answer, Ending, first, http_date, numbered};
use super::world::{Asked, BASE, Event, KEY, LIST, Line, NOON, World, gate, window};
use crate::api::{Project, comanage};
use crate::gate::WaitReason;
use crate::profile::{Capabilities, Profile};
use crate::pull::{End, Failure, Outcome, Pull, Settings, Step, TransportFault};
use crate::quota::Reason;
use crate::time::{Duration, Instant};
use std::boxed::Box;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

const LIMIT: u32 = 4;
const WINDOW: u64 = 10_000;

/// Fails if any window of that length, whatever its phase, holds more than the limit.
fn check_limit(arrivals: &[u64]) {
    for span in arrivals.windows(LIMIT as usize + 1) {
        assert!(span[LIMIT as usize] - span[0] > WINDOW, "{} requests in a window: {span:?}", span.len());
    }
}

/// A server that rejects what is too much in windows of this phase, and counts rejected requests too.
fn strict(phase: u64, mut then: impl FnMut(&Asked) -> Answer) -> impl FnMut(&Asked) -> Answer {
    let (mut window, mut count) = (0, 0);
    move |asked| {
        let now = (asked.at + phase) / WINDOW;
        (window, count) = (now, if now == window { count + 1 } else { 1 });
        if count > LIMIT { Answer::status(429, "{}") } else { then(asked) }
    }
}

#[test]
fn no_window_of_any_phase_holds_more_than_the_limit() {
    for phase in (0..WINDOW).step_by(313) {
        for (there, back) in [(40, 60), (0, 0), (1_900, 0), (0, 1_900)] {
            let mut world = World::new(strict(phase, numbered(20))).limited(LIMIT, WINDOW);
            (world.there, world.back) = (there, back);
            assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
            assert_eq!(world.line.counters.rejected, 0, "phase {phase}");
            check_limit(&world.arrivals);
        }
    }
}

/// An engine with what the list needs and no more: it neither learns from rejections nor reads what is said of the limit.
enum Least {}

impl Profile for Least {
    const CAPABILITIES: Capabilities = Capabilities::of(&comanage::API).and(&LIST);
}

#[test]
fn an_engine_that_learns_nothing_keeps_the_limit_too() {
    for phase in (0..WINDOW).step_by(313) {
        for (there, back) in [(40, 60), (0, 0), (1_900, 0), (0, 1_900)] {
            let mut world = World::new(strict(phase, numbered(20))).limited(LIMIT, WINDOW);
            (world.there, world.back) = (there, back);
            let mut lines = [Line::default(), Line::default()];
            let outcomes = world.run_with::<Least>(&mut lines);
            assert_eq!(outcomes, [Some(Outcome::Complete(End::SaidSo)); 2]);
            for line in lines {
                assert_eq!((line.sink.len(), line.counters.rejected), (20, 0), "phase {phase}");
            }
            check_limit(&world.arrivals);
        }
    }
}

#[test]
fn an_engine_that_learns_nothing_waits_for_a_whole_window_after_a_rejection_or_as_long_as_it_is_told() {
    let told = || Answer::status(429, "").field("Retry-After", "4");
    for (answer, waits) in [(Answer::status(429, ""), WINDOW + 250), (told(), 4_000)] {
        let mut world = World::new(first([answer], numbered(2))).limited(60, WINDOW);
        let mut lines = [Line::default()];
        assert_eq!(world.run_with::<Least>(&mut lines), [Some(Outcome::Complete(End::SaidSo))]);
        assert_eq!(world.arrivals[1] - world.arrivals[0], 100 + waits);
        assert_eq!(lines[0].counters.rejected, 1);
    }
}

#[test]
fn the_whole_of_each_window_is_used() {
    let mut world = World::new(numbered(12)).limited(LIMIT, WINDOW);
    world.run();
    let sent = world.sent();
    for (number, at) in sent.iter().enumerate().skip(LIMIT as usize) {
        assert_eq!(*at, sent[number - LIMIT as usize] + 100 + WINDOW + 250, "request {number}");
    }
    let reason = WaitReason::Limit(Reason::Window(window(LIMIT, WINDOW)));
    assert!(world.waits().iter().all(|(_, why)| *why == reason));
}

#[test]
fn every_attempt_counts_failed_and_silent_ones_too() {
    let mut pages = numbered(8);
    let mut world = World::new(move |asked: &Asked| match asked.earlier % 5 {
        0 => Answer::nothing(Ending::Silence),
        1 => Answer::nothing(Ending::NoHead(TransportFault::Broken)),
        2 => Answer::status(500, ""),
        3 => pages(asked).cut(5, Ending::Complete),
        _ => pages(asked),
    })
    .limited(LIMIT, WINDOW);
    world.settings.head_timeout = Duration::from_millis(300);
    world.settings.retry.first = Duration::from_millis(10);
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.arrivals.len(), 40);
    check_limit(&world.arrivals);
}

#[test]
fn an_attempt_that_failed_counts_from_its_failure() {
    let failures = [Answer::nothing(Ending::NoHead(TransportFault::Broken)), Answer::status(500, "")];
    for failure in failures {
        let mut world = World::new(first([failure], numbered(1))).limited(1, WINDOW);
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.sent(), [0, 100 + WINDOW + 250]);
    }
}

#[test]
fn a_rejection_without_a_hint_looks_for_the_windows_end() {
    let mut world = World::new(first([Answer::status(429, "{}")], numbered(1))).limited(60, 60_000);
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    let reason = Reason::Rejected(window(60, 60_000));
    assert_eq!(world.waits(), [(100 + 7_500, WaitReason::Limit(reason))]);
    let counters = world.line.counters;
    assert_eq!((counters.rejected, counters.retried), (1, 0), "it is no failure");
    assert_eq!(counters.waited.rejected, Duration::from_millis(7_500));
}

#[test]
fn retry_after_is_obeyed_in_every_form_of_a_time() {
    // The server's clock is known to within its second and the round trip.
    let dated = [
        http_date(NOON + 30),
        (NOON + 30).to_string(),
        format!("{}.0", NOON + 30),
        ((NOON + 30) * 1_000).to_string(),
        "2027-01-15T08:00:30Z".into(),
        "2027-01-15T10:00:30.000+02:00".into(),
        "\"2027-01-15T08:00:30\"".into(),
        "Fri Jan 15 08:00:30 2027".into(),
        "Friday, 15-Jan-27 08:00:30 GMT".into(),
    ];
    let dated = dated.map(|value| (value, 30_100, Reason::RetryAfter));
    let others = [
        ("7".into(), 7_100, Reason::RetryAfter),
        ("7.5".into(), 7_600, Reason::RetryAfter),
        ("\"7\"".into(), 7_100, Reason::RetryAfter),
        ("2, 7".into(), 7_100, Reason::RetryAfter),
        ("0".into(), 3_100, Reason::RetryAfter),
        (http_date(NOON - 30), 3_100, Reason::RetryAfter),
        ((NOON - 30).to_string(), 3_100, Reason::RetryAfter),
        ("soon".into(), 7_600, Reason::Rejected(window(60, 60_000))),
        ("-7".into(), 7_600, Reason::Rejected(window(60, 60_000))),
    ];
    for (value, until, why) in dated.into_iter().chain(others) {
        let value: String = value;
        let answer = Answer::status(429, "").field("Retry-After", &value);
        let mut world = World::new(first([answer], numbered(1))).limited(60, 60_000);
        world.server_clock = Some(NOON * 1_000 + 500);
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.waits(), [(until, WaitReason::Limit(why))], "{value}");
    }
}

#[test]
fn a_time_is_as_well_known_on_a_device_that_has_run_for_an_hour() {
    const HOUR: u64 = 3_600_000;
    let answer = Answer::status(429, "").field("Retry-After", http_date(NOON + 30));
    let mut world = World::new(first([answer], numbered(1))).limited(60, 60_000);
    world.now = HOUR;
    world.server_clock = Some(NOON * 1_000 + 500 - HOUR);
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.waits(), [(HOUR + 30_100, WaitReason::Limit(Reason::RetryAfter))]);
}

#[test]
fn a_403_that_names_a_pause_or_says_that_nothing_is_left_is_a_limit() {
    let body = r#"{"message":"Out of call volume quota"}"#;
    let refused = || Answer::status(403, body).field("Content-Type", "application/json");
    let limits = [
        // Azure API Management; GitHub's secondary and primary limit; the structured field.
        refused().field("Retry-After", 2),
        refused().field("retry-after", 2).field("X-RateLimit-Remaining", 7),
        refused().field("X-RateLimit-Remaining", 0).field("X-RateLimit-Reset", NOON + 3),
        refused().field("RateLimit", "\"default\";r=0;t=2"),
        refused().field("X-RateLimit-Remaining", 0),
    ];
    for answer in limits {
        let shown = format!("{:?}", answer.fields);
        let mut world = World::new(first([answer], numbered(2))).limited(60, 60_000);
        world.server_clock = Some(NOON * 1_000 + 500);
        assert_eq!((world.outcome(), world.line.sink.len()), (Outcome::Complete(End::SaidSo), 2), "{shown}");
        assert_eq!((world.line.counters.rejected, world.line.counters.retried), (1, 0), "{shown}");
        assert!(world.sent()[1] >= 2_100, "{shown}: {:?}", world.sent());
    }
    let others = [
        refused(),
        refused().field("X-RateLimit-Remaining", 7),
        refused().field("Retry-After", "soon"),
        Answer::status(401, body).field("Retry-After", 2),
    ];
    for answer in others {
        let (status, shown) = (answer.status, format!("{:?}", answer.fields));
        let mut world = World::new(first([answer], numbered(2))).limited(60, 60_000);
        assert_eq!(world.outcome(), Outcome::Failed(Failure::Credential { status }), "{shown}");
    }
}

#[test]
fn a_403_that_is_a_limit_for_ever_ends_with_the_patience() {
    let mut world = World::new(|_| Answer::status(403, "").field("Retry-After", 60)).limited(60, 60_000);
    world.settings.limit_patience = Duration::from_secs(200);
    assert!(matches!(world.outcome(), Outcome::Failed(Failure::Limit { .. })));
    assert!(world.now <= 200_000 && world.arrivals.len() <= 4, "{} {:?}", world.now, world.arrivals);
}

#[test]
fn of_several_pauses_the_longest_is_waited_for() {
    let moment = (NOON + 30).to_string();
    for fields in [["2", "30"], ["30", "2"], ["soon", "30"], ["2", &moment], [&moment, "2"]] {
        let answer = Answer::status(429, "").field("Retry-After", fields[0]).field("retry-after", fields[1]);
        let mut world = World::new(first([answer], numbered(1))).limited(60, 60_000);
        world.server_clock = Some(NOON * 1_000 + 500);
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.waits(), [(30_100, WaitReason::Limit(Reason::RetryAfter))], "{fields:?}");
    }
}

#[test]
fn a_moment_that_a_limit_names_in_any_field_is_waited_for() {
    for (name, value) in [
        ("X-RateLimit-Reset", (NOON + 30).to_string()),
        ("X-RateLimit-Reset", ((NOON + 30) * 1_000).to_string()),
        ("X-RateLimit-Reset", "30".into()),
        ("X-RateLimit-Reset", "2027-01-15T08:00:30Z".into()),
        ("X-RateLimit-Reset-After", "30.0".into()),
        ("RateLimit-Reset", "30".into()),
        ("RateLimit", "\"x\";r=0;t=30".into()),
        ("RateLimit", format!("\"x\";r=0;t={}", NOON + 30)),
        ("RateLimit", "limit=60, remaining=0, reset=30".into()),
    ] {
        let answer = Answer::status(429, "").field(name, &value);
        let mut world = World::new(first([answer], numbered(1))).limited(60, 60_000);
        world.server_clock = Some(NOON * 1_000 + 500);
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        let (until, _) = world.waits()[0];
        assert!((30_100..=30_350).contains(&until), "{name}: {value}: until {until}");
    }
}

#[test]
fn a_limit_that_others_use_up_ends_the_pull_with_its_patience() {
    let mut world = World::new(|_| Answer::status(429, "{}")).limited(60, 60_000);
    world.settings.limit_patience = Duration::from_millis(95_000);
    let Outcome::Failed(Failure::Limit { .. }) = world.outcome() else { panic!() };
    assert_eq!(world.arrivals.len(), 13, "one every seven and a half seconds");
    assert!(world.now < 95_000);
    let starved = WaitReason::Limit(Reason::Starved(window(60, 60_000)));
    assert_eq!(
        world.waits().iter().filter(|(_, why)| *why == starved).count(),
        5,
        "after a whole window of it"
    );
}

#[test]
fn a_server_that_says_for_too_long_that_nothing_is_left_ends_the_pull_with_its_patience() {
    let mut pages = numbered(3);
    let mut world = World::new(move |asked: &Asked| {
        pages(asked).field("X-RateLimit-Remaining", 0).field("X-RateLimit-Reset", NOON + 7_200)
    })
    .limited(60, 60_000);
    world.server_clock = Some(NOON * 1_000);
    let Outcome::Failed(Failure::Limit { wait }) = world.outcome() else { panic!() };
    assert!(wait > Duration::from_secs(7_000), "{wait}");
    assert_eq!((world.line.sink.len(), world.arrivals.len()), (1, 1), "what came before is stored");
    // Later, from the checkpoint, it goes on.
    world.now += 7_300_000;
    world.settings.limit_patience = Duration::MAX;
    world.server = std::boxed::Box::new(numbered(3));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
}

#[test]
fn a_page_between_rejections_restores_patience() {
    let mut pages = numbered(10);
    let mut world = World::new(move |asked: &Asked| match asked.earlier % 3 {
        2 => pages(asked),
        _ => Answer::status(429, "{}"),
    })
    .limited(LIMIT, WINDOW);
    world.settings.limit_patience = Duration::from_millis(25_000);
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
}

#[test]
fn a_pause_of_ten_years_parks_neither_the_pull_nor_the_gate() {
    let ten_years = 315_360_000_u64;
    for status in [429, 503] {
        let answer = Answer::status(status, "").field("Retry-After", ten_years);
        let mut world = World::new(first([answer], numbered(2))).limited(LIMIT, WINDOW);
        let failure = match world.outcome() {
            Outcome::Failed(failure) => failure,
            _ => panic!("{status}"),
        };
        assert!(matches!(failure, Failure::Limit { .. } | Failure::Status { status: 503 }), "{failure:?}");
        assert!(world.now < 1_000, "it is said at once");
        world.now = 24 * 60 * 60 * 1_000 + 1_000;
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo), "{status}: a day later all is well");
    }
}

#[test]
fn a_pause_without_end_is_no_wait_without_end() {
    for value in [
        "18446744073709551616",
        "18446744073709551615",
        "18446744073709551",
        "9999999999999",
        "99999999999999999999999999999",
    ] {
        let answer = Answer::status(429, "").field("Retry-After", value);
        let mut world = World::new(first([answer], numbered(2))).limited(LIMIT, WINDOW);
        world.settings.limit_patience = Duration::MAX;
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert!(world.now <= 24 * 60 * 60 * 1_000 + 20_000);
    }
}

#[test]
fn two_pulls_through_one_gate_share_the_window() {
    for phase in (0..WINDOW).step_by(1_111) {
        let mut world = World::new(strict(phase, numbered(10))).limited(LIMIT, WINDOW);
        let mut lines = [Line::default(), Line::default()];
        let outcomes = world.run_side_by_side(&mut lines);
        assert_eq!(outcomes, [Some(Outcome::Complete(End::SaidSo)); 2]);
        check_limit(&world.arrivals);
        for line in lines {
            assert_eq!((line.sink.len(), line.counters.rejected), (10, 0));
        }
    }
}

#[test]
fn a_rejection_of_one_pull_holds_the_other_back_too() {
    let mut world = World::new(first([Answer::status(429, "")], numbered(2))).limited(60, 60_000);
    world.there = 0;
    let mut lines = [Line::default(), Line::default()];
    world.run_side_by_side(&mut lines);
    // The other one's first request was on its way already.
    assert!(world.arrivals[2] - world.arrivals[1] >= 3_000, "{:?}", world.arrivals);
}

#[test]
fn what_was_spent_before_a_restart_is_not_spent_twice() {
    for off in [0, 1, 3_000, 9_000, 20_000] {
        let mut world = World::new(numbered(9)).limited(LIMIT, WINDOW);
        let mut pages = 0;
        world.power_goes = Box::new(move |event| {
            pages += u32::from(matches!(event, Event::Checkpoint(_)));
            pages == 3
        });
        assert_eq!(world.run(), None);
        let (stored_at, then) = (world.now, Instant::from_millis(world.now));
        let (held, hints) = (world.gate.held(then).collect::<Vec<_>>(), world.gate.hints(then));
        let in_flight = world.gate.in_flight(then);
        assert_eq!(in_flight, 0);

        // One request more goes out that nothing was stored of, but that was expected.
        world.power_goes = Box::new(|event| matches!(event, Event::Sent { .. }));
        assert_eq!(world.run(), None);
        world.now += off;
        let elapsed = Duration::from_millis(world.now - stored_at);
        world.gate = gate(LIMIT, WINDOW);
        let held = held.into_iter().map(|held| held.later(elapsed));
        world.gate.restore(held, in_flight + 1, hints.later(elapsed), Instant::from_millis(world.now));
        world.power_goes = Box::new(|_| false);
        assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
        assert_eq!(world.line.sink, (0..9).map(|n| format!("{n}")).collect::<Vec<_>>());
        check_limit(&world.arrivals);
    }
}

#[test]
fn of_two_pulls_that_were_both_told_to_send_only_one_takes_the_last_slot() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let mut gate = gate(1, 60_000);
    let mut pulls: Vec<Pull<'_>> = Vec::new();
    let mut buffers = [[0; 64]; 2];
    for buffer in &mut buffers {
        pulls.push(Pull::new(&project, &LIST, &Settings::DEFAULT, buffer, None).unwrap());
    }
    for pull in &mut pulls {
        assert!(matches!(pull.step(&mut gate, Instant::ZERO), Step::Send));
    }
    let left: Vec<bool> = pulls.iter_mut().map(|pull| pull.sent(&mut gate, Instant::ZERO)).collect();
    assert_eq!(left, [true, false]);
    assert!(matches!(
        pulls[1].step(&mut gate, Instant::ZERO),
        Step::Wait { why: WaitReason::Limit(Reason::Window(_)), .. }
    ));
}

#[test]
fn patience_with_the_limit_is_not_used_up_by_maintenance() {
    // A rejection, two hours of maintenance, a rejection: the limit alone took two minutes.
    let maintenance = r#"{"type":"https://schemas.nti.biz/comanage/errors/under-maintenance"}"#;
    let hours = Answer::status(503, maintenance).field("Retry-After", 7_200);
    let answers = [Answer::status(429, "{}"), hours, Answer::status(429, "{}")];
    let mut world = World::new(first(answers, numbered(1)));
    world.settings.limit_patience = Duration::from_secs(180);
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.line.counters.waited.maintenance, Duration::from_secs(7_200));
}

#[test]
fn a_pull_that_waits_for_itself_alone_keeps_no_other_waiting() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let mut gate = gate(200, 60_000);
    let (mut ours, mut theirs) = ([0; 64], [0; 64]);
    let mut failed = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    let mut other = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    let now = Instant::from_millis(1);
    assert!(failed.sent(&mut gate, now));
    failed.failed(&mut gate, now, TransportFault::Broken);
    assert!(matches!(failed.step(&mut gate, now), Step::Wait { why: WaitReason::Backoff(_), .. }));
    assert!(matches!(other.step(&mut gate, now), Step::Send));
}

#[test]
fn a_server_that_is_ready_at_once_is_asked_again_as_after_a_failure() {
    let again = Answer::status(425, "").field("Retry-After", "0");
    let mut world = World::new(first([again], numbered(1)));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.line.counters.retried, 1);
}

#[test]
fn a_wait_that_takes_all_of_the_patience_is_borne_and_one_more_millisecond_is_not() {
    let rejected = || first([Answer::status(429, "").field("Retry-After", "30")], numbered(1));
    let mut world = World::new(rejected());
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    let wait = world.line.counters.waited.retry_after;
    for (patience, is_borne) in [(wait, true), (wait.minus(Duration::from_millis(1)), false)] {
        let mut world = World::new(rejected());
        world.settings.limit_patience = patience;
        assert_eq!(world.outcome() == Outcome::Complete(End::SaidSo), is_borne, "{patience}");
    }
}
