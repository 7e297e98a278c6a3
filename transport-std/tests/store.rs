//! Checkpoints in a file.
#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use tidegate_core::api::Project;
use tidegate_core::pull::Settings;
use tidegate_core::{Checkpoint, CheckpointStore, Pull};
use tidegate_std::api::comanage;
use tidegate_std::{FileStore, FileStoreError};

/// A directory that is gone with the test.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tidegate-store-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // The system clears it away otherwise.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn checkpoint() -> Checkpoint {
    let endpoint = comanage::view_objects("/objects", 42);
    let project = Project::new(&comanage::API, "https://api.example", "key").unwrap();
    *Pull::new(&project, &endpoint, &Settings::DEFAULT, &mut [0; 16], None).unwrap().checkpoint()
}

#[tokio::test]
async fn a_checkpoint_and_its_note_are_there_after_a_restart() {
    let directory = Directory::new("restart");
    let path = directory.0.join("checkpoint");
    assert!(FileStore::new(&path).load(&mut []).await.unwrap().is_none());
    for note in [b"a note".as_slice(), b"", b"another one"] {
        FileStore::new(&path).store(&checkpoint(), note).await.unwrap();
        let mut buffer = [0; 16];
        let (loaded, length) = FileStore::new(&path).load(&mut buffer).await.unwrap().unwrap();
        assert_eq!((loaded, &buffer[..length]), (checkpoint(), note));
    }
}

#[tokio::test]
async fn a_store_that_is_cut_short_leaves_what_was_there() {
    let directory = Directory::new("cut");
    let path = directory.0.join("checkpoint");
    FileStore::new(&path).store(&checkpoint(), b"whole").await.unwrap();
    // The power went while the next one was written, before it was moved into its place.
    fs::write(directory.0.join("checkpoint.new"), &checkpoint().encode()[..50]).unwrap();
    let mut buffer = [0; 16];
    let (_, length) = FileStore::new(&path).load(&mut buffer).await.unwrap().unwrap();
    assert_eq!(&buffer[..length], b"whole");
}

#[tokio::test]
async fn what_is_no_checkpoint_is_refused_and_named() {
    let directory = Directory::new("foreign");
    let path = directory.0.join("checkpoint");
    for bytes in [b"".as_slice(), b"tdg", b"something else", &checkpoint().encode()[..100]] {
        fs::write(&path, bytes).unwrap();
        let error = FileStore::new(&path).load(&mut []).await.unwrap_err();
        assert!(matches!(error, FileStoreError::Checkpoint(..)), "{error}");
        assert!(error.to_string().contains("checkpoint"), "{error}");
    }
}

#[tokio::test]
async fn a_note_without_room_is_an_error_that_says_how_much_it_needs() {
    let directory = Directory::new("note");
    let path = directory.0.join("checkpoint");
    FileStore::new(&path).store(&checkpoint(), &[1; 9]).await.unwrap();
    let error = FileStore::new(&path).load(&mut [0; 8]).await.unwrap_err();
    assert!(matches!(error, FileStoreError::Note { needed: 9 }), "{error}");
}
