//! Circles: enough of what was followed is remembered to notice that it comes again.

use super::{Cursor, CursorFault};

/// Remembers enough of the keys that were followed to notice a circle: the latest ones, so that a short circle is
/// noticed before a single item comes twice, and one further back that moves on in ever longer steps, so that a circle
/// of any length is noticed in the end (Brent, 1980).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LoopGuard {
    /// Zero is no mark.
    pub(crate) recent: [u64; 4],
    pub(crate) anchor: u64,
    pub(crate) steps: u32,
    pub(crate) stride: u32,
}

impl LoopGuard {
    /// Checks the cursor that a page names which was asked for by `asked`.
    pub(crate) fn check(&self, asked: &Cursor, next: &Cursor) -> Result<(), CursorFault> {
        let is_known = next.mark().is_some_and(|mark| self.knows(mark));
        match *next {
            Cursor::Start | Cursor::End(_) | Cursor::Page(_) | Cursor::Offset(_) => Ok(()),
            Cursor::Token(_) if asked == next || is_known => Err(CursorFault::TokenRepeated),
            Cursor::Token(_) => Ok(()),
            Cursor::Key(0) => Err(CursorFault::StartsOver),
            Cursor::Key(key) if asked == next => Err(CursorFault::Repeated { key }),
            Cursor::Key(key) if is_known => Err(CursorFault::Cycle { key }),
            Cursor::Key(_) => Ok(()),
        }
    }

    /// Whether the mark is one of the latest, or the one further back.
    pub(crate) fn knows(&self, mark: u64) -> bool {
        self.recent.contains(&mark) || self.anchor == mark
    }

    /// Whether the mark is the latest.
    pub(crate) fn is_latest(&self, mark: u64) -> bool {
        self.recent.first() == Some(&mark)
    }

    /// A checked cursor will be followed.
    pub(crate) fn follow(&mut self, next: &Cursor) {
        if let Some(mark) = next.mark() {
            self.remember(mark);
        }
    }

    /// Remembers a mark, which is not zero.
    pub(crate) fn remember(&mut self, mark: u64) {
        let [first, second, third, _] = self.recent;
        self.recent = [mark, first, second, third];
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
            guard.check(&asked, &Cursor::Key(key)).map_err(|fault| (i, fault))?;
            guard.follow(&Cursor::Key(key));
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
    fn key_zero_would_begin_again() {
        let fault = LoopGuard::default().check(&Cursor::Key(3), &Cursor::Key(0));
        assert_eq!(fault, Err(CursorFault::StartsOver));
    }
}
