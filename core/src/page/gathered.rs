//! Bytes that come in pieces, put together in a buffer of the caller. Knows only to count them.

/// What was gathered so far in a buffer that its owner lends again for each piece.
///
/// Once a piece did not fit, the rest is only counted: also when the buffer should have grown in between.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gathered {
    /// All of it is in the first `len` bytes.
    Whole { len: usize },
    /// It is larger than the buffer.
    TooLarge { size: u64 },
}

impl Gathered {
    pub(super) const NOTHING: Self = Self::Whole { len: 0 };

    pub(super) fn push(&mut self, buffer: &mut [u8], piece: &[u8]) {
        *self = match *self {
            Self::Whole { len } => {
                let end = len.saturating_add(piece.len());
                match buffer.get_mut(len..end) {
                    Some(room) => {
                        room.copy_from_slice(piece);
                        Self::Whole { len: end }
                    }
                    None => Self::TooLarge { size: count(end) },
                }
            }
            Self::TooLarge { size } => Self::TooLarge { size: size.saturating_add(count(piece.len())) },
        }
    }
}

/// A length as a size that does not depend on the machine.
pub(super) fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
