//! OpsRamp asked through the model: who is refused and how, what counts where, and what writes leave behind.

use serde_json::Value;

use super::*;
use crate::config::Config as Simulated;
use crate::model::Simulator;
use crate::oauth;
use crate::response::Response;
use crate::service::Service;

const NOW: u64 = 1_700_000_000_000;
const BASE: &str = "/api/v2/tenants/client_99999";

/// A client with a token.
struct Client {
    simulator: Simulator,
    token: String,
    now: u64,
}

impl Client {
    fn new(config: Config) -> Self {
        let simulator =
            Simulator::new(Simulated { service: Service::OpsRamp(config), ..Simulated::default() });
        let mut client = Self { simulator, token: String::new(), now: NOW };
        client.renew();
        client
    }

    fn renew(&mut self) {
        let form =
            format!("grant_type=client_credentials&client_id={DEFAULT_KEY}&client_secret={DEFAULT_SECRET}");
        let fields = [("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        let target = "/auth/oauth/token";
        let request = Request { method: "POST", target, fields: &fields, body: form.as_bytes() };
        let response = self.simulator.answer(self.now, &request);
        self.token = json(&response)["access_token"].as_str().expect("a token").to_owned();
    }

    fn send(&mut self, method: &str, within: &str, body: &str) -> Response {
        let fields = [("authorization".to_owned(), format!("bearer {}", self.token))];
        let target = format!("{BASE}/{within}");
        let request = Request { method, target: &target, fields: &fields, body: body.as_bytes() };
        self.simulator.answer(self.now, &request)
    }

    fn get(&mut self, within: &str) -> Response {
        self.send("GET", within, "")
    }

    /// Every item's id, page by page, as a plain client without memory has them.
    fn ids(&mut self, within: &str, id: &str) -> Vec<String> {
        let mut ids = Vec::new();
        for page_no in 1.. {
            let page = json(&self.get(&format!("{within}pageNo={page_no}")));
            let items = page["results"].as_array().expect("items").clone();
            ids.extend(items.iter().map(|item| item[id].as_str().expect("an id").to_owned()));
            if page["nextPage"] == false {
                break;
            }
        }
        ids
    }
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("a JSON body")
}

#[test]
fn a_pull_of_each_list_yields_what_its_digest_says() {
    let mut client = Client::new(Config::default());
    let lists = [
        (List::Resources, "resources/search", 3),
        (List::Alerts, "alerts/search", 3),
        (List::Incidents, "incidents/search", 3),
        (List::Policies, "policies/management", 1),
        (List::Metrics, "metric/search", 1),
    ];
    for (list, within, pages) in lists {
        let mut text = String::new();
        for page_no in 1..=pages {
            let page = client.get(&format!("{within}?pageSize=99&pageNo={page_no}"));
            let parsed = json(&page);
            let (items, more) =
                parsed.get("results").map_or((&parsed, false), |items| (items, page_no < pages));
            assert_eq!(items.as_array().map(|items| items.len() <= 99 || pages == 1), Some(true));
            assert_eq!(parsed["nextPage"] == true, more);
            text.push_str(std::str::from_utf8(&page.body).expect("UTF-8"));
        }
        let mut rest = text.as_str();
        let items = (0..250).map(|number| item::item(1, list, number)).inspect(|item| {
            let item = std::str::from_utf8(item).expect("UTF-8");
            rest = rest.split_once(item).unwrap_or_else(|| panic!("{within} has not {item} in its place")).1;
        });
        let digest = Digest::of(items);
        assert_eq!(client.simulator.digest_of(&format!("{BASE}/{within}")), Some(digest));
    }
    assert_eq!(json(&client.get("resources/minimal")).as_array().map(Vec::len), Some(250));
    assert_eq!(client.simulator.digest_of(&format!("{BASE}/nothing")), None);
}

#[test]
fn a_token_s_standing_decides_the_status() {
    let cases = [(Config::default(), 407), (Config { expired_status: 401, ..Config::default() }, 401)];
    for (config, expired) in cases {
        let mut client = Client::new(config);
        assert_eq!(client.get("alerts/search").status, 200);
        client.now += 7_199_000;
        let refusal = client.get("alerts/search");
        assert_eq!((refusal.status, refusal.field("X-RateLimit-Limit")), (expired, None));
        client.renew();
        assert_eq!(client.get("alerts/search").status, 200);
        client.token = "0f6de1a1-0000-0000-0000-000000000000".to_owned();
        assert_eq!(client.get("alerts/search").status, 401);
        let request =
            Request { method: "GET", target: &format!("{BASE}/alerts/search"), fields: &[], body: &[] };
        let refusal = client.simulator.answer(client.now, &request);
        assert_eq!(
            (refusal.status, &json(&refusal)["error_description"]),
            (400, &"Unable to authenticate".into())
        );
        let stats = client.simulator.stats();
        assert_eq!((stats.tokens, stats.unauthorized, stats.accepted), (2, 3, 2));
    }
}

#[test]
fn a_token_is_revoked_early_and_authentication_fails_in_passing() {
    let token = oauth::Config { revoked_after: Some(3), ..Config::default().token };
    let mut client = Client::new(Config { token, unable_first: 1, ..Config::default() });
    let statuses = [(); 4].map(|()| client.get("alerts/search").status);
    assert_eq!(statuses, [400, 200, 200, 407]);
}

#[test]
fn only_the_configured_token_paths_exist() {
    let config = Config { token_paths: vec!["/tenancy/auth/oauth/token".to_owned()], ..Config::default() };
    let mut simulator =
        Simulator::new(Simulated { service: Service::OpsRamp(config), ..Simulated::default() });
    let request = Request { method: "POST", target: "/auth/oauth/token", fields: &[], body: &[] };
    assert_eq!(simulator.answer(NOW, &request).status, 400);
    assert_eq!(simulator.stats().unauthorized, 1);
}

#[test]
fn each_category_and_kind_has_a_counter_of_its_own_and_tells_of_it() {
    let few = Allowance { get: 2, paged: 1, write: 1 };
    let limits = Limits { device: few, ..Limits::default() };
    let mut client = Client::new(Config { limits, ..Config::default() });
    let first = client.get("resources/search");
    let told = |response: &Response, name| response.field(name).map(ToOwned::to_owned);
    assert_eq!(told(&first, "X-RateLimit-Limit").as_deref(), Some("1"));
    assert_eq!(told(&first, "x-ratelimit-remaining").as_deref(), Some("0"));
    assert_eq!(told(&first, "X-RateLimit-Reset").as_deref(), Some("1700000060"));
    assert_eq!(told(&first, "X-RateLimit-Bucket").as_deref(), Some("client_99999:device:get-paged"));
    let rejection = client.get("resources/search");
    assert_eq!((rejection.status, rejection.field("Retry-After")), (429, None));
    assert_eq!(
        json(&rejection),
        serde_json::json!({"error": "throttled", "error_description": "Too Many Requests"})
    );
    assert_eq!(rejection.field("X-RateLimit-Reset"), Some("1700000060"));
    let statuses = ["resources/minimal", "resources/minimal", "resources/minimal", "alerts/search"]
        .map(|within| client.get(within).status);
    assert_eq!(statuses, [200, 200, 429, 200]);
    assert_eq!(client.send("PUT", "resources", r#"{"hostName":"a"}"#).status, 200);
    assert_eq!(client.send("PUT", "resources", r#"{"hostName":"a"}"#).status, 429);
    client.now += 60_000;
    assert_eq!(client.get("resources/search").status, 200);
    assert_eq!((client.simulator.stats().rejected, client.simulator.stats().writes), (3, 1));
}

#[test]
fn values_of_the_rate_fields_can_be_quoted_or_absent() {
    let cases = [
        (RateFields::Plain, Some("50")),
        (RateFields::Quoted, Some(" \" 50 \"")),
        (RateFields::Absent, None),
    ];
    for (rate_fields, expected) in cases {
        let mut client = Client::new(Config { rate_fields, ..Config::default() });
        assert_eq!(client.get("alerts/search").field("X-RateLimit-Limit"), expected);
    }
}

#[test]
fn an_encoded_plus_joins_filters_and_a_raw_one_is_a_space() {
    let mut client = Client::new(Config::default());
    let count = |response: Response| json(&response)["results"].as_array().map(Vec::len);
    let all = count(client.get("alerts/search?pageSize=999&queryString=states:Critical")).expect("items");
    let both = count(client.get("alerts/search?pageSize=999&queryString=states:Critical%2Bpriority:P0,P1"));
    let raw = client.get("alerts/search?pageSize=999&queryString=states:Critical+priority:P0,P1");
    assert!(both.is_some_and(|both| 0 < both && both < all));
    assert_eq!(count(raw), Some(0));
    let target = format!("{BASE}/alerts/search?queryString=states:Critical%2Bpriority:P0,P1");
    assert_eq!(client.simulator.digest_of(&target).map(|digest| digest.items as usize), both);
}

#[test]
fn drift_shows_an_item_twice_or_never() {
    let drift = |inserted, removed| vec![Drift { page: 2, inserted, removed }];
    let pull = |drift| {
        let mut client = Client::new(Config { items: 20, page_size: 10, drift, ..Config::default() });
        client.ids("incidents/search?", "id")
    };
    let undisturbed = pull(Vec::new());
    let (twice, lost) = (pull(drift(3, 0)), pull(drift(0, 3)));
    assert_eq!((undisturbed.len(), twice.len(), lost.len()), (20, 23, 17));
    assert_eq!(twice[10..13], undisturbed[7..10]);
    assert!(!lost.contains(&undisturbed[10]) && !lost.contains(&undisturbed[12]));
}

#[test]
fn what_is_written_once_is_counted_once_and_can_be_read() {
    let mut client = Client::new(Config::default());
    let created = json(&client.send("PUT", "resources", r#"{"hostName":"a","os":"Linux"}"#));
    let at = format!("resources/{}", created["id"].as_str().expect("an id"));
    assert_eq!(json(&client.get(&at))["os"], "Linux");
    assert_eq!(json(&client.send("POST", &at, r#"{"os":"BSD"}"#))["hostName"], "a");
    assert_eq!(json(&client.get(&at))["os"], "BSD");
    assert_eq!(json(&client.send("PUT", &at, r#"{"name":"b"}"#)).get("os"), None);
    assert_eq!(client.simulator.stats().writes, 3);
    assert_eq!(json(&client.send("DELETE", &at, ""))["success"], true);
    let statuses =
        [("GET", ""), ("POST", "{}"), ("DELETE", "")].map(|(method, body)| client.send(method, &at, body));
    for refusal in statuses {
        assert_eq!((refusal.status, &json(&refusal)["code"]), (500, &"0003".into()));
    }
    assert_eq!(client.simulator.stats().writes, 4);
}

#[test]
fn a_get_that_acts_is_a_write_each_time() {
    let mut client = Client::new(Config::default());
    let id = item::id(1, List::Policies, 0);
    let statuses = [id.as_str(), id.as_str(), "nobody"]
        .map(|id| client.get(&format!("policies/management/{id}/action/run")).status);
    assert_eq!((statuses, client.simulator.stats().writes), ([200, 200, 500], 2));
}

#[test]
fn a_single_resource_may_not_be_ready_for_a_while() {
    let mut client = Client::new(Config { not_ready_first: 2, ..Config::default() });
    let at = format!("resources/{}", item::id(1, List::Resources, 0));
    let codes = [(); 3].map(|()| json(&client.get(&at))["code"].clone());
    assert_eq!(codes, ["0005".into(), "0005".into(), Value::Null]);
}

#[test]
fn bodies_that_cannot_be_used_are_refused_in_the_vendor_s_shapes() {
    let mut client = Client::new(Config::default());
    let cases = [
        ("PUT", "resources", "{}", Value::Null),
        ("PUT", "resources", "[]", Value::Null),
        ("PUT", "incidents", "", Value::Null),
        ("POST", "incidents/INC0000000001", "x", Value::Null),
        ("PUT", "policies/management", "{}", "name".into()),
    ];
    for (method, within, body, field) in cases {
        let refusal = client.send(method, within, body);
        let told = json(&refusal);
        assert_eq!((refusal.status, &told[0]["fieldName"]), (400, &field), "{method} {within} {body}");
        assert_eq!(told.is_array(), !field.is_null());
    }
    assert_eq!(client.simulator.stats().writes, 0);
}

#[test]
fn refusals_can_be_empty_or_not_json() {
    for (error_bodies, expected) in [(ErrorBodies::Empty, 0), (ErrorBodies::NotJson, 25)] {
        let limits = Limits { alerts: Allowance { get: 0, paged: 0, write: 0 }, ..Limits::default() };
        let mut client = Client::new(Config { error_bodies, limits, ..Config::default() });
        for (within, status) in [("nothing", 404), ("alerts/search", 429), ("resources/nobody", 500)] {
            let refusal = client.get(within);
            assert_eq!((refusal.status, refusal.body.len()), (status, expected), "{within}");
        }
        assert_eq!(client.get("resources/search").status, 200);
    }
}
