//! The engine with nothing underneath. A crate anywhere below that uses `std` would bring a second panic handler, and
//! one that uses `alloc` would ask for an allocator; either is an error when this library is linked. What is generic
//! in core is instantiated here, so that it is really compiled.
#![no_std]
#![forbid(unsafe_code)]

use tidegate_core::api::comanage;
use tidegate_core::page::Item;
use tidegate_core::pull::{Outcome, Settings, TransportFault};
use tidegate_core::quota::Slot;
use tidegate_core::time::Instant;
use tidegate_core::{Checkpoint, Endpoint, Gate, Project, Pull, Step};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// What a device would implement.
pub trait Device {
    /// Milliseconds since the start.
    fn now(&self) -> u64;
    /// The next byte of the answer's body; `None` at its end.
    fn receive(&mut self) -> Option<u8>;
}

const OBJECTS: Endpoint<'static> = comanage::view_objects("/objects", 42);

/// Pulls until something has to be waited for, and gives back the items seen; `None` if the pull cannot begin.
pub fn pull(device: &mut dyn Device, base_url: &str, key: &str, stored: &[u8]) -> Option<usize> {
    let project = Project::new(&comanage::API, base_url, key).ok()?;
    let mut slots = [Slot::FREE; 200];
    let mut gate = Gate::new(comanage::API.windows, &mut slots[..]).ok()?;
    let mut item_buffer = [0; 1024];
    let checkpoint = Checkpoint::decode(stored).ok();
    let mut pull = Pull::new(&project, &OBJECTS, &Settings::DEFAULT, &mut item_buffer, checkpoint).ok()?;
    let mut items: usize = 0;
    loop {
        let now = Instant::from_millis(device.now());
        match pull.step(&mut gate, now) {
            Step::Wait { .. } | Step::Done(Outcome::Failed(_)) => return Some(items),
            Step::Done(Outcome::Complete) => return Some(items),
            Step::Send(_) => {
                if pull.sent(&mut gate, now) {
                    pull.head(&mut gate, now, 200, [("date", &b"Sun, 06 Nov 1994 08:49:37 GMT"[..])]);
                }
            }
            Step::Receive { deadline } if now >= deadline => {
                pull.failed(&mut gate, now, TransportFault::Timeout)
            }
            Step::Receive { .. } => match device.receive() {
                Some(byte) => {
                    if let (_, Some(Item::Whole { .. })) = pull.body(now, &[byte]) {
                        items = items.saturating_add(1);
                    }
                }
                None => pull.end(&mut gate, now),
            },
            Step::Checkpoint(checkpoint) => {
                let _ = checkpoint.encode();
                pull.stored();
            }
            Step::Rewind { .. } => pull.rewound(),
        }
    }
}
