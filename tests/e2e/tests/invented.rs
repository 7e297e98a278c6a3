//! An API that no vendor has, described in this file and nowhere else: what it takes to add one. Every scenario runs through
//! every driver.

use tidegate_core::api::{Api, Endpoint};
use tidegate_core::auth::Credential;
use tidegate_core::cursor::Pager;
use tidegate_core::http::{Body, Method};
use tidegate_core::page::Items;
use tidegate_core::pull::{End, Failure, Outcome};
use tidegate_core::quota::{Window, Windows};
use tidegate_core::time::Duration;
use tidegate_e2e::{Run, Scenario, send_on_embassy};
use tidegate_embassy::SendError;
use tidegate_simulator::{Custom, Request, Service};

const API: Api = Api {
    name: "Lighthouse log",
    credential: Credential::Field { name: "x-lamp", scheme: "oil " },
    windows: Windows::one(Window::new(5, Duration::from_secs(10))),
    rejected: &[420],
    credential_refused: &[418],
    not_found: &[],
    not_ready: &[],
    repeatable: Method::IDEMPOTENT,
    says_limits: false,
    is_sequential: false,
    maintenance: None,
};

const PAGER: Pager = Pager::Offset { parameter: "skip", more: "rest.more", total: "rest.count" };
const LOG: Endpoint<'static> = Endpoint::new("/log/", Items::Key("night.watches"), PAGER).known_by("no");

/// Three entries at a time of eight, to whoever has the oil.
fn keeper(request: &Request<'_>) -> (u16, String) {
    let lamp = request.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-lamp"));
    if lamp.is_none_or(|(_, value)| value != "oil simulator-key") {
        return (418, r#"{"error":"dark"}"#.to_owned());
    }
    if request.method == "POST" {
        return (201, String::from_utf8_lossy(request.body).into_owned());
    }
    let skip: usize =
        request.target.split_once("skip=").map_or(0, |(_, skip)| skip.parse().expect("a number"));
    let watches: Vec<String> = (skip..8.min(skip + 3)).map(|no| format!(r#"{{"no":{no}}}"#)).collect();
    let more = if skip + 3 < 8 { "\"/log/?skip=next\"" } else { "null" };
    (200, format!(r#"{{"rest":{{"more":{more},"count":8}},"night":{{"watches":[{}]}}}}"#, watches.join(",")))
}

/// The same, with links to a ship that is not the keeper's.
fn wrecker(request: &Request<'_>) -> (u16, String) {
    let (status, body) = keeper(request);
    (status, body.replace("\"/log/?skip=next\"", "\"https://wreckers.example/log/?skip=3\""))
}

fn of(keeper: fn(&Request<'_>) -> (u16, String), endpoint: Endpoint<'static>) -> Scenario {
    Scenario::of(&API, Service::Custom(Custom(keeper)), endpoint)
}

fn failure(run: &Run) -> Failure {
    match run.outcome() {
        Outcome::Failed(failure) => failure,
        _ => panic!("the pull was complete"),
    }
}

#[test]
fn a_sixth_api_is_a_description_and_nothing_else() {
    let run = of(keeper, LOG).run_everywhere();
    assert!(run.outcome().is_complete());
    let expected: Vec<_> = (0..8).map(|no| format!(r#"{{"no":{no}}}"#).into_bytes()).collect();
    assert_eq!(run.items, expected);
    assert_eq!(run.targets(), ["/log/", "/log/?skip=3", "/log/?skip=6"]);
}

#[test]
fn it_is_written_to_as_well() {
    let write = Endpoint::call(Method::Post, "/log/").with_body(Body::JsonString("fog\n\"thick\""));
    let run = of(keeper, write).run_everywhere();
    assert_eq!((run.answer.clone(), run.body().as_str()), (Some((201, None)), "\"fog\\u000a\\\"thick\\\"\""));
}

#[test]
fn firmware_gets_the_answer_to_a_call_in_a_buffer_of_its_own() {
    let write = Endpoint::call(Method::Post, "/log/").with_body(Body::Json("{\"fog\":\"thick\"}"));
    let sent = |room| send_on_embassy(&of(keeper, write), room);
    assert_eq!(sent(64), Ok((201, b"{\"fog\":\"thick\"}".to_vec())));
    assert_eq!(sent(8), Err(SendError::TooLong { room: 8 }));
    let dark = Scenario { key: "water".to_owned(), ..of(keeper, write) };
    assert_eq!(send_on_embassy(&dark, 64), Err(SendError::Failed(Failure::Credential { status: 418 })));
}

#[test]
fn its_key_is_refused_by_its_own_status() {
    let scenario = Scenario { key: "water".to_owned(), ..of(keeper, LOG) };
    assert_eq!(failure(&scenario.run_everywhere()), Failure::Credential { status: 418 });
}

#[test]
fn a_link_to_another_origin_is_not_followed() {
    let run = of(wrecker, LOG).run_everywhere();
    assert_eq!((run.outcome(), run.items.len()), (Outcome::Complete(End::SaidSo), 8));
    assert_eq!(run.targets(), ["/log/", "/log/?skip=3", "/log/?skip=6"]);
}
