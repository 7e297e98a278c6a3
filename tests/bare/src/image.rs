//! The engine as a linked image, for `anatomy` to look into. It never runs.
#![no_std]
#![no_main]

#[cfg(feature = "comanage")]
use tidegate_bare::Objects as Able;
use tidegate_bare::{gate, pull};
#[cfg(not(feature = "comanage"))]
use tidegate_core::profile::Everything as Able;

/// Where the linker begins to look for what is needed.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    core::hint::black_box((gate as *const (), pull::<Able> as *const ()));
}
