//! Kills the program at random moments, again and again, and runs the same command each time: the output ends up as if
//! nothing had happened, and no request was one too many, whatever the kind of window.

#[path = "cli/common.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod common;

use common::{Api, Directory, config, pull_with_state, summary};
use std::hint;
use std::process::{Child, Stdio};
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
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let given = std::env::var("KILL_LOOP_SEED").ok().map(|seed| seed.parse().unwrap());
    let seed: u64 = given.unwrap_or(since_1970.as_nanos() as u64);
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

fn kill_loop(window: WindowKind, mut random: Random) -> Stats {
    let (arrived, requests) = mpsc::channel();
    let config = Config { window, limit: LIMIT, window_ms: WINDOW_MS, ..config(1_500, 6) };
    let api = Api::watched(config, move |_| {
        let _ = arrived.send(());
    });
    let directory = Directory::new(&format!("kill_loop_{window:?}"));
    let (limit, window_ms) = (LIMIT.to_string(), format!("{WINDOW_MS}ms"));
    let mut command = pull_with_state(&api, &directory, &["--limit", &limit, "--window", &window_ms]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
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
