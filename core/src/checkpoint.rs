//! Checkpoints: all that a pull must remember to go on after a restart, in a few bytes. A checkpoint is versioned, guarded
//! by a checksum, and bound to the API, origin and endpoint that made it. It holds no credential.

use crate::cursor::{Cursor, End, LoopGuard, Token};
use core::fmt;

/// Where a pull stands: every item before it was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub(crate) binding: Binding,
    pub(crate) cursor: Cursor,
    pub(crate) guard: LoopGuard,
    pub(crate) items: u64,
    pub(crate) skipped: u64,
    pub(crate) pages: u64,
    /// Items that were left out because they came before.
    pub(crate) repeated: u64,
    /// How many items there are in all, as the first page that says so has it.
    pub(crate) total: Option<u64>,
    /// The same by the latest page that says so.
    pub(crate) latest: Option<u64>,
    /// By what the member with the items is known, where it had to be found; else zero.
    pub(crate) pinned: u64,
    /// How many pages in a row were empty.
    pub(crate) empty: u8,
}

/// Keeps a pull's latest checkpoint over a restart, and a note with it: what is needed to cut the items back to that
/// checkpoint, such as the length of a file. Both are stored, or neither.
#[allow(async_fn_in_trait, reason = "a caller that sends the future between threads names the store")]
pub trait CheckpointStore {
    /// What can go wrong.
    type Error;

    /// What was stored last, with its note at the beginning of `note` and the note's length; `None` if nothing was.
    ///
    /// # Errors
    ///
    /// The storage fails, or holds something else.
    async fn load(&mut self, note: &mut [u8]) -> Result<Option<(Checkpoint, usize)>, Self::Error>;

    /// Puts this in the place of what was stored. When it returns, a power cut does not undo it; when the power is cut
    /// before, either the one or the other is there.
    ///
    /// # Errors
    ///
    /// The storage fails, or the note does not fit.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future is as a power cut.
    async fn store(&mut self, checkpoint: &Checkpoint, note: &[u8]) -> Result<(), Self::Error>;
}

/// Fingerprints of what a checkpoint belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) api: u64,
    pub(crate) origin: u64,
    pub(crate) endpoint: u64,
}

const MAGIC: [u8; 3] = *b"tdg";
const VERSION: u8 = 3;

impl Checkpoint {
    /// The length of the longest encoded form in bytes.
    pub const ENCODED_LEN: usize = FIXED_LEN + Token::CAPACITY + CHECKSUM_LEN;

    /// At the beginning of a list.
    #[inline(never)]
    pub(crate) fn at_start(binding: Binding) -> Self {
        Self {
            binding,
            cursor: Cursor::Start,
            guard: LoopGuard::default(),
            items: 0,
            skipped: 0,
            pages: 0,
            repeated: 0,
            total: None,
            latest: None,
            pinned: 0,
            empty: 0,
        }
    }

    /// Where the next page begins.
    pub const fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Items handed over so far, those of earlier runs included; skipped ones are not.
    pub const fn items(&self) -> u64 {
        self.items
    }

    /// Items that were skipped because they were larger than the item buffer.
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Items that were left out because they came before: see [`crate::Pull::remembering`].
    pub const fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Items that came, whatever became of them.
    #[inline(never)]
    pub(crate) const fn seen(&self) -> u64 {
        self.items.saturating_add(self.skipped).saturating_add(self.repeated)
    }

    /// Why the list is over, if it is.
    pub const fn end(&self) -> Option<End> {
        match self.cursor {
            Cursor::End(end) => Some(end),
            _ => None,
        }
    }

    /// How many items the server counts more than came, by its latest word for it. One that came twice counts once among
    /// those that were there when the list was begun.
    pub const fn missing(&self) -> u64 {
        let (Some(first), Some(latest)) = (self.total, self.latest) else { return 0 };
        let at_both = if first < latest { first } else { latest };
        let by_all = latest.saturating_sub(self.seen());
        let by_different = at_both.saturating_sub(self.items.saturating_add(self.skipped));
        if by_all > by_different { by_all } else { by_different }
    }

    /// How many items the list had in all when it was begun, as the server said, if it did. It counts wrongly at times.
    pub const fn total(&self) -> Option<u64> {
        self.total
    }

    /// Pages read so far, those of earlier runs included.
    pub const fn pages(&self) -> u64 {
        self.pages
    }

    /// Whether the list is over. Some of its items may be missing all the same: [`Checkpoint::missing`].
    pub const fn is_complete(&self) -> bool {
        self.end().is_some()
    }

