//! The engine as a linked image, for `anatomy` to look into. It never runs.
#![no_std]
#![no_main]

use tidegate_bare::{gate, pull};

/// Where the linker begins to look for what is needed.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    core::hint::black_box((gate as *const (), pull as *const ()));
}
