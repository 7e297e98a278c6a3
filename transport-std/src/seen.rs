//! What of a broken page was delivered already, so that nothing unchanged is delivered twice. Fingerprints with a key
//! of this process are kept: 64 bits an item, of the page in hand only.

use std::collections::HashMap;
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
}

impl Seen {
    /// Whether the item must be delivered: it was not, or not as often as the page has it.
    pub fn is_new(&mut self, item: &[u8]) -> bool {
        let fingerprint = self.hasher.hash_one(item);
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
    pub fn rewind(&mut self) {
        self.is_replay = true;
        self.met.clear();
    }

    /// The page is whole.
    pub fn forget(&mut self) {
        self.is_replay = false;
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
        seen.rewind();
        assert_eq!(take(&mut seen, "ab"), "");
        seen.rewind();
        assert_eq!(take(&mut seen, "abcde"), "de");
        seen.rewind();
        assert_eq!(take(&mut seen, "abcdef"), "f");
    }

    #[test]
    fn an_item_that_moved_within_the_page_is_known_again() {
        let mut seen = Seen::default();
        take(&mut seen, "abc");
        seen.rewind();
        assert_eq!(take(&mut seen, "xbcad"), "xd");
    }

    #[test]
    fn equal_items_are_delivered_as_often_as_the_page_has_them() {
        let mut seen = Seen::default();
        assert_eq!(take(&mut seen, "aab"), "aab");
        seen.rewind();
        assert_eq!(take(&mut seen, "aaab"), "a");
    }

    #[test]
    fn the_next_page_begins_with_nothing_seen() {
        let mut seen = Seen::default();
        take(&mut seen, "ab");
        seen.forget();
        assert_eq!(take(&mut seen, "ab"), "ab");
    }
}
