//! Answers that are no page: which end the pull at once, which are tried again, and what is said of them.

use super::server::{Answer, Ending, first, numbered};
use super::world::{Split, World};
use crate::gate::WaitReason;
use crate::http::{Fields, Media};
use crate::page::PageFault;
use crate::pull::{End, Failure, Outcome};
use crate::retry::Cause;
use crate::text::Text;
use crate::time::Duration;
use std::format;
use std::string::ToString;

fn only(answer: Answer) -> World {
    World::new(move |_| answer.clone())
}

#[test]
fn a_refused_credential_ends_the_pull_at_once_with_what_the_server_says() {
    for status in [401, 403] {
        for split in [Split::Whole, Split::Every(1)] {
            let mut world = only(Answer::status(status, "{\"title\":\"Key expired\"}"));
            world.split = split;
            assert_eq!(world.outcome(), Outcome::Failed(Failure::Credential { status }));
            assert_eq!((world.arrivals.len(), world.now), (1, 100));
            assert_eq!(world.line.problem, "Key expired");
        }
    }
}

#[test]
fn an_error_in_the_place_of_a_page_is_told_in_its_own_words() {
    for split in [Split::Whole, Split::Every(1)] {
        let mut world = only(Answer::page("{\"title\":\"Out of order\"}"));
        world.split = split;
        assert!(matches!(world.outcome(), Outcome::Failed(Failure::Page(_))));
        assert_eq!(world.line.problem, "Out of order");
    }
}

#[test]
fn a_refused_credential_is_one_whatever_becomes_of_the_body() {
    for ending in [Ending::Broken, Ending::Stall] {
        let mut world = only(Answer::status(401, "{\"title\":\"Key exp").ending(ending));
        assert_eq!(world.outcome(), Outcome::Failed(Failure::Credential { status: 401 }));
        assert_eq!(world.arrivals.len(), 1);
    }
}

#[test]
fn a_failure_of_the_client_ends_the_pull_at_once() {
    for status in [400, 404, 405, 410, 422, 206, 304] {
        let mut world = only(Answer::status(status, ""));
        let failure = match status {
            304 => Failure::Redirect {
                status,
                location: Text::EMPTY,
                configured: Text::new("https://api.example"),
            },
            404 => Failure::NotFound { status },
            _ => Failure::Status { status },
        };
        assert_eq!(world.outcome(), Outcome::Failed(failure));
        assert_eq!(world.arrivals.len(), 1, "{status}");
    }
}

#[test]
fn a_body_that_is_no_json_by_its_own_word_is_told_by_that_word() {
    let json = |media: &str| {
        let mut world = only(Answer::page("<html>Log in</html>").field("content-type", media));
        world.outcome()
    };
    assert_eq!(json("text/html; charset=utf-8"), Outcome::Failed(Failure::NotJson { media: Media::Html }));
    assert_eq!(json("text/plain"), Outcome::Failed(Failure::NotJson { media: Media::Other }));
    assert!(matches!(json("application/json"), Outcome::Failed(Failure::Page(PageFault::Json(_)))));
}

#[test]
fn a_page_is_read_whatever_it_claims_to_be() {
    let mut pages = numbered(3);
    let mut world = World::new(move |asked| pages(asked).field("content-type", "text/html"));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
}

#[test]
fn a_failure_of_the_server_is_tried_again_with_growing_pauses() {
    for status in [408, 500, 502, 503, 504, 599] {
        let mut world = only(Answer::status(status, "<html>Bad Gateway</html>"));
        assert_eq!(world.outcome(), Outcome::Failed(Failure::Status { status }));
        let counters = world.line.counters;
        assert_eq!((counters.requests, counters.retried), (11, 10));
        let sent = world.sent();
        let pauses = sent.windows(2).map(|pair| pair[1] - pair[0] - 100);
        for (number, pause) in pauses.enumerate() {
            let longest = (1_000 << number).min(60_000);
            assert!((longest / 2..=longest).contains(&pause), "{status}: pause {number} of {pause} ms");
        }
    }
}

#[test]
fn a_failure_of_the_server_may_name_the_pause() {
    let answer = Answer::status(503, "").field("Retry-After", 120);
    let mut world = World::new(first([answer], numbered(1)));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.waits(), [(120_100, WaitReason::Backoff(Cause::Status(503)))]);
}

