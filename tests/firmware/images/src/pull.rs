//! The pull that the images make, over whatever connections they bring: of all objects of a view, through a window of the
//! limit, with a running checksum over the items. Where there is a flash, the checksum is kept in it with the checkpoint, so
//! a board that loses its power goes on where both stood.
//!
//! Arguments: `scheme`, `port`, `key`; `limit` and `window_ms`, if they are not the vendor's; `unused=1` if nothing was sent
//! before; `flash`, if there is one; `counted=1` if the items are only to be counted.

use core::convert::Infallible;
use core::fmt::Write as _;
use core::mem::{size_of, size_of_val};
use core::pin::pin;

use static_cell::{ConstStaticCell, StaticCell};
use tidegate_board::flash::{CAPACITY, Flash};
use tidegate_board::host::{Arguments, OrStop as _};
use tidegate_board::{line, time};
use tidegate_core::api::comanage;
use tidegate_core::page::Items;
use tidegate_core::profile::{Capabilities, Everything, Profile};
use tidegate_core::pull::Settings;
use tidegate_core::quota::{Slot, Terms, Window, Windows};
use tidegate_core::time::Duration;
use tidegate_core::{Checkpoint, CheckpointStore, Endpoint, Gate, Project, Pull};
use tidegate_embassy::flash::FlashStore;
use tidegate_embassy::{Client, Connect, Event, Memory, SharedGate};

use crate::{HOST, apart, metered};

/// The largest item.
const ITEM_BUFFER: usize = 1_024;
const HEAD_BUFFER: usize = 1_024;
const CHUNK_BUFFER: usize = 512;
const RECORD_BUFFER: usize = FlashStore::<Flash>::buffer_len(Taken::NOTE);
/// The vendor's usual limit.
const SLOTS: usize = comanage::WINDOW.limit as usize;

const OBJECTS: Endpoint<'static> = comanage::view_objects("/objects", 42).items_in(Items::Key("objects"));

/// What the engine of an image is able to do.
pub trait Engine: Profile + Sized + 'static {
    /// Where the pull lies: a static that depends on a type must be named for each.
    fn place() -> &'static StaticCell<Pull<'static, Self>>;
}

/// What a pull of CoManage's objects needs, and no more.
#[derive(Clone, Copy, Debug)]
pub enum Comanage {}

impl Profile for Comanage {
    const CAPABILITIES: Capabilities = Capabilities::of(&comanage::API).and(&OBJECTS);
}

impl Engine for Comanage {
    fn place() -> &'static StaticCell<Pull<'static, Self>> {
        static PULL: StaticCell<Pull<'static, Comanage>> = StaticCell::new();
        &PULL
    }
}

impl Engine for Everything {
    fn place() -> &'static StaticCell<Pull<'static, Self>> {
        static PULL: StaticCell<Pull<'static>> = StaticCell::new();
        &PULL
    }
}

/// Pulls with such an engine, and tells how that went.
pub async fn pull<P: Engine>(arguments: Arguments, connector: impl Connect) {
    static HEAD: ConstStaticCell<[u8; HEAD_BUFFER]> = ConstStaticCell::new([0; HEAD_BUFFER]);
    static CHUNK: ConstStaticCell<[u8; CHUNK_BUFFER]> = ConstStaticCell::new([0; CHUNK_BUFFER]);
    static RECORD: ConstStaticCell<[u8; RECORD_BUFFER]> = ConstStaticCell::new([0; RECORD_BUFFER]);

    let mut store = arguments.get("flash").map(|_| {
        FlashStore::new(Flash::open(&arguments), 0..CAPACITY as u32, RECORD.take())
            .or_stop("the range is whole")
    });
    let mut note = [0; Taken::NOTE];
    let stored = match &mut store {
        Some(store) => {
            apart(pin!(store.load(&mut note))).await.or_stop("the flash holds a checkpoint or nothing")
        }
        None => None,
    };
    let mut safe = if stored.is_some() { Taken::read(note) } else { Taken::NOTHING };
    line!("found {}", safe.items);

    let checkpoint = stored.map(|(checkpoint, _)| checkpoint);
    let (gate, pull) = engine::<P>(&arguments, checkpoint);
    let memory = Memory { head: HEAD.take(), chunk: CHUNK.take() };
    let seed = tidegate_board::host::random_u64();
    let mut client = Client::new(gate, connector, memory, seed).or_stop("buffers of a useful size");

    let is_summed = arguments.get("counted").is_none();
    let mut page = safe;
    let begin = time::nanoseconds();
    let (outcome, worked) = {
        let mut run = pin!(client.run(pull, async |event: Event<'_>| {
            match event {
                Event::Item { bytes, .. } if is_summed => page.take(bytes),
                Event::Item { .. } => page.items += 1,
                Event::Checkpoint { checkpoint, .. } => {
                    apart(pin!(keep(&mut store, checkpoint, page))).await;
                    safe = page;
                }
                Event::Rewind { .. } => page = safe,
                Event::Maintenance(announced) => line!("maintenance {}", u8::from(announced.is_some())),
                _ => {}
            }
            Ok::<(), Infallible>(())
        }));
        line!("future {}", size_of_val(&*run));
        let (Ok(outcome), worked) = metered(run.as_mut()).await;
        (outcome, worked)
    };
    let took = time::nanoseconds().saturating_sub(begin);

    line!("pull {}", size_of::<Pull<'_, P>>());
    line!("gate {}", size_of::<Gate<[Slot; SLOTS]>>());
    line!("items {}", safe.items);
    line!("checksum {:016x}", safe.checksum);
    let counters = pull.counters();
    line!("pages {}", counters.pages);
    line!("bytes {}", counters.bytes);
    line!("requests {}", counters.requests);
    line!("rejected {}", counters.rejected);
    line!("retried {}", counters.retried);
    line!("run_ns {took}");
    line!("worked_ns {worked}");
    line!("outcome {}", if outcome.is_complete() { "complete" } else { "failed" });
}

