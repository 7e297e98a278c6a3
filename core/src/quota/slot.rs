//! The memory of a quota, which the caller gives.

#[cfg(test)]
std::thread_local! {
    /// Counts the slots that were read or written.
    pub(super) static VISITS: core::cell::Cell<u64> = const { core::cell::Cell::new(0) };
}

/// The memory for one request in one window, or for several: four bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// Twice the milliseconds since the log's base, and one more if the request's driver went away.
    free_from: u32,
}

impl Slot {
    /// A slot that no request holds.
    pub const FREE: Self = Self { free_from: 0 };

    pub(super) const fn free_from_then(millis: u32) -> Self {
        Self { free_from: millis << 1 }
    }

    pub(super) const fn dropped(millis: u32) -> Self {
        Self { free_from: millis << 1 | 1 }
    }

    pub(super) const fn free_from(self) -> u32 {
        self.free_from >> 1
    }

    pub(super) const fn is_dropped(self) -> bool {
        self.free_from & 1 == 1
    }

    /// The base moved along so far.
    pub(super) const fn rebase(&mut self, by: u32) {
        self.free_from = self.free_from.saturating_sub(by << 1);
    }
}

/// The gate's memory: slots, as an array, a `&mut [Slot]` or a `Vec<Slot>`, and room for a token that is to live as long,
/// which means nothing to a quota.
pub trait Slots {
    /// The slots.
    fn slots(&self) -> &[Slot];

    /// The slots.
    fn slots_mut(&mut self) -> &mut [Slot];

    /// The room for a token.
    fn token_buffer(&self) -> &[u8] {
        &[]
    }

    /// The room for a token.
    fn token_buffer_mut(&mut self) -> &mut [u8] {
        &mut []
    }
}

impl<S: AsRef<[Slot]> + AsMut<[Slot]>> Slots for S {
    fn slots(&self) -> &[Slot] {
        self.as_ref()
    }

    fn slots_mut(&mut self) -> &mut [Slot] {
        self.as_mut()
    }
}
