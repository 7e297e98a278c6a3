//! Files that are whole or not there, whenever the power goes: written beside their place, synced, moved over it, and
//! the directory synced (rename(2) replaces atomically; fsync(2) of the directory makes the new name last). And locks
//! that the kernel lets go of when a process ends, however it ends.
//!
//! A file that is made here is made anew (`O_EXCL` of open(2)), so a symbolic link that waits at its name is never
//! followed. A file that takes the place of another has the mode of that one.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// How often a name is tried that others make and remove meanwhile.
const ATTEMPTS: u32 = 100;
/// How many links are followed: as many as Linux follows.
const LINKS: u32 = 40;

/// Replaces the file at `path`, atomically and lastingly. If `path` is a symbolic link, the file that it leads to is
/// replaced, and the link stays.
///
/// # Errors
///
/// The file system's, or what is there is no regular file; what was there is then there still, whole.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let target = target(path)?;
    let earlier = existing(&target)?;
    let new = beside(&target, ".new");
    let written = create_like(&new, earlier.as_ref()).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    written.and_then(|()| put_in_place(&new, &target))
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
    File::open(directory_of(path))?.sync_all()
}

/// The same path with something after its name.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Where a path leads when the links at its end are followed. The file itself need not be there.
///
/// # Errors
///
/// The file system's, or too many links.
pub fn target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match fs::symlink_metadata(&target) {
            Ok(metadata) if metadata.is_symlink() => {
                let link = fs::read_link(&target)?;
                target = directory_of(&target).join(link);
            }
            Ok(_) => return Ok(target),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(target),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("there are too many symbolic links"))
}

/// The regular file at `path`; `None` if nothing is there.
///
/// # Errors
///
/// The file system's, or it is something else than a regular file.
pub fn existing(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(metadata) if metadata.is_symlink() => {
            Err(io::Error::other("it is a symbolic link, and no link is followed here"))
        }
        Ok(_) => Err(io::Error::other("it is no regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a new file in the place of whatever has the name, to append to and to read. With the mode of `earlier`, and its
/// owner and group as far as this process may give them; without one, as the process's mask has it.
///
/// # Errors
///
/// The file system's.
pub fn create_like(path: &Path, earlier: Option<&Metadata>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create_new(true).read(true).append(true);
    if earlier.is_some() {
        options.mode(0o600);
    }
    for _ in 0..ATTEMPTS {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        match options.open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => {
                earlier.map_or(Ok(()), |earlier| take_after(&file, earlier))?;
                return Ok(file);
            }
        }
    }
    Err(io::Error::other("another process makes a file of this name again and again"))
}

/// Gives a new file the owner, group and mode of an earlier one. A group that cannot be given gets no rights: they were
/// meant for another group.
fn take_after(file: &File, earlier: &Metadata) -> io::Result<()> {
    let own = file.metadata()?;
    let mut mode = earlier.mode() & 0o777;
    let is_as_earlier = (own.uid(), own.gid()) == (earlier.uid(), earlier.gid());
    if !is_as_earlier && fchown(file, Some(earlier.uid()), Some(earlier.gid())).is_err() {
        let has_group = own.gid() == earlier.gid() || fchown(file, None, Some(earlier.gid())).is_ok();
        mode &= if has_group { 0o777 } else { 0o707 };
    }
    file.set_permissions(Permissions::from_mode(mode))
}

/// Opens a file to append to and to read, and locks it; makes it if need be, and leaves what is in it. `None` if another
/// process has the lock. No link is followed. What is appended to a file that was cut short meanwhile leaves no gap, so
/// its length tells.
///
/// # Errors
///
/// The file system's, or what is there is no regular file.
pub fn open_locked(path: &Path) -> io::Result<Option<File>> {
    lock(path, |path| match existing(path)? {
        Some(_) => OpenOptions::new().read(true).append(true).open(path),
        None => OpenOptions::new().create_new(true).read(true).append(true).open(path),
    })
}

/// The same of a file that must be there.
///
/// # Errors
///
/// The file system's, what is there is no regular file, or nothing is there.
pub fn open_existing_locked(path: &Path) -> io::Result<Option<File>> {
    lock(path, |path| {
        existing(path)?.ok_or(io::ErrorKind::NotFound)?;
        OpenOptions::new().read(true).append(true).open(path)
    })
}

fn lock(path: &Path, open: impl Fn(&Path) -> io::Result<File>) -> io::Result<Option<File>> {
    for _ in 0..ATTEMPTS {
        let file = match open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            opened => opened?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had the lock may have moved the file elsewhere meanwhile: then this is the lock of another name.
        if is_at(&file, path)? {
            return Ok(Some(file));
        }
    }
    Err(io::Error::other("another process replaces the file again and again"))
}

/// Whether a file that is open is the one at `path`, and not one that a link there leads to.
///
/// # Errors
///
/// The file system's.
pub fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let own = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (own.dev(), own.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// An empty directory of a test's own.
    fn directory(test: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("tidegate-durable-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        path
    }

    #[test]
    fn a_link_at_the_new_files_name_is_not_followed() {
        let directory = directory("new");
        let (file, victim) = (directory.join("x"), directory.join("victim"));
        fs::write(&victim, "mine").unwrap();
        symlink(&victim, directory.join("x.new")).unwrap();
        replace(&file, b"content").unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"mine");
        assert_eq!(fs::read(&file).unwrap(), b"content");
        assert!(existing(&file).unwrap().is_some(), "a file, no link");
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_link_stays_a_link_and_the_mode_stays_the_same() {
        let directory = directory("link");
        let (there, link) = (directory.join("there"), directory.join("link"));
        fs::create_dir(&there).unwrap();
        fs::write(there.join("x"), "old").unwrap();
        fs::set_permissions(there.join("x"), Permissions::from_mode(0o640)).unwrap();
        symlink("there/x", &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(there.join("x")).unwrap(), b"new");
        assert_eq!(fs::metadata(there.join("x")).unwrap().mode() & 0o777, 0o640);
        // A link to a file that is not there yet leads there too.
        fs::remove_file(there.join("x")).unwrap();
        replace(&link, b"newer").unwrap();
        assert_eq!(fs::read(there.join("x")).unwrap(), b"newer");
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn what_is_no_regular_file_is_neither_replaced_nor_locked() {
        let directory = directory("kinds");
        let device = directory.join("device");
        symlink("/dev/null", &device).unwrap();
        for path in [device.as_path(), Path::new("/dev/null"), &directory] {
            assert!(replace(path, b"x").is_err(), "{}", path.display());
            assert!(open_locked(path).is_err(), "{}", path.display());
        }
        symlink(directory.join("elsewhere"), directory.join("x.lock")).unwrap();
        assert!(open_locked(&directory.join("x.lock")).is_err());
        assert!(!directory.join("elsewhere").exists(), "nothing was made through the link");
        assert!(fs::symlink_metadata("/dev/null").is_ok_and(|null| !null.is_file()));
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn links_in_a_circle_end_somewhere() {
        let directory = directory("circle");
        symlink("b", directory.join("a")).unwrap();
        symlink("a", directory.join("b")).unwrap();
        assert!(target(&directory.join("a")).is_err());
        fs::remove_dir_all(directory).unwrap();
    }
}
