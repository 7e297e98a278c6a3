//! Real sockets: the simulator on loopback, and tokio's sockets as connections of `embedded-io-async`.

use super::{Device, time};
use crate::scenario::Scenario;
use crate::served::Served;
use crate::trace::Run;
use embedded_io_adapters::tokio_1::FromTokio;
use embedded_io_async::{ErrorType, Read, Write};
use std::io;
use tidegate_core::http::Origin;
use tidegate_embassy::{Connect, ConnectError, Connection};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

pub(crate) fn run(scenario: &Scenario) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let served = Served::start(scenario).await;
        let _running = time::Running::on(&served.clock);
        let device = Device { scenario, clock: &served.clock, base_url: &served.base_url };
        let mut run = device.run(&mut Sockets).await;
        run.stats = served.stop().await;
        run
    })
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
