//! A Nucleo-H743ZI2: the board's clocks, network, flash, randomness and watchdog.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::ops::Range;
use defmt::unwrap;
use device::{NOTE, mac_address};
use embassy_embedded_hal::adapter::BlockingAsync;
use embassy_executor::Spawner;
use embassy_net::{Config as NetworkConfig, StackResources};
use embassy_stm32::eth::{self, GenericPhy, PacketQueue, Sma};
use embassy_stm32::flash::{Blocking, Flash, WRITE_SIZE};
use embassy_stm32::peripherals::{ETH, ETH_SMA, IWDG1, RNG};
use embassy_stm32::rcc::{
    AHBPrescaler, APBPrescaler, HSIPrescaler, Pll, PllDiv, PllMul, PllPreDiv, PllSource, Sysclk, VoltageScale,
};
use embassy_stm32::rng::{self, Rng};
use embassy_stm32::rtc::{Rtc, RtcConfig};
use embassy_stm32::wdg::IndependentWatchdog;
use embassy_stm32::{Config, bind_interrupts, uid};
use embassy_time::Timer;
use static_cell::ConstStaticCell;
use tidegate_embassy::flash::FlashStore;

/// The last two sectors of the second bank, of 128 KB each. The image lies in the first bank, and runs while they are erased.
const CHECKPOINTS: Range<u32> = 0x1c_0000..0x20_0000;
/// In microseconds. To erase a sector takes up to four seconds.
const WATCHDOG: u32 = 20_000_000;

type BoardFlash = BlockingAsync<Flash<'static, Blocking>>;
type Ethernet = eth::Ethernet<'static, ETH, GenericPhy<Sma<'static, ETH_SMA>>>;

bind_interrupts!(struct Interrupts {
    ETH => eth::InterruptHandler;
    RNG => rng::InterruptHandler<RNG>;
});

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    static RECORD: ConstStaticCell<[u8; FlashStore::<BoardFlash>::buffer_len(NOTE)]> =
        ConstStaticCell::new([0; FlashStore::<BoardFlash>::buffer_len(NOTE)]);
    static PACKETS: ConstStaticCell<PacketQueue<4, 8>> = ConstStaticCell::new(PacketQueue::new());
    static RESOURCES: ConstStaticCell<StackResources<3>> = ConstStaticCell::new(StackResources::new());

    let board = embassy_stm32::init(clocks());
    let mut watchdog = IndependentWatchdog::new(board.IWDG1, WATCHDOG);
    watchdog.unleash();
    spawner.spawn(unwrap!(feed(watchdog)));

    let mut flash = Flash::new_blocking(board.FLASH);
    let (rtc, _) = Rtc::new(board.RTC, RtcConfig::default());
    check(&mut flash, &rtc);

    // The pins are REF_CLK, CRS_DV, RXD0, RXD1, TXD0, TXD1 and TX_EN of RMII, then MDIO and MDC.
    let ethernet = Ethernet::new(
        PACKETS.take(),
        board.ETH,
        Interrupts,
        board.PA1,
        board.PA7,
        board.PC4,
        board.PC5,
        board.PG13,
        board.PB13,
        board.PG11,
        mac_address(&uid::uid()),
        board.ETH_SMA,
        board.PA2,
        board.PC1,
    );
    let mut random = Rng::new(board.RNG, Interrupts);
    let seed = random.next_u64();
    let (stack, runner) =
        embassy_net::new(ethernet, NetworkConfig::dhcpv4(Default::default()), RESOURCES.take(), seed);
    spawner.spawn(unwrap!(network(runner)));

    let store = unwrap!(FlashStore::new(BlockingAsync::new(flash), CHECKPOINTS, RECORD.take()).ok());
    let Err(error) = device::run(stack, store, random).await;
    defmt::panic!("{}", error);
}

/// 400 MHz from the internal oscillator, 48 MHz for the random number generator.
fn clocks() -> Config {
    let mut config = Config::default();
    config.rcc.hsi = Some(HSIPrescaler::DIV1);
    config.rcc.hsi48 = Some(Default::default());
    config.rcc.pll1 = Some(Pll {
        source: PllSource::HSI,
        prediv: PllPreDiv::DIV4,
        mul: PllMul::MUL50,
        fracn: None,
        divp: Some(PllDiv::DIV2),
        divq: None,
        divr: None,
    });
    config.rcc.sys = Sysclk::PLL1_P;
    config.rcc.ahb_pre = AHBPrescaler::DIV2;
    config.rcc.apb1_pre = APBPrescaler::DIV2;
    config.rcc.apb2_pre = APBPrescaler::DIV2;
    config.rcc.apb3_pre = APBPrescaler::DIV2;
    config.rcc.apb4_pre = APBPrescaler::DIV2;
    config.rcc.voltage_scale = VoltageScale::Scale1;
    config
}

/// Reads all checkpoints once. A word that a power cut left half written fails its error correction, and reading it is a fault:
/// the board stands still until the watchdog resets it. A register that outlives the reset says that this happened, and then the
/// checkpoints are erased.
fn check(flash: &mut Flash<'_, Blocking>, rtc: &Rtc) {
    const READING: u32 = u32::from_be_bytes(*b"READ");
    if rtc.read_backup_register(0) == Some(READING) {
        unwrap!(flash.blocking_erase(CHECKPOINTS.start, CHECKPOINTS.end));
    }
    rtc.write_backup_register(0, READING);
    let mut word = [0; WRITE_SIZE];
    for offset in CHECKPOINTS.step_by(WRITE_SIZE) {
        unwrap!(flash.blocking_read(offset, &mut word));
        // Without it the compiler sees that nobody uses the word, and leaves the reading out.
        black_box(&word);
    }
    rtc.write_backup_register(0, 0);
}

#[embassy_executor::task]
async fn network(mut runner: embassy_net::Runner<'static, Ethernet>) -> ! {
    runner.run().await
}

/// Shows that the executor still runs. What waits for a server has deadlines of its own.
#[embassy_executor::task]
async fn feed(mut watchdog: IndependentWatchdog<'static, IWDG1>) -> ! {
    loop {
        watchdog.pet();
        Timer::after_secs(1).await;
    }
}
