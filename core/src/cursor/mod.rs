//! Cursors: where the next page begins, how an API's pager says so, and the guards that keep a faulty server from
//! sending a pull round in circles for ever.

mod pager;
mod token;

pub(crate) use pager::{LINK, Page, shown};
pub use pager::{Pager, Place};
pub use token::Token;

use crate::text::Text;
use core::fmt;

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put it on")]
pub enum Cursor {
    /// At the beginning.
    Start,
    /// After the record of this key.
    Key(i64),
    /// Where this token says.
    Token(Token),
    /// At the page of this number.
    Page(i64),
    /// After so many items.
    Offset(i64),
    /// There is no further page.
    End,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("the start"),
            Self::Key(key) => write!(f, "key {key}"),
            Self::Token(token) => write!(f, "a token of {} bytes", token.as_str().len()),
            Self::Page(number) => write!(f, "page {number}"),
            Self::Offset(items) => write!(f, "item {items}"),
            Self::End => f.write_str("the end"),
        }
    }
}

impl Cursor {
    /// What a circle is noticed by; never zero, for a key of zero is not followed. Pages and offsets are counted here, and go in none.
    fn mark(&self) -> Option<i64> {
        match self {
            Self::Key(key) => Some(*key),
            Self::Token(token) => Some(token.mark()),
            Self::Start | Self::Page(_) | Self::Offset(_) | Self::End => None,
        }
    }
}

/// A cursor that must not be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CursorFault {
    /// It is not a 64-bit whole number.
    NotAKey {
        /// What it is.
        found: Text<24>,
    },
    /// It is zero: asking for it would begin the list again.
    StartsOver,
    /// It is the one that the page was asked by.
    Repeated {
        /// The key.
        key: i64,
    },
    /// It was followed before.
    Cycle {
        /// The key.
        key: i64,
    },
    /// The page is empty and still claims that more follow.
    EmptyPage {
        /// The key it names.
        key: i64,
    },
    /// The token was followed before, or is the one that the page was asked by.
    TokenRepeated,
    /// The page is empty and still has a token for more.
    TokenOfEmptyPage,
    /// The token has a character that cannot stand in a field.
    TokenUnsendable,
    /// What says whether there is a next page is neither yes or no nor a link.
    NotALink {
        /// What it is.
        found: Text<24>,
    },
    /// The link to the next page leads to another origin.
    OtherOrigin {
        /// The configured one.
        configured: Text<40>,
        /// The one that the link leads to.
        named: Text<40>,
    },
}

impl fmt::Display for CursorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAKey { found } => {
                write!(f, "the next key is {found}, which is no 64-bit whole number")
            }
            Self::StartsOver => f.write_str("the next key is 0, which would begin the list again"),
            Self::Repeated { key } => write!(f, "the next key is {key}, the very one this page was asked by"),
            Self::Cycle { key } => {
                write!(f, "the next key {key} was followed before: the pages go in a circle")
            }
            Self::EmptyPage { key } => {
                write!(f, "the page is empty, yet it says that more follows key {key}")
            }
            Self::TokenRepeated => f.write_str("the token for the next page was followed before"),
            Self::TokenOfEmptyPage => f.write_str("the page is empty, yet it has a token for a next one"),
            Self::TokenUnsendable => {
                f.write_str("the token for the next page has a character that cannot be sent")
            }
            Self::NotALink { found } => {
                write!(
                    f,
                    "what says whether a next page follows is {found}, which is neither yes or no nor a link"
                )
            }
            Self::OtherOrigin { configured, named } => write!(
                f,
                "the link to the next page leads to {named}; the credential goes to {configured} only"
            ),
        }
    }
}

impl core::error::Error for CursorFault {}

/// Remembers enough of the keys that were followed to notice a circle: the latest ones, so that a short circle is
/// noticed before a single item comes twice, and one further back that moves on in ever longer steps, so that a circle
/// of any length is noticed in the end (Brent, 1980).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LoopGuard {
    /// Zero is no mark.
    pub(crate) recent: [i64; Self::RECENT],
    pub(crate) anchor: i64,
    pub(crate) steps: u32,
    pub(crate) stride: u32,
}

