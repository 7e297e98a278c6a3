//! Six pages to read, made by a generator that always gives the same ones: each an object whose `objects` are the
//! items, with a cursor behind them.

use std::fmt::Write;

use fastrand::Rng;

/// A page to read.
pub struct Corpus {
    pub name: &'static str,
    pub page: Vec<u8>,
    pub items: usize,
}

/// The six, each of at least `size` bytes.
pub fn all(size: usize) -> Vec<Corpus> {
    vec![
        corpus("objects", size, ["{\"objects\":[", ",", "],\"nextPageKey\":", "}"], object),
        corpus("varied", size, ["{\"objects\":[", ",", "],\"nextPageKey\":", "}"], varied),
        corpus(
            "pretty",
            size,
            ["{\n  \"objects\": [\n", ",\n", "\n  ],\n  \"nextPageKey\": ", "\n}\n"],
            pretty,
        ),
        corpus("long strings", size, ["{\"objects\":[", ",", "],\"nextPageKey\":", "}"], long_strings),
        corpus("numbers", size, ["{\"objects\":[", ",", "],\"nextPageKey\":", "}"], numbers),
        corpus("CJK", size, ["{\"objects\":[", ",", "],\"nextPageKey\":", "}"], cjk),
    ]
}

fn corpus(
    name: &'static str,
    size: usize,
    [before, between, behind, end]: [&str; 4],
    item: fn(&mut Rng, usize, &mut String),
) -> Corpus {
    let mut rng = Rng::with_seed(0x7469_6465);
    let mut page = String::with_capacity(size + size / 8);
    page.push_str(before);
    let mut items = 0;
    while page.len() < size {
        if items > 0 {
            page.push_str(between);
        }
        item(&mut rng, items, &mut page);
        items += 1;
    }
    write!(page, "{behind}{}{end}", 1_000_000 + items).expect("a string takes all");
    Corpus { name, page: page.into_bytes(), items }
}

const WORDS: [&str; 24] = [
    "valve",
    "north",
    "pump",
    "level",
    "of",
    "the",
    "station",
    "a",
    "gate",
    "is",
    "open",
    "sensor",
    "tide",
    "and",
    "maintenance",
    "for",
    "harbour",
    "in",
    "pressure",
    "to",
    "inspected",
    "weekly",
    "replacement",
    "by",
];

/// So many words.
fn words(rng: &mut Rng, count: usize) -> String {
    let words: Vec<_> = (0..count).map(|_| WORDS[rng.usize(..WORDS.len())]).collect();
    words.join(" ")
}

/// The parts of a project's object, about 300 bytes when written tightly: its members in order.
fn members(rng: &mut Rng, index: usize) -> Vec<(&'static str, String)> {
    let quoted = |text: String| format!("\"{text}\"");
    let count = rng.usize(2..6);
    let name = quoted(words(rng, count));
    let kind = quoted(["asset", "issue", "document", "form"][rng.usize(..4)].into());
    let mut date = |year: u32| {
        let (month, day, hour) = (rng.u32(1..13), rng.u32(1..29), rng.u32(0..24));
        quoted(format!("{year}-{month:02}-{day:02}T{hour:02}:{:02}:{:02}Z", rng.u32(..60), rng.u32(..60)))
    };
    let (created, modified) = (date(2024), date(2026));
    let count = rng.usize(3..12);
    vec![
        ("id", (100_000 + index * 3).to_string()),
        ("name", name),
        ("type", kind),
        ("status", rng.u8(1..9).to_string()),
        ("parentId", if rng.bool() { "null".into() } else { rng.u32(..1_000_000).to_string() }),
        ("active", rng.bool().to_string()),
        ("createdOn", created),
        ("modifiedOn", modified),
        ("position", format!("{:.6}", rng.f64() * 180.0)),
        ("description", quoted(words(rng, count))),
    ]
}

/// About 300 bytes, always of the same form.
fn object(rng: &mut Rng, index: usize, out: &mut String) {
    out.push('{');
    for (name, value) in members(rng, index) {
        write!(out, "\"{name}\":{value},").expect("a string takes all");
    }
    let (user, tag) = (rng.u32(..5_000), rng.u32(..100));
    write!(out, "\"owner\":{{\"id\":{user},\"role\":\"editor\"}},\"tags\":[\"t{tag}\",\"tide\"]}}")
        .expect("a string takes all");
}

/// The same with two spaces for each level.
fn pretty(rng: &mut Rng, index: usize, out: &mut String) {
    out.push_str("    {\n");
    for (name, value) in members(rng, index) {
        writeln!(out, "      \"{name}\": {value},").expect("a string takes all");
    }
    let (user, tag) = (rng.u32(..5_000), rng.u32(..100));
    write!(
        out,
        "      \"owner\": {{\n        \"id\": {user},\n        \"role\": \"editor\"\n      }},\n      \
         \"tags\": [\n        \"t{tag}\",\n        \"tide\"\n      ]\n    }}"
    )
    .expect("a string takes all");
}

