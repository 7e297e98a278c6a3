//! The Frends platform API: Entra's tokens, pages by number, instances by token, specifications as JSON strings and as files.
//! Every scenario runs through every driver.

use tidegate_core::Endpoint;
use tidegate_core::api::{List, frends};
use tidegate_core::cursor::CursorFault;
use tidegate_core::http::{Body, Method, Parameter};
use tidegate_core::pull::{Failure, Outcome, Settings};
use tidegate_core::time::Duration;
use tidegate_e2e::{Run, SETTINGS, Scenario, Tokens};
use tidegate_simulator::frends::{Config, DEFAULT_CLIENT, DEFAULT_RESOURCE, DEFAULT_SECRET, Links};
use tidegate_simulator::oauth::ExpiresIn;
use tidegate_simulator::{EndOfList, ErrorBody, Fault, Limit, Service, Trigger, WindowKind};

const TOKEN_PATH: &str = "/contoso.example/oauth2/token";
const TOKENS: Tokens =
    Tokens { url: TOKEN_PATH, client_id: DEFAULT_CLIENT, extra: Some((frends::RESOURCE, DEFAULT_RESOURCE)) };

fn of(config: Config, endpoint: Endpoint<'static>) -> Scenario {
    Scenario {
        tokens: Some(TOKENS),
        key: DEFAULT_SECRET.to_owned(),
        ..Scenario::of(&frends::API, Service::Frends(config), endpoint)
    }
}

fn list(name: &str) -> Endpoint<'static> {
    List::named(frends::LISTS, name).expect("a list of that name")
}

fn failure(run: &Run) -> Failure {
    match run.outcome() {
        Outcome::Failed(failure) => failure,
        _ => panic!("the pull was complete"),
    }
}

/// A specification of an API below this path.
fn specification(base: &str) -> &'static str {
    let text = format!(
        r#"{{"openapi":"3.0.1","info":{{"title":"Harbour","description":"\"þ\"\n"}},"servers":[{{"url":"https://g.example{base}"}}],"paths":{{"/quays":{{"get":{{}}}}}}}}"#
    );
    text.leak()
}

/// A pull is whole if it has what the simulator finds at the second target, the first being the token's.
fn assert_whole(scenario: &Scenario) -> Run {
    let run = scenario.run_everywhere();
    assert!(run.outcome().is_complete());
    let simulator = tidegate_simulator::Simulator::new(scenario.config.clone());
    assert_eq!(Some(run.digest()), simulator.digest_of(run.targets()[1]));
    assert!(!run.items.is_empty());
    run
}

#[test]
fn every_list_comes_whole_and_with_one_token() {
    let lists = [
        list("api-specifications"),
        list("processes"),
        list("process-deployments"),
        list("process-templates"),
        list("environment-variables"),
        list("instances").with("agentGroupId", Parameter::Int(2)),
    ];
    for endpoint in lists {
        let run = assert_whole(&of(Config::default(), endpoint));
        assert_eq!((run.stats.tokens, run.stats.leaked), (1, 0), "{endpoint}");
        assert!(run.stats.pages >= 3, "{endpoint}");
    }
}

#[test]
fn a_page_size_of_the_callers_is_asked_for_and_one_too_large_is_an_error() {
    let sized = |size| of(Config::default(), list("processes").with("PageSize", Parameter::Int(size)));
    assert_eq!(assert_whole(&sized(200)).stats.pages, 1);
    assert_eq!(assert_whole(&sized(13)).stats.pages, 10);
    assert_eq!(failure(&sized(201).run_everywhere()), Failure::Status { status: 400 });
}

#[test]
fn the_end_is_a_link_that_is_null_or_absent() {
    for end_of_list in [EndOfList::Null, EndOfList::Missing] {
        let run = assert_whole(&of(Config { end_of_list, ..Config::default() }, list("processes")));
        assert_eq!(run.stats.pages, 5, "{end_of_list:?}");
    }
}

#[test]
fn a_link_to_another_origin_is_not_followed_and_receives_no_credential() {
    for origin in ["https://evil.example", "http://internal:8080"] {
        let links = Links::Origin(origin.to_owned());
        let run = assert_whole(&of(Config { links, ..Config::default() }, list("processes")));
        assert_eq!(run.stats.leaked, 0, "{origin}");
    }
}

