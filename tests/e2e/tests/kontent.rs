//! The Kontent.ai Management API v2: tokens in a field, bodies that are sent again, two limits at once, its error bodies.
//! Every scenario runs through every driver.

use tidegate_core::Endpoint;
use tidegate_core::api::{List, kontent};
use tidegate_core::gate::WaitReason;
use tidegate_core::http::{Body, Method, Parameter};
use tidegate_core::page::PageFault;
use tidegate_core::pull::{End, Failure, Outcome};
use tidegate_core::quota::{Reason, Windows};
use tidegate_e2e::{Run, Scenario};
use tidegate_simulator::kontent::{Config, EndOfTokens, TokenForm};
use tidegate_simulator::{
    ApiKey, ErrorBody, Fault, KeyState, Limit, RetryAfter, Service, Trigger, WindowKind,
};

const ENVIRONMENT: Parameter<'static> = Parameter::Text("14372844-0a5d-434a-8423-605b8a631623");
const SUBSCRIPTION: Parameter<'static> = Parameter::Text("9c7b9841-ea99-48a7-a46d-65b2549d6c0d");

fn of(config: Config, endpoint: Endpoint<'static>) -> Scenario {
    Scenario::of(&kontent::API, Service::Kontent(config), endpoint)
}

/// Five short pages, and the limit out of the way.
fn short() -> Config {
    Config { items: 9, page_size: 2, limits: Vec::new(), ..Config::default() }
}

fn list(name: &str) -> Endpoint<'static> {
    let list = List::named(kontent::LISTS, name).expect("a list of that name");
    let places = ["asset", "type", "collection", "space", "task", "item"];
    let owner = if name == "projects" || name == "users" {
        list.with("subscription", SUBSCRIPTION)
    } else {
        list.with("environment", ENVIRONMENT)
    };
    places
        .into_iter()
        .filter(|place| format!("{list}").contains(&format!("{{{place}}}")))
        .fold(owner, |endpoint, place| {
            endpoint.with(place, Parameter::Text("6a0f0731-1f48-4a5a-8b5a-2d8ae57e3b6b"))
        })
}

fn failure(run: &Run) -> Failure {
    match run.outcome() {
        Outcome::Failed(failure) => failure,
        _ => panic!("the pull was complete"),
    }
}

#[test]
fn every_list_comes_whole() {
    for known in kontent::LISTS {
        let scenario = of(short(), list(known.name));
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert!(!run.items.is_empty(), "{}", known.name);
    }
}

