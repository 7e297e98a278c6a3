//! What can be wrong with a page, and the sentences for it. Decides nothing.

use core::fmt;

use crate::json::{JsonError, JsonErrorKind, Kind};
use crate::secret::Secret;
use crate::text::Text;

/// A member's name or path, as much of it as is worth showing.
pub type Name = Text<32>;

/// The first names found at a page's top level, in backquotes and with commas between them.
pub type Members = Text<40>;

/// Why a body is not a page of the shape expected. All offsets count bytes from the start of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFault {
    /// The body is not JSON, or nested too deep.
    Json(JsonError),
    /// The body ended before the page was whole. That is never a last page.
    CutShort {
        /// The body's length.
        offset: u64,
    },
    /// The page as a whole is of the wrong kind.
    Root {
        /// An array if the page was to be the items, else an object.
        expected: Kind,
        /// What it is.
        found: Kind,
        /// Where it begins.
        offset: u64,
    },
    /// There is no member where the items were expected.
    NoItems {
        /// The path of the items.
        expected: Name,
        /// What is at the top level instead.
        members: Members,
    },
    /// What stands where the items were expected is no array.
    NotAnArray {
        /// The path of the items.
        name: Name,
        /// What it is.
        found: Kind,
        /// Where it begins.
        offset: u64,
    },
    /// A member on the way to the items or the cursor is no object.
    NotAnObject {
        /// Its path.
        name: Name,
        /// What it is.
        found: Kind,
        /// Where it begins.
        offset: u64,
    },
    /// No member at the top level is an array.
    NoArray {
        /// What is at the top level.
        members: Members,
    },
    /// The member in which the items were on the page before is not there.
    OtherItems {
        /// What is at the top level.
        members: Members,
    },
    /// More than one member at the top level is an array.
    SecondArray {
        /// The first one.
        first: Name,
        /// The second one.
        second: Name,
        /// Where the second array begins.
        offset: u64,
    },
    /// A member that leads to the items or the cursor is there twice.
    Twice {
        /// Its path.
        name: Name,
        /// Where the second one's name ends.
        offset: u64,
    },
    /// The cursor is an object or an array.
    CursorNotScalar {
        /// Its path.
        name: Name,
        /// What it is.
        found: Kind,
        /// Where it begins.
        offset: u64,
    },
    /// The cursor's text has an escaped surrogate without its other half in it.
    CursorNotText {
        /// The surrogate.
        unit: u16,
        /// Where the cursor begins.
        offset: u64,
    },
    /// The cursor is longer than the cursor buffer.
    CursorTooLong {
        /// The size it needs, in bytes, unescaped.
        needed: u64,
        /// The size of the buffer.
        limit: u64,
        /// Where the cursor begins.
        offset: u64,
    },
    /// The buffer handed over at the page's end is not the one in which the cursor was put.
    CursorLost,
    /// More items than can be counted.
    TooManyItems {
        /// Where the first item beyond the limit begins.
        offset: u64,
    },
}

impl PageFault {
    /// Withholds the names that repeat a secret.
    pub(crate) fn withhold(&mut self, secrets: &[Secret<'_>]) {
        match self {
            Self::NoItems { members, .. } | Self::NoArray { members } | Self::OtherItems { members } => {
                members.withhold(secrets);
            }
            Self::SecondArray { first, second, .. } => {
                first.withhold(secrets);
                second.withhold(secrets);
            }
            Self::NotAnArray { name, .. }
            | Self::NotAnObject { name, .. }
            | Self::Twice { name, .. }
            | Self::CursorNotScalar { name, .. } => name.withhold(secrets),
            Self::Json(_)
            | Self::CutShort { .. }
            | Self::Root { .. }
            | Self::CursorNotText { .. }
            | Self::CursorTooLong { .. }
            | Self::CursorLost
            | Self::TooManyItems { .. } => {}
        }
    }
}

impl From<JsonError> for PageFault {
    #[inline(never)]
    fn from(error: JsonError) -> Self {
        match error.kind {
            JsonErrorKind::CutShort => Self::CutShort { offset: error.offset },
            _ => Self::Json(error),
        }
    }
}

impl fmt::Display for PageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "the page cannot be read as JSON: {error}"),
            Self::CutShort { offset: 0 } => f.write_str("the body is empty where a page was expected"),
            Self::CutShort { offset } => {
                write!(f, "the body ends after {offset} bytes, before the page is whole: fetch it again")
            }
            Self::Root { expected, found, offset } => {
                write!(f, "the page is {found} at byte {offset}, not {expected}: check where its items are")
            }
            Self::NoItems { expected, members } => {
                write!(f, "the page has no member `{expected}` for its items; {}", AtTop(members))
            }
            Self::NotAnArray { name, found, offset } => {
                write!(
                    f,
                    "the items `{name}` are {found} at byte {offset}, not an array: check where they are"
                )
            }
            Self::NotAnObject { name, found, offset } => {
                write!(
                    f,
                    "`{name}` is {found} at byte {offset}, not an object: check the path that leads through it"
                )
            }
            Self::NoArray { members } => {
                write!(f, "no member of the page is an array of items; {}", AtTop(members))
            }
            Self::OtherItems { members } => {
                write!(
                    f,
                    "the page lacks the member that held the items of the pages before; {}",
                    AtTop(members)
                )
            }
            Self::SecondArray { first, second, offset } => write!(
                f,
                "both `{first}` and, at byte {offset}, `{second}` are arrays: name the one that holds the items"
            ),
            Self::Twice { name, offset } => {
                write!(
                    f,
                    "the page has the member `{name}` a second time, before byte {offset}: report it to the API"
                )
            }
            Self::CursorNotScalar { name, found, offset } => {
                write!(f, "the cursor `{name}` is {found} at byte {offset}: check where the cursor is")
            }
            Self::CursorNotText { unit, offset } => write!(
                f,
                "the cursor at byte {offset} is no text: `\\u{unit:04x}` is half a character: report it to the API"
            ),
            Self::CursorTooLong { needed, limit, offset } => write!(
                f,
                "the cursor at byte {offset} needs {needed} bytes, its buffer has {limit}: give it a larger one"
            ),
            Self::CursorLost => f.write_str(
                "the cursor is not in the buffer handed over at the page's end: hand over the same one",
            ),
            Self::TooManyItems { offset } => {
                write!(
                    f,
                    "the page has more than {} items, at byte {offset}: ask for smaller pages",
                    u32::MAX
                )
            }
        }
    }
}

impl core::error::Error for PageFault {}

struct AtTop<'a>(&'a Members);

impl fmt::Display for AtTop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("it has no members at all")
        } else {
            write!(f, "at its top level are: {}", self.0)
        }
    }
}
