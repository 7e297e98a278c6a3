//! Where the items go: a stream, which keeps what it was given; a file in its place, which a state belongs to; or a file
//! beside its place that takes the name when the list is whole. A page that breaks off is taken back from a file.

mod latest;
mod locked;
mod part;
mod stream;
mod written;

pub(crate) use locked::Locked;
pub(crate) use part::part_of;

use crate::exit::Fault;
use crate::mark::Mark;
use crate::position::Place;
use part::Part;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use stream::Stream;
use tidegate_std::durable;
use written::Written;

/// Takes items, page by page.
#[derive(Debug)]
pub(crate) struct Output {
    kind: Kind,
    /// Whether a state speaks of each page, so that it must last.
    is_stateful: bool,
}

#[derive(Debug)]
enum Kind {
    Stream(Stream),
    InPlace(Written),
    Part(Part),
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Result<Self, Fault> {
        Ok(Self { kind: Kind::Stream(Stream::stdout()?), is_stateful: false })
    }

    /// A pipe or a device.
    pub(crate) fn stream(path: &Path) -> Result<Self, Fault> {
        Ok(Self { kind: Kind::Stream(Stream::open(path)?), is_stateful: false })
    }

    /// A file in its place that a state belongs to. Its first `length` bytes are good; the rest is cut off.
    pub(crate) fn in_place(file: Locked, length: u64) -> Result<Self, Fault> {
        Ok(Self { kind: Kind::InPlace(file.written(length)?), is_stateful: true })
    }

    /// A file that takes its name when it is whole; until then it has `.part` after its name.
    pub(crate) fn fresh(path: &Path, earlier: Option<Locked>) -> Self {
        Self { kind: Kind::Part(Part::new(path, earlier)), is_stateful: false }
    }

    /// The same where a state belongs to it. Of the part, if it is there, the first `length` bytes are good.
    pub(crate) fn beside(
        path: &Path,
        earlier: Option<Locked>,
        part: Option<(Locked, u64)>,
    ) -> Result<Self, Fault> {
        let new = Part::new(path, earlier);
        let part = match part {
            Some((part, length)) => new.resumed(part, length)?,
            None => new,
        };
        Ok(Self { kind: Kind::Part(part), is_stateful: true })
    }

    /// A file in its place that takes what is written and fails when it is read back.
    #[cfg(test)]
    pub(crate) fn unreadable(path: &Path) -> Self {
        let file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        Self { kind: Kind::InPlace(Written::new(path.to_owned(), file, 0).unwrap()), is_stateful: true }
    }

    /// Takes an item.
    pub(crate) fn item(&mut self, item: &[u8]) -> Result<(), Fault> {
        let written = match &mut self.kind {
            Kind::Stream(stream) => return stream.item(item),
            Kind::InPlace(written) => written,
            Kind::Part(part) => part.file()?,
        };
        written.item(item).map_err(|error| Fault::file(written.path(), error))
    }

    /// The page is whole: when this returns, its items are where they should be, as lastingly as was asked for. Where a
    /// state belongs to the output, the mark of all that is good, and in which file that is.
    pub(crate) fn page_is_whole(&mut self) -> Result<Option<(Mark, Place)>, Fault> {
        let (written, place) = match &mut self.kind {
            Kind::Stream(stream) => return stream.page_is_whole().map(|()| None),
            Kind::InPlace(written) => (written, Place::Output),
            Kind::Part(part) => (part.file()?, Place::Part),
        };
        let mark = if self.is_stateful {
            written.page_lasts().map(Some)
        } else {
            written.page_is_whole().map(|()| None)
        };
        let mark = mark.map_err(|error| Fault::file(written.path(), error))?;
        Ok(mark.map(|mark| (mark, place)))
    }

    /// The page broke off: its items will come again.
    pub(crate) fn take_back_page(&mut self) -> Result<(), Fault> {
        match &mut self.kind {
            Kind::Stream(stream) => stream.take_back_page(),
            Kind::InPlace(_) | Kind::Part(_) => self.cut_page(),
        }
    }

    fn cut_page(&mut self) -> Result<(), Fault> {
        let written = match &mut self.kind {
            Kind::Stream(_) => None,
            Kind::InPlace(written) => Some(written),
            Kind::Part(part) => part.made(),
        };
        let Some(written) = written else { return Ok(()) };
        written.cut_page().map_err(|error| Fault::file(written.path(), error))
    }

    /// Bytes up to the end of the last whole page.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.kind {
            Kind::Stream(stream) => stream.bytes(),
            Kind::InPlace(written) => written.bytes(),
            Kind::Part(part) => part.bytes(),
        }
    }

    /// The list ended. One that is whole takes the place of an earlier output; one that is not only takes a place that is
    /// free.
    pub(crate) fn finish(&mut self, is_whole: bool) -> Result<(), Fault> {
        match &mut self.kind {
            Kind::Stream(stream) => stream.flush(),
            Kind::InPlace(written) => written.sync().map_err(|error| Fault::file(written.path(), error)),
            Kind::Part(part) if is_whole || !part.has_earlier() => part.put_in_place(),
            Kind::Part(_) => self.cut_page(),
        }
    }

    /// Nothing more comes, and something is missing: a file keeps its whole pages, a stream what it has.
    pub(crate) fn give_up(&mut self) -> Result<(), Fault> {
        if let Kind::Stream(stream) = &mut self.kind {
            return stream.flush();
        }
        self.cut_page()?;
        match &mut self.kind {
            // There is nothing in it; that it stays does no harm.
            Kind::Part(part) => {
                let _ = part.discard_if_empty();
                Ok(())
            }
            Kind::Stream(_) | Kind::InPlace(_) => Ok(()),
        }
    }

    /// Whether another program changed the file.
    pub(crate) fn is_foreign(&self) -> bool {
        match &self.kind {
            Kind::Stream(_) => false,
            Kind::InPlace(written) => written.is_foreign(),
            Kind::Part(part) => part.is_foreign(),
        }
    }

    /// Whether the items are in the part, and what has the output's name is not theirs.
    pub(crate) fn is_beside(&self) -> bool {
        matches!(&self.kind, Kind::Part(part) if !part.is_in_place())
    }
}

/// What a path is to an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A regular file, or none yet: where the path leads, its links followed.
    File(PathBuf),
    /// A pipe or a device: it is written to, and neither cut nor replaced.
    Stream(PathBuf),
}

impl Target {
    /// What is at the end of a path.
    pub(crate) fn of(path: &Path) -> Result<Self, Fault> {
        let file = || Ok(Self::File(durable::target(path).map_err(|error| Fault::file(path, error))?));
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => file(),
            Ok(metadata) if metadata.is_dir() => {
                Err(Fault::usage(format_args!("{} is a directory: name a file", path.display())))
            }
            Ok(_) => Ok(Self::Stream(path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => file(),
            Err(error) => Err(Fault::file(path, error)),
        }
    }
}
