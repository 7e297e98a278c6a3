//! A file that items are written to, page by page: how far it is good, how a page is taken back, and whether somebody else
//! changed it meanwhile. The file is open to append, so one that was cut short or written to by others has another length
//! than was written.

use crate::mark::Mark;
use crate::ndjson;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tidegate_std::durable;

const BUFFER: usize = 64 << 10;

/// A file, and how much of it is written and good.
#[derive(Debug)]
pub(super) struct Written {
    writer: BufWriter<File>,
    path: PathBuf,
    /// Bytes up to here, in the file or on the way to it.
    position: u64,
    /// Bytes up to the end of the last whole page.
    page_start: u64,
    /// Somebody else changed the file.
    is_foreign: bool,
}

impl Written {
    /// A file whose first `length` bytes are good; the rest is cut off.
    pub(super) fn new(path: PathBuf, file: File, length: u64) -> io::Result<Self> {
        if file.metadata()?.len() != length {
            file.set_len(length)?;
        }
        let writer = BufWriter::with_capacity(BUFFER, file);
        Ok(Self { writer, path, position: length, page_start: length, is_foreign: false })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes up to the end of the last whole page.
    pub(super) fn bytes(&self) -> u64 {
        self.page_start
    }

    /// Whether another program changed the file.
    pub(super) fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    pub(super) fn item(&mut self, item: &[u8]) -> io::Result<()> {
        self.position += ndjson::write_line(&mut self.writer, item)?;
        Ok(())
    }

    /// The page is whole, and need not last.
    pub(super) fn page_is_whole(&mut self) -> io::Result<()> {
        self.flush()?;
        self.page_start = self.position;
        Ok(())
    }

    /// The page is whole, and lasts when this returns. The mark of all that is good now; if it cannot be made, the page
    /// is not good.
    pub(super) fn page_lasts(&mut self) -> io::Result<Mark> {
        self.flush()?;
        self.writer.get_ref().sync_data()?;
        let mark = Mark::of(self.writer.get_ref(), self.position)?;
        self.page_start = self.position;
        Ok(mark)
    }

    /// Cuts off what came after the last whole page, unless somebody else changed the file.
    pub(super) fn cut_page(&mut self) -> io::Result<()> {
        self.flush()?;
        self.writer.get_ref().set_len(self.page_start)?;
        self.position = self.page_start;
        Ok(())
    }

    /// Makes all of it last.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.writer.get_ref().sync_all()
    }

    /// Writes what is in memory, and looks whether the file is what was written.
    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        let changed = self.changed()?;
        self.is_foreign = changed.is_some();
        changed.map_or(Ok(()), |how| Err(io::Error::other(how)))
    }

    /// What others did to the file, if they did.
    fn changed(&self) -> io::Result<Option<String>> {
        let file = self.writer.get_ref();
        let length = file.metadata()?.len();
        Ok(if !durable::is_at(file, &self.path)? {
            Some(
                "another program renamed, removed or replaced it while it was written: put it back, or begin anew \
                 (with a state: --restart)"
                    .to_owned(),
            )
        } else if length != self.position {
            Some(format!(
                "another program changed it while it was written: it has {length} bytes and not the {} that were \
                 written. Begin anew (with a state: --restart), and let nothing else write to it",
                self.position
            ))
        } else {
            None
        })
    }
}
