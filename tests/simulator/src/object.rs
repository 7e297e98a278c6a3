//! JSON objects written by hand, member by member, so that the order of members and the exact bytes are those that were
//! meant. Names are taken to need no escaping.

use crate::text::quoted;

/// An object that is being written.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    text: String,
    space: &'static str,
}

impl Object {
    pub(crate) fn new() -> Self {
        Self { text: String::from("{"), space: "" }
    }

    /// With a space after each colon and comma, as Python writes it.
    pub(crate) fn spaced() -> Self {
        Self { text: String::from("{"), space: " " }
    }

    /// A member whose value is this JSON text.
    pub(crate) fn raw(mut self, name: &str, json: impl AsRef<str>) -> Self {
        let space = self.space;
        let comma = if self.text.len() > 1 { format!(",{space}") } else { String::new() };
        self.text.push_str(&format!("{comma}\"{name}\":{space}"));
        self.text.push_str(json.as_ref());
        self
    }

    pub(crate) fn text(self, name: &str, value: impl AsRef<str>) -> Self {
        self.raw(name, quoted(value.as_ref()))
    }

    pub(crate) fn text_or_null(self, name: &str, value: Option<&str>) -> Self {
        self.raw(name, value.map_or_else(|| "null".to_owned(), quoted))
    }

    pub(crate) fn number(self, name: &str, value: u64) -> Self {
        self.raw(name, value.to_string())
    }

    pub(crate) fn done(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

/// An array of these JSON texts.
pub(crate) fn array<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, ",")
}

/// The same with a space after each comma, as Python writes it.
pub(crate) fn spaced_array<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, ", ")
}

fn joined<T: AsRef<str>>(items: impl IntoIterator<Item = T>, comma: &str) -> String {
    let mut text = String::from("[");
    for item in items {
        if text.len() > 1 {
            text.push_str(comma);
        }
        text.push_str(item.as_ref());
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_in_the_order_in_which_they_were_written() {
        let inner = array(["1", "{}"]);
        let text =
            Object::new().text("b", "\"").raw("a", inner).text_or_null("d", None).number("c", 7).done();
        assert_eq!(text, r#"{"b":"\"","a":[1,{}],"d":null,"c":7}"#);
        let spaced = Object::spaced().number("a", 1).raw("b", spaced_array(["1", "2"])).done();
        assert_eq!(spaced, r#"{"a": 1, "b": [1, 2]}"#);
        assert_eq!((Object::new().done(), array::<&str>([])), ("{}".to_owned(), "[]".to_owned()));
    }
}
