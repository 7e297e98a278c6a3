//! What the microcontroller's driver does with its connections: which it keeps, which it closes, which it ends at once, and what
//! a lost network costs.

use tidegate_core::pull::{Outcome, Settings};
use tidegate_core::quota::{Window, Windows};
use tidegate_core::retry::RetryPolicy;
use tidegate_core::time::Duration;
use tidegate_e2e::{Connections, SETTINGS, Scenario, run_with_connection_ended, run_with_network_lost};
use tidegate_simulator::{Config, Fault, Trigger};

/// Six pages under a limit of two in a window.
fn two_at_a_time(window: Duration) -> Scenario {
    let config =
        Config { items: 6, page_size: 1, limit: 2, window_ms: window.as_millis(), ..Config::default() };
    Scenario { windows: Windows::one(Window::new(2, window)), ..Scenario::new(config) }
}

#[test]
fn a_connection_is_closed_before_a_long_wait() {
    let scenario = two_at_a_time(Duration::from_secs(60));
    let (run, connections) = run_with_network_lost(&scenario, None);
    scenario.assert_complete(&run);
    assert_eq!(connections, Connections { opened: 3, closed: 3, aborted: 0 });
}

#[test]
fn it_is_kept_over_a_short_one() {
    let scenario = two_at_a_time(Duration::from_secs(2));
    let (run, connections) = run_with_network_lost(&scenario, None);
    scenario.assert_complete(&run);
    assert_eq!(connections, Connections { opened: 1, closed: 1, aborted: 0 });
}

#[test]
fn one_that_broke_is_ended_at_once() {
    let scenario = Scenario::three_pages([(Trigger::Request(2), Fault::Stall { at: 300 })]);
    let (run, connections) = run_with_network_lost(&scenario, None);
    scenario.assert_complete(&run);
    assert_eq!(connections, Connections { opened: 2, closed: 1, aborted: 1 });
}

#[test]
fn one_that_the_server_has_ended_between_two_requests_is_ended_here_too_and_costs_nothing() {
    let scenario = Scenario::three_pages([]);
    let (run, connections) = run_with_connection_ended(&scenario, 2);
    scenario.assert_complete(&run);
    assert_eq!((run.counters().retried, run.counters().requests), (0, 3));
    assert_eq!(connections, Connections { opened: 2, closed: 1, aborted: 1 });
}

#[test]
fn a_lost_network_is_waited_for_and_costs_one_attempt() {
    let settings = Settings { retry: RetryPolicy { budget: 1, ..RetryPolicy::DEFAULT }, ..SETTINGS };
    let scenario = Scenario { settings, ..Scenario::three_pages([]) };
    let away = Duration::from_secs(5 * 3_600);
    let (run, connections) = run_with_network_lost(&scenario, Some((2, away)));
    assert!(matches!(run.outcome(), Outcome::Complete(_)), "{:?}", run.outcome());
    scenario.assert_complete(&run);
    assert_eq!((run.counters().retried, run.counters().requests), (1, 4));
    assert_eq!(connections, Connections { opened: 2, closed: 1, aborted: 1 });
}
