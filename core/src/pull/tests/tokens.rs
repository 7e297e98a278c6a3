//! Tokens of the API: asked for with the secret, sent in its place, replaced in time, and shown to nobody.

use super::invented::*;
use super::profiles::Invented;
use crate::api::{Api, Project};
use crate::auth::{Credential, TokenFault, TokenRules};
use crate::gate::WaitReason;
use crate::problem::Problem;
use crate::pull::{End, Failure, Outcome, Pull, PullError, RequestKind, Settings, Step, TransportFault};
use crate::retry::Cause;
use crate::text::Text;
use crate::time::{Duration, Instant};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

#[test]
fn a_token_is_asked_for_with_the_secret_and_then_sent_in_its_place() {
    let ran =
        once(&LIST, &[Answers(200, GRANT), FIRST_PAGE, Answers(200, r#"{"rows":[{"id":3}],"more":false}"#)]);
    assert_eq!(ran.outcome, Outcome::Complete(End::SaidSo));
    let [token, first, second] = &ran.asked[..] else { panic!("{:?}", ran.asked) };
    assert_eq!(token.line, "POST https://login.example/token");
    assert_eq!(token.authorization, None);
    let form = format!(
        "grant_type=client_credentials&client_id=client&client_secret={SECRET}&resource=api%3A%2F%2Fx"
    );
    assert_eq!(token.body, form);
    assert_eq!(first.line, "GET https://api.example/v1/list");
    assert_eq!(second.line, "GET https://api.example/v1/list?page=2");
    for page in [first, second] {
        assert_eq!(page.authorization.as_deref(), Some("Bearer t0ken-of-the-server"));
        assert_eq!(page.body, "");
    }
    assert_eq!(ran.items, [r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":3}"#]);
}

#[test]
fn a_token_is_replaced_before_its_end_and_serves_every_pull_until_then() {
    let (project, mut gate, mut now) = (project(), gate(), 0);
    let mut requests = Vec::new();
    for (hours, script) in
        [(0, &[Answers(200, GRANT), ONE_PAGE][..]), (1, &[ONE_PAGE]), (2, &[Answers(200, GRANT), ONE_PAGE])]
    {
        now += hours * 3_570_000;
        let mut buffer = [0; 256];
        let mut pull =
            Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
        requests.push(run(&mut pull, &mut gate, &mut now, script).asked.len());
    }
    assert_eq!(requests, [2, 1, 2]);
}

#[test]
fn a_token_that_is_refused_is_replaced_once_and_the_request_sent_again() {
    for status in [401, 407] {
        let refused = || Answers(status, r#"{"error":"expired"}"#);
        // One that the server has taken before is replaced at once.
        let last = Answers(200, r#"{"rows":[{"id":3}],"more":false}"#);
        let ran = once(&LIST, &[Answers(200, GRANT), FIRST_PAGE, refused(), Answers(200, GRANT), last]);
        assert_eq!((ran.outcome, ran.items.len()), (Outcome::Complete(End::SaidSo), 3));
        assert_eq!(ran.waits, []);
        // A server may need a moment until it knows a token, so a fresh one is tried twice.
        let ran = once(&LIST, &[Answers(200, GRANT), refused(), ONE_PAGE]);
        assert_eq!((ran.outcome, ran.items.len()), (Outcome::Complete(End::SaidSo), 2));
        assert_eq!(ran.waits, [WaitReason::Backoff(Cause::FreshToken(status))]);
        let twice = [Answers(200, GRANT), refused(), refused(), Answers(200, GRANT)];
        let ran = once(&LIST, &[&twice[..], &[ONE_PAGE]].concat());
        assert_eq!((ran.outcome, ran.items.len()), (Outcome::Complete(End::SaidSo), 2));
        let ran = once(&LIST, &[&twice[..], &[refused()]].concat());
        assert_eq!(ran.outcome, Outcome::Failed(Failure::Credential { status }));
    }
}

#[test]
fn a_token_endpoint_that_redirects_gets_nothing_and_is_named() {
    let (there, configured) = (Text::new("https://evil.example/x"), Text::new("https://login.example"));
    let ran = once(&LIST, &[Sends(307, "https://evil.example/x?y")]);
    let failure = Failure::Redirect { status: 307, location: there, configured };
    assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Failed(failure), 1));
    let text = failure.to_string();
    assert!(text.contains("https://evil.example/x") && text.contains("https://login.example"), "{text}");
}

#[test]
fn a_grant_that_cannot_be_used_is_told_and_not_asked_for_again() {
    let long = format!(r#"{{"access_token":"{}"}}"#, "x".repeat(65)).leak();
    let longer = format!(r#"{{"access_token":"{}"}}"#, "x".repeat(300)).leak();
    let table = [
        ("{}", TokenFault::Missing),
        (r#"{"access_token":"a\r\nb"}"#, TokenFault::Unsendable),
        (long, TokenFault::TooLong { needed: 65, room: 64 }),
        (longer, TokenFault::TooLong { needed: 300, room: 256 }),
    ];
    for (body, fault) in table {
        let ran = once(&LIST, &[Answers(200, body)]);
        assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Failed(Failure::Token(fault)), 1));
    }
    for (status, failure) in [
        (400, Failure::Credential { status: 400 }),
        (401, Failure::Credential { status: 401 }),
        (404, Failure::TokenStatus { status: 404 }),
    ] {
        let ran = once(&LIST, &[Answers(status, r#"{"error":"no"}"#)]);
        assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Failed(failure), 1));
    }
    let passing =
        [Answers(503, ""), Fails(TransportFault::Broken), Answers(200, "{\"acc"), Answers(200, GRANT)];
    let script: Vec<_> = passing.into_iter().chain([ONE_PAGE]).collect();
    assert_eq!(once(&LIST, &script).outcome, Outcome::Complete(End::SaidSo));
}

#[test]
fn a_token_comes_with_any_success_that_has_a_body() {
    for status in [200, 201, 202, 203, 299] {
        assert_eq!(
            once(&LIST, &[Answers(status, GRANT), ONE_PAGE]).outcome,
            Outcome::Complete(End::SaidSo),
            "{status}"
        );
    }
    for status in [204, 205, 206] {
        let ran = once(&LIST, &[Answers(status, GRANT)]);
        assert_eq!(ran.outcome, Outcome::Failed(Failure::TokenStatus { status }));
    }
}

#[test]
fn a_token_endpoint_that_says_later_is_asked_later() {
    for status in [425, 429, 408, 503] {
        let ran = once(&LIST, &[Answers(status, ""), Answers(200, GRANT), ONE_PAGE]);
        assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Complete(End::SaidSo), 3), "{status}");
        assert_eq!(ran.waits, [WaitReason::Backoff(Cause::TokenStatus(status))]);
    }
}

#[test]
fn a_write_that_came_too_early_is_sent_again() {
    let ran = once(&WRITE, &[Answers(200, GRANT), Answers(425, ""), Answers(201, "{}")]);
    assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Complete(End::SingleAnswer), 3));
}

#[test]
fn while_one_pull_asks_for_a_token_another_waits_for_it() {
    let (project, mut gate) = (project(), gate());
    let (mut ours, mut theirs) = ([0; 256], [0; 256]);
    let mut one =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    let mut other =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    let at = Instant::from_millis(1);
    assert!(matches!(one.step(&mut gate, at), Step::Send));
    assert!(one.sent(&mut gate, at));
    assert!(matches!(other.step(&mut gate, at), Step::Wait { why: WaitReason::Token, .. }));
    assert!(!other.sent(&mut gate, at));
    one.head(&mut gate, at, 200, []);
    assert!(
        matches!(other.step(&mut gate, at), Step::Wait { why: WaitReason::Token, .. }),
        "the token is in the body"
    );
    one.body(at, &mut GRANT.as_bytes());
    one.end(&mut gate, at);
    let mut now = 1;
    let ran = run(&mut other, &mut gate, &mut now, &[ONE_PAGE]);
    assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Complete(End::SaidSo), 1));
    let ran = run(&mut one, &mut gate, &mut now, &[ONE_PAGE]);
    assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Complete(End::SaidSo), 1));
}

