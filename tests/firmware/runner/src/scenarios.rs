//! All scenarios, in one table.

use std::time::{SystemTime, UNIX_EPOCH};

use tidegate_simulator::{
    Config, DEFAULT_KEY, Fault, Framing, ItemSizes, List, Maintenance, Request, SeenEnd, Simulator, Trigger,
    item,
};

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
        exit: exit_code::FAULT,
        judge: |told| told_of(told, "fault at 0x"),
    },
    Scenario {
        name: "an image that cannot go on says why",
        image: "faults",
        config: Config::default,
        arguments: &[("how", "stop")],
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::STOPPED,
        judge: |told| told_of(told, "stopped, not so: it was not asked for"),
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
    Scenario {
        name: "a hundred thousand items over HTTP",
        image: "http",
        config: hundred_thousand,
        arguments: PULL,
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| the_pull_is_right(told, &[("requests", Is::Exactly(100))]),
    },
    Scenario {
        name: "a hundred thousand items over HTTPS",
        image: "https",
        config: hundred_thousand,
        arguments: PULL,
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| {
            // What is left for an application: an overflow would be told, but too late.
            let stack = ("stack_free", Is::AtLeast(15 << 10));
            the_pull_is_right(told, &[("requests", Is::Exactly(100)), stack])
        },
    },
    Scenario {
        name: "a hundred thousand items over HTTP, with what CoManage needs",
        image: "http-comanage",
        config: hundred_thousand,
        arguments: PULL,
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| the_pull_is_right(told, &[("requests", Is::Exactly(100))]),
    },
    Scenario {
        name: "a hundred thousand items over HTTPS, with what CoManage needs",
        image: "https-comanage",
        config: hundred_thousand,
        arguments: PULL,
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| the_pull_is_right(told, &[("requests", Is::Exactly(100))]),
    },
    Scenario {
        name: "a page of four megabytes comes through an item buffer of one kilobyte",
        image: "http",
        config: four_megabytes,
        arguments: PULL,
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| {
            the_pull_is_right(told, &[("requests", Is::Exactly(1)), ("bytes", Is::AtLeast(4_000_000))])
        },
    },
    Scenario {
        name: "a page of four megabytes comes over HTTPS",
        image: "https",
        config: four_megabytes,
        arguments: PULL,
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| the_pull_is_right(told, &[("bytes", Is::AtLeast(4_000_000))]),
    },
    Scenario {
        name: "its own window is waited for, and nothing is rejected",
        image: "http",
        config: || Config { items: 5_000, limit: 20, window_ms: 2_000, ..Config::default() },
        arguments: &[("key", DEFAULT_KEY), ("limit", "20"), ("window_ms", "2000"), ("unused", "1")],
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| {
            the_pull_is_right(told, &[("rejected", Is::Exactly(0)), ("run_ns", Is::AtLeast(4_000_000_000))])
        },
    },
    Scenario {
        name: "a limit that is lower than it should be is met with 429, and waited out",
        image: "http",
        config: || Config { items: 5_000, limit: 20, window_ms: 2_000, ..Config::default() },
        arguments: &[("key", DEFAULT_KEY), ("limit", "30"), ("window_ms", "2000"), ("unused", "1")],
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| the_pull_is_right(told, &[("rejected", Is::AtLeast(1))]),
    },
    Scenario {
        name: "announced maintenance is kept out of without a clock",
        image: "http",
        config: || Config {
            items: 5_000,
            limit: 10,
            window_ms: 1_000,
            maintenance: soon(),
            ..Config::default()
        },
        arguments: &[("key", DEFAULT_KEY), ("limit", "10"), ("window_ms", "1000"), ("unused", "1")],
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| {
            equal("requests during maintenance", told.stats.during_maintenance, 0)?;
            equal("announcements", told.last()?.number("maintenance")?, 0)?;
            the_pull_is_right(told, &[("rejected", Is::Exactly(0))])
        },
    },
    Scenario {
        name: "connections that break in the middle of a page lose nothing",
        image: "http",
        config: broken,
        arguments: PULL,
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| the_pull_is_right(told, &[("retried", Is::Exactly(4))]),
    },
    Scenario {
        name: "connections with TLS that break in the middle of a page lose nothing",
        image: "https",
        config: broken,
        arguments: PULL,
        clock: Clock::Host,
        power: Power::Steady,
        exit: exit_code::DONE,
        judge: |told| the_pull_is_right(told, &[("retried", Is::Exactly(4))]),
    },
    Scenario {
        name: "a pull whose power is cut anywhere in a page goes on where it was",
        image: "http",
        config: many_pages,
        arguments: RESTARTED,
        clock: Clock::Host,
        power: Power::CutWithinReceived(800_000),
        exit: exit_code::DONE,
        judge: the_pull_went_on,
    },
    Scenario {
        name: "a pull over HTTPS whose power is cut anywhere in a page goes on where it was",
        image: "https",
        config: many_pages,
        arguments: RESTARTED,
        clock: Clock::Host,
        power: Power::CutWithinReceived(800_000),
        exit: exit_code::DONE,
        judge: the_pull_went_on,
    },
    Scenario {
        name: "a pull whose power is cut while the flash is written goes on where it was",
        image: "http",
        config: many_pages,
        arguments: RESTARTED,
        clock: Clock::Host,
        power: Power::CutWithinWrites(800),
        exit: exit_code::DONE,
        judge: the_pull_went_on,
    },
];

