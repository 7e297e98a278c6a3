//! How much a preset leaves to others and takes back, and how far a predicted window may have drifted: each number.

use super::*;

const SHARINGS: [Sharing; 3] = [Sharing::Greedy, Sharing::Fair, Sharing::Polite];
/// When the tests begin.
const NOW: u64 = 1_000_000;

/// A client of a minute of 200 that has learned this before.
fn learned(sharing: Sharing, share: Option<u32>, windows: LearnedWindows) -> Quota<Vec<Slot>> {
    let terms = Terms { sharing, ..Terms::DEFAULT };
    let mut quota = Quota::new(Windows::one(MINUTE), terms, std::vec![Slot::FREE; 200]).unwrap();
    quota.restore([], 0, Learned { share, windows }, Duration::ZERO, at(NOW));
    quota
}

/// A request leaves and is answered 100 ms later.
fn answer(quota: &mut Quota<Vec<Slot>>, now: u64, verdict: Verdict) {
    let ticket = quota.take(PAGES, at(now), at(now + 30_000));
    quota.answered(ticket, at(now + 100), &ServerClock::Unknown, verdict, &Limits::default(), None);
}

fn share(quota: &Quota<Vec<Slot>>) -> Option<u32> {
    quota.learned(at(NOW)).share
}

#[test]
fn where_there_are_no_fixed_windows_a_rejection_leaves_a_part_of_what_was_used() {
    for (sharing, expected) in SHARINGS.into_iter().zip([101, 90, 85]) {
        let mut quota = learned(sharing, None, LearnedWindows::Other);
        (0..100).for_each(|i| answer(&mut quota, NOW + i, Verdict::Admitted));
        answer(&mut quota, NOW + 100, Verdict::Rejected { until: None });
        assert_eq!(share(&quota), Some(expected), "of 101, {sharing:?}");
    }
}

#[test]
fn where_there_are_no_fixed_windows_a_share_grows_with_answers() {
    // A window's worth of answers is worth a half, a fifth, a twentieth of the limit.
    for (sharing, expected) in SHARINGS.into_iter().zip([[51, 67], [50, 57], [50, 51]]) {
        let mut quota = learned(sharing, Some(50), LearnedWindows::Other);
        answer(&mut quota, NOW, Verdict::Admitted);
        assert_eq!(share(&quota), Some(expected[0]), "{sharing:?}");
        (1..10).for_each(|i| answer(&mut quota, NOW + i, Verdict::Admitted));
        assert_eq!(share(&quota), Some(expected[1]), "{sharing:?}");
    }
}

#[test]
fn in_fixed_windows_a_share_grows_with_each_that_had_room_for_all_of_it() {
    let fixed = |sharing| {
        let windows =
            LearnedWindows::Fixed { earliest: Duration::from_secs(10), latest: Duration::from_secs(9) };
        learned(sharing, Some(50), windows)
    };
    for (sharing, growth) in SHARINGS.into_iter().zip([0, 20, 10]) {
        let mut quota = fixed(sharing);
        let mut shares = Vec::new();
        let mut now = NOW;
        for _ in 0..200 {
            while let Some((until, _)) = quota.wait(now) {
                now = until.as_millis();
            }
            answer(&mut quota, now, Verdict::Admitted);
            now += 100;
            shares.extend(share(&quota));
        }
        shares.dedup();
        assert_eq!(
            shares.get(..2),
            (growth > 0).then_some(&[50, 50 + growth][..]),
            "{sharing:?}: {shares:?}"
        );
    }
}

#[test]
fn a_window_that_began_unseen_may_have_drifted() {
    let windows = LearnedWindows::Fixed { earliest: Duration::from_secs(10), latest: Duration::from_secs(9) };
    // The next window begins by 1,051,000. Heard right behind that, it has begun by then; later, a six-hundredth of a
    // period is added.
    for (sent, begun_by) in [(1_051_000, 1_051_100), (1_052_800, 1_052_900), (1_056_000, 1_051_100)] {
        let mut quota = learned(Sharing::Greedy, None, windows);
        answer(&mut quota, sent, Verdict::Admitted);
        let now = sent + 100;
        let expected = LearnedWindows::Fixed {
            earliest: Duration::from_millis(now - 1_050_000),
            latest: Duration::from_millis(now - begun_by),
        };
        assert_eq!(quota.learned(at(now)).windows, expected, "sent at {sent}");
    }
}

#[test]
fn a_reserve_and_a_share_are_the_smaller_of_the_two() {
    let terms = Terms { reserve: 100, ..Terms::DEFAULT };
    let mut quota = Quota::new(Windows::one(MINUTE), terms, std::vec![Slot::FREE; 200]).unwrap();
    quota.restore(
        [],
        0,
        Learned { share: Some(150), windows: LearnedWindows::Other },
        Duration::ZERO,
        at(NOW),
    );
    (0..100).for_each(|i| answer(&mut quota, NOW + i, Verdict::Admitted));
    assert_eq!(quota.wait(NOW + 200).map(|(_, why)| why), Some(Reason::Share(MINUTE)));
}
