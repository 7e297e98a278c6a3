//! The fast path gives what the machine alone gives: a small part of what
//! `cargo run --release --manifest-path tests/bench/Cargo.toml --bin differential` goes through.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(unreachable_pub, reason = "the benchmark's workspace has it as a module too")]

mod differential;

#[test]
fn the_fast_path_gives_what_the_machine_alone_gives() {
    let tally = differential::check(1, 1_000);
    assert!(tally.accepted > 300 && tally.accepted < 700, "some of both: {tally:?}");
}
