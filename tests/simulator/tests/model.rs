//! The model asked directly, with the time as a number: who is refused, in which order, and what each fault does.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::Value;
use tidegate_simulator::{
    ApiKey, Config, DEFAULT_KEY, Ending, ErrorBody, Fault, Framing, Gzip, KeyState, List, Maintenance,
    Request, Response, SeenEnd, Simulator, Stats, Trigger, WindowKind, item, item_id,
};

const NOW: u64 = 1_700_000_000_000;

fn ask_with(simulator: &mut Simulator, now: u64, target: &str, fields: &[(&str, &str)]) -> Response {
    let fields: Vec<(String, String)> =
        fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    simulator.answer(now, &Request { method: "GET", target, fields: &fields, body: &[] })
}

fn ask(simulator: &mut Simulator, now: u64, target: &str) -> Response {
    ask_with(simulator, now, target, &[("x-api-key", DEFAULT_KEY)])
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("a JSON body")
}

fn faulty(trigger: Trigger, fault: Fault) -> Simulator {
    Simulator::new(Config { faults: vec![(trigger, fault)], ..Config::default() })
}

#[test]
fn the_same_requests_at_the_same_times_give_the_same_bytes() {
    let run = || {
        let faults = vec![(Trigger::Every(3), Fault::Garbage { at: 10 })];
        let mut simulator = Simulator::new(Config { limit: 5, faults, ..Config::default() });
        let answers: Vec<Response> =
            (0..9).map(|step| ask(&mut simulator, NOW + step * 100, "/members")).collect();
        (answers, simulator.stats())
    };
    assert_eq!(run(), run());
}

#[test]
fn a_pull_of_each_list_yields_what_its_digest_says() {
    use sha2::{Digest as _, Sha256};
    let mut simulator = Simulator::new(Config { items: 257, ..Config::default() });
    for list in List::ALL {
        let (mut hash, mut items, mut target) = (Sha256::new(), 0, format!("/{list}?viewId=42"));
        loop {
            let page = ask(&mut simulator, NOW, &target);
            let body = std::str::from_utf8(&page.body).expect("UTF-8");
            let parsed = json(&page);
            let count = parsed[list.name()].as_array().expect("items").len() as u64;
            for index in items..items + count {
                let expected = item(simulator.config(), list, index);
                assert!(body.contains(std::str::from_utf8(&expected).expect("UTF-8")));
                hash.update(expected);
                hash.update(b"\n");
            }
            items += count;
            let Some(next) = parsed.get("nextPageKey") else { break };
            target = format!("/{list}?viewId=42&afterId={next}");
        }
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((items, sha256), (257, simulator.digest(list).sha256), "{list}");
    }
}

#[test]
fn keys_are_checked_before_the_counter_and_refusals_cost_nothing() {
    let dead = |key: &str, state| ApiKey { key: key.to_owned(), state };
    let keys = vec![
        ApiKey::active("one"),
        ApiKey::active("two"),
        dead("old", KeyState::Expired),
        dead("gone", KeyState::Revoked),
    ];
    let mut simulator = Simulator::new(Config { keys, limit: 2, ..Config::default() });
    let cases: [(&[(&str, &str)], u16); 9] = [
        (&[], 401),
        (&[("X-API-KEY", "")], 401),
        (&[("X-API-KEY", "unknown")], 401),
        (&[("X-API-KEY", "old")], 401),
        (&[("X-API-KEY", "gone")], 403),
        (&[("x-api-key", "one")], 200),
        (&[("X-Api-Key", "two")], 200),
        (&[("X-API-KEY", "one")], 429),
        (&[("X-API-KEY", "gone")], 403),
    ];
    for (fields, status) in cases {
        assert_eq!(ask_with(&mut simulator, NOW, "/folders", fields).status, status, "{fields:?}");
    }
    let Stats { requests, accepted, rejected, unauthorized, .. } = simulator.stats();
    assert_eq!((requests, accepted, rejected, unauthorized), (9, 2, 1, 6));
}

