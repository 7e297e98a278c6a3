// docs: what
//! What is the same on every board: what is pulled, from whom, in which memory, and what becomes of the items.
#![no_std]

use tidegate_core::api::comanage;
use tidegate_core::profile::{Capabilities, Profile};
use tidegate_core::quota::{Slot, Terms};
use tidegate_core::{Checkpoint, CheckpointStore, Endpoint, Gate, Project, Pull};

const BASE_URL: &str = "https://comanage.example/api";
const API_KEY: &str = "your-key";
const OBJECTS: Endpoint<'static> = comanage::view_objects("/objects", 42);

/// What the engine must be able to do for this list. Nothing else is linked.
enum Objects {}

impl Profile for Objects {
    const CAPABILITIES: Capabilities = Capabilities::of(&comanage::API).and(&OBJECTS);
}
// end

pub mod authority;
pub mod call;

// docs: memory
use static_cell::ConstStaticCell;
use tidegate_embassy::Memory;
use tidegate_embassy::tls::{RecordLength, SEND_BUFFER};

/// The number of items behind a checkpoint, stored with it.
pub const NOTE: usize = 8;
const RECORD_LENGTH: RecordLength = RecordLength::Any;

static SLOTS: ConstStaticCell<[Slot; comanage::WINDOW.limit as usize]> =
    ConstStaticCell::new([Slot::FREE; comanage::WINDOW.limit as usize]);
static ITEM: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
static HEAD: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
static CHUNK: ConstStaticCell<[u8; 512]> = ConstStaticCell::new([0; 512]);
static TCP_RECEIVE: ConstStaticCell<[u8; 1460]> = ConstStaticCell::new([0; 1460]);
static TCP_SEND: ConstStaticCell<[u8; 512]> = ConstStaticCell::new([0; 512]);
static TLS_RECEIVE: ConstStaticCell<[u8; RECORD_LENGTH.buffer()]> =
    ConstStaticCell::new([0; RECORD_LENGTH.buffer()]);
static TLS_SEND: ConstStaticCell<[u8; SEND_BUFFER]> = ConstStaticCell::new([0; SEND_BUFFER]);
// end

// docs: connect
use embassy_net::Stack;
use rand_core::CryptoRngCore;
use tidegate_core::time::UnixTime;
use tidegate_embassy::Connect;
use tidegate_embassy::net::Tcp;
use tidegate_embassy::tls::{Buffers, TlsConnector, Trust};

/// The SHA-256 of the server's public key.
const SERVER_KEY: [u8; 32] = [0; 32];

/// Connections to the server, and to nobody else. `random` must be a true generator: all secrecy comes from it.
fn connector<R: CryptoRngCore>(stack: Stack<'static>, random: R) -> Result<impl Connect, Error> {
    let tcp = Tcp::new(stack, TCP_RECEIVE.take(), TCP_SEND.take()).for_tls();
    let buffers = Buffers::new(TLS_RECEIVE.take(), TLS_SEND.take(), RECORD_LENGTH);
    let buffers = buffers.map_err(|_| Error::Buffer)?;
    Ok(TlsConnector::new(tcp, buffers, Trust::Key(SERVER_KEY), random, the_time))
}

/// A board without a clock does not know it. Then a certificate's dates are not checked.
fn the_time() -> Option<UnixTime> {
    None
}
// end

// docs: run
use core::convert::Infallible;
use embassy_time::Timer;
use embedded_storage_async::nor_flash::NorFlash;
use tidegate_core::pull::{Outcome, Settings};
use tidegate_embassy::flash::{FlashError, FlashStore};
use tidegate_embassy::{Client, Event, SharedGate};

