//! Reads an item in every world, and in every way in which a vendor may change it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;
use tidegate_core::text::Text;

/// A text of a fixed size, longer than any in the samples.
pub(crate) type Fixed = Text<160>;

/// Checks a model of one parameter: see [`check`]. What an item cannot do without is given as JSON pointers.
macro_rules! holds {
    ($model:ident, $sample:expr, needs $needed:expr) => {
        $crate::worlds::check::<$model<String>, $model<&'static str>, $model<$crate::worlds::Fixed>>(
            $sample, &$needed,
        )
    };
}
pub(crate) use holds;

/// Reads the sample in every world; then with a member that nobody knows, with values that nobody knows, and without each of
/// its members in turn, whether missing or null. Gives the sample as it was read.
#[track_caller]
pub(crate) fn check<O, B, F>(sample: &str, needed: &[&str]) -> O
where
    O: DeserializeOwned + Debug,
    B: Deserialize<'static> + Debug,
    F: DeserializeOwned + Debug,
{
    let whole = read::<O, B, F>(sample).unwrap_or_else(|error| panic!("{sample}: {error}"));
    let value: Value = serde_json::from_str(sample).expect("a sample is JSON");
    for object in objects(&value) {
        let changed = with(&value, &format!("{object}/anything_new"), json!({"deep": [1, {"x": null}, "y"]}));
        assert_eq!(read::<O, B, F>(&changed), Ok(whole.clone()), "{object} has a new member");
    }
    for member in members(&value) {
        let is_needed = needed.contains(&member.as_str());
        let (null, missing) = (
            read::<O, B, F>(&with(&value, &member, Value::Null)),
            read::<O, B, F>(&without(&value, &member)),
        );
        assert_eq!(null.is_err(), is_needed, "{member} is null: {null:?}");
        assert_eq!(missing.is_err(), is_needed, "{member} is missing: {missing:?}");
        assert!(is_needed || null == missing, "{member} null and missing are the same");
        if value.pointer(&member).is_some_and(Value::is_string) {
            let read = read::<O, B, F>(&with(&value, &member, json!("NEVER_SEEN_BEFORE")));
            assert!(read.is_ok(), "{member} has a new value: {read:?}");
        }
    }
    serde_json::from_str(sample).expect("it was read above")
}

/// What every world reads, as it is printed.
fn read<O, B, F>(json: &str) -> Result<String, String>
where
    O: DeserializeOwned + Debug,
    B: Deserialize<'static> + Debug,
    F: DeserializeOwned + Debug,
{
    // What is lent must live as long as its type says, and a test does not live long.
    let lent: &'static str = Box::leak(json.into());
    let (short, text) = (&mut [0; 512], &mut [0; 512]);
    let worlds = [
        shown(serde_json::from_str::<O>(json)),
        shown(serde_json::from_str::<B>(lent)),
        shown(serde_json::from_str::<F>(json)),
        shown(serde_json_core::from_str_escaped::<B>(lent, short).map(|(item, _)| item)),
        shown(serde_json_core::from_str_escaped::<F>(json, text).map(|(item, _)| item)),
    ];
    let [first, others @ ..] = &worlds;
    for other in others {
        match (first, other) {
            (Ok(first), Ok(other)) => assert_eq!(first, other, "{json}"),
            (Err(_), Err(_)) => {}
            _ => panic!("the worlds disagree on {json}: {worlds:?}"),
        }
    }
    first.clone()
}

fn shown<T: Debug, E: ToString>(read: Result<T, E>) -> Result<String, String> {
    read.map(|item| format!("{item:?}")).map_err(|error| error.to_string())
}

/// JSON pointers to the value and to every object in it, those in arrays aside.
fn objects(value: &Value) -> Vec<String> {
    let nested =
        members(value).into_iter().filter(|member| value.pointer(member).is_some_and(Value::is_object));
    std::iter::once(String::new()).chain(nested).collect()
}

/// JSON pointers to every member of every object, those in arrays aside.
fn members(value: &Value) -> Vec<String> {
    let Value::Object(object) = value else { return Vec::new() };
    let of = |(name, value): (&String, &Value)| {
        let below = members(value).into_iter().map(|member| format!("/{name}{member}")).collect::<Vec<_>>();
        std::iter::once(format!("/{name}")).chain(below)
    };
    object.iter().flat_map(of).collect()
}

fn with(value: &Value, member: &str, new: Value) -> String {
    changed(value, member, |object, name| drop(object.insert(name.into(), new)))
}

fn without(value: &Value, member: &str) -> String {
    changed(value, member, |object, name| drop(object.remove(name)))
}

fn changed(
    value: &Value,
    member: &str,
    change: impl FnOnce(&mut serde_json::Map<String, Value>, &str),
) -> String {
    let mut value = value.clone();
    let (object, name) = member.rsplit_once('/').expect("a pointer begins with a slash");
    let object = value.pointer_mut(object).and_then(Value::as_object_mut).expect("an object");
    change(object, name);
    value.to_string()
}
