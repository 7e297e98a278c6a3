//! Kontent.ai's Management API asked directly: how its listings go on and end, whom it refuses, and what can be written.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tidegate_simulator::kontent::{Config as Kontent, EndOfTokens, TokenForm};
use tidegate_simulator::{
    ApiKey, Config, DEFAULT_KEY, ErrorBody, Fault, KeyState, Limit, Request, Response, RetryAfter, Service,
    Simulator, Trigger, WindowKind,
};

const NOW: u64 = 1_700_000_000_000;
const E: &str = "/v2/projects/14372844-0a5d-434a-8423-605b8a631623";
const S: &str = "/v2/subscriptions/9c7b9841-ea99-48a7-a46d-65b2549d6c0d";

/// Every listing that comes in pages, its items member, and the body it wants.
const PAGED: [(&str, &str, &str, &str); 17] = [
    ("GET", "E/items", "items", ""),
    ("GET", "E/types", "types", ""),
    ("GET", "E/snippets", "snippets", ""),
    ("GET", "E/taxonomies", "taxonomies", ""),
    ("GET", "E/languages", "languages", ""),
    ("GET", "E/assets", "assets", ""),
    ("GET", "E/assets/external-id/a/renditions", "asset_renditions", ""),
    ("GET", "E/types/codename/article/variants", "variants", ""),
    ("GET", "E/types/a/components", "variants", ""),
    ("GET", "E/collections/a/variants", "variants", ""),
    ("GET", "E/spaces/a/variants", "variants", ""),
    ("GET", "E/custom-apps", "custom_apps", ""),
    ("GET", "E/validate-async/tasks/a/issues", "issues", ""),
    ("GET", "S/projects", "projects", ""),
    ("GET", "S/users", "users", ""),
    ("POST", "E/items-with-variant/filter", "variants", r#"{"filters":{}}"#),
    ("POST", "E/items-with-variant/bulk-get", "data", r#"{"variants":[{"item":{"id":"a"}}]}"#),
];

/// `E` and `S` stand for the environment's and the subscription's paths.
fn target(path: &str) -> String {
    match (path.strip_prefix('E'), path.strip_prefix('S')) {
        (Some(rest), _) => format!("{E}{rest}"),
        (None, Some(rest)) => format!("{S}{rest}"),
        (None, None) => path.to_owned(),
    }
}

fn simulator(kontent: Kontent) -> Simulator {
    Simulator::new(Config { service: Service::Kontent(kontent), ..Config::default() })
}

/// Without counters in the way.
fn unlimited() -> Kontent {
    Kontent { limits: Vec::new(), ..Kontent::default() }
}

struct Asked<'a> {
    at: u64,
    method: &'a str,
    path: &'a str,
    token: Option<&'a str>,
    body: &'a str,
}

impl<'a> Asked<'a> {
    fn new(method: &'a str, path: &'a str, body: &'a str) -> Self {
        Self { at: NOW, method, path, token: None, body }
    }

    fn get(path: &'a str) -> Self {
        Self::new("GET", path, "")
    }

    fn ask(&self, simulator: &mut Simulator) -> Response {
        let mut fields = vec![("authorization".to_owned(), format!("bearer {DEFAULT_KEY}"))];
        fields.extend(self.token.map(|token| ("X-Continuation".to_owned(), token.to_owned())));
        let (method, target, body) = (self.method, target(self.path), self.body.as_bytes());
        simulator.answer(self.at, &Request { method, target: &target, fields: &fields, body })
    }
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("a JSON body")
}

/// All pages of a listing, each as its text.
fn pull(simulator: &mut Simulator, method: &str, path: &str, filter: &str) -> Vec<String> {
    let (mut pages, mut token) = (Vec::new(), None);
    loop {
        let asked = Asked { token: token.as_deref(), ..Asked::new(method, path, filter) };
        let page = asked.ask(simulator);
        assert_eq!(page.status, 200, "{path} {:?}", String::from_utf8_lossy(&page.body));
        token = body(&page)["pagination"]["continuation_token"].as_str().map(str::to_owned);
        pages.push(String::from_utf8(page.body).expect("UTF-8"));
        if token.as_ref().is_none_or(String::is_empty) {
            return pages;
        }
    }
}

/// The items of a page in their exact bytes: what stands between the array's brackets, cut where objects end.
fn items<'a>(page: &'a str, member: &str) -> Vec<&'a str> {
    let start = format!("{{\"{member}\":[");
    let array = page.strip_prefix(&start).expect("the items stand first");
    let mut items = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(array).into_iter::<Value>();
    let mut from = 0;
    while array[from..].starts_with('{') {
        stream.next().expect("an item").expect("JSON");
        items.push(&array[from..from + stream.byte_offset()]);
        from += stream.byte_offset();
        if array[from..].starts_with(',') {
            from += 1;
        }
        stream = serde_json::Deserializer::from_str(&array[from..]).into_iter::<Value>();
    }
    items
}