#[test]
fn instances_keep_their_filters_on_every_page() {
    let filtered = list("instances")
        .with("agentGroupId", Parameter::Int(2))
        .with("stateFilter", Parameter::Text("ShowFinished"))
        .with("isChildProcess", Parameter::Text("false"));
    let run = assert_whole(&of(Config::default(), filtered));
    assert!(run.targets().iter().skip(1).all(|target| target.contains("stateFilter=ShowFinished")));
    let scenario = Scenario { restart_every: Some(1), ..of(Config::default(), filtered) };
    assert!(assert_whole(&scenario).outcome().is_complete());
}

#[test]
fn a_token_is_replaced_before_its_end_or_once_when_it_is_refused() {
    for expires_in in [ExpiresIn::Number, ExpiresIn::String, ExpiresIn::Absent] {
        let mut config = Config::default();
        config.token.expires_in = expires_in;
        config.token.revoked_after = Some(3);
        let run = assert_whole(&of(config, list("processes")));
        assert_eq!(run.stats.tokens, 2, "{expires_in:?}");
    }
}

#[test]
fn credentials_that_are_no_good_are_not_tried_twice() {
    let wrong = Scenario { key: "wrong".to_owned(), ..of(Config::default(), list("processes")) };
    let run = wrong.run_everywhere();
    assert!(matches!(failure(&run), Failure::Credential { status: 400 | 401 }));
    assert_eq!(run.stats.requests, 1);
    let other = Tokens { extra: Some((frends::RESOURCE, "api://other")), ..TOKENS };
    let run = Scenario { tokens: Some(other), ..of(Config::default(), list("processes")) }.run_everywhere();
    assert!(matches!(failure(&run), Failure::Credential { .. }));
    assert_eq!(run.stats.requests, 1);
    let run = of(Config { forbidden: true, ..Config::default() }, list("processes")).run_everywhere();
    assert_eq!((failure(&run), run.stats.requests), (Failure::Credential { status: 403 }, 2));
}

#[test]
fn a_rejection_that_tells_no_time_is_waited_out() {
    let limit = Some(Limit { requests: 2, window_ms: 20_000, window: WindowKind::FirstRequest });
    let run = assert_whole(&of(Config { limit, ..Config::default() }, list("processes")));
    assert!(run.stats.rejected > 0);
}

#[test]
fn every_error_is_named_whatever_its_body() {
    let get = |path| Endpoint::call(Method::Get, path);
    let table = [
        (get("/nothing"), Failure::NotFound { status: 404 }),
        (frends::READ.with("id", Parameter::Int(999)), Failure::NotFound { status: 404 }),
        (frends::READ.with("id", Parameter::Text("x")), Failure::Status { status: 400 }),
        (Endpoint::call(Method::Post, "/processes"), Failure::Status { status: 405 }),
        (
            Endpoint::call(Method::Post, "/api-management/api-specifications").with_body(Body::Json("{}")),
            Failure::Status { status: 400 },
        ),
        (frends::create(specification("/api/made/3")), Failure::Status { status: 409 }),
    ];
    for (endpoint, expected) in table {
        let run = of(Config::default(), endpoint).run_everywhere();
        assert_eq!((failure(&run), run.stats.writes), (expected, 0), "{endpoint}");
    }
    for body in [ErrorBody::Html, ErrorBody::Empty, ErrorBody::Problem] {
        let mut scenario = of(Config::default(), list("processes"));
        scenario.config.faults = vec![(Trigger::Request(4), Fault::Status { status: 503, body })];
        assert_whole(&scenario);
    }
}

