//! What the tokenizer accepts and refuses, and at which byte: hand-written cases in the manner of the JSONTestSuite,
//! small documents exhaustively, and generated ones. `serde_json` and `core::str::from_utf8` are the second opinion.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use proptest::prelude::*;
use serde_json::value::RawValue;
use tidegate_core::json::{JsonError, MAX_DEPTH, Tokenizer};

use support::{chunks, document, mutated};

/// Documents that are JSON.
const ACCEPTED: &[(&str, &[u8])] = &[
    ("array empty", b"[]"),
    ("array with a space", b"[ ]"),
    ("array in array", b"[[]]"),
    ("arrays beside each other", b"[[],[ ],[[]]]"),
    ("array ending in a newline", b"[\"a\"]\n"),
    ("array of every literal", b"[true,false,null]"),
    ("array of mixed values", b"[null, 1, \"1\", {}]"),
    ("array with several nulls", b"[1,null,null,null,2]"),
    ("array with leading space", b" [1]"),
    ("array with trailing space", b"[2] "),
    ("array with a newline and one value", b"[1\n]"),
    ("number alone", b"42"),
    ("number zero alone", b"0"),
    ("number negative alone", b"-0.1"),
    ("number with an exponent alone", b"1E22"),
    ("number before whitespace", b"7 \n"),
    ("number 0e+1", b"[0e+1]"),
    ("number 0e1", b"[0e1]"),
    ("number after a space", b"[ 4]"),
    (
        "number close to zero",
        b"[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]",
    ),
    ("number minus zero", b"[-0]"),
    ("number negative", b"[-123]"),
    ("number negative one", b"[-1]"),
    ("number capital E", b"[1E22]"),
    ("number capital E minus", b"[1E-2]"),
    ("number capital E plus", b"[1E+2]"),
    ("number fraction and exponent", b"[123.456e78]"),
    ("number e minus", b"[1e-2]"),
    ("number e plus", b"[1e+2]"),
    ("number exponent with leading zeros", b"[1e-007]"),
    ("number beyond every float", b"[123e99999]"),
    ("number smaller than every float", b"[123.456e-789]"),
    ("number beyond 64 bits", b"[100000000000000000000]"),
    ("number negative beyond 64 bits", b"[-123123123123123123123123123123]"),
    ("number fraction", b"[123.456789]"),
    ("number fraction with zeros", b"[0.00]"),
    ("object empty", b"{}"),
    ("object with a space", b"{ }"),
    ("object", b"{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"),
    ("object with one member", b"{\"a\":1}"),
    ("object with the same name twice", b"{\"a\":\"b\",\"a\":\"c\"}"),
    ("object with the same member twice", b"{\"a\":\"b\",\"a\":\"b\"}"),
    ("object with an empty name", b"{\"\":0}"),
    ("object with an escaped zero in a name", b"{\"foo\\u0000bar\": 42}"),
    ("object with an unpaired surrogate in a name", b"{\"\\ud800\": 42}"),
    ("object with extreme numbers", b"{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"),
    ("object with newlines", b"{\n\"a\": \"b\"\n}"),
    ("object with space around the colon", b"{\"a\" \t:\r\n 1}"),
    ("object in object", b"{\"a\":{\"b\":{\"c\":{}}}}"),
    (
        "object with a long name",
        b"{\"x\":[{\"id\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}], \"id\": \"xxxxxxxxxxxxxxxxx\"}",
    ),
    ("string alone", b"\"asd\""),
    ("string empty alone", b"\"\""),
    ("string empty", b"[\"\"]"),
    ("string with every short escape", b"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    ("string with escapes", b"[\"\\u0060\\u012a\\u12AB\"]"),
    ("string with an escaped pair", b"[\"\\uD801\\udc37\"]"),
    ("string with two escaped pairs", b"[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
    ("string with an escaped backslash before u", b"[\"\\\\u0000\"]"),
    ("string with an escaped quote", b"[\"\\\"\"]"),
    ("string with an escaped backslash", b"[\"\\\\\"]"),
    ("string with an escaped zero", b"[\"\\u0000\"]"),
    ("string with an escaped noncharacter", b"[\"\\uFFFF\"]"),
    ("string with an escaped U+10FFFF", b"[\"\\uDBFF\\uDFFF\"]"),
    ("string with an escaped U+2064", b"[\"\\u2064\"]"),
    ("string with comment marks", b"[\"a/*b*/c/*d//e\"]"),
    ("string with DEL", b"[\"a\x7fa\"]"),
    ("string with a space", b"[\" \"]"),
    ("string with brackets", b"[\"]}[{,:\"]"),
    ("string with two bytes a character", "[\"é¢߿\"]".as_bytes()),
    ("string with three bytes a character", "[\"ࠀ漢\u{d7ff}\u{e000}\u{ffff}\"]".as_bytes()),
    ("string with four bytes a character", "[\"\u{10000}😀\u{10ffff}\"]".as_bytes()),
    ("string with U+2028 and U+2029", "[\"\u{2028}\u{2029}\"]".as_bytes()),
    ("string with a byte order mark", "[\"\u{feff}\"]".as_bytes()),
    ("string with an unpaired high surrogate", b"[\"\\uDADA\"]"),
    ("string with an unpaired low surrogate", b"[\"\\uDFAA\"]"),
    ("string with a high surrogate before a letter", b"[\"\\uD800abc\"]"),
    ("string with a high surrogate before a newline", b"[\"\\uD800\\n\"]"),
    ("string with two high surrogates", b"[\"\\uD800\\uD800\\u0041\"]"),
    ("string with a pair the wrong way round", b"[\"\\uDd1e\\uD834\"]"),
    ("string with a high surrogate before a pair", b"[\"\\uD800\\uD83D\\uDE00\"]"),
    ("literal false alone", b"false"),
    ("literal true alone", b"true"),
    ("literal null alone", b"null"),
    ("literals among whitespace", b" [ true , false , null ] "),
    ("whitespace of every sort", b" \t\n\r[\t1\r,\n2 ]\r\n"),
];

/// Documents that are not, and the offset of the byte that says so: their length if they only stop too early.
const REFUSED: &[(&str, &[u8], u64)] = &[
    ("nothing", b"", 0),
    ("only whitespace", b" \n", 2),
    ("byte order mark", b"\xEF\xBB\xBF{}", 0),
    ("byte order mark of UTF-16", b"\xFE\xFF\0[\0]", 0),
    ("UTF-16 without a mark", b"[\0\"\0", 1),
    ("a zero byte", b"\0", 0),
    ("a zero byte behind", b"[]\0", 2),
    ("array 1 true without a comma", b"[1 true]", 3),
    ("array a without a comma", b"[\"a\" \"b\"]", 5),
    ("array without a comma before an array", b"[3[4]]", 2),
    ("array with a colon", b"[\"\": 1]", 3),
    ("array comma after close", b"[\"\"],", 4),
    ("array comma and number", b"[,1]", 1),
    ("array of a comma", b"[,]", 1),
    ("array double comma", b"[1,,2]", 3),
    ("array double comma at the end", b"[\"x\",,]", 5),
    ("array extra close", b"[\"x\"]]", 5),
    ("array extra comma", b"[\"\",]", 4),
    ("array several extra commas", b"[1,,]", 3),
    ("array unclosed", b"[\"x\"", 4),
    ("array unclosed with a comma", b"[1,", 3),
    ("array unclosed in array", b"[[1]", 4),
    ("array unclosed after newlines", b"[\"a\",\n4\n,1,", 11),
    ("array closed as object", b"[1}", 2),
    ("array of a star", b"[*]", 1),
    ("array with bad space", b"[\x0c]", 1),
    ("array with vertical tab", b"[\x0b1]", 1),
    ("array with a no-break space", b"[\xC2\xA01]", 1),
    ("arrays one behind the other", b"[][]", 2),
    ("array open", b"[", 1),
    ("array close alone", b"]", 0),
    ("array of an open object", b"[{", 2),
    ("literal cut: nul", b"[nul]", 4),
    ("literal cut: tru", b"[tru]", 4),
    ("literal cut: fals", b"[fals]", 5),
    ("literal cut at the end", b"nul", 3),
    ("literal with a capital", b"[True]", 1),
    ("literal with a late capital", b"[trUe]", 3),
    ("literal undefined", b"[undefined]", 1),
    ("literal nulll", b"nulll", 4),
    ("literal truefalse", b"[truefalse]", 5),
    ("literal no", b"[no]", 2),
    ("number plus plus", b"[++1234]", 1),
    ("number plus one", b"[+1]", 1),
    ("number minus alone", b"[-]", 2),
    ("number minus cut", b"-", 1),
    ("number double minus", b"[--2.]", 2),
    ("number minus and letter", b"[-foo]", 2),
    ("number minus Infinity", b"[-Infinity]", 2),
    ("number minus 01", b"[-01]", 3),
    ("number minus fraction without integer", b"[-.123]", 2),
    ("number -1.0.", b"[-1.0.]", 5),
    ("number -2.", b"[-2.]", 4),
    ("number fraction without integer", b"[.2e-3]", 1),
    ("number dot minus one", b"[.-1]", 1),
    ("number 0.1.2", b"[0.1.2]", 4),
    ("number 0.3e", b"[0.3e]", 5),
    ("number 0.3e+", b"[0.3e+]", 6),
    ("number 0.e1", b"[0.e1]", 3),
    ("number 0e", b"[0e]", 3),
    ("number 0E+", b"[0E+]", 4),
    ("number 0e+-1", b"[0e+-1]", 4),
    ("number 1.0e", b"[1.0e]", 5),
    ("number 1.0e-", b"[1.0e-]", 6),
    ("number with a thin space", b"[1 000.0]", 3),
    ("number 1eE2", b"[1eE2]", 3),
    ("number 2.e3", b"[2.e3]", 3),
    ("number 9.e+", b"[9.e+]", 3),
    ("number 012", b"[012]", 2),
    ("number 00", b"00", 1),
    ("number 0x1", b"[0x1]", 2),
    ("number 1_000", b"[1_000]", 2),
    ("number 1a", b"[1a]", 2),
    ("number 1ea", b"[1ea]", 3),
    ("number with a full-width digit", b"[\xEF\xBC\x91]", 1),
    ("number cut in the exponent", b"1e", 2),
    ("number cut behind the point", b"1.", 2),
    ("number Inf", b"[Inf]", 1),
    ("number NaN", b"[NaN]", 1),
    ("number two behind each other", b"1 2", 2),
    ("object bad value", b"[\"x\", truth]", 9),
    ("object bracket as name", b"{[: \"x\"}", 1),
    ("object comma instead of colon", b"{\"x\", null}", 4),
    ("object double colon", b"{\"x\"::\"b\"}", 5),
    ("object emoji as name", "{🏳}".as_bytes(), 1),
    ("object garbage at the end", b"{\"a\":\"a\" 123}", 9),
    ("object name in single quotes", b"{'a':0}", 1),
    ("object name a number", b"{1:1}", 1),
    ("object name bare", b"{a: \"b\"}", 1),
    ("object name null", b"{null:null}", 1),
    ("object without a colon", b"{\"a\" b}", 5),
    ("object without a name", b"{:\"b\"}", 1),
    ("object without a value", b"{\"a\":}", 5),
    ("object cut behind the colon", b"{\"a\":", 5),
    ("object cut behind the name", b"{\"a\"", 4),
    ("object cut behind the comma", b"{\"a\":1,", 7),
    ("object trailing comma", b"{\"id\":0,}", 8),
    ("object several trailing commas", b"{\"id\":0,,,}", 8),
    ("object leading comma", b"{,\"id\":0}", 1),
    ("object trailing comment", b"{\"a\":\"b\"}/**/", 9),
    ("object with a comment", b"{\"a\":/*c*/\"b\"}", 5),
    ("object trailing hash", b"{\"a\":\"b\"}#{}", 9),
    ("object two commas in a row", b"{\"a\":\"b\",,\"c\":\"d\"}", 9),
    ("object closed as array", b"{\"a\":1]", 6),
    ("object empty closed as array", b"{]", 1),
    ("object closed twice", b"{}}", 2),
    ("object unclosed", b"{\"asd\":\"asd\"", 12),
    ("object only a string", b"{\"foo\":\"bar\", \"a\"}", 17),
    ("object open", b"{", 1),
    ("string cut", b"\"abc", 4),
    ("string only a quote", b"\"", 1),
    ("string cut behind a backslash", b"[\"\\", 3),
    ("string escape x", b"[\"\\x00\"]", 3),
    ("string escape a", b"[\"\\a\"]", 3),
    ("string escape capital U", b"[\"\\U0041\"]", 3),
    ("string escape quote eaten", b"[\"\\\"]", 5),
    ("string escape emoji", "[\"\\🌀\"]".as_bytes(), 3),
    ("string escape control", b"[\"\\\x09\"]", 3),
    ("string escape zero", b"[\"\\\0\"]", 3),
    ("string escape u cut", b"[\"\\u\"]", 4),
    ("string escape u with two digits", b"[\"\\u00\"]", 6),
    ("string escape u with three digits", b"[\"\\u00A\"]", 7),
    ("string escape u with a sign", b"[\"\\u+041\"]", 4),
    ("string escape u with bad digit", b"[\"\\u00G0\"]", 6),
    ("string surrogate with half a second", b"[\"\\uD834\\uDd\"]", 12),
    ("string surrogate and a bare u", b"[\"\\uD800\\u\"]", 10),
    ("string surrogate and a bad escape", b"[\"\\uD800\\x\"]", 9),
    ("string surrogate and a backslash", b"[\"\\uD800\\\"]", 11),
    ("string with a raw newline", b"[\"new\nline\"]", 5),
    ("string with a raw tab", b"[\"\t\"]", 2),
    ("string with a raw zero", b"[\"a\0a\"]", 3),
    ("string with a raw unit separator", b"[\"\x1f\"]", 2),
    ("string in single quotes", b"['single quote']", 1),
    ("string bare", b"abc", 0),
    ("string with more behind it", b"\"\"x", 2),
    ("UTF-8: a continuation alone", b"[\"\x80\"]", 2),
    ("UTF-8: a lone 0xE9", b"[\"\xE9\"]", 3),
    ("UTF-8: overlong in two bytes", b"[\"\xC0\xAF\"]", 2),
    ("UTF-8: overlong by one bit", b"[\"\xC1\xBF\"]", 2),
    ("UTF-8: overlong in three bytes", b"[\"\xE0\x80\xAF\"]", 3),
    ("UTF-8: largest overlong in three bytes", b"[\"\xE0\x9F\xBF\"]", 3),
    ("UTF-8: overlong in four bytes", b"[\"\xF0\x80\x80\xAF\"]", 3),
    ("UTF-8: largest overlong in four bytes", b"[\"\xF0\x8F\xBF\xBF\"]", 3),
    ("UTF-8: the first surrogate", b"[\"\xED\xA0\x80\"]", 3),
    ("UTF-8: the last surrogate", b"[\"\xED\xBF\xBF\"]", 3),
    ("UTF-8: beyond U+10FFFF", b"[\"\xF4\x90\x80\x80\"]", 3),
    ("UTF-8: far beyond U+10FFFF", b"[\"\xF5\x80\x80\x80\"]", 2),
    ("UTF-8: five bytes", b"[\"\xF8\x88\x80\x80\x80\"]", 2),
    ("UTF-8: 0xFF", b"[\"\xFF\"]", 2),
    ("UTF-8: cut by a quote", b"[\"\xE6\xBC\"]", 4),
    ("UTF-8: cut by the end", b"[\"\xF0\x9F\x98", 5),
    ("UTF-8: cut by another character", b"[\"\xF0\x9F\xC3\xA9\"]", 4),
    ("UTF-8: one continuation too many", b"[\"\xC3\xA9\xA9\"]", 4),
    ("UTF-8: bad in a name", b"{\"\xFF\":1}", 2),
    ("UTF-8: outside a string", b"[\xC3\xA9]", 1),
    ("text before the value", b"x[]", 0),
    ("HTML instead of JSON", b"<!DOCTYPE html>", 0),
    ("gzip instead of JSON", b"\x1f\x8b\x08\x00", 0),
    ("a comma alone", b",", 0),
    ("a colon alone", b":", 0),
    ("a form feed before the value", b"\x0c1", 0),
    ("a semicolon behind", b"[];", 2),
];

/// The verdict on a document that comes in these chunks, by way of the events.
fn told(chunks: &[&[u8]]) -> Result<(), JsonError> {
    let mut tokens = Tokenizer::new();
    for chunk in chunks {
        let mut rest = *chunk;
        while let (taken, Some(_)) = tokens.next(rest)? {
            rest = &rest[taken..];
        }
    }
    tokens.finish()
}

/// The same, by way of skipping all of it.
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

fn bytewise(document: &[u8]) -> Vec<&[u8]> {
    document.chunks(1).collect()
}

/// The one verdict of both ways, whole and byte by byte.
fn verdict(document: &[u8]) -> Result<(), JsonError> {
    let verdict = told(&[document]);
    let shown = document.escape_ascii();
    assert_eq!(told(&bytewise(document)), verdict, "byte by byte: {shown}");
    assert_eq!(skipped(&[document]), verdict, "skipped: {shown}");
    assert_eq!(skipped(&bytewise(document)), verdict, "skipped byte by byte: {shown}");
    verdict
}

/// What others think of it. `serde_json` has no limit of depth when it only skips.
fn second_opinion(document: &[u8]) -> bool {
    std::str::from_utf8(document).is_ok() && serde_json::from_slice::<&RawValue>(document).is_ok()
}

#[test]
fn what_the_grammar_allows_is_accepted() {
    for (name, document) in ACCEPTED {
        assert_eq!(verdict(document), Ok(()), "{name}");
        assert!(second_opinion(document), "{name}: serde_json refuses it");
    }
}

#[test]
fn what_the_grammar_does_not_allow_is_refused_at_the_byte_that_broke_it() {
    for (name, document, offset) in REFUSED {
        let error = verdict(document).expect_err(name);
        assert_eq!(error.offset, *offset, "{name}: {error}");
        assert!(!second_opinion(document), "{name}: serde_json accepts it");
    }
}

#[test]
fn the_verdict_does_not_depend_on_where_the_document_is_cut() {
    let accepted = ACCEPTED.iter().map(|(_, document)| *document);
    for document in accepted.chain(REFUSED.iter().map(|(_, document, _)| *document)) {
        let whole = told(&[document]);
        for first in 0..=document.len() {
            for second in first..=document.len() {
                let chunks = [&document[..first], &document[first..second], &document[second..]];
                assert_eq!(told(&chunks), whole, "{} cut at {first} and {second}", document.escape_ascii());
                assert_eq!(
                    skipped(&chunks),
                    whole,
                    "{} cut at {first} and {second}",
                    document.escape_ascii()
                );
            }
        }
    }
}

#[test]
fn containers_may_be_open_to_the_limit_and_no_further() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| format!("{}0{}", open.repeat(depth), close.repeat(depth));
        let limit = usize::from(MAX_DEPTH);
        assert_eq!(verdict(nested(limit).as_bytes()), Ok(()));
        let error = verdict(nested(limit + 1).as_bytes()).expect_err("one too many");
        assert_eq!(error.offset, (limit * open.len()) as u64);
        assert!(error.to_string().starts_with("more than 128 arrays and objects"), "{error}");
    }
}

