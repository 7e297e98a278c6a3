//! Alone on a limiter of any kind, at the vendor's own size: no request is ever rejected, and little time is lost.

use tidegate_core::quota::{LimiterKind, Windows};
use tidegate_core::time::UnixTime;
use tidegate_e2e::{START, Scenario, WINDOW};
use tidegate_simulator::{Config, WindowKind};

/// A thousand pages of one item, at several phases of the server's windows.
fn thousand_pages(window: WindowKind, phase_ms: u64) -> Scenario {
    let config = Config { items: 1_000, page_size: 1, window, ..Config::default() };
    Scenario { start: UnixTime::from_millis(START.as_millis() + phase_ms), ..Scenario::new(config) }
}

fn assert_never_rejected(scenario: &Scenario, run: &tidegate_e2e::Run) {
    scenario.assert_complete(run);
    assert_eq!((run.stats.rejected, run.counters().rejected), (0, 0));
    assert_eq!(run.stats.requests, 1_000);
    assert!(run.stats.busiest_window <= 200, "{} requests in 60 s", run.stats.busiest_window);
}

#[test]
fn a_thousand_pages_alone_are_never_rejected_and_take_no_longer_than_their_windows_and_round_trips() {
    for window in WindowKind::ALL {
        let scenario = thousand_pages(window, 0);
        let run = scenario.run_everywhere();
        assert_never_rejected(&scenario, &run);
        let end = run.send_times().last().copied().expect("a request").as_millis() + 40;
        // Five windows' worth of pages: four whole windows, a round trip and the slack each, and the last 200 round trips.
        let bound = 4 * (60_000 + 40 + 250) + 200 * 40;
        assert!(end.abs_diff(bound) * 50 <= bound, "{window:?}: {end} ms, {bound} ms expected");
    }
}

#[test]
fn nor_at_any_phase_of_the_window() {
    for window in [WindowKind::Epoch, WindowKind::FirstRequest, WindowKind::Timer, WindowKind::Sliding] {
        for phase_ms in (0..60_000).step_by(6_997) {
            let scenario = thousand_pages(window, phase_ms);
            assert_never_rejected(&scenario, &scenario.run_virtually());
        }
    }
}

/// The same with what the client knows of the limiter's kind.
fn thousand_pages_on(window: WindowKind, kind: LimiterKind, phase_ms: u64) -> Scenario {
    Scenario { windows: Windows::one(WINDOW.kind(kind)), ..thousand_pages(window, phase_ms) }
}

const NAMED: [(WindowKind, LimiterKind); 4] = [
    (WindowKind::Counter, LimiterKind::Counter),
    (WindowKind::SmallBucket { burst: 5 }, LimiterKind::Bucket { burst: 5 }),
    (WindowKind::SmallBucket { burst: 1 }, LimiterKind::Bucket { burst: 1 }),
    // An even pace is safe on any limiter.
    (WindowKind::Timer, LimiterKind::Counter),
];

#[test]
fn a_limiter_that_takes_bursts_badly_rejects_nothing_if_it_is_named() {
    for (window, kind) in NAMED {
        for phase_ms in (0..60_000).step_by(23_003) {
            let scenario = thousand_pages_on(window, kind, phase_ms);
            let run = scenario.run_virtually();
            scenario.assert_complete(&run);
            assert_eq!((run.stats.rejected, run.stats.requests), (0, 1_000), "{window:?} {phase_ms}");
            let end = run.send_times().last().copied().expect("a request").as_millis();
            // A thousandth of an even line, a round trip for each where no two may come at once.
            let round_trips = if kind == (LimiterKind::Bucket { burst: 1 }) { 999 * 40 } else { 0 };
            let bound = 999 * 300 + round_trips;
            assert!(end * 100 <= bound * 102, "{window:?} {phase_ms}: {end} ms, {bound} ms expected");
        }
    }
    let (window, kind) = NAMED[0];
    thousand_pages_on(window, kind, 0).run_everywhere();
}

#[test]
fn one_that_is_not_named_rejects_a_request_or_two_and_no_share_is_given_away() {
    for window in WindowKind::UNEVEN {
        for phase_ms in (0..60_000).step_by(13_007) {
            let scenario = thousand_pages_on(window, LimiterKind::Unknown, phase_ms);
            let run = scenario.run_virtually();
            scenario.assert_complete(&run);
            assert!((1..=2).contains(&run.stats.rejected), "{window:?} {phase_ms}: {}", run.stats.rejected);
            let end = run.send_times().last().copied().expect("a request").as_millis();
            assert!(end * 100 <= 999 * 300 * 105, "{window:?} {phase_ms}: {end} ms");
        }
    }
}
