//! What holds for any server whatsoever. The world itself insists that a step is the same when asked twice, that no wait
//! is over and that a rewind is for what was handed over; here are the servers that try to break it.

use super::server::{Answer, Ending, numbered};
use super::world::{Asked, Event, NOON, Split, World};
use crate::pull::{End, Outcome, Settings, TransportFault};
use crate::retry::RetryPolicy;
use crate::time::Duration;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::string::{String, ToString};
use std::vec::Vec;

const PAGES: u64 = 5;

/// What a server does to one request.
#[derive(Clone, Debug)]
enum Deed {
    Serve { millis_per_byte: u64 },
    Announce { start: u64, secs: u64 },
    Cut { at: Index, ending: Ending },
    Flip { at: Index, byte: u8 },
    Refuse { status: u16, retry_after: Option<String>, body: String, ending: Ending },
    Garbage(Vec<u8>),
    Nothing(Ending),
}

fn ending() -> impl Strategy<Value = Ending> {
    select(std::vec![Ending::Complete, Ending::Broken, Ending::Stall])
}

/// A server that may break what it sends, but never sends another page than the one asked for.
fn honest_deed() -> impl Strategy<Value = Deed> {
    let statuses =
        // No 204: that is an empty page, and no honest server sends one in the middle of a list.
        select(std::vec![206_u16, 302, 400, 401, 404, 408, 429, 429, 429, 500, 502, 503, 503, 999]);
    let hints = select(std::vec!["0", "1", "400", "99999999999", "Fri, 15 Jan 2027 08:05:00 GMT", "never"]);
    let bodies = select(std::vec![
        String::new(),
        "<html>".to_string(),
        "{\"type\":\"https://schemas.nti.biz/comanage/errors/under-maintenance\"}".to_string(),
        "x".repeat(5_000),
    ]);
    prop_oneof![
        6 => select(std::vec![0_u64, 0, 0, 5, 700]).prop_map(|millis_per_byte| Deed::Serve { millis_per_byte }),
        1 => (0_u64..500, 1_u64..500).prop_map(|(start, secs)| Deed::Announce { start, secs }),
        3 => (any::<Index>(), ending()).prop_map(|(at, ending)| Deed::Cut { at, ending }),
        3 => (statuses, proptest::option::of(hints.prop_map(String::from)), bodies, ending()).prop_map(
            |(status, retry_after, body, ending)| Deed::Refuse { status, retry_after, body, ending }
        ),
        1 => proptest::collection::vec(any::<u8>(), 0..60).prop_map(Deed::Garbage),
        1 => select(std::vec![
            Ending::Silence,
            Ending::NoHead(TransportFault::Connect),
            Ending::NoHead(TransportFault::Broken),
        ])
        .prop_map(Deed::Nothing),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let flip = (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Deed::Flip { at, byte });
    prop_oneof![6 => honest_deed(), 1 => flip]
}

/// Does these deeds one by one, and is a good server from then on.
fn server(deeds: Vec<Deed>) -> impl FnMut(&Asked) -> Answer {
    let mut pages = numbered(PAGES);
    move |asked: &Asked| {
        // A page asked for by a key that a flipped byte made up is not there.
        if !asked.key.is_empty() && !asked.key.parse().is_ok_and(|key: u64| key < PAGES) {
            return Answer::status(404, "");
        }
        let good = pages(asked);
        let place = |at: &Index| at.index(good.body.len());
        match deeds.get(asked.earlier) {
            None => good,
            Some(Deed::Serve { millis_per_byte }) => good.slowly(*millis_per_byte),
            Some(Deed::Announce { start, secs }) => good
                .field("x-upcoming-maintenance-start", NOON + start)
                .field("x-upcoming-maintenance-end", NOON + start + secs),
            Some(Deed::Cut { at, ending }) => good.clone().cut(place(at), *ending),
            Some(Deed::Flip { at, byte }) => {
                let (mut bad, at) = (good.clone(), place(at));
                bad.body[at] = *byte;
                bad
            }
            Some(Deed::Refuse { status, retry_after, body, ending }) => {
                let answer = Answer::status(*status, body.as_str()).ending(*ending);
                match retry_after {
                    Some(value) => answer.field("retry-after", value),
                    None => answer,
                }
            }
            Some(Deed::Garbage(bytes)) => Answer::page(bytes.clone()),
            Some(Deed::Nothing(ending)) => Answer::nothing(*ending),
        }
    }
}

fn split() -> impl Strategy<Value = Split> {
    prop_oneof![Just(Split::Whole), (1_usize..9).prop_map(Split::Every), any::<u64>().prop_map(Split::Random)]
}

fn settings() -> impl Strategy<Value = Settings> {
    (0_u16..5, 60_u64..2_000, 0_u64..100, any::<u64>()).prop_map(|(budget, page_bytes, patience, seed)| {
        Settings {
            retry: RetryPolicy { budget, ..RetryPolicy::DEFAULT },
            page_bytes,
            error_bytes: 1_000,
            limit_patience: Duration::from_secs(patience),
            maintenance_patience: Duration::from_secs(10 * patience),
            seed,
            ..Settings::DEFAULT
        }
    })
}

fn expected() -> Vec<String> {
    (0..PAGES).map(|number| number.to_string()).collect()
}

fn world(deeds: Vec<Deed>, split: Split, settings: Settings) -> World {
    let mut world = World::new(server(deeds)).limited(3, 5_000);
    (world.split, world.settings, world.server_clock) = (split, settings, Some(NOON * 1_000));
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the server does, the pull ends within a bounded number of steps, and what was committed is counted.
    #[test]
    fn a_pull_ends_whatever_the_server_does(
        deeds in proptest::collection::vec(deed(), 0..25), split in split(), settings in settings(),
    ) {
        // After a rejection the own log has not the last word: where windows begin is to be found out.
        let is_alone = !deeds.iter().any(|deed| matches!(deed, Deed::Refuse { status: 429, .. }));
        let mut world = world(deeds, split, settings);
        prop_assert!(world.run().is_some());
        prop_assert!(world.line.trace.len() < 3_000);
        prop_assert_eq!(world.line.counters.items, world.line.sink.len() as u64);
        for span in world.arrivals.windows(4) {
            prop_assert!(!is_alone || span[3] - span[0] > 5_000, "a window holds one too many: {:?}", span);
        }
    }

    /// While the server only breaks what it sends, what is committed has no gap and no duplicate, over any number of
    /// restarts, and in the end it is everything.
    #[test]
    fn committed_items_have_no_gap_and_no_duplicate(
        deeds in proptest::collection::vec(honest_deed(), 0..25),
        split in split(),
        settings in settings(),
        power_goes in proptest::collection::vec(0_usize..12, 0..4),
    ) {
        let mut world = world(deeds, split, Settings { page_bytes: 2_000, ..settings });
        let mut until_power_goes = power_goes.into_iter();
        for _ in 0..100 {
            let mut left = until_power_goes.next();
            world.power_goes = std::boxed::Box::new(move |_| {
                left = left.map(|left| left.wrapping_sub(1));
                left == Some(usize::MAX)
            });
            let outcome = world.run();
            prop_assert!(expected().starts_with(&world.line.sink), "{:?}", world.line.sink);
            if outcome == Some(Outcome::Complete(End::SaidSo)) {
                break;
            }
            // Someone looks after it the next day.
            world.now += 25 * 3_600_000;
        }
        prop_assert_eq!(&world.line.sink, &expected());
    }

    /// Any split of the same bytes gives the same trace, if the bytes take no time.
    #[test]
    fn a_trace_does_not_depend_on_the_split(
        deeds in proptest::collection::vec(deed(), 0..12), split in split(), settings in settings(),
    ) {
        let at_once = |deed| match deed {
            Deed::Serve { .. } => Deed::Serve { millis_per_byte: 0 },
            other => other,
        };
        let deeds: Vec<Deed> = deeds.into_iter().map(at_once).collect();
        let trace = |split| -> Vec<Event> {
            let mut world = world(deeds.clone(), split, settings);
            world.run();
            world.line.trace
        };
        prop_assert_eq!(trace(split), trace(Split::Whole));
    }
}
