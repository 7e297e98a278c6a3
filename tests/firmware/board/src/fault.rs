//! What becomes of a panic and of a hardware fault: where it was is told, and the machine ends with an exit code of its own.
//! A real device would reset here. A panic is a fault, too: it stops the machine by an undefined instruction, see
//! `.cargo/config.toml`, and `addr2line` finds the line that it stands in.

use core::panic::PanicInfo;

use cortex_m::interrupt::InterruptNumber;
use cortex_m_rt::{ExceptionFrame, exception};

use crate::host::{self, exit_code};
use crate::{line, network, stack};

/// A build that keeps its panics' messages would come here.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    cortex_m::asm::udf()
}

// SAFETY: nothing of the interrupted program is touched, nor is it returned to.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    match stack::overflowed() {
        true => line!("fault the stack overflowed"),
        false => line!("fault at {:#010x}, called from {:#010x}", frame.pc(), frame.lr()),
    }
    host::exit(exit_code::FAULT)
}

/// Every interrupt without a handler of its own. The network's is among them: the table of all 240 is cortex-m-rt's, and
/// this is what it has in each place.
// SAFETY: shares only an atomic waker with the interrupted program.
#[exception]
unsafe fn DefaultHandler(number: i16) {
    if number == network::Interrupt.number() as i16 {
        return network::interrupted();
    }
    line!("fault interrupt {number} that nobody asked for");
    host::exit(exit_code::FAULT)
}