#[test]
fn a_single_object_is_read() {
    for endpoint in [
        frends::READ.with("id", Parameter::Int(7)),
        frends::READ_VERSION.with("id", Parameter::Int(7)).with("apiVersion", Parameter::Int(1)),
    ] {
        let run = of(Config::default(), endpoint).run_everywhere();
        assert_eq!(run.answer.clone().map(|answer| answer.0), Some(200));
        assert!(run.body().starts_with(r#"{"data":{"#), "{}", run.body());
    }
}

#[test]
fn a_specification_is_created_as_a_json_string_and_imported_as_a_file() {
    let text = specification("/harbour/v1");
    for endpoint in [frends::create(text), frends::import("harbour.json", text.as_bytes())] {
        let run = of(Config::default(), endpoint).run_everywhere();
        assert_eq!((run.answer.clone().map(|answer| answer.0), run.stats.writes), (Some(201), 1));
        assert!(run.body().contains(r#""name":"Harbour""#), "{}", run.body());
    }
    let update = frends::update(specification("/api/made/6")).with("id", Parameter::Int(7));
    let run = of(Config::default(), update).run_everywhere();
    assert_eq!((run.answer.clone(), run.body().as_str(), run.stats.writes), (Some((200, None)), "", 1));
}

#[test]
fn what_is_published_deployed_and_removed_is_so_once() {
    let publish = frends::publish(r#"{"changeDescription":"new quays"}"#).with("id", Parameter::Int(7));
    let run = of(Config::default(), publish).run_everywhere();
    assert_eq!((run.outcome().is_complete(), run.stats.writes), (true, 1));
    let delete = frends::DELETE.with("id", Parameter::Int(7)).with("agentGroupId", Parameter::Int(1));
    let run = of(Config::default(), delete).run_everywhere();
    assert_eq!((run.answer.clone(), run.stats.writes), (Some((204, None)), 1));
    let deploy = frends::DEPLOY
        .with("id", Parameter::Int(7))
        .with("apiVersion", Parameter::Int(99))
        .with("agentGroupId", Parameter::Int(2));
    assert_eq!(failure(&of(Config::default(), deploy).run_everywhere()), Failure::NotFound { status: 404 });
}

#[test]
fn passthrough_configurations_are_listed_and_created() {
    let place = |endpoint: Endpoint<'static>| {
        endpoint.with("id", Parameter::Int(7)).with("apiVersion", Parameter::Int(1))
    };
    let run = of(Config::default(), place(list("api-passthrough"))).run_everywhere();
    assert_eq!((run.outcome().is_complete(), run.items.len()), (true, 0));
    let create = frends::create_passthrough(r#"{"isDefault":true,"corsEnabled":true}"#);
    let run = of(Config::default(), place(create)).run_everywhere();
    assert_eq!((run.answer.clone().map(|answer| answer.0), run.stats.writes), (Some(201), 1));
}

#[test]
fn an_import_whose_answer_is_lost_is_not_sent_again() {
    let import = frends::import("harbour.json", specification("/harbour/v1").as_bytes());
    let mut scenario = of(Config::default(), import);
    scenario.config.faults = vec![(Trigger::Request(2), Fault::CutWire { at: 0 })];
    let run = scenario.run_everywhere();
    assert!(matches!(failure(&run), Failure::Transport(_)));
    assert_eq!((run.stats.requests, run.stats.writes), (2, 1));
}

#[test]
fn an_import_may_take_as_long_as_its_settings_say() {
    let import = frends::import("harbour.json", specification("/harbour/v1").as_bytes());
    let slow = Scenario { round_trip: Duration::from_secs(9 * 60), ..of(Config::default(), import) };
    assert!(matches!(failure(&slow.run_virtually()), Failure::Transport(_)));
    let settings = Settings { head_timeout: Duration::from_secs(10 * 60), ..SETTINGS };
    let run = Scenario { settings, ..slow }.run_virtually();
    assert_eq!((run.outcome().is_complete(), run.stats.writes), (true, 1));
}

#[test]
fn a_page_cut_off_anywhere_is_asked_for_again() {
    for at in [0, 60, 300, 1_500, 5_000] {
        let mut scenario = of(Config::default(), list("environment-variables"));
        scenario.config.faults = vec![(Trigger::Request(3), Fault::CutWire { at })];
        assert_whole(&scenario);
    }
}

#[test]
fn a_later_page_that_fails_is_an_error_with_what_was_read_so_far() {
    let mut scenario = of(Config::default(), list("processes"));
    scenario.config.faults =
        vec![(Trigger::Request(4), Fault::Status { status: 400, body: ErrorBody::Html })];
    let run = scenario.run_everywhere();
    assert_eq!((failure(&run), run.items.len()), (Failure::Status { status: 400 }, 60));
}

#[test]
fn a_token_that_leads_back_ends_the_pull() {
    let endpoint =
        list("instances").with("agentGroupId", Parameter::Int(2)).with("pageSize", Parameter::Int(30));
    let mut scenario = of(Config::default(), endpoint);
    scenario.config.faults = vec![(Trigger::Request(3), Fault::RepeatCursor)];
    let run = scenario.run_everywhere();
    assert_eq!((failure(&run), run.items.len()), (Failure::Cursor(CursorFault::TokenRepeated), 30));
}
