//! The OpsRamp REST API v2: tokens, pages by number, limits that are counted apart for each kind of request, its error
//! bodies. Every scenario runs through every driver.

use tidegate_core::Endpoint;
use tidegate_core::api::List;
use tidegate_core::api::opsramp::{self, Category};
use tidegate_core::auth::TokenFault;
use tidegate_core::gate::WaitReason;
use tidegate_core::http::{Body, Method, Parameter};
use tidegate_core::page::Items;
use tidegate_core::pull::{End, Failure, Outcome, TransportFault};
use tidegate_core::quota::{Reason, Windows};
use tidegate_e2e::{Run, Scenario, Tokens};
use tidegate_simulator::oauth::{ExpiresIn, Fault as TokenTrouble};
use tidegate_simulator::opsramp::{
    Config, DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_TENANT, Drift, Envelope, ErrorBodies, Optional, RateFields,
    Tenant,
};
use tidegate_simulator::{ErrorBody, Fault, Service, Trigger, WindowKind};

const TENANT: Parameter<'static> = Parameter::Text(DEFAULT_TENANT);
const TOKENS: Tokens = Tokens { url: opsramp::TOKEN_PATH, client_id: DEFAULT_KEY, extra: None };

fn of(config: Config, endpoint: Endpoint<'static>) -> Scenario {
    Scenario {
        tokens: Some(TOKENS),
        key: DEFAULT_SECRET.to_owned(),
        ..Scenario::of(&opsramp::API, Service::OpsRamp(config), endpoint)
    }
}

/// Three short pages.
fn short() -> Config {
    Config { items: 25, page_size: 10, ..Config::default() }
}

fn list(name: &str) -> Endpoint<'static> {
    List::named(opsramp::LISTS, name).expect("a list of that name").with("tenant", TENANT)
}

fn call(method: Method, path: &'static str) -> Endpoint<'static> {
    Endpoint::call(method, path).with("tenant", TENANT)
}

fn failure(run: &Run) -> Failure {
    match run.outcome() {
        Outcome::Failed(failure) => failure,
        _ => panic!("the pull was complete"),
    }
}

/// The id of the first of the resources.
fn some_resource() -> Parameter<'static> {
    let first = of(short(), list("resources")).run_virtually().items[0].clone();
    let first: serde_json::Value = serde_json::from_slice(&first).expect("an item is JSON");
    Parameter::Text(first["id"].as_str().expect("an id").to_owned().leak())
}

/// A complete pull has all items, however it is asked for.
fn assert_whole(scenario: &Scenario, items: usize) -> Run {
    let run = scenario.run_everywhere();
    assert_eq!((run.outcome().is_complete(), run.items.len()), (true, items));
    run
}

#[test]
fn every_list_comes_whole_and_with_one_token() {
    for known in opsramp::LISTS {
        let scenario = of(short(), list(known.name));
        let run = assert_whole(&scenario, 25);
        assert_eq!(run.stats.tokens, 1, "{}", known.name);
        assert_eq!(run.stats.leaked, 0);
        assert_eq!(run.targets()[0], opsramp::TOKEN_PATH);
    }
    let old = Tokens { url: opsramp::OLD_TOKEN_PATH, ..TOKENS };
    assert_whole(&Scenario { tokens: Some(old), ..of(short(), list("resources")) }, 25);
}

#[test]
fn a_page_size_of_the_callers_is_asked_for_with_every_page() {
    let run = assert_whole(&of(short(), list("resources").with("pageSize", Parameter::Int(7))), 25);
    assert_eq!(run.targets()[2], "/api/v2/tenants/client_99999/resources/search?pageSize=7&pageNo=2");
}

#[test]
fn an_envelope_with_and_without_its_optional_members_leads_on() {
    for optional in [Optional::AsCounted, Optional::All, Optional::None] {
        for next_repeats in [false, true] {
            for zeros in [false, true] {
                let envelope = Envelope { optional, next_repeats, zeros, ..Envelope::default() };
                assert_whole(&of(Config { envelope, ..short() }, list("resources")), 25);
            }
        }
    }
    let envelope = Envelope { result_for_alerts: true, ..Envelope::default() };
    let alerts = list("alerts").items_in(Items::Key("result"));
    assert_whole(&of(Config { envelope, ..short() }, alerts), 25);
}

#[test]
fn an_empty_page_that_says_that_more_follow_ends_the_list() {
    let envelope = Envelope { empty_page: Some(4), ..Envelope::default() };
    let run = assert_whole(&of(Config { envelope, ..short() }, list("resources")), 25);
    assert_eq!(run.stats.pages, 4);
}

