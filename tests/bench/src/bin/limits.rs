//! Clients on a limit, side by side.

use tidegate_bench::limits::acceptance::demands;

fn main() {
    let seeds = std::env::args().nth(1).map_or(20, |text| text.parse().expect("a number"));
    for (a, b) in [(0, seeds), (1 << 32, (1 << 32) + seeds)] {
        for d in demands(a..b) { println!("| {} | {} | {} | {} |", d.id, d.text, d.seen, if d.is_met { "yes" } else { "**no**" }); }
    }
}
