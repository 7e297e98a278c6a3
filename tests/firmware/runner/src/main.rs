//! Boots the firmware's images in QEMU against the simulator, cuts their power if the scenario says so, and judges the
//! lines that they print. `tests/firmware/run` builds the images and starts this. Runs on Linux.
//!
//! | room | what lives there |
//! |---|---|
//! | `board` | one QEMU: how it is booted, how its power is cut, what it tells |
//! | `scenario` | what a scenario is, and how one is played |
//! | `scenarios` | all of them, in one table |
//! | `peers` | other clients on the same board, beside this one |

// What this prints is what it is for.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod board;
mod measures;
mod peers;
mod scenario;
mod scenarios;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs, process};

use crate::board::Board;
use crate::measures::Measures;
use crate::scenario::play;
use crate::scenarios::SCENARIOS;

// One thread: QEMU is told to end with the thread that started it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(images) = arguments.next() else {
        eprintln!("usage: tidegate-firmware-runner IMAGES [part of a scenario's name]");
        return ExitCode::FAILURE;
    };
    let wanted = arguments.next().unwrap_or_default();
    let scratch = env::temp_dir().join(format!("tidegate-firmware-{}", process::id()));
    let board = Board { images: PathBuf::from(images), scratch };

    let mut measures = Measures::default();
    let mut failed = 0;
    let chosen: Vec<_> = SCENARIOS.iter().filter(|scenario| scenario.name.contains(&wanted)).collect();
    for scenario in &chosen {
        match play(&board, scenario, &mut measures).await {
            Ok(told) => println!("ok      {}: {told}", scenario.name),
            Err(why) => {
                failed += 1;
                println!("FAILED  {}: {why}", scenario.name);
            }
        }
    }
    let has_peers = "peers".contains(&wanted);
    if has_peers {
        match peers::compare(&board).await {
            Ok(table) => println!("{table}"),
            Err(why) => {
                failed += 1;
                println!("FAILED  peers: {why}");
            }
        }
    }
    // Nothing is in it if no scenario needed a flash.
    let _ = fs::remove_dir_all(&board.scratch);
    print!("{measures}");
    println!("{} scenarios, {failed} failed", chosen.len());
    if failed == 0 && (has_peers || !chosen.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
