//! A Stellaris LM3S6965 board (Cortex-M3, 256 KB of flash, 64 KB of RAM, Ethernet) as QEMU's `lm3s6965evb` simulates it:
//! what an embassy image needs to run there, and to be measured. The only crate of this repository with unsafe code,
//! for only here are there registers. What the board itself lacks (a console, a clock, randomness, a second flash) the
//! host gives by semihosting.
//!
//! | room | what lives there |
//! |---|---|
//! | `network` | the Ethernet controller, as a driver for embassy-net |
//! | `time` | SysTick, as a driver for embassy-time, and a finer clock for measurements |
//! | `host` | semihosting: lines out, arguments in, files, randomness, wall clock, the exit code |
//! | `flash` | a NOR flash in a host file, whose power can be cut |
//! | `memory`, `stack` | what the image takes of flash and RAM, and how deep the stack went |
//! | `fault` | what becomes of a panic and of a fault |
#![no_std]
#![warn(clippy::undocumented_unsafe_blocks)]

mod fault;
pub mod flash;
pub mod host;
pub mod memory;
pub mod network;
pub mod stack;
pub mod time;

use static_cell::ConstStaticCell;

use crate::host::{Arguments, OrStop as _};
use crate::network::{FRAME_BUFFER, Network};

/// What there is of the board once only.
#[derive(Debug)]
pub struct Board {
    /// The Ethernet controller.
    pub network: Network,
    /// What the command line says.
    pub arguments: Arguments,
}

/// Starts the clock, guards the stack and takes the network, whose board has power for `cut_received=` bytes that it receives, or
/// always. The machine stops when called again.
pub fn start() -> Board {
    static RECEIVED: ConstStaticCell<[u8; FRAME_BUFFER]> = ConstStaticCell::new([0; FRAME_BUFFER]);
    static SENT: ConstStaticCell<[u8; FRAME_BUFFER]> = ConstStaticCell::new([0; FRAME_BUFFER]);
    static LINE: ConstStaticCell<[u8; host::LINE_LIMIT]> = ConstStaticCell::new([0; host::LINE_LIMIT]);

    let mut core = cortex_m::Peripherals::take().or_stop("the board is started once");
    stack::guard(&mut core.MPU);
    time::start(&mut core.SYST);
    let arguments = Arguments::read(LINE.take());
    let cut_after = arguments.parsed("cut_received");
    Board { network: Network::start(RECEIVED.take(), SENT.take(), cut_after), arguments }
}
