//! Broken answers, at every byte: either the pull completes with exactly the right items, or it fails with a clear
//! error and a checkpoint from which it completes. Nothing is lost, nothing comes twice. Over real sockets it is a sample of the
//! bytes; `TIDEGATE_EVERY_BYTE=1 cargo test -p tidegate-e2e --test breakage` takes them all.

use tidegate_core::pull::{Failure, Outcome, Settings, TransportFault};
use tidegate_core::retry::RetryPolicy;
use tidegate_core::time::Duration;
use tidegate_e2e::{SETTINGS, Scenario, Traced};
use tidegate_simulator::{Config, ErrorBody, Fault, Framing, ItemSizes, Trigger};

const FRAMINGS: [Framing; 3] = [Framing::ContentLength, Framing::Chunked, Framing::CloseDelimited];

/// Three short pages of which the one with this number breaks.
fn with_framing(framing: Framing, page: u64, fault: Fault) -> Scenario {
    let mut scenario = Scenario::three_pages([(Trigger::Request(page), fault)]);
    scenario.config.framing = framing;
    scenario
}

/// Runs the same breakage at every offset of each of the three answers, heads included, and a little beyond.
fn at_every_byte(framing: Framing, fault: impl Fn(u64) -> Fault, run: impl Fn(&Scenario)) {
    at_bytes(1, framing, fault, run);
}

/// The same at one offset of 13 and at the last four, for what goes over a real socket. With `TIDEGATE_EVERY_BYTE` in the
/// environment it is every offset, which takes minutes.
fn at_some_bytes(framing: Framing, fault: impl Fn(u64) -> Fault, run: impl Fn(&Scenario)) {
    let step = if std::env::var_os("TIDEGATE_EVERY_BYTE").is_some() { 1 } else { 13 };
    at_bytes(step, framing, fault, run);
}

fn at_bytes(step: u64, framing: Framing, fault: impl Fn(u64) -> Fault, run: impl Fn(&Scenario)) {
    let lengths = with_framing(framing, 1, Fault::StallBeforeHead).answer_lengths();
    assert_eq!(lengths.len(), 3);
    for (page, length) in (1..).zip(lengths) {
        // Each page begins at another offset.
        for at in (0..length + 2).filter(|at| (at + page) % step == 0 || at + 2 >= length) {
            run(&with_framing(framing, page, fault(at)));
        }
    }
}

fn assert_completes_virtually(scenario: &Scenario) {
    scenario.assert_complete(&scenario.run_virtually());
}

fn assert_completes_everywhere(scenario: &Scenario) {
    scenario.assert_complete(&scenario.run_everywhere());
}

#[test]
fn a_connection_cut_at_any_byte_loses_nothing() {
    for framing in FRAMINGS {
        at_every_byte(framing, |at| Fault::CutWire { at }, assert_completes_virtually);
    }
}

#[test]
fn a_body_cut_at_any_byte_is_an_error_not_a_last_page() {
    for framing in FRAMINGS {
        at_every_byte(framing, |at| Fault::Cut { at }, assert_completes_virtually);
    }
}

#[test]
fn a_server_that_falls_silent_at_any_byte_is_given_up_and_asked_again() {
    at_every_byte(Framing::ContentLength, |at| Fault::Stall { at }, assert_completes_virtually);
}

#[test]
fn garbage_from_any_byte_on_never_passes_for_a_page() {
    at_every_byte(
        Framing::ContentLength,
        |at| Fault::Garbage { at },
        |scenario| {
            let run = scenario.run_virtually();
            match run.outcome() {
                Outcome::Complete(_) => scenario.assert_complete(&run),
                Outcome::Incomplete { .. } => panic!("items are missing"),
                // Random bytes may, rarely, be JSON of another shape. What was stored is right even so.
                Outcome::Failed(Failure::Page(_) | Failure::Cursor(_)) => assert_eq!(run.items.len() % 4, 0),
                Outcome::Failed(other) => panic!("{other:?}"),
            }
        },
    );
}

#[test]
fn over_http_a_connection_cut_at_any_byte_gives_the_same_trace_as_virtually() {
    at_some_bytes(Framing::ContentLength, |at| Fault::CutWire { at }, assert_completes_everywhere);
}

#[test]
fn over_http_a_chunked_body_cut_at_any_byte_loses_nothing() {
    // How many of the last chunk's bytes are seen before the cut is the HTTP library's affair.
    at_some_bytes(
        Framing::Chunked,
        |at| Fault::Cut { at },
        |scenario| {
            scenario.assert_complete(&scenario.run_over_http());
        },
    );
}

