//! What the tokenizer tells: the verdicts are in `core/tests/json_verdicts.rs`.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::*;

/// All events, with offsets where values begin, and the error if there was one.
fn trace(chunks: &[&[u8]]) -> String {
    let mut tokens = Tokenizer::new();
    let mut trace = String::new();
    let mut read = |trace: &mut String| {
        for chunk in chunks {
            let mut rest = *chunk;
            while let (taken, Some(event)) = tokens.next(rest)? {
                rest = &rest[taken..];
                match event {
                    JsonEvent::Value(kind) => *trace += &format!("{kind:?}@{}(", tokens.offset()),
                    JsonEvent::ValueEnd => *trace += ")",
                    JsonEvent::NameStart => *trace += "<",
                    JsonEvent::NameEnd => *trace += ">",
                    JsonEvent::Text(piece) => *trace += piece,
                    JsonEvent::Char(c) => trace.push(c),
                    JsonEvent::Unpaired(unit) => *trace += &format!("[{unit:x}]"),
                }
            }
        }
        tokens.finish()
    };
    if let Err(error) = read(&mut trace) {
        trace += &format!(" {error}");
        if error.kind == JsonErrorKind::CutShort {
            return trace;
        }
        assert_eq!(tokens.next(b"[]"), Err(error), "it stays as it failed");
        assert_eq!(tokens.next(b""), Err(error), "it stays as it failed");
        assert_eq!(tokens.skip(b"[]", 0), Err(error), "it stays as it failed");
        assert_eq!((tokens.finish(), tokens.depth()), (Err(error), 0), "it stays as it failed");
    }
    trace
}

