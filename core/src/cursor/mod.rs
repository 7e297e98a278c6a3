//! Cursors: where the next page begins, how an API's pager says so, why a list is over, and the guards that keep a faulty
//! server from sending a pull round in circles for ever.

mod end;
mod guard;
mod link;
mod pager;
#[cfg(test)]
mod tests;
mod token;

pub use end::{End, Ends};
pub(crate) use guard::LoopGuard;
pub(crate) use pager::{Page, shown};
pub use pager::{Pager, Place};
pub use token::Token;

/// How much of a link is kept at the least. A longer one may be cut.
pub(crate) const LINK: usize = 64;

use crate::page::Name;
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
    /// There is no further page, for this reason.
    End(End),
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("the start"),
            Self::Key(key) => write!(f, "key {key}"),
            Self::Token(token) => write!(f, "a token of {} bytes", token.as_str().len()),
            Self::Page(number) => write!(f, "page {number}"),
            Self::Offset(items) => write!(f, "item {items}"),
            Self::End(_) => f.write_str("the end"),
        }
    }
}

impl Cursor {
    /// What a circle is noticed by; never zero, for a key of zero is not followed. Pages and offsets are counted here: a circle
    /// of theirs is noticed by what is on the pages.
    fn mark(&self) -> Option<u64> {
        match self {
            Self::Key(key) => Some(key.cast_unsigned()),
            Self::Token(token) => Some(token.mark()),
            Self::Start | Self::Page(_) | Self::Offset(_) | Self::End(_) => None,
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
    /// The token was followed before, or is the one that the page was asked by.
    TokenRepeated,
    /// The token has a character that cannot stand in a field.
    TokenUnsendable,
    /// The page does not say whether another follows.
    Silent {
        /// The member that should say it.
        member: Name,
    },
    /// So many pages in a row have no new item, and each says that more follows.
    EmptyPages {
        /// How many.
        pages: u8,
    },
    /// The page is empty and says that more follows, but not where.
    NoStep,
    /// The page has the items of an earlier one.
    SamePage,
    /// The page says that it is another one than was asked for.
    OtherPage {
        /// The number of the page, or of the items before it, that was asked for.
        asked: u64,
        /// The one that the page says.
        found: u64,
    },
    /// Far more items came than the server counts, and it says that still more follows.
    TooMany {
        /// How many came.
        items: u64,
        /// How many the server counts.
        total: u64,
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
            Self::TokenRepeated => f.write_str("the token for the next page was followed before"),
            Self::TokenUnsendable => {
                f.write_str("the token for the next page has a character that cannot be sent")
            }
            Self::Silent { member } => {
                write!(f, "the page does not say whether another follows: `{member}` is absent or unusable")
            }
            Self::EmptyPages { pages } => {
                write!(f, "{pages} pages in a row have no new item, and each says that more follows")
            }
            Self::NoStep => f.write_str("the page is empty and says that more follows, but not where"),
            Self::SamePage => f.write_str(
                "the page has the items of an earlier one: a cache or proxy on the way may drop the query",
            ),
            Self::OtherPage { asked, found } => write!(
                f,
                "the page says that it is number {found} where {asked} was asked for: a cache or proxy on the way may \
                 drop the query"
            ),
            Self::TooMany { items, total } => write!(
                f,
                "{items} items came where the server counts {total}, and it says that more follows: the pages may go \
                 in a circle"
            ),
        }
    }
}

impl core::error::Error for CursorFault {}
