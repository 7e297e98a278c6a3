//! Requests that are no page of a list: for a token, for one answer, for what is elsewhere. And an API that no vendor has,
//! described here and nowhere else.

use crate::api::{Api, Endpoint, Project};
use crate::auth::{Credential, TokenFault, TokenRules};
use crate::cursor::{CursorFault, Pager};
use crate::gate::{Gate, WaitReason, WithToken};
use crate::http::{Body, Method};
use crate::page::{Item, Items};
use crate::pull::{Failure, Outcome, Pull, PullError, Settings, Step, TransportFault};
use crate::quota::{Slot, Terms, Window, Windows};
use crate::retry::RetryPolicy;
use crate::text::Text;
use crate::time::{Duration, Instant};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

const API: Api = Api {
    name: "Invented",
    credential: Credential::Token(TokenRules {
        expired: &[401, 407],
        early: Duration::from_secs(60),
        lifetime: Duration::from_secs(600),
    }),
    windows: Windows::one(Window::new(100, Duration::from_secs(60))),
    rejected: &[429],
    credential_refused: &[401, 403, 407],
    not_found: &[(500, "0003")],
    not_ready: &[(500, "0005")],
    repeatable: Method::IDEMPOTENT,
    is_sequential: false,
    maintenance: None,
};

const SECRET: &str = "s3cret-of-the-client";
const PAGER: Pager = Pager::Page { parameter: "page", more: "more", next: None, total: Some("total") };
const LIST: Endpoint<'static> = Endpoint::new("/list", Items::Key("rows"), PAGER).known_by("id");
const WRITE: Endpoint<'static> =
    Endpoint::call(Method::Post, "/things").with_body(Body::Json("{\"name\":\"x\"}"));
const GRANT: &str = r#"{"access_token":"t0ken-of-the-server","token_type":"bearer","expires_in":"7200"}"#;

type TestGate = Gate<WithToken<Vec<Slot>, Vec<u8>>>;

fn gate() -> TestGate {
    let memory = WithToken { slots: vec![Slot::FREE; 100], token: vec![0; 64] };
    Gate::new(API.windows, Terms::DEFAULT, memory).unwrap().unused()
}

fn project() -> Project<'static> {
    let project = Project::new(&API, "https://api.example/v1", SECRET).unwrap();
    project.with_tokens_of("https://login.example/token", "client").unwrap().asking_for("resource", "api://x")
}

/// A request as it would stand on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    line: String,
    authorization: Option<String>,
    body: String,
}

