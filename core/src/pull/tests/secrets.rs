//! The credential goes to the configured origin, in one field, and nowhere else. That every request of every other test
//! does the same is asserted by the world itself.

use super::profiles::Contacts;
use super::server::{Answer, Ending, first, numbered, page};
use super::world::{BASE, KEY, LIST, World, gate};
use crate::api::{Project, ProjectError, comanage, coredata};
use crate::gate::Gate;
use crate::http::Scheme;
use crate::pull::{Outcome, Pull, Settings, TransportFault};
use crate::quota::{Slot, Terms};
use crate::time::Instant;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// Everything that a pull shows of itself at this moment.
fn shown(pull: &mut Pull<'_, Contacts>, gate: &mut Gate<Vec<Slot>>, now: Instant) -> String {
    let step = pull.step(gate, now);
    let request = match pull.request(gate) {
        Some(request) => format!("{request:?} {request}"),
        None => String::new(),
    };
    format!("{step:?} {step:#?} {request} {pull:?} {pull:#?} {gate:?} {}", pull.problem())
}

#[test]
fn nothing_that_can_be_printed_holds_the_key() {
    let project = Project::new(&comanage::API, BASE, KEY).unwrap();
    assert!(!format!("{project:?} {project:#?} {:?}", project.credential()).contains(KEY));
    let (mut gate, mut buffer) = (gate(9, 60_000), [0; 64]);
    let mut pull =
        Pull::<Contacts>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let mut now = Instant::ZERO;
    let body = page(&["1"], "7");
    type Input<'b> = fn(&mut Pull<'_, Contacts>, &mut Gate<Vec<Slot>>, Instant, &'b [u8]);
    let inputs: [Input<'_>; 12] = [
        |_, _, _, _| {},
        |pull, gate, now, _| _ = pull.sent(gate, now),
        |pull, gate, now, _| _ = pull.head(gate, now, 200, []),
        |pull, _, now, body| _ = pull.body(now, &mut &*body),
        |pull, gate, now, _| pull.failed(gate, now, TransportFault::Broken),
        |pull, _, _, _| pull.rewound(),
        |pull, gate, now, _| _ = pull.sent(gate, now),
        |pull, gate, now, _| _ = pull.head(gate, now, 401, []),
        |pull, _, now, _| _ = pull.body(now, &mut &b"{\"title\":\"no\"}"[..]),
        |pull, gate, now, _| pull.end(gate, now),
        |pull, _, _, _| pull.stored(),
        |pull, gate, now, _| pull.end(gate, now),
    ];
    for (number, input) in inputs.into_iter().enumerate() {
        now = Instant::from_millis(now.as_millis() + 2_000);
        input(&mut pull, &mut gate, now, &body);
        let shown = shown(&mut pull, &mut gate, now);
        assert!(!shown.contains(KEY), "input {number}: {shown}");
    }
}

#[test]
fn no_failure_and_no_checkpoint_holds_the_key() {
    let answers = [
        Answer::status(401, ""),
        Answer::status(404, ""),
        Answer::status(302, "").field("Location", format!("https://x.example/?key={KEY}")),
        Answer::page("{}"),
        Answer::page("oops"),
        Answer::nothing(Ending::Silence),
    ];
    for answer in answers {
        let mut script = first([], numbered(2));
        let mut world = World::new(move |asked| match asked.earlier {
            0 => script(asked),
            _ => answer.clone(),
        });
        world.settings.retry.budget = 0;
        let Outcome::Failed(failure) = world.outcome() else { panic!() };
        assert!(!format!("{failure} {failure:?} {:?}", world.line.trace).contains(KEY));
        let stored = world.line.stored.unwrap();
        assert!(!stored.windows(4).any(|bytes| KEY.as_bytes().windows(4).any(|part| part == bytes)));
    }
}

