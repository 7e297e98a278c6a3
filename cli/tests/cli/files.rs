//! What the program's files are: devices and pipes stay what they are, links are not followed where nobody named them, modes
//! are kept, and a file that others change meanwhile is noticed.

use crate::common::{Api, Directory, Running, config, ends_with, pull, pull_with_state, said, summary};
use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use tidegate_simulator::{Config, Fault, Trigger};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn fifo(directory: &Directory, name: &str) -> PathBuf {
    let path = directory.file(name);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// A device like /dev/null that a broken program may destroy; `None` if this user cannot make one.
fn device(directory: &Directory) -> Option<PathBuf> {
    let path = directory.file("null");
    let made = Command::new("mknod")
        .arg(&path)
        .args(["c", "1", "3"])
        .output()
        .is_ok_and(|made| made.status.success());
    // A file system may be mounted without devices.
    let is_usable = made && fs::write(&path, "x").is_ok();
    is_usable.then_some(path)
}

#[test]
fn a_device_is_written_to_and_stays_a_device() {
    let api = Api::start(config(100, 50));
    let directory = Directory::new("a_device");
    let Some(null) = device(&directory) else { return };
    let name = null.to_str().unwrap();
    ends_with(0, &mut pull(&api, &["--output", name, "--summary", name]));
    // A run that cannot begin writes its summary too.
    ends_with(2, pull(&api, &["--summary", name]).env_remove("TIDEGATE_API_KEY"));
    assert!(fs::symlink_metadata(&null).unwrap().file_type().is_char_device());
    assert_eq!(directory.files(), std::slice::from_ref(&null), "nothing was made beside it");
    for arguments in [["--output", name, "--state", "s"], ["--output", "x", "--state", name]] {
        let output = ends_with(2, &mut pull(&api, &arguments));
        assert!(said(&output).contains("--state"), "{}", said(&output));
    }
    assert!(fs::symlink_metadata(&null).unwrap().file_type().is_char_device());
}

#[test]
fn a_pipe_is_written_to_and_stays_a_pipe() {
    let api = Api::start(config(500, 50));
    let directory = Directory::new("a_pipe");
    let (items, told) = (fifo(&directory, "items"), fifo(&directory, "told"));
    let read = |path: &Path| {
        let path = path.to_owned();
        thread::spawn(move || fs::read(path).unwrap())
    };
    let readers = (read(&items), read(&told));
    let arguments = ["--output", items.to_str().unwrap(), "--summary", told.to_str().unwrap()];
    ends_with(0, &mut pull(&api, &arguments));
    assert!(readers.0.join().unwrap() == api.expected());
    let summary: serde_json::Value = serde_json::from_slice(&readers.1.join().unwrap()).unwrap();
    assert_eq!(summary["items"], 500);
    for path in [items, told] {
        assert!(fs::symlink_metadata(path).unwrap().file_type().is_fifo());
    }
}

#[test]
fn a_directory_is_no_output() {
    let api = Api::start(config(10, 5));
    let directory = Directory::new("a_directory");
    let name = directory.file("");
    for flag in ["--output", "--summary"] {
        let output = ends_with(2, &mut pull(&api, &[flag, name.to_str().unwrap()]));
        assert!(said(&output).contains("is a directory"), "{}", said(&output));
    }
    assert_eq!(api.stats().requests, 0);
}

#[test]
fn links_beside_the_files_are_not_followed() {
    let api = Api::start(config(200, 50));
    let directory = Directory::new("links_beside");
    let victim = |name: &str| directory.file(&format!("victim-of-{name}"));
    let link = |name: &str| {
        let _ = fs::remove_file(directory.file(name));
        symlink(victim(name), directory.file(name)).unwrap();
    };
    const LINKS: [&str; 3] = ["objects.ndjson.part", "objects.state.new", "summary.json.new"];
    for name in LINKS {
        fs::write(victim(name), "mine").unwrap();
        link(name);
    }
    let output = directory.file("objects.ndjson");
    ends_with(0, &mut pull(&api, &["--output", output.to_str().unwrap()]));
    assert!(fs::symlink_metadata(&output).unwrap().is_file());
    // Once with a state in its place, and once beside it.
    fs::remove_file(&output).unwrap();
    link("objects.ndjson.part");
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    link("objects.ndjson.part");
    ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
    for name in LINKS {
        assert_eq!(fs::read(victim(name)).unwrap(), b"mine", "{name}");
    }
    assert!(directory.read("objects.ndjson") == api.expected());
    for name in ["objects.ndjson", "objects.state", "summary.json"] {
        assert!(fs::symlink_metadata(directory.file(name)).unwrap().is_file(), "{name}");
    }
    // A lock that leads elsewhere is refused: what is there is locked by others, or is made.
    fs::remove_file(directory.file("objects.state.lock")).unwrap();
    symlink(directory.file("made"), directory.file("objects.state.lock")).unwrap();
    let refused = ends_with(1, &mut pull_with_state(&api, &directory, &[]));
    assert!(said(&refused).contains("symbolic link"), "{}", said(&refused));
    assert!(!directory.has("made"));
}

#[test]
fn files_that_are_named_by_links_stay_linked() {
    let api = Api::start(config(200, 50));
    let directory = Directory::new("named_by_links");
    let there = directory.file("there");
    fs::create_dir(&there).unwrap();
    for name in ["objects.ndjson", "objects.state", "summary.json"] {
        symlink(Path::new("there").join(name), directory.file(name)).unwrap();
    }
    let without_state = directory.file("objects.ndjson");
    // The first makes the files, the second replaces them.
    for extra in [&[][..], &["--restart"]] {
        ends_with(0, &mut pull_with_state(&api, &directory, extra));
        for name in ["objects.ndjson", "objects.state", "summary.json"] {
            assert!(fs::symlink_metadata(directory.file(name)).unwrap().is_symlink(), "{name}");
            assert!(fs::symlink_metadata(there.join(name)).unwrap().is_file(), "{name}");
        }
        assert!(fs::read(there.join("objects.ndjson")).unwrap() == api.expected());
    }
    fs::write(there.join("objects.ndjson"), "older").unwrap();
    ends_with(0, &mut pull(&api, &["--output", without_state.to_str().unwrap()]));
    assert!(fs::symlink_metadata(&without_state).unwrap().is_symlink());
    assert!(fs::read(there.join("objects.ndjson")).unwrap() == api.expected());
    // A link may not join what must be two.
    fs::remove_file(directory.file("objects.state")).unwrap();
    symlink(there.join("objects.ndjson.part"), directory.file("objects.state")).unwrap();
    let refused = ends_with(2, &mut pull_with_state(&api, &directory, &[]));
    assert!(said(&refused).contains("are the same file"), "{}", said(&refused));
}

#[test]
fn modes_are_kept() {
    let api = Api::start(config(200, 50));
    let directory = Directory::new("modes");
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    for (name, mode) in [("objects.ndjson", 0o600), ("objects.state", 0o640), ("summary.json", 0o604)] {
        fs::set_permissions(directory.file(name), Permissions::from_mode(mode)).unwrap();
    }
    let output = directory.file("objects.ndjson");
    for state in [true, false] {
        if state {
            ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
        } else {
            ends_with(0, &mut pull(&api, &["--output", output.to_str().unwrap()]));
        }
        let modes =
            ["objects.ndjson", "objects.state", "summary.json"].map(|name| mode(&directory.file(name)));
        assert_eq!(modes, [0o600, 0o640, 0o604]);
    }
}

type Deed = fn(&Path);

/// What others may do to an output while it is written, and what is said of it.
const DEEDS: [(&str, Deed, &str); 6] = [
    (
        "emptied",
        |path| fs::File::options().write(true).open(path).unwrap().set_len(0).unwrap(),
        "bytes and not the",
    ),
    (
        "cut",
        |path| fs::File::options().write(true).open(path).unwrap().set_len(9).unwrap(),
        "bytes and not the",
    ),
    (
        "longer",
        |path| {
            let mut text = fs::read(path).unwrap();
            text.extend(b"more\n");
            // In the same file, as an editor without a backup would.
            fs::write(path, text).unwrap();
        },
        "bytes and not the",
    ),
    (
        "renamed",
        |path| fs::rename(path, path.with_extension("away")).unwrap(),
        "renamed, removed or replaced",
    ),
    ("removed", |path| fs::remove_file(path).unwrap(), "renamed, removed or replaced"),
    (
        "replaced",
        |path| {
            let copy = path.with_extension("copy");
            fs::copy(path, &copy).unwrap();
            fs::rename(copy, path).unwrap();
        },
        "renamed, removed or replaced",
    ),
];

/// An API at whose third request something is done to a file.
fn doing(deed: Deed, file: &Arc<Mutex<PathBuf>>) -> Api {
    let file = Arc::clone(file);
    Api::watched(config(200, 50), move |request| {
        if request == 3 {
            deed(&file.lock().unwrap());
        }
    })
}

#[test]
fn an_output_that_others_change_meanwhile_is_noticed() {
    for (name, deed, sentence) in DEEDS {
        let file = Arc::default();
        let api = doing(deed, &file);
        let directory = Directory::new(&format!("changed_meanwhile_{name}"));
        *file.lock().unwrap() = directory.file("objects.ndjson");
        let output = ends_with(1, &mut pull_with_state(&api, &directory, &[]));
        let told = said(&output);
        assert!(told.contains(sentence) && told.contains("--restart"), "{name}: {told}");
        assert!(!told.contains("goes on from there"), "{name}: {told}");
        assert_eq!(api.stats().requests, 3, "{name}: it is noticed with the page in hand");
        assert_eq!(summary(&directory)["complete"], false);
        // What the others left is not written to any more, and what is lost is not called complete.
        if name == "emptied" {
            assert!(directory.read("objects.ndjson").len() < api.expected().len() / 2, "no gap was left");
        }
        let again = pull_with_state(&api, &directory, &[]).output().unwrap();
        if again.status.success() {
            assert!(directory.read("objects.ndjson") == api.expected(), "{name}");
        } else {
            assert_eq!(again.status.code(), Some(2), "{name}: {}", said(&again));
            ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
            assert!(directory.read("objects.ndjson") == api.expected(), "{name}");
        }
    }
}

#[test]
fn a_part_that_others_change_meanwhile_is_noticed() {
    for (name, deed, sentence) in DEEDS {
        let file = Arc::default();
        let api = doing(deed, &file);
        let directory = Directory::new(&format!("part_changed_meanwhile_{name}"));
        let output = directory.file("objects.ndjson");
        fs::write(&output, "older").unwrap();
        *file.lock().unwrap() = directory.file("objects.ndjson.part");
        let ended = ends_with(1, &mut pull(&api, &["--output", output.to_str().unwrap()]));
        assert!(said(&ended).contains(sentence), "{name}: {}", said(&ended));
        assert_eq!(directory.read("objects.ndjson"), b"older", "{name}");
    }
}

#[test]
fn a_part_is_written_by_one_process_at_a_time() {
    let faults = vec![(Trigger::Request(2), Fault::StallBeforeHead)];
    let (arrived, requests) = std::sync::mpsc::channel();
    let api = Api::watched(Config { faults, ..config(200, 50) }, move |_| {
        let _ = arrived.send(());
    });
    let directory = Directory::new("one_process_writes_the_part");
    let output = directory.file("objects.ndjson");
    let arguments = ["--output", output.to_str().unwrap()];
    let first = Running::start(&mut pull(&api, &arguments));
    requests.recv().unwrap();
    requests.recv().unwrap();
    let refused = ends_with(2, &mut pull(&api, &arguments));
    assert!(said(&refused).contains("another process is writing to it"), "{}", said(&refused));
    assert!(directory.has("objects.ndjson.part"), "it was not taken from the first");
    drop(first);
    ends_with(0, &mut pull(&api, &arguments));
    assert!(directory.read("objects.ndjson") == api.expected());
}
