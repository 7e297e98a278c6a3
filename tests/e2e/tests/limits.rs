//! The limit when others use it too: rejections are waited out, hints are obeyed, patience ends.

use tidegate_core::gate::WaitReason;
use tidegate_core::pull::{Failure, Outcome, Settings};
use tidegate_core::time::Duration;
use tidegate_e2e::{SETTINGS, Scenario};
use tidegate_simulator::{Config, Fault, Trigger, WindowKind};

#[test]
fn a_rejection_without_a_hint_waits_a_whole_window() {
    let scenario = Scenario::three_pages([(Trigger::Request(2), Fault::RejectLimit)]);
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.counters().rejected, 1);
    assert_eq!(run.waits().iter().map(|&(_, why)| why).collect::<Vec<_>>(), [WaitReason::Rejected]);
    let times = run.send_times();
    assert_eq!(times[2].since(times[1]), Duration::from_millis(40 + 60_000 + 250));
}

#[test]
fn a_hint_of_the_server_is_obeyed() {
    let mut scenario = Scenario::three_pages([]);
    scenario.config =
        Config { limit: 2, retry_after: true, window: WindowKind::FirstRequest, ..scenario.config };
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.counters().rejected, 1, "the client believes in 200 requests and the server in 2");
    assert_eq!(run.waits().iter().map(|&(_, why)| why).collect::<Vec<_>>(), [WaitReason::RetryAfter]);
    assert_eq!(run.counters().waited.retry_after, Duration::from_secs(60));
}

#[test]
fn a_limit_that_is_never_free_ends_the_pull_with_its_patience() {
    let scenario = Scenario::three_pages([(Trigger::Every(1), Fault::RejectLimit)]);
    let settings = Settings { limit_patience: Duration::from_secs(300), ..SETTINGS };
    let run = Scenario { settings, ..scenario }.run_everywhere();
    assert!(matches!(run.outcome(), Outcome::Failed(Failure::Limit { .. })));
    assert_eq!(run.counters().rejected, 5, "one a minute");
    assert!(run.counters().waited.rejected <= Duration::from_secs(300));
}

#[test]
fn every_attempt_counts_failed_ones_too() {
    // Four of five requests fail, and every one of them was counted by the server.
    let faults = (0..40).filter(|n| n % 5 != 4).map(|n| (Trigger::Request(n + 1), Fault::Cut { at: 10 }));
    let mut scenario = Scenario::three_pages(faults);
    scenario.config.limit = 3;
    scenario.config.window = WindowKind::Sliding;
    scenario.windows =
        tidegate_core::quota::Windows::one(tidegate_core::quota::Window { limit: 3, ..tidegate_e2e::WINDOW });
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.stats.rejected, 0);
    assert!(run.counters().waited.quota > Duration::ZERO);
}
