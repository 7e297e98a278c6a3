//! What a quota promises, alone ([`alone`]), with others ([`shared`]) and of kinds counted apart ([`kinds`]); what its slots
//! keep ([`bookkeeping`]); limiters that take bursts badly, named ([`even`]) and not ([`turned`]); how fast spread requests leave ([`line`]); each
//! number of what is left to others ([`sharing`]); builds that leave some of it out ([`unlearned`], [`least`]); devices that run for
//! years ([`years`]); and that it is small.

/// A quota as it is in a build that is able to do no more than this, by the name of `Quota`, so that the same tests serve it.
macro_rules! quota_of {
    ($capabilities:expr) => {
        enum Able {}

        impl crate::profile::Profile for Able {
            const CAPABILITIES: crate::profile::Capabilities = $capabilities;
        }

        #[derive(Debug)]
        struct Quota<S: ?Sized>(super::Quota<S>);

        impl<S: ?Sized> core::ops::Deref for Quota<S> {
            type Target = super::Quota<S>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<S: ?Sized> core::ops::DerefMut for Quota<S> {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }

        impl<S: Slots> Quota<S> {
            fn new(windows: Windows, terms: Terms, slots: S) -> Result<Self, QuotaError> {
                super::Quota::new(windows, terms, slots).map(Self)
            }

            fn unused(self) -> Self {
                Self(self.0.unused())
            }
        }

        impl<S: Slots + ?Sized> Quota<S> {
            fn opens(&self, calls: Calls, clock: &ServerClock, now: Instant) -> Option<(Instant, Reason)> {
                let wait = self.0.wait_with::<Able>(calls, clock, now);
                (wait.until > now).then(|| (wait.until, self.0.reason(wait.why)))
            }

            fn wait(&self, now: u64) -> Option<(Instant, Reason)> {
                self.opens(PAGES, &ServerClock::Unknown, at(now))
            }

            fn take(&mut self, calls: Calls, now: Instant, deadline: Instant) -> Ticket {
                self.0.take_with::<Able>(calls, now, deadline)
            }

            fn dropped(&mut self, ticket: Ticket, now: Instant) {
                self.0.dropped_with::<Able>(ticket, now);
            }

            fn restore(
                &mut self,
                held: impl IntoIterator<Item = Held>,
                in_flight: u32,
                learned: Learned,
                pause: Duration,
                now: Instant,
            ) {
                self.0.restore_with::<Able>(held, in_flight, learned, pause, now);
            }

            fn answered(
                &mut self,
                ticket: Ticket,
                now: Instant,
                clock: &ServerClock,
                verdict: Verdict,
                limits: &Limits,
                reset: Option<Instant>,
            ) {
                self.0.answered_with::<Able>(ticket, now, clock, verdict, limits, reset);
            }

            fn admit(&mut self, ticket: Ticket, now: u64) {
                self.answered(ticket, at(now), &ServerClock::Unknown, Verdict::Admitted, &Limits::default(), None);
            }
        }

        fn quota(windows: Windows) -> Quota<Vec<Slot>> {
            with_slots(windows, windows.slots())
        }

        fn with_slots(windows: Windows, slots: usize) -> Quota<Vec<Slot>> {
            Quota::new(windows, Terms::DEFAULT, std::vec![Slot::FREE; slots]).unwrap().unused()
        }
    };
}

mod alone;
mod bookkeeping;
mod even;
mod kinds;
mod least;
mod line;
mod model;
mod shared;
mod sharing;
mod turned;
mod unlearned;
mod years;

use super::*;
use crate::http::Policy;
use std::vec::Vec;

const MINUTE: Window = Window::new(200, Duration::from_secs(60));
/// Forty in ten seconds.
const FORTY: Window = Window::new(40, Duration::from_secs(10));
const PAGES: Calls = Calls::PAGED_READS;

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

/// The same for what has not moved its base yet.
fn tick(millis: u64) -> Tick {
    Tick::of(at(millis), Instant::ZERO)
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
