//! A file that is there and is locked: no other process of this program writes to it. Nothing of it is changed here.

use super::latest;
use super::written::Written;
use crate::exit::Fault;
use crate::mark::Mark;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use tidegate_std::durable;

/// A file that no other process writes to.
#[derive(Debug)]
pub(crate) struct Locked {
    path: PathBuf,
    file: File,
}

impl Locked {
    /// The file at `path`; `None` if there is none.
    pub(crate) fn find(path: &Path) -> Result<Option<Self>, Fault> {
        match durable::open_existing_locked(path) {
            Ok(Some(file)) => Ok(Some(Self { path: path.to_owned(), file })),
            Ok(None) => Err(in_use(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::file(path, error)),
        }
    }

    /// An empty file at `path`, where there was none.
    pub(crate) fn make(path: &Path) -> Result<Self, Fault> {
        let make = || {
            let file = durable::open_locked(path)?;
            // The file's name must last as long as the state that speaks of it.
            durable::sync_directory_of(path)?;
            Ok(file)
        };
        let file =
            make().map_err(|error: io::Error| Fault::file(path, error))?.ok_or_else(|| in_use(path))?;
        Ok(Self { path: path.to_owned(), file })
    }

    pub(crate) fn length(&self) -> Result<u64, Fault> {
        let metadata = self.file.metadata().map_err(|error| Fault::file(&self.path, error))?;
        Ok(metadata.len())
    }

    /// Whether it begins with what the mark was made of.
    pub(crate) fn has(&self, mark: &Mark) -> Result<bool, Fault> {
        mark.is_of(&self.file).map_err(|error| Fault::file(&self.path, error))
    }

    /// The mark of its first `length` bytes.
    pub(crate) fn mark(&self, length: u64) -> Result<Mark, Fault> {
        Mark::of(&self.file, length).map_err(|error| Fault::file(&self.path, error))
    }

    /// Its latest lines, at most so many, of its first `length` bytes.
    pub(crate) fn latest(&self, length: u64, lines: usize) -> Result<Vec<Vec<u8>>, Fault> {
        latest::lines(&self.file, length, lines).map_err(|error| Fault::file(&self.path, error))
    }

    /// The file to go on in, behind its first `length` bytes.
    pub(super) fn written(self, length: u64) -> Result<Written, Fault> {
        let path = self.path.clone();
        Written::new(self.path, self.file, length).map_err(|error| Fault::file(&path, error))
    }
}

pub(super) fn in_use(path: &Path) -> Fault {
    Fault::usage(format_args!("{}: another process is writing to it; wait for it", path.display()))
}
