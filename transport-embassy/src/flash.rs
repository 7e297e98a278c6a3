//! Checkpoints in flash, by sequential-storage: each lies behind the one before, so pages wear evenly, and the latest that
//! is whole counts, whenever the power went.

use core::fmt;
use core::ops::Range;
use embedded_storage_async::nor_flash::NorFlash;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::map::{MapConfig, MapStorage, SerializationError, Value};
use tidegate_core::checkpoint::CheckpointError;
use tidegate_core::{Checkpoint, CheckpointStore};

/// The only key of the map, and the bytes that it takes of each record.
const LATEST: u8 = 0;
const KEY_LEN: usize = 1;

/// A checkpoint, and behind it the note.
struct Record<'n> {
    /// Of a record that was read, all of it: where the checkpoint ends is known only to the checkpoint.
    checkpoint: &'n [u8],
    note: &'n [u8],
}

impl<'n> Value<'n> for Record<'n> {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        let (checkpoint, rest) =
            buffer.split_at_mut_checked(self.checkpoint.len()).ok_or(SerializationError::BufferTooSmall)?;
        let note = rest.get_mut(..self.note.len()).ok_or(SerializationError::BufferTooSmall)?;
        checkpoint.copy_from_slice(self.checkpoint);
        note.copy_from_slice(self.note);
        Ok(self.checkpoint.len().saturating_add(self.note.len()))
    }

    fn deserialize_from(buffer: &'n [u8]) -> Result<(Self, usize), SerializationError> {
        Ok((Self { checkpoint: buffer, note: &[] }, buffer.len()))
    }
}

/// Keeps the latest checkpoint of one pull in a range of a flash.
pub struct FlashStore<'b, F: NorFlash> {
    map: MapStorage<u8, F, Cache<Uncached, Uncached, Uncached, u8>>,
    buffer: &'b mut [u8],
}

impl<'b, F: NorFlash> FlashStore<'b, F> {
    /// The size in bytes of a buffer for records with notes of up to `note_len` bytes: whole words of this flash. Earlier
    /// records are read as well, so it is the longest note ever stored that counts.
    pub const fn buffer_len(note_len: usize) -> usize {
        let word = if F::READ_SIZE > F::WRITE_SIZE { F::READ_SIZE } else { F::WRITE_SIZE };
        let record = KEY_LEN.saturating_add(Checkpoint::ENCODED_LEN).saturating_add(note_len);
        match record.checked_next_multiple_of(word) {
            Some(len) => len,
            // No memory has so much.
            None => usize::MAX,
        }
    }

    /// A store in `range`, in bytes from the flash's beginning, which must be whole pages and at least two of them; nothing
    /// else may be there. `buffer` holds one record: [`Self::buffer_len`] says how large it must be.
    ///
    /// # Errors
    ///
    /// [`FlashError::Range`].
    pub fn new(flash: F, range: Range<u32>, buffer: &'b mut [u8]) -> Result<Self, FlashError<F::Error>> {
        let config = MapConfig::try_new(range).map_err(|_| FlashError::Range)?;
        Ok(Self { map: MapStorage::new(flash, config, Cache::new_uncached()), buffer })
    }

    /// Forgets everything: the next pull begins anew.
    ///
    /// # Errors
    ///
    /// The flash fails.
    pub async fn erase(&mut self) -> Result<(), FlashError<F::Error>> {
        self.map.erase_all().await.map_err(FlashError::of)
    }
}

impl<F: NorFlash> fmt::Debug for FlashStore<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlashStore").finish_non_exhaustive()
    }
}

impl<F: NorFlash> CheckpointStore for FlashStore<'_, F> {
    type Error = FlashError<F::Error>;

    async fn load(&mut self, note: &mut [u8]) -> Result<Option<(Checkpoint, usize)>, Self::Error> {
        let stored: Option<Record<'_>> =
            self.map.fetch_item(self.buffer, &LATEST).await.map_err(FlashError::of)?;
        let Some(record) = stored else { return Ok(None) };
        let (checkpoint, behind) =
            Checkpoint::decode_from(record.checkpoint).map_err(FlashError::Checkpoint)?;
        let stored = record.checkpoint.get(behind..).unwrap_or_default();
        let length = stored.len();
        let room = note.get_mut(..length).ok_or(FlashError::BufferTooSmall { needed: length })?;
        room.copy_from_slice(stored);
        Ok(Some((checkpoint, length)))
    }

    async fn store(&mut self, checkpoint: &Checkpoint, note: &[u8]) -> Result<(), Self::Error> {
        // What is written in parts is read in whole words: a record that this buffer cannot load is not stored.
        let needed = Self::buffer_len(note.len());
        if self.buffer.len() < needed {
            return Err(FlashError::BufferTooSmall { needed });
        }
        let encoded = checkpoint.encode();
        let record = Record { checkpoint: &encoded, note };
        self.map.store_item(self.buffer, &LATEST, &record).await.map_err(FlashError::of)
    }
}

/// Why a checkpoint cannot be stored or loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlashError<E> {
    /// The range is not of whole pages, or of fewer than two.
    Range,
    /// The flash itself.
    Flash(E),
    /// A record, or the note, needs a larger buffer, or a larger page.
    BufferTooSmall {
        /// The size needed in bytes; 0 if no buffer would do.
        needed: usize,
    },
    /// What is in the range was not written by this store, or has been changed since: [`FlashStore::erase`] begins anew.
    Foreign,
    /// The checkpoint that was stored.
    Checkpoint(CheckpointError),
}

impl<E> FlashError<E> {
    fn of(error: sequential_storage::Error<E>) -> Self {
        use sequential_storage::Error;
        match error {
            Error::Storage { value, .. } => Self::Flash(value),
            Error::BufferTooSmall(needed) => Self::BufferTooSmall { needed },
            Error::SerializationError(SerializationError::BufferTooSmall)
            | Error::ItemTooBig
            | Error::FullStorage => Self::BufferTooSmall { needed: 0 },
            _ => Self::Foreign,
        }
    }
}

impl<E: fmt::Debug> fmt::Display for FlashError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range => {
                f.write_str("the range for checkpoints must be two whole pages of the flash or more")
            }
            Self::Flash(error) => write!(f, "the flash fails: {error:?}"),
            Self::BufferTooSmall { needed: 0 } => {
                f.write_str("the note is too long for the store's buffer or for a page of the flash")
            }
            Self::BufferTooSmall { needed } => {
                write!(f, "the buffer must have {needed} bytes: make it larger")
            }
            Self::Foreign => f.write_str(
                "the range for checkpoints holds something else, or is damaged: erase it to begin anew",
            ),
            Self::Checkpoint(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for FlashError<E> {}
