//! What of a broken page was delivered already, so that nothing unchanged is delivered twice. Fingerprints with a key
//! of this process are kept: 64 bits an item, of the page in hand only, and of no more items than [`Seen::LIMIT`], so
//! that memory does not grow with the page.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// The items delivered of the page in hand, over all its attempts: for a [`crate::Sink`] that cannot take back what
/// it delivered.
#[derive(Debug, Default)]
pub struct Seen {
    hasher: RandomState,
    /// How often each item was delivered.
    delivered: HashMap<u64, u32>,
    /// How often each was met since the page began anew.
    met: HashMap<u64, u32>,
    is_replay: bool,
    /// More was delivered than is known here.
    is_overrun: bool,
}

/// A page broke off after too many of its items were delivered to know them again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManySeen;

impl fmt::Display for TooManySeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a page broke off after more than {} of its items were delivered, too many to know them again: go on from the \
             checkpoint, which stands before that page, or use a sink that can take items back",
            Seen::LIMIT
        )
    }
}

impl std::error::Error for TooManySeen {}

impl Seen {
    /// How many different items of one page are known again.
    pub const LIMIT: usize = 1 << 15;

    /// Whether the item must be delivered: it was not, or not as often as the page has it.
    pub fn is_new(&mut self, item: &[u8]) -> bool {
        let fingerprint = self.hasher.hash_one(item);
        if self.delivered.len() >= Self::LIMIT && !self.delivered.contains_key(&fingerprint) {
            self.is_overrun = true;
            return true;
        }
        let delivered = self.delivered.entry(fingerprint).or_default();
        if self.is_replay {
            let met = self.met.entry(fingerprint).or_default();
            *met += 1;
            if *met <= *delivered {
                return false;
            }
        }
        *delivered += 1;
        true
    }

    /// The page begins anew.
    ///
    /// # Errors
    ///
    /// More items of it were delivered than can be known again.
    pub fn rewind(&mut self) -> Result<(), TooManySeen> {
        if self.is_overrun {
            return Err(TooManySeen);
        }
        self.is_replay = true;
        self.met.clear();
        Ok(())
    }

    /// The page is whole.
    pub fn forget(&mut self) {
        self.is_replay = false;
        self.is_overrun = false;
        self.delivered.clear();
        self.met.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(seen: &mut Seen, items: &str) -> String {
        items.split_inclusive(char::is_alphanumeric).filter(|item| seen.is_new(item.as_bytes())).collect()
    }

    #[test]
    fn an_unchanged_item_is_not_delivered_twice() {
        let mut seen = Seen::default();
        assert_eq!(take(&mut seen, "abc"), "abc");
        seen.rewind().unwrap();
        assert_eq!(take(&mut seen, "ab"), "");
        seen.rewind().unwrap();
        assert_eq!(take(&mut seen, "abcde"), "de");
        seen.rewind().unwrap();
        assert_eq!(take(&mut seen, "abcdef"), "f");
    }

    #[test]
    fn an_item_that_moved_within_the_page_is_known_again() {
        let mut seen = Seen::default();
        take(&mut seen, "abc");
        seen.rewind().unwrap();
        assert_eq!(take(&mut seen, "xbcad"), "xd");
    }

    #[test]
    fn equal_items_are_delivered_as_often_as_the_page_has_them() {
        let mut seen = Seen::default();
        assert_eq!(take(&mut seen, "aab"), "aab");
        seen.rewind().unwrap();
        assert_eq!(take(&mut seen, "aaab"), "a");
    }

    #[test]
    fn the_next_page_begins_with_nothing_seen() {
        let mut seen = Seen::default();
        take(&mut seen, "ab");
        seen.forget();
        assert_eq!(take(&mut seen, "ab"), "ab");
    }

    #[test]
    fn a_page_of_too_many_items_is_delivered_but_not_known_again() {
        let mut seen = Seen::default();
        let new =
            |seen: &mut Seen, items: usize| (0..items).filter(|n| seen.is_new(&n.to_le_bytes())).count();
        assert_eq!(new(&mut seen, Seen::LIMIT), Seen::LIMIT);
        assert_eq!(seen.rewind(), Ok(()));
        assert_eq!(new(&mut seen, Seen::LIMIT + 1), 1, "just so many are known again");
        assert_eq!(seen.rewind(), Err(TooManySeen));
        seen.forget();
        assert_eq!(seen.rewind(), Ok(()));
    }
}
