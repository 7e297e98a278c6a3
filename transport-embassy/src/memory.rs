//! The memory of a client, which the caller gives.

use core::fmt;

/// The memory of a client.
#[derive(Debug)]
pub struct Memory<'a> {
    /// Holds the head of a response while it comes, at least 256 bytes. Of its fields only those that are read need room, and
    /// any other's name while it comes. Most heads are below 1 KB.
    pub head: &'a mut [u8],
    /// Holds what is sent and received at once, at least 64 bytes. An item that lies whole in it is lent from there.
    pub chunk: &'a mut [u8],
}

/// A buffer is too small to be of use.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryError {
    /// Which buffer.
    pub buffer: &'static str,
    /// Its size in bytes.
    pub size: usize,
    /// The least it must have.
    pub least: usize,
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { buffer, size, least } = self;
        write!(f, "the {buffer} buffer has {size} bytes and needs at least {least}: make it larger")
    }
}

impl core::error::Error for MemoryError {}

impl Memory<'_> {
    pub(crate) fn check(&self) -> Result<(), MemoryError> {
        for (buffer, size, least) in [("head", self.head.len(), 256), ("chunk", self.chunk.len(), 64)] {
            if size < least {
                return Err(MemoryError { buffer, size, least });
            }
        }
        Ok(())
    }
}