/// The engine, in statics: what is made here does not lie on the stack below all that follows.
#[inline(never)]
fn engine<P: Engine>(
    arguments: &Arguments,
    checkpoint: Option<Checkpoint>,
) -> (&'static SharedGate<&'static mut [Slot]>, &'static mut Pull<'static, P>) {
    static ITEM: ConstStaticCell<[u8; ITEM_BUFFER]> = ConstStaticCell::new([0; ITEM_BUFFER]);
    static SLOT: ConstStaticCell<[Slot; SLOTS]> = ConstStaticCell::new([Slot::FREE; SLOTS]);
    static URL: StaticCell<BaseUrl> = StaticCell::new();
    static PROJECT: StaticCell<Project<'static>> = StaticCell::new();
    static GATE: StaticCell<SharedGate<&'static mut [Slot]>> = StaticCell::new();

    let slots: &'static mut [Slot] = SLOT.take();
    let mut gate = Gate::new(windows(arguments), Terms::DEFAULT, slots).or_stop("a limit that can be kept");
    if arguments.get("unused").is_some() {
        gate = gate.unused();
    }
    let base_url = URL.init(BaseUrl::of(arguments));
    let key = arguments.get("key").or_stop("the argument key= is there");
    let project = Project::over_plain_text(&comanage::API, base_url.as_str(), key);
    let project = PROJECT.init(project.or_stop("a usable project"));
    let pull = Pull::with_profile(project, &OBJECTS, &Settings::DEFAULT, ITEM.take(), checkpoint);
    (GATE.init(SharedGate::new(gate)), P::place().init(pull.or_stop("a usable pull")))
}

fn windows(arguments: &Arguments) -> Windows {
    let usual = comanage::WINDOW;
    let limit = arguments.parsed("limit").unwrap_or(usual.limit);
    let period = arguments.parsed("window_ms").map_or(usual.period, Duration::from_millis);
    Windows::one(Window::new(limit, period))
}

/// Stores a checkpoint and what was taken by then. A board that cannot is of no use.
async fn keep(store: &mut Option<FlashStore<'static, Flash>>, checkpoint: &Checkpoint, taken: Taken) {
    if let Some(store) = store {
        store.store(checkpoint, &taken.note()).await.or_stop("the flash takes a checkpoint");
        line!("kept {}", taken.items);
    }
}

/// How many items were taken, and a checksum (FNV-1a, 64 bits) over each and a line end.
#[derive(Clone, Copy)]
struct Taken {
    items: u64,
    checksum: u64,
}

impl Taken {
    const NOTE: usize = 16;
    const NOTHING: Self = Self { items: 0, checksum: 0xcbf2_9ce4_8422_2325 };

    fn take(&mut self, item: &[u8]) {
        self.items += 1;
        for &byte in item.iter().chain(b"\n") {
            self.checksum = (self.checksum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn note(self) -> [u8; Self::NOTE] {
        let mut note = [0; Self::NOTE];
        note[..8].copy_from_slice(&self.items.to_le_bytes());
        note[8..].copy_from_slice(&self.checksum.to_le_bytes());
        note
    }

    fn read(note: [u8; Self::NOTE]) -> Self {
        let part = |at: usize| u64::from_le_bytes(core::array::from_fn(|byte| note[at + byte]));
        Self { items: part(0), checksum: part(8) }
    }
}

/// The server's base URL.
struct BaseUrl {
    bytes: [u8; 48],
    length: usize,
}

impl BaseUrl {
    fn of(arguments: &Arguments) -> Self {
        let mut url = Self { bytes: [0; 48], length: 0 };
        let scheme = arguments.get("scheme").unwrap_or("http");
        write!(url, "{scheme}://{HOST}:{}", arguments.needed::<u16>("port")).or_stop("a short URL");
        url
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl core::fmt::Write for BaseUrl {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(core::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