impl LoopGuard {
    pub(crate) const RECENT: usize = 4;

    /// Checks the cursor that a page of `items` items names, asked for by `asked`.
    pub(crate) fn check(&self, asked: Cursor, next: Cursor, items: u32) -> Result<(), CursorFault> {
        let is_known = |mark| self.recent.contains(&mark) || self.anchor == mark;
        match next {
            Cursor::Start | Cursor::End | Cursor::Page(_) | Cursor::Offset(_) => Ok(()),
            Cursor::Token(token) if asked == next || is_known(token.mark()) => {
                Err(CursorFault::TokenRepeated)
            }
            Cursor::Token(_) if items == 0 => Err(CursorFault::TokenOfEmptyPage),
            Cursor::Token(_) => Ok(()),
            Cursor::Key(0) => Err(CursorFault::StartsOver),
            Cursor::Key(key) if asked == next => Err(CursorFault::Repeated { key }),
            Cursor::Key(key) if is_known(key) => Err(CursorFault::Cycle { key }),
            Cursor::Key(key) if items == 0 => Err(CursorFault::EmptyPage { key }),
            Cursor::Key(_) => Ok(()),
        }
    }

    /// A checked cursor will be followed.
    pub(crate) fn follow(&mut self, next: Cursor) {
        let Some(mark) = next.mark() else { return };
        self.recent.rotate_right(1);
        if let Some(latest) = self.recent.first_mut() {
            *latest = mark;
        }
        self.steps = self.steps.saturating_add(1);
        if self.steps >= self.stride {
            self.anchor = mark;
            self.steps = 0;
            self.stride = self.stride.saturating_mul(2).max(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(keys: &[i64]) -> Result<(), (usize, CursorFault)> {
        let mut guard = LoopGuard::default();
        let mut asked = Cursor::Start;
        for (i, &key) in keys.iter().enumerate() {
            guard.check(asked, Cursor::Key(key), 1).map_err(|fault| (i, fault))?;
            guard.follow(Cursor::Key(key));
            asked = Cursor::Key(key);
        }
        Ok(())
    }

    #[test]
    fn the_same_key_again_is_an_error() {
        assert_eq!(walk(&[5, 5]), Err((1, CursorFault::Repeated { key: 5 })));
    }

    #[test]
    fn a_short_circle_is_noticed_at_its_first_repetition() {
        assert_eq!(walk(&[1, 2, 1]), Err((2, CursorFault::Cycle { key: 1 })));
        assert_eq!(walk(&[9, 1, 2, 3, 4, 1]), Err((5, CursorFault::Cycle { key: 1 })));
    }

    #[test]
    fn a_long_circle_is_noticed_in_the_end() {
        let keys: std::vec::Vec<i64> = (1..=50).chain((101..=300).cycle().take(2_000)).collect();
        let (at, fault) = walk(&keys).unwrap_err();
        assert!(matches!(fault, CursorFault::Cycle { .. }));
        assert!(at < 50 + 4 * 200, "noticed after {at} pages");
    }

    #[test]
    fn keys_need_not_grow() {
        assert_eq!(walk(&[30, 20, 10, 25, -4]), Ok(()));
    }

    #[test]
    fn an_empty_page_that_claims_more_is_an_error() {
        let fault = LoopGuard::default().check(Cursor::Start, Cursor::Key(7), 0);
        assert_eq!(fault, Err(CursorFault::EmptyPage { key: 7 }));
        assert_eq!(LoopGuard::default().check(Cursor::Start, Cursor::End, 0), Ok(()));
    }

    #[test]
    fn key_zero_would_begin_again() {
        let fault = LoopGuard::default().check(Cursor::Key(3), Cursor::Key(0), 5);
        assert_eq!(fault, Err(CursorFault::StartsOver));
    }
}
