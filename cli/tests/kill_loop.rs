//! Kills the program at random moments, again and again, and runs the same command each time: the output ends up as if
//! nothing had happened, and no request was one too many, whatever the kind of window.

#[path = "cli/common.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod common;

use common::{Api, Directory, config, pull_with_state, summary};
use std::hint;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tidegate_simulator::{Config, Stats, WindowKind};

const KILLS: u32 = 50;
/// So small that the limit is what the pull waits for most.
const LIMIT: u32 = 20;
const WINDOW_MS: u64 = 600;

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "with the seed it can be run again")]
fn killed_at_random_moments_it_ends_with_the_same_bytes_and_no_rejection() {
    let seed = seed();
    println!("KILL_LOOP_SEED={seed}");
    let kinds = [WindowKind::Epoch, WindowKind::FirstRequest, WindowKind::Timer, WindowKind::Sliding];
    thread::scope(|scope| {
        for (number, kind) in kinds.into_iter().enumerate() {
            scope.spawn(move || {
                let Stats { requests, rejected, busiest_window, .. } = kill_loop(kind, Random(seed + number as u64));
                println!(
                    "{kind:?}: {KILLS} kills, {requests} requests, at most {busiest_window} in a window of {LIMIT}, \
                     {rejected} rejected"
                );
                assert_eq!(rejected, 0, "{kind:?}");
            });
        }
    });
}

#[test]
#[expect(clippy::print_stdout, reason = "with the seed it can be run again")]
fn killed_at_random_moments_a_pull_anew_leaves_the_earlier_output_until_it_is_whole() {
    const OLDER: &[u8] = b"last night's\n";
    let seed = seed();
    println!("KILL_LOOP_SEED={seed}");
    let mut random = Random(seed);
    let (api, requests) = served(WindowKind::Sliding, 600);
    let directory = Directory::new("kill_loop_anew");
    let mut again = killed(&api, &directory, &[]);
    // The limit of 100 pages takes three seconds, in which the first pull need not be looked at.
    assert!(killed(&api, &directory, &[]).status().unwrap().success());
    let last_night = directory.read("objects.state");
    std::fs::write(directory.file("objects.ndjson"), OLDER).unwrap();
    while requests.try_recv().is_ok() {}
    let mut anew = killed(&api, &directory, &["--restart"]);
    let mut kills = 0;
    loop {
        // Until it has a page the state is last night's, and the pull begins anew once more.
        let position = |state: &[u8]| {
            let state: serde_json::Value = serde_json::from_slice(state).unwrap();
            state["checkpoint"].as_str().map(ToOwned::to_owned)
        };
        let has_page = position(&directory.read("objects.state")) != position(&last_night);
        let command = if has_page { &mut again } else { &mut anew };
        let mut child = command.spawn().unwrap();
        wait_for(&requests, random.below(4), &mut child);
        spin(Duration::from_micros(random.below(6_000)));
        if child.try_wait().unwrap().is_some_and(|status| status.success()) {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        while requests.try_recv().is_ok() {}
        let output = directory.read("objects.ndjson");
        assert!(output == OLDER || output == api.expected(), "after {kills} kills the output is neither");
    }
    println!("{kills} kills");
    assert!(kills > 20, "{kills}");
    assert!(directory.read("objects.ndjson") == api.expected());
    assert!(!directory.has("objects.ndjson.part"));
    assert_eq!(api.stats().rejected, 0);
}

/// The seed of this run, or the one that is given.
fn seed() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let given = std::env::var("KILL_LOOP_SEED").ok().map(|seed| seed.parse().unwrap());
    given.unwrap_or(since_1970.as_nanos() as u64)
}

/// An API with so many items, six on a page, that tells of each request.
fn served(window: WindowKind, items: u64) -> (Api, Receiver<()>) {
    let (arrived, requests) = mpsc::channel();
    let config = Config { window, limit: LIMIT, window_ms: WINDOW_MS, ..config(items, 6) };
    let api = Api::watched(config, move |_| {
        let _ = arrived.send(());
    });
    (api, requests)
}

/// The pull that is killed.
fn killed(api: &Api, directory: &Directory, extra: &[&str]) -> Command {
    let (limit, window_ms) = (LIMIT.to_string(), format!("{WINDOW_MS}ms"));
    let mut command = pull_with_state(api, directory, &["--limit", &limit, "--window", &window_ms]);
    command.args(extra).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn kill_loop(window: WindowKind, mut random: Random) -> Stats {
    let (api, requests) = served(window, 1_500);
    let directory = Directory::new(&format!("kill_loop_{window:?}"));
    let mut command = killed(&api, &directory, &[]);
    for kill in 0..KILLS {
        let mut child = command.spawn().unwrap();
        // Some die before their first request, most with one in flight or a page on its way to the disk.
        let (before, spin_us) = match random.below(6) {
            0 => (0, random.below(20_000)),
            _ => (1 + random.below(5), random.below(6_000)),
        };
        wait_for(&requests, before, &mut child);
        spin(Duration::from_micros(spin_us));
        assert!(
            child.try_wait().unwrap().is_none(),
            "the pull was over before kill {kill}: give it more pages"
        );
        child.kill().unwrap();
        child.wait().unwrap();
        while requests.try_recv().is_ok() {}
    }
    assert!(command.status().unwrap().success());
    assert!(directory.read("objects.ndjson") == api.expected(), "{window:?}: the bytes differ");
    assert_eq!(summary(&directory)["items"], 1_500);
    api.stats()
}

/// Waits for so many requests to arrive, as long as the child may still send some.
fn wait_for(requests: &Receiver<()>, count: u64, child: &mut Child) {
    let mut arrived = 0;
    while arrived < count {
        match requests.recv_timeout(Duration::from_millis(50)) {
            Ok(()) => arrived += 1,
            Err(RecvTimeoutError::Timeout) if child.try_wait().unwrap().is_none() => {}
            Err(_) => return,
        }
    }
}

fn spin(length: Duration) {
    let began = Instant::now();
    while began.elapsed() < length {
        hint::spin_loop();
    }
}
