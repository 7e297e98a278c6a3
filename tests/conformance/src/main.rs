//! Every case of HTTP/1.1 framing, run through Tidegate's codec, hyper, reqwless and edge-http, each with the bytes at
//! once and one by one. Prints what came of it, and writes it to `docs/conformance.md`:
//!
//! ```text
//! cargo run --release --manifest-path tests/conformance/Cargo.toml
//! ```
//!
//! Fails if Tidegate's own verdict is wrong anywhere.

#[path = "../../../core/tests/h1/case.rs"]
mod case;
mod judge;
mod peers;
mod report;
mod stream;
mod verdict;

use judge::Judgement;
use std::process::ExitCode;

const CASES: &str = include_str!("../../../core/tests/data/h1/cases.txt");
const REPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conformance.md");

fn main() -> ExitCode {
    // A peer's panic is a verdict, not a page of backtraces.
    std::panic::set_hook(Box::new(|_| {}));
    let cases = case::parse(CASES);
    let rows: Vec<report::Row<'_>> = cases
        .iter()
        .map(|case| {
            let judgements = peers::ALL.map(|peer| judge::judge(case, peer));
            report::Row { case, judgements }
        })
        .collect();
    let text = report::write(&rows);
    println!("{text}");
    if let Err(error) = std::fs::write(REPORT, text) {
        eprintln!("{REPORT}: {error}");
        return ExitCode::FAILURE;
    }
    let is_ours_right = rows.iter().all(|row| matches!(row.judgements[0], Judgement::Right));
    if is_ours_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
