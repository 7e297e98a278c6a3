//! Frends asked directly: its two kinds of page, its specifications and all that is done to them, and whom it turns away.

use serde_json::{Value, json};
use tidegate_simulator::frends::{
    Config as Frends, DEFAULT_CLIENT, DEFAULT_ENTRA_TENANT, DEFAULT_RESOURCE, DEFAULT_SECRET, Links,
};
use tidegate_simulator::{
    Config, EndOfList, Fault, Limit, Request, Response, Service, Simulator, Trigger, WindowKind,
};

const NOW: u64 = 1_700_000_000_000;
const SPECIFICATIONS: &str = "/api/v1/api-management/api-specifications";

/// A client with a token.
struct Client {
    simulator: Simulator,
    token: String,
    now: u64,
}

impl Client {
    fn new(frends: Frends) -> Self {
        let mut client = Self { simulator: simulator(frends), token: String::new(), now: NOW };
        client.token = token(&mut client.simulator, client.now);
        client
    }

    fn send(&mut self, method: &str, target: &str, content_type: &str, body: &[u8]) -> Response {
        let fields = [
            ("host".to_owned(), "tenant.example:81".to_owned()),
            ("authorization".to_owned(), format!("Bearer {}", self.token)),
            ("content-type".to_owned(), content_type.to_owned()),
        ];
        self.simulator.answer(self.now, &Request { method, target, fields: &fields, body })
    }

    fn get(&mut self, target: &str) -> Response {
        self.send("GET", target, "", b"")
    }

    fn write(&mut self, method: &str, target: &str, body: &Value) -> Response {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, target, "application/json; charset=utf-8", body.as_bytes())
    }

    fn page(&mut self, target: &str) -> Value {
        let response = self.get(target);
        assert_eq!(response.status, 200, "{target}: {}", String::from_utf8_lossy(&response.body));
        json(&response)
    }

    fn writes(&self) -> u64 {
        self.simulator.stats().writes
    }

    /// A new specification's path.
    fn created(&mut self, base: &str) -> String {
        let response = self.write("POST", SPECIFICATIONS, &specification("Orders", base));
        assert_eq!(response.status, 201, "{}", String::from_utf8_lossy(&response.body));
        format!("{SPECIFICATIONS}/{}", json(&response)["data"]["id"])
    }
}

fn simulator(frends: Frends) -> Simulator {
    Simulator::new(Config { service: Service::Frends(frends), ..Config::default() })
}

