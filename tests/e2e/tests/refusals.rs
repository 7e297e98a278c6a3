//! Answers that end a pull: each with an error that says what to do, and without another request.

use std::net::TcpListener;
use tidegate_core::cursor::CursorFault;
use tidegate_core::pull::{Failure, Outcome};
use tidegate_core::text::Text;
use tidegate_e2e::{Run, Scenario};
use tidegate_simulator::{ApiKey, Config, ErrorBody, Fault, Gzip, KeyState, Trigger};

fn failure(run: &Run) -> Failure {
    match run.outcome() {
        Outcome::Failed(failure) => failure,
        _ => panic!("the pull completed"),
    }
}

#[test]
fn a_key_that_is_no_good_ends_the_pull() {
    for (state, status) in [(Some(KeyState::Expired), 401), (Some(KeyState::Revoked), 403), (None, 401)] {
        let mut scenario = Scenario::three_pages([]);
        scenario.key = "another-key".to_owned();
        if let Some(state) = state {
            scenario.config.keys.push(ApiKey { key: scenario.key.clone(), state });
        }
        let run = scenario.run_everywhere();
        assert_eq!(failure(&run), Failure::Credential { status });
        assert_eq!(run.stats.requests, 1);
        assert!(failure(&run).to_string().contains("expired, revoked or wrong key: a new one is needed"));
    }
}

#[test]
fn a_key_revoked_in_the_middle_ends_the_pull_with_what_is_stored() {
    let revoked = Fault::Status { status: 403, body: ErrorBody::Problem };
    let run = Scenario::three_pages([(Trigger::Request(2), revoked)]).run_everywhere();
    assert_eq!((failure(&run), run.items.len()), (Failure::Credential { status: 403 }, 4));
}

#[test]
fn a_redirect_to_another_origin_receives_no_byte_of_the_key() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a free port");
        elsewhere.set_nonblocking(true).expect("a setting of every socket");
        let location = format!("http://{}/objects", elsewhere.local_addr().expect("an address"));
        let redirect = Fault::Redirect { status, location: format!("{location}?token=secret") };
        let run = Scenario::three_pages([(Trigger::Request(2), redirect)]).run_everywhere();
        let configured = Text::new("http://127.0.0.1");
        assert_eq!(failure(&run), Failure::Redirect { status, location: Text::new(&location), configured });
        assert!(failure(&run).to_string().contains(&location));
        let connection = elsewhere.accept();
        assert!(
            connection.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
            "somebody connected to the redirect's target"
        );
    }
}

#[test]
fn a_redirect_within_the_origin_is_not_followed_either() {
    let redirect = Fault::Redirect { status: 302, location: "/login".to_owned() };
    let run = Scenario::three_pages([(Trigger::Request(1), redirect)]).run_everywhere();
    let configured = Text::new("http://127.0.0.1");
    let location = Text::new("/login");
    assert_eq!(failure(&run), Failure::Redirect { status: 302, location, configured });
}

#[test]
fn an_encoding_that_was_not_asked_for_is_refused() {
    let mut scenario = Scenario::three_pages([]);
    scenario.config.gzip = Gzip::Always;
    assert_eq!(failure(&scenario.run_everywhere()), Failure::Encoding { encoding: Text::new("gzip") });
}

#[test]
fn an_unknown_path_or_view_is_an_error_at_once() {
    use tidegate_core::api::comanage;
    for endpoint in [comanage::list("/nothing"), comanage::view_objects("/objects", 43)] {
        let run = Scenario { endpoint, ..Scenario::three_pages([]) }.run_everywhere();
        assert_eq!((failure(&run), run.stats.requests), (Failure::NotFound { status: 404 }, 1));
    }
    let run = Scenario { endpoint: comanage::list("/objects"), ..Scenario::three_pages([]) }.run_everywhere();
    assert_eq!(failure(&run), Failure::Status { status: 400 });
}

#[test]
fn pages_that_go_in_a_circle_are_noticed_before_an_item_is_stored_twice() {
    let config = Config { items: 40, page_size: 4, ..Config::default() };
    let repeated = (Trigger::Request(3), Fault::RepeatCursor);
    let run = Scenario::new(Config { faults: vec![repeated], ..config.clone() }).run_everywhere();
    assert!(matches!(failure(&run), Failure::Cursor(CursorFault::Repeated { .. })));
    assert_eq!(run.items.len(), 8);

    let first_key = tidegate_simulator::item_id(&config, tidegate_simulator::List::Objects, 3);
    let cycle = (Trigger::Request(4), Fault::CycleCursor { to: first_key });
    let run = Scenario::new(Config { faults: vec![cycle], ..config.clone() }).run_everywhere();
    assert_eq!(failure(&run), Failure::Cursor(CursorFault::Cycle { key: first_key }));
    assert_eq!(run.items.len(), 12);

    let empty = (Trigger::Request(3), Fault::EmptyPageClaimsMore);
    let run = Scenario::new(Config { faults: vec![empty], ..config }).run_everywhere();
    assert!(matches!(run.outcome(), Outcome::Complete(_)), "{:?}", run.outcome());
    assert_eq!(run.items.len(), 40);
}
