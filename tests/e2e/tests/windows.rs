//! Alone on a limiter of any kind, at the vendor's own size: no request is ever rejected, and little time is lost.

use tidegate_core::time::UnixTime;
use tidegate_e2e::{START, Scenario};
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
fn a_thousand_pages_alone_are_never_rejected_whatever_the_window() {
    for window in WindowKind::ALL {
        let scenario = thousand_pages(window, 0);
        let run = scenario.run_everywhere();
        assert_never_rejected(&scenario, &run);
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

#[test]
fn the_whole_pull_takes_no_longer_than_its_windows_and_round_trips() {
    for window in WindowKind::ALL {
        let run = thousand_pages(window, 0).run_everywhere();
        let end = run.send_times().last().copied().expect("a request").as_millis() + 40;
        // Five windows' worth of pages: four whole windows, a round trip and the slack each, and the last 200 round trips.
        let bound = 4 * (60_000 + 40 + 250) + 200 * 40;
        assert!(end.abs_diff(bound) * 50 <= bound, "{window:?}: {end} ms, {bound} ms expected");
    }
}
