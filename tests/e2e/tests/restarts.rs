//! Restarts: a pull that is stopped and started again with nothing but its checkpoint and what was spent of the
//! windows goes on as if nothing had happened.

use tidegate_core::quota::{Window, Windows};
use tidegate_e2e::{Scenario, WINDOW};
use tidegate_simulator::{Config, Fault, Trigger, WindowKind};

#[test]
fn a_pull_restarted_after_every_page_loses_nothing_and_repeats_only_what_was_not_stored() {
    for restart_every in 1..=3 {
        let config = Config { items: 40, page_size: 4, ..Config::default() };
        let scenario = Scenario { restart_every: Some(restart_every), ..Scenario::new(config) };
        scenario.assert_complete(&scenario.run_everywhere());
    }
}

#[test]
fn restarts_do_not_spend_a_window_twice() {
    for window in [WindowKind::Epoch, WindowKind::FirstRequest, WindowKind::Timer, WindowKind::Sliding] {
        let config = Config { items: 120, page_size: 1, limit: 10, window, ..Config::default() };
        let windows = Windows::one(Window { limit: 10, ..WINDOW });
        let scenario = Scenario { restart_every: Some(3), windows, ..Scenario::new(config) };
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert_eq!(run.stats.rejected, 0, "{window:?}");
    }
}

#[test]
fn a_restart_in_the_middle_of_breakage_loses_nothing() {
    let faults = (1..60).filter(|n| n % 3 != 0).map(|n| (Trigger::Request(n), Fault::Cut { at: 30 * n }));
    let config = Config { items: 60, page_size: 4, faults: faults.collect(), ..Config::default() };
    let scenario = Scenario { restart_every: Some(2), ..Scenario::new(config) };
    scenario.assert_complete(&scenario.run_everywhere());
}
