//! Which arrays and objects are open, one bit each. Knows nothing but that.

/// How many arrays and objects may be open inside one another: RFC 8259, section 9 leaves the limit to the reader.
pub const MAX_DEPTH: u8 = 128;

/// An array or an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

/// The open containers. The innermost is the lowest bit, set for an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Containers {
    kinds: u128,
    depth: u8,
}

impl Containers {
    pub(super) const NONE: Self = Self { kinds: 0, depth: 0 };

    pub(super) fn depth(self) -> u8 {
        self.depth
    }

    pub(super) fn is_full(self) -> bool {
        self.depth >= MAX_DEPTH
    }

    pub(super) fn innermost(self) -> Option<Container> {
        match (self.depth, self.kinds & 1) {
            (0, _) => None,
            (_, 0) => Some(Container::Array),
            (_, _) => Some(Container::Object),
        }
    }

    /// The caller has seen that it is not full.
    pub(super) fn open(&mut self, container: Container) {
        self.kinds = self.kinds << 1 | u128::from(container == Container::Object);
        self.depth = self.depth.saturating_add(1);
    }

    pub(super) fn close(&mut self) {
        self.kinds >>= 1;
        self.depth = self.depth.saturating_sub(1);
    }
}