#[test]
fn the_credential_is_one_field_of_a_request_to_the_configured_origin() {
    for base in ["https://api.example", "https://API.example:8443/x", "http://127.0.0.1:80"] {
        let project = Project::new(&comanage::API, base, KEY).unwrap();
        let (mut gate, mut buffer) = (gate(9, 1_000), [0; 8]);
        let mut pull =
            Pull::<Contacts>::with_profile(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
        assert!(pull.sent(&mut gate, Instant::ZERO));
        let request = pull.request(&gate).unwrap();
        let (origin, own) = (request.origin(), project.base().origin());
        assert_eq!((origin.scheme(), origin.host(), origin.port()), (own.scheme(), own.host(), own.port()));
        let fields: Vec<_> = request
            .fields()
            .map(|field| (field.name, field.value.expose().to_string(), field.value.is_secret()))
            .collect();
        let expected = [
            ("accept", "application/json", false),
            ("accept-encoding", "identity", false),
            ("x-api-key", KEY, true),
        ]
        .map(|(name, value, is_secret)| (name, value.to_string(), is_secret));
        assert_eq!(fields, expected);
        assert!(!request.target().to_string().contains(KEY));
    }
}

#[test]
fn no_key_goes_over_plain_text_unless_asked_for_by_name() {
    let refused = Project::new(&comanage::API, "http://api.example", KEY).unwrap_err();
    assert_eq!(refused, ProjectError::PlainText);
    assert!(!format!("{refused} {refused:?}").contains(KEY));
    let allowed = Project::over_plain_text(&comanage::API, "http://api.example", KEY).unwrap();
    assert_eq!(allowed.base().origin().scheme(), Scheme::Http);
}

#[test]
fn a_server_that_quotes_the_key_is_not_repeated() {
    let body = format!(r#"{{"title":"Unauthorized","detail":"no such key: {KEY}"}}"#);
    let redirect = Answer::status(302, "").field("Location", format!("/login/{KEY}"));
    let encoded = Answer::status(200, "").field("Content-Encoding", &KEY[..12]);
    let pages = [
        format!(r#"{{"a":[],"{KEY}":[]}}"#),
        format!(r#"{{"a":[],"nextPageKey":"{}"}}"#, &KEY[..KEY.len().min(20)]),
        format!(r#"{{"{KEY}":1}}"#),
    ];
    let pages = pages.map(|page| Answer::status(200, page.as_str()));
    let refusals =
        [Answer::status(401, body.as_str()), Answer::status(400, body.as_str()), redirect, encoded];
    for answer in refusals.into_iter().chain(pages) {
        let mut world = World::new(move |_| answer.clone());
        let outcome = world.outcome();
        assert!(matches!(outcome, Outcome::Failed(_)));
        assert!(!format!("{outcome:?} {:?}", world.line.problem).contains(&KEY[..8]));
    }
}

#[test]
fn a_server_that_quotes_the_key_in_another_form_or_in_part_is_not_repeated() {
    const CREDENTIAL: &str = "wiseuser:k3y/that+nobody=sees";
    let project = Project::new(&coredata::API, "https://api.example/api/v2", CREDENTIAL).unwrap();
    let endpoint = coredata::list("/contacts/");
    for quoted in [
        "k3y/that+nobody=sees",
        "K3Y/THAT+NOBODY=SEES",
        "k3y%2Fthat%2Bnobody%3Dsees",
        "k3y%2fthat%2bnobody%3dsees",
        // Base64 of the whole, as Basic has it; of the key; and of the key with the alphabet for URLs.
        "d2lzZXVzZXI6azN5L3RoYXQrbm9ib2R5PXNlZXM=",
        "azN5L3RoYXQrbm9ib2R5PXNlZXM",
        "t+nobody",
    ] {
        let mut bodies = std::vec![
            format!(r#"{{"detail":"no key {quoted}"}}"#),
            format!(r#"{{"error":{{"message":"{quoted}","code":"{quoted}"}}}}"#),
        ];
        if cfg!(feature = "large") {
            bodies.extend([format!("no such key: {quoted}"), format!("<title>{quoted}</title>")]);
        }
        for body in bodies {
            let (mut gate, mut buffer) =
                (Gate::new(coredata::API.windows, Terms::DEFAULT, Vec::<Slot>::new()).unwrap(), [0; 64]);
            let mut pull =
                Pull::<Contacts>::with_profile(&project, &endpoint, &Settings::DEFAULT, &mut buffer, None)
                    .unwrap();
            assert!(pull.sent(&mut gate, Instant::ZERO));
            pull.head(&mut gate, Instant::ZERO, 401, []);
            pull.body(Instant::ZERO, &mut body.as_bytes());
            pull.end(&mut gate, Instant::ZERO);
            let shown = shown(&mut pull, &mut gate, Instant::ZERO);
            assert!(!shown.contains(quoted) && shown.contains("(withheld)"), "{body}: {shown}");
        }
    }
}

#[test]
fn a_message_that_names_the_user_is_withheld() {
    let project =
        Project::new(&coredata::API, "https://api.example/api/v2", "wiseuser:k3y-of-the-user").unwrap();
    let endpoint = coredata::list("/contacts/");
    let (mut gate, mut buffer) =
        (Gate::new(coredata::API.windows, Terms::DEFAULT, Vec::<Slot>::new()).unwrap(), [0; 64]);
    let mut pull =
        Pull::<Contacts>::with_profile(&project, &endpoint, &Settings::DEFAULT, &mut buffer, None).unwrap();
    assert!(pull.sent(&mut gate, Instant::ZERO));
    pull.head(&mut gate, Instant::ZERO, 401, []);
    pull.body(Instant::ZERO, &mut &br#"{"detail":"the user wiseuser is locked"}"#[..]);
    pull.end(&mut gate, Instant::ZERO);
    assert_eq!(pull.problem().to_string(), "(withheld)");
}
