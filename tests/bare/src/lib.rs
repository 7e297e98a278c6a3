//! The engine with nothing underneath: a whole driver, blocking, on the HTTP/1.1 codec of core, in memory that is all on
//! the stack. A crate anywhere below that used `std` would bring a second panic handler, and one that used `alloc` would
//! ask for an allocator; either is an error when one of the examples is linked. What is generic in core is instantiated there, so
//! that it is really compiled, and `check` looks for ways to panic in what comes of it.
#![no_std]

use tidegate_core::api::comanage;
use tidegate_core::http::h1::{self, Decoder, Event};
use tidegate_core::http::{Origin, Request};
use tidegate_core::profile::{Capabilities, Profile};
use tidegate_core::pull::{self, Outcome, PullError, Settings, TransportFault};
use tidegate_core::quota::{QuotaError, Slot, Terms};
use tidegate_core::time::Instant;
use tidegate_core::{Checkpoint, Endpoint, Gate, Project, Pull, Step};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// What a device does for a pull.
pub trait Device {
    /// The time on a clock that only goes forward.
    fn now(&self) -> Instant;
    /// Waits.
    fn sleep_until(&mut self, until: Instant);
    /// Opens a connection; one that was open is closed.
    fn connect(&mut self, origin: Origin<'_>) -> Result<(), TransportFault>;
    /// Sends all of it.
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportFault>;
    /// Receives what comes, until the deadline at the most; nothing means that the other side has closed.
    fn receive(&mut self, buffer: &mut [u8], deadline: Instant) -> Result<usize, TransportFault>;
    /// Takes an item of the page in hand.
    fn take(&mut self, item: &[u8]);
    /// Forgets so many items of the page in hand.
    fn take_back(&mut self, items: u32);
    /// Stores the items of the page in hand, and then this.
    fn store(&mut self, checkpoint: &[u8]);
}

/// What is pulled.
pub const OBJECTS: Endpoint<'static> = comanage::view_objects("/objects", 42);

/// What that needs.
#[derive(Debug)]
pub enum Objects {}

impl Profile for Objects {
    const CAPABILITIES: Capabilities = Capabilities::of(&comanage::API).and(&OBJECTS);
}

/// A gate for a project with the vendor's usual limit.
pub fn gate() -> Result<Gate<[Slot; 200]>, QuotaError> {
    Gate::new(comanage::API.windows, Terms::DEFAULT, [Slot::FREE; 200])
}

/// Pulls the objects of view 42, from the beginning or from a stored checkpoint, with an engine that is able to do what `P` says.
pub fn pull<P: Profile>(
    device: &mut dyn Device,
    project: &Project<'_>,
    gate: &mut Gate<[Slot; 200]>,
    stored: Option<&[u8]>,
) -> Result<Outcome, PullError> {
    let checkpoint = stored.map(Checkpoint::decode).transpose().map_err(PullError::Checkpoint)?;
    let mut item_buffer = [0; 1024];
    let mut pull =
        Pull::<P>::with_profile(project, &OBJECTS, &Settings::DEFAULT, &mut item_buffer, checkpoint)?;
    let mut decoder = Decoder::new();
    let (mut head_buffer, mut buffer) = ([0; 1024], [0; 512]);
    loop {
        let now = device.now();
        match pull.step(gate, now) {
            Step::Wait { until, .. } => device.sleep_until(until),
            Step::Send => {
                if pull.sent(gate, now) {
                    decoder = Decoder::new();
                    let sent = match pull.request(gate) {
                        Some(request) => send(device, &request, &mut buffer),
                        None => Err(TransportFault::Broken),
                    };
                    if let Err(fault) = sent {
                        pull.failed(gate, device.now(), fault);
                    }
                }
            }
            Step::Receive { deadline } => match device.receive(&mut buffer, deadline) {
                Ok(0) => match decoder.eof() {
                    Ok(()) => pull.end(gate, device.now()),
                    Err(_) => pull.failed(gate, device.now(), TransportFault::Broken),
                },
                Ok(count) => {
                    let received = buffer.get(..count).unwrap_or_default();
                    receive(device, &mut pull, gate, &mut decoder, &mut head_buffer, received);
                }
                Err(fault) => pull.failed(gate, device.now(), fault),
            },
            Step::Checkpoint => {
                let checkpoint = pull.behind();
                device.store(&checkpoint.encode());
                pull.stored();
            }
            Step::Rewind { items } => {
                device.take_back(items);
                pull.rewound();
            }
            Step::Done(outcome) => return Ok(outcome),
        }
    }
}

fn send<P: Profile>(
    device: &mut dyn Device,
    request: &Request<'_, P>,
    buffer: &mut [u8],
) -> Result<(), TransportFault> {
    device.connect(request.origin())?;
    let mut sent: usize = 0;
    loop {
        let count = h1::encode_part(request, sent, buffer);
        if count == 0 {
            return Ok(());
        }
        device.send(buffer.get(..count).unwrap_or_default())?;
        sent = sent.saturating_add(count);
    }
}

fn receive<P: Profile>(
    device: &mut dyn Device,
    pull: &mut Pull<'_, P>,
    gate: &mut Gate<[Slot; 200]>,
    decoder: &mut Decoder,
    head_buffer: &mut [u8],
    mut received: &[u8],
) {
    loop {
        let now = device.now();
        let (taken, event) = match decoder.push_reading(received, head_buffer, &|name| pull.reads(name)) {
            Ok((taken, Some(event))) => (taken, event),
            Ok((_, None)) => return,
            Err(_) => return pull.failed(gate, now, TransportFault::Broken),
        };
        match event {
            Event::Head(head) => _ = pull.head(gate, now, head.status(), head.fields()),
            Event::Body(mut body) => {
                while let Some(event) = pull.body(device.now(), &mut body) {
                    if let pull::Event::Item { bytes, .. } = event {
                        device.take(bytes);
                    }
                }
            }
            Event::End => return pull.end(gate, now),
        }
        received = received.get(taken..).unwrap_or_default();
    }
}
