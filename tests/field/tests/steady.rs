//! A server that never stops sending, and takes its time. No driver: the engine alone, piece by piece on a clock of its own.

use tidegate_core::api::{Project, comanage};
use tidegate_core::pull::{Outcome, Settings};
use tidegate_core::quota::{Slot, Terms, Windows};
use tidegate_core::time::{Duration, Instant};
use tidegate_core::{Gate, Pull, Step};

/// Pulls a page whose items come one by one, so far apart. Tells when and how that ended, and how many items came.
fn pulled(items: u64, apart: Duration, settings: Settings) -> (Instant, Outcome, u64) {
    let project = Project::new(&comanage::API, "http://127.0.0.1:8080", "k3y-0f-the-harbour")
        .expect("a usable project");
    let endpoint = comanage::list("/objects");
    let mut item_buffer = vec![0; 1_024];
    let mut pull = Pull::new(&project, &endpoint, &settings, &mut item_buffer, None).expect("a usable pull");
    let slots = vec![Slot::FREE; 200];
    let mut gate =
        Gate::new(Windows::one(comanage::WINDOW), Terms::DEFAULT, slots).expect("enough slots").unused();
    let mut now = Instant::from_millis(1);
    let (mut sent, mut got) = (0, 0);
    loop {
        match pull.step(&mut gate, now) {
            Step::Send if pull.sent(&mut gate, now) => {
                sent = 0;
                pull.head(&mut gate, now, 200, [("content-type", &b"application/json"[..])]);
            }
            Step::Send => unreachable!("nobody else uses the gate"),
            Step::Receive { .. } => {
                now = now.after(apart);
                let piece = match sent {
                    0 => "{\"objects\":[{\"id\":0}".to_owned(),
                    id if id < items => format!(",{{\"id\":{id}}}"),
                    _ => "]}".to_owned(),
                };
                sent += 1;
                let mut rest = piece.as_bytes();
                while pull.body(now, &mut rest).is_some() {
                    got += 1;
                }
                if sent > items && matches!(pull.step(&mut gate, now), Step::Receive { .. }) {
                    pull.end(&mut gate, now);
                }
            }
            Step::Checkpoint => pull.stored(),
            Step::Rewind { .. } => {
                got = 0;
                pull.rewound();
            }
            Step::Wait { until, .. } => now = until,
            Step::Done(outcome) => return (now, outcome, got),
        }
    }
}

#[test]
fn a_page_that_comes_steadily_for_ten_minutes_is_whole() {
    let (at, outcome, got) = pulled(60, Duration::from_secs(10), Settings::DEFAULT);
    assert!(format!("{outcome:?}").starts_with("Complete"), "{outcome:?}");
    assert_eq!(got, 60);
    assert!(at >= Instant::from_millis(600_000), "{at:?}");
}

#[test]
fn a_page_that_comes_steadily_for_too_long_is_not_called_silent() {
    let (_, outcome, _) = pulled(120, Duration::from_secs(10), Settings::DEFAULT);
    match outcome {
        Outcome::Failed(failure) => {
            let text = failure.to_string();
            assert!(!text.contains("sent nothing"), "every ten seconds something came: {text}");
        }
        other => assert!(format!("{other:?}").contains("Complete"), "{other:?}"),
    }
}

#[test]
fn a_page_that_comes_steadily_for_longer_is_whole_where_it_is_given_the_time() {
    let settings = Settings { page_timeout: Duration::from_secs(3_600), ..Settings::DEFAULT };
    let (_, outcome, got) = pulled(120, Duration::from_secs(10), settings);
    assert!(format!("{outcome:?}").starts_with("Complete"), "{outcome:?}");
    assert_eq!(got, 120);
}
