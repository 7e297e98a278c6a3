//! The Stellaris Ethernet controller as a driver for embassy-net. Registers: LM3S6965 data sheet, "Ethernet Controller",
//! as far as QEMU's `stellaris_enet` has them. Frames go through a FIFO, a word at a time; the receive interrupt wakes
//! whoever waits, so nothing polls.

use core::task::Context;

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;

use crate::host;

/// Room for the largest frame: 1,514 bytes without its checksum, in whole words.
pub const FRAME_BUFFER: usize = 1_520;

/// Header and content of the largest Ethernet frame.
const FRAME_LIMIT: usize = 1_514;
/// What the FIFO puts around a received frame and counts in its length: the length itself and the checksum.
const AROUND_RECEIVED: usize = 2 + 4;
/// What the length of a frame to send does not count: two addresses and the type.
const ETHERNET_HEADER: usize = 14;
/// One that is nobody's: locally administered.
const ADDRESS: [u8; 6] = [0x02, 0x00, 0x00, 0x00, 0x00, 0x01];

static RECEIVED: AtomicWaker = AtomicWaker::new();

#[derive(Clone, Copy)]
pub(crate) struct Interrupt;

// SAFETY: 42 is the controller's number, and always the same.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        42
    }
}

/// The controller's registers, by their offset.
#[derive(Clone, Copy)]
enum Register {
    /// Read: what has happened. Write 1: seen.
    Interrupts = 0x00,
    InterruptMask = 0x04,
    ReceiveControl = 0x08,
    TransmitControl = 0x0c,
    Data = 0x10,
    AddressLow = 0x14,
    AddressHigh = 0x18,
    /// How many frames wait in the FIFO.
    Waiting = 0x34,
    /// Write 1: send what is in the FIFO. Reads 1 until that has happened.
    TransmitRequest = 0x38,
}

const FRAME_RECEIVED: u32 = 1 << 0;
const RECEIVE_ON: u32 = 1 << 0;
const RECEIVE_RESET: u32 = 1 << 4;
const TRANSMIT_ON: u32 = 1 << 0;
const TRANSMIT_PAD: u32 = 1 << 1;
const TRANSMIT_CHECKSUM: u32 = 1 << 2;

impl Register {
    const BASE: usize = 0x4004_8000;

    fn pointer(self) -> *mut u32 {
        (Self::BASE + self as usize) as *mut u32
    }

    fn read(self) -> u32 {
        // SAFETY: the address is a register of this controller, aligned, and all its values are valid.
        unsafe { self.pointer().read_volatile() }
    }

    fn write(self, value: u32) {
        // SAFETY: as above; no register makes the controller touch the processor's memory.
        unsafe { self.pointer().write_volatile(value) }
    }
}

/// The controller, with a buffer for each direction. Its board's power can be cut after a given number of received bytes: so it is
/// cut by what the board has done, however busy the host is.
#[derive(Debug)]
pub struct Network {
    /// How many bytes are received before the power is cut.
    cut_after: Option<usize>,
    received: &'static mut [u8; FRAME_BUFFER],
    sent: &'static mut [u8; FRAME_BUFFER],
}

impl Network {
    pub(crate) fn start(
        received: &'static mut [u8; FRAME_BUFFER],
        sent: &'static mut [u8; FRAME_BUFFER],
        cut_after: Option<usize>,
    ) -> Self {
        let [a, b, c, d, e, f] = ADDRESS;
        Register::AddressLow.write(u32::from_le_bytes([a, b, c, d]));
        Register::AddressHigh.write(u32::from_le_bytes([e, f, 0, 0]));
        Register::TransmitControl.write(TRANSMIT_ON | TRANSMIT_PAD | TRANSMIT_CHECKSUM);
        Register::ReceiveControl.write(RECEIVE_ON | RECEIVE_RESET);
        Register::ReceiveControl.write(RECEIVE_ON);
        Register::InterruptMask.write(FRAME_RECEIVED);
        // SAFETY: no critical section is made of this interrupt's mask.
        unsafe { NVIC::unmask(Interrupt) };
        Self { cut_after, received, sent }
    }
}

/// Called by the interrupt.
pub(crate) fn interrupted() {
    Register::Interrupts.write(FRAME_RECEIVED);
    RECEIVED.wake();
}

impl Driver for Network {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sent<'a>;

    fn receive(&mut self, context: &mut Context<'_>) -> Option<(Received<'_>, Sent<'_>)> {
        // In this order: a frame that comes in between wakes.
        RECEIVED.register(context.waker());
        let Self { cut_after, received, sent } = self;
        (Register::Waiting.read() > 0).then_some((Received { buffer: received, cut_after }, Sent(sent)))
    }

    fn transmit(&mut self, _: &mut Context<'_>) -> Option<Sent<'_>> {
        Some(Sent(self.sent))
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = FRAME_LIMIT;
        capabilities.max_burst_size = Some(1);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(ADDRESS)
    }
}

/// A frame that waits in the FIFO.
#[derive(Debug)]
pub struct Received<'a> {
    buffer: &'a mut [u8; FRAME_BUFFER],
    cut_after: &'a mut Option<usize>,
}

impl Received<'_> {
    /// So many bytes more came, unless the power is gone.
    fn count(&mut self, length: usize) {
        if let Some(left) = self.cut_after {
            let Some(less) = left.checked_sub(length) else { host::cut("received") };
            *left = less;
        }
    }
}

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, take: F) -> R {
        // The first word has the length in its lower half and the frame's first two bytes in the other.
        let [low, high, first, second] = Register::Data.read().to_le_bytes();
        let whole = usize::from(u16::from_le_bytes([low, high]));
        // A frame that is too long is taken out of the FIFO and dropped: nobody reads an empty one.
        let length = match whole.saturating_sub(AROUND_RECEIVED) {
            length if length > FRAME_LIMIT => 0,
            length => length,
        };
        self.count(length);
        self.buffer[..2].copy_from_slice(&[first, second]);
        let mut at = 2;
        for _ in 1..whole.div_ceil(4) {
            let word = Register::Data.read().to_le_bytes();
            // The checksum at the frame's end is more than the buffer may have room for.
            if let Some(room) = self.buffer.get_mut(at..at + 4) {
                room.copy_from_slice(&word);
            }
            at += 4;
        }
        take(&mut self.buffer[..length])
    }
}

/// Room for a frame to send.
#[derive(Debug)]
pub struct Sent<'a>(&'a mut [u8; FRAME_BUFFER]);

impl TxToken for Sent<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        let result = fill(&mut self.0[..length]);
        // The controller has one frame's room: the one before must be on its way.
        while Register::TransmitRequest.read() & 1 != 0 {}
        let [low, high] = (length.saturating_sub(ETHERNET_HEADER) as u16).to_le_bytes();
        Register::Data.write(u32::from_le_bytes([low, high, self.0[0], self.0[1]]));
        for word in self.0[2..length.max(2)].chunks(4) {
            let mut padded = [0; 4];
            padded[..word.len()].copy_from_slice(word);
            Register::Data.write(u32::from_le_bytes(padded));
        }
        Register::TransmitRequest.write(1);
        result
    }
}
