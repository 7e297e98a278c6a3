//! Clients on a limit, side by side: tables, what is demanded of the product's presets, and a picture.
//!
//! `limits` runs all of it; `limits 20` with so many seeds a cell instead of 200; `limits uneven 20` only what is demanded on
//! limiters that take bursts badly; `limits picture FILE` only draws.

use std::time::Instant;
use tidegate_bench::limits::acceptance::{demands, of_uneven};
use tidegate_bench::limits::others::Load;
use tidegate_bench::limits::{picture, report};

/// Where seeds begin that were never looked at while the learning was made.
const FRESH: u64 = 1 << 42;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["picture", path] => std::fs::write(path, picture::svg()).expect("the file can be written"),
        ["uneven", seeds] => uneven(seeds.parse().expect("a number of seeds")),
        [] => tables(200),
        [seeds] => tables(seeds.parse().expect("a number of seeds")),
        _ => panic!("give nothing, a number of seeds, or picture and a file"),
    }
}

fn uneven(seeds: u64) {
    for demand in of_uneven(FRESH..FRESH + seeds) {
        println!("{} {}: {}", demand.id, if demand.is_met { "met" } else { "NOT MET" }, demand.seen);
    }
}

fn tables(seeds: u64) {
    let began = Instant::now();
    println!(
        "1,000 pages, {seeds} seeds a cell. Seconds; own rejections; part of the others' requests that was rejected."
    );
    println!("← marks the fastest but for the oracle, which is a bound and not a way to behave.");
    for load in
        [Load::Alone, Load::Poisson(50), Load::Poisson(100), Load::Poisson(150), Load::Bursts, Load::Twin]
    {
        report::print_table(load, 1_000, 0..seeds);
    }
    println!("\n| | demanded of the presets | {seeds} seeds | {seeds} that were never used before | met |");
    println!("|---|---|---|---|---|");
    let mut unmet = 0;
    for (usual, fresh) in demands(0..seeds).into_iter().zip(demands(FRESH..FRESH + seeds)) {
        let is_met = usual.is_met && fresh.is_met;
        unmet += u32::from(!is_met);
        let met = if is_met { "yes" } else { "**no**" };
        println!("| {} | {} | {} | {} | {met} |", usual.id, usual.text, usual.seen, fresh.seen);
    }
    println!("\n{unmet} of them unmet. It took {} s.", began.elapsed().as_secs());
}
