//! The limit when others use it too: rejections are waited out, hints are obeyed, patience ends.

use tidegate_core::gate::WaitReason;
use tidegate_core::pull::{Failure, Outcome, Settings};
use tidegate_core::quota::{Pace, Reason, Sharing, Terms, Windows};
use tidegate_core::time::Duration;
use tidegate_e2e::{SETTINGS, Scenario, WINDOW};
use tidegate_simulator::{Config, Fault, LimitFields, Trigger, WindowKind};

#[test]
fn a_rejection_without_a_hint_looks_for_the_windows_end() {
    let scenario = Scenario::three_pages([(Trigger::Request(2), Fault::RejectLimit)]);
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.counters().rejected, 1);
    let reason = Reason::Rejected(WINDOW);
    assert_eq!(run.waits().iter().map(|&(_, why)| why).collect::<Vec<_>>(), [WaitReason::Limit(reason)]);
    // An eighth of a window, for nothing is known of when it ends.
    let times = run.send_times();
    assert_eq!(times[2].since(times[1]), Duration::from_millis(40 + 7_500));
}

#[test]
fn a_hint_of_the_server_is_obeyed() {
    let mut scenario = Scenario::three_pages([]);
    scenario.config =
        Config { limit: 2, retry_after: true, window: WindowKind::FirstRequest, ..scenario.config };
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.counters().rejected, 1, "the client believes in 200 requests and the server in 2");
    let reasons: Vec<_> = run.waits().iter().map(|&(_, why)| why).collect();
    assert_eq!(reasons, [WaitReason::Limit(Reason::RetryAfter)]);
    assert_eq!(run.counters().waited.retry_after, Duration::from_secs(60));
}

#[test]
fn a_limit_that_is_never_free_ends_the_pull_with_its_patience() {
    let scenario = Scenario::three_pages([(Trigger::Every(1), Fault::RejectLimit)]);
    let settings = Settings { limit_patience: Duration::from_secs(300), ..SETTINGS };
    let run = Scenario { settings, ..scenario }.run_everywhere();
    assert!(matches!(run.outcome(), Outcome::Failed(Failure::Limit { .. })));
    assert!(run.counters().rejected <= 300 / 7 + 1, "{} in five minutes", run.counters().rejected);
    let starved = WaitReason::Limit(Reason::Starved(WINDOW));
    assert!(run.waits().iter().any(|&(_, why)| why == starved), "it is said that others take all of it");
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

/// A thousand pages of one item.
fn thousand_pages(config: Config) -> Scenario {
    Scenario::new(Config { items: 1_000, page_size: 1, ..config })
}

#[test]
fn beside_others_a_pull_completes_on_every_kind_of_limiter_and_seldom_asks_in_vain() {
    for window in WindowKind::ALL {
        for sharing in [Sharing::Greedy, Sharing::Fair, Sharing::Polite] {
            let terms = Terms { sharing, ..Terms::DEFAULT };
            let config = Config { window, others_per_window: 80, ..Config::default() };
            let scenario = Scenario { terms, ..thousand_pages(config) };
            let run = scenario.run_virtually();
            scenario.assert_complete(&run);
            let (rejected, end) = (run.stats.rejected, run.send_times().last().copied());
            let windows = end.map_or(0, |end| end.as_millis() / 60_000) + 1;
            assert!(rejected <= 10 * windows, "{window:?} {sharing:?}: {rejected} in {windows} windows");
        }
    }
}

#[test]
fn every_driver_shares_a_limit_alike() {
    for (window, sharing) in [
        (WindowKind::Timer, Sharing::Fair),
        (WindowKind::Epoch, Sharing::Greedy),
        (WindowKind::Sliding, Sharing::Polite),
        (WindowKind::Bucket, Sharing::Fair),
    ] {
        let terms = Terms { sharing, ..Terms::DEFAULT };
        let config = Config { window, others_per_window: 120, ..Config::default() };
        let scenario = Scenario { terms, ..thousand_pages(config) };
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert!(run.stats.rejected > 0, "{window:?}: others use it too");
    }
}

#[test]
fn no_request_is_rejected_by_a_server_that_tells_of_its_limit() {
    for limit_fields in [LimitFields::RateLimit, LimitFields::XRateLimit] {
        for window in [WindowKind::Epoch, WindowKind::FirstRequest, WindowKind::Timer] {
            // The client believes in 200, and learns better; others take a third of what there is, but never the last.
            let config = Config { limit: 30, window, limit_fields, ..Config::default() };
            let scenario = Scenario::new(Config { items: 200, page_size: 1, ..config });
            let run = scenario.run_everywhere();
            scenario.assert_complete(&run);
            assert_eq!(run.stats.rejected, 0, "{window:?} {limit_fields:?}");
            assert!(run.waits().iter().any(|(_, why)| *why == WaitReason::Limit(Reason::ServerQuota)));
        }
    }
}

#[test]
fn a_rejection_is_waited_out_until_the_fields_say_when_there_is_no_retry_after() {
    let config = Config { limit_fields: LimitFields::XRateLimit, ..Config::default() };
    let scenario = Scenario::three_pages([(Trigger::Request(2), Fault::RejectLimit)]);
    let scenario = Scenario {
        config: Config {
            limit_fields: config.limit_fields,
            window: WindowKind::FirstRequest,
            ..scenario.config
        },
        ..scenario
    };
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.waits().len(), 1);
    assert!(matches!(run.waits()[0].1, WaitReason::Limit(Reason::RetryAfter | Reason::ServerQuota)));
    let times = run.send_times();
    let waited = times[2].since(times[1]).as_millis();
    assert!((59_000..=61_500).contains(&waited), "{waited} ms, to the end of the window");
}

#[test]
fn a_reserve_an_even_pace_and_a_share_are_kept_over_every_driver() {
    let pulled = |terms, windows: Windows| {
        let scenario = Scenario {
            terms,
            windows,
            ..Scenario::new(Config { items: 120, page_size: 1, ..Config::default() })
        };
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert_eq!(run.stats.rejected, 0);
        run.stats.busiest_window
    };
    let all = Windows::one(WINDOW);
    assert_eq!(pulled(Terms { reserve: 150, ..Terms::DEFAULT }, all), 50);
    assert_eq!(pulled(Terms::DEFAULT, all.share(1, 4)), 50);
    assert_eq!(pulled(Terms { pace: Pace::Even, ..Terms::DEFAULT }, all), 120);
    assert_eq!(pulled(Terms { pace: Pace::Even, ..Terms::DEFAULT }, all.share(1, 4)), 50);
}

#[test]
fn what_rejections_taught_is_not_forgotten_in_a_restart() {
    let config = Config { window: WindowKind::Timer, others_per_window: 120, ..Config::default() };
    let terms = Terms { sharing: Sharing::Greedy, ..Terms::DEFAULT };
    let undisturbed = Scenario { terms, ..thousand_pages(config) };
    let restarted = Scenario { restart_every: Some(60), ..undisturbed.clone() };
    let time = |scenario: &Scenario| {
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        run.send_times().last().map_or(0, |end| end.as_millis())
    };
    let (without, with) = (time(&undisturbed), time(&restarted));
    // What is left of the window in hand is not known after a restart, so up to a window is lost each time.
    assert!(with <= without + 16 * 60_000, "{without} ms, with restarts {with} ms");
}