#[test]
fn nobody_waits_for_a_token_that_will_not_come() {
    let ways: [fn(&mut Pull<'_, Invented>, &mut TestGate, Instant); 3] = [
        |pull, gate, at| pull.failed(gate, at, TransportFault::Broken),
        |pull, gate, at| {
            pull.head(gate, at, 200, []);
            pull.failed(gate, at, TransportFault::Broken);
        },
        |pull, gate, at| pull.abandoned(gate, at),
    ];
    for (number, end) in ways.into_iter().enumerate() {
        let (project, mut gate) = (project(), gate());
        let (mut ours, mut theirs) = ([0; 256], [0; 256]);
        let mut one =
            Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
        let mut other =
            Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
        let at = Instant::from_millis(1);
        assert!(one.sent(&mut gate, at));
        assert!(matches!(other.step(&mut gate, at), Step::Wait { why: WaitReason::Token, .. }));
        end(&mut one, &mut gate, at);
        assert!(matches!(other.step(&mut gate, at), Step::Send), "way {number}");
    }
}

#[test]
fn a_token_that_is_replaced_while_a_request_is_written_breaks_that_request() {
    let (project, mut gate) = (project(), gate());
    let (mut ours, mut theirs, mut now) = ([0; 256], [0; 256], 0);
    let mut one =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    let at = Instant::from_millis(1);
    assert!(one.sent(&mut gate, at));
    one.head(&mut gate, at, 200, []);
    one.body(at, &mut GRANT.as_bytes());
    one.end(&mut gate, at);
    assert!(one.sent(&mut gate, at));
    assert!(one.request(&gate).is_some());
    let mut other =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    run(
        &mut other,
        &mut gate,
        &mut now,
        &[Answers(401, ""), Answers(401, ""), Answers(200, GRANT), ONE_PAGE],
    );
    assert!(one.request(&gate).is_none(), "half of it would be of another token");
}

#[test]
fn an_api_that_grants_tokens_needs_to_know_where() {
    let project = Project::new(&API, "https://api.example", SECRET).unwrap();
    let error = Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut [], None)
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error, PullError::NoTokenSource);
}

