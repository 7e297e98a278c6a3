//! What a token server says to good and bad requests, and what its tokens are worth.

use serde_json::Value;

use super::*;

const NOW: u64 = 1_700_000_000_000;
const FORM: &str = "application/x-www-form-urlencoded";
const RIGHT: &str = "grant_type=client_credentials&client_id=key%2B1&client_secret=s%26cret+";

fn opsramp() -> Config {
    Config::opsramp("key+1", "s&cret ")
}

fn entra() -> Config {
    Config::entra("key+1", "s&cret ", "api://frends")
}

struct Asked<'a> {
    method: &'a str,
    target: &'a str,
    content_type: &'a str,
    body: &'a str,
}

const GOOD: Asked<'static> =
    Asked { method: "POST", target: "/oauth/token", content_type: FORM, body: RIGHT };

fn ask(server: &mut TokenServer, asked: &Asked<'_>) -> (Reply, Stats) {
    let fields = [("content-type".to_owned(), asked.content_type.to_owned())];
    let mut stats = Stats::default();
    let Asked { method, target, body, .. } = *asked;
    let request = Request { method, target, fields: &fields, body: body.as_bytes() };
    (server.answer(NOW, &request, &mut stats), stats)
}

fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).expect("a JSON body")
}

fn issued(config: Config, body: &str) -> Value {
    let mut server = TokenServer::new(config, 1);
    let (reply, stats) = ask(&mut server, &Asked { body, ..GOOD });
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(stats.tokens, u64::from(json(&reply).get("access_token").is_some()));
    json(&reply)
}

fn token(server: &mut TokenServer) -> String {
    let (reply, _) = ask(server, &GOOD);
    json(&reply)["access_token"].as_str().expect("a token").to_owned()
}

#[test]
fn what_is_wrong_with_a_request_decides_status_and_error() {
    let entra_only = format!("{RIGHT}&resource=api%3A%2F%2Fother");
    let leaking = format!("/oauth/token?{RIGHT}");
    let cases = [
        ("get", Asked { method: "GET", ..GOOD }, 405, "method_not_allowed"),
        ("json", Asked { content_type: "application/json", ..GOOD }, 400, "invalid_request"),
        ("nothing", Asked { body: "", ..GOOD }, 400, "invalid_request"),
        (
            "no secret",
            Asked { body: "grant_type=client_credentials&client_id=a", ..GOOD },
            400,
            "invalid_request",
        ),
        ("not encoded", Asked { body: "grant_type=%4", ..GOOD }, 400, "invalid_request"),
        ("twice", Asked { body: &format!("{RIGHT}&client_id=a"), ..GOOD }, 400, "invalid_request"),
        ("grant", Asked { body: "grant_type=password", ..GOOD }, 400, "unsupported_grant_type"),
        (
            "plus is a space",
            Asked { body: "grant_type=client_credentials&client_id=key+1&client_secret=s%26cret+", ..GOOD },
            401,
            "unauthorized",
        ),
        ("query", Asked { target: &leaking, ..GOOD }, 400, "invalid_request"),
        ("query alone", Asked { target: &leaking, body: "", method: "GET", ..GOOD }, 400, "invalid_request"),
    ];
    for (name, asked, status, error) in cases {
        let (reply, stats) = ask(&mut TokenServer::new(opsramp(), 1), &asked);
        assert_eq!((reply.status, json(&reply)["error"].as_str()), (status, Some(error)), "{name}");
        assert_eq!((stats.tokens, stats.unauthorized), (0, u64::from(status == 401)), "{name}");
        assert_eq!(stats.leaked, u64::from(name.starts_with("query")), "{name}");
    }
    let (reply, _) = ask(&mut TokenServer::new(entra(), 1), &Asked { body: &entra_only, ..GOOD });
    assert_eq!((reply.status, json(&reply)["error"].as_str()), (400, Some("invalid_resource")));
}