#[test]
fn the_default_limit_is_two_hundred_in_sixty_seconds() {
    let mut simulator = Simulator::new(Config::default());
    let statuses: Vec<u16> =
        (0..201).map(|step| ask(&mut simulator, NOW + step, "/folders").status).collect();
    assert!(statuses[..200].iter().all(|&status| status == 200));
    assert_eq!(statuses[200], 429);
    assert_eq!(ask(&mut simulator, NOW + 60_115, "/folders").status, 200);
    assert_eq!(simulator.stats().busiest_window, 201);
}

#[test]
fn a_rejection_is_problem_details_and_carries_a_hint_only_if_configured() {
    for (retry_after, hint) in [(false, None), (true, Some("60"))] {
        let config = Config { limit: 1, retry_after, window: WindowKind::FirstRequest, ..Config::default() };
        let mut simulator = Simulator::new(config);
        ask(&mut simulator, NOW, "/folders");
        let rejected = ask(&mut simulator, NOW + 1, "/folders");
        assert_eq!(rejected.status, 429);
        assert_eq!(rejected.field("content-type"), Some("application/problem+json"));
        assert_eq!(json(&rejected)["status"], 429);
        assert_eq!(rejected.field("Retry-After"), hint);
    }
}

#[test]
fn requests_of_others_use_up_the_same_counter() {
    let mut simulator = Simulator::new(Config { limit: 10, ..Config::default() });
    assert_eq!(simulator.take_others(NOW, 8), 8);
    let statuses = [1, 2, 3].map(|step| ask(&mut simulator, NOW + step, "/folders").status);
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(simulator.take_others(NOW + 4, 5), 0);
    assert_eq!(simulator.stats().others, 8);
}

#[test]
fn maintenance_is_announced_then_refuses_everything_then_is_over() {
    let planned = |headers_while_active| Maintenance {
        announced_from: NOW + 1_000,
        start: NOW + 10_500,
        end: NOW + 20_500,
        headers_while_active,
    };
    let told = (Some("1700000010"), Some("1700000021"));
    let silent = (None, None);
    for headers_while_active in [false, true] {
        let config = Config { maintenance: Some(planned(headers_while_active)), ..Config::default() };
        let mut simulator = Simulator::new(config);
        let active = if headers_while_active { told } else { silent };
        let cases = [
            (999, 200, silent),
            (1_000, 200, told),
            (10_499, 200, told),
            (10_500, 503, active),
            (20_499, 503, active),
            (20_500, 200, silent),
        ];
        for (later, status, headers) in cases {
            let response = ask(&mut simulator, NOW + later, "/folders");
            let found = (
                response.field("X-UPCOMING-MAINTENANCE-START"),
                response.field("X-UPCOMING-MAINTENANCE-END"),
            );
            assert_eq!((response.status, found), (status, headers), "{later} ms on");
        }
        let nobody = ask_with(&mut simulator, NOW + 15_000, "/nowhere", &[]);
        assert_eq!(json(&nobody)["type"], "https://schemas.nti.biz/comanage/errors/under-maintenance");
        assert_eq!((simulator.stats().during_maintenance, simulator.stats().accepted), (3, 4));
    }
}

#[test]
fn refusals_carry_the_announcement_too() {
    let maintenance = Maintenance {
        announced_from: NOW,
        start: NOW + 9_000,
        end: NOW + 10_000,
        headers_while_active: false,
    };
    let config = Config { maintenance: Some(maintenance), limit: 1, ..Config::default() };
    let mut simulator = Simulator::new(config);
    let responses = [
        ask_with(&mut simulator, NOW, "/folders", &[]),
        ask(&mut simulator, NOW, "/nowhere"),
        ask(&mut simulator, NOW, "/folders"),
    ];
    assert_eq!(responses.each_ref().map(|response| response.status), [401, 404, 429]);
    assert!(responses.iter().all(|response| response.field("X-UPCOMING-MAINTENANCE-END").is_some()));
}

#[test]
fn a_bad_parameter_is_named_in_an_errors_map() {
    let mut simulator = Simulator::new(Config::default());
    for (target, name) in [("/folders?afterId=x", "afterId"), ("/objects", "viewId")] {
        let response = ask(&mut simulator, NOW, target);
        assert_eq!(response.status, 400);
        assert!(json(&response)["errors"][name][0].is_string());
    }
}