#[test]
fn a_pull_of_each_listing_yields_what_its_digest_says() {
    let mut simulator = simulator(Kontent { items: 257, ..unlimited() });
    for (method, path, member, filter) in PAGED {
        let pages = pull(&mut simulator, method, path, filter);
        let (mut hash, mut count) = (Sha256::new(), 0);
        for item in pages.iter().flat_map(|page| items(page, member)) {
            hash.update(item);
            hash.update("\n");
            count += 1;
        }
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = simulator.digest_of(&target(path)).expect("a listing");
        assert_eq!((pages.len(), count, sha256), (3, digest.items, digest.sha256), "{path}");
    }
    let stats = simulator.stats();
    assert_eq!((stats.pages, stats.items), (51, 17 * 257));
}

#[test]
fn no_two_listings_hold_the_same() {
    let simulator = simulator(Kontent { items: 5, ..unlimited() });
    let digests: std::collections::BTreeSet<String> = PAGED
        .iter()
        .filter_map(|(_, path, ..)| simulator.digest_of(&target(path)))
        .map(|it| it.sha256)
        .collect();
    assert_eq!(digests.len(), PAGED.len());
    assert_eq!(simulator.digest_of(&target("E/nothing")), None);
}

#[test]
fn some_listings_come_in_one_answer_and_some_as_a_bare_array() {
    let mut simulator = simulator(unlimited());
    let cases = [
        ("E/items/a/variants", None, false),
        ("E/spaces", None, false),
        ("E/webhooks-vnext", None, false),
        ("E/workflows", None, false),
        ("E/collections", Some("collections"), true),
        ("E/folders", Some("folders"), true),
        ("E/roles", Some("roles"), false),
    ];
    for (path, member, dated) in cases {
        let answer = body(&Asked::get(path).ask(&mut simulator));
        let items = member.map_or(&answer, |member| &answer[member]);
        assert_eq!(items.as_array().map(Vec::len), Some(12), "{path}");
        assert_eq!(answer.get("last_modified").is_some(), dated, "{path}");
        assert_eq!(answer.get("pagination"), None, "{path}");
        assert_eq!(simulator.digest_of(&target(path)).map(|digest| digest.items), Some(12), "{path}");
    }
}

#[test]
fn every_form_of_token_leads_through_the_whole_list() {
    let forms = [
        TokenForm::Offset,
        TokenForm::Rid,
        TokenForm::Wrapped,
        TokenForm::Opaque(64),
        TokenForm::Opaque(3_000),
    ];
    for token in forms {
        for (end, written) in [(EndOfTokens::Null, json!(null)), (EndOfTokens::Empty, json!(""))] {
            let mut simulator = simulator(Kontent { token, end, items: 250, ..unlimited() });
            let pages = pull(&mut simulator, "GET", "E/items", "");
            let last: Value = serde_json::from_str(&pages[2]).expect("JSON");
            assert_eq!((pages.len(), &last["pagination"]["continuation_token"]), (3, &written), "{token:?}");
            assert_eq!(last["pagination"]["next_page"], Value::Null);
        }
    }
}

#[test]
fn the_paging_stands_after_the_items_and_the_next_page_names_the_token_encoded() {
    let mut simulator = simulator(Kontent { token: TokenForm::Rid, ..unlimited() });
    let page = Asked::get("E/items?a=b c").ask(&mut simulator);
    let text = String::from_utf8(page.body.clone()).expect("UTF-8");
    assert!(text.find("\"items\"") < text.rfind("\"pagination\""));
    let next = body(&page)["pagination"]["next_page"].as_str().expect("a next page").to_owned();
    let start = format!("https://manage.kontent.ai{E}/items?a=b+c&continuationToken=%2bRID%3a~");
    assert!(next.starts_with(&start), "{next}");
    let followed = next.strip_prefix("https://manage.kontent.ai").expect("the origin");
    let second = body(&Asked::get(followed).ask(&mut simulator));
    assert_ne!(second["items"][0]["id"], body(&page)["items"][0]["id"]);
    assert_eq!(second["items"].as_array().map(Vec::len), Some(100));
}

