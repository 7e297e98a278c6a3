//! Files that are whole or not there, whenever the power goes: written beside their place, synced, moved over it, and
//! the directory synced (rename(2) replaces atomically; fsync(2) of the directory makes the new name last). And locks
//! that the kernel lets go of when a process ends, however it ends.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Replaces the file at `path`, atomically and lastingly.
///
/// # Errors
///
/// The file system's; the file that was there is then there still, whole.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = beside(path, ".new");
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    put_in_place(&beside, path)
}

/// Moves a synced file over another, atomically and lastingly.
///
/// # Errors
///
/// The file system's.
pub fn put_in_place(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_directory_of(to)
}

/// Makes the names in the file's directory last.
///
/// # Errors
///
/// The file system's.
pub fn sync_directory_of(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

/// The same path with something after its name.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Opens a file for reading and writing and locks it; makes it if need be, and leaves what is in it. `None` if another
/// process has the lock.
///
/// # Errors
///
/// The file system's.
pub fn open_locked(path: &Path) -> io::Result<Option<File>> {
    lock(path, OpenOptions::new().create(true).truncate(false).read(true).write(true))
}

/// The same of a file that must be there.
///
/// # Errors
///
/// The file system's, or it is not there.
pub fn open_existing_locked(path: &Path) -> io::Result<Option<File>> {
    lock(path, OpenOptions::new().read(true).write(true))
}

fn lock(path: &Path, options: &OpenOptions) -> io::Result<Option<File>> {
    loop {
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had the lock may have moved the file elsewhere meanwhile: then this is the lock of another name.
        match fs::metadata(path) {
            Ok(named) if named.ino() == file.metadata()?.ino() => return Ok(Some(file)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
}