#[test]
fn any_success_with_a_page_in_it_is_a_page() {
    for status in [200, 201, 202, 203, 207, 226, 299] {
        let mut pages = numbered(3);
        let mut world = World::new(move |asked| Answer { status, ..pages(asked) });
        assert_eq!((world.outcome(), world.line.sink.len()), (Outcome::Complete(End::SaidSo), 3), "{status}");
    }
}

#[test]
fn no_content_is_an_empty_list_and_a_part_is_a_failure() {
    for status in [204, 205] {
        // Whatever else comes with it: nothing of it is an item.
        for answer in [
            Answer::status(status, ""),
            Answer::status(status, "{\"objects\": [1]}"),
            Answer::status(status, "").field("Content-Encoding", "gzip").field("Content-Type", "text/html"),
            Answer::status(status, "").ending(Ending::Stall),
        ] {
            let mut world = only(answer);
            assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo), "{status}");
            assert_eq!((world.line.sink.len(), world.arrivals.len()), (0, 1));
            assert_eq!(world.line.counters.pages, 1);
        }
    }
    let mut world = only(Answer::status(206, "{\"objects\": [1]}"));
    assert_eq!(world.outcome(), Outcome::Failed(Failure::Status { status: 206 }));
}

#[test]
fn not_yet_is_asked_again_after_the_pause_that_the_server_names() {
    for (status, pause, until) in
        [(202, "2", 2_100), (425, "2", 2_100), (202, "2.5", 2_600), (425, "5, 7", 7_100)]
    {
        let answer = Answer::status(status, "{\"status\":\"pending\"}").field("Retry-After", pause);
        let mut world = World::new(first([answer], numbered(2)));
        assert_eq!((world.outcome(), world.line.sink.len()), (Outcome::Complete(End::SaidSo), 2), "{status}");
        let why = WaitReason::Backoff(Cause::NotYet(status));
        assert_eq!(world.waits(), [(until, why)], "{status}");
        assert_eq!(world.line.counters.rejected, 0, "it is no limit");
    }
    let mut world = World::new(first([Answer::status(425, "")], numbered(2)));
    assert_eq!(
        (world.outcome(), world.line.sink.len()),
        (Outcome::Complete(End::SaidSo), 2),
        "without a pause too"
    );
    let mut world = only(Answer::status(425, ""));
    assert_eq!(world.outcome(), Outcome::Failed(Failure::Status { status: 425 }), "but not for ever");
    let mut world = only(Answer::status(425, "").field("Retry-After", "0"));
    assert_eq!(
        world.outcome(),
        Outcome::Failed(Failure::Status { status: 425 }),
        "nor with a pause of nothing"
    );
    assert_eq!(world.line.counters.retried, 10);
}

#[test]
fn a_server_that_is_not_ready_is_waited_for_as_long_as_for_a_limit_and_at_no_retry() {
    let not_ready = Answer::status(202, "{}").field("Retry-After", "60");
    let mut world = World::new(first(std::vec![not_ready.clone(); 14], numbered(1)));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!((world.arrivals.len(), world.line.counters.retried), (15, 0));
    let mut world = World::new(first(std::vec![not_ready.clone(); 15], numbered(1)));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!((world.arrivals.len(), world.line.counters.retried), (16, 1), "then it is a failure");

    let failed = Outcome::Failed(Failure::Status { status: 202 });
    for (patience, outcome) in [(60_000, Outcome::Complete(End::SaidSo)), (59_999, failed)] {
        let mut world = World::new(first([not_ready.clone()], numbered(1)));
        world.settings.limit_patience = Duration::from_millis(patience);
        assert_eq!((world.outcome(), world.line.counters.retried), (outcome, 0), "{patience}");
    }
}

#[test]
fn a_redirect_is_named_and_never_followed() {
    for status in [300, 301, 302, 303, 307, 308] {
        let answer = Answer::status(status, "moved").field("Location", "https://evil.example/x?token=1");
        let mut world = only(answer);
        let location = Text::new("https://evil.example/x");
        let configured = Text::new("https://api.example");
        assert_eq!(world.outcome(), Outcome::Failed(Failure::Redirect { status, location, configured }));
        assert_eq!(world.arrivals.len(), 1);
    }
}