#[test]
fn a_next_page_may_be_named_where_no_token_is() {
    let config = Kontent { next_page_at_the_end: true, items: 3, ..unlimited() };
    let page = body(&Asked::get("E/items").ask(&mut simulator(config)));
    assert_eq!(page["pagination"]["continuation_token"], Value::Null);
    assert!(page["pagination"]["next_page"].is_string());
}

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
fn a_listing_by_post_wants_the_same_body_with_each_token() {
    let mut simulator = simulator(unlimited());
    for path in ["E/items-with-variant/filter", "E/items-with-variant/bulk-get"] {
        let filter = r#"{"variants":[1],"filters":{"search":"tide"}}"#;
        let page = body(&Asked::new("POST", path, filter).ask(&mut simulator));
        let token = page["pagination"]["continuation_token"].as_str().expect("a token");
        let cases = [
            (filter, 200),
            (r#"{ "variants": [1], "filters": {"search": "tide"} }"#, 200),
            (r#"{"variants":[1],"filters":{"search":"gate"}}"#, 400),
            ("", 400),
        ];
        for (filter, status) in cases {
            let asked = Asked { token: Some(token), ..Asked::new("POST", path, filter) };
            assert_eq!(asked.ask(&mut simulator).status, status, "{path} {filter}");
        }
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
fn content_items_are_created_changed_and_deleted_and_the_listing_follows() {
    let mut simulator = simulator(Kontent { items: 3, ..unlimited() });
    let new = r#"{"name":"New","type":{"codename":"article"},"external_id":"mine"}"#;
    let rename = r#"[{"op":"replace","path":"/name","value":"Patched"}]"#;
    let steps = [
        ("POST", "E/items", new, 201, Some("New")),
        ("POST", "E/items", new, 400, None),
        ("PUT", "E/items/external-id/mine", r#"{"name":"Put"}"#, 200, Some("Put")),
        (
            "PUT",
            "E/items/external-id/other",
            r#"{"name":"Upserted","type":{"id":"a"}}"#,
            201,
            Some("Upserted"),
        ),
        ("PATCH", "E/items/codename/item_0", rename, 200, Some("Patched")),
        ("DELETE", "E/items/codename/item_1", "", 204, None),
        ("DELETE", "E/items/codename/item_1", "", 404, None),
        ("GET", "E/items/external-id/mine", "", 200, Some("Put")),
        ("GET", "E/items/codename/item_1", "", 404, None),
    ];
    for (method, path, text, status, name) in steps {
        let answer = Asked::new(method, path, text).ask(&mut simulator);
        assert_eq!(answer.status, status, "{method} {path}");
        if let Some(name) = name {
            assert_eq!(body(&answer)["name"], name, "{method} {path}");
        }
        assert_eq!(answer.field("Location").is_some(), status == 201);
        assert!(status != 204 || answer.body.is_empty());
    }
    let listed = body(&Asked::get("E/items").ask(&mut simulator));
    let names: Vec<&str> =
        listed["items"].as_array().expect("items").iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!((names.len(), names[0], &names[2..]), (4, "Patched", &["Put", "Upserted"][..]));
    assert_eq!(simulator.digest_of(&target("E/items")).map(|digest| digest.items), Some(4));
    assert_eq!(simulator.stats().writes, 5);
}

#[test]
fn a_location_leads_to_what_was_created() {
    let mut simulator = simulator(unlimited());
    let created = Asked::new("POST", "E/items", r#"{"name":"New","type":{"id":"a"}}"#).ask(&mut simulator);
    let location = created.field("Location").expect("a location").to_owned();
    assert_eq!(Asked::get(&location).ask(&mut simulator).body, created.body);
}

#[test]
fn items_carry_the_vendor_s_members_and_some_that_nobody_knows() {
    for (novelties, expected) in [(false, 0), (true, 1)] {
        let mut simulator = simulator(Kontent { novelties, page_size: 1_000, ..unlimited() });
        let page = body(&Asked::get("E/items").ask(&mut simulator));
        let items = page["items"].as_array().expect("items");
        for item in items {
            for member in ["id", "name", "codename", "type", "collection", "last_modified"] {
                assert!(item.get(member).is_some(), "{member} in {item}");
            }
            let modified = item["last_modified"].as_str().expect("a date");
            assert!(modified.len() == 28 && modified.ends_with('Z'), "{modified}");
        }
        let novel = items.iter().filter(|item| item.get("insights").is_some()).count();
        assert_eq!(novel.min(1), expected);
        assert!(novel < 500, "{novel} of 1,000");
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
