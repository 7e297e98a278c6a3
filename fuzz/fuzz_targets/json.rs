//! The tokenizer: the same verdict and offset for every split, and the verdict and the values of serde_json.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use tidegate_core::json::{JsonError, JsonErrorKind, JsonEvent, Kind, Tokenizer};
use tidegate_fuzz::leaves::Leaves;
use tidegate_fuzz::{Choices, pieces};

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices::new(input);
    let split = choices.byte();
    let document = choices.rest();

    let whole = verdict(std::iter::once(document));
    assert_eq!(verdict(document.chunks(1)), whole, "byte by byte");
    assert_eq!(verdict(pieces(document, split)), whole, "in pieces");
    assert_eq!(skipped(std::iter::once(document)), whole, "skipped whole");
    assert_eq!(skipped(pieces(document, split)), whole, "skipped in pieces");

    // The oracle stops at 127 containers, ours at 128; it takes bytes that are no UTF-8 in strings it passes over.
    let is_deep = document.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() > 120;
    if !is_deep {
        let oracle =
            std::str::from_utf8(document).is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_ok());
        assert_eq!(whole.is_ok(), oracle, "{whole:?}");
        // Halves of characters and numbers beyond its types are no values to it.
        if let Ok(Leaves(expected)) = serde_json::from_slice(document) {
            assert_eq!(leaves(pieces(document, split)), expected);
        }
    }
});

/// Every name and value that has no others in it, in their order.
fn leaves<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut tokens = Tokenizer::new();
    let (mut leaves, mut text) = (Vec::new(), None::<(Kind, String)>);
    let mut on = |event| match event {
        JsonEvent::Value(kind @ (Kind::String | Kind::Number)) => text = Some((kind, String::new())),
        JsonEvent::NameStart => text = Some((Kind::String, String::new())),
        JsonEvent::Value(kind @ (Kind::True | Kind::False | Kind::Null)) => leaves.push(kind.to_string()),
        JsonEvent::Text(piece) => text.as_mut().expect("inside a text").1.push_str(piece),
        JsonEvent::Char(c) => text.as_mut().expect("inside a text").1.push(c),
        JsonEvent::Unpaired(_) => unreachable!("serde_json refuses it"),
        JsonEvent::NameEnd | JsonEvent::ValueEnd => match text.take() {
            Some((Kind::Number, number)) => {
                // As serde_json shows the same number.
                leaves.push(number.parse::<serde_json::Number>().expect("a number").to_string());
            }
            Some((_, string)) => leaves.push(format!("{string:?}")),
            None => {}
        },
        JsonEvent::Value(Kind::Object | Kind::Array) => {}
    };
    for piece in pieces {
        let mut rest = piece;
        while let (taken, Some(event)) = tokens.next(rest).expect("JSON to both") {
            on(event);
            rest = &rest[taken..];
        }
    }
    // A number is over only with the document.
    on(JsonEvent::ValueEnd);
    leaves
}

fn verdict<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<(), JsonError> {
    let mut tokens = Tokenizer::new();
    for piece in pieces {
        let mut rest = piece;
        loop {
            let (taken, event) = tokens.next(rest)?;
            rest = &rest[taken..];
            if event.is_none() {
                break;
            }
        }
        assert!(rest.is_empty(), "what gives no event is consumed");
    }
    tokens.finish()
}

/// The same by way of `skip`, which announces nothing.
fn skipped<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<(), JsonError> {
    let mut tokens = Tokenizer::new();
    let mut is_over = false;
    for piece in pieces {
        let mut rest = piece;
        while !rest.is_empty() && !is_over {
            let (taken, ended) = tokens.skip(rest, 0)?;
            rest = &rest[taken..];
            is_over = ended;
        }
        // Nothing but whitespace may follow, and `next` tells.
        let (_, event) = tokens.next(rest)?;
        assert!(rest.is_empty() || event.is_none(), "a second value");
    }
    match tokens.finish() {
        Err(JsonError { kind: JsonErrorKind::CutShort, .. }) if is_over => panic!("the value was over"),
        finished => finished,
    }
}
