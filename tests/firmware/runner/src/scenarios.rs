//! All scenarios, in one table.

use tidegate_simulator::{Config, DEFAULT_KEY, Framing, ItemSizes, Request, SeenEnd, Simulator};

use crate::board::Clock;
use crate::scenario::{Power, Scenario, Told};

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
        judge: the_page_is_right,
    },
    Scenario {
        name: "a chunked page comes whole, in counted instructions",
        image: "trial",
        config: || Config { framing: Framing::Chunked, ..large_page() },
        arguments: TRIAL,
        clock: Clock::Instructions,
        power: Power::Steady,
        judge: the_page_is_right,
    },
    Scenario {
        name: "flash holds what was written before its power was cut",
        image: "flash",
        config: Config::default,
        arguments: &[("until", "9000")],
        clock: Clock::Host,
        power: Power::CutWithinWrites(1_000),
        judge: nothing_written_is_lost,
    },
    Scenario {
        name: "flash holds what was written before QEMU was killed",
        image: "flash",
        config: Config::default,
        arguments: &[("until", "90000")],
        clock: Clock::Host,
        power: Power::CutWithinMilliseconds(300),
        judge: nothing_written_is_lost,
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

/// Each boot finds at least what the one before had found, and the last one comes to the end.
fn nothing_written_is_lost(told: &Told) -> Result<String, String> {
    let mut before = 0;
    for (boot, ended) in told.boots.iter().enumerate() {
        // One that was killed early has told nothing.
        let Ok(found) = ended.number("found") else { continue };
        if found < before {
            return Err(format!("boot {boot} found {found} where an earlier one had found {before}"));
        }
        before = found;
    }
    Ok(format!("{} written over {} boots", told.last()?.number("last")?, told.boots.len()))
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
