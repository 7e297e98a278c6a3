//! The power is cut at every step of storing checkpoints: what was stored before, or what was being stored, is there, whole.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop where something is wrong"
)]

use embedded_storage_async::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tidegate_core::api::{Project, comanage};
use tidegate_core::pull::Settings;
use tidegate_core::{Checkpoint, CheckpointStore, Endpoint, Pull};
use tidegate_embassy::flash::{FlashError, FlashStore};

const PAGE: usize = 512;
const PAGES: usize = 3;

/// A flash in memory that loses its power after so many steps. A step programs a word or erases a piece of a page; the one in
/// which the power goes is half done.
struct Flash {
    bytes: [u8; PAGE * PAGES],
    steps_left: Option<u32>,
    steps: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NoPower;

impl NorFlashError for NoPower {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl Flash {
    fn new() -> Self {
        Self { bytes: [0xff; PAGE * PAGES], steps_left: None, steps: 0 }
    }

    /// Whether a step is whole, half done, or not done at all.
    fn step(&mut self) -> Option<Result<(), ()>> {
        self.steps += 1;
        match &mut self.steps_left {
            None => Some(Ok(())),
            Some(0) => None,
            Some(left) => {
                *left -= 1;
                Some(if *left == 0 { Err(()) } else { Ok(()) })
            }
        }
    }
}

impl ErrorType for Flash {
    type Error = NoPower;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NoPower> {
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), NoPower> {
        for piece in (from as usize..to as usize).step_by(64) {
            let (length, whole) = match self.step() {
                Some(Ok(())) => (64, true),
                Some(Err(())) => (32, false),
                None => (0, false),
            };
            self.bytes[piece..piece + length].fill(0xff);
            if !whole {
                return Err(NoPower);
            }
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NoPower> {
        for (word, at) in bytes.as_chunks::<4>().0.iter().zip((offset as usize..).step_by(4)) {
            let (count, whole) = match self.step() {
                Some(Ok(())) => (4, true),
                Some(Err(())) => (2, false),
                None => (0, false),
            };
            for (held, byte) in self.bytes[at..].iter_mut().zip(&word[..count]) {
                *held &= byte;
            }
            if !whole {
                return Err(NoPower);
            }
        }
        Ok(())
    }
}

impl MultiwriteNorFlash for Flash {}

fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("memory does not keep anyone waiting"),
    }
}

/// The first checkpoint of a pull.
fn checkpoint() -> Checkpoint {
    const OBJECTS: Endpoint<'static> = comanage::view_objects("/objects", 42);
    let project = Project::new(&comanage::API, "https://api.example", "key").unwrap();
    let mut item_buffer = [0; 16];
    *Pull::new(&project, &OBJECTS, &Settings::DEFAULT, &mut item_buffer, None).unwrap().checkpoint()
}

fn load(flash: &mut Flash) -> Result<Option<Vec<u8>>, FlashError<NoPower>> {
    let (mut buffer, mut note) = ([0; 256], [0; 64]);
    let mut store = FlashStore::new(flash, 0..(PAGE * PAGES) as u32, &mut buffer)?;
    let stored = block_on(store.load(&mut note))?;
    Ok(stored.map(|(loaded, length)| {
        assert_eq!(loaded, checkpoint());
        note[..length].to_vec()
    }))
}

fn store(flash: &mut Flash, note: &[u8]) -> Result<(), FlashError<NoPower>> {
    let mut buffer = [0; 256];
    let mut store = FlashStore::new(flash, 0..(PAGE * PAGES) as u32, &mut buffer)?;
    block_on(store.store(&checkpoint(), note))
}

#[test]
fn an_erased_flash_holds_nothing() {
    assert_eq!(load(&mut Flash::new()), Ok(None));
}

#[test]
fn what_was_stored_last_is_there_round_after_round_of_the_flash() {
    let mut flash = Flash::new();
    for round in 0..100_u32 {
        store(&mut flash, &round.to_le_bytes()).unwrap();
        assert_eq!(load(&mut flash), Ok(Some(round.to_le_bytes().to_vec())));
    }
}

#[test]
fn a_power_cut_at_any_step_leaves_the_old_or_the_new() {
    // So many records go round the flash more than once, erasing included.
    for before in 0..12_u8 {
        let mut filled = Flash::new();
        for note in 0..=before {
            store(&mut filled, &[note; 8]).unwrap();
        }
        for steps in 1.. {
            let mut flash = Flash { bytes: filled.bytes, steps_left: Some(steps), steps: 0 };
            let result = store(&mut flash, &[99; 8]);
            flash.steps_left = None;
            let found = load(&mut flash).unwrap().expect("something was stored before");
            match result {
                Ok(()) => {
                    assert_eq!(found, [99; 8], "{before} before, {steps} steps");
                    assert!(steps > 30, "storing took only {steps} steps");
                    break;
                }
                Err(error) => {
                    assert_eq!(error, FlashError::Flash(NoPower));
                    assert!(
                        found == [before; 8] || found == [99; 8],
                        "{before} before, {steps} steps: {found:?}"
                    );
                }
            }
            // And it goes on from there.
            store(&mut flash, &[7; 8]).unwrap();
            assert_eq!(load(&mut flash), Ok(Some(vec![7; 8])));
        }
    }
}

#[test]
fn a_note_that_does_not_fit_is_an_error_that_says_so() {
    let mut flash = Flash::new();
    assert!(matches!(store(&mut flash, &[0; 400]), Err(FlashError::BufferTooSmall { .. })));
    store(&mut flash, &[1; 65]).unwrap();
    assert_eq!(load(&mut flash), Err(FlashError::BufferTooSmall { needed: 65 }));
}

#[test]
fn a_range_of_one_page_is_refused() {
    let mut buffer = [0; 256];
    let refused = FlashStore::new(Flash::new(), 0..PAGE as u32, &mut buffer);
    assert_eq!(refused.err(), Some(FlashError::Range));
}
