//! Inputs that do not fit the state. A driver that was cut off in the middle of a step, or tells a thing twice, loses
//! nothing: what does not fit is ignored, and the step stays the same.

use super::profiles::Objects;
use super::server::page;
use super::world::{BASE, KEY, LIST, gate};
use crate::api::{Project, comanage};
use crate::gate::{Gate, WaitReason};
use crate::pull::{Event, Outcome, Pull, Settings, Step, TransportFault};
use crate::quota::Slot;
use crate::time::Instant;
use std::format;
use std::string::String;
use std::vec::Vec;

const NOW: Instant = Instant::from_millis(5);

/// Something a driver may say.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Input {
    Sent,
    Head,
    Body,
    End,
    Stored,
    Rewound,
}

const ALL: [Input; 6] = [Input::Sent, Input::Head, Input::Body, Input::End, Input::Stored, Input::Rewound];

fn tell(pull: &mut Pull<'_, Objects>, gate: &mut Gate<Vec<Slot>>, input: Input, body: &[u8]) -> Vec<String> {
    let mut items = Vec::new();
    match input {
        Input::Sent => _ = pull.sent(gate, NOW),
        Input::Head => _ = pull.head(gate, NOW, 200, []),
        Input::End => pull.end(gate, NOW),
        Input::Stored => pull.stored(),
        Input::Rewound => pull.rewound(),
        Input::Body => {
            let mut rest = body;
            while let Some(event) = pull.body(NOW, &mut rest) {
                let Event::Item { bytes, .. } = event else { panic!("{event:?}") };
                items.push(String::from_utf8(bytes.to_vec()).unwrap());
            }
        }
    }
    items
}

#[test]
fn an_input_that_does_not_fit_is_ignored_and_loses_nothing() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let (mut gate, mut buffer) = (gate(20, 1_000), [0; 64]);
    let mut pull =
        Pull::<Objects>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let pages = [page(&["1", "2"], "7"), page(&["3"], "")];
    let mut items = Vec::new();
    for body in &pages {
        let course = [Input::Sent, Input::Head, Input::Body, Input::End, Input::Stored];
        for (number, expected) in course.into_iter().enumerate() {
            // Before each input that fits come all that do not. A body may be given or ended at any time of a page.
            let fits = |input: &Input| match expected {
                Input::Body | Input::End => matches!(input, Input::Body | Input::End),
                _ => *input == expected,
            };
            for input in ALL.into_iter().filter(|input| !fits(input)) {
                let before = format!("{:?}", pull.step(&mut gate, NOW));
                assert_eq!(tell(&mut pull, &mut gate, input, body), Vec::<String>::new());
                let after = format!("{:?}", pull.step(&mut gate, NOW));
                assert_eq!(before, after, "{input:?} instead of {expected:?}, input {number}");
            }
            items.extend(tell(&mut pull, &mut gate, expected, body));
        }
    }
    assert!(matches!(pull.step(&mut gate, NOW), Step::Done(Outcome::Complete(_))));
    assert_eq!(items, ["1", "2", "3"]);
    let counters = pull.counters();
    assert_eq!((counters.requests, counters.pages, counters.items), (2, 2, 3));
}

#[test]
fn a_step_is_the_same_however_often_and_late_it_is_asked_for() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let (mut gate, mut buffer) = (gate(20, 1_000), [0; 64]);
    let mut pull =
        Pull::<Objects>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    for input in [Input::Sent, Input::Head, Input::Body, Input::End, Input::Stored] {
        let steps = [5, 5, 6, 1_000, 29_999].map(|millis| {
            let step = pull.step(&mut gate, Instant::from_millis(millis));
            format!("{step:?} {:?}", pull.counters())
        });
        assert!(steps.iter().all(|step| *step == steps[0]), "before {input:?}: {steps:#?}");
        tell(&mut pull, &mut gate, input, &page(&["1", "2"], ""));
    }
}

