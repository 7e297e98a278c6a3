use super::*;
use crate::quota::{LearnedWindows, Window};

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

const MINUTE: Window = Window::new(20, Duration::from_secs(60));
const PAGES: Calls = Calls::PAGED_READS;
const PAGE: Needs = Needs { calls: Some(PAGES), turn: false, token: false };

fn answer(gate: &mut Gate<[Slot; 20]>, hold: Hold, now: Instant, fields: &Fields, is_admitted: bool) {
    gate.settle::<Everything>(hold, now, Settled::Answered { fields, is_admitted: Some(is_admitted) });
}

fn gate() -> Gate<[Slot; 20]> {
    Gate::new(Windows::one(MINUTE), Terms::DEFAULT, [Slot::FREE; 20]).unwrap().unused()
}

fn fields(fields: &[(&str, &str)]) -> Fields {
    Fields::read(fields.iter().map(|(name, value)| (*name, value.as_bytes())), None)
}

/// A request is sent and rejected at once, with these fields.
fn reject(gate: &mut Gate<[Slot; 20]>, at: Instant, named: &[(&str, &str)]) {
    let hold = gate.leave::<Everything>(PAGE, 0, at, at);
    answer(gate, hold, at, &fields(named), false);
}

const fn limit(reason: Reason) -> WaitReason {
    WaitReason::Limit(reason)
}

#[test]
fn a_hint_of_the_server_is_obeyed_first() {
    let mut gate = gate();
    reject(&mut gate, at(1_000), &[("Retry-After", "7"), ("RateLimit", "\"x\";r=0;t=5")]);
    assert_eq!(gate.opens(PAGES, at(1_000)), Some((at(8_000), limit(Reason::RetryAfter))));
}

#[test]
fn no_hint_brings_a_request_within_three_seconds_of_a_rejection() {
    let mut gate = gate();
    reject(&mut gate, at(1_000), &[("Retry-After", "0")]);
    assert_eq!(gate.opens(PAGES, at(1_000)), Some((at(4_000), limit(Reason::RetryAfter))));
}

#[test]
fn a_later_hint_does_not_open_what_an_earlier_one_shut_for_longer() {
    let mut gate = gate();
    // Both left before either was answered.
    let [first, second] =
        [gate.leave::<Everything>(PAGE, 0, at(0), at(9)), gate.leave::<Everything>(PAGE, 0, at(0), at(9))];
    answer(&mut gate, first, at(1), &fields(&[("Retry-After", "90")]), false);
    answer(&mut gate, second, at(2), &fields(&[("Retry-After", "7")]), false);
    assert_eq!(gate.opens(PAGES, at(2)), Some((at(90_001), limit(Reason::RetryAfter))));
}

#[test]
fn no_hint_shuts_the_gate_for_longer_than_a_day() {
    for hint in [
        ("Retry-After", "18446744073709551"),
        ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ("RateLimit", "\"x\";r=0;t=999999999999999"),
        ("X-RateLimit-Reset", "253402300799"),
    ] {
        let mut gate = gate();
        gate.clock.learn(UnixTime::from_secs(1_800_000_000), at(0), at(0));
        reject(&mut gate, at(1_000), &[hint]);
        let (until, _) = gate.opens(PAGES, at(1_000)).unwrap();
        let day = at(86_401_000).after(MINUTE.slack);
        assert!((at(86_401_000)..=day).contains(&until), "{hint:?}: {until:?}");
    }
}

#[test]
fn a_date_as_hint_is_placed_by_the_servers_clock_or_not_at_all() {
    let hint = ("Retry-After", "Fri, 15 Jan 2027 08:00:30 GMT");
    let mut unknown = gate();
    reject(&mut unknown, at(0), &[hint]);
    assert_eq!(unknown.opens(PAGES, at(0)), Some((at(7_500), limit(Reason::Rejected(MINUTE)))));
    let mut known = gate();
    reject(&mut known, at(0), &[hint, ("Date", "Fri, 15 Jan 2027 08:00:00 GMT")]);
    assert_eq!(known.opens(PAGES, at(0)), Some((at(30_000), limit(Reason::RetryAfter))));
}

