//! Every case of the table, however its bytes are split.

use crate::case::{self, Case, End};
use crate::decoded::{Decoded, decode};
use std::collections::HashSet;
use tidegate_core::http::h1::Decoder;
use tidegate_core::page::PageScanner;

const CASES: &str = include_str!("../data/h1/cases.txt");

/// What is wrong with what was decoded, if something is.
fn complaint(case: &Case, decoded: &Decoded) -> Option<String> {
    let end = match decoded.error {
        Some(error) => format!("{:?}", error.kind).split([' ', '(', '{']).next().map(str::to_owned),
        None if decoded.reusable => Some("reuse".to_owned()),
        None => Some("close".to_owned()),
    };
    let expected = match &case.end {
        End::Reuse => "reuse",
        End::Close => "close",
        End::Error(kind) => kind,
    };
    let at = decoded.error.map(|error| error.offset);
    let refused = case.marked.unwrap_or(case.sent.len()) as u64;
    let expected_at = matches!(case.end, End::Error(_)).then_some(refused);
    let has_fields = case.fields.iter().all(|field| decoded.fields.contains(field));
    let fine = end.as_deref() == Some(expected) && at == expected_at && decoded.status == case.status;
    (!(fine && decoded.body == case.body && has_fields)).then(|| format!("{decoded:?}"))
}

#[test]
fn every_case_has_its_verdict_however_it_is_split() {
    let mut complaints = Vec::new();
    for case in case::parse(CASES) {
        let sent = case.sent.as_slice();
        let whole = decode(case.is_head, case.room, [sent]);
        if let Some(complaint) = complaint(&case, &whole) {
            complaints.push(format!("cases.txt:{}: {}: {complaint:.400}", case.line, case.name));
            continue;
        }
        assert_eq!(decode(case.is_head, case.room, sent.chunks(1)), whole, "{}: byte by byte", case.name);
        let with_gaps = sent.chunks(1).flat_map(|byte| [byte, b""]);
        assert_eq!(decode(case.is_head, case.room, with_gaps), whole, "{}: with empty reads", case.name);
        // Of the few cases that are long, most bytes are alike.
        for at in (0..=sent.len()).step_by(1 + sent.len() / 1_000 * 50) {
            let (first, second) = sent.split_at(at);
            assert_eq!(decode(case.is_head, case.room, [first, second]), whole, "{}: at {at}", case.name);
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_table_says_each_thing_once() {
    let cases = case::parse(CASES);
    assert!(cases.len() >= 200, "{}", cases.len());
    let names: HashSet<_> = cases.iter().map(|case| (&case.section, &case.name)).collect();
    assert_eq!(names.len(), cases.len());
    let bytes: HashSet<_> = cases.iter().map(|case| (&case.sent, case.room, case.is_head)).collect();
    let twice = cases.len() - bytes.len();
    // Its plainest response is an example of several rules.
    assert!(twice <= 3, "{twice} cases send what another one sends");
}

#[test]
fn every_error_has_a_case_and_a_sentence_that_says_where() {
    let mut kinds = HashSet::new();
    for case in case::parse(CASES) {
        let decoded = decode(case.is_head, case.room, [case.sent.as_slice()]);
        let Some(error) = decoded.error else { continue };
        let sentence = error.to_string();
        assert!(error.offset == 0 || sentence.contains(&error.offset.to_string()), "{sentence}");
        assert!(!sentence.ends_with('.') && sentence.len() < 140, "{sentence}");
        kinds.insert(std::mem::discriminant(&error.kind));
    }
    assert_eq!(kinds.len(), 18);
}

#[test]
fn the_state_is_small() {
    let (decoder, scanner) = (size_of::<Decoder>(), size_of::<PageScanner<'_>>());
    assert!(decoder <= 48, "the decoder takes {decoder} bytes");
    // On a 64-bit machine; a pointer of a small device has half the size.
    assert!(decoder + scanner <= 560, "decoder and page scanner take {decoder} and {scanner} bytes");
}
