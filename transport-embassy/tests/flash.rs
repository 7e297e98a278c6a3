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
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tidegate_core::api::{Project, comanage};
use tidegate_core::pull::Settings;
use tidegate_core::{Checkpoint, CheckpointStore, Endpoint, Pull};
use tidegate_embassy::flash::{FlashError, FlashStore};

const PAGE: usize = 512;
const PAGES: usize = 3;

/// A flash in memory that is programmed in words of so many bytes and loses its power after so many steps. A step programs a
/// word or erases a piece of a page; the one in which the power goes is half done. Only such a word may be programmed again,
/// and only with what it should have had.
struct Flash<const WORD: usize> {
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

impl<const WORD: usize> Flash<WORD> {
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

impl<const WORD: usize> ErrorType for Flash<WORD> {
    type Error = NoPower;
}

impl<const WORD: usize> ReadNorFlash for Flash<WORD> {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NoPower> {
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const WORD: usize> NorFlash for Flash<WORD> {
    const WRITE_SIZE: usize = WORD;
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
        assert_eq!(
            (offset as usize % WORD, bytes.len() % WORD),
            (0, 0),
            "only whole words can be programmed"
        );
        for (word, at) in bytes.chunks(WORD).zip((offset as usize..).step_by(WORD)) {
            let (count, whole) = match self.step() {
                Some(Ok(())) => (WORD, true),
                Some(Err(())) => (WORD / 2, false),
                None => (0, false),
            };
            let held = &mut self.bytes[at..][..count];
            let is_same = |(held, new): (&u8, &u8)| *held == 0xff || held == new;
            assert!(held.iter().zip(word).all(is_same), "the word at {at} is programmed with something else");
            held.copy_from_slice(&word[..count]);
            if !whole {
                return Err(NoPower);
            }
        }
        Ok(())
    }
}

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

/// The longest note of these tests: with it and with what is shorter, a record ends at every byte of every word.
const NOTE: usize = 40;

fn load<const WORD: usize>(flash: &mut Flash<WORD>) -> Result<Option<Vec<u8>>, FlashError<NoPower>> {
    let mut buffer = vec![0; FlashStore::<Flash<WORD>>::buffer_len(NOTE)];
    let mut note = [0; NOTE];
    let mut store = FlashStore::new(flash, 0..(PAGE * PAGES) as u32, &mut buffer)?;
    let stored = block_on(store.load(&mut note))?;
    Ok(stored.map(|(loaded, length)| {
        assert_eq!(loaded, checkpoint());
        note[..length].to_vec()
    }))
}

fn store<const WORD: usize>(flash: &mut Flash<WORD>, note: &[u8]) -> Result<(), FlashError<NoPower>> {
    let mut buffer = vec![0; FlashStore::<Flash<WORD>>::buffer_len(NOTE)];
    let mut store = FlashStore::new(flash, 0..(PAGE * PAGES) as u32, &mut buffer)?;
    block_on(store.store(&checkpoint(), note))
}

/// Runs a test on flashes of every size of word that there is.
macro_rules! on_every_flash {
    ($test:ident) => {
        $test::<1>();
        $test::<2>();
        $test::<4>();
        $test::<8>();
        $test::<16>();
        $test::<32>();
    };
}

#[test]
fn an_erased_flash_holds_nothing() {
    assert_eq!(load(&mut Flash::<4>::new()), Ok(None));
}

#[test]
fn what_was_stored_last_is_there_round_after_round_of_the_flash() {
    fn rounds<const WORD: usize>() {
        let mut flash = Flash::<WORD>::new();
        for round in 0..100_u32 {
            store(&mut flash, &round.to_le_bytes()).unwrap();
            assert_eq!(load(&mut flash), Ok(Some(round.to_le_bytes().to_vec())));
        }
    }
    on_every_flash!(rounds);
}

#[test]
fn a_note_of_any_length_is_loaded_from_the_buffer_that_it_was_stored_with() {
    fn lengths<const WORD: usize>() {
        let mut flash = Flash::<WORD>::new();
        for length in 0..=NOTE {
            let note = vec![length as u8; length];
            let mut buffer = vec![0; FlashStore::<Flash<WORD>>::buffer_len(length)];
            let mut store = FlashStore::new(&mut flash, 0..(PAGE * PAGES) as u32, &mut buffer).unwrap();
            block_on(store.store(&checkpoint(), &note)).unwrap();
            let mut loaded = [0; NOTE];
            assert_eq!(
                block_on(store.load(&mut loaded)),
                Ok(Some((checkpoint(), length))),
                "words of {WORD}"
            );
            assert_eq!(loaded[..length], note);
        }
    }
    on_every_flash!(lengths);
}

/// Cuts the power at each step of storing a note over an earlier one, which lies behind so many others.
fn cut_at_each_step<const WORD: usize>(before: u8, length: usize) {
    let mut filled = Flash::<WORD>::new();
    for note in 0..=before {
        store(&mut filled, &[note; 8]).unwrap();
    }
    let new = vec![99; length];
    for steps in 1.. {
        let mut flash = Flash::<WORD> { bytes: filled.bytes, steps_left: Some(steps), steps: 0 };
        let result = store(&mut flash, &new);
        flash.steps_left = None;
        let found = load(&mut flash).unwrap().expect("something was stored before");
        match result {
            Ok(()) => {
                assert_eq!(found, new, "words of {WORD}, {before} before, {steps} steps");
                assert!(steps as usize > 120 / WORD, "storing took only {steps} steps");
                return;
            }
            Err(error) => {
                assert_eq!(error, FlashError::Flash(NoPower));
                let is_whole = found == [before; 8] || found == new;
                assert!(is_whole, "words of {WORD}, {before} before, {steps} steps: {found:?}");
            }
        }
        // And it goes on from there.
        store(&mut flash, &[7; 8]).unwrap();
        assert_eq!(load(&mut flash), Ok(Some(vec![7; 8])));
    }
}

#[test]
fn a_power_cut_at_any_step_leaves_the_old_or_the_new() {
    fn rounds<const WORD: usize>() {
        // So many records go round the flash more than once, erasing included.
        for before in 0..12 {
            cut_at_each_step::<WORD>(before, 8);
        }
    }
    on_every_flash!(rounds);
}

#[test]
fn nor_does_the_length_of_the_note_matter() {
    fn lengths<const WORD: usize>() {
        for length in 0..=NOTE {
            cut_at_each_step::<WORD>(3, length);
        }
    }
    on_every_flash!(lengths);
}

#[test]
fn a_note_that_does_not_fit_is_an_error_that_says_so() {
    let mut flash = Flash::<4>::new();
    assert!(matches!(store(&mut flash, &[0; 400]), Err(FlashError::BufferTooSmall { .. })));
    let mut buffer = vec![0; FlashStore::<Flash<4>>::buffer_len(8)];
    let mut store = FlashStore::new(&mut flash, 0..(PAGE * PAGES) as u32, &mut buffer).unwrap();
    block_on(store.store(&checkpoint(), &[1; 8])).unwrap();
    assert_eq!(block_on(store.load(&mut [0; 7])), Err(FlashError::BufferTooSmall { needed: 8 }));
}

#[test]
fn what_could_not_be_loaded_is_not_stored() {
    fn refused<const WORD: usize>() {
        let mut flash = Flash::<WORD>::new();
        let needed = FlashStore::<Flash<WORD>>::buffer_len(8);
        let mut buffer = vec![0; needed - 1];
        let mut store = FlashStore::new(&mut flash, 0..(PAGE * PAGES) as u32, &mut buffer).unwrap();
        let result = block_on(store.store(&checkpoint(), &[1; 8]));
        assert_eq!(result, Err(FlashError::BufferTooSmall { needed }), "words of {WORD}");
        assert_eq!(flash.steps, 0);
    }
    on_every_flash!(refused);
}

#[test]
fn a_range_of_one_page_is_refused() {
    let mut buffer = [0; 256];
    let refused = FlashStore::new(Flash::<4>::new(), 0..PAGE as u32, &mut buffer);
    assert_eq!(refused.err(), Some(FlashError::Range));
}
