//! What the state file keeps, and what a restart makes of it.

use super::*;
use tidegate_core::api::{Project, comanage};
use tidegate_core::pull::{Pull, Settings};

fn file() -> StateFile {
    StateFile::unlocked(Path::new("x.state"))
}

/// The checkpoint of a pull that has not begun.
fn at_start() -> Checkpoint {
    let project = Project::new(&comanage::API, "https://api.example", "key").unwrap();
    let endpoint = comanage::list("/folders");
    *Pull::new(&project, &endpoint, &Settings::DEFAULT, &mut [], None).unwrap().checkpoint()
}

fn held(window: usize, millis: u64) -> Held {
    Held { window, requests: 1, left: Duration::from_millis(millis) }
}

fn state() -> State {
    State {
        position: Position::new(at_start(), Mark::of_nothing(), Place::Part),
        missing: 7,
        spent: Spent {
            held: vec![held(0, 60_000), held(0, 20_000), held(2, 1)],
            in_flight: 2,
            hints: Hints {
                pause: Duration::from_secs(3),
                learned: Learned {
                    share: Some(180),
                    windows: LearnedWindows::Fixed {
                        earliest: Duration::from_secs(20),
                        latest: Duration::from_secs(17),
                    },
                },
                maintenance: Announcement::new(Some(UnixTime::from_secs(7)), Some(UnixTime::from_secs(9))),
                shut: Duration::from_secs(5),
            },
        },
        saved: UnixTime::from_millis(1_800_000_000_123),
    }
}

#[test]
fn a_state_survives_its_storage() {
    let position =
        Position::new(at_start(), Mark { bytes: 3, inode: 5, ..Mark::of_nothing() }, Place::Output);
    for state in [state(), State { spent: Spent::default(), position, missing: 0, ..state() }] {
        assert_eq!(file().read(&file().write(&state).unwrap()), Ok(state));
    }
}

#[test]
fn what_was_spent_fades_with_time_and_not_with_a_clock_that_was_set_back() {
    let saved = state().saved.as_millis();
    let at = |millis| state().spent_at(UnixTime::from_millis(millis)).held;
    let all = state().spent.held;
    assert_eq!(at(saved), all);
    assert_eq!(at(saved + 5_000), [held(0, 55_000), held(0, 15_000)]);
    assert_eq!(at(saved + 20_000), [held(0, 40_000)]);
    assert_eq!(at(saved + 60_000), []);
    assert_eq!(at(saved - 3_600_000), all);
    assert_eq!(at(0), all);
}

#[test]
fn hexadecimal_digits_come_in_pairs() {
    assert_eq!(from_hex(&to_hex(&[0, 15, 16, 255])), Some(vec![0, 15, 16, 255]));
    for text in ["0", "0g", "é", "+1"] {
        assert_eq!(from_hex(text), None, "{text}");
    }
}
