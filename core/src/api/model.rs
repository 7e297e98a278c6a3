//! What the models of the APIs' items share. A model names the members that a vendor documents, and is read with serde, by
//! `serde_json` as well as by `serde-json-core`. It is made for APIs that grow: members that it does not have are passed
//! over, one that is null or missing is `None`, and the values of enumerations stay texts, so a new one is no error. Dates
//! stay texts too: hardly two of the vendors write them alike.
//!
//! A model does not say what its texts are, so one definition serves both worlds:
//!
//! | `S` | is | where the server wrote an escape |
//! |---|---|---|
//! | `String` | a text of its own | is decoded |
//! | `&str` | lent from the item, without a copy | the item cannot be read: good for items of known content only |
//! | [`Text<N>`](Text) | kept inline, made fit for showing, and cut if too long | is decoded |
//!
//! `serde-json-core` decodes an escape in a buffer that the caller lends, and does so even in a text that is passed over: the
//! buffer must have room for the longest text that has one.
//!
//! Nor does it say what its lists are. They are passed over ([`Skipped`]) unless the caller names a type: a `Vec`, or one of a
//! fixed size. So core needs no heap, and nobody pays for a list that he does not read:
//!
//! ```
//! # #[cfg(feature = "serde")] {
//! use tidegate_core::api::kontent::{Element, Variant};
//!
//! let page = r#"{"item":{"id":"1"},"elements":[{"element":{"id":"2"},"value":"News"}]}"#;
//! let variant: Variant<&str, [Element<&str, &str>; 1]> = serde_json::from_str(page).unwrap();
//! assert_eq!(variant.elements.unwrap()[0].value, Some("News"));
//! # }
//! ```

use crate::text::Text;
use core::fmt;
use core::marker::PhantomData;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Error, IgnoredAny, IntoDeserializer, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// A value of any type that is passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// A value that a server writes as a text at one time and as a whole number at another. Only a reader that finds out by itself
/// what a value is can read it: `serde_json` does, `serde-json-core` does not. So models with such values leave it to the
/// caller what they are: where this cannot be read, a text, which must then be one, or [`Skipped`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Varied<S> {
    /// It came as a text.
    Text(S),
    /// It came as a number.
    Number(i64),
}

impl<S: AsRef<str>> Varied<S> {
    /// The number, whichever way it came; `None` if it is none.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Text(text) => text.as_ref().parse().ok(),
            Self::Number(number) => Some(*number),
        }
    }
}

impl<'de, S: Deserialize<'de>> Deserialize<'de> for Varied<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VariedVisitor(PhantomData))
    }
}

struct VariedVisitor<S>(PhantomData<S>);

impl<'de, S: Deserialize<'de>> Visitor<'de> for VariedVisitor<S> {
    type Value = Varied<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a whole number of 64 bits")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Varied<S>, E> {
        Ok(Varied::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Varied<S>, E> {
        let number =
            i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))?;
        Ok(Varied::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Varied<S>, E> {
        S::deserialize(text.into_deserializer()).map(Varied::Text)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Varied<S>, E> {
        S::deserialize(BorrowedStrDeserializer::new(text)).map(Varied::Text)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Text<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor<const N: usize>;

impl<const N: usize> Visitor<'_> for TextVisitor<N> {
    type Value = Text<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<N>, E> {
        Ok(Text::new(text))
    }
}

/// Problem Details (RFC 9457 §3.1), all of whose members may be missing.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProblemDetails<S> {
    /// `type`: a URI that tells kinds of problem apart.
    #[serde(rename = "type")]
    pub kind: Option<S>,
    /// The kind of problem, for people.
    pub title: Option<S>,
    /// The status of the answer, as the server repeats it.
    pub status: Option<i32>,
    /// This very problem, for people.
    pub detail: Option<S>,
    /// A URI for this very problem.
    pub instance: Option<S>,
}
