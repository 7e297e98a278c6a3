//! The CoreData API v2: offsets and links, filters that the server would pass over, empty and HTML errors, downloads from a
//! store elsewhere. Every scenario runs through every driver.

use tidegate_core::Endpoint;
use tidegate_core::api::List;
use tidegate_core::api::coredata::{self, Filter, FilterError, Resource};
use tidegate_core::gate::WaitReason;
use tidegate_core::http::{Body, Method, Parameter};
use tidegate_core::pull::{Failure, Outcome};
use tidegate_core::quota::Reason;
use tidegate_e2e::{Run, Scenario};
use tidegate_simulator::coredata::{Change, Config, DEFAULT_CREDENTIALS, Drift, MissingSlash, Next, Total};
use tidegate_simulator::{
    ApiKey, ErrorBody, Fault, KeyState, Limit, RetryAfter, Service, Simulator, Trigger, WindowKind,
};

fn of(config: Config, endpoint: Endpoint<'static>) -> Scenario {
    Scenario {
        key: DEFAULT_CREDENTIALS.to_owned(),
        ..Scenario::of(&coredata::API, Service::CoreData(config), endpoint)
    }
}

/// Five short pages.
fn short() -> Config {
    Config { items: 90, ..Config::default() }
}

fn list(name: &str) -> Endpoint<'static> {
    List::named(coredata::LISTS, name).expect("a list of that name")
}

fn failure(run: &Run) -> Failure {
    match run.outcome() {
        Outcome::Failed(failure) => failure,
        _ => panic!("the pull was complete"),
    }
}

#[test]
fn every_list_comes_whole() {
    for known in coredata::LISTS {
        let scenario = of(short(), known.endpoint);
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert_eq!((run.items.len(), run.stats.pages), (90, 5), "{}", known.name);
    }
}

#[test]
fn a_limit_of_any_size_changes_nothing_but_the_pages() {
    for (limit, max_limit, pages) in
        [(7, 1_000, 13), (1_000, 25, 4), (0, 1_000, 1), (0, 0, 1), (90, 1_000, 1)]
    {
        let config = Config { max_limit, ..short() };
        let scenario = of(config, list("projects").with("limit", Parameter::Int(limit)));
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert_eq!((run.items.len(), run.stats.pages), (90, pages), "limit {limit} of {max_limit}");
    }
}

#[test]
fn a_link_that_never_ends_and_a_total_that_counts_the_page_lose_nothing() {
    for next in [Next::Honest, Next::Endless] {
        for total in [Total::All, Total::OfPage] {
            let scenario = of(Config { next: next.clone(), total, ..short() }, list("contacts"));
            let run = scenario.run_everywhere();
            scenario.assert_complete(&run);
            assert!(run.stats.pages <= 6, "{next:?} {total:?}: one page too many at the most");
        }
    }
}

#[test]
fn a_link_to_another_origin_is_not_followed_and_receives_no_credential() {
    let next = Next::At("https://evil.example".to_owned());
    let scenario = of(Config { next, ..short() }, list("files"));
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.stats.leaked, 0);
}

#[test]
fn filters_narrow_the_list_and_arrive_as_they_were_meant() {
    let table = [
        (Resource::Projects, "title__startswith=Har"),
        (Resource::Contacts, "identifier__startswith=6"),
        (Resource::Tasks, "created__gt=2024-02-26T12:17:21Z"),
        (Resource::Files, "modified__range=2020-01-01T00:00:00Z,2024-12-31T23:59:59Z"),
    ];
    for (resource, text) in table {
        let filter = Filter::parse(resource, text).expect("a filter that is known");
        let endpoint = coredata::filtered(resource, &[filter]).expect("a filter of this resource");
        let scenario = of(short(), endpoint);
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert_eq!(
            Simulator::new(scenario.config.clone()).digest_of(run.targets()[0]),
            Some(run.digest()),
            "{text}"
        );
    }
}

#[test]
fn a_filter_that_the_server_would_pass_over_is_refused_before_anything_is_sent() {
    for text in ["titel=x", "title__contains=x", "parent=x", "created__since=2024-01-01", "identifier"] {
        let refused: Result<_, FilterError> = Filter::parse(Resource::Projects, text);
        assert!(refused.is_err(), "{text}");
    }
}

