//! CoreData's API asked directly: its pages and how they drift, its filters and what they ignore, its many shapes of error,
//! and where a file's content is.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tidegate_simulator::coredata::{
    Change, Config as CoreData, DEFAULT_CREDENTIALS, Drift, MissingSlash, Next, Total,
};
use tidegate_simulator::{
    ApiKey, Config, Fault, KeyState, Limit, Request, Response, RetryAfter, Service, Simulator, Trigger,
    WindowKind,
};

const NOW: u64 = 1_700_000_000_000;
const RESOURCES: [&str; 5] = ["contacts", "files", "projects", "tasks", "spaces"];

fn simulator(coredata: CoreData) -> Simulator {
    Simulator::new(Config { service: Service::CoreData(coredata), ..Config::default() })
}

fn default() -> Simulator {
    simulator(CoreData::default())
}

fn ask_with(
    simulator: &mut Simulator,
    now: u64,
    method: &str,
    target: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Response {
    let fields: Vec<(String, String)> =
        fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    simulator.answer(now, &Request { method, target, fields: &fields, body: body.as_bytes() })
}

fn send(simulator: &mut Simulator, method: &str, target: &str, body: &str) -> Response {
    let credentials = format!("apikey {DEFAULT_CREDENTIALS}");
    let fields = [("Authorization", credentials.as_str()), ("Content-Type", "application/json")];
    ask_with(simulator, NOW, method, target, &fields, body)
}

fn get(simulator: &mut Simulator, target: &str) -> Response {
    send(simulator, "GET", target, "")
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("a JSON body")
}

/// A page's objects.
fn objects(page: &Value) -> &Vec<Value> {
    page["objects"].as_array().expect("objects")
}

fn page(simulator: &mut Simulator, target: &str) -> Value {
    let response = get(simulator, target);
    assert_eq!(response.status, 200, "{target} {}", String::from_utf8_lossy(&response.body));
    json(&response)
}

/// The ids that following `meta.next` gives.
fn walk(simulator: &mut Simulator, start: &str) -> Vec<String> {
    let (mut ids, mut target) = (Vec::new(), Some(start.to_owned()));
    while let Some(asked) = target {
        let page = page(simulator, &asked);
        ids.extend(objects(&page).iter().filter_map(|object| object["id"].as_str().map(str::to_owned)));
        target = page["meta"]["next"].as_str().map(str::to_owned);
    }
    ids
}

#[test]
fn the_objects_of_a_list_are_byte_for_byte_what_its_digest_says() {
    let mut simulator = simulator(CoreData { items: 57, ..CoreData::default() });
    for resource in RESOURCES {
        let target = format!("/api/v2/{resource}/");
        let body = get(&mut simulator, &format!("{target}?limit=0")).body;
        let text = String::from_utf8(body).expect("UTF-8");
        let (_, list) = text.split_once("\"objects\": [").expect("objects come last");
        let list = list.strip_suffix("]}").expect("an end");
        let (mut hash, mut from, mut count) = (Sha256::new(), 0, 0);
        while from < list.len() {
            let mut stream = serde_json::Deserializer::from_str(&list[from..]).into_iter::<Value>();
            stream.next().expect("an object").expect("JSON");
            hash.update(&list[from..from + stream.byte_offset()]);
            hash.update("\n");
            from += stream.byte_offset() + ", ".len();
            count += 1;
        }
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = simulator.digest_of(&target).expect("a list");
        assert_eq!((count, 57, sha256), (57, digest.items, digest.sha256), "{resource}");
    }
}

#[test]
fn following_next_gives_every_object_once() {
    for (items, limit) in [(0, 20), (20, 20), (21, 20), (100, 7)] {
        let mut simulator = simulator(CoreData { items, ..CoreData::default() });
        for resource in RESOURCES {
            let ids = walk(&mut simulator, &format!("/api/v2/{resource}/?limit={limit}"));
            let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
            assert_eq!((ids.len() as u64, distinct.len() as u64), (items, items), "{resource} {limit}");
        }
    }
}

#[test]
fn meta_comes_first_and_says_what_tastypie_says() {
    let next = |limit, offset| json!(format!("/api/v2/spaces/?limit={limit}&offset={offset}"));
    let all = CoreData { items: 6, ..CoreData::default() };
    let no_maximum = CoreData { max_limit: 0, ..all.clone() };
    let small_maximum = CoreData { max_limit: 4, ..all.clone() };
    let cases = [
        (&all, "", json!({"limit": 20, "next": null, "offset": 0, "previous": null, "total_count": 6})),
        (
            &all,
            "?limit=1&offset=1",
            json!({"limit": 1, "next": next(1, 2), "offset": 1, "previous": next(1, 0), "total_count": 6}),
        ),
        (
            &all,
            "?limit=2&offset=1",
            json!({"limit": 2, "next": next(2, 3), "offset": 1, "previous": null, "total_count": 6}),
        ),
        (
            &all,
            "?limit=2&offset=50",
            json!({"limit": 2, "next": null, "offset": 50, "previous": next(2, 48), "total_count": 6}),
        ),
        (
            &all,
            "?limit=0",
            json!({"limit": 1000, "next": null, "offset": 0, "previous": null, "total_count": 6}),
        ),
        (
            &small_maximum,
            "?limit=5000",
            json!({"limit": 4, "next": next(4, 4), "offset": 0, "previous": null, "total_count": 6}),
        ),
        (&no_maximum, "?limit=0", json!({"limit": 0, "offset": 0, "total_count": 6})),
    ];
    for (config, query, meta) in cases {
        let response = get(&mut simulator(config.clone()), &format!("/api/v2/spaces/{query}"));
        assert!(response.body.starts_with(b"{\"meta\": {\"limit\": "), "{query}");
        assert_eq!(json(&response)["meta"], meta, "{query}");
    }
}

#[test]
fn next_keeps_the_filters_and_encodes_them_anew() {
    let mut simulator = default();
    let target = "/api/v2/projects/?limit=2&created__range=2024-01-01T00:00:00,2024-06-01%2000:00:00&x=a%20b";
    let next = page(&mut simulator, target)["meta"]["next"].as_str().expect("a next page").to_owned();
    let range = "created__range=2024-01-01T00%3A00%3A00%2C2024-06-01+00%3A00%3A00";
    assert_eq!(next, format!("/api/v2/projects/?{range}&x=a+b&limit=2&offset=2"));
}

#[test]
fn next_may_be_wrong_and_the_total_may_be_that_of_the_page() {
    let cases = [
        (Next::Endless, Total::All, json!("/api/v2/tasks/?limit=2&offset=4"), 3),
        (Next::Honest, Total::OfPage, Value::Null, 1),
    ];
    for (next, total, expected, count) in cases {
        let mut simulator = simulator(CoreData { items: 3, next, total, ..CoreData::default() });
        let page = page(&mut simulator, "/api/v2/tasks/?limit=2&offset=2");
        assert_eq!((&page["meta"]["next"], &page["meta"]["total_count"]), (&expected, &json!(count)));
    }
    let next = Next::At("https://elsewhere.test".to_owned());
    let mut simulator = simulator(CoreData { next, ..CoreData::default() });
    let page = page(&mut simulator, "/api/v2/tasks/");
    assert_eq!(page["meta"]["next"], "https://elsewhere.test/api/v2/tasks/?limit=20&offset=20");
}

#[test]
fn rows_that_come_or_go_while_a_list_is_read_are_repeated_or_skipped() {
    let cases = [(Change::InsertedAtFront, 103, 100, 103), (Change::RemovedFromFront, 97, 97, 97)];
    for (change, seen, distinct, left) in cases {
        let drift = Some(Drift { after_pages: 2, objects: 3, change });
        let mut simulator = simulator(CoreData { items: 100, drift, ..CoreData::default() });
        let ids = walk(&mut simulator, "/api/v2/projects/");
        let different: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), different.len()), (seen, distinct), "{change:?}");
        assert_eq!(simulator.digest_of("/api/v2/projects/").map(|digest| digest.items), Some(left));
    }
}