#[test]
fn gzip_comes_only_when_allowed_and_is_the_same_page() {
    let cases = [
        (Gzip::Never, Some("gzip"), false),
        (Gzip::WhenAccepted, None, false),
        (Gzip::WhenAccepted, Some("br;q=1, GZIP;q=0.5"), true),
        (Gzip::WhenAccepted, Some("gzip;q=0"), false),
        (Gzip::WhenAccepted, Some("br, deflate"), false),
        (Gzip::Always, None, true),
    ];
    for (gzip, accepted, expected) in cases {
        let mut simulator = Simulator::new(Config { gzip, ..Config::default() });
        let mut fields = vec![("X-API-KEY", DEFAULT_KEY)];
        fields.extend(accepted.map(|value| ("Accept-Encoding", value)));
        let response = ask_with(&mut simulator, NOW, "/folders", &fields);
        let compressed = response.field("Content-Encoding") == Some("gzip");
        assert_eq!(compressed, expected, "{gzip:?} {accepted:?}");
        let mut body = response.body.clone();
        if compressed {
            body.clear();
            GzDecoder::new(response.body.as_slice()).read_to_end(&mut body).expect("gzip");
        }
        let plain = ask(&mut Simulator::new(Config::default()), NOW, "/folders");
        assert!(body == plain.body);
    }
}

#[test]
fn each_framing_says_how_the_body_ends() {
    let cases = [
        (Framing::ContentLength, "Content-Length"),
        (Framing::Chunked, "Transfer-Encoding"),
        (Framing::CloseDelimited, "Connection"),
    ];
    for (framing, present) in cases {
        let mut simulator = Simulator::new(Config { framing, ..Config::default() });
        let response = ask(&mut simulator, NOW, "/folders");
        for (_, name) in cases {
            assert_eq!(response.field(name).is_some(), name == present, "{framing:?} {name}");
        }
        assert_eq!(response.seen().end, SeenEnd::Complete);
    }
}

#[test]
fn the_date_is_the_time_of_the_request_unless_it_is_off() {
    let mut simulator = Simulator::new(Config::default());
    assert_eq!(ask(&mut simulator, NOW, "/folders").field("Date"), Some("Tue, 14 Nov 2023 22:13:20 GMT"));
    let mut simulator = Simulator::new(Config { date: false, ..Config::default() });
    assert_eq!(ask(&mut simulator, NOW, "/folders").field("Date"), None);
}

#[test]
fn faults_of_the_wire_break_off_where_they_say() {
    let cases = [
        (Fault::CutWire { at: 9 }, Ending::CutWire { at: 9 }, None, SeenEnd::Closed),
        (Fault::Cut { at: 9 }, Ending::Cut { at: 9 }, Some(9), SeenEnd::Closed),
        (Fault::Reset { at: 9 }, Ending::Reset { at: 9 }, Some(9), SeenEnd::Reset),
        (Fault::Stall { at: 9 }, Ending::Stall { at: 9 }, Some(9), SeenEnd::Silence),
        (Fault::StallBeforeHead, Ending::StallBeforeHead, None, SeenEnd::Silence),
    ];
    for (fault, ending, length, end) in cases {
        let mut simulator = faulty(Trigger::Request(2), fault);
        assert_eq!(ask(&mut simulator, NOW, "/folders").seen().end, SeenEnd::Complete);
        let broken = ask(&mut simulator, NOW, "/folders");
        assert_eq!(broken.ending, ending);
        assert_eq!((broken.seen().body.map(<[u8]>::len), broken.seen().end), (length, end));
        assert_eq!(ask(&mut simulator, NOW, "/folders").seen().end, SeenEnd::Complete);
    }
}

#[test]
fn a_fault_of_the_wire_breaks_a_rejection_as_well() {
    let config =
        Config { limit: 0, faults: vec![(Trigger::Request(1), Fault::Cut { at: 3 })], ..Config::default() };
    let response = ask(&mut Simulator::new(config), NOW, "/folders");
    assert_eq!((response.status, response.ending), (429, Ending::Cut { at: 3 }));
}

#[test]
fn garbage_begins_where_it_says_and_keeps_the_length() {
    let good = ask(&mut Simulator::new(Config::default()), NOW, "/folders");
    let bad = ask(&mut faulty(Trigger::Request(1), Fault::Garbage { at: 100 }), NOW, "/folders");
    assert_eq!((good.body.len(), &good.body[..100]), (bad.body.len(), &bad.body[..100]));
    assert_ne!(good.body[100..], bad.body[100..]);
}

