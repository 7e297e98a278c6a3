//! Standard output, a pipe or a device: what was written cannot be taken back, so what is unchanged is not written again.

use crate::exit::{Exit, Fault};
use crate::ndjson;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use tidegate_std::Seen;

const BUFFER: usize = 64 << 10;

/// Where written items stay written.
#[derive(Debug)]
pub(super) struct Stream {
    writer: BufWriter<File>,
    /// `None` for standard output.
    path: Option<PathBuf>,
    seen: Seen,
    position: u64,
    page_start: u64,
}

impl Stream {
    pub(super) fn stdout() -> Result<Self, Fault> {
        let stdout = io::stdout().as_fd().try_clone_to_owned().map_err(|error| Fault::stdout(&error))?;
        Ok(Self::new(File::from(stdout), None))
    }

    /// Opens a pipe or a device, as it is. A pipe waits for its reader.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let file = OpenOptions::new().write(true).open(path).map_err(|error| Fault::file(path, error))?;
        Ok(Self::new(file, Some(path.to_owned())))
    }

    fn new(file: File, path: Option<PathBuf>) -> Self {
        let writer = BufWriter::with_capacity(BUFFER, file);
        Self { writer, path, seen: Seen::default(), position: 0, page_start: 0 }
    }

    /// Bytes up to the end of the last whole page.
    pub(super) fn bytes(&self) -> u64 {
        self.page_start
    }

    pub(super) fn item(&mut self, item: &[u8]) -> Result<(), Fault> {
        if self.seen.is_new(item) {
            let written = ndjson::write_line(&mut self.writer, item);
            self.position += written.map_err(|error| self.fault(&error))?;
        }
        Ok(())
    }

    pub(super) fn page_is_whole(&mut self) -> Result<(), Fault> {
        self.seen.forget();
        self.flush()?;
        self.page_start = self.position;
        Ok(())
    }

    pub(super) fn take_back_page(&mut self) -> Result<(), Fault> {
        self.seen.rewind().map_err(|_| {
            Fault::new(
                Exit::Transport,
                format_args!(
                    "a page broke off after more than {} of its items were printed, too many to know them again, so \
                     going on would print items twice; with --output they are taken back",
                    Seen::LIMIT
                ),
            )
        })
    }

    pub(super) fn flush(&mut self) -> Result<(), Fault> {
        self.writer.flush().map_err(|error| self.fault(&error))
    }

    fn fault(&self, error: &io::Error) -> Fault {
        match &self.path {
            Some(path) if error.kind() != io::ErrorKind::BrokenPipe => Fault::file(path, error),
            _ => Fault::stdout(error),
        }
    }
}
