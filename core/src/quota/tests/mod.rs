//! What a quota promises, alone ([`alone`]), with others ([`shared`]) and of kinds counted apart ([`kinds`]); what its slots
//! keep ([`bookkeeping`]); limiters that take bursts badly, named ([`even`]) and not ([`turned`]); each number of what is left to
//! others ([`sharing`]); what is left of it in a build without learning ([`least`]); and that it is small.

mod alone;
mod bookkeeping;
mod even;
mod kinds;
mod least;
mod model;
mod shared;
mod sharing;
mod turned;

use super::*;
use crate::http::Policy;
use std::vec::Vec;

const MINUTE: Window = Window::new(200, Duration::from_secs(60));
const PAGES: Calls = Calls::PAGED_READS;

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn window(limit: u32, seconds: u64) -> Window {
    Window::new(limit, Duration::from_secs(seconds))
}

/// The server says that a minute admits so many.
fn of_a_minute(quota: u32) -> Limits {
    let policy = Policy { quota, period: Some(Duration::from_secs(60)) };
    Limits { policies: [Some(policy), None, None], ..Limits::default() }
}

fn quota(windows: Windows) -> Quota<Vec<Slot>> {
    with_slots(windows, windows.slots())
}

fn with_slots(windows: Windows, slots: usize) -> Quota<Vec<Slot>> {
    Quota::new(windows, Terms::DEFAULT, std::vec![Slot::FREE; slots]).unwrap().unused()
}

impl<S: Slots> Quota<S> {
    fn wait(&self, now: u64) -> Option<(Instant, Reason)> {
        self.opens(PAGES, &ServerClock::Unknown, at(now))
    }

    fn admit(&mut self, ticket: Ticket, now: u64) {
        self.answered(ticket, at(now), &ServerClock::Unknown, Verdict::Admitted, &Limits::default(), None);
    }
}

#[test]
fn exact_bookkeeping_of_a_minute_of_200_fits_a_kilobyte() {
    let size = size_of::<Log<[Slot; 200]>>();
    assert!(size <= 1_024, "{size} bytes");
}

#[test]
fn compact_bookkeeping_of_a_minute_of_200_fits_128_bytes() {
    let size = size_of::<Log<[Slot; 12]>>();
    assert!(size <= 128, "{size} bytes");
}

#[test]
fn exact_bookkeeping_of_10_a_second_and_400_a_minute_fits_two_kilobytes() {
    let size = size_of::<Log<[Slot; 410]>>();
    assert!(size <= 2_048, "{size} bytes");
}

#[test]
fn what_is_learned_fits_128_bytes() {
    let size = size_of::<Learner>();
    assert!(size <= 128, "{size} bytes");
}
