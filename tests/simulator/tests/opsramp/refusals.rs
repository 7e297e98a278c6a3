//! Who is turned away and how: tokens, counters, and resources that are not ready.

use serde_json::Value;
use tidegate_simulator::opsramp::{Allowance, Config as OpsRamp, ErrorBodies, Limits, RateFields};
use tidegate_simulator::{Request, Response, oauth};

use crate::{BASE, Client, NOW, json, simulator};

#[test]
fn a_token_s_standing_decides_the_status() {
    let cases = [(OpsRamp::default(), 407), (OpsRamp { expired_status: 401, ..OpsRamp::default() }, 401)];
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
    let token = oauth::Config { revoked_after: Some(3), ..OpsRamp::default().token };
    let mut client = Client::new(OpsRamp { token, unable_first: 1, ..OpsRamp::default() });
    let statuses = [(); 4].map(|()| client.get("alerts/search").status);
    assert_eq!(statuses, [400, 200, 200, 407]);
}

#[test]
fn only_the_configured_token_paths_exist() {
    let config = OpsRamp { token_paths: vec!["/tenancy/auth/oauth/token".to_owned()], ..OpsRamp::default() };
    let mut simulator = simulator(config);
    let request = Request { method: "POST", target: "/auth/oauth/token", fields: &[], body: &[] };
    assert_eq!(simulator.answer(NOW, &request).status, 400);
    assert_eq!(simulator.stats().unauthorized, 1);
}

#[test]
fn each_category_and_kind_has_a_counter_of_its_own_and_tells_of_it() {
    let few = Allowance { get: 2, paged: 1, write: 1 };
    let limits = Limits { device: few, ..Limits::default() };
    let mut client = Client::new(OpsRamp { limits, ..OpsRamp::default() });
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
        let mut client = Client::new(OpsRamp { rate_fields, ..OpsRamp::default() });
        assert_eq!(client.get("alerts/search").field("X-RateLimit-Limit"), expected);
    }
}

#[test]
fn a_single_resource_may_not_be_ready_for_a_while() {
    let mut client = Client::new(OpsRamp { not_ready_first: 2, ..OpsRamp::default() });
    let at = format!("resources/{}", client.first_id("resources/minimal"));
    let codes = [(); 3].map(|()| json(&client.get(&at))["code"].clone());
    assert_eq!(codes, ["0005".into(), "0005".into(), Value::Null]);
}

#[test]
fn refusals_can_be_empty_or_not_json() {
    for (error_bodies, expected) in [(ErrorBodies::Empty, 0), (ErrorBodies::NotJson, 25)] {
        let limits = Limits { alerts: Allowance { get: 0, paged: 0, write: 0 }, ..Limits::default() };
        let mut client = Client::new(OpsRamp { error_bodies, limits, ..OpsRamp::default() });
        for (within, status) in [("nothing", 404), ("alerts/search", 429), ("resources/nobody", 500)] {
            let refusal = client.get(within);
            assert_eq!((refusal.status, refusal.body.len()), (status, expected), "{within}");
        }
        assert_eq!(client.get("resources/search").status, 200);
    }
}
