//! JSON objects written by hand, member by member, so that the order of members and the exact bytes are those that were
//! meant. Names are taken to need no escaping.

use crate::text::quoted;

/// An object that is being written.
#[derive(Clone, Debug)]
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self(String::from("{"))
    }

    /// A member whose value is this JSON text.
    pub(crate) fn raw(mut self, name: &str, json: impl AsRef<str>) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        self.0.push_str(json.as_ref());
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
        self.0.push('}');
        self.0
    }
}

/// An array of these JSON texts.
pub(crate) fn array<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::from("[");
    for item in items {
        if text.len() > 1 {
            text.push(',');
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
        assert_eq!((Object::new().done(), array::<&str>([])), ("{}".to_owned(), "[]".to_owned()));
    }
}
