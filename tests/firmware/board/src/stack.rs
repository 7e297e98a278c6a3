//! How deep the stack went, and an end to it. At the start all of it is painted (a feature of cortex-m-rt); what still
//! has its paint was never used. Below it lies a guard, a region that the memory protection unit lets nobody touch: with
//! only statics below, an overflow would overwrite them in silence. Registers: Armv7-M Architecture Reference Manual,
//! B3.5.

use core::ptr::addr_of;

use cortex_m::peripheral::{MPU, SCB};
use cortex_m_rt::STACK_PAINT_VALUE;

/// A frame larger than this that leaves its lower end untouched can step over the guard.
const GUARD: usize = 256;

mod linker {
    unsafe extern "C" {
        /// The lowest address that the stack may reach.
        pub(super) static _stack_end: u32;
        /// The address where it begins, to grow downwards.
        pub(super) static _stack_start: u32;
    }
}

/// A stack and how much of it was used so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Bytes that the stack may take.
    pub room: usize,
    /// Bytes that it took at its deepest.
    pub depth: usize,
    /// Bytes never touched.
    pub free: usize,
}

/// Looks for the deepest place whose paint is gone. A frame's bytes that were reserved and never written still have it.
pub fn usage() -> Usage {
    let (bottom, top) = (guard_end(), addr_of!(linker::_stack_start) as usize);
    let is_painted = |address: &usize| {
        // SAFETY: from the guard's end to the stack's beginning is RAM, in aligned words, that nothing else owns; what
        // the frames above hold may be read as words, whatever it is.
        unsafe { (*address as *const u32).read_volatile() == STACK_PAINT_VALUE }
    };
    let free = (bottom..top).step_by(4).take_while(is_painted).count() * 4;
    Usage { room: top - bottom, depth: top - bottom - free, free }
}

/// A region begins at a multiple of its size.
fn guard_begin() -> usize {
    (addr_of!(linker::_stack_end) as usize).next_multiple_of(GUARD)
}

fn guard_end() -> usize {
    guard_begin() + GUARD
}

/// Puts the guard in place.
pub(crate) fn guard(unit: &mut MPU) {
    const REGION_VALID: u32 = 1 << 4;
    const NOBODY: u32 = 0b000 << 24;
    const SIZE: u32 = (GUARD.trailing_zeros() - 1) << 1;
    const REGION_ON: u32 = 1;
    const OTHERWISE_AS_WITHOUT: u32 = 1 << 2;
    const ON: u32 = 1;
    // SAFETY: nobody may touch the guard's memory, which is part of the unused stack; all else is as without the unit.
    unsafe {
        unit.rbar.write(guard_begin() as u32 | REGION_VALID);
        unit.rasr.write(NOBODY | SIZE | REGION_ON);
        unit.ctrl.write(OTHERWISE_AS_WITHOUT | ON);
    }
    cortex_m::asm::dsb();
    cortex_m::asm::isb();
}

/// Whether a fault is the guard's. Only for a fault's handler.
pub(crate) fn overflowed() -> bool {
    const STACKING: u32 = 1 << 4;
    const ADDRESS_VALID: u32 = 1 << 7;
    // SAFETY: reading these registers changes nothing.
    let (status, address) = unsafe { ((*SCB::PTR).cfsr.read(), (*SCB::PTR).mmfar.read()) };
    let touched = status & ADDRESS_VALID != 0 && (guard_begin()..guard_end()).contains(&(address as usize));
    touched || status & STACKING != 0
}
