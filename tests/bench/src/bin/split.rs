//! Strict split of a page into its raw items, side by side. Prints one table.
//!
//! The readers take turns in each round, so what else the machine does hits all of them. A ratio is the median over
//! the rounds of how much faster a reader was than `serde_json` with `RawValue` in the same round.

use std::time::{Duration, Instant, SystemTime};

use tidegate_bench::corpora::{self, Corpus};
use tidegate_bench::peers;

/// At least fifteen are needed for a median that means something.
const ROUNDS: usize = 15;
const SIZE: usize = 16 << 20;

fn main() {
    let rounds = argument(1).unwrap_or(ROUNDS);
    let size = argument(2).unwrap_or(SIZE);
    let width = if cfg!(feature = "simd") { "16 bytes at once (feature `simd`)" } else { "8 bytes at once" };
    println!("{} on {}, {rounds} rounds, Tidegate reads {width}", today(), processor());
    println!();
    println!(
        "| MB/s, times RawValue | MB | RawValue | Tidegate, whole | 16 KB | 1 KB | 64 B | IgnoredAny | typed \
         | sonic-rs | simd-json | picojson |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for corpus in corpora::all(size) {
        row(&corpus, rounds);
    }
}

fn argument(at: usize) -> Option<usize> {
    std::env::args().nth(at).map(|text| text.parse().expect("a number"))
}

fn row(corpus: &Corpus, rounds: usize) {
    let page = &*corpus.page;
    let items = corpus.items;
    let mut copy = page.to_vec();
    let mut buffers = simd_json::Buffers::new(page.len());
    let (mut item, mut cursor, mut scratch) = (vec![0; 64 << 10], [0; 64], vec![0; 64 << 10]);
    let typed = peers::typed(corpus.name);
    let mut times: [Vec<Duration>; 10] = Default::default();
    for round in 0..=rounds {
        copy.copy_from_slice(page);
        let taken = [
            time(|| Some(peers::raw_values(page)), items),
            time(|| Some(peers::tidegate(page, page.len(), &mut item, &mut cursor)), items),
            time(|| Some(peers::tidegate(page, 16 << 10, &mut item, &mut cursor)), items),
            time(|| Some(peers::tidegate(page, 1 << 10, &mut item, &mut cursor)), items),
            time(|| Some(peers::tidegate(page, 64, &mut item, &mut cursor)), items),
            time(|| Some(peers::ignored(page)), items),
            time(|| typed.map(|typed| typed(page)), items),
            time(|| Some(peers::sonic(page)), items),
            time(|| Some(peers::simd(&mut copy, &mut buffers)), items),
            time(|| peers::pico(page, &mut scratch), items),
        ];
        // The first round only warms up.
        if round > 0 {
            times.iter_mut().zip(taken).for_each(|(times, taken)| times.extend(taken));
        }
    }
    let cells: Vec<_> = times.iter().map(|reader| cell(page.len(), reader, &times[0])).collect();
    println!("| {} | {:.1} | {} |", corpus.name, page.len() as f64 / 1e6, cells.join(" | "));
}

/// How long it took, if it can be done at all.
fn time(read: impl FnOnce() -> Option<usize>, items: usize) -> Option<Duration> {
    let start = Instant::now();
    let found = read();
    let taken = start.elapsed();
    let found = found?;
    assert_eq!(found, items, "all items were found");
    Some(taken)
}

fn cell(bytes: usize, times: &[Duration], base: &[Duration]) -> String {
    let Some(best) = times.iter().min() else { return "–".into() };
    let speed = bytes as f64 / best.as_secs_f64() / 1e6;
    let mut ratios: Vec<_> =
        base.iter().zip(times).map(|(base, time)| base.as_secs_f64() / time.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    format!("{speed:.0} ×{:.2}", ratios[ratios.len() / 2])
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        line.split(':').nth(1).map(|value| value.trim().to_owned())
    };
    match (field("model name"), field("cpu family"), field("model")) {
        (Some(name), Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        _ => std::env::consts::ARCH.into(),
    }
}

/// The day, as RFC 3339 writes it: H. Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}
