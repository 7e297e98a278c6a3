//! The file beside an output that takes its name when the list is whole. Until then what has that name stays as it is. The
//! file is made with the first item, so that nothing is touched for a pull that gets none.

use super::locked::{self, Locked};
use super::written::Written;
use crate::exit::Fault;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tidegate_std::durable;

/// What comes after the output's name.
const ENDING: &str = ".part";

/// The file that holds the items of an output that is not whole.
pub(crate) fn part_of(output: &Path) -> PathBuf {
    durable::beside(output, ENDING)
}

/// An output that takes its name when it is whole.
#[derive(Debug)]
pub(super) struct Part {
    /// The name that it takes.
    output: PathBuf,
    /// What has the name, locked so that nobody writes to that meanwhile.
    earlier: Option<Locked>,
    written: Option<Written>,
    is_in_place: bool,
}

impl Part {
    /// One that begins with the first item.
    pub(super) fn new(output: &Path, earlier: Option<Locked>) -> Self {
        Self { output: output.to_owned(), earlier, written: None, is_in_place: false }
    }

    /// One with `length` good bytes from an earlier run.
    pub(super) fn resumed(self, part: Locked, length: u64) -> Result<Self, Fault> {
        Ok(Self { written: Some(part.written(length)?), ..self })
    }

    /// The file, made if there is none yet.
    pub(super) fn file(&mut self) -> Result<&mut Written, Fault> {
        let written = match self.written.take() {
            Some(written) => written,
            None => self.make()?,
        };
        Ok(self.written.insert(written))
    }

    /// The file, if it was made.
    pub(super) fn made(&mut self) -> Option<&mut Written> {
        self.written.as_mut()
    }

    /// Bytes up to the end of the last whole page.
    pub(super) fn bytes(&self) -> u64 {
        self.written.as_ref().map_or(0, Written::bytes)
    }

    /// Whether the items have the output's name.
    pub(super) fn is_in_place(&self) -> bool {
        self.is_in_place
    }

    /// Whether something else has the name.
    pub(super) fn has_earlier(&self) -> bool {
        self.earlier.is_some()
    }

    /// Whether another program changed the file.
    pub(super) fn is_foreign(&self) -> bool {
        self.written.as_ref().is_some_and(Written::is_foreign)
    }

    /// Gives the file the name.
    pub(super) fn put_in_place(&mut self) -> Result<(), Fault> {
        let output = self.output.clone();
        let file = self.file()?;
        let moved = file.sync().and_then(|()| durable::put_in_place(file.path(), &output));
        moved.map_err(|error| Fault::file(file.path(), error))?;
        self.is_in_place = true;
        Ok(())
    }

    /// Takes the file away if no page of it is whole.
    pub(super) fn discard_if_empty(&mut self) -> io::Result<()> {
        match &self.written {
            Some(written) if written.bytes() == 0 && !written.is_foreign() => fs::remove_file(written.path()),
            _ => Ok(()),
        }
    }

    /// Makes the file anew. What an earlier run left there belongs to a pull that nobody goes on with.
    fn make(&self) -> Result<Written, Fault> {
        let path = part_of(&self.output);
        let fault = |error| Fault::file(&path, error);
        // Its writer holds a lock on it. For any other kind of file, creating it reports the error.
        let in_use = matches!(durable::open_existing_locked(&path), Ok(None));
        if in_use {
            return Err(locked::in_use(&path));
        }
        let earlier = durable::existing(&self.output).map_err(fault)?;
        let file = durable::create_like(&path, earlier.as_ref()).map_err(fault)?;
        file.try_lock().map_err(|_| locked::in_use(&path))?;
        // The file's name must last as long as a state that speaks of it.
        durable::sync_directory_of(&path).map_err(fault)?;
        Written::new(path.clone(), file, 0).map_err(fault)
    }
}
