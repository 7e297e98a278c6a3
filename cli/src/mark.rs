//! How far an output is good, and what identifies that file: another file of the same name and length must not be cut, nor
//! continued.

use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};

/// Enough to hold some items, and little enough to be read back with every page.
const TAIL: usize = 64 << 10;

/// A file that can be read back. Files can; tests have one that fails.
pub(crate) trait ReadBack {
    /// Fills the buffer from that offset on.
    fn read_back(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// A number that no other file of the same file system has.
    fn inode(&self) -> io::Result<u64>;
}

impl ReadBack for File {
    fn read_back(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }

    fn inode(&self) -> io::Result<u64> {
        Ok(self.metadata()?.ino())
    }
}

/// A file up to the end of its last whole page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// How long it is up to there.
    pub(crate) bytes: u64,
    /// SHA-256 of the last bytes before that, at most 64 KiB, in hexadecimal digits.
    pub(crate) tail_sha256: String,
    /// The file itself, by which it is known as long as nothing of it is good yet.
    pub(crate) inode: u64,
}

impl Mark {
    /// Of a file that is not there yet.
    pub(crate) fn of_nothing() -> Self {
        Self { bytes: 0, tail_sha256: to_hex(&Sha256::digest([])), inode: 0 }
    }

    /// Of a file of which the first `bytes` bytes are good.
    pub(crate) fn of(file: &impl ReadBack, bytes: u64) -> io::Result<Self> {
        let length = usize::try_from(bytes).unwrap_or(TAIL).min(TAIL);
        let mut tail = vec![0; length];
        file.read_back(&mut tail, bytes.saturating_sub(length as u64))?;
        Ok(Self { bytes, tail_sha256: to_hex(&Sha256::digest(&tail)), inode: file.inode()? })
    }

    /// Whether the file begins with what was good.
    pub(crate) fn is_of(&self, file: &File) -> io::Result<bool> {
        let metadata = file.metadata()?;
        Ok(match self.bytes {
            0 => metadata.len() == 0 || metadata.ino() == self.inode,
            bytes => metadata.len() >= bytes && Self::of(file, bytes)?.tail_sha256 == self.tail_sha256,
        })
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
