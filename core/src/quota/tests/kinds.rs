//! Where a server counts kinds of requests apart: what it says of one, and what rejections of one teach, is not said of
//! another. A rejection holds all of them back, for that is the safe side.

use super::*;

const PAGED: Window = Window::new(50, Duration::from_secs(60)).counting(Calls::PAGED_READS);
const PLAIN: Window = Window::new(500, Duration::from_secs(60)).counting(Calls::READS);
const WRITTEN: Window = Window::new(40, Duration::from_secs(60)).counting(Calls::WRITES);
const APART: Windows = Windows::three(PAGED, PLAIN, WRITTEN);

impl Quota<Vec<Slot>> {
    /// A request of this kind is answered at once.
    fn ask(&mut self, calls: Calls, now: u64, verdict: Verdict, limits: Limits, reset: Option<u64>) {
        let ticket = self.take(calls, at(now), at(now + 30_000));
        self.answered(ticket, at(now), &ServerClock::Unknown, verdict, &limits, reset.map(at));
    }

    fn reject(&mut self, calls: Calls, now: u64, until: Option<u64>) {
        self.ask(calls, now, Verdict::Rejected { until: until.map(at) }, Limits::default(), None);
    }

    /// The server says that so many are left of the next minute.
    fn left(&mut self, calls: Calls, now: u64, remaining: u32) {
        let limits = Limits { remaining: Some(remaining), ..Limits::default() };
        self.ask(calls, now, Verdict::Admitted, limits, Some(now + 60_000));
    }

    fn why(&self, calls: Calls, now: u64) -> Option<Reason> {
        self.opens(calls, &ServerClock::Unknown, at(now)).map(|(_, reason)| reason)
    }

    fn whys(&self, now: u64) -> [Option<Reason>; 3] {
        Calls::EACH.map(|calls| self.why(calls, now))
    }
}

fn with_terms(windows: Windows, terms: Terms) -> Quota<Vec<Slot>> {
    Quota::new(windows, terms, std::vec![Slot::FREE; windows.slots()]).unwrap().unused()
}

#[test]
fn what_is_said_of_a_window_binds_the_kinds_that_it_counts_and_no_other() {
    const TOLD: Option<Reason> = Some(Reason::ServerQuota);
    let reads = Calls::READS.and(Calls::PAGED_READS);
    let (second, hour) = (window(10, 1), window(900, 3_600));
    let table = [
        (APART, Calls::PAGED_READS, [TOLD, None, None]),
        (APART, Calls::READS, [None, TOLD, None]),
        (APART, Calls::WRITES, [None, None, TOLD]),
        (Windows::one(MINUTE), Calls::READS, [TOLD; 3]),
        (Windows::NONE, Calls::READS, [TOLD; 3]),
        (Windows::two(window(10, 60).counting(reads), WRITTEN), Calls::READS, [TOLD, TOLD, None]),
        (Windows::two(window(10, 60).counting(reads), WRITTEN), Calls::WRITES, [None, None, TOLD]),
        // It is about the longest that counts the request.
        (Windows::two(second, hour.counting(Calls::WRITES)), Calls::WRITES, [None, None, TOLD]),
        (Windows::two(second, hour.counting(Calls::WRITES)), Calls::READS, [TOLD; 3]),
        // What no window counts is one kind.
        (Windows::one(WRITTEN), Calls::READS, [TOLD, TOLD, None]),
        (Windows::one(WRITTEN), Calls::WRITES, [None, None, TOLD]),
    ];
    for (windows, asked, expected) in table {
        let mut quota = quota(windows);
        quota.left(asked, 0, 0);
        assert_eq!(quota.whys(1), expected, "{asked:?} of {windows:?}");
    }
}

#[test]
fn what_is_left_is_counted_down_by_the_kinds_that_the_window_counts() {
    for (windows, is_apart) in [(APART, true), (Windows::one(MINUTE), false), (Windows::NONE, false)] {
        let mut quota = quota(windows);
        quota.left(Calls::PAGED_READS, 0, 1);
        quota.ask(Calls::WRITES, 1, Verdict::Unclear, Limits::default(), None);
        assert_eq!(quota.why(Calls::PAGED_READS, 2).is_none(), is_apart, "{windows:?}");
        quota.ask(Calls::PAGED_READS, 2, Verdict::Unclear, Limits::default(), None);
        assert_eq!(quota.why(Calls::PAGED_READS, 3), Some(Reason::ServerQuota), "{windows:?}");
    }
}

