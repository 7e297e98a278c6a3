//! The names and values of a document as serde_json sees them.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Every name and value that has no others in it, in their order.
#[derive(Debug, Default)]
pub struct Leaves(pub Vec<String>);

impl<'de> Deserialize<'de> for Leaves {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Collector)
    }
}

struct Collector;

impl<'de> Visitor<'de> for Collector {
    type Value = Leaves;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Leaves, E> {
        Ok(Leaves(vec![value.to_string()]))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Leaves, E> {
        Ok(Leaves(vec![value.to_string()]))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Leaves, E> {
        Ok(Leaves(vec![value.to_string()]))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Leaves, E> {
        let number = serde_json::Number::from_f64(value).ok_or_else(|| E::custom("not finite"))?;
        Ok(Leaves(vec![number.to_string()]))
    }

    fn visit_str<E>(self, value: &str) -> Result<Leaves, E> {
        Ok(Leaves(vec![format!("{value:?}")]))
    }

    fn visit_unit<E>(self) -> Result<Leaves, E> {
        Ok(Leaves(vec!["null".into()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Leaves, A::Error> {
        let mut leaves = Vec::new();
        while let Some(Leaves(inner)) = elements.next_element()? {
            leaves.extend(inner);
        }
        Ok(Leaves(leaves))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Leaves, A::Error> {
        let mut leaves = Vec::new();
        while let Some((name, Leaves(inner))) = members.next_entry::<String, Leaves>()? {
            leaves.push(format!("{name:?}"));
            leaves.extend(inner);
        }
        Ok(Leaves(leaves))
    }
}
