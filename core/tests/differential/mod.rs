//! The fast way of reading against the slow one, and both against `serde_json`. The slow one is the same tokenizer fed
//! byte by byte: with less than eight bytes at hand nothing runs ahead of the state machine.
//!
//! Each document comes with 0 to 15 spaces before it, so that it lies at every place in a word and in a vector, and
//! with every one of these in several kinds of chunks.

mod documents;

use fastrand::Rng;
use serde_json::value::RawValue;
use tidegate_core::json::{Event, JsonError, MAX_DEPTH, Tokenizer};
use tidegate_core::page::{Item, Items, PageScanner, PageShape};

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub documents: u64,
    /// How many of them are JSON.
    pub accepted: u64,
    /// Documents at one place in one kind of chunks, read in three ways.
    pub comparisons: u64,
    pub bytes: u64,
}

/// A name, and how many bytes each chunk has.
type Split = (&'static str, fn(&mut Rng) -> usize);

const SPLITS: [Split; 6] = [
    ("whole", |_| usize::MAX),
    ("64 bytes", |_| 64),
    ("9 bytes", |_| 9),
    ("1 to 100 bytes", |rng| rng.usize(1..=100)),
    ("80 to 279 bytes", |rng| rng.usize(80..280)),
    ("1 byte", |_| 1),
];

/// Checks so many documents made from this seed.
///
/// # Panics
///
/// At the first one that is not read alike.
pub fn check(seed: u64, documents: u64) -> Tally {
    let mut rng = Rng::with_seed(seed);
    let mut tally = Tally::default();
    let mut memory = Memory::default();
    for _ in 0..documents {
        let document = documents::any(&mut rng);
        tally.documents += 1;
        for spaces in 0..16 {
            let mut shifted = vec![b' '; spaces];
            shifted.extend(&document);
            let accepted = check_one(&mut rng, &shifted, &mut memory, &mut tally);
            tally.accepted += u64::from(accepted && spaces == 0);
        }
    }
    tally
}

/// Buffers that are used again and again.
#[derive(Default)]
struct Memory {
    wanted: Vec<u8>,
    given: Vec<u8>,
}

fn check_one(rng: &mut Rng, document: &[u8], memory: &mut Memory, tally: &mut Tally) -> bool {
    let shape = shape(rng);
    let item_size = if rng.bool() { 24 } else { 400 };
    let bytewise: Vec<_> = document.chunks(1).collect();
    let verdict = skipped(&bytewise);
    assert_eq!(verdict.is_ok(), second_opinion(document), "serde_json on {}", document.escape_ascii());
    let Memory { wanted, given } = memory;
    wanted.clear();
    walked(&bytewise, wanted);
    scanned(&bytewise, shape, item_size, wanted);
    for (name, size) in SPLITS {
        let chunks = chunks(document, || size(rng));
        let shown = || format!("in chunks of {name}: {}", document.escape_ascii());
        assert_eq!(skipped(&chunks), verdict, "skipped {}", shown());
        given.clear();
        walked(&chunks, given);
        scanned(&chunks, shape, item_size, given);
        let (given_text, wanted_text) = (given.escape_ascii(), wanted.escape_ascii());
        assert!(given == wanted, "{}\ngives  {given_text}\nwanted {wanted_text}", shown());
        tally.comparisons += 1;
        tally.bytes += document.len() as u64;
    }
    verdict.is_ok()
}

fn chunks(document: &[u8], mut size: impl FnMut() -> usize) -> Vec<&[u8]> {
    let mut chunks = Vec::new();
    let mut rest = document;
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(rest.len().min(size()));
        chunks.push(chunk);
        rest = behind;
    }
    chunks
}

fn shape(rng: &mut Rng) -> PageShape<'static> {
    let items = [Items::Key("items"), Items::Key("items"), Items::Root, Items::OnlyArray][rng.usize(..4)];
    let cursor = [None, Some("next"), Some("next")][rng.usize(..3)];
    let total = [None, Some("total")][rng.usize(..2)];
    PageShape { cursor, total, ..PageShape::new(items) }
}

