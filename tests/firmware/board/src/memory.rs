//! What the image takes of flash and RAM, as the linker script has laid it out.

use core::ptr::addr_of;

mod linker {
    unsafe extern "C" {
        pub(super) static __sidata: u32;
        pub(super) static __sdata: u32;
        pub(super) static __edata: u32;
        pub(super) static __ebss: u32;
    }
}

/// Bytes of flash: the vector table, code, constants and the first values of statics.
pub fn flash() -> usize {
    addr_of!(linker::__sidata) as usize + addr_of!(linker::__edata) as usize
        - addr_of!(linker::__sdata) as usize
}

/// Bytes of RAM that statics take.
pub fn statics() -> usize {
    addr_of!(linker::__ebss) as usize - addr_of!(linker::__sdata) as usize
}
