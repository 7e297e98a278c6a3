//! Its many shapes of error, and who gets which.

use serde_json::{Value, json};
use tidegate_simulator::coredata::{Config as CoreData, DEFAULT_CREDENTIALS, MissingSlash};
use tidegate_simulator::{ApiKey, Fault, KeyState, Limit, RetryAfter, Trigger, WindowKind};

use crate::{NOW, ask_with, default, get, json, send, simulator};

#[test]
fn a_filter_that_cannot_be_obeyed_is_refused_with_its_text_escaped() {
    let mut simulator = default();
    let cases = [
        ("files/?title__gt=a", "&#x27;gt&#x27; is not an allowed filter on the &#x27;title&#x27; field."),
        ("files/?status=a", "The &#x27;status&#x27; field does not allow filtering."),
        ("files/?title__owner__exact=a", "The &#x27;title&#x27; field does not support relations."),
        ("files/?created__gt=%3Cnow%3E", "Invalid resource lookup data provided (mismatched type)."),
        ("files/?created__range=2024-01-01", "Invalid resource lookup data provided (mismatched type)."),
        (
            "files/?limit=%3Cb%3E",
            "Invalid limit &#x27;&lt;b&gt;&#x27; provided. Please provide a positive integer.",
        ),
        (
            "files/?limit=-1",
            "Invalid limit &#x27;-1&#x27; provided. Please provide a positive integer &gt;= 0.",
        ),
        (
            "files/?offset=-5",
            "Invalid offset &#x27;-5&#x27; provided. Please provide a positive integer &gt;= 0.",
        ),
    ];
    for (query, text) in cases {
        let response = get(&mut simulator, &format!("/api/v2/{query}"));
        assert_eq!((response.status, json(&response)), (400, json!({"error": text})), "{query}");
    }
    assert_eq!(simulator.stats().pages, 0);
}

#[test]
fn a_server_without_zones_fails_at_a_z_and_tells_as_much_as_it_is_set_to() {
    let cases = [(true, false, 200, false), (false, false, 500, false), (false, true, 500, true)];
    for (zones, debug, status, tells) in cases {
        let mut simulator = simulator(CoreData { zones, debug, ..CoreData::default() });
        let response = get(&mut simulator, "/api/v2/files/?created__gt=2024-02-26T12:17:21Z");
        assert_eq!(response.status, status);
        assert_eq!(json(&response).get("error_message").is_some(), status == 500);
        let traceback = json(&response).get("traceback").and_then(Value::as_str).map_or(0, str::len);
        assert_eq!(traceback > 3_000, tells, "{traceback}");
        assert_eq!(get(&mut simulator, "/api/v2/files/?created__gt=2024-02-26T12:17:21").status, 200);
    }
}

#[test]
fn each_refusal_has_the_shape_that_was_recorded() {
    let html = Some("text/html; charset=utf-8");
    let cases = [
        ("GET", "/api/v2/nothing/", 404, html, None, false),
        ("GET", "/elsewhere", 404, html, None, false),
        ("GET", "/api/v2/files", 404, html, None, false),
        ("GET", "/api/v2/files/none/", 404, html, None, true),
        ("GET", "/api/v2/files/none/content/", 404, html, None, true),
        ("DELETE", "/api/v2/files/", 405, html, Some("GET,POST"), false),
        ("POST", "/api/v2/files/none/", 405, html, Some("GET,PUT,PATCH,DELETE"), false),
        ("PATCH", "/api/v2/files/none/", 404, html, None, true),
        ("DELETE", "/api/v2/files/none/", 404, html, None, true),
    ];
    let mut simulator = default();
    for (method, target, status, content_type, allow, is_empty) in cases {
        let response = send(&mut simulator, method, target, "{}");
        assert_eq!(
            (response.status, response.field("Content-Type"), response.field("Allow")),
            (status, content_type, allow),
            "{method} {target}"
        );
        assert_eq!(response.body.is_empty(), is_empty, "{method} {target}");
        if let Some(allow) = allow {
            assert_eq!(response.body, allow.as_bytes());
        }
    }
}

