//! Items and cursor out of a page of any size. Sits on [`crate::json`] and knows what a page is: an array of items
//! somewhere in a JSON document, and perhaps a value that leads to the next page. It does not know which API it reads
//! ([`PageShape`] is data) nor what an item means: an item is the bytes of any JSON value.
//!
//! All limits count bytes of the document, never of a read, and a fault is decided at a byte. Hence every way to cut
//! the same body into chunks gives the same items, the same cursor and the same fault.

mod fault;
mod path;
mod scanner;

#[cfg(test)]
mod tests;

pub use fault::{Members, Name, PageFault};
pub use scanner::PageScanner;

/// Where the items are.
///
/// A path is member names from the page's root with dots between them, `paging.items`. Names are compared unescaped. A dot
/// that is part of a name has a backslash before it, and so has a backslash: `@odata\.nextLink`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items<'p> {
    /// In the array at this path.
    Key(&'p str),
    /// The page is the array.
    Root,
    /// In the one array among the members of the page's root. Arrays deeper down do not count, nor do those under a name
    /// that speaks of errors: `error`, `errors`, `message`, `messages` and `warnings`, in any case.
    OnlyArray,
}

/// Where in a page things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageShape<'p> {
    /// Where the items are. A null there is an empty list, and so is nothing at all where the total is 0.
    pub items: Items<'p>,
    /// The path of the value that leads to the next page, such as `nextPageKey` or `pagination.continuation_token`.
    /// In a page that is itself the array there is none to be found.
    pub cursor: Option<&'p str>,
    /// What stands there only says whether more follows, as a link or a flag, and is not followed. A link's beginning is
    /// enough: a longer one than the cursor buffer is cut. What cannot be read is as good as absent.
    pub is_link: bool,
    /// The path of a number that says something more of the next page, such as `nextPageNo`, if it is of interest.
    pub next: Option<&'p str>,
    /// The path of the number of items that all pages have together, such as `meta.total_count`, if it is of interest.
    /// What is the cursor is not also the total.
    pub total: Option<&'p str>,
    /// The path of the number by which the page says which one it is, such as `meta.offset` or `pageNo`.
    pub here: Option<&'p str>,
    /// The path of the number of items that a page may have, such as `meta.limit`.
    pub size: Option<&'p str>,
    /// With [`Items::OnlyArray`]: what [`PageEnd::pinned`] was on an earlier page. Then the items are in the member of that
    /// name and in no other. Zero if no page came yet.
    pub pinned: u64,
}

impl<'p> PageShape<'p> {
    /// Items there, and nothing else of interest.
    pub const fn new(items: Items<'p>) -> Self {
        Self {
            items,
            cursor: None,
            is_link: false,
            next: None,
            total: None,
            here: None,
            size: None,
            pinned: 0,
        }
    }
}

/// One item of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// The item.
    Whole {
        /// How many items of the page came before it.
        index: u32,
        /// From its first to its last byte, as the server wrote them.
        bytes: &'a [u8],
    },
    /// The item is larger than the item buffer, and was read past.
    TooLarge {
        /// How many items of the page came before it.
        index: u32,
        /// Its size in bytes.
        size: u64,
    },
}

/// What a whole page came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageEnd<'a> {
    /// How many items it had, those too large included.
    pub items: u32,
    /// What stood where the cursor is.
    pub cursor: CursorValue<'a>,
    /// The number that says something more of the next page.
    pub next: Option<u64>,
    /// How many items all pages have together, as the page says.
    pub total: Option<u64>,
    /// Which page it is, as the page says.
    pub here: Option<u64>,
    /// How many items a page may have, as the page says.
    pub size: Option<u64>,
    /// What was there and could not be used, the first of several.
    ///
    /// A number may be written as a text. One below zero, with a fraction or an exponent, or beyond 64 bits is none. Null is as
    /// good as absent, and nothing that could not be used.
    pub odd: Option<Hint>,
    /// A number for the member with the items: see [`PageShape::pinned`]. Zero unless the member had to be found.
    pub pinned: u64,
}

impl PageEnd<'_> {
    /// A page without items that says that nothing follows, such as a 204.
    pub const EMPTY: Self = Self {
        items: 0,
        cursor: CursorValue::Null,
        next: None,
        total: None,
        here: None,
        size: None,
        odd: None,
        pinned: 0,
    };
}

/// What a page says beside its items, and what only informs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Whether more follows.
    More,
    /// The number of the next page.
    Next,
    /// How many items all pages have together.
    Total,
    /// Which page it is.
    Here,
    /// How many items a page may have.
    Size,
}

impl core::fmt::Display for Hint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::More => "whether more follows",
            Self::Next => "the next page's number",
            Self::Total => "the total",
            Self::Here => "the page's own number",
            Self::Size => "the size of a page",
        })
    }
}

/// What stood at the cursor's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorValue<'a> {
    /// Nothing: the member, or one on the way to it, is not there, or one on the way is null.
    Absent,
    /// `null`
    Null,
    /// A number, as written: it may be larger than any integer type.
    Number(&'a str),
    /// A string, unescaped.
    Text(&'a str),
    /// `true` or `false`
    Bool(bool),
}