#[test]
fn a_filter_arrives_as_it_was_meant() {
    let filtered =
        list("resources").with("queryString", Parameter::Text("state:active+resourceType:Windows"));
    let scenario = of(short(), filtered);
    let run = scenario.run_everywhere();
    scenario_is_filtered(&scenario, &run);
    let target = run.targets()[1].to_owned();
    assert!(target.contains("queryString=state%3Aactive%2BresourceType%3AWindows"), "{target}");
}

/// What came is what the simulator finds by the same filter, and neither nothing nor everything.
fn scenario_is_filtered(scenario: &Scenario, run: &Run) {
    let simulator = tidegate_simulator::Simulator::new(scenario.config.clone());
    assert!(run.outcome().is_complete());
    assert_eq!(Some(run.digest()), simulator.digest_of(run.targets()[1]));
    assert!(run.items.len() < 25);
}

#[test]
fn each_kind_of_request_has_its_own_limit_and_none_is_rejected() {
    for window in [WindowKind::FirstRequest, WindowKind::Epoch, WindowKind::Sliding] {
        for rate_fields in [RateFields::Plain, RateFields::Quoted, RateFields::Absent] {
            let config = Config { items: 120, page_size: 1, window, rate_fields, ..Config::default() };
            let mut scenario = of(config, list("resources"));
            scenario.windows = opsramp::windows(Category::Devices);
            let run = scenario.run_everywhere();
            assert_eq!((run.outcome().is_complete(), run.items.len()), (true, 120));
            assert_eq!(run.stats.rejected, 0, "{window:?} {rate_fields:?}");
            assert!(!run.waits().is_empty());
        }
    }
}

#[test]
fn a_rejection_is_waited_out_until_the_reset_that_the_server_names() {
    for rate_fields in [RateFields::Plain, RateFields::Quoted] {
        let config = Config { items: 60, page_size: 1, rate_fields, ..Config::default() };
        let mut scenario = of(config, list("resources"));
        scenario.windows = Windows::NONE;
        scenario.config.faults = vec![(Trigger::Request(5), Fault::RejectLimit)];
        let run = scenario.run_everywhere();
        assert_eq!((run.outcome().is_complete(), run.items.len()), (true, 60));
        let is_told = |(_, why): &(_, WaitReason)| {
            matches!(why, WaitReason::Limit(Reason::RetryAfter | Reason::ServerQuota))
        };
        assert!(run.waits().iter().any(is_told), "{rate_fields:?}: {:?}", run.waits());
    }
}

#[test]
fn a_token_that_is_over_is_replaced_and_nothing_is_lost() {
    for expired_status in [407, 401] {
        let mut config = Config { expired_status, ..short() };
        config.token.revoked_after = Some(2);
        let run = assert_whole(&of(config, list("resources")), 25);
        assert_eq!(run.stats.tokens, 2, "{expired_status}");
    }
    let run = assert_whole(&of(Config { unable_first: 1, ..short() }, list("resources")), 25);
    assert_eq!(run.stats.tokens, 2, "400 may be about the token");
}

#[test]
fn a_token_is_replaced_before_its_time_is_over() {
    for expires_in in [ExpiresIn::Number, ExpiresIn::String] {
        let mut config = Config { items: 120, page_size: 1, ..Config::default() };
        config.token.lifetime_s = 100;
        config.token.expires_in = expires_in;
        let run = of(config, list("resources")).run_everywhere();
        assert_eq!((run.outcome().is_complete(), run.items.len()), (true, 120));
        assert!(run.stats.tokens >= 2, "{} tokens", run.stats.tokens);
        assert_eq!(run.stats.unauthorized, 0, "{expires_in:?}: no request came with a token that was over");
    }
}

#[test]
fn a_server_that_refuses_every_token_is_not_hammered() {
    let mut config = short();
    config.token.revoked_after = Some(0);
    let run = of(config, list("resources")).run_everywhere();
    assert_eq!(failure(&run), Failure::Credential { status: 407 });
    // The first token is tried twice, for a server may need a moment until it knows it; then a second one.
    assert_eq!((run.stats.tokens, run.stats.requests), (2, 5));
}

#[test]
fn a_wrong_secret_ends_the_pull_after_one_request() {
    let scenario = Scenario { key: "wrong".to_owned(), ..of(short(), list("resources")) };
    let run = scenario.run_everywhere();
    assert_eq!((failure(&run), run.stats.requests), (Failure::Credential { status: 401 }, 1));
}