#[test]
fn a_date_that_the_server_cannot_take_is_an_error_and_one_that_it_can_is_not() {
    let of_text = |text: &'static str| {
        let filter = Filter::parse(Resource::Projects, text).expect("a filter that is known");
        coredata::filtered(Resource::Projects, &[filter]).expect("a filter of projects")
    };
    let naive = Config { zones: false, ..short() };
    let mut scenario = of(naive.clone(), of_text("created__gt=2024-02-26T12:17:21Z"));
    scenario.settings.retry.budget = 1;
    assert_eq!(failure(&scenario.run_everywhere()), Failure::Status { status: 500 });
    let scenario = of(naive, of_text("created__gt=2024-02-26T12:17:21"));
    scenario.assert_complete(&scenario.run_everywhere());
}

#[test]
fn rows_that_come_in_at_the_front_are_handed_over_once_and_the_change_is_told() {
    let drift = Some(Drift { after_pages: 2, objects: 5, change: Change::InsertedAtFront });
    let config = Config { drift, ..short() };
    let forgetful = of(config.clone(), list("projects")).run_everywhere();
    assert_eq!(forgetful.items.len(), 95, "without a memory five come twice");
    let run = Scenario { ids: 40, ..of(config, list("projects")) }.run_everywhere();
    assert_eq!((run.outcome().is_complete(), run.items.len()), (true, 90));
    assert_eq!((run.counters().repeated, run.counters().changed), (5, Some(95)));
}

#[test]
fn rows_that_slide_past_are_told_by_the_total() {
    let drift = Some(Drift { after_pages: 2, objects: 5, change: Change::RemovedFromFront });
    let run = of(Config { drift, ..short() }, list("projects")).run_everywhere();
    assert_eq!((run.outcome().is_complete(), run.items.len()), (true, 85));
    assert_eq!(run.counters().changed, Some(85), "five were passed over, and nobody could know which");
}

#[test]
fn a_throttle_is_waited_out_in_whatever_form_it_says_how_long() {
    for retry_after in [RetryAfter::Seconds, RetryAfter::HttpDate, RetryAfter::Missing] {
        let throttle = Some(Limit { requests: 3, window_ms: 60_000, window: WindowKind::Sliding });
        let scenario = of(Config { throttle, retry_after, ..short() }, list("tasks"));
        let run = scenario.run_everywhere();
        scenario.assert_complete(&run);
        assert!(run.stats.rejected > 0);
        let is_hint = |(_, why): &(_, WaitReason)| matches!(why, WaitReason::Limit(Reason::RetryAfter));
        assert_eq!(run.waits().iter().any(is_hint), retry_after != RetryAfter::Missing, "{retry_after:?}");
    }
}

#[test]
fn credentials_that_are_no_good_end_the_pull() {
    let old = vec![ApiKey { key: "old:key".to_owned(), state: KeyState::Expired }];
    for (credentials, key) in [(old, "old:key"), (vec![ApiKey::active("other:key")], DEFAULT_CREDENTIALS)] {
        let mut scenario = of(Config { credentials, ..short() }, list("spaces"));
        scenario.key = key.to_owned();
        let run = scenario.run_everywhere();
        assert_eq!((failure(&run), run.stats.requests), (Failure::Credential { status: 401 }, 1));
    }
}