    /// The form to store.
    #[inline(never)]
    pub fn encode(&self) -> Encoded {
        let (tag, key, token) = match &self.cursor {
            Cursor::Start => (0, 0, ""),
            Cursor::Key(key) => (1, *key, ""),
            Cursor::End(end) => (2, number_of(*end), ""),
            Cursor::Token(token) => (3, 0, token.as_str()),
            Cursor::Page(number) => (4, *number, ""),
            Cursor::Offset(items) => (5, *items, ""),
        };
        let length = u64::try_from(token.len()).unwrap_or(u64::MAX);
        let mut encoded = Encoded { bytes: [0; Self::ENCODED_LEN], length: 0 };
        encoded.put(&MAGIC);
        encoded.put(&[VERSION]);
        let mut place = Place { tag, key: key.cast_unsigned(), length };
        self.clone().each_number(&mut place, &mut |number, width| {
            encoded.put(number.to_le_bytes().get(..width).unwrap_or_default());
        });
        encoded.put(token.as_bytes());
        encoded.put(&crc32(&encoded).to_le_bytes());
        encoded
    }

    /// Hands over each number that is stored, with its width in bytes and in their order, and keeps what it then is.
    #[inline(never)]
    fn each_number(&mut self, place: &mut Place, each: &mut dyn FnMut(&mut u64, usize)) {
        let (mut steps, mut stride) = (self.guard.steps.into(), self.guard.stride.into());
        let mut empty = self.empty.into();
        let (mut has_total, mut total) = (self.total.is_some().into(), self.total.unwrap_or(0));
        let (mut has_latest, mut latest) = (self.latest.is_some().into(), self.latest.unwrap_or(0));
        let [first, second, third, fourth] = &mut self.guard.recent;
        let numbers: [&mut u64; WIDTHS.len()] = [
            &mut self.binding.api,
            &mut self.binding.origin,
            &mut self.binding.endpoint,
            &mut place.tag,
            &mut place.key,
            first,
            second,
            third,
            fourth,
            &mut self.guard.anchor,
            &mut steps,
            &mut stride,
            &mut self.items,
            &mut self.skipped,
            &mut self.pages,
            &mut self.repeated,
            &mut self.pinned,
            &mut empty,
            &mut has_total,
            &mut total,
            &mut has_latest,
            &mut latest,
            &mut place.length,
        ];
        for (number, width) in numbers.into_iter().zip(WIDTHS) {
            each(number, width.into());
        }
        (self.guard.steps, self.guard.stride, self.empty) = (steps as u32, stride as u32, empty as u8);
        self.total = (has_total != 0).then_some(total);
        self.latest = (has_latest != 0).then_some(latest);
    }

    /// Reads a stored checkpoint.
    ///
    /// # Errors
    ///
    /// Anything but the whole and unchanged output of [`Checkpoint::encode`] of this version is refused.
    #[inline(never)]
    pub fn decode(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let (magic, rest) = bytes.split_first_chunk().ok_or(CheckpointError::Damaged)?;
        if *magic != MAGIC {
            return Err(CheckpointError::NotACheckpoint);
        }
        let (version, rest) = rest.split_first().ok_or(CheckpointError::Damaged)?;
        if *version != VERSION {
            return Err(CheckpointError::Version { found: *version });
        }
        let (body, checksum) = bytes.split_last_chunk().ok_or(CheckpointError::Damaged)?;
        if crc32(body) != u32::from_le_bytes(*checksum) {
            return Err(CheckpointError::Damaged);
        }
        let mut checkpoint = Self::at_start(Binding { api: 0, origin: 0, endpoint: 0 });
        let mut place = Place { tag: 0, key: 0, length: 0 };
        let mut rest = rest;
        checkpoint.each_number(&mut place, &mut |number, width| {
            let (digits, behind) = rest.split_at_checked(width).unwrap_or_default();
            *number = digits.iter().rev().fold(0, |number, digit| number << 8 | u64::from(*digit));
            rest = behind;
        });
        let key = place.key.cast_signed();
        let token = body.get(FIXED_LEN..).unwrap_or_default();
        checkpoint.cursor = match place.tag {
            0 => Cursor::Start,
            1 => Cursor::Key(key),
            2 => Cursor::End(end_of(key)),
            3 => {
                let text = core::str::from_utf8(token).map_err(|_| CheckpointError::Damaged)?;
                Cursor::Token(Token::new(text).ok_or(CheckpointError::TokenTooLong { needed: token.len() })?)
            }
            4 => Cursor::Page(key),
            5 => Cursor::Offset(key),
            _ => return Err(CheckpointError::Damaged),
        };
        // A value that its tag says is absent must be absent: a checkpoint has one form.
        if *bytes == *checkpoint.encode() { Ok(checkpoint) } else { Err(CheckpointError::Damaged) }
    }

