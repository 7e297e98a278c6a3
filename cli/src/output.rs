//! Where the items go: standard output, a file that a state belongs to, or a file that takes its name when it is whole.
//! A page that breaks off is taken back from a file; on a pipe, what was printed stays, and what is unchanged is not
//! printed again.

use crate::exit::{Exit, Fault};
use crate::mark::Mark;
use crate::ndjson;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use tidegate_std::Seen;
use tidegate_std::durable;

/// Takes items, page by page.
#[derive(Debug)]
pub(crate) struct Output {
    writer: BufWriter<File>,
    kind: Kind,
    /// Bytes up to here, in the file or on the way to it.
    position: u64,
    /// Bytes up to the end of the last whole page.
    page_start: u64,
}

#[derive(Debug)]
enum Kind {
    Stdout {
        seen: Seen,
    },
    /// Synced with every page, and locked.
    Stateful {
        path: PathBuf,
    },
    /// Written beside its place, and moved there when it is whole.
    Fresh {
        path: PathBuf,
        part: PathBuf,
        /// What it will replace, locked so that nobody writes to that meanwhile.
        _replaced: Option<Locked>,
    },
}

const BUFFER: usize = 64 << 10;

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Result<Self, Fault> {
        let stdout = io::stdout().as_fd().try_clone_to_owned().map_err(|error| Fault::stdout(&error))?;
        Ok(Self::new(File::from(stdout), Kind::Stdout { seen: Seen::default() }, 0))
    }

    /// A file that a state belongs to, of which the first `length` bytes are good and the rest is forgotten.
    pub(crate) fn stateful(Locked { path, mut file }: Locked, length: u64) -> Result<Self, Fault> {
        let cut = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
        cut.map_err(|error| Fault::file(&path, error))?;
        Ok(Self::new(file, Kind::Stateful { path }, length))
    }

    /// A file that is there only when it is whole; until then it has `.part` after its name.
    pub(crate) fn fresh(path: &Path) -> Result<Self, Fault> {
        let replaced = Locked::find(path)?;
        let part = durable::beside(path, ".part");
        let file = durable::open_locked(&part).map_err(|error| Fault::file(&part, error))?;
        let file = file.ok_or_else(|| in_use(&part))?;
        file.set_len(0).map_err(|error| Fault::file(&part, error))?;
        Ok(Self::new(file, Kind::Fresh { path: path.to_owned(), part, _replaced: replaced }, 0))
    }

    fn new(file: File, kind: Kind, length: u64) -> Self {
        Self { writer: BufWriter::with_capacity(BUFFER, file), kind, position: length, page_start: length }
    }

    /// Takes an item.
    pub(crate) fn item(&mut self, item: &[u8]) -> io::Result<()> {
        if let Kind::Stdout { seen } = &mut self.kind
            && !seen.is_new(item)
        {
            return Ok(());
        }
        self.position += ndjson::write_line(&mut self.writer, item)?;
        Ok(())
    }

    /// The page is whole: when this returns, its items are where they should be, as lastingly as was asked for.
    pub(crate) fn page_is_whole(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Kind::Stdout { seen } => {
                seen.forget();
                self.writer.flush()?;
            }
            Kind::Stateful { .. } => {
                self.writer.flush()?;
                self.writer.get_ref().sync_data()?;
            }
            Kind::Fresh { .. } => {}
        }
        self.page_start = self.position;
        Ok(())
    }

    /// The page broke off: its items will come again.
    pub(crate) fn take_back_page(&mut self) -> Result<(), Fault> {
        match &mut self.kind {
            Kind::Stdout { seen } => seen.rewind().map_err(|_| {
                Fault::new(
                    Exit::Transport,
                    format_args!(
                        "a page broke off after more than {} of its items were printed, too many to know them again, \
                         so going on would print items twice; with --output they are taken back",
                        Seen::LIMIT
                    ),
                )
            }),
            Kind::Stateful { .. } | Kind::Fresh { .. } => {
                self.cut_page().map_err(|error| self.fault(&error))
            }
        }
    }

    fn cut_page(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().set_len(self.page_start)?;
        self.writer.seek(SeekFrom::Start(self.page_start))?;
        self.position = self.page_start;
        Ok(())
    }

    /// Bytes up to the end of the last whole page.
    pub(crate) fn bytes(&self) -> u64 {
        self.page_start
    }

    /// By what a file is known again, up to the end of the last whole page.
    pub(crate) fn mark(&self) -> io::Result<Mark> {
        Mark::of(self.writer.get_ref(), self.page_start)
    }

    /// Nothing more comes, and all is there.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        match &self.kind {
            Kind::Stdout { .. } => Ok(()),
            Kind::Stateful { .. } => self.writer.get_ref().sync_data(),
            Kind::Fresh { path, part, .. } => {
                self.writer.get_ref().sync_all()?;
                durable::put_in_place(part, path)
            }
        }
    }

    /// Nothing more comes, and something is missing: a file keeps its whole pages, a pipe what it has.
    pub(crate) fn give_up(&mut self) -> io::Result<()> {
        match &self.kind {
            Kind::Stdout { .. } => self.writer.flush(),
            Kind::Stateful { .. } | Kind::Fresh { .. } => self.cut_page(),
        }
    }

    /// What an error while writing means.
    pub(crate) fn fault(&self, error: &io::Error) -> Fault {
        match &self.kind {
            Kind::Stdout { .. } => Fault::stdout(error),
            Kind::Stateful { path } | Kind::Fresh { part: path, .. } => Fault::file(path, error),
        }
    }
}

/// An output that is there, locked: no other process of this program writes to it. Nothing of it is changed yet.
#[derive(Debug)]
pub(crate) struct Locked {
    path: PathBuf,
    file: File,
}

impl Locked {
    /// The file at `path`; `None` if there is none.
    pub(crate) fn find(path: &Path) -> Result<Option<Self>, Fault> {
        check_kind(path)?;
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
}

/// Whether a file can be there: nothing else can be taken back or replaced.
pub(crate) fn check_kind(path: &Path) -> Result<(), Fault> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err(Fault::usage(format_args!(
            "{} is no regular file, and only those can be taken back or replaced; for a pipe, write to -",
            path.display()
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Fault::file(path, error)),
    }
}

fn in_use(path: &Path) -> Fault {
    Fault::usage(format_args!("{}: another process is writing to it; wait for it", path.display()))
}
