//! What the images over HTTPS have in common: the server proves who it is by a certificate of the authority in the host's file
//! `root=`, by the host's clock, and the handshake's randomness is the host's. Other arguments: see `pull`.

use core::pin::pin;

use embassy_executor::Spawner;
use rand_core::{CryptoRng, RngCore};
use static_cell::ConstStaticCell;
use tidegate_board::host::{self, Arguments, OrStop as _};
use tidegate_core::time::UnixTime;
use tidegate_embassy::net::Tcp;
use tidegate_embassy::tls::{Buffers, RecordLength, SEND_BUFFER, TlsConnector, Trust};

use crate::{Engine, apart, done, online, pull, tcp_buffers};

/// A record of the largest size that TLS 1.3 allows.
const RECORD: usize = RecordLength::Any.buffer();
/// The largest certificate of an authority.
const ROOT: usize = 640;

/// Pulls over HTTPS with such an engine, and ends the machine.
pub async fn https<P: Engine>(spawner: Spawner) -> ! {
    static RECEIVED: ConstStaticCell<[u8; RECORD]> = ConstStaticCell::new([0; RECORD]);
    static SENT: ConstStaticCell<[u8; SEND_BUFFER]> = ConstStaticCell::new([0; SEND_BUFFER]);

    let board = tidegate_board::start();
    let root = [root(&board.arguments)];
    let stack = apart(pin!(online(spawner, board.network))).await;
    let (received, sent) = tcp_buffers();
    let tcp = Tcp::new(stack, received, sent).for_tls();
    let records =
        Buffers::new(RECEIVED.take(), SENT.take(), RecordLength::Any).or_stop("records fit the buffers");
    let clock = || Some(UnixTime::from_secs(host::unix_seconds().into()));
    let connector = TlsConnector::new(tcp, records, Trust::Authority(&root), HostsRandomness, clock);
    apart(pin!(pull::<P>(board.arguments, connector))).await;
    done()
}

/// The authority's certificate.
fn root(arguments: &Arguments) -> &'static [u8] {
    static BYTES: ConstStaticCell<[u8; ROOT]> = ConstStaticCell::new([0; ROOT]);
    let bytes = BYTES.take();
    let length = host::read_file(arguments.get("root").or_stop("the argument root= is there"), bytes);
    &bytes[..length]
}

/// What the host has in `/dev/urandom`. A real device has a generator of its own.
struct HostsRandomness;

impl RngCore for HostsRandomness {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }

    fn next_u64(&mut self) -> u64 {
        host::random_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        host::random(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        host::random(bytes);
        Ok(())
    }
}

impl CryptoRng for HostsRandomness {}