/// Pulls the list, over and over. Returns only if it cannot go on.
pub async fn run<F: NorFlash>(
    stack: Stack<'static>,
    mut store: FlashStore<'static, F>,
    mut random: impl CryptoRngCore,
) -> Result<Infallible, Error> {
    stack.wait_config_up().await;
    defmt::info!("{}", stack.config_v4());

    let seed = random.next_u64();
    let project = Project::new(&comanage::API, BASE_URL, API_KEY).map_err(|_| Error::Project)?;
    let slots = &mut SLOTS.take()[..];
    let gate = Gate::new(comanage::API.windows, Terms::DEFAULT, slots).map_err(|_| Error::Limit)?;
    let gate = SharedGate::new(gate);
    let memory = Memory { head: HEAD.take(), chunk: CHUNK.take() };
    let mut client =
        Client::new(&gate, connector(stack, random)?, memory, seed).map_err(|_| Error::Buffer)?;

    let item_buffer = ITEM.take();
    let (mut checkpoint, mut items) = load(&mut store).await?;
    loop {
        let from = checkpoint.take();
        let pull = Pull::with_profile(&project, &OBJECTS, &Settings::DEFAULT, &mut item_buffer[..], from);
        let mut pull: Pull<'_, Objects> = match pull {
            Ok(pull) => pull,
            // It was stored for another list or another server. Without one, the list begins anew.
            Err(PullError::Checkpoint(_)) => {
                items = 0;
                continue;
            }
            Err(_) => return Err(Error::List),
        };
        // Those of the page in hand count when its checkpoint is stored.
        let mut seen = items;
        let outcome = client.run(&mut pull, async |event| {
            match event {
                Event::Item { bytes, .. } => {
                    defmt::info!("{=[u8]:a}", bytes);
                    seen += 1;
                }
                Event::Checkpoint { checkpoint, .. } => {
                    store.store(checkpoint, &seen.to_le_bytes()).await.map_err(|_| Error::Flash)?;
                    items = seen;
                }
                Event::Rewind { .. } => seen = items,
                Event::Waiting { why, .. } => defmt::info!("waiting: {}", why),
                _ => {}
            }
            Ok(())
        });
        match outcome.await? {
            Outcome::Complete(_) => defmt::info!("complete: {=u64} items", items),
            Outcome::Incomplete { missing } => defmt::warn!("{=u64} items, {=u64} missing", items, missing),
            Outcome::Failed(failure) => {
                defmt::error!("failed: {}", defmt::Debug2Format(&failure));
                checkpoint = Some(*pull.checkpoint());
                Timer::after_secs(60).await;
                continue;
            }
        }
        items = 0;
        Timer::after_secs(60 * 60).await;
    }
}
// end

// docs: load
use tidegate_core::pull::PullError;

/// The checkpoint of an earlier run, and how many items came before it.
async fn load<F: NorFlash>(store: &mut FlashStore<'static, F>) -> Result<(Option<Checkpoint>, u64), Error> {
    let mut note = [0; NOTE];
    match store.load(&mut note).await {
        Ok(Some((checkpoint, NOTE))) => Ok((Some(checkpoint), u64::from_le_bytes(note))),
        Ok(None) => Ok((None, 0)),
        Err(FlashError::Flash(_) | FlashError::Range) => Err(Error::Flash),
        // Something else was there, or it was stored by another version.
        Ok(Some(_)) | Err(_) => {
            store.erase().await.map_err(|_| Error::Flash)?;
            Ok((None, 0))
        }
    }
}
// end

// docs: address
use sha2::{Digest, Sha256};

/// An address of the board's own for its network, made from the unique number of its chip.
pub fn mac_address(id: &[u8]) -> [u8; 6] {
    let hash = Sha256::digest(id);
    // The bit for addresses that no maker has assigned, without the one for groups.
    [0x02, hash[0], hash[1], hash[2], hash[3], hash[4]]
}
// end

// docs: ends
use core::panic::PanicInfo;
use defmt_rtt as _;

/// Why a board cannot go on.
#[derive(Clone, Copy, Debug, defmt::Format)]
pub enum Error {
    /// `BASE_URL` or `API_KEY` cannot be used.
    Project,
    /// `OBJECTS` cannot be asked for.
    List,
    /// The limit cannot be kept.
    Limit,
    /// A buffer is too small.
    Buffer,
    /// The flash fails.
    Flash,
}

/// Stands still, so that the watchdog resets the board: not at once, for a board that resets at once may do so many times a
/// second.
#[panic_handler]
fn panic(panic: &PanicInfo<'_>) -> ! {
    cortex_m::interrupt::disable();
    if let Some(place) = panic.location() {
        defmt::error!("panic at {=str}:{=u32}", place.file(), place.line());
    }
    loop {
        cortex_m::asm::nop();
    }
}
// end
