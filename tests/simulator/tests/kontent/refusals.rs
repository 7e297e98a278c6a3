//! Whom it refuses, and how: tokens, bodies, keys, counters, paths, and faults.

use serde_json::json;
use tidegate_simulator::kontent::Config as Kontent;
use tidegate_simulator::{
    ApiKey, ErrorBody, Fault, KeyState, Limit, Request, RetryAfter, Trigger, WindowKind,
};

use crate::{Asked, NOW, body, simulator, target, unlimited};

#[test]
fn a_token_that_was_not_issued_for_the_same_request_is_refused() {
    let mut simulator = simulator(unlimited());
    let page = body(&Asked::get("E/items").ask(&mut simulator));
    let token = page["pagination"]["continuation_token"].as_str().expect("a token");
    let cases = [
        ("E/items", token, 200),
        ("E/items", "MTAx", 400),
        ("E/items", "", 400),
        ("E/items", "+RID:~", 400),
        ("E/types", token, 400),
        ("E/items?other=1", token, 400),
        ("E/spaces", token, 400),
    ];
    for (path, token, status) in cases {
        let asked = Asked { token: Some(token), ..Asked::get(path) };
        assert_eq!(asked.ask(&mut simulator).status, status, "{path} {token}");
    }
}

#[test]
fn a_body_that_is_not_what_it_must_be_is_code_5_and_says_where() {
    let mut simulator = simulator(unlimited());
    let cases = [
        ("POST", "E/items-with-variant/filter", "", "line"),
        ("POST", "E/items-with-variant/filter", "[]", "path"),
        ("POST", "E/items-with-variant/bulk-get", "{}", "path"),
        ("POST", "E/items", "{\"name\":", "line"),
        ("POST", "E/items", "{}", "path"),
        ("POST", "E/items", r#"{"name":"a"}"#, "path"),
        ("PUT", "E/items/codename/item_1", r#"{"name":7}"#, "path"),
        ("PATCH", "E/items/codename/item_1", r#"{"op":"replace"}"#, "path"),
        ("PATCH", "E/items/codename/item_1", r#"[{"op":"move","path":"/name","value":"a"}]"#, "path"),
    ];
    for (method, path, text, member) in cases {
        let answer = Asked::new(method, path, text).ask(&mut simulator);
        let error = body(&answer);
        assert_eq!((answer.status, &error["error_code"]), (400, &json!(5)), "{path} {text}");
        assert!(error["validation_errors"][0].get(member).is_some(), "{error}");
    }
    assert_eq!(simulator.stats().writes, 0);
}

#[test]
fn keys_are_told_apart_and_refusals_cost_nothing() {
    let dead = |key: &str, state| ApiKey { key: key.to_owned(), state };
    let keys = vec![ApiKey::active("good"), dead("old", KeyState::Expired), dead("gone", KeyState::Revoked)];
    let limit = Limit { requests: 3, window_ms: 1_000, window: WindowKind::Epoch };
    let mut simulator = simulator(Kontent { keys, limits: vec![limit], ..Kontent::default() });
    let cases = [
        (None, 401, None),
        (Some("good"), 401, None),
        (Some("Basic good"), 401, None),
        (Some("Bearer other"), 401, None),
        (Some("Bearer old"), 401, None),
        (Some("Bearer gone"), 403, Some(7)),
        (Some("Bearer good"), 200, None),
        (Some("bearer good"), 200, None),
        (Some("BEARER  good"), 200, None),
        (Some("Bearer good"), 429, Some(10_000)),
    ];
    for (value, status, code) in cases {
        let fields: Vec<_> =
            value.map(|value| ("Authorization".to_owned(), value.to_owned())).into_iter().collect();
        let target = target("E/items");
        let answer =
            simulator.answer(NOW, &Request { method: "GET", target: &target, fields: &fields, body: &[] });
        assert_eq!(answer.status, status, "{value:?}");
        if status != 200 {
            let error = body(&answer);
            assert!(error["request_id"].is_string() && error["message"].is_string());
            assert!(code.is_none_or(|code: u32| error["error_code"] == code), "{error}");
        }
    }
    let stats = simulator.stats();
    assert_eq!((stats.accepted, stats.rejected, stats.unauthorized, stats.busiest_window), (3, 1, 6, 4));
}

#[test]
fn ten_a_second_and_four_hundred_a_minute_are_counted_together() {
    let mut simulator = simulator(Kontent::default());
    let mut ask = |at: u64| {
        let answer = Asked { at: NOW + at, ..Asked::get("E/items") }.ask(&mut simulator);
        (answer.status, answer.field("Retry-After").map(str::to_owned))
    };
    for second in 0..40 {
        for request in 0..10 {
            assert_eq!(ask(second * 1_000 + request).0, 200);
        }
        if second < 39 {
            assert_eq!(ask(second * 1_000 + 10), (429, Some("1".to_owned())), "second {second}");
        }
    }
    assert_eq!(ask(40_000), (429, Some("20".to_owned())));
    assert_eq!(ask(60_000), (200, None));
}

#[test]
fn a_rejection_hints_in_the_form_that_is_set() {
    let cases = [
        (RetryAfter::Seconds, Some("1")),
        (RetryAfter::HttpDate, Some("Tue, 14 Nov 2023 22:13:21 GMT")),
        (RetryAfter::Fractional, Some("1.000")),
        (RetryAfter::Missing, None),
    ];
    for (retry_after, expected) in cases {
        let limit = Limit { requests: 0, window_ms: 1_000, window: WindowKind::Epoch };
        let mut simulator = simulator(Kontent { retry_after, limits: vec![limit], ..Kontent::default() });
        let answer = Asked::get("E/items").ask(&mut simulator);
        assert_eq!((answer.status, answer.field("Retry-After")), (429, expected), "{retry_after:?}");
    }
}

#[test]
fn what_is_not_there_is_404_and_what_is_not_done_there_405() {
    let mut simulator = simulator(unlimited());
    let cases = [
        ("GET", "/v2/projects/other/items", 404, None),
        ("GET", "/projects", 404, None),
        ("GET", "E/nothing", 404, None),
        ("GET", "E/items/codename/none", 404, None),
        ("PUT", "E/items/codename/none", 404, None),
        ("DELETE", "E/types", 405, Some("GET")),
        ("GET", "E/items-with-variant/filter", 405, Some("POST")),
        ("PUT", "E/items", 405, Some("GET, POST")),
        ("POST", "E/items/codename/item_1", 405, Some("GET, PUT, PATCH, DELETE")),
    ];
    for (method, path, status, allow) in cases {
        let answer = Asked::new(method, path, r#"{"name":"a"}"#).ask(&mut simulator);
        assert_eq!((answer.status, answer.field("Allow")), (status, allow), "{method} {path}");
        assert!(body(&answer)["error_code"].is_u64());
    }
}

#[test]
fn faults_meet_this_service_too() {
    let cases = [
        (Fault::Status { status: 502, body: ErrorBody::Html }, 502),
        (Fault::Redirect { status: 302, location: "https://elsewhere.test/".to_owned() }, 302),
        (Fault::NotJson, 200),
        (Fault::RejectLimit, 429),
        (Fault::LongHead { bytes: 9_000 }, 200),
        (Fault::Cut { at: 9 }, 200),
    ];
    for (fault, status) in cases {
        let mut simulator = simulator(unlimited());
        simulator.push_fault(Trigger::Request(1), fault.clone());
        assert_eq!(Asked::get("E/items").ask(&mut simulator).status, status, "{fault:?}");
        assert_eq!(simulator.stats().faults, 1, "{fault:?}");
        assert_eq!(Asked::get("E/items").ask(&mut simulator).status, 200, "{fault:?}");
    }
}

#[test]
fn hostile_requests_are_answered() {
    let mut simulator = simulator(unlimited());
    let long = format!("E/items?{}", "a=b&".repeat(5_000));
    let hostile = ["", "?", "//", "*", "/v2", "/v2/", "E/%", "E/items?a=%", "E/items/%FF", "E", &long];
    for path in hostile {
        for method in ["GET", "POST", "PATCH", "DELETE", ""] {
            let status = Asked::new(method, path, "\u{0}").ask(&mut simulator).status;
            assert!([200, 400, 404, 405].contains(&status), "{method} {path}: {status}");
        }
    }
}
