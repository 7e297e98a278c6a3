//! Items and cursor out of a page of any size. Sits on [`crate::json`] and knows what a page is: an array of items
//! somewhere in a JSON document, and perhaps a value that leads to the next page. It does not know which API it reads
//! ([`PageShape`] is data) nor what an item means: an item is the bytes of any JSON value.
//!
//! All limits count bytes of the document, never of a read, and a fault is decided at a byte. Hence every way to cut
//! the same body into chunks gives the same items, the same cursor and the same fault.

mod fault;
mod gathered;
mod path;
mod scanner;

#[cfg(test)]
mod tests;

pub use fault::{Members, Name, PageFault};
pub use scanner::PageScanner;

/// Where the items are.
///
/// A path is member names from the page's root with dots between them, `paging.items`. Names are compared unescaped.
/// A member whose name has a dot in it cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items<'p> {
    /// In the array at this path.
    Key(&'p str),
    /// The page is the array.
    Root,
    /// In the one array among the members of the page's root. Arrays deeper down do not count.
    OnlyArray,
}

/// Where in a page things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageShape<'p> {
    /// Where the items are.
    pub items: Items<'p>,
    /// The path of the value that leads to the next page, such as `nextPageKey` or `pagination.continuation_token`.
    /// In a page that is itself the array there is none to be found.
    pub cursor: Option<&'p str>,
    /// What leads to the next page is a link, of which the beginning is enough: a longer one than the cursor buffer is cut.
    pub is_link: bool,
    /// The path of a number that says something more of the next page, such as `nextPageNo`, if it is of interest.
    /// What stands there and is no number is passed over.
    pub next: Option<&'p str>,
    /// The path of the number of items that all pages have together, such as `meta.total_count`, if it is of interest.
    /// What is the cursor is not also the total.
    pub total: Option<&'p str>,
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
    /// The number that says something more of the next page, if it is a whole one.
    pub next: Option<u64>,
    /// How many items all pages have together, as the page says. `None` if it does not say so, or what it says is no
    /// count: below zero, with a fraction or an exponent, or beyond 64 bits. Servers count wrongly, so nothing ends by it alone.
    pub total: Option<u64>,
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
