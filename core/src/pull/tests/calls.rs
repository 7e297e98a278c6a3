//! Requests that are no page of a list: single answers, what is elsewhere, and one request at a time.

use super::invented::*;
use super::profiles::Invented;
use crate::api::{Api, Endpoint, Project};
use crate::auth::Credential;
use crate::gate::WaitReason;
use crate::http::Method;
use crate::problem::Problem;
use crate::pull::{End, Failure, InFlight, Outcome, Pull, RequestKind, Settings, Step, TransportFault};
use crate::retry::RetryPolicy;
use crate::time::Instant;
use std::string::ToString;
use std::vec::Vec;
use std::{format, vec};

/// Takes one request at a time.
const SEQUENTIAL: Api = Api {
    says_limits: false,
    is_sequential: true,
    credential: Credential::Field { name: "authorization", scheme: "Bearer " },
    ..API
};

#[test]
fn what_acts_is_never_sent_twice_unless_it_certainly_did_not_act() {
    let unknown =
        [Fails(TransportFault::Broken), Fails(TransportFault::Timeout), Answers(502, ""), Answers(407, "")];
    for does in unknown {
        let ran = once(&WRITE, &[Answers(200, GRANT), does]);
        assert!(matches!(ran.outcome, Outcome::Failed(_)));
    }
    let harmless = [
        Fails(TransportFault::Connect),
        Answers(429, ""),
        Answers(500, r#"{"code":"0005","message":"not ready"}"#),
    ];
    for does in harmless {
        let ran = once(&WRITE, &[Answers(200, GRANT), does, Answers(201, r#"{"id":7}"#)]);
        assert_eq!(ran.outcome, Outcome::Complete(End::SingleAnswer));
        assert_eq!(ran.items.concat(), r#"{"id":7}"#);
    }
    // A read that acts, and a write that may be repeated.
    let action = Endpoint::call(Method::Get, "/run").once();
    assert!(matches!(
        once(&action, &[Answers(200, GRANT), Fails(TransportFault::Broken)]).outcome,
        Outcome::Failed(_)
    ));
    let again = WRITE.repeatable();
    let script = [Answers(200, GRANT), Fails(TransportFault::Broken), Answers(200, "{}")];
    assert_eq!(once(&again, &script).outcome, Outcome::Complete(End::SingleAnswer));
}

#[test]
fn a_call_has_a_status_a_location_and_perhaps_a_body() {
    let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
    let mut pull =
        Pull::<Invented>::with_profile(&project, &WRITE, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), Sends(201, "/things/7?x=y")]);
    assert_eq!((ran.outcome, ran.items.len()), (Outcome::Complete(End::SingleAnswer), 0));
    assert_eq!((pull.status(), pull.location()), (Some(201), Some("/things/7?x=y")));
    assert_eq!(ran.asked[1].line, "POST https://api.example/v1/things");
    assert_eq!(ran.asked[1].body, r#"{"name":"x"}"#);
    let mut pull =
        Pull::<Invented>::with_profile(&project, &WRITE, &Settings::DEFAULT, &mut buffer, None).unwrap();
    run(&mut pull, &mut gate, &mut now, &[Answers(201, r#"{"id":7}"#)]);
    assert!(pull.counters().items > 0, "the pieces of a body count as items");
    for status in [200, 202, 204] {
        assert_eq!(
            once(&WRITE, &[Answers(200, GRANT), Answers(status, "")]).outcome,
            Outcome::Complete(End::SingleAnswer)
        );
    }
}

#[test]
fn an_attempt_that_its_driver_left_is_made_again_at_no_retry_unless_it_acts() {
    let (project, mut gate, mut now) = (project(), gate(), 0);
    for (endpoint, is_repeated) in [(&LIST, true), (&WRITE, false)] {
        let mut buffer = [0; 256];
        let mut pull =
            Pull::<Invented>::with_profile(&project, endpoint, &Settings::DEFAULT, &mut buffer, None)
                .unwrap();
        now += 10;
        let at = Instant::from_millis(now);
        if is_repeated {
            assert!(pull.sent(&mut gate, at));
            pull.head(&mut gate, at, 200, []);
            pull.body(at, &mut GRANT.as_bytes());
            pull.end(&mut gate, at);
        }
        assert!(pull.sent(&mut gate, at));
        pull.abandoned(&mut gate, at);
        let step = pull.step(&mut gate, at);
        assert_eq!(matches!(step, Step::Send), is_repeated, "{step:?}");
        assert_eq!(matches!(step, Step::Done(Outcome::Failed(_))), !is_repeated, "{step:?}");
        assert_eq!(pull.counters().retried, 0);
    }
}

#[test]
fn a_status_that_came_counts_although_its_driver_went_away() {
    let project = Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap();
    let (mut gate, mut buffer, at) = (gate(), [0; 256], Instant::from_millis(1));
    let mut pull =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, at));
    pull.head(&mut gate, at, 404, []);
    pull.abandoned(&mut gate, at);
    let step = pull.step(&mut gate, at);
    assert!(matches!(step, Step::Done(Outcome::Failed(Failure::NotFound { status: 404 }))), "{step:?}");
}

#[test]
fn what_fails_for_a_reason_that_stays_is_not_tried_again() {
    for fault in [TransportFault::UnknownHost, TransportFault::Certificate, TransportFault::HeadTooLarge] {
        let ran = once(&LIST, &[Answers(200, GRANT), Fails(fault)]);
        assert_eq!(ran.outcome, Outcome::Failed(Failure::Transport(fault)));
    }
}

#[test]
fn what_is_elsewhere_is_fetched_without_the_credential_and_once() {
    let download = Endpoint::download("/files/{id}/content").with("id", crate::http::Parameter::Int(7));
    let there = "https://store.example/f?sig=a%2Bb";
    let ran = once(&download, &[Answers(200, GRANT), Sends(302, there), Answers(200, "bytes")]);
    assert_eq!((ran.outcome, ran.items.concat().as_str()), (Outcome::Complete(End::SingleAnswer), "bytes"));
    let [_, api, store] = &ran.asked[..] else { panic!("{:?}", ran.asked) };
    assert!(api.authorization.is_some());
    assert_eq!(store.line, format!("GET {there}"));
    assert_eq!(store.authorization, None);
    for wrong in ["http://store.example/f", "ftp://store.example/f", "https://a@store.example/", "nowhere"] {
        let ran = once(&download, &[Answers(200, GRANT), Sends(302, wrong)]);
        assert!(
            matches!(ran.outcome, Outcome::Failed(Failure::Redirect { .. })),
            "{wrong}: {:?}",
            ran.outcome
        );
    }
    let ran = once(&download, &[Answers(200, GRANT), Sends(302, there), Sends(302, there)]);
    assert!(matches!(ran.outcome, Outcome::Failed(Failure::Redirect { .. })));
    // When the store fails, the API is asked anew.
    let broken =
        [Answers(200, GRANT), Sends(302, there), Fails(TransportFault::Broken), Answers(200, "at once")];
    assert_eq!(once(&download, &broken).items.concat(), "at once");
}

#[test]
fn a_code_says_more_than_its_status() {
    let body = r#"{"code":"0003","message":"No resource found"}"#;
    let ran = once(&LIST, &[Answers(200, GRANT), Answers(500, body)]);
    assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Failed(Failure::NotFound { status: 500 }), 2));
}

#[test]
fn where_one_request_at_a_time_is_wanted_another_pull_waits_for_its_turn() {
    let (project, mut gate) = (Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap(), gate());
    let (mut ours, mut theirs) = ([0; 256], [0; 256]);
    let mut one =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    let mut other =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    let at = Instant::from_millis(1);
    assert!(one.sent(&mut gate, at));
    assert!(matches!(other.step(&mut gate, at), Step::Wait { why: WaitReason::Turn, .. }));
    assert!(!other.sent(&mut gate, at));
    one.head(&mut gate, at, 200, []);
    assert!(matches!(one.step(&mut gate, at), Step::Receive { .. }));
    assert!(
        matches!(other.step(&mut gate, at), Step::Send),
        "the server is done with it when its head is there"
    );
    one.body(at, &mut &br#"{"rows":[{"id":1}"#[..]);
    one.body(at, &mut &br#"],"more":true}"#[..]);
    one.end(&mut gate, at);
    assert!(matches!(one.step(&mut gate, at), Step::Checkpoint));
    // One that vanished keeps its turn no longer than a head may take, and one that says so not at all.
    one.stored();
    assert!(!one.sent(&mut gate, at), "the other has waited since before");
    let at = Instant::from_millis(2);
    assert!(one.sent(&mut gate, at), "the other does not come, and is passed over");
    assert!(matches!(other.step(&mut gate, Instant::from_millis(30_002)), Step::Send));
    one.abandoned(&mut gate, at);
    assert!(matches!(other.step(&mut gate, at), Step::Send));
}

#[test]
fn what_a_request_holds_is_settled_once_also_outside_of_its_pull() {
    let project = Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap();
    let at = Instant::from_millis(1);
    type Settle = fn(InFlight<Invented>, &mut TestGate);
    let ways: [Settle; 3] = [
        |flight, gate| flight.head(gate, &SEQUENTIAL, Instant::from_millis(1), 200, []),
        |flight, gate| flight.failed(gate, Instant::from_millis(1)),
        |flight, gate| flight.dropped(gate, Instant::from_millis(1)),
    ];
    for settle in ways {
        let (mut gate, mut ours, mut theirs) = (gate(), [0; 256], [0; 256]);
        let mut held =
            Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
        let mut other =
            Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
        assert!(held.detach().is_none(), "nothing was sent");
        assert!(held.sent(&mut gate, at));
        assert!(matches!(other.step(&mut gate, at), Step::Wait { why: WaitReason::Turn, .. }));
        let flight = held.detach().unwrap();
        assert!(held.detach().is_none(), "it is taken out once");
        settle(flight, &mut gate);
        assert!(
            matches!(other.step(&mut gate, at), Step::Send),
            "nobody waits for a pull that is not polled"
        );
        // And it still does its part.
        held.head(&mut gate, at, 200, []);
        held.body(at, &mut &br#"{"rows":[],"more":false}"#[..]);
        held.end(&mut gate, at);
        assert!(matches!(held.step(&mut gate, at), Step::Checkpoint));
    }
}

#[test]
fn a_turn_that_ran_out_is_not_given_up_for_whoever_has_it_now() {
    let (project, mut gate) = (Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap(), gate());
    let mut buffers = [[0; 64]; 3];
    let mut pulls: Vec<_> = buffers
        .iter_mut()
        .map(|buffer| {
            Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, buffer, None).unwrap()
        })
        .collect();
    assert!(pulls[0].sent(&mut gate, at(1)));
    assert!(pulls[1].sent(&mut gate, at(30_001)));
    let _ = pulls[0].step(&mut gate, at(30_001));
    assert!(!pulls[2].sent(&mut gate, at(30_001)));
}

#[test]
fn what_opens_a_store_or_the_api_stands_in_no_location() {
    let settings = Settings { retry: RetryPolicy { budget: 0, ..RetryPolicy::DEFAULT }, ..Settings::DEFAULT };
    let echo: &'static str = format!("https://login.example/?token=t0ken-of-the-server&c={SECRET}").leak();
    let table = [
        (
            Endpoint::download("/f"),
            vec![Sends(302, "https://store.example/f?sig=OPENS"), Fails(TransportFault::Connect)],
        ),
        (WRITE, vec![Sends(302, echo)]),
    ];
    for (endpoint, script) in table {
        let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
        let mut pull =
            Pull::<Invented>::with_profile(&project, &endpoint, &settings, &mut buffer, None).unwrap();
        let script: Vec<_> = [Answers(200, GRANT)].into_iter().chain(script).collect();
        run(&mut pull, &mut gate, &mut now, &script);
        assert_eq!((pull.status(), pull.location()), (None, None));
    }
    let (project, mut gate, mut buffer) = (project(), gate(), [0; 256]);
    let mut pull = Pull::<Invented>::with_profile(&project, &WRITE, &settings, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, at(1)));
    pull.head(&mut gate, at(1), 200, [("location", &b"/aaaaaaaaaaaaaaaaa"[..])]);
    pull.body(at(1), &mut &br#"{"access_token":"t0ken-of-the-server","x":!"#[..]);
    let _ = pull.step(&mut gate, at(1));
    assert_eq!(pull.location(), None);
}

#[test]
fn a_download_that_acts_is_asked_for_once_whatever_becomes_of_the_store() {
    let download = Endpoint::download("/run").once();
    for fault in [TransportFault::Broken, TransportFault::Connect] {
        let script = [Answers(200, GRANT), Sends(302, "https://store.example/f"), Fails(fault)];
        assert!(matches!(once(&download, &script).outcome, Outcome::Failed(Failure::Transport(_))));
    }
}

#[test]
fn a_store_on_this_machine_is_no_place_to_be_sent_to() {
    let download = Endpoint::download("/f");
    let ran = once(&download, &[Answers(200, GRANT), Sends(302, "http://127.0.0.1:9200/_search")]);
    assert!(matches!(ran.outcome, Outcome::Failed(Failure::Redirect { .. })));
}

#[test]
fn a_location_is_the_field_of_that_name_in_the_answer_that_was_waited_for() {
    let project = Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap();
    let (mut gate, mut buffer) = (gate(), [0; 256]);
    let mut pull =
        Pull::<Invented>::with_profile(&project, &WRITE, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert_eq!(pull.target().map(|target| target.to_string()), None);
    assert!(pull.sent(&mut gate, at(1)));
    assert_eq!(pull.target().map(|target| target.to_string()).as_deref(), Some("/v1/things"));
    let fields: [(&str, &[u8]); 3] = [("X-First", b"1"), ("Location", b"/things/7"), ("X-Last", b"2")];
    pull.head(&mut gate, at(1), 201, fields);
    assert_eq!(pull.location(), Some("/things/7"));
    pull.head(&mut gate, at(1), 201, [("Location", &b"/things/8"[..])]);
    assert_eq!(pull.location(), Some("/things/7"), "it was told already");
}

#[test]
fn what_a_body_says_that_is_no_page_is_read_before_it_is_a_failure() {
    let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
    let mut pull =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let answer = Answers(200, r#"{"rows":5,"title":"this project is closed","status":"none"}"#);
    let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), answer]);
    assert!(matches!(ran.outcome, Outcome::Failed(Failure::Page(_))), "{:?}", ran.outcome);
    assert_eq!(pull.problem().title.as_str(), "this project is closed");
}

#[test]
fn a_store_elsewhere_is_read_while_another_request_goes_to_an_api_that_takes_one_at_a_time() {
    let project = Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap();
    let (download, mut gate) = (Endpoint::download("/file"), gate());
    let (mut ours, mut theirs) = ([0; 256], [0; 256]);
    let mut one =
        Pull::<Invented>::with_profile(&project, &download, &Settings::DEFAULT, &mut ours, None).unwrap();
    let mut other =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    assert!(one.sent(&mut gate, at(1)));
    one.head(&mut gate, at(1), 302, [("Location", &b"https://store.example/f"[..])]);
    assert!(one.sent(&mut gate, at(1)));
    assert_eq!(one.recipient().map(|(kind, _)| kind), Some(RequestKind::Elsewhere));
    assert!(matches!(other.step(&mut gate, at(1)), Step::Send));
}

#[test]
fn an_answer_that_is_larger_than_allowed_is_given_up_at_the_limit() {
    let settings = Settings { page_bytes: 8, ..Settings::DEFAULT };
    for (body, end) in [
        ("12345678", Outcome::Complete(End::SingleAnswer)),
        ("123456789", Outcome::Failed(Failure::PageTooLarge { limit: 8 })),
    ] {
        let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
        let mut pull =
            Pull::<Invented>::with_profile(&project, &WRITE, &settings, &mut buffer, None).unwrap();
        let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), Answers(201, body)]);
        assert_eq!(ran.outcome, end, "{body}");
    }
}

#[test]
fn words_behind_the_bytes_that_are_kept_of_an_error_are_not_read() {
    for (bytes, title) in [(56, "late"), (55, "")] {
        let settings = Settings { error_bytes: bytes, ..Settings::DEFAULT };
        let project = Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap();
        let (mut gate, mut buffer, mut now) = (gate(), [0; 256], 0);
        let mut pull = Pull::<Invented>::with_profile(&project, &LIST, &settings, &mut buffer, None).unwrap();
        // The title ends at the 56th byte, and pieces have seven.
        let body = r#"{"padding":"0123456789012345678901234567","title":"late","rows":5}"#;
        run(&mut pull, &mut gate, &mut now, &[Answers(200, body)]);
        assert_eq!(pull.problem().title.as_str(), title, "{bytes}");
    }
}

#[test]
fn what_a_page_with_items_says_beside_them_is_no_word_of_a_problem() {
    let project = Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap();
    let (mut gate, mut buffer) = (gate(), [0; 256]);
    let mut pull =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, at(1)));
    pull.head(&mut gate, at(1), 200, []);
    let mut page = &br#"{"title":"My list","rows":[{"id":1},{"id":2}],"detail":"all of it","more":5"#[..];
    while pull.body(at(1), &mut page).is_some() {}
    pull.failed(&mut gate, at(1), TransportFault::Broken);
    assert_eq!(pull.problem(), &Problem::NONE);
}