#[test]
fn a_token_that_broke_off_does_not_stay_where_it_was_read() {
    let inputs: [fn(&mut Pull<'_, Invented>, &mut TestGate); 4] = [
        |pull, gate| pull.failed(gate, at(1), TransportFault::Broken),
        |pull, _| _ = pull.body(at(1), &mut &b"!"[..]),
        |pull, gate| pull.end(gate, at(1)),
        |pull, gate| _ = pull.step(gate, at(100_000)),
    ];
    for input in inputs {
        let (project, mut gate, mut buffer) = (project(), gate(), [0; 64]);
        {
            let mut pull =
                Pull::<Invented>::with_profile(&project, &WRITE, &Settings::DEFAULT, &mut buffer, None)
                    .unwrap();
            assert!(pull.sent(&mut gate, at(1)));
            pull.head(&mut gate, at(1), 200, []);
            pull.body(at(1), &mut &br#"{"access_token":"t0ken-of-the-server","#[..]);
            input(&mut pull, &mut gate);
        }
        assert!(!String::from_utf8_lossy(&buffer).contains("t0ken"));
    }
}

#[test]
fn a_token_is_for_the_base_url_that_it_was_asked_for() {
    let (ours, mut gate, mut now) = (project(), gate(), 0);
    let theirs = Project::new(&API, "https://other.example/v1", "another-secret").unwrap();
    let theirs = theirs.with_tokens_of("https://login.other.example/token", "client-b").unwrap();
    let (mut first, mut second) = ([0; 256], [0; 256]);
    let mut one = Pull::<Invented>::with_profile(&ours, &LIST, &Settings::DEFAULT, &mut first, None).unwrap();
    run(&mut one, &mut gate, &mut now, &[Answers(200, GRANT), ONE_PAGE]);
    let mut other =
        Pull::<Invented>::with_profile(&theirs, &LIST, &Settings::DEFAULT, &mut second, None).unwrap();
    let ran = run(&mut other, &mut gate, &mut now, &[Answers(200, r#"{"access_token":"theirs"}"#), ONE_PAGE]);
    assert_eq!(ran.asked[1].authorization.as_deref(), Some("Bearer theirs"));
}

#[test]
fn a_token_url_keeps_the_slash_at_its_end() {
    for path in ["/o/token/", "/o/token", "/", ""] {
        let url: &'static str = format!("https://login.example{path}").leak();
        let project = Project::new(&API, "https://api.example/v1", SECRET).unwrap();
        let project = project.with_tokens_of(url, "client").unwrap();
        let (mut gate, mut buffer, mut now) = (gate(), [0; 256], 0);
        let mut pull =
            Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
        let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), ONE_PAGE]);
        let path = if path.is_empty() { "/" } else { path };
        assert_eq!(ran.asked[0].line, format!("POST https://login.example{path}"));
    }
}

#[test]
fn what_a_server_says_is_not_shown_before_it_is_known_to_quote_no_secret() {
    let (project, mut gate, mut buffer) = (project(), gate(), [0; 64]);
    let mut pull =
        Pull::<Invented>::with_profile(&project, &WRITE, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, at(1)));
    pull.head(&mut gate, at(1), 401, []);
    pull.body(at(1), &mut format!(r#"{{"title":"bad client_secret {SECRET}","#).as_bytes());
    let _ = pull.step(&mut gate, at(1));
    assert!(!format!("{pull:?} {}", pull.problem()).contains(SECRET));
}

#[test]
fn a_token_that_was_replaced_meanwhile_is_not_shown_either() {
    let (project, mut gate) = (project(), gate());
    let (mut ours, mut theirs, mut now) = ([0; 256], [0; 256], 0);
    let mut one =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    assert!(one.sent(&mut gate, at(1)));
    one.head(&mut gate, at(1), 200, []);
    one.body(at(1), &mut GRANT.as_bytes());
    one.end(&mut gate, at(1));
    assert!(one.sent(&mut gate, at(1)));
    let mut other =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    // The first refusal may be of a token that is too new, the second one is not.
    let second = r#"{"access_token":"second-one"}"#;
    let replaced = [Answers(401, ""), Answers(401, ""), Answers(200, second), ONE_PAGE];
    run(&mut other, &mut gate, &mut now, &replaced);
    one.head(&mut gate, at(9), 403, []);
    let quoting =
        br#"{"type":"t0ken-of-the-server","code":"t0ken-of-the-server","title":"no right for t0ken-of-the-server","detail":"t0ken-of-the-server"}"#;
    one.body(at(9), &mut &quoting[..]);
    one.end(&mut gate, at(9));
    assert_eq!(*one.problem(), Problem::NONE);
}

#[test]
fn a_token_that_a_status_calls_expired_is_replaced_whatever_else_the_status_says() {
    const RULES: TokenRules =
        TokenRules { expired: &[440], early: Duration::ZERO, lifetime: Duration::from_secs(600) };
    const OTHER: Api = Api { credential: Credential::Token(RULES), ..API };
    let project = Project::new(&OTHER, "https://api.example/v1", SECRET).unwrap();
    let project = project.with_tokens_of("https://login.example/token", "client").unwrap();
    let (mut gate, mut buffer, mut now) = (gate(), [0; 256], 0);
    let mut pull =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let last = Answers(200, r#"{"rows":[{"id":3}],"more":false}"#);
    let script = [Answers(200, GRANT), FIRST_PAGE, Answers(440, ""), Answers(200, GRANT), last];
    let ran = run(&mut pull, &mut gate, &mut now, &script);
    assert_eq!((ran.outcome, ran.items.len()), (Outcome::Complete(End::SaidSo), 3));
}

#[test]
fn a_write_whose_token_is_refused_is_not_sent_again_and_the_next_one_has_a_new_token() {
    let (project, mut gate, mut now) = (project(), gate(), 0);
    let scripts: [&[Does]; 2] =
        [&[Answers(200, GRANT), Answers(401, "")], &[Answers(200, GRANT), Answers(201, "")]];
    let ends = [Outcome::Failed(Failure::Credential { status: 401 }), Outcome::Complete(End::SingleAnswer)];
    for (script, end) in scripts.into_iter().zip(ends) {
        let mut buffer = [0; 256];
        let mut pull =
            Pull::<Invented>::with_profile(&project, &WRITE, &Settings::DEFAULT, &mut buffer, None).unwrap();
        let ran = run(&mut pull, &mut gate, &mut now, script);
        assert_eq!((ran.outcome, ran.asked.len()), (end, 2));
    }
}

#[test]
fn a_pull_that_has_a_token_does_not_wait_for_one_of_another_place() {
    let elsewhere = Project::new(&API, "https://other.example", SECRET).unwrap();
    let elsewhere = elsewhere.with_tokens_of("https://login.example/token", "client").unwrap();
    let (project, mut gate, mut now) = (project(), gate(), 0);
    let (mut ours, mut theirs) = ([0; 256], [0; 256]);
    let mut first =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    run(&mut first, &mut gate, &mut now, &[Answers(200, GRANT), ONE_PAGE]);
    let mut other =
        Pull::<Invented>::with_profile(&elsewhere, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    assert!(other.sent(&mut gate, at(now)));
    assert_eq!(other.recipient().map(|(kind, _)| kind), Some(RequestKind::Token));
    let mut second =
        Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    assert!(matches!(second.step(&mut gate, at(now)), Step::Send));
}

#[test]
fn a_server_that_quotes_the_token_is_not_repeated() {
    // It has nothing in common with the client's secret.
    let grant = r#"{"access_token":"xyzzy-91-plugh-42"}"#;
    let quotes = [
        Sends(307, "https://evil.example/xyzzy-91-plugh-42"),
        Answers(404, r#"{"title":"nothing for xyzzy-91-plugh-42"}"#),
    ];
    for quote in quotes {
        let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
        let mut pull =
            Pull::<Invented>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
        let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, grant), quote]);
        let Outcome::Failed(failure) = ran.outcome else { panic!("{:?}", ran.outcome) };
        let shown = format!("{failure} {failure:?} {:?}", pull.problem());
        assert!(!shown.contains("xyzzy"), "{shown}");
    }
}
