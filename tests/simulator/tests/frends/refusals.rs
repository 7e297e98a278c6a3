//! Who is turned away and how, and what faults do.

use serde_json::Value;
use tidegate_simulator::frends::{Config as Frends, DEFAULT_ENTRA_TENANT};
use tidegate_simulator::{Config, Fault, Limit, Request, Service, Simulator, Trigger, WindowKind};

use crate::{Client, NOW, SPECIFICATIONS, parsed, simulator, token};

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
            assert_eq!(parsed(&response)["status"], status, "{target}");
        }
    }
    assert_eq!(client.write("POST", "/api/v1/processes", &Value::Null).status, 405);
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

#[test]
fn a_tenant_that_is_not_there_has_no_tokens() {
    let mut simulator = simulator(Frends::default());
    let cases = [("/other.example/oauth2/token", 400), ("/a/b/oauth2/token", 401), ("/oauth2/token", 401)];
    for (target, status) in cases {
        let refusal = simulator.answer(NOW, &Request { method: "POST", target, fields: &[], body: &[] });
        assert_eq!(refusal.status, status, "{target}");
        assert_eq!(parsed(&refusal)["error_codes"][0] == 90_002, status == 400, "{target}");
    }
}
