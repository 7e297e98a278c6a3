//! Which arrays and objects are open, one bit each. Knows nothing but that.

/// How many arrays and objects may be open inside one another: RFC 8259, section 9 leaves the limit to the reader.
pub const MAX_DEPTH: u8 = 128;

/// An array or an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

/// The open containers: a bit for each, the outermost first, which is set for an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Containers {
    kinds: [u8; MAX_DEPTH as usize / 8],
    depth: u8,
}

impl Containers {
    pub(super) const NONE: Self = Self { kinds: [0; MAX_DEPTH as usize / 8], depth: 0 };

    pub(super) fn depth(&self) -> u8 {
        self.depth
    }

    pub(super) fn innermost(&self) -> Option<Container> {
        let depth = self.depth.checked_sub(1)?;
        let kinds = self.kinds.get(usize::from(depth / 8))?;
        Some(if kinds >> (depth % 8) & 1 == 0 { Container::Array } else { Container::Object })
    }

    /// Tells whether there was room for one more.
    pub(super) fn open(&mut self, container: Container) -> bool {
        let Some(kinds) = self.kinds.get_mut(usize::from(self.depth / 8)) else { return false };
        let bit = 1 << (self.depth % 8);
        match container {
            Container::Array => *kinds &= !bit,
            Container::Object => *kinds |= bit,
        }
        self.depth = self.depth.saturating_add(1);
        true
    }

    pub(super) fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub(super) fn close_all(&mut self) {
        self.depth = 0;
    }
}
