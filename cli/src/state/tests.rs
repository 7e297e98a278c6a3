//! What the state file keeps, and what a restart makes of it.

use super::*;
use tidegate_core::api::{Project, comanage};
use tidegate_core::pull::{Pull, Settings};

fn file() -> StateFile {
    let lock = File::open("/dev/null").unwrap();
    StateFile { path: PathBuf::from("x.state"), output_name: "x.ndjson".to_owned(), _lock: lock }
}

/// The checkpoint of a pull that has not begun.
fn at_start() -> Checkpoint {
    let project = Project::new(&comanage::API, "https://api.example", "key").unwrap();
    let endpoint = comanage::list("/folders");
    *Pull::new(&project, &endpoint, &Settings::DEFAULT, &mut [], None).unwrap().checkpoint()
}

fn used(requests: u32, millis: u64) -> Used {
    Used { requests, left: Duration::from_millis(millis) }
}

fn state() -> State {
    State {
        checkpoint: at_start(),
        output_bytes: 0,
        spent: Spent {
            windows: [used(7, 60_000), used(9, 1), Used::default()],
            pause: Duration::from_secs(3),
        },
        saved: UnixTime::from_millis(1_800_000_000_123),
    }
}

#[test]
fn a_state_survives_its_storage() {
    for state in [state(), State { spent: Spent::default(), ..state() }] {
        assert_eq!(file().read(&file().write(&state).unwrap()), Ok(state));
    }
}

#[test]
fn what_was_spent_fades_with_time_and_not_with_a_clock_that_was_set_back() {
    let saved = state().saved.as_millis();
    let at = |millis| state().spent_at(UnixTime::from_millis(millis)).windows[0];
    assert_eq!(at(saved), used(7, 60_000));
    assert_eq!(at(saved + 20_000), used(7, 40_000));
    assert_eq!(at(saved + 60_000), used(0, 0));
    assert_eq!(at(saved - 3_600_000), used(7, 60_000));
    assert_eq!(at(0), used(7, 60_000));
}

#[test]
fn hexadecimal_digits_come_in_pairs() {
    assert_eq!(from_hex(&to_hex(&[0, 15, 16, 255])), Some(vec![0, 15, 16, 255]));
    for text in ["0", "0g", "é", "+1"] {
        assert_eq!(from_hex(text), None, "{text}");
    }
}