#[test]
fn a_connection_that_is_reset_loses_nothing() {
    for at in (0..1_200).step_by(199) {
        let scenario = with_framing(Framing::ContentLength, 2, Fault::Reset { at });
        assert_completes_virtually(&scenario);
        // How much of what was sent before a reset still arrives is the network's affair.
        scenario.assert_complete(&scenario.run_over_http());
    }
}

#[test]
fn a_silent_server_is_given_up_at_the_deadline_by_every_driver() {
    for fault in [Fault::StallBeforeHead, Fault::Stall { at: 0 }, Fault::Stall { at: 150 }] {
        let scenario = with_framing(Framing::ContentLength, 2, fault);
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert_eq!(run.counters().retried, 1);
        let times = run.send_times();
        assert!(times[2].since(times[1]) >= Duration::from_secs(30));
    }
}

#[test]
fn a_body_longer_or_shorter_than_its_length_says_loses_nothing() {
    for by in [-200, -1, 1, 200] {
        let scenario = with_framing(Framing::ContentLength, 2, Fault::WrongLength { by });
        scenario.assert_complete(&scenario.run_over_http());
    }
}

#[test]
fn what_was_handed_over_of_a_broken_page_is_taken_back() {
    let scenario = with_framing(Framing::ContentLength, 2, Fault::Cut { at: 1_000 });
    let run = scenario.run_everywhere();
    let rewinds: Vec<u32> = run
        .trace
        .iter()
        .filter_map(|traced| match traced {
            Traced::Rewind { items } => Some(*items),
            _ => None,
        })
        .collect();
    let handed_over = run.trace.iter().filter(|traced| matches!(traced, Traced::Item { .. })).count();
    assert_eq!(rewinds.len(), 1);
    assert_eq!(handed_over as u32, 12 + rewinds[0]);
    assert_ne!(rewinds[0], 0, "the cut is behind the first item");
}

#[test]
fn passing_errors_of_the_server_are_forgiven() {
    let status = |status, body| Fault::Status { status, body };
    let scenario = Scenario::three_pages([
        (Trigger::Request(1), status(500, ErrorBody::Problem)),
        (Trigger::Request(2), status(502, ErrorBody::Html)),
        (Trigger::Request(4), status(503, ErrorBody::Empty)),
        (Trigger::Request(5), status(504, ErrorBody::Traceback)),
        (Trigger::Request(7), Fault::NotJson),
        (Trigger::Request(8), status(500, ErrorBody::JsonOther)),
    ]);
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!((run.counters().requests, run.counters().retried), (9, 6));
}

#[test]
fn a_server_that_never_recovers_is_given_up_with_a_checkpoint_that_completes() {
    let broken = Scenario {
        settings: Settings { retry: RetryPolicy { budget: 3, ..RetryPolicy::DEFAULT }, ..SETTINGS },
        ..Scenario::three_pages((3..=6).map(|n| (Trigger::Request(n), Fault::Cut { at: 70 })))
    };
    let run = broken.run_everywhere();
    assert_eq!(run.outcome(), Outcome::Failed(Failure::Transport(TransportFault::Broken)));
    assert_eq!((run.counters().retried, run.counters().requests), (3, 6));
    assert_eq!(run.items.len(), 8, "two pages are stored");

    let again = Scenario { restarts_on_failure: 1, ..broken };
    again.assert_complete(&again.run_everywhere());
}

#[test]
fn a_page_larger_than_allowed_is_given_up() {
    let config = Config { items: 50, item_sizes: ItemSizes::Exact(100), ..Config::default() };
    let settings = Settings { page_bytes: 2_000, ..SETTINGS };
    let run = Scenario { settings, ..Scenario::new(config) }.run_everywhere();
    assert_eq!(run.outcome(), Outcome::Failed(Failure::PageTooLarge { limit: 2_000 }));
    assert_eq!(run.stats.requests, 1, "asking again would not help");
}

#[test]
fn json_as_deep_as_a_well_is_refused_and_not_fallen_into() {
    let settings = Settings { retry: RetryPolicy { budget: 0, ..RetryPolicy::DEFAULT }, ..SETTINGS };
    let deep = Fault::DeepJson { depth: 1_000_000 };
    let run = Scenario { settings, ..Scenario::three_pages([(Trigger::Request(1), deep)]) }.run_everywhere();
    assert!(matches!(run.outcome(), Outcome::Failed(Failure::Page(_))));
}