#[test]
fn a_list_asked_for_by_post_sends_its_body_with_every_page() {
    let endpoints = [
        kontent::filtered_items(r#"{"filters":{"search_phrase":"x"},"order":{"by":"name"}}"#),
        kontent::bulk_items(r#"{"variants":[{"item":{"id":"a"},"language":{"id":"b"}}]}"#),
    ];
    for endpoint in endpoints {
        let scenario = of(short(), endpoint.with("environment", ENVIRONMENT));
        let run = scenario.run_everywhere();
        assert!(run.outcome().is_complete());
        assert_eq!((run.stats.pages, run.items.len()), (5, 9));
    }
}

#[test]
fn tokens_of_every_form_are_sent_back_as_they_came() {
    let forms = [TokenForm::Offset, TokenForm::Rid, TokenForm::Wrapped, TokenForm::Opaque(1_024)];
    for token in forms {
        for end in [EndOfTokens::Null, EndOfTokens::Empty] {
            let config = Config { token, end, next_page_at_the_end: true, ..short() };
            let scenario = of(config, list("items"));
            scenario.assert_complete(&scenario.run_everywhere());
        }
    }
}

#[test]
fn a_token_that_is_too_long_is_refused_and_not_cut() {
    let run = of(Config { token: TokenForm::Opaque(17_000), ..short() }, list("items")).run_everywhere();
    let Failure::Page(PageFault::CursorTooLong { needed: 17_000, limit: 16_384, .. }) = failure(&run) else {
        panic!("{:?}", run.outcome())
    };
    assert!(run.items.is_empty(), "a page whose token cannot be followed is not stored");
}

#[test]
fn a_restart_goes_on_by_the_token_in_the_checkpoint() {
    let config = Config { token: TokenForm::Wrapped, ..short() };
    let scenario = Scenario { restart_every: Some(1), ..of(config, list("types")) };
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.stats.pages, 5, "no page is asked for twice");
}

#[test]
fn both_limits_are_kept_and_nothing_is_rejected() {
    let config = Config { items: 850, page_size: 1, ..Config::default() };
    for window in [WindowKind::FirstRequest, WindowKind::Epoch, WindowKind::Sliding] {
        let limit = |requests, window_ms| Limit { requests, window_ms, window };
        let limits = vec![limit(10, 1_000), limit(400, 60_000)];
        let scenario = of(Config { limits, ..config.clone() }, list("items"));
        let run = scenario.run_virtually();
        scenario.assert_complete(&run);
        assert_eq!(run.stats.rejected, 0, "{window:?}");
        let waits = run.waits();
        for period in [1_000, 60_000] {
            let is_for = |why: &WaitReason| matches!(why, WaitReason::Limit(Reason::Window(window)) if window.period.as_millis() == period);
            assert!(waits.iter().any(|(_, why)| is_for(why)), "nothing waits for the window of {period} ms");
        }
    }
}

#[test]
fn every_driver_keeps_the_limit_of_a_second() {
    let scenario = of(Config { items: 25, page_size: 1, ..Config::default() }, list("items"));
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!((run.stats.rejected, run.waits().len()), (0, 2));
}

#[test]
fn a_rejection_is_waited_out_in_whatever_form_it_says_how_long() {
    for retry_after in
        [RetryAfter::Seconds, RetryAfter::HttpDate, RetryAfter::Fractional, RetryAfter::Missing]
    {
        let limits = vec![Limit { requests: 3, window_ms: 10_000, window: WindowKind::FirstRequest }];
        let mut scenario = of(Config { limits, retry_after, ..short() }, list("items"));
        scenario.windows = Windows::NONE;
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert!(run.stats.rejected > 0, "{retry_after:?}");
        let is_hint = |(_, why): &(_, WaitReason)| matches!(why, WaitReason::Limit(Reason::RetryAfter));
        assert_eq!(run.waits().iter().any(is_hint), retry_after != RetryAfter::Missing, "{retry_after:?}");
    }
}

#[test]
fn a_key_that_is_no_good_ends_the_pull_with_what_the_server_says() {
    for (state, status) in [(KeyState::Revoked, 403), (KeyState::Expired, 401)] {
        let keys = vec![ApiKey { key: "old".to_owned(), state }];
        let mut scenario = of(Config { keys, ..short() }, list("items"));
        scenario.key = "old".to_owned();
        let run = scenario.run_everywhere();
        assert_eq!((failure(&run), run.stats.requests), (Failure::Credential { status }, 1));
    }
    let mut scenario = of(short(), list("items"));
    scenario.key = "unknown".to_owned();
    assert_eq!(failure(&scenario.run_everywhere()), Failure::Credential { status: 401 });
}

#[test]
fn every_error_is_named() {
    let call = |method, path: &'static str| Endpoint::call(method, path).with("environment", ENVIRONMENT);
    let items = "/projects/{environment}/items";
    let table = [
        (call(Method::Get, "/projects/{environment}/nothing"), Failure::NotFound { status: 404 }),
        (call(Method::Delete, items), Failure::Status { status: 405 }),
        (call(Method::Post, items).with_body(Body::Json("{\"name\"")), Failure::Status { status: 400 }),
    ];
    for (endpoint, expected) in table {
        let run = of(short(), endpoint).run_everywhere();
        assert_eq!((failure(&run), run.stats.requests), (expected, 1));
    }
    let mut scenario = of(short(), list("items"));
    scenario.config.faults =
        vec![(Trigger::Request(2), Fault::Status { status: 503, body: ErrorBody::Html })];
    scenario.assert_complete(&scenario.run_everywhere());
}

#[test]
fn an_item_is_created_changed_and_removed_each_exactly_once() {
    let call = |method, path: &'static str| Endpoint::call(method, path).with("environment", ENVIRONMENT);
    let body = Body::Json(r#"{"name":"Harbour","codename":"harbour","type":{"codename":"place"}}"#);
    let run =
        of(short(), call(Method::Post, "/projects/{environment}/items").with_body(body)).run_everywhere();
    let (status, location) = run.answer.clone().expect("an answer");
    assert_eq!((status, run.stats.writes), (201, 1));
    assert!(location.is_some_and(|location| location.contains("/items/")));
    assert!(run.body().contains(r#""name":"Harbour""#), "{}", run.body());

    let first = of(short(), list("items")).run_virtually().items[0].clone();
    let first: serde_json::Value = serde_json::from_slice(&first).expect("an item is JSON");
    let id = Parameter::Text(first["id"].as_str().expect("an id").to_owned().leak());
    let one = "/projects/{environment}/items/{item}";
    let patch = r#"[{"op":"replace","property_name":"name","value":"Quay"}]"#;
    let changes = [
        (call(Method::Put, "/projects/{environment}/items/external-id/h").with_body(body), 201),
        (call(Method::Patch, one).with("item", id).with_body(Body::Json(patch)), 200),
        (call(Method::Delete, one).with("item", id), 204),
    ];
    for (endpoint, status) in changes {
        let run = of(short(), endpoint).run_everywhere();
        assert_eq!((run.answer.clone().map(|answer| answer.0), run.stats.writes), (Some(status), 1));
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_not_sent_again_and_an_upsert_is() {
    let call = |method, path: &'static str| Endpoint::call(method, path).with("environment", ENVIRONMENT);
    let body = Body::Json(r#"{"name":"Harbour","type":{"codename":"place"}}"#);
    let lost = vec![(Trigger::Request(1), Fault::CutWire { at: 0 })];
    let mut create = of(short(), call(Method::Post, "/projects/{environment}/items").with_body(body));
    create.config.faults = lost.clone();
    let run = create.run_everywhere();
    assert!(matches!(failure(&run), Failure::Transport(_)));
    assert_eq!((run.stats.requests, run.stats.writes), (1, 1), "it was carried out, and not again");
    let upsert = call(Method::Put, "/projects/{environment}/items/external-id/h").with_body(body);
    let mut upsert = of(short(), upsert);
    upsert.config.faults = lost;
    let run = upsert.run_everywhere();
    assert_eq!((run.outcome(), run.stats.requests), (Outcome::Complete(End::SingleAnswer), 2));
}

#[test]
fn a_write_that_the_limit_rejects_is_sent_again() {
    let body = Body::Json(r#"{"name":"Harbour","type":{"codename":"place"}}"#);
    let create = Endpoint::call(Method::Post, "/projects/{environment}/items");
    let mut scenario = of(short(), create.with("environment", ENVIRONMENT).with_body(body));
    scenario.config.faults = vec![(Trigger::Request(1), Fault::RejectLimit)];
    let run = scenario.run_everywhere();
    assert_eq!(
        (run.outcome(), run.stats.requests, run.stats.writes),
        (Outcome::Complete(End::SingleAnswer), 2, 1)
    );
}

#[test]
fn a_page_cut_off_anywhere_is_asked_for_again_by_the_same_token_and_body() {
    for at in [0, 40, 300, 600, 900] {
        let endpoint = kontent::filtered_items("{}").with("environment", ENVIRONMENT);
        let mut scenario = of(short(), endpoint);
        scenario.config.faults = vec![(Trigger::Request(3), Fault::CutWire { at })];
        let run = scenario.run_everywhere();
        assert_eq!((run.outcome().is_complete(), run.items.len()), (true, 9), "cut at {at}");
    }
}

#[test]
fn a_later_page_that_fails_is_an_error_with_what_was_read_so_far() {
    let mut scenario = of(short(), list("items"));
    scenario.config.faults =
        vec![(Trigger::Request(3), Fault::Status { status: 400, body: ErrorBody::Html })];
    let run = scenario.run_everywhere();
    assert_eq!((failure(&run), run.items.len()), (Failure::Status { status: 400 }, 4));
}