/// Whether it is JSON to others. `serde_json` has no limit of depth when it only skips, and leaves UTF-8 to others.
fn second_opinion(document: &[u8]) -> bool {
    std::str::from_utf8(document).is_ok()
        && serde_json::from_slice::<&RawValue>(document).is_ok()
        && depth(document) <= usize::from(MAX_DEPTH)
}

/// How many containers of a right document are open at most.
fn depth(document: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in document {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The verdict, with the whole document skipped.
fn skipped(chunks: &[&[u8]]) -> Result<(), JsonError> {
    let mut tokens = Tokenizer::new();
    for chunk in chunks {
        let mut rest = *chunk;
        while let (taken, true) = tokens.skip(rest, 0)? {
            rest = &rest[taken..];
        }
    }
    tokens.finish()
}

/// What is told when some values are skipped, from before them, from within them or from within their names; and the
/// verdict. Which ones depends on where in the document they are, so every split skips the same.
fn walked(chunks: &[&[u8]], trace: &mut Vec<u8>) {
    if let Err(error) = walk(chunks, trace) {
        trace.extend(format!("{error:?}").bytes());
    }
}

fn walk(chunks: &[&[u8]], trace: &mut Vec<u8>) -> Result<(), JsonError> {
    let mut tokens = Tokenizer::new();
    let mut skipping = None;
    for chunk in chunks {
        let mut rest = *chunk;
        loop {
            if let Some(depth) = skipping {
                let (taken, ended) = tokens.skip(rest, depth)?;
                rest = &rest[taken..];
                if !ended {
                    break;
                }
                skipping = None;
                trace.extend(format!("~{}", tokens.offset()).bytes());
            }
            let (taken, event) = tokens.next(rest)?;
            rest = &rest[taken..];
            let (offset, depth) = (tokens.offset(), tokens.depth());
            match event {
                None => break,
                Some(Event::Value(kind)) => {
                    trace.extend(format!("{kind:?}@{offset}(").bytes());
                    skipping = offset.is_multiple_of(3).then_some(depth);
                }
                Some(Event::NameStart) => {
                    trace.push(b'<');
                    skipping = offset.is_multiple_of(7).then_some(depth.saturating_sub(1));
                }
                Some(Event::NameEnd) => {
                    trace.push(b'>');
                    skipping = offset.is_multiple_of(5).then_some(depth);
                }
                Some(Event::ValueEnd) => trace.push(b')'),
                Some(Event::Text(piece)) => trace.extend(piece.bytes()),
                Some(Event::Char(c)) => trace.extend(c.encode_utf8(&mut [0; 4]).bytes()),
                Some(Event::Unpaired(unit)) => trace.extend(format!("[{unit:x}]").bytes()),
            }
        }
    }
    tokens.finish()
}

/// What a page gives: its items, then its end or the fault.
fn scanned(chunks: &[&[u8]], shape: PageShape<'_>, item_size: usize, trace: &mut Vec<u8>) {
    let mut scanner = PageScanner::new(shape);
    let (mut item, mut cursor) = ([0; 400], [0; 24]);
    for chunk in chunks {
        let mut rest = *chunk;
        loop {
            match scanner.push(rest, &mut item[..item_size], &mut cursor) {
                Ok((taken, Some(Item::Whole { index, bytes }))) => {
                    trace.extend(index.to_be_bytes());
                    trace.extend(bytes);
                    rest = &rest[taken..];
                }
                Ok((taken, Some(Item::TooLarge { index, size }))) => {
                    trace.extend(format!("{index} has {size}").bytes());
                    rest = &rest[taken..];
                }
                Ok((_, None)) => break,
                Err(fault) => {
                    trace.extend(format!("{fault:?}").bytes());
                    return;
                }
            }
        }
    }
    trace.extend(format!("{:?}", scanner.finish(&cursor)).bytes());
}