#[test]
fn every_error_is_named_whatever_its_body() {
    let get = |path| Endpoint::call(Method::Get, path);
    let odd = get("/projects/").with("created__since", Parameter::Text("2024"));
    let slashless = |missing_slash| of(Config { missing_slash, ..short() }, get("/projects"));
    let table = [
        (of(short(), get("/projects/nothing/")), Failure::NotFound { status: 404 }),
        (slashless(MissingSlash::NotFound), Failure::NotFound { status: 404 }),
        (of(short(), odd), Failure::Status { status: 400 }),
        (of(short(), Endpoint::call(Method::Patch, "/projects/")), Failure::Status { status: 405 }),
        (
            of(
                short(),
                Endpoint::call(Method::Post, "/projects/")
                    .with_body(Body::Bytes { media: "text/plain", bytes: b"x" }),
            ),
            Failure::Status { status: 415 },
        ),
    ];
    for (scenario, expected) in table {
        assert_eq!(failure(&scenario.run_everywhere()), expected);
    }
    let run = slashless(MissingSlash::Redirect).run_everywhere();
    assert!(matches!(failure(&run), Failure::Redirect { status: 301, .. }));
    for body in [ErrorBody::Html, ErrorBody::Empty, ErrorBody::Traceback, ErrorBody::JsonOther] {
        let mut scenario = of(short(), list("projects"));
        scenario.config.faults = vec![(Trigger::Request(2), Fault::Status { status: 500, body })];
        scenario.assert_complete(&scenario.run_everywhere());
    }
}

#[test]
fn an_object_is_created_changed_and_removed_each_exactly_once() {
    let first = of(short(), list("projects")).run_virtually().items[0].clone();
    let first: serde_json::Value = serde_json::from_slice(&first).expect("an object is JSON");
    let id = Parameter::Text(first["id"].as_str().expect("an id").to_owned().leak());
    let body = Body::Json(r#"{"title":"Harbour"}"#);
    let one = |method| Endpoint::call(method, "/projects/{id}/").with("id", id);
    let writes = [
        (Endpoint::call(Method::Post, "/projects/").with_body(body), vec![201]),
        (one(Method::Put).with_body(body), vec![200, 204]),
        (one(Method::Patch).with_body(body), vec![202]),
        (one(Method::Delete), vec![204]),
    ];
    for (endpoint, statuses) in writes {
        let run = of(short(), endpoint).run_everywhere();
        let (status, location) = run.answer.clone().expect("an answer");
        assert!(statuses.contains(&status), "{endpoint}: {status}");
        assert_eq!(run.stats.writes, 1, "{endpoint}");
        assert_eq!(location.is_some(), status == 201, "{endpoint}: {location:?}");
    }
    let read = of(short(), one(Method::Get)).run_everywhere();
    assert!(read.body().contains(first["title"].as_str().expect("a title")));
}

#[test]
fn what_is_in_a_file_is_fetched_from_the_store_without_the_credential() {
    let first = of(short(), list("files")).run_virtually().items[0].clone();
    let first: serde_json::Value = serde_json::from_slice(&first).expect("an object is JSON");
    let id = Parameter::Text(first["id"].as_str().expect("an id").to_owned().leak());
    let scenario = of(short(), coredata::CONTENT.with("id", id));
    let run = scenario.run_everywhere();
    assert_eq!((run.outcome().is_complete(), run.stats.leaked), (true, 0));
    assert!(!run.items.concat().is_empty());
    assert_eq!(run.targets()[1], "(elsewhere)", "what opens the store is in no trace");
    let plain = Config { storage: Some("http://store.example".to_owned()), ..short() };
    let run = of(plain, coredata::CONTENT.with("id", id)).run_virtually();
    assert_eq!(run.stats.leaked, 0);
}

#[test]
fn a_restart_goes_on_at_the_offset() {
    let scenario = Scenario { restart_every: Some(2), ..of(short(), list("projects")) };
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.stats.pages, 5);
}

#[test]
fn a_page_cut_off_anywhere_is_asked_for_again() {
    for at in [0, 60, 300, 1_500, 5_000] {
        let mut scenario = of(short(), list("contacts"));
        scenario.config.faults = vec![(Trigger::Request(3), Fault::CutWire { at })];
        scenario.assert_complete(&scenario.run_everywhere());
    }
}

#[test]
fn a_later_page_that_fails_is_an_error_with_what_was_read_so_far() {
    let mut scenario = of(short(), list("projects"));
    scenario.config.faults =
        vec![(Trigger::Request(3), Fault::Status { status: 400, body: ErrorBody::Html })];
    let run = scenario.run_everywhere();
    assert_eq!((failure(&run), run.items.len()), (Failure::Status { status: 400 }, 40));
}
