//! Items that come again. Where a list is paged by number or offset, rows that are added before the place where a pull stands
//! push others onto the next page. An API's ids tell such an item from a new one; so many of the latest are remembered, as
//! 64-bit fingerprints, in memory of the caller.

use crate::fingerprint::Fingerprint;
use crate::json::{JsonEvent, Kind, Tokenizer};
use crate::text::Utf8;

/// The ids of the latest items.
#[derive(Debug)]
pub(super) struct Repeats<'a> {
    marks: &'a mut [u64],
    /// How many of them hold something.
    length: usize,
    /// Where the next one goes.
    next: usize,
    /// How many of them are of the page in hand.
    fresh: usize,
}

impl<'a> Repeats<'a> {
    pub(super) const fn none() -> Self {
        Self { marks: &mut [], length: 0, next: 0, fresh: 0 }
    }

    pub(super) const fn remembering(marks: &'a mut [u64]) -> Self {
        Self { marks, length: 0, next: 0, fresh: 0 }
    }

    /// Whether an item came before, by what its member `id` holds. One without that member never did.
    pub(super) fn has(&mut self, item: &[u8], id: &str) -> bool {
        if self.marks.is_empty() {
            return false;
        }
        let Some(mark) = mark(item, id) else { return false };
        let mut at = self.next;
        for _ in 0..self.length {
            at = self.before(at);
            if self.marks.get(at) == Some(&mark) {
                return true;
            }
        }
        if let Some(place) = self.marks.get_mut(self.next) {
            *place = mark;
        }
        let room = self.marks.len();
        self.next = self.next.saturating_add(1);
        if self.next >= room {
            self.next = 0;
        }
        self.length = self.length.saturating_add(1).min(room);
        self.fresh = self.fresh.saturating_add(1).min(room);
        false
    }

    /// The page is stored.
    pub(super) fn keep(&mut self) {
        self.fresh = 0;
    }

    /// The page broke off: its items will come again, and are no repetition.
    pub(super) fn forget(&mut self) {
        for _ in 0..self.fresh {
            self.next = self.before(self.next);
        }
        self.length = self.length.saturating_sub(self.fresh);
        self.fresh = 0;
    }

    fn before(&self, at: usize) -> usize {
        at.checked_sub(1).unwrap_or(self.marks.len().saturating_sub(1))
    }
}

/// A fingerprint of the text or number that an object's member of this name holds, and of which of the two it is.
fn mark(item: &[u8], id: &str) -> Option<u64> {
    let mut tokens = Tokenizer::new();
    let mut rest = item;
    // What is still to come of the name looked for, unless it has differed.
    let mut left = None;
    let mut found: Option<Fingerprint> = None;
    loop {
        let (taken, event) = tokens.next(rest).ok()?;
        rest = rest.get(taken..).unwrap_or_default();
        match (event?, &mut found) {
            (JsonEvent::Text(piece), Some(mark)) => mark.add(piece.as_bytes()),
            (JsonEvent::Char(c), Some(mark)) => mark.add(Utf8::of(c).as_bytes()),
            (JsonEvent::ValueEnd, _) => return found.map(|mark| mark.get()),
            (JsonEvent::Text(piece), None) => left = left.and_then(|left: &str| left.strip_prefix(piece)),
            (JsonEvent::Char(c), None) => left = left.and_then(|left: &str| left.strip_prefix(c)),
            (JsonEvent::Unpaired(_), _) => return None,
            (JsonEvent::NameStart, _) => left = Some(id),
            (JsonEvent::NameEnd, _) => {}
            (JsonEvent::Value(Kind::Object), _) if tokens.depth() == 0 => {}
            (JsonEvent::Value(Kind::String), _) if left == Some("") => found = Some(Fingerprint::new()),
            (JsonEvent::Value(Kind::Number), _) if left == Some("") => {
                let mut mark = Fingerprint::new();
                mark.add(b"number ");
                found = Some(mark);
            }
            (JsonEvent::Value(_), _) if left == Some("") || tokens.depth() == 0 => return None,
            (JsonEvent::Value(_), _) => {
                let (taken, _) = tokens.skip(rest, tokens.depth()).ok()?;
                rest = rest.get(taken..).unwrap_or_default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_member_of_that_name_and_no_other() {
        let of = |item: &str| mark(item.as_bytes(), "id");
        let seven = of(r#"{"id":7}"#);
        assert!(seven.is_some());
        for item in
            [r#"{"a":{"id":8},"b":[{"id":9}],"c":"id","i\u0064":7,"id2":1}"#, r#" {"x":null,"id":7} "#]
        {
            assert_eq!(of(item), seven, "{item}");
        }
        assert_eq!(of(r#"{"id":"é"}"#), of(r#"{"id":"\u00e9"}"#));
        assert_ne!(of(r#"{"id":"7"}"#), seven, "a text is no number");
        for item in ["7", "[]", "{}", r#"{"id":null}"#, r#"{"id":{}}"#, r#"{"ids":7}"#, r#"{"i":7}"#] {
            assert_eq!(of(item), None, "{item}");
        }
    }

    #[test]
    fn an_item_that_comes_again_is_known_as_long_as_there_is_room() {
        let mut marks = [0; 3];
        let mut repeats = Repeats::remembering(&mut marks);
        let mut has = |id: u32| repeats.has(std::format!("{{\"id\":{id}}}").as_bytes(), "id");
        assert_eq!([1, 2, 3, 2, 4, 1].map(&mut has), [false, false, false, true, false, false]);
        assert_eq!([3, 4, 1].map(&mut has), [true; 3]);
    }

    #[test]
    fn what_a_broken_page_had_is_no_repetition() {
        let mut marks = [0; 8];
        let mut repeats = Repeats::remembering(&mut marks);
        let has = |repeats: &mut Repeats<'_>, id: u32| {
            repeats.has(std::format!("{{\"id\":{id}}}").as_bytes(), "id")
        };
        assert!(!has(&mut repeats, 1));
        repeats.keep();
        assert!(!has(&mut repeats, 2));
        repeats.forget();
        assert!(has(&mut repeats, 1));
        assert!(!has(&mut repeats, 2));
    }

    #[test]
    fn a_broken_page_that_overran_the_memory_leaves_nothing_wrong_in_it() {
        for room in 1..6 {
            for before in 0..8 {
                for page in 0..8 {
                    let mut marks = std::vec![0; room];
                    let mut repeats = Repeats::remembering(&mut marks);
                    let add = |repeats: &mut Repeats<'_>, ids: std::ops::Range<u32>| {
                        ids.for_each(|id| {
                            repeats.has(std::format!("{{\"id\":{id}}}").as_bytes(), "id");
                        });
                    };
                    add(&mut repeats, 0..before);
                    repeats.keep();
                    add(&mut repeats, 100..100 + page);
                    repeats.forget();
                    for id in 100..100 + page {
                        let item = std::format!("{{\"id\":{id}}}");
                        assert!(!repeats.has(item.as_bytes(), "id"), "{room} {before} {page} {id}");
                    }
                }
            }
        }
    }
}
