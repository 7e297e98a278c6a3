//! What OpsRamp's searches are narrowed by: `queryString=key:value+key:value`, in which a plus means AND. A plus that arrives
//! as it is would be read as a space, so all of it is percent-encoded, as any value is; and a key or a value that has such a
//! mark in it would say something else than was meant, so it is refused.

use crate::http::Parameter;
use crate::text::Text;
use core::fmt;

/// Terms that must all hold. As a parameter it is called [`QueryString::NAME`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryString<'a>(&'a [(&'a str, &'a str)]);

impl<'a> QueryString<'a> {
    /// The name of the parameter.
    pub const NAME: &'static str = "queryString";

    /// Of keys and values. A value may have colons in it, as times have: the first one ends the key.
    ///
    /// # Errors
    ///
    /// No terms, an empty key or value, a plus, or a colon in a key.
    pub fn new(terms: &'a [(&'a str, &'a str)]) -> Result<Self, QueryStringError> {
        if terms.is_empty() {
            return Err(QueryStringError::Nothing);
        }
        for (key, value) in terms {
            if key.is_empty() || key.contains(['+', ':']) {
                return Err(QueryStringError::Key { key: Text::new(key) });
            }
            if value.is_empty() || value.contains('+') {
                return Err(QueryStringError::Value { key: Text::new(key), value: Text::new(value) });
            }
        }
        Ok(Self(terms))
    }

    /// It as the value of a parameter.
    pub const fn parameter(self) -> Parameter<'a> {
        Parameter::Pairs(self.0)
    }
}

impl fmt::Display for QueryString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parameter().fmt(f)
    }
}

/// Terms that would say something else than was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryStringError {
    /// There are none.
    Nothing,
    /// The key is empty, or has a plus or a colon in it.
    Key {
        /// The key.
        key: Text<32>,
    },
    /// The value is empty, or has a plus in it.
    Value {
        /// Its key.
        key: Text<32>,
        /// The value.
        value: Text<32>,
    },
}

impl fmt::Display for QueryStringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("a query string has one term at least"),
            Self::Key { key } => {
                write!(
                    f,
                    "`{key}` is no key of a query string: it must not be empty, nor have a plus or a colon in it"
                )
            }
            Self::Value { key, value } => write!(
                f,
                "`{value}` is no value for `{key}` in a query string: it must not be empty, and a plus would begin the \
                 next term"
            ),
        }
    }
}

impl core::error::Error for QueryStringError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn terms_are_joined_by_pluses() {
        let table: [(&[(&str, &str)], &str); 3] = [
            (&[("name", "web 1")], "name:web 1"),
            (&[("name", "a"), ("state", "active")], "name:a+state:active"),
            (&[("startTime", "2019-08-02T10:24:16")], "startTime:2019-08-02T10:24:16"),
        ];
        for (terms, text) in table {
            assert_eq!(QueryString::new(terms).map(|query| query.to_string()), Ok(text.to_string()));
        }
    }

    #[test]
    fn what_would_say_something_else_is_refused() {
        let key = |key| QueryStringError::Key { key: Text::new(key) };
        let value = |value| QueryStringError::Value { key: Text::new("a"), value: Text::new(value) };
        let table: [(&[(&str, &str)], QueryStringError); 7] = [
            (&[], QueryStringError::Nothing),
            (&[("", "b")], key("")),
            (&[("a:b", "c")], key("a:b")),
            (&[("a+b", "c")], key("a+b")),
            (&[("a", "")], value("")),
            (&[("a", "b+c:d")], value("b+c:d")),
            (&[("x", "y"), ("a", "2019-08-02T10:24:16+0000")], value("2019-08-02T10:24:16+0000")),
        ];
        for (terms, refused) in table {
            assert_eq!(QueryString::new(terms), Err(refused), "{terms:?}");
        }
    }
}
