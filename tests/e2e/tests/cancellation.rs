//! The future of the microcontroller's driver is dropped, wherever it waits: the same client runs the same pull again, and
//! nothing is lost and nothing comes twice.

use tidegate_e2e::{Scenario, run_cut_off};
use tidegate_simulator::{Fault, Trigger};

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
fn a_driver_dropped_at_any_await_point_of_a_troubled_pull_loses_nothing() {
    let faults = [
        (Trigger::Request(1), Fault::CutWire { at: 40 }),
        (Trigger::Request(3), Fault::Cut { at: 900 }),
        (Trigger::Request(5), Fault::Stall { at: 700 }),
    ];
    let scenario = Scenario { chunk: 300, ..Scenario::three_pages(faults) };
    assert_survives_every_drop(&scenario, 60);
}