fn token(simulator: &mut Simulator, now: u64) -> String {
    let form = format!(
        "grant_type=client_credentials&client_id={DEFAULT_CLIENT}&client_secret={DEFAULT_SECRET}&resource={}",
        DEFAULT_RESOURCE.replace(':', "%3A").replace('/', "%2F")
    );
    let target = format!("/{DEFAULT_ENTRA_TENANT}/oauth2/token");
    let fields = [("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    let request = Request { method: "POST", target: &target, fields: &fields, body: form.as_bytes() };
    json(&simulator.answer(now, &request))["access_token"].as_str().expect("a token").to_owned()
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("a JSON body")
}

/// A specification as the body that carries it: one JSON string.
fn specification(title: &str, base: &str) -> Value {
    let text = json!({
        "openapi": "3.0.1",
        "info": {"title": title, "description": "\"þ\""},
        "servers": [{"url": format!("https://gateway.example{base}")}],
        "paths": {"/orders": {"get": {}}}
    });
    Value::String(text.to_string())
}

#[test]
fn every_item_of_a_numbered_list_is_on_one_page_and_in_its_digest() {
    let mut client = Client::new(Frends::default());
    let lists = [
        (SPECIFICATIONS, 70),
        ("/api/v1/processes", 130),
        ("/api/v1/process-deployments", 130),
        ("/api/v1/process-templates", 130),
        ("/api/v1/environment-variables", 130),
    ];
    for (target, total) in lists {
        let (mut ids, mut next) = (Vec::new(), Some(target.to_owned()));
        while let Some(asked) = next {
            let page = client.page(&asked);
            assert_eq!(
                (&page["paging"]["totalCount"], &page["paging"]["pageSize"]),
                (&total.into(), &30.into())
            );
            ids.extend(page["data"].as_array().expect("items").iter().filter_map(|item| item["id"].as_u64()));
            next = page["paging"]["nextPage"].as_str().map(ToOwned::to_owned);
            assert!(
                next.as_ref()
                    .is_none_or(|next| next.starts_with(&format!("http://tenant.example:81{target}?")))
            );
        }
        assert_eq!(ids, (1..=total).collect::<Vec<u64>>(), "{target}");
        assert_eq!(client.simulator.digest_of(target).map(|digest| digest.items), Some(total), "{target}");
    }
    assert_eq!(client.simulator.digest_of("/api/v1/nothing"), None);
}

#[test]
fn a_filter_goes_on_in_the_links() {
    let mut client = Client::new(Frends::default());
    let page = client.page("/api/v1/process-deployments?agentgroupid=2&PageSize=7");
    let deployed = page["data"].as_array().expect("items");
    assert!(deployed.iter().all(|item| item["agentGroupId"] == 2));
    let next = page["paging"]["nextPage"].as_str().expect("another page");
    assert!(next.ends_with("/api/v1/process-deployments?agentgroupid=2&PageNumber=2&PageSize=7"), "{next}");
    assert_eq!(client.page(next)["data"][0]["agentGroupId"], 2);
    let total = page["paging"]["totalCount"].as_u64();
    let digest =
        client.simulator.digest_of("/api/v1/process-deployments?agentGroupId=2&PageSize=7&PageNumber=3");
    assert_eq!(digest.map(|digest| digest.items), total);
}

#[test]
fn the_links_lead_where_they_are_configured_to() {
    let origin = "http://internal:8080".to_owned();
    let cases = [
        (Links::Host, "http://tenant.example:81/"),
        (Links::SecureHost, "https://tenant.example:81/"),
        (Links::Origin(origin), "http://internal:8080/"),
    ];
    for (links, start) in cases {
        let mut client = Client::new(Frends { links, end_of_list: EndOfList::Missing, ..Frends::default() });
        let page = client.page(&format!("{SPECIFICATIONS}?PageNumber=2"));
        for name in ["firstPage", "lastPage", "nextPage", "previousPage"] {
            assert!(page["paging"][name].as_str().is_some_and(|url| url.starts_with(start)), "{name} {page}");
        }
        assert_eq!(client.page(&format!("{SPECIFICATIONS}?PageNumber=3"))["paging"].get("nextPage"), None);
    }
}

#[test]
fn what_cannot_be_a_page_is_refused() {
    let mut client = Client::new(Frends::default());
    let cases = [
        ("/api/v1/processes?PageSize=200", 200),
        ("/api/v1/processes?PageSize=201", 400),
        ("/api/v1/processes?PageSize=0", 400),
        ("/api/v1/processes?PageNumber=x", 400),
        ("/api/v1/processes?PageNumber=1&pagenumber=2", 400),
        ("/api/v1/processes?PageNumber=99", 200),
        ("/api/v1/instances/1?pageSize=200", 200),
        ("/api/v1/instances/1?pageSize=201", 400),
        ("/api/v1/instances/9", 404),
        ("/api/v1/instances/x", 400),
        ("/api/v1/nothing", 404),
        ("/processes", 404),
    ];
    for (target, status) in cases {
        let response = client.get(target);
        assert_eq!(response.status, status, "{target}");
        if status >= 400 {
            assert_eq!(response.field("Content-Type"), Some("application/problem+json"), "{target}");
            assert_eq!(json(&response)["status"], status, "{target}");
        }
    }
    assert_eq!(client.write("POST", "/api/v1/processes", &Value::Null).status, 405);
}

#[test]
fn instances_go_on_by_a_token_while_the_filters_stay_the_same() {
    let mut client = Client::new(Frends::default());
    let start = "/api/v1/instances/2?stateFilter=ShowFinished&isChildProcess=false";
    let (mut count, mut target) = (0, start.to_owned());
    loop {
        let page = client.page(&target);
        count += page["data"].as_array().expect("items").len() as u64;
        let Some(token) = page["nextContinuationToken"].as_str() else { break };
        let encoded = token.replace('+', "%2B").replace('/', "%2F").replace('&', "%26").replace('=', "%3D");
        target = format!("{start}&continuationToken={encoded}");
        let href = page["nextLink"]["href"].as_str().expect("a link").to_owned();
        assert_eq!(client.page(&href)["data"], client.page(&target)["data"]);
        let others = [
            ("ShowFinished", "ShowAll", 400),
            ("isChildProcess=false", "isChildProcess=true", 400),
            ("&isChildProcess=false", "", 400),
            ("instances/2", "instances/3", 400),
            ("%2B", "+", 400),
            ("?", "?pageSize=3&", 200),
        ];
        for (old, new, status) in others {
            let target = target.replacen(old, new, 1);
            assert_eq!(client.get(&target).status, status, "{target}");
        }
    }
    assert!(count > 50);
    assert_eq!(client.simulator.digest_of(start).map(|digest| digest.items), Some(count));
}

#[test]
fn a_specification_lives_from_its_creation_to_its_deletion_and_each_step_counts_once() {
    let mut client = Client::new(Frends::default());
    let at = client.created("/orders/v1");
    assert_eq!(
        client.page(&at)["data"],
        json!({"id": 71, "name": "Orders", "activeVersion": 1, "description": "\"þ\""})
    );
    let put = client.write("PUT", &at, &specification("Orders 2", "/orders/v1"));
    assert_eq!((put.status, put.body.len(), put.field("Content-Type")), (200, 0, None));
    assert_eq!(client.page(&at)["data"]["name"], "Orders 2");
    let early = client.write("POST", &format!("{at}/1/deploy/2"), &Value::Null);
    assert_eq!(early.status, 400);
    let published = client.write("POST", &format!("{at}/publish"), &json!({"changeDescription": null}));
    assert_eq!((published.status, published.body.len()), (200, 0));
    assert_eq!(client.page(&format!("{at}/1"))["data"]["activeVersion"], 2);
    let steps = [
        ("POST", "1/deploy/2", 200),
        ("POST", "1/deploy/9", 404),
        ("POST", "3/deploy/2", 404),
        ("DELETE", "agent-group/1", 400),
        ("DELETE", "agent-group/3", 404),
        ("DELETE", "agent-group/2", 204),
        ("DELETE", "agent-group/1", 204),
        ("DELETE", "agent-group/1", 404),
    ];
    for (method, within, status) in steps {
        let response = client.write(method, &format!("{at}/{within}"), &Value::Null);
        assert_eq!(response.status, status, "{method} {within}");
        assert!(status >= 400 || response.body.is_empty());
    }
    assert_eq!((client.get(&at).status, client.writes()), (404, 6));
}

#[test]
fn a_body_that_is_no_specification_changes_nothing() {
    let mut client = Client::new(Frends::default());
    let good = specification("Orders", "/orders");
    let object: Value = serde_json::from_str(good.as_str().expect("a text")).expect("JSON");
    let cases = [
        ("{}", 400),
        ("", 400),
        ("\"\"", 400),
        ("\"text\"", 400),
        ("\"{}\"", 400),
        (&object.to_string(), 400),
    ];
    for (body, status) in cases {
        let response = client.send("POST", SPECIFICATIONS, "application/json", body.as_bytes());
        assert_eq!(response.status, status, "{body}");
    }
    assert_eq!(client.send("POST", SPECIFICATIONS, "text/plain", good.to_string().as_bytes()).status, 415);
    let at = client.created("/orders");
    let again = client.write("POST", SPECIFICATIONS, &good);
    assert_eq!((again.status, json(&again)["title"].as_str()), (409, Some("Conflict")));
    assert_eq!(client.write("PUT", &at, &specification("Orders", "/other")).status, 400);
    assert_eq!(client.write("PUT", &format!("{SPECIFICATIONS}/999"), &good).status, 404);
    assert_eq!(client.write("POST", &format!("{at}/publish"), &json!({"changeDescription": 1})).status, 400);
    assert_eq!(client.writes(), 1);
}

#[test]
fn an_import_is_a_form_with_one_file() {
    let mut client = Client::new(Frends::default());
    let target = format!("{SPECIFICATIONS}/import");
    let kind = "multipart/form-data; boundary=\"x y\"";
    let text = specification("Imported", "/imported");
    let text = text.as_str().expect("a text");
    let form =
        |head: &str| format!("--x y\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n--x y--\r\n");
    let good = form("name=\"file\"; filename=\"a.json\"");
    let cases = [
        (kind, good.clone(), 201),
        (kind, good.clone(), 409),
        (kind, form("name=\"other\"; filename=\"a.json\""), 400),
        (kind, form("name=\"file\""), 400),
        (kind, good.replace("--x y--", ""), 400),
        ("multipart/form-data; boundary=y", good.clone(), 400),
        ("multipart/form-data", good.clone(), 415),
        ("application/json", "{\"file\":\"binary\"}".to_owned(), 415),
    ];
    for (kind, body, status) in cases {
        let response = client.send("POST", &target, kind, body.as_bytes());
        assert_eq!(response.status, status, "{kind} {body}");
        if status == 201 {
            let expected = json!({"id": 71, "name": "Imported", "activeVersion": 1, "description": "\"þ\""});
            assert_eq!(json(&response)["data"], expected);
        }
    }
    assert_eq!(client.writes(), 1);
}

#[test]
fn passthrough_configurations_can_be_made_changed_and_deleted() {
    let mut client = Client::new(Frends::default());
    let all = format!("{}/1/api-passthrough", client.created("/orders"));
    assert_eq!(client.page(&all), json!({"data": []}));
    let made =
        client.write("POST", &all, &json!({"path": "/orders", "method": "GET", "corsEnabled": true, "x": 1}));
    assert_eq!((made.status, made.body.len()), (201, 0));
    assert_eq!(client.write("POST", &all, &json!({"path": "/orders"})).status, 400);
    assert_eq!(client.write("POST", &all, &json!({"isDefault": "yes"})).status, 400);
    let one = client.page(&all)["data"][0].clone();
    assert_eq!(
        (&one["path"], &one["corsEnabled"], &one["headers"]),
        (&"/orders".into(), &true.into(), &Value::Null)
    );
    assert_eq!((&one["modified"], one.get("x")), (&"2023-11-14T22:13:20.000Z".into(), None));
    let own = format!("{all}/{}", one["id"]);
    let changed = client.write("PUT", &own, &json!({"corsEnabled": false, "path": "/ignored"}));
    let changed = json(&changed)["data"].clone();
    assert_eq!((&changed["path"], &changed["corsEnabled"]), (&"/orders".into(), &false.into()));
    assert_eq!(client.simulator.digest_of(&all).map(|digest| digest.items), Some(1));
    let statuses = [(); 2].map(|()| client.write("DELETE", &own, &Value::Null).status);
    assert_eq!((statuses, client.writes()), ([204, 404], 4));
    assert_eq!(client.get(&all.replace("/1/api", "/7/api")).status, 404);
}

#[test]
fn a_process_template_is_read_by_a_post_and_only_for_what_the_specification_has() {
    let mut client = Client::new(Frends::default());
    let target = format!("{}/1/processTemplate", client.created("/orders"));
    let template = client.write("POST", &target, &json!({"path": "/orders", "operation": "get"}));
    let data = json(&template)["data"].clone();
    assert_eq!(
        (template.status, &data["apiSpecId"], &data["name"]),
        (200, &71.into(), &"GET /orders".into())
    );
    assert_eq!(client.write("POST", &target, &json!({"path": "/orders", "operation": "PUT"})).status, 404);
    assert_eq!(client.write("POST", &target, &json!([])).status, 400);
    assert_eq!(client.writes(), 1);
}

#[test]
fn who_has_no_token_or_no_role_is_turned_away() {
    let mut client = Client::new(Frends::default());
    let good = client.token.clone();
    let cases = [
        (good.clone(), NOW, 200),
        (good, NOW + 3_599_000, 401),
        ("x".to_owned(), NOW, 401),
        (String::new(), NOW, 401),
    ];
    for (token, now, status) in cases {
        (client.token, client.now) = (token, now);
        let response = client.get(SPECIFICATIONS);
        assert_eq!(response.status, status);
        let challenge = response.field("WWW-Authenticate").is_some_and(|value| value.starts_with("Bearer "));
        assert_eq!(challenge, status == 401);
    }
    assert_eq!((client.simulator.stats().unauthorized, client.simulator.stats().accepted), (3, 1));
    let mut forbidden = Client::new(Frends { forbidden: true, ..Frends::default() });
    assert_eq!((forbidden.get(SPECIFICATIONS).status, forbidden.simulator.stats().unauthorized), (403, 1));
}

#[test]
fn a_token_of_another_server_of_the_same_seed_is_accepted() {
    let elsewhere = token(&mut simulator(Frends::default()), NOW);
    let mut client = Client::new(Frends::default());
    client.token = elsewhere;
    assert_eq!(client.get(SPECIFICATIONS).status, 200);
}

#[test]
fn there_is_no_limit_unless_one_is_set_and_then_no_hint() {
    let mut client = Client::new(Frends::default());
    assert!((0..600).all(|_| client.get("/api/v1/instances/1?pageSize=1").status == 200));
    let limit = Limit { requests: 2, window_ms: 1_000, window: WindowKind::Epoch };
    let mut client = Client::new(Frends { limit: Some(limit), ..Frends::default() });
    let statuses = [(); 3].map(|()| client.get(SPECIFICATIONS).status);
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(client.get(SPECIFICATIONS).field("Retry-After"), None);
    client.now += 1_000;
    assert_eq!((client.get(SPECIFICATIONS).status, client.simulator.stats().rejected), (200, 2));
}

#[test]
fn faults_meet_requests_for_tokens_too() {
    let faults =
        vec![(Trigger::Request(1), Fault::NotJson), (Trigger::Request(3), Fault::EmptyPageClaimsMore)];
    let config = Config { service: Service::Frends(Frends::default()), faults, ..Config::default() };
    let mut simulator = Simulator::new(config);
    let target = format!("/{DEFAULT_ENTRA_TENANT}/oauth2/token");
    let refused = simulator.answer(NOW, &Request { method: "POST", target: &target, fields: &[], body: &[] });
    assert_eq!(
        (refused.status, refused.field("Content-Type"), simulator.stats().tokens),
        (200, Some("text/html"), 0)
    );
    let mut client = Client { token: token(&mut simulator, NOW), simulator, now: NOW };
    let page = client.page(SPECIFICATIONS);
    assert_eq!(
        (page["data"].as_array().map(Vec::len), page["paging"]["nextPage"].is_string()),
        (Some(0), true)
    );
}