#[test]
fn a_path_without_its_slash_may_be_sent_to_the_one_with_it() {
    let config = CoreData { missing_slash: MissingSlash::Redirect, ..CoreData::default() };
    let mut simulator = simulator(config);
    let cases = [
        ("/api/v2/files", 301, Some("/api/v2/files/")),
        ("/api/v2/files?limit=2", 301, Some("/api/v2/files/?limit=2")),
        ("/api/v2/nothing", 404, None),
    ];
    for (target, status, location) in cases {
        let response = get(&mut simulator, target);
        assert_eq!((response.status, response.field("Location")), (status, location), "{target}");
    }
}

#[test]
fn credentials_are_a_user_and_a_key_and_a_refusal_is_empty() {
    let keys =
        vec![ApiKey::active("ann:one"), ApiKey { key: "bob:two".to_owned(), state: KeyState::Revoked }];
    let mut simulator = simulator(CoreData { credentials: keys, ..CoreData::default() });
    let cases = [
        (None, "", 401),
        (Some("apikey ann"), "", 401),
        (Some("apikey ann:two"), "", 401),
        (Some("apikey bob:two"), "", 401),
        (Some("Bearer ann:one"), "", 401),
        (Some("apikey ann:one"), "", 200),
        (Some("ApiKey ann:one"), "", 200),
        (None, "?username=ann&api_key=one", 200),
    ];
    for (value, query, status) in cases {
        let fields: Vec<_> = value.map(|value| ("authorization", value)).into_iter().collect();
        let target = format!("/api/v2/files/{query}");
        let response = ask_with(&mut simulator, NOW, "GET", &target, &fields, "");
        assert_eq!(response.status, status, "{value:?} {query}");
        assert_eq!(response.body.is_empty(), status == 401);
        if !query.is_empty() {
            let next = json(&response)["meta"]["next"].as_str().expect("a next page").to_owned();
            assert!(next.contains("api_key=one"), "the key gets into {next}");
        }
    }
    assert_eq!((simulator.stats().unauthorized, simulator.stats().accepted), (5, 3));
}

#[test]
fn a_throttle_counts_each_user_and_hints_as_it_is_set_to() {
    let cases = [
        (RetryAfter::Seconds, Some("3600")),
        (RetryAfter::HttpDate, Some("Tue, 14 Nov 2023 23:13:20 GMT")),
        (RetryAfter::Missing, None),
    ];
    for (retry_after, hint) in cases {
        let throttle = Some(Limit { requests: 150, window_ms: 3_600_000, window: WindowKind::Sliding });
        let credentials = vec![ApiKey::active(DEFAULT_CREDENTIALS), ApiKey::active("other:key")];
        let config = CoreData { throttle, retry_after, credentials, ..CoreData::default() };
        let mut simulator = simulator(config);
        for _ in 0..150 {
            assert_eq!(get(&mut simulator, "/api/v2/files/?limit=1").status, 200);
        }
        let throttled = get(&mut simulator, "/api/v2/files/?limit=1");
        assert_eq!((throttled.status, throttled.field("Retry-After")), (429, hint));
        assert!(throttled.body.is_empty());
        let other = [("Authorization", "apikey other:key")];
        assert_eq!(ask_with(&mut simulator, NOW, "GET", "/api/v2/files/", &other, "").status, 200);
        assert_eq!(simulator.stats().busiest_window, 152);
    }
}

#[test]
fn faults_meet_this_service_too() {
    for (fault, status) in [(Fault::RejectLimit, 429), (Fault::NotJson, 200), (Fault::Cut { at: 5 }, 200)] {
        let mut simulator = default();
        simulator.push_fault(Trigger::Request(1), fault.clone());
        assert_eq!(get(&mut simulator, "/api/v2/files/").status, status, "{fault:?}");
        assert_eq!(simulator.stats().faults, 1, "{fault:?}");
    }
}

#[test]
fn hostile_requests_are_answered() {
    let mut simulator = default();
    let hostile = [
        "",
        "?",
        "//",
        "*",
        "/api/v2",
        "/api/v2/",
        "/api/v2//",
        "/api/v2/files/%/",
        "/api/v2/files/?a=%FF",
        "/api/v2/files/?limit=99999999999999999999",
        "/api/v2/files/?limit=1&offset=9223372036854775807",
        "/storage/",
        "/storage/x?signature=%",
    ];
    for target in hostile {
        for method in ["GET", "POST", "PATCH", "DELETE", ""] {
            let status = send(&mut simulator, method, target, "\u{0}").status;
            assert!([200, 400, 403, 404, 405].contains(&status), "{method} {target}: {status}");
        }
    }
}