/// Values of every kind and length, under names of every length.
fn varied(rng: &mut Rng, _: usize, out: &mut String) {
    varied_value(rng, 3, out);
}

fn varied_value(rng: &mut Rng, depth: u32, out: &mut String) {
    match rng.u32(if depth == 3 {
        0..2
    } else if depth == 0 {
        2..10
    } else {
        0..10
    }) {
        0 => {
            out.push('{');
            for member in 0..rng.usize(0..9) {
                out.push_str(if member == 0 { "" } else { "," });
                varied_text(rng, 16, out);
                out.push(':');
                varied_value(rng, depth - 1, out);
            }
            out.push('}');
        }
        1 => {
            out.push('[');
            for element in 0..rng.usize(0..9) {
                out.push_str(if element == 0 { "" } else { "," });
                varied_value(rng, depth - 1, out);
            }
            out.push(']');
        }
        2..=5 => {
            let longest = if rng.u8(..8) == 0 { 120 } else { 24 };
            varied_text(rng, longest, out);
        }
        6 => write!(out, "{}", rng.i64(..) >> rng.u32(..64)).expect("a string takes all"),
        7 => write!(out, "{}", rng.f64() * 1000.0).expect("a string takes all"),
        8 => out.push_str(if rng.bool() { "true" } else { "false" }),
        _ => out.push_str("null"),
    }
}

/// Mostly ASCII, with an escape or another character here and there.
fn varied_text(rng: &mut Rng, longest: usize, out: &mut String) {
    out.push('"');
    for _ in 0..rng.usize(0..=longest) {
        match rng.u32(..100) {
            0 => out.push_str(["\\n", "\\\"", "\\\\", "\\u00e9"][rng.usize(..4)]),
            1 => out.push(['é', 'ß', '漢', '😀'][rng.usize(..4)]),
            2..12 => out.push(' '),
            _ => out.push(char::from(rng.u8(b'a'..=b'z'))),
        }
    }
    out.push('"');
}

/// Texts of 2 to 20 KB, in paragraphs.
fn long_strings(rng: &mut Rng, index: usize, out: &mut String) {
    write!(out, "{{\"id\":{index},\"text\":\"").expect("a string takes all");
    let end = out.len() + rng.usize(2_000..20_000);
    while out.len() < end {
        let count = rng.usize(30..120);
        out.push_str(&words(rng, count));
        out.push_str(if rng.u8(..4) == 0 { " \\\"quoted\\\".\\n" } else { ".\\n" });
    }
    out.push_str("\"}");
}

/// Arrays 20 to 80 deep, with numbers of every form on the way.
fn numbers(rng: &mut Rng, _: usize, out: &mut String) {
    let depth = rng.usize(20..=80);
    for _ in 0..depth {
        out.push('[');
        for _ in 0..rng.usize(0..5) {
            number(rng, out);
            out.push(',');
        }
    }
    number(rng, out);
    for _ in 0..depth {
        out.push(']');
    }
}

fn number(rng: &mut Rng, out: &mut String) {
    match rng.u32(..6) {
        0 => write!(out, "{}", rng.u8(..10)),
        1 => write!(out, "{}", rng.i32(-10_000..10_000)),
        2 => write!(out, "{}", rng.i64(..)),
        3 => write!(out, "{:.2}", rng.f64() * 1000.0 - 500.0),
        4 => write!(out, "{}", rng.f64()),
        _ => write!(out, "{:e}", rng.f64() * 1e12),
    }
    .expect("a string takes all");
}

/// Chinese and Japanese text with what stands between it: punctuation, numbers, a Latin word.
fn cjk(rng: &mut Rng, index: usize, out: &mut String) {
    write!(out, "{{\"id\":{index},\"title\":\"").expect("a string takes all");
    cjk_text(rng, 4..20, out);
    out.push_str("\",\"text\":\"");
    for _ in 0..rng.usize(1..8) {
        cjk_text(rng, 8..60, out);
        out.push_str(["，", "。", "、", " 12 ", " valve "][rng.usize(..5)]);
    }
    out.push_str("\"}");
}

fn cjk_text(rng: &mut Rng, characters: std::ops::Range<usize>, out: &mut String) {
    let japanese = rng.bool();
    for _ in 0..rng.usize(characters) {
        out.push(match rng.bool() && japanese {
            true => rng.char('ぁ'..='ん'),
            false => rng.char('一'..='龥'),
        });
    }
}