#[test]
fn a_token_endpoint_in_trouble_is_asked_again_or_named() {
    let trouble = |fault, times| {
        let mut config = short();
        config.token.fault = Some((fault, times));
        of(config, list("resources"))
    };
    assert_whole(&trouble(TokenTrouble::ServerError, 1), 25);
    let run = trouble(TokenTrouble::NoToken, 9).run_everywhere();
    assert_eq!((failure(&run), run.stats.requests), (Failure::Token(TokenFault::Missing), 1));
    assert_eq!(
        failure(&trouble(TokenTrouble::Unfit, 9).run_everywhere()),
        Failure::Token(TokenFault::Unsendable)
    );
    let huge = trouble(TokenTrouble::Huge { bytes: 20_000 }, 9).run_everywhere();
    assert!(matches!(failure(&huge), Failure::Token(TokenFault::TooLong { .. })));
    assert_whole(&trouble(TokenTrouble::Huge { bytes: 3_000 }, 9), 25);
}

#[test]
fn a_token_answer_that_leads_elsewhere_receives_no_secret_and_is_named() {
    let location = "https://evil.example/token".to_owned();
    let mut config = short();
    config.token.fault = Some((TokenTrouble::Redirect { location }, 9));
    let run = of(config, list("resources")).run_everywhere();
    assert!(matches!(failure(&run), Failure::Redirect { status: 307, .. }));
    let text = failure(&run).to_string();
    assert!(text.contains("https://evil.example/token") && text.contains("http://127.0.0.1"), "{text}");
    assert_eq!((run.stats.requests, run.stats.leaked), (1, 0));
}

#[test]
fn every_error_is_named_whatever_its_body() {
    let gone = vec![Tenant { id: DEFAULT_TENANT.to_owned(), active: false }];
    let table = [
        (Config { tenants: gone, ..short() }, list("resources"), Failure::Status { status: 410 }),
        (
            short(),
            Endpoint::call(Method::Get, "/tenants/other/resources/minimal"),
            Failure::NotFound { status: 404 },
        ),
        (short(), call(Method::Delete, "/tenants/{tenant}/alerts/search"), Failure::Status { status: 405 }),
        (
            short(),
            call(Method::Get, "/tenants/{tenant}/resources/nothing"),
            Failure::NotFound { status: 500 },
        ),
    ];
    for (config, endpoint, expected) in table {
        assert_eq!(failure(&of(config, endpoint).run_everywhere()), expected);
    }
    for error_bodies in [ErrorBodies::Own, ErrorBodies::Empty, ErrorBodies::NotJson] {
        let policy = call(Method::Put, "/tenants/{tenant}/policies/management").with_body(Body::Json("{}"));
        let run = of(Config { error_bodies, ..short() }, policy).run_everywhere();
        assert_eq!(failure(&run), Failure::Status { status: 400 }, "{error_bodies:?}");
        assert_eq!(run.stats.tokens, 1, "a write that was refused is not taken for one with a bad token");
    }
    for body in [ErrorBody::Html, ErrorBody::Empty, ErrorBody::Traceback] {
        let mut scenario = of(short(), list("resources"));
        scenario.config.faults = vec![(Trigger::Request(3), Fault::Status { status: 502, body })];
        assert_whole(&scenario, 25);
    }
}

