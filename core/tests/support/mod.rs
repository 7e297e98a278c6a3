//! Documents made up for the tests: valid ones, damaged ones, and ways to cut them.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Whitespace that may stand between tokens.
pub fn space() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "", " ", "\n", "\t", "\r\n  "])
}

/// A string with its quotes.
pub fn string() -> impl Strategy<Value = String> {
    let pieces = vec![
        "a",
        "Z 9",
        "]}[{,:",
        "é",
        "漢",
        "😀",
        "\\n",
        "\\\"",
        "\\\\",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\ud800",
        "\\uDC00",
        "\u{7f}",
        "longer than a few bytes",
    ];
    vec(select(pieces), 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// Any value.
pub fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        select(vec!["null", "true", "false", "0", "-0", "1e5", "{}", "[]"]).prop_map(String::from),
        "-?(0|[1-9][0-9]{0,6})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?",
        string(),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_flat_map(array),
            vec((string(), inner), 0..4).prop_flat_map(object)
        ]
    })
}

/// An array of these, with whitespace here and there.
pub fn array(elements: Vec<String>) -> impl Strategy<Value = String> {
    (space(), space()).prop_map(move |(before, behind)| {
        let elements: Vec<_> = elements.iter().map(|element| format!("{before}{element}{behind}")).collect();
        format!("[{}]", elements.join(","))
    })
}

/// An object of these names (in quotes) and values, with whitespace here and there.
pub fn object(members: Vec<(String, String)>) -> impl Strategy<Value = String> {
    (space(), space()).prop_map(move |(before, behind)| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("{before}{name}{behind}:{before}{value}{behind}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

/// A whole document.
pub fn document() -> impl Strategy<Value = String> {
    (space(), value(), space()).prop_map(|(before, value, behind)| format!("{before}{value}{behind}"))
}

/// A document with a few bytes put in, taken out or replaced, or cut short.
pub fn mutated(document: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    let byte = select(b"[]{},:\"\\u0d18-+.eEtfn \n\x00\x1f\x7f\x80\xa0\xbf\xc3\xe0\xed\xf0\xf4\xff".to_vec());
    (document, vec((any::<Index>(), 0..4_u8, byte), 1..4)).prop_map(|(document, damages)| {
        let mut document = document.into_bytes();
        for (at, how, byte) in damages {
            let at = at.index(document.len() + 1);
            match how {
                0 => document.insert(at, byte),
                1 if at < document.len() => drop(document.remove(at)),
                2 if at < document.len() => document[at] = byte,
                _ => document.truncate(at),
            }
        }
        document
    })
}

/// Where to cut.
pub fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..6)
}

/// The document in chunks, some perhaps empty.
pub fn chunks<'a>(document: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(document.len() + 1)).collect();
    cuts.sort_unstable();
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain(std::iter::once(document.len()));
    starts.zip(ends).map(|(start, end)| &document[start..end]).collect()
}
