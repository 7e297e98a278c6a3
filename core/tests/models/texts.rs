//! Texts with escapes, numbers that are texts, and lists.

use tidegate_core::api::kontent::{Element, Item, Variant};
use tidegate_core::api::model::{Skipped, Varied};
use tidegate_core::text::Text;

#[test]
fn a_text_with_an_escape_is_decoded_unless_it_is_lent() {
    let json = r#"{"id":"1","name":"a \"quoted\" caf\u00e9"}"#;
    let name = "a \"quoted\" café";
    let owned: Item<String> = serde_json::from_str(json).unwrap();
    assert_eq!(owned.name.as_deref(), Some(name));
    let buffer = &mut [0; 64];
    let (fixed, _): (Item<Text<32>>, _) = serde_json_core::from_str_escaped(json, buffer).unwrap();
    assert_eq!(fixed.name.unwrap().as_str(), name);
    let buffer = &mut [0; 64];
    assert!(serde_json::from_str::<Item<&str>>(json).is_err());
    assert!(serde_json_core::from_str_escaped::<Item<&str>>(json, buffer).is_err());
}

#[test]
fn a_text_with_an_escape_must_fit_the_buffer_even_if_it_is_passed_over() {
    let json = r#"{"id":"1","unknown":"a \"quoted\" text"}"#;
    let read =
        |room: usize| serde_json_core::from_str_escaped::<Item<&str>>(json, &mut vec![0; room]).is_ok();
    assert!(read(16) && !read(8));
}

#[test]
fn a_text_longer_than_its_place_is_cut_and_says_so() {
    let item: Item<Text<4>> = serde_json::from_str(r#"{"id":"1","name":"News of today"}"#).unwrap();
    let name = item.name.unwrap();
    assert_eq!((name.as_str(), name.is_cut()), ("News", true));
    assert!(!item.id.is_cut());
}

#[test]
fn a_number_is_read_from_a_number_and_from_a_text_and_from_nothing_else() {
    let table = [
        ("7199", Some(Some(7199))),
        ("\"7199\"", Some(Some(7199))),
        ("-1", Some(Some(-1))),
        ("\"9223372036854775807\"", Some(Some(i64::MAX))),
        ("\"9223372036854775808\"", Some(None)),
        ("\"soon\"", Some(None)),
        ("\"\"", Some(None)),
        ("9223372036854775808", None),
        ("1.5", None),
        ("true", None),
        ("null", None),
        ("[1]", None),
    ];
    for (json, number) in table {
        let owned = serde_json::from_str::<Varied<String>>(json).ok();
        assert_eq!(owned.map(|value| value.number()), number, "{json}");
        let lent = serde_json::from_str::<Varied<&str>>(json).ok();
        assert_eq!(lent.map(|value| value.number()), number, "{json}, lent");
    }
}

#[test]
fn a_list_is_passed_over_or_read_as_the_caller_says() {
    let json = r#"{"item":{"id":"1"},"elements":[
        {"element":{"id":"a"},"value":"News"},
        {"element":{"id":"b"},"value":7},
        {"element":{"codename":"c"},"value":[{"id":"2"}],"components":[]}
    ]}"#;
    let passed_over: Variant<&str> = serde_json::from_str(json).unwrap();
    assert_eq!(passed_over.elements, Some(Skipped));

    let values: Variant<String, Vec<Element<String, serde_json::Value>>> =
        serde_json::from_str(json).unwrap();
    let values = values.elements.unwrap();
    assert_eq!(values[0].value, Some("News".into()));
    assert_eq!(values[1].value, Some(7.into()));

    let (fixed, _): (Variant<&str, [Element<&str>; 3]>, _) = serde_json_core::from_str(json).unwrap();
    assert_eq!(fixed.elements.unwrap()[2].element.unwrap().codename, Some("c"));
}