    /// Reads a stored checkpoint behind which something else follows, and tells the checkpoint's length.
    ///
    /// # Errors
    ///
    /// As [`Checkpoint::decode`].
    pub fn decode_from(bytes: &[u8]) -> Result<(Self, usize), CheckpointError> {
        let fixed = bytes.get(..FIXED_LEN).and_then(|fixed| fixed.last_chunk());
        let token_length = fixed.map_or(0, |length| usize::from(u16::from_le_bytes(*length)));
        let length = FIXED_LEN.saturating_add(token_length).saturating_add(CHECKSUM_LEN);
        let checkpoint = Self::decode(bytes.get(..length).unwrap_or(bytes))?;
        Ok((checkpoint, length))
    }

    /// Refuses a checkpoint that something else made.
    pub(crate) fn check_binding(&self, binding: &Binding) -> Result<(), CheckpointError> {
        if self.binding.api != binding.api {
            Err(CheckpointError::OtherApi)
        } else if self.binding.origin != binding.origin {
            Err(CheckpointError::OtherOrigin)
        } else if self.binding.endpoint != binding.endpoint {
            Err(CheckpointError::OtherEndpoint)
        } else {
            Ok(())
        }
    }
}

/// How many bytes each number of a checkpoint takes, in the order of [`Checkpoint::each_number`].
const WIDTHS: [u8; 23] = [8, 8, 8, 1, 8, 8, 8, 8, 8, 8, 4, 4, 8, 8, 8, 8, 8, 1, 1, 8, 1, 8, 2];

/// The length of all but the token and the checksum.
const FIXED_LEN: usize = {
    let (mut length, mut rest) = (MAGIC.len() + 1, WIDTHS.as_slice());
    while let [width, behind @ ..] = rest {
        (length, rest) = (length + *width as usize, behind);
    }
    length
};

const CHECKSUM_LEN: usize = 4;

/// What an end is written as.
const fn number_of(end: End) -> i64 {
    match end {
        End::SaidSo => 0,
        End::TotalReached => 1,
        End::EmptyPage => 2,
        End::ShortPage => 3,
        End::SingleAnswer => 4,
    }
}

/// The end that is written so. Another number is that of none, and then the checkpoint does not come out as it was.
const fn end_of(number: i64) -> End {
    match number {
        1 => End::TotalReached,
        2 => End::EmptyPage,
        3 => End::ShortPage,
        4 => End::SingleAnswer,
        _ => End::SaidSo,
    }
}

/// A checkpoint in the form to store. As a slice it has the length that this one takes.
#[derive(Clone, Copy)]
pub struct Encoded {
    bytes: [u8; Checkpoint::ENCODED_LEN],
    length: usize,
}

impl Encoded {
    #[inline(never)]
    fn put(&mut self, piece: &[u8]) {
        let end = self.length.saturating_add(piece.len());
        if let Some(room) = self.bytes.get_mut(self.length..end) {
            room.copy_from_slice(piece);
            self.length = end;
        }
    }
}

impl core::ops::Deref for Encoded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl PartialEq for Encoded {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Encoded {}

/// A cursor as it is stored, but for the text of a token.
struct Place {
    /// Which kind it is.
    tag: u64,
    key: u64,
    /// The length of the token.
    length: u64,
}

/// A checkpoint that cannot be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The bytes are something else.
    NotACheckpoint,
    /// Another version of this library wrote it.
    Version {
        /// The version found.
        found: u8,
    },
    /// It was cut short or changed.
    Damaged,
    /// Its token is longer than this build can keep: see [`Token::CAPACITY`].
    TokenTooLong {
        /// The token's length in bytes.
        needed: usize,
    },
    /// It belongs to another API.
    OtherApi,
    /// It belongs to another base URL.
    OtherOrigin,
    /// It belongs to another path, other parameters or another items member.
    OtherEndpoint,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotACheckpoint => f.write_str("this is no checkpoint"),
            Self::Version { found } => {
                write!(
                    f,
                    "the checkpoint has format {found}, and only format {VERSION} is understood: start anew"
                )
            }
            Self::Damaged => f.write_str("the checkpoint is damaged: start anew, or restore an earlier one"),
            Self::TokenTooLong { needed } => write!(
                f,
                "the checkpoint's token has {needed} bytes, and this build keeps {} at most: build it with the feature \
                 `tokens`",
                Token::CAPACITY
            ),
            Self::OtherApi => f.write_str("the checkpoint belongs to another API"),
            Self::OtherOrigin => f.write_str("the checkpoint belongs to another base URL"),
            Self::OtherEndpoint => f.write_str(
                "the checkpoint belongs to another path, other parameters or another items member",
            ),
        }
    }
}