#[test]
fn a_wrong_length_overrides_the_framing() {
    for (by, seen) in [(5, SeenEnd::Closed), (-5, SeenEnd::Complete)] {
        let faults = vec![(Trigger::Request(1), Fault::WrongLength { by })];
        let mut simulator = Simulator::new(Config { framing: Framing::Chunked, faults, ..Config::default() });
        let response = ask(&mut simulator, NOW, "/folders");
        let declared: i64 = response.field("Content-Length").expect("a length").parse().expect("a number");
        assert_eq!(declared, response.body.len() as i64 + by);
        assert_eq!(response.seen().end, seen);
    }
}

#[test]
fn faults_of_the_content_take_the_place_of_the_page() {
    let status = |status, body| Fault::Status { status, body };
    let redirect = Fault::Redirect { status: 302, location: "http://elsewhere.test/".to_owned() };
    let cases = [
        (status(500, ErrorBody::Problem), 500, Some("application/problem+json")),
        (status(502, ErrorBody::Html), 502, Some("text/html")),
        (status(503, ErrorBody::Empty), 503, None),
        (status(500, ErrorBody::Traceback), 500, Some("text/plain; charset=utf-8")),
        (status(500, ErrorBody::JsonOther), 500, Some("application/json; charset=utf-8")),
        (status(204, ErrorBody::Empty), 204, None),
        (redirect, 302, None),
        (Fault::NotJson, 200, Some("text/html")),
    ];
    for (fault, status, content_type) in cases {
        let mut simulator = faulty(Trigger::Request(1), fault.clone());
        let response = ask(&mut simulator, NOW, "/folders");
        assert_eq!((response.status, response.field("Content-Type")), (status, content_type), "{fault:?}");
        assert_eq!((simulator.stats().accepted, simulator.stats().pages), (1, 0));
    }
}

#[test]
fn a_rejection_out_of_the_blue_leaves_the_counter_alone() {
    let faults = vec![(Trigger::Request(1), Fault::RejectLimit)];
    let mut simulator = Simulator::new(Config { limit: 1, faults, ..Config::default() });
    let statuses = [0, 1, 2].map(|step| ask(&mut simulator, NOW + step, "/folders").status);
    assert_eq!(statuses, [429, 200, 429]);
}

#[test]
fn a_page_fault_waits_for_a_request_that_is_let_pass() {
    let config = Config { limit: 1, window: WindowKind::Epoch, items: 300, ..Config::default() };
    let after = item_id(&config, List::Folders, 99);
    let mut simulator = Simulator::new(config);
    simulator.push_fault(Trigger::Page { after: Some(after), times: 1 }, Fault::NotJson);
    let target = format!("/folders?afterId={after}");
    let window = 60_000;
    let answers = [
        ask(&mut simulator, NOW, "/folders"),
        ask(&mut simulator, NOW, &target),
        ask(&mut simulator, NOW + window, &target),
        ask(&mut simulator, NOW + 2 * window, &target),
    ];
    let seen = answers.map(|answer| (answer.status, answer.body.starts_with(b"<")));
    assert_eq!(seen, [(200, false), (429, false), (200, true), (200, false)]);
}

#[test]
fn faults_can_be_changed_while_it_runs() {
    let mut simulator = faulty(Trigger::Every(1), Fault::NotJson);
    assert!(ask(&mut simulator, NOW, "/folders").body.starts_with(b"<"));
    simulator.set_faults(Vec::new());
    assert!(ask(&mut simulator, NOW, "/folders").body.starts_with(b"{"));
}

#[test]
fn hostile_targets_are_answered() {
    let mut simulator = Simulator::new(Config { limit: u32::MAX, ..Config::default() });
    let long = format!("/folders?{}", "a=b&".repeat(10_000));
    let hostile =
        ["", "?", "//", "://", "*", "/%", "/folders?afterId=%", "/views//objects", "/é?%C3", long.as_str()];
    for target in hostile {
        let status = ask(&mut simulator, NOW, target).status;
        assert!([200, 400, 404].contains(&status), "{target}: {status}");
    }
    for now in [0, 1, u64::MAX / 2_000] {
        ask(&mut simulator, now, "/folders");
    }
}
