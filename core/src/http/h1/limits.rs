//! How much a response may have of what costs memory or time.

/// How many fields a head may have.
pub const FIELDS_LIMIT: usize = 64;

/// How many bytes of interim responses, fields that are not read, chunk extensions and trailers a response may have in all.
/// Nobody reads them, and without a limit a server could send them for ever.
pub const SKIPPED_LIMIT: u32 = 16 << 10;

/// How many digits the size of a chunk may have.
pub(super) const SIZE_DIGITS_LIMIT: u8 = 16;