#[test]
fn a_parameter_of_the_content_type_does_not_matter() {
    let asked = Asked { content_type: "Application/X-WWW-Form-Urlencoded; charset=UTF-8", ..GOOD };
    assert_eq!(ask(&mut TokenServer::new(opsramp(), 1), &asked).0.status, 200);
}

#[test]
fn how_long_a_token_holds_is_told_in_each_form() {
    let cases = [
        (ExpiresIn::Number, serde_json::json!(7_199)),
        (ExpiresIn::String, serde_json::json!("7199")),
        (ExpiresIn::Absent, Value::Null),
    ];
    for (expires_in, expected) in cases {
        assert_eq!(issued(Config { expires_in, ..opsramp() }, RIGHT)["expires_in"], expected);
    }
    assert_eq!(issued(Config { told_s: Some(9), ..opsramp() }, RIGHT)["expires_in"], 9);
    let told = issued(entra(), &format!("{RIGHT}&resource=api%3A%2F%2Ffrends"));
    assert_eq!((&told["expires_in"], &told["expires_on"]), (&"3599".into(), &"1700003599".into()));
}

#[test]
fn a_token_holds_until_its_time_is_over_and_at_every_server_of_its_seed() {
    let mut server = TokenServer::new(opsramp(), 1);
    let (first, second) = (token(&mut server), token(&mut server));
    assert_ne!(first, second);
    let end = NOW + 7_199_000;
    let cases = [
        (1, NOW, first.as_str(), Standing::Good),
        (1, end - 1, second.as_str(), Standing::Good),
        (1, end, first.as_str(), Standing::Expired),
        (2, NOW, first.as_str(), Standing::Unknown),
        (1, NOW, &first[1..], Standing::Unknown),
        (1, NOW, "", Standing::Unknown),
        (1, NOW, "þ", Standing::Unknown),
        (1, NOW, &format!("{first}x"), Standing::Unknown),
    ];
    for (seed, now, text, expected) in cases {
        assert_eq!(TokenServer::new(opsramp(), seed).present(now, text), expected, "{text} at {now}");
    }
}

#[test]
fn a_token_can_be_revoked_after_some_requests() {
    let mut server = TokenServer::new(Config { revoked_after: Some(2), ..opsramp() }, 1);
    let (first, second) = (token(&mut server), token(&mut server));
    let standings = [&first, &first, &first, &second].map(|token| server.present(NOW, token));
    assert_eq!(standings, [Standing::Good, Standing::Good, Standing::Expired, Standing::Good]);
}

#[test]
fn a_fault_lasts_for_so_many_requests() {
    let location = "http://elsewhere.example/token".to_owned();
    let cases = [
        (Fault::Redirect { location }, 307, 0),
        (Fault::ServerError, 500, 0),
        (Fault::NoToken, 200, 0),
        (Fault::Unfit, 200, 1),
        (Fault::Huge { bytes: 70_000 }, 200, 1),
    ];
    for (fault, status, tokens) in cases {
        let mut server = TokenServer::new(Config { fault: Some((fault.clone(), 1)), ..opsramp() }, 1);
        let (reply, stats) = ask(&mut server, &GOOD);
        assert_eq!((reply.status, stats.tokens), (status, tokens), "{fault:?}");
        assert_eq!(server.present(NOW, &token(&mut server.clone())), Standing::Good, "{fault:?}");
    }
}

#[test]
fn odd_tokens_are_as_odd_as_they_should_be() {
    let with = |fault| {
        let told = issued(Config { fault: Some((fault, 1)), ..opsramp() }, RIGHT);
        told["access_token"].as_str().map(ToOwned::to_owned)
    };
    assert_eq!(with(Fault::NoToken), None);
    let huge = with(Fault::Huge { bytes: 70_000 }).expect("a token");
    assert_eq!((huge.len(), TokenServer::new(opsramp(), 1).present(NOW, &huge)), (70_000, Standing::Good));
    assert!(with(Fault::Unfit).expect("a token").contains("\r\n"));
}