#[test]
fn requests_of_another_kind_on_their_way_take_nothing_of_what_is_left() {
    for (windows, expected) in [(APART, None), (Windows::one(MINUTE), Some(Reason::ServerQuota))] {
        let mut quota = quota(windows);
        let _on_its_way = quota.take(Calls::WRITES, at(0), at(30_000));
        quota.left(Calls::READS, 1, 1);
        assert_eq!(quota.why(Calls::READS, 2), expected, "{windows:?}");
    }
}

#[test]
fn a_lowered_limit_is_adopted_for_the_window_of_its_kind_alone() {
    let mut quota = quota(APART);
    let limits = of_a_minute(2);
    for calls in [Calls::READS, Calls::READS, Calls::WRITES] {
        quota.ask(calls, 0, Verdict::Admitted, limits, None);
    }
    assert_eq!(quota.whys(1), [None, Some(Reason::Share(PLAIN)), None]);
    quota.ask(Calls::WRITES, 1, Verdict::Admitted, limits, None);
    assert_eq!(quota.whys(2), [None, Some(Reason::Share(PLAIN)), Some(Reason::Share(WRITTEN))]);
    for _ in 0..49 {
        quota.ask(Calls::PAGED_READS, 2, Verdict::Admitted, Limits::default(), None);
    }
    assert_eq!(quota.why(Calls::PAGED_READS, 3), None);
    quota.ask(Calls::PAGED_READS, 3, Verdict::Admitted, Limits::default(), None);
    assert_eq!(quota.why(Calls::PAGED_READS, 4), Some(Reason::Window(PAGED)));
}

#[test]
fn a_rejection_is_taken_to_be_about_the_longest_window_that_counts_the_request() {
    let (tight, wide) = (window(10, 60), window(400, 60));
    let table = [
        (APART, Calls::PAGED_READS, PAGED),
        (APART, Calls::READS, PLAIN),
        (APART, Calls::WRITES, WRITTEN),
        (Windows::two(window(10, 1), wide), Calls::READS, wide),
        (Windows::two(wide, window(10, 1)), Calls::READS, wide),
        (Windows::two(MINUTE, window(900, 3_600).counting(Calls::WRITES)), Calls::READS, MINUTE),
        (Windows::one(WRITTEN), Calls::READS, window(u32::MAX, 60)),
        // Of two that are equally long the tighter one is used up first.
        (Windows::two(tight, wide), Calls::READS, tight),
        (Windows::two(wide, tight), Calls::READS, tight),
    ];
    for (windows, asked, expected) in table {
        let mut quota = quota(windows);
        quota.reject(asked, 0, None);
        let an_eighth = expected.period.part(8);
        for calls in Calls::EACH {
            let held = quota.opens(calls, &ServerClock::Unknown, at(1));
            assert_eq!(held, Some((at(0).after(an_eighth), Reason::Rejected(expected))), "{calls:?}");
        }
    }
}

#[test]
fn what_was_learned_of_one_kind_is_no_share_of_another() {
    let mut quota = quota(APART);
    quota.reject(Calls::PAGED_READS, 0, None);
    for _ in 0..30 {
        assert_eq!(quota.why(Calls::READS, 20_001), None);
        assert_eq!(quota.why(Calls::WRITES, 20_001), None);
        quota.ask(Calls::READS, 20_001, Verdict::Admitted, Limits::default(), None);
        quota.ask(Calls::WRITES, 20_001, Verdict::Admitted, Limits::default(), None);
    }
    assert_eq!(quota.learner.learned(tick(20_002)).share, Some(25));
}

#[test]
fn a_rejection_of_another_kind_does_not_cut_a_pause_short() {
    let mut quota = quota(APART);
    let early = quota.take(Calls::WRITES, at(0), at(30_000));
    quota.reject(Calls::PAGED_READS, 1, Some(90_000));
    let verdict = Verdict::Rejected { until: Some(at(5_000)) };
    quota.answered(early, at(2), &ServerClock::Unknown, verdict, &Limits::default(), None);
    for calls in Calls::EACH {
        let held = quota.opens(calls, &ServerClock::Unknown, at(3));
        assert_eq!(held, Some((at(90_000), Reason::RetryAfter)), "{calls:?}");
    }
}

