//! Answers that are no page: which end the pull at once, which are tried again, and what is said of them.

use super::server::{Answer, Ending, first, numbered};
use super::world::{Split, World};
use crate::gate::WaitReason;
use crate::http::{Fields, Media};
use crate::page::PageFault;
use crate::pull::{End, Failure, Outcome};
use crate::retry::Cause;
use crate::text::Text;
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
fn a_refused_credential_is_one_whatever_becomes_of_the_body() {
    for ending in [Ending::Broken, Ending::Stall] {
        let mut world = only(Answer::status(401, "{\"title\":\"Key exp").ending(ending));
        assert_eq!(world.outcome(), Outcome::Failed(Failure::Credential { status: 401 }));
        assert_eq!(world.arrivals.len(), 1);
    }
}

#[test]
fn a_failure_of_the_client_ends_the_pull_at_once() {
    for status in [400, 404, 405, 410, 422, 204, 206, 304] {
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
    for encoding in ["gzip", "br", "deflate", "identity, gzip"] {
        let mut world = only(Answer::page(b"\x1f\x8b\x08\x00\x00").field("Content-Encoding", encoding));
        let failure = Failure::Encoding { encoding: Text::new(encoding) };
        assert_eq!(world.outcome(), Outcome::Failed(failure));
        assert!(failure.to_string().contains(encoding));
        assert_eq!(world.arrivals.len(), 1);
    }
    let mut world = World::new({
        let mut pages = numbered(1);
        move |asked: &_| pages(asked).field("Content-Encoding", "identity")
    });
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
}

#[test]
fn what_the_server_says_is_of_its_latest_refusal() {
    let script = [
        Answer::status(500, "{\"title\":\"first\",\"detail\":\"of two\"}"),
        Answer::status(500, "no words this time"),
    ];
    let mut world = World::new(first(script, numbered(1)));
    assert_eq!(world.outcome(), Outcome::Complete(End::SaidSo));
    assert_eq!(world.line.problem, "no explanation was given");
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
