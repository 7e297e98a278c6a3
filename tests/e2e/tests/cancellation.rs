//! The future of the microcontroller's driver is dropped, wherever it waits: the same client runs the same pull again, and
//! nothing is lost and nothing comes twice.

use tidegate_core::api::{kontent, opsramp};
use tidegate_core::gate::WaitReason;
use tidegate_core::http::Parameter;
use tidegate_core::pull::Settings;
use tidegate_core::quota::{Window, Windows};
use tidegate_core::retry::RetryPolicy;
use tidegate_core::time::Duration;
use tidegate_e2e::{SETTINGS, Scenario, Tokens, run_cut_off, run_with_timeouts};
use tidegate_simulator::opsramp::{DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_TENANT};
use tidegate_simulator::{Config, Fault, Service, Trigger};

fn assert_survives_every_drop(scenario: &Scenario, least_waits: usize) {
    for polls in 1.. {
        let (run, was_dropped) = run_cut_off(scenario, polls);
        scenario.assert_complete(&run);
        if !was_dropped {
            assert!(polls > least_waits, "only {polls} points at which the driver waits");
            return;
        }
    }
}

#[test]
fn a_driver_dropped_at_any_await_point_loses_nothing() {
    let scenario = Scenario { chunk: 200, ..Scenario::three_pages([]) };
    assert_survives_every_drop(&scenario, 50);
}

#[test]
fn a_drop_costs_no_retry() {
    let settings = Settings { retry: RetryPolicy { budget: 0, ..RetryPolicy::DEFAULT }, ..SETTINGS };
    let scenario = Scenario { chunk: 200, settings, ..Scenario::three_pages([]) };
    assert_survives_every_drop(&scenario, 50);
}

#[test]
fn a_timeout_around_the_driver_costs_a_place_in_the_limit_and_nothing_else() {
    let settings = Settings { retry: RetryPolicy { budget: 0, ..RetryPolicy::DEFAULT }, ..SETTINGS };
    let faults = (1..=7).map(|request| (Trigger::Request(request), Fault::StallBeforeHead));
    let (limit, window) = (5, Duration::from_secs(60));
    let config = Config { limit, window_ms: window.as_millis(), ..Scenario::three_pages(faults).config };
    let windows = Windows::one(Window::new(limit, window));
    let scenario = Scenario { settings, windows, ..Scenario::new(config) };
    let run = run_with_timeouts(&scenario, Duration::from_secs(2));
    scenario.assert_complete(&run);
    assert_eq!((run.counters().retried, run.counters().requests, run.counters().rejected), (0, 10, 0));
    assert_eq!((run.stats.requests, run.stats.rejected), (10, 0), "the server has counted what was dropped");
    let reasons: Vec<_> = run.waits().into_iter().map(|(_, why)| why).collect();
    assert!(
        reasons.iter().all(|why| matches!(why, WaitReason::Limit(_))),
        "nothing failed, so nothing is waited for but the limit: {reasons:?}"
    );
    assert!(!reasons.is_empty(), "what was dropped keeps its place in the limit");
}

#[test]
fn a_driver_dropped_at_any_await_point_of_a_troubled_pull_loses_nothing() {
    let faults = [
        (Trigger::Request(1), Fault::CutWire { at: 40 }),
        (Trigger::Request(3), Fault::Cut { at: 900 }),
        (Trigger::Request(5), Fault::Stall { at: 700 }),
    ];
    let scenario = Scenario { chunk: 300, ..Scenario::three_pages(faults) };
    assert_survives_every_drop(&scenario, 60);
}

#[test]
fn a_driver_dropped_at_any_await_point_of_a_pull_with_tokens_loses_nothing() {
    let config = tidegate_simulator::opsramp::Config { items: 6, page_size: 3, ..Default::default() };
    let endpoint = opsramp::LISTS[0].endpoint.with("tenant", Parameter::Text(DEFAULT_TENANT));
    let scenario = Scenario {
        tokens: Some(Tokens { url: opsramp::TOKEN_PATH, client_id: DEFAULT_KEY, extra: None }),
        key: DEFAULT_SECRET.to_owned(),
        chunk: 300,
        ids: 6,
        ..Scenario::of(&opsramp::API, Service::OpsRamp(config), endpoint)
    };
    assert_survives_every_drop(&scenario, 50);
}

#[test]
fn a_driver_dropped_at_any_await_point_of_a_pull_by_page_tokens_loses_nothing() {
    let config = tidegate_simulator::kontent::Config { items: 5, page_size: 2, ..Default::default() };
    let environment = Parameter::Text("14372844-0a5d-434a-8423-605b8a631623");
    let endpoint = kontent::LISTS[0].endpoint.with("environment", environment);
    let scenario = Scenario { chunk: 300, ..Scenario::of(&kontent::API, Service::Kontent(config), endpoint) };
    assert_survives_every_drop(&scenario, 30);
}
