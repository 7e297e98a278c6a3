//! A credential that cannot be printed. Only a request to the configured origin ever holds one.

use crate::text::Text;
use core::fmt;

/// A credential, borrowed from the caller. Its `Debug` form shows nothing of it, and it has no `Display`.
#[derive(Clone, Copy)]
pub struct Secret<'a>(&'a str);

impl<'a> Secret<'a> {
    /// Takes a credential that can stand in a header field: visible ASCII and nothing else.
    ///
    /// # Errors
    ///
    /// Says where the first character is that cannot, and nothing of the secret itself.
    pub const fn new(secret: &'a str) -> Result<Self, SecretError> {
        let mut rest = secret.as_bytes();
        if rest.is_empty() {
            return Err(SecretError::Empty);
        }
        while let [byte, after @ ..] = rest {
            if !byte.is_ascii_graphic() {
                return Err(SecretError::Unsendable { offset: secret.len().saturating_sub(rest.len()) });
            }
            rest = after;
        }
        Ok(Self(secret))
    }

    /// The secret itself, to be written into a header field.
    pub const fn expose(&self) -> &'a str {
        self.0
    }
}

impl Secret<'_> {
    /// Stands for a secret that nobody remembers: any text may quote it.
    pub(crate) const IN_EVERYTHING: Self = Secret("");

    /// Whether a text that somebody else wrote repeats the secret, wholly or, cut short, its beginning.
    pub fn is_in(&self, text: &str) -> bool {
        /// A shorter beginning gives nothing away.
        const BEGINNING: usize = 6;
        let tails = text.char_indices().filter_map(|(at, _)| text.get(at..));
        let mut telling = tails.filter(|tail| (BEGINNING..=self.0.len()).contains(&tail.len()));
        let mut tails_of_bytes = (0..text.len()).filter_map(|at| text.as_bytes().get(at..));
        let is_whole = tails_of_bytes.any(|tail| tail.starts_with(self.0.as_bytes()));
        is_whole || telling.any(|tail| self.0.starts_with(tail))
    }
}

impl<const N: usize> Text<N> {
    /// The text, or in its place a note that it repeats a secret.
    pub(crate) fn without(self, secret: Secret<'_>) -> Self {
        if secret.is_in(self.as_str()) { Self::new("(withheld)") } else { self }
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A credential that cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// There is none.
    Empty,
    /// It has a character that cannot stand in a header field.
    Unsendable {
        /// The byte where that character is.
        offset: usize,
    },
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the credential is empty"),
            Self::Unsendable { offset } => write!(
                f,
                "the credential has a character at byte {offset} that cannot be sent: remove spaces and line ends"
            ),
        }
    }
}

impl core::error::Error for SecretError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn a_secret_cannot_be_printed() {
        let secret = Secret::new("hunter2").unwrap();
        assert!(!format!("{secret:?}").contains("hunter2"));
    }

    #[test]
    fn a_secret_is_found_in_what_others_write() {
        let secret = Secret::new("hunter22").unwrap();
        for text in ["hunter22", "the key hunter22 is revoked", "cut short: hunter", "hunter"] {
            assert!(secret.is_in(text), "{text}");
        }
        for text in ["", "hunte", "hunters", "the key is revoked", "é", "hunter2 "] {
            assert!(!secret.is_in(text), "{text}");
        }
    }

    #[test]
    fn a_secret_that_could_end_a_field_is_refused_without_being_shown() {
        for (text, offset) in [("key\r\nX: y", 3), ("key\n", 3), ("a b", 1), ("\0", 0), ("k\u{e9}y", 1)] {
            let error = Secret::new(text).unwrap_err();
            assert_eq!(error, SecretError::Unsendable { offset });
            assert!(!format!("{error}").contains(text));
        }
        assert_eq!(Secret::new("").unwrap_err(), SecretError::Empty);
    }
}
