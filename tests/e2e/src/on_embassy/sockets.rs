//! Real sockets: the simulator on loopback, and tokio's sockets as connections of `embedded-io-async`.

use super::{Device, time};
use crate::clock::VirtualClock;
use crate::scenario::Scenario;
use crate::served::Served;
use crate::trace::Run;
use embedded_io_adapters::tokio_1::FromTokio;
use embedded_io_async::{ErrorType, Read, Write};
use rand_core::OsRng;
use std::io;
use tidegate_core::http::Origin;
use tidegate_embassy::tls::{Buffers, RecordLength, SEND_BUFFER, TlsConnector, Trust};
use tidegate_embassy::{Connect, ConnectError, Connection};
use tidegate_std::Clock as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

pub(crate) fn run(scenario: &Scenario) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let served = Served::start(scenario).await;
        let _running = time::Running::on(&served.clock);
        let device = Device { scenario, clock: &served.clock, base_url: &served.base_url };
        let mut run = match &served.roots {
            None => device.run(&mut Sockets).await,
            Some(roots) => over_tls(&device, &served.clock, roots).await,
        };
        run.stats = served.stop().await;
        run
    })
}

/// Runs with TLS, trusting an authority in PEM form.
async fn over_tls(device: &Device<'_>, clock: &VirtualClock, roots: &str) -> Run {
    let authority = CertificateDer::from_pem_slice(roots.as_bytes()).expect("a certificate");
    let authorities = [authority.as_ref()];
    let (mut received, mut sent) = (vec![0; RecordLength::Any.buffer()], vec![0; SEND_BUFFER]);
    let buffers = Buffers::new(&mut received, &mut sent, RecordLength::Any).expect("records fit");
    let now = || Some(clock.unix());
    device.run(&mut TlsConnector::new(Sockets, buffers, Trust::Authority(&authorities), OsRng, now)).await
}

/// Opens sockets of this machine.
struct Sockets;

impl Connect for Sockets {
    type Connection<'c> = Socket;

    async fn connect(&mut self, origin: Origin<'_>) -> Result<Socket, ConnectError> {
        let stream = TcpStream::connect((origin.host(), origin.port())).await;
        let stream = stream.map_err(|_| ConnectError::Refused)?;
        stream.set_nodelay(true).map_err(|_| ConnectError::Refused)?;
        Ok(Socket(FromTokio::new(stream)))
    }
}

struct Socket(FromTokio<TcpStream>);

impl Connection for Socket {
    fn is_reusable(&mut self) -> bool {
        let nothing = self.0.inner().try_read(&mut [0]);
        nothing.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    async fn close(&mut self) {
        // The scenario is over.
        let _ = self.0.inner_mut().shutdown().await;
    }
}

impl ErrorType for Socket {
    type Error = io::Error;
}

impl Read for Socket {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).await
    }
}

impl Write for Socket {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).await
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.0.flush().await
    }
}