#[test]
fn every_short_document_gets_the_verdict_of_serde_json() {
    let alphabets: [(&str, &[u8], &str, u32); 4] = [
        ("", b"[]{},:\"1 ", "", 5),
        ("[", b"-+.eE01,", "]", 5),
        ("[\"", b"\\u0dD8\"n", "\"]", 5),
        ("{\"a\":", b"tru,}\"", "}", 5),
    ];
    for (before, alphabet, behind, longest) in alphabets {
        for len in 0..=longest {
            for number in 0..alphabet.len().pow(len) {
                let mut document = before.as_bytes().to_vec();
                let digit = |place| alphabet[number / alphabet.len().pow(place) % alphabet.len()];
                document.extend((0..len).map(digit));
                document.extend(behind.as_bytes());
                let accepted = told(&[&document]).is_ok();
                assert_eq!(accepted, second_opinion(&document), "{}", document.escape_ascii());
                assert_eq!(accepted, skipped(&[&document]).is_ok(), "{}", document.escape_ascii());
            }
        }
    }
}

#[test]
fn every_sequence_of_two_bytes_and_every_edge_of_longer_ones_is_utf8_or_refused() {
    let edges =
        [0x22, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF];
    let check = |bytes: &[u8]| {
        let document = [b"\"", bytes, b"\""].concat();
        assert_eq!(told(&[&document]).is_ok(), second_opinion(&document), "{}", document.escape_ascii());
    };
    for first in 0x20..=0xFF {
        (0x20..=0xFF).for_each(|second| check(&[first, second]));
        for second in edges {
            for third in edges {
                check(&[first, second, third]);
                if first >= 0xE0 {
                    edges.iter().for_each(|fourth| check(&[first, second, third, *fourth]));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_documents_are_accepted(document in document()) {
        prop_assert!(second_opinion(document.as_bytes()));
        prop_assert_eq!(verdict(document.as_bytes()), Ok(()));
    }

    #[test]
    fn damaged_documents_get_the_verdict_of_serde_json(document in mutated(document())) {
        prop_assert_eq!(verdict(&document).is_ok(), second_opinion(&document), "{}", document.escape_ascii());
    }

    #[test]
    fn the_verdict_on_a_damaged_document_is_the_same_however_it_is_cut(
        document in mutated(document()),
        cuts in support::cuts(),
    ) {
        let chunks = chunks(&document, &cuts);
        prop_assert_eq!(told(&chunks), told(&[&document]));
        prop_assert_eq!(skipped(&chunks), told(&[&document]));
    }
}