#[test]
fn filters_give_what_fulfils_them() {
    let mut simulator = simulator(CoreData { items: 200, ..CoreData::default() });
    let contact = objects(&page(&mut simulator, "/api/v2/contacts/?limit=1"))[0].clone();
    let file = objects(&page(&mut simulator, "/api/v2/files/?limit=1&offset=7"))[0].clone();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (identifier, owner, parent) =
        (text(&contact["identifier"]), text(&file["contact"]), text(&file["parent"]));
    let created = text(&file["created"]);
    let cases = [
        (format!("contacts/?identifier={identifier}"), 1..2),
        (format!("contacts/?identifier__startswith={}", &identifier[..9]), 1..3),
        (format!("files/?contact={owner}"), 1..200),
        (format!("files/?parent={parent}"), 5..50),
        ("projects/?title__startswith=Harbour".to_owned(), 1..50),
        ("projects/?title=Nothing%20like%20it".to_owned(), 0..1),
        (format!("files/?created__lt={created}"), 7..8),
        (format!("files/?created__lte={created}Z"), 8..9),
        (format!("files/?created__gt={created}"), 192..193),
        (format!("files/?created__gte={created}"), 193..194),
        (format!("files/?created={created}"), 1..2),
        (format!("files/?created__range={created},{created}"), 1..2),
        ("files/?modified__gt=2024-01-01&modified__lt=2024-03-01".to_owned(), 1..199),
        ("files/?titel=x".to_owned(), 200..201),
        ("spaces/?title=x".to_owned(), 200..201),
        ("contacts/?parent=x".to_owned(), 200..201),
    ];
    for (query, expected) in cases {
        let target = format!("/api/v2/{query}");
        let page = page(&mut simulator, &format!("{target}&limit=0"));
        let count = page["meta"]["total_count"].as_u64().expect("a count");
        assert!(expected.contains(&count), "{query}: {count}");
        assert_eq!(simulator.digest_of(&target).map(|digest| digest.items), Some(count), "{query}");
    }
}

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
fn objects_are_created_changed_and_deleted_and_the_list_follows() {
    for returns_data in [false, true] {
        let mut simulator = simulator(CoreData { items: 3, returns_data, ..CoreData::default() });
        let created =
            send(&mut simulator, "POST", "/api/v2/tasks/", r#"{"title":"New","due_date":"2012-01-03"}"#);
        assert_eq!((created.status, created.body.len()), (201, 0));
        let path = created.field("Location").expect("a location").to_owned();
        assert!(path.starts_with("/api/v2/tasks/") && path.ends_with('/'), "{path}");
        let new = json(&get(&mut simulator, &path));
        assert_eq!((&new["title"], &new["due_date"]), (&json!("New"), &json!("2012-01-03")));
        let put = send(&mut simulator, "PUT", &path, r#"{"title":"Put"}"#);
        let patch = send(&mut simulator, "PATCH", &path, r#"{"description":"Patched"}"#);
        assert_eq!((put.status, patch.status), if returns_data { (200, 202) } else { (204, 202) });
        let changed = json(&get(&mut simulator, &path));
        assert_eq!((&changed["title"], &changed["description"]), (&json!("Put"), &json!("Patched")));
        assert_eq!(changed["id"], new["id"]);
        assert_ne!(changed["snapshot_id"], new["snapshot_id"]);
        assert_eq!(walk(&mut simulator, "/api/v2/tasks/").len(), 4);
        let deleted = send(&mut simulator, "DELETE", &path, "");
        assert_eq!((deleted.status, get(&mut simulator, &path).status), (204, 404));
        assert_eq!(simulator.digest_of("/api/v2/tasks/").map(|digest| digest.items), Some(3));
        assert_eq!(simulator.stats().writes, 4);
    }
}

#[test]
fn a_body_that_cannot_be_read_is_refused_and_nothing_is_written() {
    let mut simulator = default();
    let credentials = format!("apikey {DEFAULT_CREDENTIALS}");
    let cases = [
        ("application/json", "{", 400, "error"),
        ("application/json; charset=utf-8", "[]", 400, "error"),
        ("text/plain", "{}", 415, "error_message"),
        ("application/x-www-form-urlencoded", "title=a", 415, "error_message"),
    ];
    for (content_type, body, status, member) in cases {
        let fields = [("Authorization", credentials.as_str()), ("Content-Type", content_type)];
        let response = ask_with(&mut simulator, NOW, "POST", "/api/v2/files/", &fields, body);
        assert_eq!(response.status, status, "{content_type} {body}");
        assert!(json(&response)[member].is_string());
    }
    assert_eq!(simulator.stats().writes, 0);
}

#[test]
fn a_file_s_content_is_behind_a_redirect_and_no_credentials_may_go_there() {
    let at = |storage: Option<&str>| {
        let mut simulator =
            simulator(CoreData { storage: storage.map(str::to_owned), ..CoreData::default() });
        let file = objects(&page(&mut simulator, "/api/v2/files/?limit=1"))[0]["id"].clone();
        let target = format!("/api/v2/files/{}/content/", file.as_str().expect("an id"));
        let redirect = get(&mut simulator, &target);
        assert_eq!((redirect.status, redirect.body.len()), (302, 0));
        (redirect.field("Location").expect("a location").to_owned(), simulator)
    };
    let (elsewhere, _) = at(Some("https://storage.test:1"));
    let (here, mut simulator) = at(None);
    assert_eq!(elsewhere, format!("https://storage.test:1{here}"));
    assert!(here.starts_with("/storage/") && here.contains("?signature="), "{here}");

    let fetched = ask_with(&mut simulator, NOW, "GET", &here, &[], "");
    assert_eq!((fetched.status, fetched.body.len() >= 100), (200, true));
    assert_eq!(simulator.stats().leaked, 0);
    assert_eq!(ask_with(&mut simulator, NOW, "GET", &format!("{here}0"), &[], "").status, 403);
    assert_eq!(get(&mut simulator, &here).status, 400);
    assert_eq!(simulator.stats().leaked, 1);
}

#[test]
fn objects_have_the_members_and_forms_that_the_documentation_shows() {
    let mut simulator = default();
    for resource in RESOURCES {
        let page = page(&mut simulator, &format!("/api/v2/{resource}/?limit=100"));
        let all = objects(&page);
        for object in all {
            for member in
                ["created", "created_by", "dynatype", "id", "modified", "snapshot_id", "title", "type"]
            {
                assert!(object.get(member).is_some(), "{member} in {object}");
            }
            let created = object["created"].as_str().expect("a date");
            assert!(created.len() == 19 && !created.ends_with('Z'), "{created}");
            let status = object["status"].as_str().expect("a status");
            assert!(status.is_empty() || status.ends_with(':'), "{status}");
            assert_eq!(object.get("due_date").is_some(), resource == "tasks");
        }
        let created: Vec<&str> = all.iter().filter_map(|object| object["created"].as_str()).collect();
        assert!(created.is_sorted(), "{resource}");
        let plain = all.iter().filter(|object| object["dynatype"] == json!({})).count();
        assert!((1..100).contains(&plain), "{resource}: {plain}");
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