#[test]
fn nothing_is_sent_while_the_server_says_that_nothing_is_left() {
    for (value, until) in [
        ([("RateLimit", "\"x\";r=0;t=9"), ("Date", "-")], 9_250),
        ([("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "9")], 9_250),
        ([("X-RateLimit-Remaining", "\"0\""), ("RateLimit-Reset", "9")], 9_250),
    ] {
        let mut gate = gate();
        let ticket = gate.leave::<Everything>(PAGE, 0, at(0), at(0));
        answer(&mut gate, ticket, at(0), &fields(&value), true);
        assert_eq!(gate.opens(PAGES, at(0)), Some((at(until), limit(Reason::ServerQuota))));
        assert_eq!(gate.opens(PAGES, at(until)), None);
    }
}

#[test]
fn what_the_server_says_is_left_is_counted_down() {
    let mut gate = gate();
    let ticket = gate.leave::<Everything>(PAGE, 0, at(0), at(0));
    answer(&mut gate, ticket, at(0), &fields(&[("RateLimit", "\"x\";r=2;t=9")]), true);
    for millis in [1, 2] {
        assert_eq!(gate.opens(PAGES, at(millis)), None);
        let ticket = gate.leave::<Everything>(PAGE, 0, at(millis), at(millis));
        gate.settle::<Everything>(ticket, at(millis), Settled::Unanswered);
    }
    assert_eq!(gate.opens(PAGES, at(3)), Some((at(9_250), limit(Reason::ServerQuota))));
}

#[test]
fn a_limit_that_is_lowered_is_adopted() {
    for field in [("RateLimit-Policy", "3;w=60"), ("RateLimit-Policy", "\"x\";q=3;w=60")] {
        let mut gate = gate();
        for _ in 0..3 {
            assert_eq!(gate.opens(PAGES, at(0)), None, "{field:?}");
            let ticket = gate.leave::<Everything>(PAGE, 0, at(0), at(0));
            answer(&mut gate, ticket, at(0), &fields(&[field]), true);
        }
        assert_eq!(gate.opens(PAGES, at(0)), Some((at(60_250), limit(Reason::Share(MINUTE)))), "{field:?}");
    }
}

#[test]
fn a_limit_of_another_window_is_not_adopted() {
    for policies in ["1;w=1, 900;w=3600", "1;w=1"] {
        let mut gate = gate();
        let ticket = gate.leave::<Everything>(PAGE, 0, at(0), at(0));
        let fields = fields(&[("RateLimit-Policy", policies), ("X-RateLimit-Limit", "1")]);
        answer(&mut gate, ticket, at(0), &fields, true);
        assert_eq!(gate.opens(PAGES, at(0)), None, "{policies}");
    }
    // A limit without a period may be that of any window, even where one is configured: this one ends in a second.
    let bare = [("X-RateLimit-Limit", "1"), ("X-RateLimit-Remaining", "9"), ("X-RateLimit-Reset", "1")];
    let mut gate = gate();
    let ticket = gate.leave::<Everything>(PAGE, 0, at(0), at(0));
    answer(&mut gate, ticket, at(0), &fields(&bare), true);
    assert_eq!(gate.opens(PAGES, at(0)), None);
    let windows = Windows::two(Window::new(3, Duration::from_secs(1)), MINUTE);
    let mut gate = Gate::new(windows, Terms::DEFAULT, [Slot::FREE; 23]).unwrap().unused();
    let ticket = gate.leave::<Everything>(PAGE, 0, at(0), at(0));
    gate.settle::<Everything>(
        ticket,
        at(0),
        Settled::Answered { fields: &fields(&[("X-RateLimit-Limit", "1")]), is_admitted: Some(true) },
    );
    assert_eq!(gate.opens(PAGES, at(0)), None);
}

#[test]
fn a_gate_that_knows_nothing_of_the_time_before_begins_as_if_it_was_used_up() {
    let mut gate = Gate::new(Windows::one(MINUTE), Terms::DEFAULT, [Slot::FREE; 20]).unwrap();
    gate.begin(at(5_000));
    assert_eq!(gate.opens(PAGES, at(5_000)), Some((at(65_250), limit(Reason::Window(MINUTE)))));
    gate.begin(at(6_000));
    assert_eq!(gate.opens(PAGES, at(65_250)), None, "it has begun once");
}

/// The gate after a restart that took so many milliseconds.
fn restarted(before: &Gate<[Slot; 20]>, now: Instant, elapsed: u64) -> Gate<[Slot; 20]> {
    let elapsed = Duration::from_millis(elapsed);
    let mut after = gate();
    let held = before.held(now).map(|held| held.later(elapsed));
    after.restore(held, before.in_flight(now), before.hints(now).later(elapsed), at(0));
    after
}

#[test]
fn a_restart_does_not_cut_a_pause_short() {
    let mut before = gate();
    reject(&mut before, at(0), &[("Retry-After", "30")]);
    let after = restarted(&before, at(1_000), 9_000);
    assert_eq!(after.opens(PAGES, at(0)), Some((at(20_000), limit(Reason::Rejected(MINUTE)))));
}

#[test]
fn a_restored_pause_is_no_longer_than_a_day() {
    let mut gate = gate();
    gate.restore([], 0, Hints { pause: Duration::MAX, ..Hints::default() }, at(0));
    assert_eq!(gate.opens(PAGES, at(0)), Some((at(24 * 60 * 60 * 1_000), limit(Reason::Rejected(MINUTE)))));
}

#[test]
fn a_restart_does_not_forget_announced_maintenance() {
    let noon = UnixTime::from_secs(1_800_000_000);
    let window = Announcement::new(Some(noon), Some(UnixTime::from_secs(1_800_000_100)));
    let mut gate = gate();
    gate.restore([], 0, Hints { maintenance: window, ..Hints::default() }, at(0));
    assert_eq!(gate.opens(PAGES, at(0)), None, "the clock is unknown");
    gate.assume_clock(noon, at(0));
    assert_eq!(gate.opens(PAGES, at(0)), Some((at(105_000), WaitReason::Maintenance)));
}

#[test]
fn a_restart_does_not_forget_maintenance_under_way() {
    let mut before = gate();
    let shut = Hints { shut: Duration::from_secs(60), ..Hints::default() };
    before.restore([], 0, shut, at(0));
    let after = restarted(&before, at(10_000), 20_000);
    assert_eq!(after.opens(PAGES, at(0)), Some((at(30_000), WaitReason::Maintenance)));
}

#[test]
fn requests_on_their_way_when_the_power_went_count_from_the_restart() {
    let mut before = gate();
    for _ in 0..20 {
        let _ = before.leave::<Everything>(PAGE, 0, at(0), at(30_000));
    }
    let after = restarted(&before, at(100), 50);
    assert_eq!(after.opens(PAGES, at(0)), Some((at(60_250), limit(Reason::Window(MINUTE)))));
}

#[test]
fn a_restart_does_not_forget_what_rejections_have_taught() {
    let mut before = gate();
    for (sent, is_admitted) in [(0, false), (12_000, true)] {
        let ticket = before.leave::<Everything>(PAGE, 0, at(sent), at(sent));
        answer(&mut before, ticket, at(sent), &Fields::read([], None), is_admitted);
    }
    let learned = before.hints(at(15_000)).learned;
    let window = LearnedWindows::Fixed { earliest: Duration::from_secs(15), latest: Duration::from_secs(3) };
    assert_eq!(learned, Learned { share: Some(10), windows: window });
    let mut after = gate();
    let now = at(100_000);
    after.restore([], 0, before.hints(at(15_000)).later(Duration::from_secs(5)), now);
    // The window may have been used up before the power went: the next one begins 60 s after 8 s ago, give or take
    // the second by which a clock may have been set.
    assert_eq!(after.opens(PAGES, now), Some((at(153_100), limit(Reason::Share(MINUTE)))));
    let ticket = after.leave::<Everything>(PAGE, 0, at(153_100), at(153_100));
    answer(&mut after, ticket, at(153_200), &Fields::read([], None), true);
    assert!(matches!(after.hints(at(153_200)).learned.windows, LearnedWindows::Fixed { .. }));
    // What is too old, or lies before the clock's start, is forgotten.
    for (elapsed, now) in [(600, at(1_000_000)), (5, at(3_000))] {
        let mut after = gate();
        after.restore([], 0, before.hints(at(15_000)).later(Duration::from_secs(elapsed)), now);
        assert_eq!(after.opens(PAGES, now), None);
    }
}

#[test]
fn of_several_reasons_the_longest_counts() {
    let mut gate = gate();
    let tickets: [Hold; 20] = core::array::from_fn(|_| gate.leave::<Everything>(PAGE, 0, at(0), at(0)));
    tickets.into_iter().for_each(|ticket| gate.settle::<Everything>(ticket, at(0), Settled::Unanswered));
    reject(&mut gate, at(0), &[("Retry-After", "5")]);
    assert!(
        matches!(gate.opens(PAGES, at(0)), Some((until, WaitReason::Limit(Reason::Window(_)))) if until == at(60_250))
    );
}

#[test]
fn whatever_may_open_the_gate_earlier_changes_its_number() {
    let mut gate = gate();
    let mut numbers = std::vec![gate.changed()];
    type Change = fn(&mut Gate<[Slot; 20]>, Hold);
    let changes: [Change; 5] = [
        |gate, hold| answer(gate, hold, at(1), &fields(&[]), true),
        |gate, hold| gate.settle::<Everything>(hold, at(1), Settled::Unanswered),
        |gate, hold| gate.settle::<Everything>(hold, at(1), Settled::Dropped),
        |gate, hold| gate.stop_asking(hold.lease),
        |gate, _| gate.served(&fields(&[]), 0),
    ];
    for change in changes {
        let hold = gate.leave::<Everything>(PAGE, 0, at(0), at(9));
        let _ = gate.opens(PAGES, at(0));
        assert_eq!(Some(&gate.changed()), numbers.last(), "a request that leaves opens nothing");
        change(&mut gate, hold);
        assert!(!numbers.contains(&gate.changed()), "{numbers:?}");
        numbers.push(gate.changed());
    }
}

#[test]
fn of_two_reasons_the_one_that_lasts_longer_counts() {
    let ends = |waits: &[(u64, Why)]| {
        let mut wait = Wait { until: at(1), why: Why::Maintenance };
        waits.iter().for_each(|(until, why)| wait.outlast(at(*until), *why));
        (wait.until, wait.why)
    };
    let (sooner, later) = ((2, Why::Turn), (3, Why::Token));
    assert_eq!(ends(&[sooner, later]), (at(3), Why::Token));
    assert_eq!(ends(&[later, sooner]), (at(3), Why::Token));
    assert_eq!(ends(&[sooner, (2, Why::Token)]), (at(2), Why::Token), "of equal ones the second");
    assert_eq!(ends(&[(0, Why::Turn)]), (at(1), Why::Maintenance));
}

/// A profile that neither learns nor reads what answers say of the limit.
enum Least {}

impl Profile for Least {
    const CAPABILITIES: crate::profile::Capabilities = crate::profile::Capabilities::LEAST;
}

#[test]
fn what_one_profile_was_told_holds_for_another_one() {
    let mut gate = gate();
    let send = |gate: &mut Gate<[Slot; 20]>, now: u64, is_admitted: bool| {
        let hold = gate.leave::<Least>(PAGE, 0, at(now), at(now));
        let fields = fields(&[]);
        let answered = Settled::Answered { fields: &fields, is_admitted: Some(is_admitted) };
        gate.settle::<Least>(hold, at(now), answered);
    };
    send(&mut gate, 0, false);
    assert_eq!(gate.opens(PAGES, at(0)), Some((at(60_250), limit(Reason::Rejected(MINUTE)))));
    for sent in 0..20 {
        send(&mut gate, 100_000 + sent, true);
    }
    // The window is full for everyone.
    assert_eq!(gate.opens(PAGES, at(100_100)), Some((at(160_250), limit(Reason::Window(MINUTE)))));
}

#[test]
fn a_wait_that_is_over_does_not_come_back_with_a_request_of_another_profile() {
    const DAY: u64 = 24 * 60 * 60 * 1_000;
    let mut gate = gate();
    let hold = gate.leave::<Everything>(PAGE, 0, at(DAY), at(DAY));
    answer(&mut gate, hold, at(DAY), &fields(&[("RateLimit", "\"x\";r=0;t=60")]), true);
    for days in 2..40 {
        let now = at(days * DAY);
        assert_eq!(gate.opens(PAGES, now), None, "{days}");
        let hold = gate.leave::<Least>(PAGE, 0, now, now);
        let answered = Settled::Answered { fields: &fields(&[]), is_admitted: Some(true) };
        gate.settle::<Least>(hold, now, answered);
        assert_eq!(gate.opens(PAGES, now), None, "{days}");
    }
}

#[test]
fn a_rejection_that_says_nothing_new_holds_requests_back_for_three_seconds_all_the_same() {
    let mut gate = gate();
    let [first, second] = [0, 0].map(|sent| gate.leave::<Everything>(PAGE, 0, at(sent), at(9_000)));
    answer(&mut gate, first, at(1_000), &fields(&[("Retry-After", "0")]), false);
    answer(&mut gate, second, at(3_500), &fields(&[("Retry-After", "0")]), false);
    assert_eq!(gate.opens(PAGES, at(3_500)), Some((at(6_500), limit(Reason::RetryAfter))));
}
