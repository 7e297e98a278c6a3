//! On limiters that take bursts badly and are not named: one rejection turns the pace even.

use super::even::{Limiter, PERIOD};
use super::*;

/// A sequential client with a round trip of 100 ms.
struct Client {
    quota: Quota<Vec<Slot>>,
    now: u64,
    rejected: Vec<u64>,
}

impl Client {
    fn new(window: Window) -> Self {
        Self { quota: quota(Windows::one(window)), now: 100_000, rejected: Vec::new() }
    }

    fn ask(&mut self, is_admitted: impl FnOnce(u64) -> bool) {
        while let Some((until, _)) = self.quota.wait(self.now) {
            self.now = until.as_millis();
        }
        let ticket = self.quota.take(PAGES, at(self.now), at(self.now + 30_000));
        let is_admitted = is_admitted(self.now + 50);
        self.now += 100;
        let verdict = if is_admitted { Verdict::Admitted } else { Verdict::Rejected { until: None } };
        if !is_admitted {
            self.rejected.push(self.now);
        }
        self.quota.answered(ticket, at(self.now), &ServerClock::Unknown, verdict, &Limits::default(), None);
    }

    fn learned(&self) -> Learned {
        self.quota.learned(at(self.now))
    }
}

#[test]
fn an_unnamed_limiter_rejects_once_or_twice_and_no_share_is_given_away() {
    let counters = (0..PERIOD).step_by(397).map(|phase| Limiter::counter(40, phase));
    let buckets = (3..30).map(|burst| Limiter::bucket(40, burst));
    for limiter in counters.chain(buckets) {
        let (mut client, mut server) = (Client::new(FORTY), limiter.clone());
        let began = client.now;
        for _ in 0..400 {
            client.ask(|arrival| server.admits(arrival));
        }
        assert!(client.rejected.len() <= 2, "{limiter:?}: {:?}", client.rejected);
        assert_eq!(client.learned().share, None, "{limiter:?}");
        let time = client.now - began;
        assert!(time <= 400 * 250 * 105 / 100 + 3_000, "{limiter:?}: {time} ms");
    }
}

#[test]
fn a_rejection_of_requests_in_haste_turns_the_pace_even_and_keeps_the_share() {
    let mut client = Client::new(FORTY);
    (0..10).for_each(|_| client.ask(|_| true));
    client.ask(|_| false);
    assert_eq!(client.learned(), Learned { share: None, windows: LearnedWindows::Even });
    let heard = client.now;
    assert_eq!(client.quota.wait(heard), Some((at(heard + 3_000), Reason::Rejected(FORTY))));
    client.ask(|_| true);
    assert_eq!(client.quota.wait(client.now).map(|(_, why)| why), Some(Reason::Pace(FORTY)));
    // Some ahead of the line, as before the rejection; then evenly.
    let mut sent = Vec::new();
    for _ in 0..35 {
        client.ask(|_| true);
        sent.push(client.now - 100);
    }
    let pauses: Vec<_> = sent[20..].windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.iter().all(|pause| (250..=265).contains(pause)), "{pauses:?}");
}

#[test]
fn a_rejection_at_an_even_pace_speaks_for_others() {
    // Nothing left in haste: the first request, or requests that were slow anyway.
    for (slow, share) in [(0, 20), (10, 9)] {
        let mut client = Client::new(FORTY);
        for _ in 0..slow {
            client.ask(|_| true);
            client.now += 400;
        }
        client.ask(|_| false);
        assert_eq!(client.learned(), Learned { share: Some(share), windows: LearnedWindows::Unknown });
    }
    // The pace has turned even, and the very next request is rejected too.
    let mut client = Client::new(FORTY);
    (0..20).for_each(|_| client.ask(|_| true));
    client.ask(|_| false);
    client.ask(|_| false);
    let Learned { share, windows } = client.learned();
    assert!(share.is_some() && windows == LearnedWindows::Unknown, "{share:?} {windows:?}");
    assert!(client.rejected[1] - client.rejected[0] >= 3_000);
    // From then on it is as if the limiter were a window.
    (0..60).for_each(|_| client.ask(|_| true));
    client.ask(|_| false);
    assert_ne!(client.learned().windows, LearnedWindows::Even);
}

#[test]
fn a_second_rejection_in_the_same_window_slows_the_pace_until_the_window_is_over() {
    let mut client = Client::new(FORTY);
    (0..20).for_each(|_| client.ask(|_| true));
    client.ask(|_| false);
    let turned = client.now;
    client.ask(|_| true);
    client.ask(|_| true);
    client.ask(|_| false);
    assert_eq!(client.learned(), Learned { share: None, windows: LearnedWindows::Even });
    client.ask(|_| true);
    let (mut slow, mut even) = (Vec::new(), Vec::new());
    while client.now < turned + 3 * PERIOD {
        let before = client.now;
        client.ask(|_| true);
        if client.now < turned + PERIOD {
            slow.push(client.now - before)
        }
        if client.now > turned + 2 * PERIOD {
            even.push(client.now - before)
        }
    }
    let mean = |pauses: &[u64]| pauses.iter().sum::<u64>() / pauses.len() as u64;
    assert!(mean(&slow) >= 370, "{slow:?}");
    assert!((250..=265).contains(&mean(&even)), "{even:?}");
    // And a third one speaks for others.
    client.ask(|_| false);
    assert!(client.learned().share.is_some());
}

#[test]
fn an_even_pace_survives_a_restart_and_a_named_kind_goes_before_it() {
    let even = Learned { share: None, windows: LearnedWindows::Even };
    for (kind, is_even) in [(LimiterKind::Unknown, true), (LimiterKind::Fixed, false)] {
        let mut client = Client::new(FORTY.kind(kind));
        client.quota.restore([], 0, even, Duration::ZERO, at(client.now));
        assert_eq!(client.learned().windows == LearnedWindows::Even, is_even);
        (0..5).for_each(|_| client.ask(|_| true));
        let why = client.quota.wait(client.now).map(|(_, why)| why);
        assert_eq!(why, is_even.then_some(Reason::Pace(FORTY)));
    }
}

#[test]
fn a_rejection_by_a_named_limiter_speaks_for_others_at_once() {
    for kind in
        [LimiterKind::Fixed, LimiterKind::Sliding, LimiterKind::Counter, LimiterKind::Bucket { burst: 20 }]
    {
        let mut client = Client::new(FORTY.kind(kind));
        (0..12).for_each(|_| client.ask(|_| true));
        client.ask(|_| false);
        assert!(client.learned().share.is_some(), "{kind:?}");
    }
}

#[test]
fn a_hint_of_the_server_goes_before_the_three_seconds() {
    let mut client = Client::new(FORTY);
    (0..10).for_each(|_| client.ask(|_| true));
    let ticket = client.quota.take(PAGES, at(client.now), at(client.now + 30_000));
    let verdict = Verdict::Rejected { until: Some(at(client.now + 9_000)) };
    client.quota.answered(ticket, at(client.now), &ServerClock::Unknown, verdict, &Limits::default(), None);
    let opens = client.quota.wait(client.now);
    assert_eq!(opens, Some((at(client.now + 9_000), Reason::RetryAfter)));
    assert_eq!(client.learned().windows, LearnedWindows::Even);
}
