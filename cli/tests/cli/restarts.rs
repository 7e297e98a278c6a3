//! What a restart must not forget: what was spent of the limit, request by request, and what the server said.

use crate::common::{Api, Directory, Running, config, ends_with, pull_with_state, signal, unix_ms};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tidegate_simulator::{Config, Fault, Maintenance, Trigger, WindowKind};

#[test]
fn a_program_stopped_many_times_in_each_window_gets_on_and_is_never_rejected() {
    let running = Arc::new(AtomicU32::new(0));
    let target = Arc::clone(&running);
    let config = Config { limit: 10, window_ms: 2_000, window: WindowKind::Sliding, ..config(250, 10) };
    let api = Api::watched(config, move |_| {
        let pid = loop {
            match target.load(Ordering::SeqCst) {
                0 => std::hint::spin_loop(),
                pid => break pid,
            }
        };
        signal(pid, "TERM");
    });
    let directory = Directory::new("stopped_many_times");
    let mut command = pull_with_state(&api, &directory, &["-v", "--limit", "10", "--window", "2s"]);
    let began = Instant::now();
    let mut stops = 0;
    loop {
        running.store(0, Ordering::SeqCst);
        let mut child = Running::start(&mut command);
        running.store(child.pid(), Ordering::SeqCst);
        // It is stopped at its first request, or in the wait before that.
        let said = child.says("waiting: the limit");
        if said.is_ok() {
            child.signal("TERM");
        }
        match child.end().0 {
            Some(0) => break,
            Some(6) => stops += 1,
            code => panic!("it ended with {code:?} and said {said:?}"),
        }
        assert!(began.elapsed() < Duration::from_secs(30), "no end after {stops} stops: {:?}", api.stats());
    }
    assert!(directory.read("objects.ndjson") == api.expected());
    // A request that was on its way when the program was stopped is sent again.
    assert!(api.stats().requests >= 25, "{:?}", api.stats());
    assert_eq!(api.stats().rejected, 0);
    assert!(stops > 25, "it was stopped in its waits too: {stops}");
}

#[test]
fn a_restart_sends_nothing_into_announced_maintenance() {
    for name in ["TERM", "KILL"] {
        let now = unix_ms();
        // So soon that only one request is sent before it.
        let (start, end) = (now + 5_000, now + 3_600_000);
        let maintenance = Some(Maintenance { announced_from: 0, start, end, headers_while_active: true });
        let api = Api::start(Config { maintenance, ..config(200, 50) });
        let directory = Directory::new(&format!("announced_maintenance_{name}"));
        let mut child = Running::start(&mut pull_with_state(&api, &directory, &[]));
        child.until_it_says("waiting until");
        child.signal(name);
        child.end();
        let extra = ["--maintenance-patience", "1s"];
        for _ in 0..2 {
            ends_with(5, &mut pull_with_state(&api, &directory, &extra));
        }
        assert_eq!((api.stats().requests, api.stats().during_maintenance), (1, 0), "{name}");
    }
}

#[test]
fn a_restart_sends_nothing_into_the_pause_after_a_rejection() {
    for name in ["TERM", "KILL"] {
        let faults = vec![(Trigger::Request(2), Fault::RejectLimit)];
        // The server says for how long, so that it does not depend on how far the next round minute is.
        let api = Api::start(Config { faults, retry_after: true, ..config(200, 50) });
        let directory = Directory::new(&format!("pause_after_a_rejection_{name}"));
        let mut child = Running::start(&mut pull_with_state(&api, &directory, &[]));
        child.until_it_says("waiting until");
        child.signal(name);
        child.end();
        for _ in 0..2 {
            ends_with(4, &mut pull_with_state(&api, &directory, &["--patience", "1s"]));
        }
        assert_eq!(api.stats().requests, 2, "{name}");
    }
}

#[test]
fn a_pull_that_gave_up_at_a_rejection_remembers_its_pause() {
    let faults = vec![(Trigger::Request(2), Fault::RejectLimit)];
    let api = Api::start(Config { faults, retry_after: true, ..config(200, 50) });
    let directory = Directory::new("gave_up_at_a_rejection");
    for _ in 0..2 {
        ends_with(4, &mut pull_with_state(&api, &directory, &["--patience", "1s"]));
        assert_eq!(api.stats().requests, 2);
    }
}

#[test]
fn a_pull_that_knows_nothing_of_the_time_before_waits_for_a_window_first() {
    let api = Api::start(config(200, 50));
    let mut command = crate::common::tidegate();
    command.env("TIDEGATE_API_KEY", tidegate_simulator::DEFAULT_KEY);
    command.args(["pull", "comanage", "/objects", "--view-id", "42", "--base-url", &api.url]);
    let mut child = Running::start(&mut command);
    child.until_it_says("the limit of 200 requests in 60s is used up");
    child.signal("TERM");
    child.end();
    assert_eq!(api.stats().requests, 0);
}

#[test]
fn a_share_and_a_reserve_are_kept() {
    for extra in [["--share", "1/2"], ["--reserve", "5"]] {
        let config = Config { limit: 10, window_ms: 1_000, window: WindowKind::Sliding, ..config(120, 10) };
        let api = Api::start(config);
        let directory = Directory::new(&format!("kept{}", extra[0]));
        let mut command = pull_with_state(&api, &directory, &extra);
        ends_with(0, command.args(["--limit", "10", "--window", "1s"]));
        let stats = api.stats();
        assert_eq!((stats.requests, stats.busiest_window, stats.rejected), (12, 5, 0), "{extra:?}");
    }
}
