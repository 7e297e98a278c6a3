//! Shows that the board tells of what goes wrong. Argument: `how`, one of `panic`, `stop`, `overflow` and `fault`.
#![no_std]
#![no_main]

use core::hint::black_box;

use embassy_executor::Spawner;
use tidegate_board::{host, line};
use tidegate_images::done;

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let board = tidegate_board::start();
    match board.arguments.get("how") {
        Some("panic") => panic!("as it was asked for"),
        Some("overflow") => line!("sum {}", deep(1_000_000)),
        Some("fault") => cortex_m::asm::udf(),
        Some("stop") => host::stop("it was not asked for"),
        _ => host::stop("how= is one of panic, stop, overflow, fault"),
    }
    done()
}

/// Needs a frame for each.
#[inline(never)]
fn deep(frames: u32) -> u32 {
    let frame = black_box([frames; 8]);
    match frames {
        0 => 0,
        _ => deep(frames - 1).wrapping_add(frame[0]),
    }
}
