//! Shows that the flash holds what was written when its power is cut anywhere: fills it, page after page and round after
//! round, with numbers that count up, and begins where it finds that it was cut off. Arguments: `flash`, `cut`, and
//! `until`, the number to end with.
#![no_std]
#![no_main]

use embassy_executor::Spawner;
use embedded_storage_async::nor_flash::{NorFlash, ReadNorFlash};
use tidegate_board::flash::{CAPACITY, Flash, PAGE, WORD};
use tidegate_board::host::OrStop as _;
use tidegate_board::line;
use tidegate_images::done;

const ERASED: u32 = u32::MAX;
const TOLD_EVERY: u32 = 100;

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let board = tidegate_board::start();
    let until: u32 = board.arguments.needed("until");
    let mut flash = Flash::open(&board.arguments);
    let mut last = highest(&mut flash).await;
    line!("found {last}");
    while last < until {
        let offset = place(last + 1);
        if offset.is_multiple_of(PAGE as u32) {
            flash.erase(offset, offset + PAGE as u32).await.or_stop("a page can be erased");
        }
        last += 1;
        flash.write(offset, &last.to_le_bytes()).await.or_stop("a word can be written");
        assert_eq!(read(&mut flash, offset).await, last, "what was written can be read");
        if last.is_multiple_of(TOLD_EVERY) {
            line!("wrote {last}");
        }
    }
    line!("wrote {last}");
    done()
}

/// The highest number in the flash, or 0.
async fn highest(flash: &mut Flash) -> u32 {
    let mut highest = 0;
    for offset in (0..CAPACITY as u32).step_by(WORD) {
        match read(flash, offset).await {
            ERASED => {}
            number => {
                assert_eq!(place(number), offset, "each number stands in its place");
                highest = highest.max(number);
            }
        }
    }
    highest
}

/// Where a number stands: 1 in the first word, and around.
fn place(number: u32) -> u32 {
    (number - 1) * WORD as u32 % CAPACITY as u32
}

async fn read(flash: &mut Flash, offset: u32) -> u32 {
    let mut word = [0; WORD];
    flash.read(offset, &mut word).await.or_stop("a word can be read");
    u32::from_le_bytes(word)
}
