//! A NOR flash in a host file: words of 4 bytes that are programmed by clearing bits, pages of 4 KB that are erased to
//! ones. Each word is programmed by a call to the host of its own, so that a machine that is killed leaves a torn item, as
//! a power cut does; an erasure is sixteen calls. The power can also be cut after a given number of these.

use embedded_storage_async::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

use crate::host::{self, Arguments, File, Mode, OrStop as _};

/// Bytes of the whole flash.
pub const CAPACITY: usize = 16 << 10;
/// Bytes of a page.
pub const PAGE: usize = 4 << 10;
/// Bytes of a word.
pub const WORD: usize = 4;

/// What one call to the host erases.
const ERASED_AT_ONCE: usize = 256;
const ERASED: u8 = 0xff;

/// The flash. Two of the same file at once would not know of each other.
#[derive(Debug)]
pub struct Flash {
    file: File,
    /// How many words are programmed and pieces erased before the power is cut.
    cut_after: Option<u32>,
}

/// A request that the flash refuses, or a host that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashError {
    /// Not in whole words or pages.
    NotAligned,
    /// Beyond the end.
    OutOfBounds,
    /// The host could not read or write the file.
    Host,
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::NotAligned => NorFlashErrorKind::NotAligned,
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
            Self::Host => NorFlashErrorKind::Other,
        }
    }
}

impl Flash {
    /// The flash in the file `flash=`; if there is `cut=`, its power lasts for so many words and pieces of pages. The machine stops
    /// if the file is not named, or can neither be opened nor made.
    pub fn open(arguments: &Arguments) -> Self {
        let name: &str = arguments.get("flash").or_stop("the argument flash= names the file of the flash");
        if File::open_named(name, Mode::Change).is_none() {
            drop(File::open_named(name, Mode::Create));
        }
        let file = File::open_named(name, Mode::Change).or_stop("the flash's file can be opened");
        let flash = Self { file, cut_after: arguments.parsed("cut") };
        flash.complete();
        flash
    }

    /// A file that is missing, empty or too short reads as erased from there on.
    fn complete(&self) {
        let mut at = self.file.length();
        while at < CAPACITY {
            let length = ERASED_AT_ONCE.min(CAPACITY - at);
            let done = self.file.seek(at) && self.file.write(&[ERASED; ERASED_AT_ONCE][..length]);
            assert!(done, "the flash's file can be written");
            at += length;
        }
    }

    /// Changes what the flash holds, unless the power is gone.
    fn change(&mut self, offset: usize, bytes: &[u8]) -> Result<(), FlashError> {
        if let Some(left) = &mut self.cut_after {
            if *left == 0 {
                host::cut("a change of the flash");
            }
            *left -= 1;
        }
        self.on_host(offset, |file| file.write(bytes))
    }

    fn on_host(&self, offset: usize, work: impl FnOnce(&File) -> bool) -> Result<(), FlashError> {
        match self.file.seek(offset) && work(&self.file) {
            true => Ok(()),
            false => Err(FlashError::Host),
        }
    }

    fn program(&mut self, offset: usize, word: [u8; WORD]) -> Result<(), FlashError> {
        let mut held = [0; WORD];
        self.on_host(offset, |file| file.read(&mut held))?;
        let left = u32::from_le_bytes(held) & u32::from_le_bytes(word);
        self.change(offset, &left.to_le_bytes())
    }
}

/// Whether a span is in whole units and within the flash.
fn check(offset: u32, length: usize, unit: usize) -> Result<usize, FlashError> {
    let offset = offset as usize;
    if !offset.is_multiple_of(unit) || !length.is_multiple_of(unit) {
        return Err(FlashError::NotAligned);
    }
    match offset.checked_add(length) {
        Some(end) if end <= CAPACITY => Ok(offset),
        _ => Err(FlashError::OutOfBounds),
    }
}

impl ErrorType for Flash {
    type Error = FlashError;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        let offset = check(offset, bytes.len(), Self::READ_SIZE)?;
        self.on_host(offset, |file| file.read(bytes))
    }

    fn capacity(&self) -> usize {
        CAPACITY
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        let length = to.checked_sub(from).ok_or(FlashError::OutOfBounds)? as usize;
        let begin = check(from, length, PAGE)?;
        for piece in (begin..begin + length).step_by(ERASED_AT_ONCE) {
            self.change(piece, &[ERASED; ERASED_AT_ONCE])?;
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        let offset = check(offset, bytes.len(), WORD)?;
        let (words, _) = bytes.as_chunks::<WORD>();
        for (word, at) in words.iter().zip((offset..).step_by(WORD)) {
            self.program(at, *word)?;
        }
        Ok(())
    }
}

// Programming a word twice clears the bits of both.
impl MultiwriteNorFlash for Flash {}
