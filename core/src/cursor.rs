//! Cursors: where the next page begins, how an API's pager says so, and the guards that keep a faulty server from
//! sending a pull round in circles for ever.

use crate::page::CursorValue;
use crate::text::Text;
use core::fmt;

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cursor {
    /// At the beginning.
    Start,
    /// After the record of this key.
    Key(i64),
    /// There is no further page.
    End,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("the start"),
            Self::Key(key) => write!(f, "key {key}"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// How an endpoint is paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pager {
    /// A page names the key of its last record while more follow; the next one is asked for by that key.
    Key {
        /// The query parameter that takes the key.
        parameter: &'static str,
        /// Where the page holds the key: member names joined by dots.
        field: &'static str,
    },
}

impl Pager {
    /// The query parameter that says where a page begins.
    pub const fn parameter(&self) -> &'static str {
        match self {
            Self::Key { parameter, .. } => parameter,
        }
    }

    /// The page's member that says where the next one begins.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Key { field, .. } => field,
        }
    }

    /// Reads what a page says of the next.
    ///
    /// # Errors
    ///
    /// Anything but a whole 64-bit number, as number or as text, is no key.
    pub fn next(&self, value: CursorValue<'_>) -> Result<Cursor, CursorFault> {
        let text = match value {
            CursorValue::Absent | CursorValue::Null => return Ok(Cursor::End),
            CursorValue::Number(text) | CursorValue::Text(text) => text,
            CursorValue::Bool(true) => "true",
            CursorValue::Bool(false) => "false",
        };
        // `parse` also takes a plus sign, which JSON numbers do not have.
        match text.parse() {
            Ok(key) if !text.starts_with('+') => Ok(Cursor::Key(key)),
            _ => Err(CursorFault::NotAKey { found: Text::new(text) }),
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
        }
    }
}

impl core::error::Error for CursorFault {}

/// Remembers enough of the keys that were followed to notice a circle: the latest ones, so that a short circle is
/// noticed before a single item comes twice, and one further back that moves on in ever longer steps, so that a circle
/// of any length is noticed in the end (Brent, 1980).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LoopGuard {
    pub(crate) recent: [Option<i64>; Self::RECENT],
    pub(crate) anchor: Option<i64>,
    pub(crate) steps: u32,
    pub(crate) stride: u32,
}

impl LoopGuard {
    pub(crate) const RECENT: usize = 4;

    /// Checks the cursor that a page of `items` items names, asked for by `asked`.
    pub(crate) fn check(&self, asked: Cursor, next: Cursor, items: u32) -> Result<(), CursorFault> {
        match next {
            Cursor::Start | Cursor::End => Ok(()),
            Cursor::Key(0) => Err(CursorFault::StartsOver),
            Cursor::Key(key) if asked == next => Err(CursorFault::Repeated { key }),
            Cursor::Key(key) if self.recent.contains(&Some(key)) || self.anchor == Some(key) => {
                Err(CursorFault::Cycle { key })
            }
            Cursor::Key(key) if items == 0 => Err(CursorFault::EmptyPage { key }),
            Cursor::Key(_) => Ok(()),
        }
    }

    /// A checked cursor will be followed.
    pub(crate) fn follow(&mut self, next: Cursor) {
        let Cursor::Key(key) = next else { return };
        self.recent.rotate_right(1);
        if let Some(latest) = self.recent.first_mut() {
            *latest = Some(key);
        }
        self.steps = self.steps.saturating_add(1);
        if self.steps >= self.stride {
            self.anchor = Some(key);
            self.steps = 0;
            self.stride = self.stride.saturating_mul(2).max(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGER: Pager = Pager::Key { parameter: "afterId", field: "nextPageKey" };

    #[test]
    fn a_missing_or_null_key_is_the_end() {
        assert_eq!(PAGER.next(CursorValue::Absent), Ok(Cursor::End));
        assert_eq!(PAGER.next(CursorValue::Null), Ok(Cursor::End));
    }

    #[test]
    fn a_key_is_exact_over_the_whole_range_as_number_and_as_text() {
        for key in [i64::MIN, -1, 1, (1 << 53) + 1, i64::MAX] {
            let text = std::format!("{key}");
            assert_eq!(PAGER.next(CursorValue::Number(&text)), Ok(Cursor::Key(key)));
            assert_eq!(PAGER.next(CursorValue::Text(&text)), Ok(Cursor::Key(key)));
        }
    }

    #[test]
    fn what_is_no_whole_64_bit_number_is_no_key() {
        for text in ["9223372036854775808", "1.0", "1e3", "", "abc", "+1", " 1"] {
            assert_eq!(
                PAGER.next(CursorValue::Text(text)),
                Err(CursorFault::NotAKey { found: Text::new(text) })
            );
        }
        assert!(PAGER.next(CursorValue::Bool(true)).is_err());
    }

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
