// docs: board
//! A W5500-EVB-Pico, or a Pico with a W5500 on the same pins: the board's clocks, network, flash, randomness and watchdog.
#![no_std]
#![no_main]

use core::ops::Range;
use defmt::unwrap;
use device::{NOTE, mac_address};
use embassy_embedded_hal::adapter::BlockingAsync;
use embassy_executor::Spawner;
use embassy_net::{Config, StackResources};
use embassy_net_wiznet::chip::W5500;
use embassy_net_wiznet::{Device, State};
use embassy_rp::clocks::RoscRng;
use embassy_rp::flash::{Blocking, Flash};
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::{DMA_CH0, DMA_CH1, FLASH, SPI0};
use embassy_rp::spi::{Async, Config as SpiConfig, Spi};
use embassy_rp::watchdog::Watchdog;
use embassy_rp::{bind_interrupts, dma};
use embassy_time::{Delay, Duration, Timer};
use embedded_hal_bus::spi::ExclusiveDevice;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};
use static_cell::ConstStaticCell;
use tidegate_embassy::flash::FlashStore;

const FLASH_SIZE: usize = 2048 * 1024;
/// The last 32 KB of the flash, which memory.x leaves free: 8 pages of 4 KB.
const CHECKPOINTS: Range<u32> = 2016 * 1024..2048 * 1024;
/// The longest that the chip can count is 8.3 s.
const WATCHDOG: Duration = Duration::from_secs(8);

type BoardFlash = BlockingAsync<Flash<'static, FLASH, Blocking, FLASH_SIZE>>;
type Ethernet = embassy_net_wiznet::Runner<
    'static,
    W5500,
    ExclusiveDevice<Spi<'static, SPI0, Async>, Output<'static>, Delay>,
    Input<'static>,
    Output<'static>,
>;

bind_interrupts!(struct Interrupts {
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>, dma::InterruptHandler<DMA_CH1>;
});
// end

// docs: main
#[embassy_executor::main]
async fn main(spawner: Spawner) {
    static RECORD: ConstStaticCell<[u8; FlashStore::<BoardFlash>::buffer_len(NOTE)]> =
        ConstStaticCell::new([0; FlashStore::<BoardFlash>::buffer_len(NOTE)]);
    static STATE: ConstStaticCell<State<8, 2>> = ConstStaticCell::new(State::new());
    static RESOURCES: ConstStaticCell<StackResources<3>> = ConstStaticCell::new(StackResources::new());

    // 125 MHz from the crystal.
    let board = embassy_rp::init(Default::default());
    let mut watchdog = Watchdog::new(board.WATCHDOG);
    watchdog.start(WATCHDOG);
    spawner.spawn(unwrap!(feed(watchdog)));

    let mut flash: Flash<'_, _, _, FLASH_SIZE> = Flash::new_blocking(board.FLASH);
    let mut id = [0; 8];
    unwrap!(flash.blocking_unique_id(&mut id));
    let mut random = random();

    let mut config = SpiConfig::default();
    config.frequency = 30_000_000;
    let (clock, to_chip, from_chip) = (board.PIN_18, board.PIN_19, board.PIN_16);
    let bus =
        Spi::new(board.SPI0, clock, to_chip, from_chip, board.DMA_CH0, board.DMA_CH1, Interrupts, config);
    let select = Output::new(board.PIN_17, Level::High);
    let reset = Output::new(board.PIN_20, Level::High);
    let interrupt = Input::new(board.PIN_21, Pull::Up);
    let spi = unwrap!(ExclusiveDevice::new(bus, select, Delay));
    let chip = embassy_net_wiznet::new(mac_address(&id), STATE.take(), spi, interrupt, reset);
    let (driver, ethernet) = unwrap!(chip.await.ok());
    spawner.spawn(unwrap!(drive(ethernet)));

    let seed = random.next_u64();
    let (stack, runner) =
        embassy_net::new(driver, Config::dhcpv4(Default::default()), RESOURCES.take(), seed);
    spawner.spawn(unwrap!(network(runner)));

    let store = unwrap!(FlashStore::new(BlockingAsync::new(flash), CHECKPOINTS, RECORD.take()).ok());
    let Err(error) = device::run(stack, store, random).await;
    defmt::panic!("{}", error);
}
// end

// docs: random
/// A generator for TLS. The chip has none that its maker recommends for secrets, only an oscillator whose single bits are neither
/// even nor independent. So a hash of very many of them is the seed of a generator that is.
fn random() -> ChaCha20Rng {
    let mut hash = Sha256::new();
    let mut bits = [0; 64];
    for _ in 0..1024 {
        RoscRng.fill_bytes(&mut bits);
        hash.update(bits);
    }
    ChaCha20Rng::from_seed(hash.finalize().into())
}
// end

// docs: tasks
#[embassy_executor::task]
async fn drive(ethernet: Ethernet) -> ! {
    ethernet.run().await
}

#[embassy_executor::task]
async fn network(mut runner: embassy_net::Runner<'static, Device<'static>>) -> ! {
    runner.run().await
}

/// Shows that the executor still runs. What waits for a server has deadlines of its own.
#[embassy_executor::task]
async fn feed(mut watchdog: Watchdog) -> ! {
    loop {
        watchdog.feed(WATCHDOG);
        Timer::after_secs(1).await;
    }
}
// end
