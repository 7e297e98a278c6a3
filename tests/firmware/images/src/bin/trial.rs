//! Shows that the board works: an address by DHCP, a connection over TCP, one response, and a checksum (FNV-1a, 64 bits)
//! over its body. Arguments: `port`, `path`, `key`, and `host` if it is not the machine that QEMU runs on.
#![no_std]
#![no_main]

use embassy_executor::Spawner;
use embassy_net::tcp::TcpSocket;
use embassy_net::{IpAddress, Stack};
use embassy_time::{Duration, Instant};
use embedded_io_async::Write;
use static_cell::ConstStaticCell;
use tidegate_board::host::{Arguments, OrStop as _};
use tidegate_board::{line, time};
use tidegate_core::http::h1::{Decoder, Event};
use tidegate_images::{HOST, done, online, tcp_buffers};

const HEAD_BUFFER: usize = 1_024;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let board = tidegate_board::start();
    let stack = online(spawner, board.network).await;
    line!("address_ms {}", Instant::now().as_millis());
    get(stack, board.arguments).await;
    done()
}

async fn get(stack: Stack<'static>, arguments: Arguments) {
    static HEAD: ConstStaticCell<[u8; HEAD_BUFFER]> = ConstStaticCell::new([0; HEAD_BUFFER]);

    let (received, sent) = tcp_buffers();
    let host = arguments.get("host").unwrap_or(HOST);
    let address: IpAddress = host.parse().or_stop("host= is an address");
    let mut socket = TcpSocket::new(stack, received, sent);
    socket.set_timeout(Some(Duration::from_secs(10)));
    socket.connect((address, arguments.needed("port"))).await.or_stop("the server listens");
    line!("connected_ms {}", Instant::now().as_millis());

    for part in [
        "GET ",
        arguments.get("path").unwrap_or("/"),
        " HTTP/1.1\r\nHost: ",
        host,
        "\r\nX-API-KEY: ",
        arguments.get("key").unwrap_or_default(),
        "\r\nConnection: close\r\n\r\n",
    ] {
        socket.write_all(part.as_bytes()).await.or_stop("the server takes the request");
    }
    socket.flush().await.or_stop("the server takes the request");

    let mut decoder = Decoder::new();
    let mut body = Body { bytes: 0, checksum: 0xcbf2_9ce4_8422_2325, nanoseconds: 0 };
    let head_buffer = HEAD.take();
    let mut ended = false;
    while !ended {
        ended = socket
            .read_with(|received| (received.len(), body.read(&mut decoder, head_buffer, received)))
            .await
            .or_stop("the server sends all of the response");
    }
    line!("ended_ms {}", Instant::now().as_millis());
    line!("bytes {}", body.bytes);
    line!("checksum {:016x}", body.checksum);
    line!("body_ns {}", body.nanoseconds);
}

/// What came of the body so far.
struct Body {
    bytes: u64,
    checksum: u64,
    /// Time spent on decoding and on the checksum.
    nanoseconds: u64,
}

impl Body {
    /// True when it has ended.
    fn read(&mut self, decoder: &mut Decoder, head_buffer: &mut [u8], mut received: &[u8]) -> bool {
        let begin = time::nanoseconds();
        let mut ended = false;
        if received.is_empty() {
            decoder.eof().or_stop("the response is complete");
            ended = true;
        }
        while let (taken, Some(event)) =
            decoder.push(received, head_buffer).or_stop("the response is HTTP/1.1")
        {
            match event {
                Event::Head(head) => line!("status {}", head.status()),
                Event::Body(bytes) => self.add(bytes),
                Event::End => {
                    ended = true;
                    break;
                }
            }
            received = &received[taken..];
        }
        self.nanoseconds += time::nanoseconds() - begin;
        ended
    }

    fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        for &byte in bytes {
            self.checksum = (self.checksum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
