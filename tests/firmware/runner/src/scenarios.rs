//! All scenarios, in one table.

use tidegate_simulator::{Config, DEFAULT_KEY, Framing, ItemSizes, Request, SeenEnd, Simulator};

use crate::board::Clock;
use crate::scenario::{Power, Scenario, Told, exit_code};

const TRIAL: &[(&str, &str)] = &[("path", "/objects?viewId=42"), ("key", DEFAULT_KEY)];

/// What `tests/firmware/run` plays, in this order.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "a page comes whole over TCP",
        image: "trial",
        config: large_page,
        arguments: TRIAL,
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: the_page_is_right,
    },
    Scenario {
        name: "a chunked page comes whole, in counted instructions",
        image: "trial",
        config: || Config { framing: Framing::Chunked, ..large_page() },
        arguments: TRIAL,
        clock: Clock::Instructions,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: the_page_is_right,
    },
    Scenario {
        name: "flash holds what was written before its power was cut",
        image: "flash",
        config: Config::default,
        arguments: &[("until", "9000")],
        clock: Clock::Host,
        power: Power::CutWithinWrites(1_000),
        exit: exit_code::DONE,
        judge: nothing_written_is_lost,
    },
    Scenario {
        name: "flash holds what was written before QEMU was killed",
        image: "flash",
        config: Config::default,
        arguments: &[("until", "200000")],
        clock: Clock::Host,
        power: Power::CutWithinMilliseconds(200),
        exit: exit_code::DONE,
        judge: nothing_written_is_lost,
    },
    Scenario {
        name: "flash holds what was told to be written before QEMU was killed",
        image: "flash",
        config: Config::default,
        arguments: &[("until", "20000")],
        clock: Clock::Host,
        power: Power::CutWithinLines(20),
        exit: exit_code::DONE,
        judge: nothing_written_is_lost,
    },
    Scenario {
        name: "a panic is told",
        image: "faults",
        config: Config::default,
        arguments: &[("how", "panic")],
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::PANIC,
        judge: |told| told_of(told, "panic as it was asked for"),
    },
    Scenario {
        name: "a fault is told",
        image: "faults",
        config: Config::default,
        arguments: &[("how", "fault")],
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::FAULT,
        judge: |told| told_of(told, "fault at 0x"),
    },
    Scenario {
        name: "a stack that overflows is told and overwrites nothing in silence",
        image: "faults",
        config: Config::default,
        arguments: &[("how", "overflow")],
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::FAULT,
        judge: |told| told_of(told, "fault the stack overflowed"),
    },
];

/// 500 items of 400 bytes.
fn large_page() -> Config {
    Config { items: 500, page_size: 500, item_sizes: ItemSizes::Exact(400), ..Config::default() }
}

/// The body's length and checksum are those of the simulator's own answer.
fn the_page_is_right(told: &Told) -> Result<String, String> {
    let fields = [("X-API-KEY".to_owned(), DEFAULT_KEY.to_owned())];
    let request = Request { method: "GET", target: "/objects?viewId=42", fields: &fields };
    let response = Simulator::new(told.config.clone()).answer(0, &request);
    let seen = response.seen();
    let expected =
        seen.body.filter(|_| seen.end == SeenEnd::Complete).ok_or("the simulator answers nothing")?;
    let last = told.last()?;
    equal("status", last.number("status")?, response.status.into())?;
    equal("bytes", last.number("bytes")?, expected.len() as u64)?;
    let checksum = last.value("checksum").unwrap_or_default();
    if checksum != format!("{:016x}", fnv1a(expected)) {
        return Err(format!("the checksum {checksum} is not that of the page"));
    }
    equal("requests", told.stats.requests, 1)?;
    Ok(format!(
        "{} bytes in {} ms on the board, decoding {} ns; flash {}, statics {}, stack {}; {} ms on the host",
        expected.len(),
        last.number("ended_ms")?,
        last.number("body_ns")?,
        last.number("flash")?,
        last.number("statics")?,
        last.number("stack_depth")?,
        last.took.as_millis(),
    ))
}

/// Each boot finds at least what the ones before have told, and the last one comes to the end.
fn nothing_written_is_lost(told: &Told) -> Result<String, String> {
    let mut safe = 0;
    for (boot, ended) in told.boots.iter().enumerate() {
        // One that was killed early has told nothing.
        let Ok(found) = ended.number("found") else { continue };
        if found < safe {
            return Err(format!("boot {boot} found {found} where {safe} had been told before"));
        }
        safe = ended.number("wrote").unwrap_or(found);
    }
    Ok(format!("{} written over {} boots", told.last()?.number("wrote")?, told.boots.len()))
}

/// The last line begins like this.
fn told_of(told: &Told, begin: &str) -> Result<String, String> {
    let line = told.last()?.lines.last().map(String::as_str).unwrap_or_default();
    if line.starts_with(begin) {
        Ok(line.to_owned())
    } else {
        Err(format!("told \"{line}\" and not {begin}"))
    }
}

fn equal(what: &str, told: u64, expected: u64) -> Result<(), String> {
    if told == expected { Ok(()) } else { Err(format!("{what} is {told} and not {expected}")) }
}

/// The checksum that the image tells: FNV-1a, 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
