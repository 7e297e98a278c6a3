//! An API that no vendor has, described here and nowhere else, and a server that follows a script: for what goes beyond the
//! pages of a list by key. Every request that is made is looked at for secrets where they must not be.

use super::profiles::Invented;
use crate::api::{Api, Endpoint, Project};
use crate::auth::{Credential, TokenRules};
use crate::cursor::Pager;
use crate::gate::{Gate, WaitReason, WithToken};
use crate::http::{Body, Method};
use crate::page::Items;
use crate::profile::Profile;
use crate::pull::{Event, Outcome, Pull, Settings, Step, TransportFault};
use crate::quota::{Slot, Terms, Window, Windows};
use crate::time::{Duration, Instant};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

pub(super) const API: Api = Api {
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
    says_limits: false,
    is_sequential: false,
    maintenance: None,
};

pub(super) const SECRET: &str = "s3cret-of-the-client";
pub(super) const PAGER: Pager =
    Pager::Page { parameter: "page", more: "more", next: None, total: Some("total") };
pub(super) const LIST: Endpoint<'static> = Endpoint::new("/list", Items::Key("rows"), PAGER).known_by("id");
pub(super) const WRITE: Endpoint<'static> =
    Endpoint::call(Method::Post, "/things").with_body(Body::Json("{\"name\":\"x\"}"));
pub(super) const GRANT: &str =
    r#"{"access_token":"t0ken-of-the-server","token_type":"bearer","expires_in":"7200"}"#;

pub(super) type TestGate = Gate<WithToken<Vec<Slot>, Vec<u8>>>;

pub(super) fn gate() -> TestGate {
    let memory = WithToken { slots: vec![Slot::FREE; 100], token: vec![0; 64] };
    Gate::new(API.windows, Terms::DEFAULT, memory).unwrap().unused()
}

pub(super) fn project() -> Project<'static> {
    let project = Project::new(&API, "https://api.example/v1", SECRET).unwrap();
    project.with_tokens_of("https://login.example/token", "client").unwrap().asking_for("resource", "api://x")
}

/// A request as it would stand on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) authorization: Option<String>,
    pub(super) body: String,
}

/// What a server does about a request.
#[derive(Clone, Copy)]
pub(super) enum Does {
    Answers(u16, &'static str),
    Sends(u16, &'static str),
    Fails(TransportFault),
}
pub(super) use Does::{Answers, Fails, Sends};

/// What a run came to.
pub(super) struct Ran {
    pub(super) outcome: Outcome,
    pub(super) asked: Vec<Asked>,
    pub(super) items: Vec<String>,
    pub(super) waits: Vec<WaitReason>,
}

/// Runs a pull against a script; what is asked for beyond it is an error of the test.
pub(super) fn run<P: Profile>(
    pull: &mut Pull<'_, P>,
    gate: &mut TestGate,
    now: &mut u64,
    script: &[Does],
) -> Ran {
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
                        match pull.body(at, &mut rest) {
                            Some(Event::Item { bytes, .. }) => {
                                page.push(String::from_utf8(bytes.to_vec()).unwrap());
                            }
                            Some(_) => {}
                            None => break,
                        }
                    }
                }
                if let Step::Receive { .. } = pull.step(gate, at) {
                    pull.end(gate, at);
                }
            }
            Step::Receive { .. } => panic!("nothing comes"),
            Step::Checkpoint => {
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

pub(super) fn seen<P: Profile>(pull: &Pull<'_, P>, gate: &TestGate) -> Asked {
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
pub(super) fn once(endpoint: &Endpoint<'_>, script: &[Does]) -> Ran {
    let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
    let mut pull =
        Pull::<Invented>::with_profile(&project, endpoint, &Settings::DEFAULT, &mut buffer, None).unwrap();
    run(&mut pull, &mut gate, &mut now, script)
}

pub(super) const ONE_PAGE: Does = Answers(200, r#"{"rows":[{"id":1},{"id":2}],"more":false}"#);
pub(super) const FIRST_PAGE: Does = Answers(200, r#"{"rows":[{"id":1},{"id":2}],"more":true,"total":3}"#);

/// So many milliseconds after the start.
pub(super) fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}
