//! Signals: what is in hand is finished, what is only waited for is not, and the same command goes on.

use crate::common::{Api, Directory, Running, config, ends_with, pull, pull_with_state, signal, summary};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tidegate_simulator::{Config, Fault, Trigger};

/// Serves, and sends the child whose id is in the cell a signal when request `at` arrives.
fn signalling(config: Config, at: u64, name: &'static str) -> (Api, Arc<AtomicU32>) {
    let child = Arc::new(AtomicU32::new(0));
    let target = Arc::clone(&child);
    let api = Api::watched(config, move |request| {
        if request == at {
            let pid = loop {
                match target.load(Ordering::SeqCst) {
                    0 => std::hint::spin_loop(),
                    pid => break pid,
                }
            };
            signal(pid, name);
        }
    });
    (api, child)
}

#[test]
fn a_signal_finishes_the_page_in_hand_and_the_same_command_goes_on() {
    for name in ["INT", "TERM"] {
        let (api, pid) = signalling(config(500, 50), 4, name);
        let directory = Directory::new(&format!("signal_{name}"));
        let child = Running::start(&mut pull_with_state(&api, &directory, &[]));
        pid.store(child.pid(), Ordering::SeqCst);
        let (code, said) = child.end();
        assert_eq!(code, Some(6), "{said}");
        assert!(said.contains("the same command goes on from there"), "{said}");
        let pages = summary(&directory)["pages"].as_u64().unwrap();
        assert!((4..10).contains(&pages), "the page in hand is stored: {pages}");
        let stored = directory.read("objects.ndjson");
        assert_eq!(summary(&directory)["output_bytes"], stored.len());
        assert!(api.expected().starts_with(&stored), "and nothing of another");

        ends_with(0, &mut pull_with_state(&api, &directory, &[]));
        assert!(directory.read("objects.ndjson") == api.expected());
        assert_eq!(summary(&directory)["this_run"]["pages"], 10 - pages);
        assert_eq!(api.stats().requests, 10, "no page was fetched twice");
    }
}

#[test]
fn a_pull_that_only_waits_stops_at_once() {
    let api = Api::start(config(500, 50));
    let directory = Directory::new("only_waits");
    let mut child = Running::start(&mut pull_with_state(&api, &directory, &["--limit", "3"]));
    child.until_it_says("waiting until");
    child.signal("INT");
    let (code, said) = child.end();
    assert_eq!(code, Some(6), "{said}");
    let summary = summary(&directory);
    assert_eq!((&summary["pages"], &summary["requests"]), (&3.into(), &3.into()));
}

#[test]
fn a_second_signal_stops_at_once() {
    let faults = vec![(Trigger::Request(3), Fault::Stall { at: 5_000 })];
    let (api, pid) = signalling(Config { faults, ..config(500, 50) }, 3, "INT");
    let directory = Directory::new("a_second_signal");
    let mut child = Running::start(&mut pull_with_state(&api, &directory, &[]));
    pid.store(child.pid(), Ordering::SeqCst);
    child.until_it_says("a second signal stops at once");
    child.signal("TERM");
    let (code, said) = child.end();
    assert_eq!(code, Some(6), "{said}");
    let summary = summary(&directory);
    assert_eq!((&summary["pages"], &summary["requests"]), (&2.into(), &3.into()));
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn without_a_state_there_is_nothing_to_go_on_from() {
    for (name, expected) in [("INT", 130), ("TERM", 143)] {
        let faults = vec![(Trigger::Request(3), Fault::StallBeforeHead)];
        let (api, pid) = signalling(Config { faults, ..config(500, 50) }, 3, name);
        let child = Running::start(&mut pull(&api, &[]));
        pid.store(child.pid(), Ordering::SeqCst);
        let (code, said) = child.end();
        assert_eq!(code, Some(expected), "{said}");
        assert!(said.contains("cannot be resumed"), "{said}");
    }
}