#[test]
fn what_is_not_ready_yet_is_asked_for_again() {
    let id = some_resource();
    let read = call(Method::Get, "/tenants/{tenant}/resources/{id}").with("id", id);
    let run = of(Config { not_ready_first: 2, ..short() }, read).run_everywhere();
    assert_eq!(run.answer.clone().map(|answer| answer.0), Some(200));
    let update = call(Method::Post, "/tenants/{tenant}/resources/{id}").with("id", id);
    let update = update.with_body(Body::Json(r#"{"name":"harbour"}"#));
    let run = of(Config { not_ready_first: 2, ..short() }, update).run_everywhere();
    assert_eq!(
        (run.outcome(), run.stats.writes),
        (Outcome::Complete(End::SingleAnswer), 1),
        "nothing was done before"
    );
}

#[test]
fn what_is_written_is_written_once() {
    let id = some_resource();
    let body =
        Body::Json(r#"{"resourceName":"harbour","name":"harbour","hostName":"h","resourceType":"Windows"}"#);
    let one = "/tenants/{tenant}/resources/{id}";
    let writes = [
        call(Method::Put, "/tenants/{tenant}/resources").with_body(body),
        call(Method::Post, one).with("id", id).with_body(body),
        call(Method::Delete, one).with("id", id),
    ];
    for endpoint in writes {
        let run = of(short(), endpoint).run_everywhere();
        assert_eq!(
            (run.outcome(), run.stats.writes),
            (Outcome::Complete(End::SingleAnswer), 1),
            "{endpoint}"
        );
    }
}

#[test]
fn an_action_is_run_once_even_if_its_answer_is_lost() {
    let policies = opsramp::array("/tenants/{tenant}/policies/management").with("tenant", TENANT);
    let first = of(short(), policies).run_virtually().items[0].clone();
    let first: serde_json::Value = serde_json::from_slice(&first).expect("an item is JSON");
    let id = Parameter::Text(first["id"].as_str().expect("an id").to_owned().leak());
    let action = opsramp::action("/tenants/{tenant}/policies/management/{id}/action/run");
    let action = action.with("tenant", TENANT).with("id", id);
    let run = of(short(), action).run_everywhere();
    assert_eq!((run.outcome(), run.stats.writes), (Outcome::Complete(End::SingleAnswer), 1));
    let mut lost = of(short(), action);
    lost.config.faults = vec![(Trigger::Request(2), Fault::CutWire { at: 0 })];
    let run = lost.run_everywhere();
    assert_eq!(failure(&run), Failure::Transport(TransportFault::Broken));
    assert_eq!(run.stats.writes, 1);
}

#[test]
fn rows_that_move_while_they_are_read_are_handed_over_once_and_the_change_is_told() {
    let drift = vec![Drift { page: 2, inserted: 3, removed: 0 }];
    let moved = Config { drift, ..short() };
    let forgetful = of(moved.clone(), list("resources")).run_everywhere();
    assert_eq!(forgetful.items.len(), 28, "without a memory three come twice");
    let run = Scenario { ids: 20, ..of(moved, list("resources")) }.run_everywhere();
    assert_eq!((run.outcome().is_complete(), run.items.len()), (true, 25));
    let counters = run.counters();
    assert_eq!(counters.repeated, 3);
    assert!(counters.changed.is_none_or(|total| total == 28), "{:?}", counters.changed);
}

#[test]
fn rows_that_slide_past_are_told_by_the_total() {
    let drift = vec![Drift { page: 2, inserted: 0, removed: 3 }];
    let envelope = Envelope { optional: Optional::All, ..Envelope::default() };
    let run = of(Config { drift, envelope, ..short() }, list("resources")).run_everywhere();
    assert!(run.outcome().is_complete());
    assert_eq!(run.counters().changed, Some(22), "three were passed over, and nobody could know which");
}

#[test]
fn a_restart_goes_on_at_the_page_and_asks_for_a_new_token() {
    let scenario = Scenario { restart_every: Some(1), ..of(short(), list("resources")) };
    let run = assert_whole(&scenario, 25);
    assert_eq!((run.stats.pages, run.stats.tokens), (3, 3), "a token is in no checkpoint");
}

#[test]
fn a_page_cut_off_anywhere_is_asked_for_again() {
    for at in [0, 50, 400, 900, 2_000] {
        let mut scenario = of(short(), list("incidents"));
        scenario.config.faults = vec![(Trigger::Request(3), Fault::CutWire { at })];
        assert_whole(&scenario, 25);
    }
}

#[test]
fn a_later_page_that_fails_is_an_error_with_what_was_read_so_far() {
    let mut scenario = of(short(), list("resources"));
    scenario.config.faults =
        vec![(Trigger::Request(3), Fault::Status { status: 410, body: ErrorBody::Empty })];
    let run = scenario.run_everywhere();
    assert_eq!((failure(&run), run.items.len()), (Failure::Status { status: 410 }, 10));
}

#[test]
fn a_page_that_names_itself_as_the_next_is_not_asked_for_again() {
    let mut scenario = of(short(), list("resources"));
    scenario.config.faults = vec![(Trigger::Request(3), Fault::RepeatCursor)];
    assert_whole(&scenario, 25);
}

#[test]
fn json_nested_too_deep_is_refused() {
    let mut scenario = of(short(), list("resources"));
    scenario.config.faults = vec![(Trigger::Every(1), Fault::DeepJson { depth: 4_000 })];
    let run = scenario.run_everywhere();
    assert!(matches!(failure(&run), Failure::Page(_)), "{:?}", run.outcome());
}
