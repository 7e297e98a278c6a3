//! Maintenance, announced and under way.

use tidegate_core::gate::WaitReason;
use tidegate_core::pull::{Failure, Outcome, Settings};
use tidegate_core::retry::Cause;
use tidegate_core::time::{Duration, UnixTime};
use tidegate_e2e::{SETTINGS, START, Scenario, Traced};
use tidegate_simulator::{Config, ErrorBody, Fault, Maintenance, Trigger};

fn seconds(after_start: u64) -> u64 {
    START.as_millis() + after_start * 1_000
}

/// Six hundred pages, which take more than two minutes; maintenance from second 90 until second 200.
fn scenario(announced_from: u64, phase_ms: u64) -> Scenario {
    let maintenance = Maintenance {
        announced_from: seconds(announced_from),
        start: seconds(90),
        end: seconds(200),
        headers_while_active: false,
    };
    let config = Config { items: 600, page_size: 1, maintenance: Some(maintenance), ..Config::default() };
    Scenario { start: UnixTime::from_millis(START.as_millis() + phase_ms), ..Scenario::new(config) }
}

#[test]
fn no_request_is_sent_inside_an_announced_window() {
    for phase_ms in [0, 1, 499, 999] {
        let scenario = scenario(0, phase_ms);
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert_eq!((run.stats.during_maintenance, run.counters().rejected), (0, 0));
        assert!(run.waits().iter().any(|&(_, why)| why == WaitReason::Maintenance));
        // The quota had it wait until second 120 anyway.
        assert!(run.counters().waited.maintenance > Duration::from_secs(75));
    }
}

#[test]
fn an_announcement_is_told_once_and_its_end_too() {
    let run = scenario(10, 0).run_everywhere();
    let told: Vec<_> = run
        .trace
        .iter()
        .filter_map(|traced| match traced {
            Traced::Maintenance(window) => Some(*window),
            _ => None,
        })
        .collect();
    assert_eq!(told, [Some((seconds(90) / 1_000, seconds(200) / 1_000)), None]);
}

#[test]
fn maintenance_that_nobody_announced_is_asked_about_gently() {
    let scenario = scenario(90, 0);
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert!((1..=3).contains(&run.stats.during_maintenance), "one request a minute");
}

#[test]
fn active_maintenance_is_waited_out_until_its_announced_end() {
    let mut scenario = scenario(90, 0);
    let maintenance = scenario.config.maintenance.as_mut().expect("there is one");
    maintenance.headers_while_active = true;
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.stats.during_maintenance, 1);
}

#[test]
fn without_a_date_the_devices_own_clock_places_the_announcement() {
    let mut scenario = scenario(0, 0);
    scenario.config.date = false;
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.stats.during_maintenance, 0);
}

#[test]
fn maintenance_that_outlasts_the_patience_ends_the_pull_at_once() {
    let settings = Settings { maintenance_patience: Duration::from_secs(60), ..SETTINGS };
    let run = Scenario { settings, ..scenario(0, 0) }.run_everywhere();
    assert!(matches!(run.outcome(), Outcome::Failed(Failure::Maintenance { .. })), "{:?}", run.outcome());
    assert_eq!(run.stats.during_maintenance, 0);
    assert!(!run.items.is_empty(), "what came before is stored");
}

#[test]
fn any_other_503_is_an_ordinary_error_of_the_server() {
    for body in [ErrorBody::Problem, ErrorBody::Html, ErrorBody::Empty] {
        let scenario = Scenario::three_pages([(Trigger::Request(2), Fault::Status { status: 503, body })]);
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        let reasons: Vec<_> = run.waits().iter().map(|&(_, why)| why).collect();
        assert_eq!(reasons, [WaitReason::Backoff(Cause::Status(503))]);
    }
}