impl core::error::Error for CheckpointError {}

/// CRC-32 as in IEEE 802.3, bit by bit: a checkpoint is short.
#[inline(never)]
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let mut guard = LoopGuard::default();
        for key in [7, i64::MIN, i64::MAX] {
            guard.follow(&Cursor::Key(key));
        }
        Checkpoint {
            binding: Binding { api: 1, origin: 2, endpoint: u64::MAX },
            cursor: Cursor::Key(i64::MAX),
            guard,
            items: u64::MAX,
            skipped: 3,
            pages: 1_000,
            repeated: 4,
            total: Some(u64::MAX - 1),
            latest: Some(7),
            pinned: u64::MAX - 2,
            empty: 99,
        }
    }

    #[test]
    fn a_checkpoint_survives_its_storage() {
        let cursors = [Cursor::Start, Cursor::Key(-1), Cursor::Page(2), Cursor::Offset(i64::MAX)];
        let ends = [End::SaidSo, End::TotalReached, End::EmptyPage, End::ShortPage, End::SingleAnswer];
        let cursors = cursors.into_iter().chain(ends.map(Cursor::End));
        let tokens = ["", "MTAw", "+RID:~"].into_iter().filter_map(Token::new).map(Cursor::Token);
        for cursor in cursors.chain(tokens) {
            let checkpoint = Checkpoint { cursor, ..checkpoint() };
            assert_eq!(Checkpoint::decode(&checkpoint.encode()), Ok(checkpoint));
        }
    }

    #[test]
    fn any_changed_bit_and_any_missing_byte_is_noticed() {
        let good = checkpoint().encode();
        for bit in 0..good.len() * 8 {
            let mut bad = good.to_vec();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Checkpoint::decode(&bad).is_err(), "bit {bit}");
        }
        for len in 0..good.len() {
            assert!(Checkpoint::decode(&good[..len]).is_err(), "{len} bytes");
        }
        let mut longer = good.to_vec();
        longer.push(0);
        assert_eq!(Checkpoint::decode(&longer), Err(CheckpointError::Damaged));
    }

    #[test]
    fn a_checkpoint_has_one_form() {
        let start = Checkpoint { cursor: Cursor::Start, guard: LoopGuard::default(), ..checkpoint() };
        // The key of a cursor that has none, and the totals of a list that has none.
        let none = Checkpoint { total: None, latest: None, ..start };
        // An end that there is not.
        let over = Checkpoint { cursor: Cursor::End(End::SaidSo), ..none }.encode();
        let good = none.encode();
        for (good, at) in [(good, 29), (good, FIXED_LEN - 12), (good, FIXED_LEN - 3), (over, 29)] {
            let mut bad = good.to_vec();
            bad[at] = 0x25;
            let (body, checksum) = bad.split_last_chunk_mut::<4>().unwrap();
            *checksum = crc32(body).to_le_bytes();
            assert_eq!(Checkpoint::decode(&bad), Err(CheckpointError::Damaged), "byte {at}");
        }
    }

    #[test]
    fn other_formats_are_named() {
        let mut bytes = checkpoint().encode().to_vec();
        bytes[3] = 1;
        assert_eq!(Checkpoint::decode(&bytes), Err(CheckpointError::Version { found: 1 }));
        assert_eq!(Checkpoint::decode(b"{\"a\":1}"), Err(CheckpointError::NotACheckpoint));
    }

    #[test]
    fn a_checkpoint_from_elsewhere_is_refused_with_the_reason() {
        let checkpoint = checkpoint();
        let own = checkpoint.binding;
        let table = [
            (Binding { api: 9, ..own }, CheckpointError::OtherApi),
            (Binding { origin: 9, ..own }, CheckpointError::OtherOrigin),
            (Binding { endpoint: 9, ..own }, CheckpointError::OtherEndpoint),
        ];
        for (binding, error) in table {
            assert_eq!(checkpoint.check_binding(&binding), Err(error));
        }
        assert_eq!(checkpoint.check_binding(&own), Ok(()));
    }

    #[test]
    fn the_checksum_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