#[test]
fn a_restart_keeps_what_was_learned_of_the_longest_and_tightest_window_only() {
    for (asked, is_kept) in [(Calls::WRITES, true), (Calls::READS, false)] {
        let mut quota = quota(APART);
        quota.reject(asked, 0, None);
        assert_eq!(quota.learned(at(1)) != Learned::default(), is_kept, "{asked:?}");
        assert_eq!(quota.pause(at(0)), Duration::from_millis(7_500), "the pause is for all");
    }
}

#[test]
fn a_reserve_is_kept_of_the_longest_window_of_each_kind() {
    let terms = |reserve| Terms { reserve, ..Terms::DEFAULT };
    let new = |reserve| Quota::new(APART, terms(reserve), std::vec![Slot::FREE; APART.slots()]);
    assert_eq!(new(40).map(|_| ()), Err(QuotaError::ReserveTooLarge { limit: 40 }));
    let mut quota = new(39).unwrap().unused();
    quota.ask(Calls::WRITES, 0, Verdict::Admitted, Limits::default(), None);
    quota.ask(Calls::PAGED_READS, 0, Verdict::Admitted, Limits::default(), None);
    assert_eq!(quota.whys(1), [None, None, Some(Reason::Share(WRITTEN))]);
    for _ in 1..11 {
        assert_eq!(quota.why(Calls::PAGED_READS, 1), None);
        quota.ask(Calls::PAGED_READS, 1, Verdict::Admitted, Limits::default(), None);
    }
    assert_eq!(quota.why(Calls::PAGED_READS, 2), Some(Reason::Share(PAGED)));
}

#[test]
fn a_window_that_has_no_reserve_is_used_up_and_not_shared() {
    let (second, minute) = (window(10, 1), window(400, 60));
    let terms = Terms { reserve: 5, ..Terms::DEFAULT };
    let mut quota = with_terms(Windows::two(second, minute), terms);
    for _ in 0..10 {
        assert_eq!(quota.why(PAGES, 0), None);
        quota.ask(PAGES, 0, Verdict::Admitted, Limits::default(), None);
    }
    assert_eq!(quota.why(PAGES, 0), Some(Reason::Window(second)));
}

#[test]
fn an_even_pace_leaves_the_reserve_of_those_windows_and_of_no_other() {
    let two = Windows::two(window(10, 1), window(400, 60));
    let table = [
        (APART, 30, Calls::PAGED_READS, 60_250_u64.div_ceil(20)),
        (APART, 30, Calls::READS, 60_250_u64.div_ceil(470)),
        (APART, 30, Calls::WRITES, 60_250_u64.div_ceil(10)),
        // Less than the reserve of the short window could be.
        (two, 9, Calls::READS, 60_250_u64.div_ceil(391)),
        (two, 300, Calls::READS, 60_250_u64.div_ceil(100)),
    ];
    for (windows, reserve, calls, distance) in table {
        let terms = Terms { reserve, pace: Pace::Even, ..Terms::DEFAULT };
        let mut quota = with_terms(windows, terms);
        quota.ask(calls, 0, Verdict::Admitted, Limits::default(), None);
        let opens = quota.opens(calls, &ServerClock::Unknown, at(1)).map(|(until, _)| until.as_millis());
        assert_eq!(opens, Some(distance), "{calls:?} of {windows:?}");
    }
}

#[test]
fn kinds_of_requests_add_up() {
    let reads = Calls::READS.and(Calls::PAGED_READS);
    assert_eq!(reads.and(Calls::READS), reads);
    assert_eq!(reads.and(Calls::WRITES), Calls::ALL);
}

#[test]
fn the_windows_are_those_that_were_given() {
    for windows in [APART, Windows::one(MINUTE), Windows::NONE] {
        assert!(quota(windows).windows().eq(windows.iter()), "{windows:?}");
    }
}

#[test]
fn what_is_told_of_every_window_fits_96_bytes() {
    let size = size_of::<[ServerQuota; Windows::CAPACITY + 1]>();
    assert!(size <= 96, "{size} bytes");
}