/// What an image that pulls is told when nothing was sent before.
const PULL: &[(&str, &str)] = &[("key", DEFAULT_KEY), ("unused", "1")];

/// The same after a restart: nothing is known of the time before, and a window is waited for, which is short here.
const RESTARTED: &[(&str, &str)] = &[("key", DEFAULT_KEY), ("limit", "200"), ("window_ms", "20")];

fn hundred_thousand() -> Config {
    Config { items: 100_000, page_size: 1_000, ..Config::default() }
}

fn four_megabytes() -> Config {
    Config { items: 10_000, page_size: 10_000, item_sizes: ItemSizes::Exact(420), ..Config::default() }
}

fn many_pages() -> Config {
    Config { items: 80_000, page_size: 100, limit: 200, window_ms: 20, ..Config::default() }
}

fn broken() -> Config {
    let faults = vec![
        (Trigger::Request(2), Fault::Cut { at: 5_000 }),
        (Trigger::Request(4), Fault::CutWire { at: 60 }),
        (Trigger::Request(6), Fault::Reset { at: 9_000 }),
        (Trigger::Request(8), Fault::CutWire { at: 15_000 }),
    ];
    Config { faults, ..Config::default() }
}

/// Maintenance that begins while the pull is under way.
fn soon() -> Option<Maintenance> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    // In whole seconds, as it is announced.
    let start = (now / 1_000 + 4) * 1_000;
    Some(Maintenance { announced_from: 0, start, end: start + 2_000, headers_while_active: true })
}

/// What a number should be.
enum Is {
    Exactly(u64),
    AtLeast(u64),
}

/// Every item came once and in order, and the board told these numbers.
fn the_pull_is_right(told: &Told, numbers: &[(&str, Is)]) -> Result<String, String> {
    let last = told.last()?;
    if last.value("outcome") != Some("complete") {
        return Err("the pull is not complete".to_owned());
    }
    equal("items", last.number("items")?, told.config.items)?;
    let lines = (0..told.config.items).flat_map(|index| {
        let mut line = item(&told.config, List::Objects, index);
        line.push(b'\n');
        line
    });
    let expected = format!("{:016x}", fnv1a(lines));
    if last.value("checksum") != Some(&expected) {
        return Err("the checksum is not that of the simulator's items".to_owned());
    }
    for (what, is) in numbers {
        let number = last.number(what)?;
        match is {
            Is::Exactly(expected) => equal(what, number, *expected)?,
            Is::AtLeast(least) if number >= *least => {}
            Is::AtLeast(least) => return Err(format!("{what} is {number} and not at least {least}")),
        }
    }
    Ok(format!(
        "{} items, {} requests, {} rejected, {} retried in {} ms; flash {}, statics {}, stack {} of which {} free; \
         driver future {}, engine {}, gate {}",
        told.config.items,
        told.stats.requests,
        told.stats.rejected,
        last.number("retried")?,
        last.number("run_ns")? / 1_000_000,
        last.number("flash")?,
        last.number("statics")?,
        last.number("stack_depth")?,
        last.number("stack_free")?,
        last.number("future")?,
        last.number("pull")?,
        last.number("gate")?,
    ))
}

/// The same over at least twenty power cuts, and each boot went on where the one before was.
fn the_pull_went_on(told: &Told) -> Result<String, String> {
    let right = the_pull_is_right(told, &[])?;
    let cuts = told.boots.len() - 1;
    if cuts < 20 {
        return Err(format!("the power was cut only {cuts} times"));
    }
    Ok(format!("{cuts} power cuts, {}; {right}", nothing_kept_is_lost(told)?))
}

/// Each boot finds at least what the one before has told to have kept.
fn nothing_kept_is_lost(told: &Told) -> Result<String, String> {
    let mut kept = 0;
    let mut boots = 0;
    for ended in &told.boots {
        // One that was killed early has told nothing.
        let Ok(found) = ended.number("found") else { continue };
        if found < kept {
            return Err(format!("{found} items were found where {kept} had been kept"));
        }
        kept = ended.number("kept").unwrap_or(found);
        boots += 1;
    }
    Ok(format!("{boots} boots that got as far as the flash"))
}

/// 500 items of 400 bytes.
fn large_page() -> Config {
    Config { items: 500, page_size: 500, item_sizes: ItemSizes::Exact(400), ..Config::default() }
}

/// The body's length and checksum are those of the simulator's own answer.
fn the_page_is_right(told: &Told) -> Result<String, String> {
    let fields = [("X-API-KEY".to_owned(), DEFAULT_KEY.to_owned())];
    let request = Request { method: "GET", target: "/objects?viewId=42", fields: &fields, body: &[] };
    let response = Simulator::new(told.config.clone()).answer(0, &request);
    let seen = response.seen();
    let expected =
        seen.body.filter(|_| seen.end == SeenEnd::Complete).ok_or("the simulator answers nothing")?;
    let last = told.last()?;
    equal("status", last.number("status")?, response.status.into())?;
    equal("bytes", last.number("bytes")?, expected.len() as u64)?;
    let checksum = last.value("checksum").unwrap_or_default();
    if checksum != format!("{:016x}", fnv1a(expected.iter().copied())) {
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
fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