#[test]
fn an_end_told_twice_ends_one_page() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let (mut gate, mut buffer) = (gate(20, 1_000), [0; 64]);
    let mut pull =
        Pull::<Objects>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    for input in [Input::Sent, Input::Head, Input::Body, Input::End, Input::End, Input::Stored, Input::Stored]
    {
        tell(&mut pull, &mut gate, input, &page(&["1"], "7"));
    }
    assert_eq!((pull.checkpoint().pages(), pull.counters().pages), (1, 1));
}

#[test]
fn nothing_that_is_told_revives_a_pull_that_is_over() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let (mut gate, mut buffer) = (gate(20, 1_000), [0; 64]);
    let mut pull =
        Pull::<Objects>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    for input in [Input::Sent, Input::Head, Input::Body, Input::End, Input::Stored] {
        tell(&mut pull, &mut gate, input, &page(&["1"], ""));
    }
    for input in ALL {
        assert_eq!(tell(&mut pull, &mut gate, input, &page(&["2"], "")), Vec::<String>::new());
        pull.failed(&mut gate, NOW, TransportFault::Broken);
        let step = pull.step(&mut gate, Instant::NEVER);
        assert!(matches!(step, Step::Done(Outcome::Complete(_))), "{input:?}: {step:?}");
    }
}

#[test]
fn a_connection_that_breaks_after_the_page_is_whole_breaks_nothing() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let (mut gate, mut buffer) = (gate(20, 1_000), [0; 64]);
    let mut pull =
        Pull::<Objects>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    for input in [Input::Sent, Input::Head, Input::Body, Input::End] {
        tell(&mut pull, &mut gate, input, &page(&["1"], ""));
    }
    pull.failed(&mut gate, NOW, TransportFault::Broken);
    assert!(matches!(pull.step(&mut gate, NOW), Step::Checkpoint));
}

#[test]
fn a_request_that_cannot_even_be_made_is_a_failure_to_be_retried() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let (mut gate, mut buffer) = (gate(20, 1_000), [0; 64]);
    let mut pull =
        Pull::<Objects>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    pull.failed(&mut gate, NOW, TransportFault::Connect);
    let Step::Wait { until, .. } = pull.step(&mut gate, NOW) else { panic!() };
    assert!(matches!(pull.step(&mut gate, until), Step::Send));
    assert_eq!((pull.counters().requests, pull.counters().retried), (0, 1), "the server saw nothing of it");
}

#[test]
fn an_endpoint_of_which_no_request_can_be_made_is_refused_before_the_first_step() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let endpoint = comanage::list("/views/{viewId}");
    assert!(Pull::<Objects>::with_profile(&project, &endpoint, &Settings::DEFAULT, &mut [], None).is_err());
}

#[test]
fn an_answer_after_the_deadline_is_no_answer() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    let (mut gate, mut buffer) = (gate(9, 1_000), [0; 64]);
    let mut pull =
        Pull::<Objects>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, Instant::ZERO));
    let late = Instant::from_millis(30_000);
    pull.head(&mut gate, late, 200, []);
    assert!(matches!(pull.step(&mut gate, late), Step::Wait { why: WaitReason::Backoff(_), .. }));
}

#[test]
fn a_seed_of_the_drivers_is_added_to_that_of_the_settings() {
    let wait = |own: u64, added: u64| {
        let project = Project::new(&comanage::API, BASE, KEY).unwrap();
        let (mut gate, mut buffer) = (gate(9, 1_000), [0; 64]);
        let settings = Settings { seed: own, ..Settings::DEFAULT };
        let mut pull = Pull::new(&project, &LIST, &settings, &mut buffer, None).unwrap();
        pull.add_seed(added);
        assert!(pull.sent(&mut gate, NOW));
        pull.failed(&mut gate, NOW, TransportFault::Broken);
        let Step::Wait { until, .. } = pull.step(&mut gate, NOW) else { panic!("nothing is waited for") };
        until
    };
    assert_eq!(wait(1, 2), wait(3, 0));
    assert_ne!(wait(1, 2), wait(1, 0));
}
