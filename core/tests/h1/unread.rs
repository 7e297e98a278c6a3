//! Fields that nobody reads: they are checked like all others, need no room for their values, and change nothing else.

use crate::case::{self, End};
use crate::decoded::{Decoded, decode, decode_reading};
use tidegate_core::http::h1::{H1ErrorKind, SKIPPED_LIMIT};
use tidegate_core::{Project, Pull, api, pull};

const CASES: &str = include_str!("../data/h1/cases.txt");

fn only_dates(name: &str) -> bool {
    name.eq_ignore_ascii_case("date")
}

fn read(room: usize, response: &str) -> Decoded {
    let whole = decode_reading(false, room, &only_dates, [response.as_bytes()]);
    let by_bytes = decode_reading(false, room, &only_dates, response.as_bytes().chunks(1));
    assert_eq!(by_bytes, whole, "byte by byte");
    whole
}

#[test]
fn a_field_that_nobody_reads_needs_no_room() {
    let cookie = format!("Set-Cookie: {}\r\n", "x".repeat(2_000));
    let response = format!(
        "HTTP/1.1 200 OK\r\n{cookie}Date: today\r\n{cookie}Content-Length: 2\r\n{cookie}X: \r\n\r\nok"
    );
    let decoded = read(80, &response);
    assert_eq!(decoded.error, None);
    assert_eq!((decoded.status, decoded.body.as_slice(), decoded.reusable), (Some(200), &b"ok"[..], true));
    let fields = [("Date", &b"today"[..]), ("Content-Length", &b"2"[..])];
    assert_eq!(decoded.fields, fields.map(|(name, value)| (name.to_owned(), value.to_vec())));
}

#[test]
fn a_field_that_is_read_needs_room() {
    let response = format!("HTTP/1.1 200 OK\r\nDate: {}\r\n\r\n", "x".repeat(100));
    let error = read(64, &response).error.unwrap();
    assert_eq!((error.kind, error.offset), (H1ErrorKind::HeadTooLarge { limit: 64 }, 64));
}

#[test]
fn a_head_may_not_go_on_for_ever() {
    let response = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(SKIPPED_LIMIT as usize));
    let error = read(64, &response).error.unwrap();
    // The status line is read.
    assert_eq!((error.kind, error.offset), (H1ErrorKind::TooMuchSkipped, 17 + u64::from(SKIPPED_LIMIT)));
}

#[test]
fn whatever_is_read_every_case_has_the_same_verdict() {
    for case in case::parse(CASES) {
        // These are about how much is skipped, or about the buffer.
        if let End::Error(kind) = &case.end
            && (kind == "TooMuchSkipped" || kind == "HeadTooLarge")
        {
            continue;
        }
        let mut all = decode(case.is_head, case.room, [case.sent.as_slice()]);
        let nothing = decode_reading(case.is_head, case.room, &|_| false, [case.sent.as_slice()]);
        let framing = ["connection", "content-length", "transfer-encoding"];
        all.fields.retain(|(name, _)| framing.contains(&name.to_ascii_lowercase().as_str()));
        assert_eq!(nothing, all, "{}", case.name);
    }
}

#[test]
fn a_pull_reads_what_its_api_and_the_standards_say_and_nothing_else() {
    let api = &api::comanage::API;
    let project = Project::new(api, "https://api.example", "key").unwrap();
    let endpoint = api::comanage::view_objects("/objects", 42);
    let mut item_buffer = [0; 16];
    let pull = Pull::new(&project, &endpoint, &pull::Settings::DEFAULT, &mut item_buffer, None).unwrap();
    for name in [
        "Date",
        "retry-after",
        "LOCATION",
        "content-type",
        "content-encoding",
        "x-upcoming-maintenance-start",
        "X-Upcoming-Maintenance-End",
        "RateLimit",
        "ratelimit-policy",
        "X-RateLimit-Remaining",
        "x-rate-limit-reset-after",
    ] {
        assert!(pull.reads(name), "{name}");
    }
    for name in ["", "set-cookie", "dat", "dates", "x-ratelimit-bucket", "x-upcoming-maintenance", "server"] {
        assert!(!pull.reads(name), "{name}");
    }
}