/// What a server does about a request.
enum Does {
    Answers(u16, &'static str),
    Sends(u16, &'static str),
    Fails(TransportFault),
}
use Does::{Answers, Fails, Sends};

/// What a run came to.
struct Ran {
    outcome: Outcome,
    asked: Vec<Asked>,
    items: Vec<String>,
    waits: Vec<WaitReason>,
}

/// Runs a pull against a script; what is asked for beyond it is an error of the test.
fn run(pull: &mut Pull<'_>, gate: &mut TestGate, now: &mut u64, script: &[Does]) -> Ran {
    let (mut asked, mut waits, mut script) = (Vec::new(), Vec::new(), script.iter());
    let (mut items, mut page): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    loop {
        *now += 1;
        let at = Instant::from_millis(*now);
        match pull.step(gate, at) {
            Step::Wait { until, why } => {
                waits.push(why);
                *now = until.as_millis();
            }
            Step::Send => {
                assert!(pull.sent(gate, at));
                asked.push(seen(pull, gate));
                let (status, location, body) = match script.next().expect("one request more") {
                    Fails(fault) => {
                        pull.failed(gate, at, *fault);
                        continue;
                    }
                    Sends(status, location) => (*status, Some(*location), ""),
                    Answers(status, body) => (*status, None, *body),
                };
                let location = location.map(|location| ("Location", location.as_bytes()));
                pull.head(gate, at, status, location);
                for piece in body.as_bytes().chunks(7) {
                    let mut rest = piece;
                    while let Step::Receive { .. } = pull.step(gate, at) {
                        let (taken, item) = pull.body(at, rest);
                        rest = &rest[taken..];
                        match item {
                            Some(Item::Whole { bytes, .. }) => {
                                page.push(String::from_utf8(bytes.to_vec()).unwrap());
                            }
                            None if rest.is_empty() => break,
                            _ => {}
                        }
                    }
                }
                if let Step::Receive { .. } = pull.step(gate, at) {
                    pull.end(gate, at);
                }
            }
            Step::Receive { .. } => panic!("nothing comes"),
            Step::Checkpoint(_) => {
                items.append(&mut page);
                pull.stored();
            }
            Step::Rewind { items } => {
                assert_eq!(items as usize, page.len());
                page.clear();
                pull.rewound();
            }
            Step::Done(outcome) => return Ran { outcome, asked, items, waits },
        }
    }
}

fn seen(pull: &Pull<'_>, gate: &TestGate) -> Asked {
    let request = pull.request(gate).expect("it was just sent");
    let shown = format!("{request:?} {request} {pull:?} {gate:?}");
    assert!(!shown.contains(SECRET) && !shown.contains("t0ken"), "{shown}");
    assert_eq!(pull.recipient().map(|(_, origin)| origin), Some(request.origin()));
    let authorization = request.fields().find(|field| field.name == "authorization");
    let mut body = Vec::new();
    request.body().write(&mut |piece| body.extend_from_slice(piece));
    Asked {
        line: request.to_string(),
        authorization: authorization.map(|field| {
            assert!(field.value.is_secret());
            field.value.expose().to_string()
        }),
        body: String::from_utf8(body).unwrap(),
    }
}

/// Runs one pull from its beginning.
fn once(endpoint: &Endpoint<'_>, script: &[Does]) -> Ran {
    let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
    let mut pull = Pull::new(&project, endpoint, &Settings::DEFAULT, &mut buffer, None).unwrap();
    run(&mut pull, &mut gate, &mut now, script)
}

const ONE_PAGE: Does = Answers(200, r#"{"rows":[{"id":1},{"id":2}],"more":false}"#);
const FIRST_PAGE: Does = Answers(200, r#"{"rows":[{"id":1},{"id":2}],"more":true,"total":3}"#);

#[test]
fn a_token_is_asked_for_with_the_secret_and_then_sent_in_its_place() {
    let ran =
        once(&LIST, &[Answers(200, GRANT), FIRST_PAGE, Answers(200, r#"{"rows":[{"id":3}],"more":false}"#)]);
    assert_eq!(ran.outcome, Outcome::Complete);
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
        let mut pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
        requests.push(run(&mut pull, &mut gate, &mut now, script).asked.len());
    }
    assert_eq!(requests, [2, 1, 2]);
}

#[test]
fn a_token_that_is_refused_is_replaced_once_and_the_request_sent_again() {
    for status in [401, 407] {
        let refused = || Answers(status, r#"{"error":"expired"}"#);
        let ran = once(&LIST, &[Answers(200, GRANT), refused(), Answers(200, GRANT), ONE_PAGE]);
        assert_eq!((ran.outcome, ran.items.len()), (Outcome::Complete, 2));
        let ran = once(&LIST, &[Answers(200, GRANT), refused(), Answers(200, GRANT), refused()]);
        assert_eq!(ran.outcome, Outcome::Failed(Failure::Credential { status }));
    }
}

#[test]
fn what_acts_is_never_sent_twice_unless_it_certainly_did_not_act() {
    let unknown =
        [Fails(TransportFault::Broken), Fails(TransportFault::Timeout), Answers(502, ""), Answers(407, "")];
    for does in unknown {
        let ran = once(&WRITE, &[Answers(200, GRANT), does]);
        assert!(matches!(ran.outcome, Outcome::Failed(_)));
    }
    let harmless = [
        Fails(TransportFault::Connect),
        Answers(429, ""),
        Answers(500, r#"{"code":"0005","message":"not ready"}"#),
    ];
    for does in harmless {
        let ran = once(&WRITE, &[Answers(200, GRANT), does, Answers(201, r#"{"id":7}"#)]);
        assert_eq!(ran.outcome, Outcome::Complete);
        assert_eq!(ran.items.concat(), r#"{"id":7}"#);
    }
    // A read that acts, and a write that may be repeated.
    let action = Endpoint::call(Method::Get, "/run").once();
    assert!(matches!(
        once(&action, &[Answers(200, GRANT), Fails(TransportFault::Broken)]).outcome,
        Outcome::Failed(_)
    ));
    let again = WRITE.repeatable();
    let script = [Answers(200, GRANT), Fails(TransportFault::Broken), Answers(200, "{}")];
    assert_eq!(once(&again, &script).outcome, Outcome::Complete);
}

#[test]
fn a_call_has_a_status_a_location_and_perhaps_a_body() {
    let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
    let mut pull = Pull::new(&project, &WRITE, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), Sends(201, "/things/7?x=y")]);
    assert_eq!((ran.outcome, ran.items.len()), (Outcome::Complete, 0));
    assert_eq!((pull.status(), pull.location()), (Some(201), Some("/things/7?x=y")));
    assert_eq!(ran.asked[1].line, "POST https://api.example/v1/things");
    assert_eq!(ran.asked[1].body, r#"{"name":"x"}"#);
    for status in [200, 202, 204] {
        assert_eq!(once(&WRITE, &[Answers(200, GRANT), Answers(status, "")]).outcome, Outcome::Complete);
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
    assert_eq!(once(&LIST, &script).outcome, Outcome::Complete);
}

#[test]
fn while_one_pull_asks_for_a_token_another_waits_for_it() {
    let (project, mut gate) = (project(), gate());
    let (mut ours, mut theirs) = ([0; 256], [0; 256]);
    let mut one = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    let mut other = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    let at = Instant::from_millis(1);
    assert!(matches!(one.step(&mut gate, at), Step::Send));
    assert!(one.sent(&mut gate, at));
    assert!(matches!(other.step(&mut gate, at), Step::Wait { why: WaitReason::Token, .. }));
    assert!(!other.sent(&mut gate, at));
    one.head(&mut gate, at, 200, []);
    one.body(at, GRANT.as_bytes());
    one.end(&mut gate, at);
    let mut now = 1;
    let ran = run(&mut other, &mut gate, &mut now, &[ONE_PAGE]);
    assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Complete, 1));
    let ran = run(&mut one, &mut gate, &mut now, &[ONE_PAGE]);
    assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Complete, 1));
}

#[test]
fn a_token_that_is_replaced_while_a_request_is_written_breaks_that_request() {
    let (project, mut gate) = (project(), gate());
    let (mut ours, mut theirs, mut now) = ([0; 256], [0; 256], 0);
    let mut one = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    let at = Instant::from_millis(1);
    assert!(one.sent(&mut gate, at));
    one.head(&mut gate, at, 200, []);
    one.body(at, GRANT.as_bytes());
    one.end(&mut gate, at);
    assert!(one.sent(&mut gate, at));
    assert!(one.request(&gate).is_some());
    let mut other = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    run(&mut other, &mut gate, &mut now, &[Answers(401, ""), Answers(200, GRANT), ONE_PAGE]);
    assert!(one.request(&gate).is_none(), "half of it would be of another token");
}

#[test]
fn what_is_elsewhere_is_fetched_without_the_credential_and_once() {
    let download = Endpoint::download("/files/{id}/content").with("id", crate::http::Parameter::Int(7));
    let there = "https://store.example/f?sig=a%2Bb";
    let ran = once(&download, &[Answers(200, GRANT), Sends(302, there), Answers(200, "bytes")]);
    assert_eq!((ran.outcome, ran.items.concat().as_str()), (Outcome::Complete, "bytes"));
    let [_, api, store] = &ran.asked[..] else { panic!("{:?}", ran.asked) };
    assert!(api.authorization.is_some());
    assert_eq!(store.line, format!("GET {there}"));
    assert_eq!(store.authorization, None);
    for wrong in ["http://store.example/f", "ftp://store.example/f", "https://a@store.example/", "nowhere"] {
        let ran = once(&download, &[Answers(200, GRANT), Sends(302, wrong)]);
        assert!(
            matches!(ran.outcome, Outcome::Failed(Failure::Redirect { .. })),
            "{wrong}: {:?}",
            ran.outcome
        );
    }
    let ran = once(&download, &[Answers(200, GRANT), Sends(302, there), Sends(302, there)]);
    assert!(matches!(ran.outcome, Outcome::Failed(Failure::Redirect { .. })));
    // When the store fails, the API is asked anew.
    let broken =
        [Answers(200, GRANT), Sends(302, there), Fails(TransportFault::Broken), Answers(200, "at once")];
    assert_eq!(once(&download, &broken).items.concat(), "at once");
}

#[test]
fn a_code_says_more_than_its_status() {
    let body = r#"{"code":"0003","message":"No resource found"}"#;
    let ran = once(&LIST, &[Answers(200, GRANT), Answers(500, body)]);
    assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Failed(Failure::NotFound { status: 500 }), 2));
}

#[test]
fn a_link_that_leads_elsewhere_ends_the_pull_with_both_origins_named() {
    let page = r#"{"rows":[{"id":1}],"more":"https://evil.example/v1/list?page=2"}"#;
    let ran = once(&LIST, &[Answers(200, GRANT), Answers(200, page)]);
    let fault = CursorFault::OtherOrigin {
        configured: Text::new("https://api.example"),
        named: Text::new("https://evil.example"),
    };
    assert_eq!((ran.outcome, ran.asked.len()), (Outcome::Failed(Failure::Cursor(fault)), 2));
    assert!(ran.items.is_empty());
}

#[test]
fn rows_that_slide_onto_the_next_page_are_handed_over_once_and_the_change_is_told() {
    let (project, mut gate, mut buffer, mut ids, mut now) = (project(), gate(), [0; 256], [0; 16], 0);
    let mut pull =
        Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap().remembering(&mut ids);
    let script = [
        Answers(200, GRANT),
        Answers(200, r#"{"rows":[{"id":1},{"id":2},{"id":3}],"more":true,"total":5}"#),
        Answers(200, r#"{"rows":[{"id":3},{"id":4},{"id":5},"#),
        Answers(200, r#"{"rows":[{"id":3},{"id":4},{"id":5}],"more":false,"total":6}"#),
    ];
    let ran = run(&mut pull, &mut gate, &mut now, &script);
    assert_eq!(ran.outcome, Outcome::Complete);
    assert_eq!(ran.items, [1, 2, 3, 4, 5].map(|id| format!("{{\"id\":{id}}}")));
    let counters = pull.counters();
    assert_eq!((counters.items, counters.repeated, counters.changed), (5, 1, Some(6)));
    assert_eq!(pull.checkpoint().total(), Some(5));
    assert!(ran.waits.contains(&WaitReason::Backoff), "the broken page was asked for again");
}

#[test]
fn an_api_that_grants_tokens_needs_to_know_where() {
    let project = Project::new(&API, "https://api.example", SECRET).unwrap();
    let error = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut [], None).map(|_| ()).unwrap_err();
    assert_eq!(error, PullError::NoTokenSource);
}

#[test]
fn where_one_request_at_a_time_is_wanted_another_pull_waits_for_its_turn() {
    const SEQUENTIAL: Api = Api {
        is_sequential: true,
        credential: Credential::Field { name: "authorization", scheme: "Bearer " },
        ..API
    };
    let (project, mut gate) = (Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap(), gate());
    let (mut ours, mut theirs) = ([0; 256], [0; 256]);
    let mut one = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    let mut other = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    let at = Instant::from_millis(1);
    assert!(one.sent(&mut gate, at));
    assert!(matches!(other.step(&mut gate, at), Step::Wait { why: WaitReason::Turn, .. }));
    assert!(!other.sent(&mut gate, at));
    one.head(&mut gate, at, 200, []);
    assert!(matches!(one.step(&mut gate, at), Step::Receive { .. }));
    assert!(
        matches!(other.step(&mut gate, at), Step::Send),
        "the server is done with it when its head is there"
    );
    one.body(at, br#"{"rows":[{"id":1}"#);
    one.body(at, br#"],"more":true}"#);
    one.end(&mut gate, at);
    assert!(matches!(one.step(&mut gate, at), Step::Checkpoint(_)));
    // One that vanished keeps its turn no longer than a head may take, and one that says so not at all.
    one.stored();
    assert!(one.sent(&mut gate, at));
    assert!(matches!(other.step(&mut gate, Instant::from_millis(30_001)), Step::Send));
    one.abandoned(&mut gate);
    assert!(matches!(other.step(&mut gate, at), Step::Send));
}

#[cfg(feature = "tokens")]
#[test]
fn a_token_that_leads_back_or_nowhere_ends_the_pull() {
    use crate::cursor::Place;
    const BY_TOKEN: Pager = Pager::Token { place: Place::Field("x-next"), field: "next" };
    let list = Endpoint::new("/list", Items::Key("rows"), BY_TOKEN);
    let page = |next: &str| Answers(200, format!(r#"{{"rows":[{{"id":1}}],"next":"{next}"}}"#).leak());
    let empty = Answers(200, r#"{"rows":[],"next":"more"}"#);
    let table = [
        (vec![page("a"), page("a")], CursorFault::TokenRepeated),
        (vec![page("a"), page("b"), page("a")], CursorFault::TokenRepeated),
        (vec![empty], CursorFault::TokenOfEmptyPage),
        (vec![page("a b")], CursorFault::TokenUnsendable),
        (vec![page(r"a\r\nx: y")], CursorFault::TokenUnsendable),
    ];
    for (pages, fault) in table {
        let script: Vec<_> = [Answers(200, GRANT)].into_iter().chain(pages).collect();
        let ran = once(&list, &script);
        assert_eq!(ran.outcome, Outcome::Failed(Failure::Cursor(fault)));
    }
}

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

#[test]
fn a_turn_that_ran_out_is_not_given_up_for_whoever_has_it_now() {
    const SEQUENTIAL: Api = Api {
        is_sequential: true,
        credential: Credential::Field { name: "authorization", scheme: "Bearer " },
        ..API
    };
    let (project, mut gate) = (Project::new(&SEQUENTIAL, "https://api.example/v1", SECRET).unwrap(), gate());
    let mut buffers = [[0; 64]; 3];
    let mut pulls: Vec<_> = buffers
        .iter_mut()
        .map(|buffer| Pull::new(&project, &LIST, &Settings::DEFAULT, buffer, None).unwrap())
        .collect();
    assert!(pulls[0].sent(&mut gate, at(1)));
    assert!(pulls[1].sent(&mut gate, at(30_001)));
    let _ = pulls[0].step(&mut gate, at(30_001));
    assert!(!pulls[2].sent(&mut gate, at(30_001)));
}

#[test]
fn what_opens_a_store_or_the_api_stands_in_no_location() {
    let settings = Settings { retry: RetryPolicy { budget: 0, ..RetryPolicy::DEFAULT }, ..Settings::DEFAULT };
    let echo: &'static str = format!("https://login.example/?token=t0ken-of-the-server&c={SECRET}").leak();
    let table = [
        (
            Endpoint::download("/f"),
            vec![Sends(302, "https://store.example/f?sig=OPENS"), Fails(TransportFault::Connect)],
        ),
        (WRITE, vec![Sends(302, echo)]),
    ];
    for (endpoint, script) in table {
        let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
        let mut pull = Pull::new(&project, &endpoint, &settings, &mut buffer, None).unwrap();
        let script: Vec<_> = [Answers(200, GRANT)].into_iter().chain(script).collect();
        run(&mut pull, &mut gate, &mut now, &script);
        assert_eq!((pull.status(), pull.location()), (None, None));
    }
    let (project, mut gate, mut buffer) = (project(), gate(), [0; 256]);
    let mut pull = Pull::new(&project, &WRITE, &settings, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, at(1)));
    pull.head(&mut gate, at(1), 200, [("location", &b"/aaaaaaaaaaaaaaaaa"[..])]);
    pull.body(at(1), br#"{"access_token":"t0ken-of-the-server","x":!"#);
    let _ = pull.step(&mut gate, at(1));
    assert_eq!(pull.location(), None);
}

#[test]
fn a_token_that_broke_off_does_not_stay_where_it_was_read() {
    let inputs: [fn(&mut Pull<'_>, &mut TestGate); 4] = [
        |pull, gate| pull.failed(gate, at(1), TransportFault::Broken),
        |pull, _| _ = pull.body(at(1), b"!"),
        |pull, gate| pull.end(gate, at(1)),
        |pull, gate| _ = pull.step(gate, at(100_000)),
    ];
    for input in inputs {
        let (project, mut gate, mut buffer) = (project(), gate(), [0; 64]);
        {
            let mut pull = Pull::new(&project, &WRITE, &Settings::DEFAULT, &mut buffer, None).unwrap();
            assert!(pull.sent(&mut gate, at(1)));
            pull.head(&mut gate, at(1), 200, []);
            pull.body(at(1), br#"{"access_token":"t0ken-of-the-server","#);
            input(&mut pull, &mut gate);
        }
        assert!(!String::from_utf8_lossy(&buffer).contains("t0ken"));
    }
}

#[test]
fn a_download_that_acts_is_asked_for_once_whatever_becomes_of_the_store() {
    let download = Endpoint::download("/run").once();
    for fault in [TransportFault::Broken, TransportFault::Connect] {
        let script = [Answers(200, GRANT), Sends(302, "https://store.example/f"), Fails(fault)];
        assert!(matches!(once(&download, &script).outcome, Outcome::Failed(Failure::Transport(_))));
    }
}

#[test]
fn a_token_is_for_the_base_url_that_it_was_asked_for() {
    let (ours, mut gate, mut now) = (project(), gate(), 0);
    let theirs = Project::new(&API, "https://other.example/v1", "another-secret").unwrap();
    let theirs = theirs.with_tokens_of("https://login.other.example/token", "client-b").unwrap();
    let (mut first, mut second) = ([0; 256], [0; 256]);
    let mut one = Pull::new(&ours, &LIST, &Settings::DEFAULT, &mut first, None).unwrap();
    run(&mut one, &mut gate, &mut now, &[Answers(200, GRANT), ONE_PAGE]);
    let mut other = Pull::new(&theirs, &LIST, &Settings::DEFAULT, &mut second, None).unwrap();
    let ran = run(&mut other, &mut gate, &mut now, &[Answers(200, r#"{"access_token":"theirs"}"#), ONE_PAGE]);
    assert_eq!(ran.asked[1].authorization.as_deref(), Some("Bearer theirs"));
}

#[test]
fn repeated_items_count_where_the_total_decides() {
    let (project, mut gate, mut buffer, mut ids, mut now) = (project(), gate(), [0; 256], [0; 16], 0);
    let pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let script = [
        Answers(200, GRANT),
        Answers(200, r#"{"rows":[{"id":1},{"id":2},{"id":3}],"total":7}"#),
        Answers(200, r#"{"rows":[{"id":3},{"id":4},{"id":5}],"total":8}"#),
        Answers(200, r#"{"rows":[{"id":6},{"id":7}],"total":8}"#),
    ];
    let mut pull = pull.remembering(&mut ids);
    let ran = run(&mut pull, &mut gate, &mut now, &script);
    assert_eq!((ran.outcome, ran.items.len(), pull.counters().missing), (Outcome::Complete, 7, 0));
}

#[test]
fn a_token_url_keeps_the_slash_at_its_end() {
    for path in ["/o/token/", "/o/token", "/", ""] {
        let url: &'static str = format!("https://login.example{path}").leak();
        let project = Project::new(&API, "https://api.example/v1", SECRET).unwrap();
        let project = project.with_tokens_of(url, "client").unwrap();
        let (mut gate, mut buffer, mut now) = (gate(), [0; 256], 0);
        let mut pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
        let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), ONE_PAGE]);
        let path = if path.is_empty() { "/" } else { path };
        assert_eq!(ran.asked[0].line, format!("POST https://login.example{path}"));
    }
}

#[test]
fn a_store_on_this_machine_is_no_place_to_be_sent_to() {
    let download = Endpoint::download("/f");
    let ran = once(&download, &[Answers(200, GRANT), Sends(302, "http://127.0.0.1:9200/_search")]);
    assert!(matches!(ran.outcome, Outcome::Failed(Failure::Redirect { .. })));
}

#[cfg(feature = "tokens")]
#[test]
fn what_opens_the_api_is_no_token_for_a_page() {
    let by_token = Pager::Token { place: crate::cursor::Place::Query("t"), field: "next" };
    let list = Endpoint::new("/l", Items::Key("rows"), by_token);
    for secret in [SECRET, "t0ken-of-the-server"] {
        let page: &'static str = format!(r#"{{"rows":[1],"next":"{secret}"}}"#).leak();
        let ran = once(&list, &[Answers(200, GRANT), Answers(200, page)]);
        assert_eq!(ran.outcome, Outcome::Failed(Failure::Cursor(CursorFault::TokenUnsendable)));
    }
}

#[test]
fn what_a_server_says_is_not_shown_before_it_is_known_to_quote_no_secret() {
    let (project, mut gate, mut buffer) = (project(), gate(), [0; 64]);
    let mut pull = Pull::new(&project, &WRITE, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, at(1)));
    pull.head(&mut gate, at(1), 401, []);
    pull.body(at(1), format!(r#"{{"title":"bad client_secret {SECRET}","#).as_bytes());
    let _ = pull.step(&mut gate, at(1));
    assert!(!format!("{pull:?} {}", pull.problem()).contains(SECRET));
}

#[test]
fn a_token_that_was_replaced_meanwhile_is_not_shown_either() {
    let (project, mut gate) = (project(), gate());
    let (mut ours, mut theirs, mut now) = ([0; 256], [0; 256], 0);
    let mut one = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut ours, None).unwrap();
    assert!(one.sent(&mut gate, at(1)));
    one.head(&mut gate, at(1), 200, []);
    one.body(at(1), GRANT.as_bytes());
    one.end(&mut gate, at(1));
    assert!(one.sent(&mut gate, at(1)));
    let mut other = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut theirs, None).unwrap();
    let replaced = [Answers(401, ""), Answers(200, r#"{"access_token":"second-one"}"#), ONE_PAGE];
    run(&mut other, &mut gate, &mut now, &replaced);
    one.head(&mut gate, at(9), 403, []);
    one.body(at(9), br#"{"title":"no right for t0ken-of-the-server"}"#);
    one.end(&mut gate, at(9));
    assert!(!one.problem().to_string().contains("t0ken"));
}

#[test]
fn a_link_that_is_longer_than_what_is_kept_of_it_is_still_known_as_the_own() {
    let own = format!("https://{}.example/v1", "a".repeat(63));
    let other = format!("https://{}b.example/v1", "a".repeat(40));
    for (link, is_own) in [(&own, true), (&other, false)] {
        let base: &'static str = own.clone().leak();
        let page: &'static str = format!(r#"{{"rows":[{{"id":1}}],"more":"{link}/list?page=2"}}"#).leak();
        let project = Project::new(&API, base, SECRET).unwrap();
        let project = project.with_tokens_of("https://login.example/token", "client").unwrap();
        let (mut gate, mut buffer, mut now) = (gate(), [0; 256], 0);
        let mut pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
        let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), Answers(200, page), ONE_PAGE]);
        assert_eq!(ran.outcome == Outcome::Complete, is_own, "{link}: {:?}", ran.outcome);
    }
}

#[test]
fn a_list_that_ends_before_all_that_the_server_counts_says_so() {
    let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
    let mut pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let script = [Answers(200, GRANT), FIRST_PAGE, Answers(200, r#"{"rows":[],"more":true,"total":3}"#)];
    let ran = run(&mut pull, &mut gate, &mut now, &script);
    assert_eq!((ran.outcome, pull.counters().missing), (Outcome::Complete, 1));
}
