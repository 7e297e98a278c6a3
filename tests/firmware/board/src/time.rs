//! SysTick as embassy's clock, one tick a millisecond, and a finer reading of the same counter for measurements. Under
//! QEMU's `-icount shift=0` one instruction takes one nanosecond, so that the finer clock counts instructions. Registers:
//! Armv7-M Architecture Reference Manual, B3.3.

use core::cell::{Cell, RefCell};
use core::task::Waker;

use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{SCB, SYST};
use cortex_m_rt::exception;
use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

/// The board's clock after a reset: 200 MHz divided by 16.
const CLOCK_HZ: u32 = 12_500_000;
const CYCLES_PER_MILLISECOND: u32 = CLOCK_HZ / 1_000;
const NANOSECONDS_PER_CYCLE: u32 = 1_000_000_000 / CLOCK_HZ;

struct SysTick {
    milliseconds: Mutex<Cell<u64>>,
    /// When the next of the queue is due.
    due: Mutex<Cell<u64>>,
    queue: Mutex<RefCell<Queue>>,
}

embassy_time_driver::time_driver_impl!(static CLOCK: SysTick = SysTick {
    milliseconds: Mutex::new(Cell::new(0)),
    due: Mutex::new(Cell::new(u64::MAX)),
    queue: Mutex::new(RefCell::new(Queue::new())),
});

impl Driver for SysTick {
    fn now(&self) -> u64 {
        critical_section::with(|section| self.milliseconds.borrow(section).get())
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|section| {
            let mut queue = self.queue.borrow(section).borrow_mut();
            if queue.schedule_wake(at, waker) {
                // What is due already is woken here, so the rest can wait for a tick.
                self.due.borrow(section).set(queue.next_expiration(self.now()));
            }
        });
    }
}

impl SysTick {
    fn tick(&self) {
        critical_section::with(|section| {
            let now = self.milliseconds.borrow(section).get() + 1;
            self.milliseconds.borrow(section).set(now);
            let due = self.due.borrow(section);
            if due.get() <= now {
                due.set(self.queue.borrow(section).borrow_mut().next_expiration(now));
            }
        });
    }
}

pub(crate) fn start(timer: &mut SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(CYCLES_PER_MILLISECOND - 1);
    timer.clear_current();
    timer.enable_counter();
    timer.enable_interrupt();
}

#[exception]
fn SysTick() {
    CLOCK.tick();
}

/// Nanoseconds since the start, in steps of one cycle (80 ns). Never goes back.
pub fn nanoseconds() -> u64 {
    critical_section::with(|section| {
        let milliseconds = CLOCK.milliseconds.borrow(section).get();
        let before = counter();
        // The counter may have begun anew while the tick that tells of it waits for this section to end. Read again,
        // for it may have done so after the first reading.
        let (milliseconds, left) = match SCB::is_pendst_pending() {
            true => (milliseconds + 1, counter()),
            false => (milliseconds, before),
        };
        milliseconds * 1_000_000 + u64::from((CYCLES_PER_MILLISECOND - left) * NANOSECONDS_PER_CYCLE)
    })
}

/// The counter, from all but one cycle of a millisecond down to 1. At 0 it says nothing: the tick is either pending
/// already or not yet.
fn counter() -> u32 {
    loop {
        match SYST::get_current() {
            0 => {}
            left => return left,
        }
    }
}
