//! The fast way of reading JSON against the slow one, and both against `serde_json`, on very many documents. What is
//! compared is in `core/tests/differential`. Stops at the first difference and prints the document.
//!
//! `differential [documents [seed]]`

#[path = "../../../../core/tests/differential/mod.rs"]
mod differential;

use std::time::Instant;

use differential::Tally;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let documents = arguments.next().unwrap_or(1_000_000);
    let seed = arguments.next().unwrap_or(1);
    let width = if cfg!(feature = "simd") { "sixteen (feature `simd`)" } else { "eight" };
    let start = Instant::now();
    let mut sum = Tally::default();
    // In parts, each with a seed of its own, so that a difference can be found again without all before it.
    let mut part = seed;
    while sum.documents < documents {
        let tally = differential::check(part, (documents - sum.documents).min(10_000));
        sum.documents += tally.documents;
        sum.accepted += tally.accepted;
        sum.comparisons += tally.comparisons;
        sum.bytes += tally.bytes;
        eprintln!("{} documents, the last ones from seed {part}", sum.documents);
        part += 1;
    }
    println!(
        "{width} bytes at once: {} documents, {} of them JSON, each with 0 to 15 spaces before it; {} comparisons, \
         {:.1} GB; no difference; {:.0} s",
        sum.documents,
        sum.accepted,
        sum.comparisons,
        sum.bytes as f64 / 1e9,
        start.elapsed().as_secs_f64()
    );
}