const TOLD: &[(&str, &str)] = &[
    ("[]", "Array@0()"),
    (" {} ", "Object@1()"),
    (r#"{"a":[1,-2.5e3 ],"b":{}}"#, "Object@0(<a>Array@5(Number@6(1)Number@8(-2.5e3))<b>Object@21())"),
    ("[true,false,null]", "Array@0(True@1()False@6()Null@12())"),
    (r#"["","x"]"#, r#"Array@0(String@1()String@4(x))"#),
    (r#"["aé漢😀b"]"#, "Array@0(String@1(aé漢😀b))"),
    (r#"["\"\\\/\u0041\u00e9\u6f22\ud83d\ude00z"]"#, r#"Array@0(String@1("\/Aé漢😀z))"#),
    (r#"["\ud800"]"#, "Array@0(String@1([d800]))"),
    (r#"["a\udc00b"]"#, "Array@0(String@1(a[dc00]b))"),
    (r#"["\ud800\n"]"#, "Array@0(String@1([d800]\n))"),
    (r#"["\ud800\ud83d\ude00"]"#, "Array@0(String@1([d800]😀))"),
    (r#"["\ud800\u0041"]"#, "Array@0(String@1([d800]A))"),
    (r#"["\ud800é"]"#, "Array@0(String@1([d800]é))"),
    (r#"{"\ud83d\ude00\ud800":0}"#, "Object@0(<😀[d800]>Number@22(0))"),
    ("12", "Number@0(12"),
    ("12 ", "Number@0(12)"),
    ("[1", "Array@0(Number@1(1 the document ends after 2 bytes, before it is whole"),
    ("[1x]", "Array@0(Number@1(1) expected `,` or `]` at byte 2, found `x`"),
    ("[1.x]", "Array@0(Number@1(1. expected a digit at byte 3, found `x`"),
    (r#"{"a" 1}"#, "Object@0(<a> expected `:` at byte 5, found `1`"),
    ("{1}", "Object@0( expected a member's name or `}` at byte 1, found `1`"),
    (r#"{"a":0,}"#, "Object@0(<a>Number@5(0) expected a member's name at byte 7, found `}`"),
    (r#"{"a":0]"#, "Object@0(<a>Number@5(0) expected `,` or `}` at byte 6, found `]`"),
    ("[}", "Array@0( expected a value or `]` at byte 1, found `}`"),
    ("[0,\u{7f}", "Array@0(Number@1(0) expected a value at byte 3, found 0x7f"),
    ("[] 7", "Array@0() expected nothing more at byte 3, found `7`"),
    ("[nuLl]", "Array@0(Null@1( expected `l` at byte 3, found `L`"),
    (
        r#"["a\x"]"#,
        r#"Array@0(String@1(a expected one of `"\/bfnrtu` behind the backslash at byte 4, found `x`"#,
    ),
    (r#"["a\u12x"]"#, "Array@0(String@1(a expected a hexadecimal digit at byte 7, found `x`"),
    (
        "[\"ab\n\"]",
        "Array@0(String@1(ab the control character 0x0a at byte 4 must be escaped inside a string",
    ),
];

#[test]
fn a_document_is_told_as_values_names_and_texts() {
    for (document, told) in TOLD {
        assert_eq!(trace(&[document.as_bytes()]), *told, "{document}");
    }
}

#[test]
fn the_same_is_told_however_the_document_is_cut() {
    for (document, told) in TOLD {
        let document = document.as_bytes();
        for first in 0..=document.len() {
            for second in first..=document.len() {
                let chunks = [&document[..first], &document[first..second], &document[second..]];
                assert_eq!(trace(&chunks), *told, "cut at {first} and {second}");
            }
        }
        assert_eq!(trace(&document.chunks(1).collect::<Vec<_>>()), *told, "byte by byte");
    }
}

#[test]
fn a_text_cut_inside_a_character_is_whole_before_it_and_has_the_character_behind_it() {
    let document = "\"ab漢cd\"".as_bytes();
    let mut tokens = Tokenizer::new();
    assert_eq!(tokens.next(document), Ok((0, Some(JsonEvent::Value(Kind::String)))));
    assert_eq!(tokens.next(&document[..5]), Ok((5, Some(JsonEvent::Text("ab")))));
    assert_eq!(tokens.next(&document[5..]), Ok((1, Some(JsonEvent::Char('漢')))));
    assert_eq!(tokens.next(&document[6..]), Ok((2, Some(JsonEvent::Text("cd")))));
    assert_eq!(tokens.next(&document[8..]), Ok((1, Some(JsonEvent::ValueEnd))));
    assert_eq!(tokens.next(&[]), Ok((0, None)));
    assert_eq!((tokens.offset(), tokens.finish()), (9, Ok(())));
}

#[test]
fn a_skipped_value_is_consumed_to_its_last_byte_and_no_further() {
    for value in ["{}", "[[],{\"a\":[1]},\"]\"]", "\"a\\\"b\"", "12.5", "true", "null", "{\"[\":[[[]]]}"] {
        for cut in 0..=value.len() {
            let document = format!("[ {value} ,0]");
            let mut tokens = Tokenizer::new();
            assert_eq!(tokens.next(document.as_bytes()), Ok((0, Some(JsonEvent::Value(Kind::Array)))));
            let (taken, event) = tokens.next(document.as_bytes()).expect("valid");
            assert!(matches!((taken, event), (2, Some(JsonEvent::Value(_)))), "{event:?}");
            let depth = tokens.depth();
            let (head, tail) = document.as_bytes()[taken..].split_at(cut);
            let (first, ended) = tokens.skip(head, depth).expect("valid");
            let second = if ended { 0 } else { tokens.skip(tail, depth).expect("valid").0 };
            assert_eq!(first + second, value.len(), "{value} cut at {cut}");
            assert_eq!(tokens.next(b" ,0"), Ok((2, Some(JsonEvent::Value(Kind::Number)))));
        }
    }
}

#[test]
fn a_value_can_be_skipped_from_within() {
    let document = br#"{"a":[1,{"b":2}],"c":3}"#;
    let mut tokens = Tokenizer::new();
    let mut at = 0;
    while tokens.depth() < 3 {
        at += tokens.next(&document[at..]).expect("valid").0;
    }
    let (taken, ended) = tokens.skip(&document[at..], 1).expect("valid");
    assert_eq!((at + taken, ended), (16, true), "to the end of `a`");
}

#[test]
fn a_tokenizer_is_small() {
    assert!(size_of::<Tokenizer>() <= 64, "{}", size_of::<Tokenizer>());
}

#[test]
fn a_byte_that_does_not_show_is_told_by_its_number() {
    let error = JsonError { offset: 7, kind: JsonErrorKind::NotUtf8(0xC0) };
    assert_eq!(error.to_string(), "0xc0 at byte 7 is not UTF-8");
}
