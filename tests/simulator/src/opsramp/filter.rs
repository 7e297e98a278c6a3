//! `queryString`, as the vendor's notes have it: `key:value+key:value,value`, where a plus leads to the next field, a colon
//! is equality and a comma separates values. The plus must be percent-encoded; a raw one has become a space by the time
//! this is read, and so is part of a value. Keys that are not known are refused, for who relies on one should learn of it.

use serde_json::Value;

use super::list::List;

/// What an item must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter(Vec<Condition>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    pointer: &'static str,
    values: Vec<String>,
}

impl Filter {
    /// Reads a decoded `queryString`, or says what is wrong with it.
    pub(super) fn read(list: List, text: &str) -> Result<Self, String> {
        let fields = text.split('+').filter(|field| !field.is_empty());
        let conditions = fields.map(|field| {
            let (key, values) = field.split_once(':').ok_or_else(|| format!("No value in {field}"))?;
            let pointer = list.searched(key.trim()).ok_or_else(|| format!("Unknown search key {key}"))?;
            Ok(Condition {
                pointer,
                values: values.split(',').map(|value| value.trim().to_owned()).collect(),
            })
        });
        conditions.collect::<Result<Vec<_>, _>>().map(Self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an item has all of it. What cannot be read has nothing.
    pub(super) fn matches(&self, item: &[u8]) -> bool {
        if self.is_empty() {
            return true;
        }
        serde_json::from_slice(item)
            .is_ok_and(|item: Value| self.0.iter().all(|condition| condition.holds(&item)))
    }
}

impl Condition {
    fn holds(&self, item: &Value) -> bool {
        let Some(found) = item.pointer(self.pointer) else { return false };
        let text = found.as_str().map_or_else(|| found.to_string(), ToOwned::to_owned);
        self.values.contains(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_is_and_a_comma_is_or_and_a_space_is_part_of_a_value() {
        let item = br#"{"id":"1","resourceType":"OpsRamp Gateway","state":"active","agentInstalled":true}"#;
        let cases = [
            ("", Ok(true)),
            ("state:active", Ok(true)),
            ("state:inactive", Ok(false)),
            ("state:inactive,active", Ok(true)),
            ("state:active+agentInstalled:true", Ok(true)),
            ("state:active+agentInstalled:false", Ok(false)),
            // The plus was not encoded: one field, whose value nothing has.
            ("state:active agentInstalled:true", Ok(false)),
            ("resourceType:OpsRamp Gateway", Ok(true)),
            ("name:x", Ok(false)),
            ("state", Err(())),
            ("tsate:active", Err(())),
        ];
        for (text, expected) in cases {
            let found = Filter::read(List::Resources, text).map(|filter| filter.matches(item));
            assert_eq!(found.map_err(|_| ()), expected, "{text}");
        }
    }
}