#[test]
fn a_compressed_body_is_refused_and_named() {
    for (value, coding) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("deflate", "deflate"),
        ("X-Gzip", "X-Gzip"),
        ("identity, gzip", "gzip"),
    ] {
        let mut world = only(Answer::page(b"\x1f\x8b\x08\x00\x00").field("Content-Encoding", value));
        let failure = Failure::Encoding { encoding: Text::new(coding) };
        assert_eq!(world.outcome(), Outcome::Failed(failure));
        assert!(failure.to_string().contains(coding));
        assert_eq!(world.arrivals.len(), 1);
    }
}

#[test]
fn a_plain_page_is_read_whatever_word_stands_in_its_content_encoding() {
    for word in ["utf-8", "UTF-8", "identity", "", "none", "application/json", "utf-8, identity", "\u{1F4A3}"]
    {
        let mut pages = numbered(2);
        let mut world = World::new(move |asked| pages(asked).field("Content-Encoding", word));
        assert_eq!((world.outcome(), world.arrivals.len()), (Outcome::Complete(End::SaidSo), 2), "{word:?}");
        assert_eq!(world.line.sink, ["0", "1"]);
    }
}

#[test]
fn a_field_of_any_size_that_means_nothing_here_changes_nothing() {
    let policy = "default-src 'self' https://x.example; ".repeat(60);
    for (name, value) in [
        ("Content-Security-Policy", policy.clone()),
        ("Set-Cookie", "session=\u{1F4A3}; ".repeat(5_000)),
        ("Link", format!("<https://x.example/{}>; rel=next", "a".repeat(9_000))),
        ("X-Long-Name".repeat(900).as_str(), "1".into()),
        ("Location", format!("https://x.example/{}", "a".repeat(9_000))),
        ("RateLimit-Policy", policy),
    ] {
        let (mut pages, name) = (numbered(3), name.to_string());
        let mut world = World::new(move |asked| pages(asked).field(&name, &value));
        assert_eq!((world.outcome(), world.line.sink.len()), (Outcome::Complete(End::SaidSo), 3));
        assert_eq!(world.line.counters.requests, 3);
    }
}

#[test]
fn what_the_server_says_is_of_its_latest_refusal() {
    let script =
        [Answer::status(500, "{\"title\":\"first\",\"detail\":\"of two\"}"), Answer::status(500, "{}")];
    let mut world = World::new(first(script, numbered(1)));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.line.problem, "no explanation was given");
}

#[test]
fn the_servers_own_words_are_shown_whatever_form_they_have() {
    let mut bodies = std::vec![
        (r#"{"error":{"message":"Access denied","code":"x1"}}"#, "Access denied (code x1)"),
        (r#"{"Message":"Authorization has been denied"}"#, "Authorization has been denied"),
        (r#"{"errors":[{"message":"No such scope"}]}"#, "No such scope"),
        (r#"{"errors":["No such scope"]}"#, "No such scope"),
        (r#"{"detail":"Invalid token."}"#, "Invalid token."),
        (r#"{"error":"invalid_client","error_description":"unknown"}"#, "invalid_client: unknown"),
    ];
    if cfg!(feature = "large") {
        bodies.extend([
            ("Access denied\r\n", "Access denied"),
            ("<html><head><title>403 Forbidden</title></head></html>", "403 Forbidden"),
            ("<html><body><h1>Blocked</h1></body></html>", "Blocked"),
        ]);
    }
    for (body, words) in bodies {
        for split in [Split::Whole, Split::Every(1), Split::Every(7)] {
            let mut world = only(Answer::status(403, body));
            world.split = split;
            assert_eq!(world.outcome(), Outcome::Failed(Failure::Credential { status: 403 }));
            assert_eq!(world.line.problem, words, "{body}");
        }
    }
}

#[test]
fn every_failure_says_what_happened_and_what_to_do() {
    let fields = Fields::read([("location", &b"https://other.example/"[..])], None);
    let cases = [
        (Failure::Credential { status: 401 }, "a new one is needed"),
        (Failure::NotFound { status: 404 }, "check the path"),
        (Failure::Status { status: 405 }, "check the path"),
        (Failure::Status { status: 500 }, "go on later"),
        (
            Failure::Redirect {
                status: 302,
                location: fields.location,
                configured: Text::new("https://api.example"),
            },
            "to https://other.example/ (status 302); the credential goes to https://api.example only",
        ),
        (Failure::ItemTooLarge { index: 3, size: 900, buffer: 512 }, "item 3 of the page has 900 bytes"),
        (Failure::PageTooLarge { limit: 7 }, "7 bytes"),
    ];
    for (failure, text) in cases {
        assert!(failure.to_string().contains(text), "{failure}");
    }
}
