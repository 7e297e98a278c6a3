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

/// A flash in memory that is programmed in words of so many bytes, is read in pieces of so many, and loses its power after so many
/// steps. A step programs a word or erases a piece of a page; the one in which the power goes is half done. Only such a word may
/// be programmed again, and only with what it should have had.
struct Flash<const WORD: usize, const READ: usize> {
    bytes: [u8; PAGE * PAGES],
    steps_left: Option<u32>,
    steps: u32,
    torn: Torn,
}

/// Which bytes of a word or a piece are done when the power goes in the middle.
#[derive(Clone, Copy, Debug)]
enum Torn {
    First,
    Last,
    EveryOther,
}

impl Torn {
    const ALL: [Self; 3] = [Self::First, Self::Last, Self::EveryOther];

    fn is_done(self, byte: usize, of: usize) -> bool {
        match self {
            Self::First => byte < of / 2,
            Self::Last => byte >= of.div_ceil(2),
            Self::EveryOther => byte % 2 == 1,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NoPower;

impl NorFlashError for NoPower {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl<const WORD: usize, const READ: usize> Flash<WORD, READ> {
    fn new() -> Self {
        Self { bytes: [0xff; PAGE * PAGES], steps_left: None, steps: 0, torn: Torn::First }
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

impl<const WORD: usize, const READ: usize> ErrorType for Flash<WORD, READ> {
    type Error = NoPower;
}

impl<const WORD: usize, const READ: usize> ReadNorFlash for Flash<WORD, READ> {
    const READ_SIZE: usize = READ;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NoPower> {
        assert_eq!((offset as usize % READ, bytes.len() % READ), (0, 0), "only whole pieces can be read");
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const WORD: usize, const READ: usize> NorFlash for Flash<WORD, READ> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), NoPower> {
        for piece in (from as usize..to as usize).step_by(64) {
            let step = self.step().ok_or(NoPower)?;
            for (byte, held) in self.bytes[piece..][..64].iter_mut().enumerate() {
                if step.is_ok() || self.torn.is_done(byte, 64) {
                    *held = 0xff;
                }
            }
            step.map_err(|()| NoPower)?;
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
            let step = self.step().ok_or(NoPower)?;
            let held = &mut self.bytes[at..][..WORD];
            let is_same = |(held, new): (&u8, &u8)| *held == 0xff || held == new;
            assert!(held.iter().zip(word).all(is_same), "the word at {at} is programmed with something else");
            for (byte, (held, new)) in held.iter_mut().zip(word).enumerate() {
                if step.is_ok() || self.torn.is_done(byte, WORD) {
                    *held = *new;
                }
            }
            step.map_err(|()| NoPower)?;
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

fn load<const WORD: usize, const READ: usize>(
    flash: &mut Flash<WORD, READ>,
) -> Result<Option<Vec<u8>>, FlashError<NoPower>> {
    let mut buffer = vec![0; FlashStore::<Flash<WORD, READ>>::buffer_len(NOTE)];
    let mut note = [0; NOTE];
    let mut store = FlashStore::new(flash, 0..(PAGE * PAGES) as u32, &mut buffer)?;
    let stored = block_on(store.load(&mut note))?;
    Ok(stored.map(|(loaded, length)| {
        assert_eq!(loaded, checkpoint());
        note[..length].to_vec()
    }))
}

fn store<const WORD: usize, const READ: usize>(
    flash: &mut Flash<WORD, READ>,
    note: &[u8],
) -> Result<(), FlashError<NoPower>> {
    let mut buffer = vec![0; FlashStore::<Flash<WORD, READ>>::buffer_len(NOTE)];
    let mut store = FlashStore::new(flash, 0..(PAGE * PAGES) as u32, &mut buffer)?;
    block_on(store.store(&checkpoint(), note))
}

/// Runs a test on flashes of every size of word that there is, and on those that are read in whole words, too.
macro_rules! on_every_flash {
    ($test:ident) => {
        $test::<1, 1>();
        $test::<2, 1>();
        $test::<4, 1>();
        $test::<8, 1>();
        $test::<16, 1>();
        $test::<32, 1>();
        $test::<4, 4>();
        $test::<16, 16>();
        $test::<32, 32>();
    };
}

#[test]
fn an_erased_flash_holds_nothing() {
    assert_eq!(load(&mut Flash::<4, 1>::new()), Ok(None));
}

#[test]
fn what_was_stored_last_is_there_round_after_round_of_the_flash() {
    fn rounds<const WORD: usize, const READ: usize>() {
        let mut flash = Flash::<WORD, READ>::new();
        for round in 0..100_u32 {
            store(&mut flash, &round.to_le_bytes()).unwrap();
            assert_eq!(load(&mut flash), Ok(Some(round.to_le_bytes().to_vec())));
        }
    }
    on_every_flash!(rounds);
}

#[test]
fn a_note_is_stored_and_can_be_loaded_or_is_refused_up_to_the_longest_that_a_page_takes() {
    fn lengths<const WORD: usize, const READ: usize>() {
        let mut flash = Flash::<WORD, READ>::new();
        let mut longest = None;
        for length in 0..=PAGE {
            let mut buffer = vec![0; FlashStore::<Flash<WORD, READ>>::buffer_len(length)];
            let mut note = vec![0; length];
            let mut store = FlashStore::new(&mut flash, 0..(PAGE * PAGES) as u32, &mut buffer).unwrap();
            match block_on(store.store(&checkpoint(), &vec![length as u8; length])) {
                Ok(()) => {
                    assert_eq!(
                        longest.map_or(0, |longest| longest + 1),
                        length,
                        "words of {WORD}: a shorter one was refused"
                    );
                    longest = Some(length);
                }
                Err(error) => assert_eq!(error, FlashError::BufferTooSmall { needed: 0 }, "words of {WORD}"),
            }
            let stored = longest.unwrap();
            assert_eq!(block_on(store.load(&mut note)), Ok(Some((checkpoint(), stored))), "words of {WORD}");
            assert_eq!(note[..stored], vec![stored as u8; stored], "words of {WORD}");
        }
        let room = PAGE - checkpoint().encode().len();
        let longest = longest.unwrap();
        assert!((room - 4 * WORD.max(16)..room).contains(&longest), "words of {WORD}: {longest} of {room}");
    }
    on_every_flash!(lengths);
}

/// Cuts the power at each step of storing a note over an earlier one, which lies behind so many others.
fn cut_at_each_step<const WORD: usize, const READ: usize>(before: u8, length: usize, torn: Torn) {
    let mut filled = Flash::<WORD, READ>::new();
    for note in 0..=before {
        store(&mut filled, &[note; 8]).unwrap();
    }
    let new = vec![99; length];
    for steps in 1.. {
        let mut flash = Flash::<WORD, READ> { bytes: filled.bytes, steps_left: Some(steps), steps: 0, torn };
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
    fn rounds<const WORD: usize, const READ: usize>() {
        // So many records go round the flash more than once, erasing included.
        for before in 0..12 {
            for torn in Torn::ALL {
                cut_at_each_step::<WORD, READ>(before, 8, torn);
            }
        }
    }
    on_every_flash!(rounds);
}

#[test]
fn nor_does_the_length_of_the_note_matter() {
    fn lengths<const WORD: usize, const READ: usize>() {
        for length in 0..=NOTE {
            cut_at_each_step::<WORD, READ>(3, length, Torn::First);
        }
    }
    on_every_flash!(lengths);
}

#[test]
fn a_note_that_does_not_fit_is_an_error_that_says_so() {
    let mut flash = Flash::<4, 1>::new();
    assert!(matches!(store(&mut flash, &[0; 400]), Err(FlashError::BufferTooSmall { .. })));
    let mut buffer = vec![0; FlashStore::<Flash<4, 1>>::buffer_len(8)];
    let mut store = FlashStore::new(&mut flash, 0..(PAGE * PAGES) as u32, &mut buffer).unwrap();
    block_on(store.store(&checkpoint(), &[1; 8])).unwrap();
    assert_eq!(block_on(store.load(&mut [0; 7])), Err(FlashError::BufferTooSmall { needed: 8 }));
}

#[test]
fn what_could_not_be_loaded_is_not_stored() {
    fn refused<const WORD: usize, const READ: usize>() {
        let mut flash = Flash::<WORD, READ>::new();
        let needed = FlashStore::<Flash<WORD, READ>>::buffer_len(8);
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
    let refused = FlashStore::new(Flash::<4, 1>::new(), 0..PAGE as u32, &mut buffer);
    assert_eq!(refused.err(), Some(FlashError::Range));
}
