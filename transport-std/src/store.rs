//! A pull's latest checkpoint in a file, replaced as a whole.

use crate::durable;
use std::fmt;
use std::io;
use std::path::PathBuf;
use tidegate_core::checkpoint::CheckpointError;
use tidegate_core::{Checkpoint, CheckpointStore};

/// Keeps the latest checkpoint of one pull, and its note, in a file. Each store syncs the file and its directory, which takes
/// as long as the disk takes.
#[derive(Clone, Debug)]
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    /// A store in the file at `path`, which need not be there yet. A file beside it, with `.new` after its name, is used
    /// while it is replaced.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl CheckpointStore for FileStore {
    type Error = FileStoreError;

    async fn load(&mut self, note: &mut [u8]) -> Result<Option<(Checkpoint, usize)>, FileStoreError> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FileStoreError::File(self.path.clone(), error)),
        };
        let (checkpoint, length) = Checkpoint::decode_from(&bytes)
            .map_err(|error| FileStoreError::Checkpoint(self.path.clone(), error))?;
        let stored = bytes.get(length..).unwrap_or_default();
        let room = note.get_mut(..stored.len()).ok_or(FileStoreError::Note { needed: stored.len() })?;
        room.copy_from_slice(stored);
        Ok(Some((checkpoint, stored.len())))
    }

    async fn store(&mut self, checkpoint: &Checkpoint, note: &[u8]) -> Result<(), FileStoreError> {
        let record = [&*checkpoint.encode(), note].concat();
        durable::replace(&self.path, &record).map_err(|error| FileStoreError::File(self.path.clone(), error))
    }
}

/// Why a checkpoint cannot be stored or loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileStoreError {
    /// The file system.
    File(PathBuf, io::Error),
    /// What is in the file.
    Checkpoint(PathBuf, CheckpointError),
    /// The note that was stored is longer than the buffer for it.
    Note {
        /// Its length in bytes.
        needed: usize,
    },
}

impl fmt::Display for FileStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Checkpoint(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Note { needed } => write!(f, "the stored note has {needed} bytes: give a larger buffer"),
        }
    }
}

impl std::error::Error for FileStoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(_, error) => Some(error),
            Self::Checkpoint(_, error) => Some(error),
            Self::Note { .. } => None,
        }
    }
}
