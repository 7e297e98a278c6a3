//! The same pull with edge-http. Arguments: see `tidegate_images::peers`.
#![no_std]
#![no_main]

use core::pin::pin;

use edge_http::io::Body;
use edge_http::{Headers, Method, RequestHeaders, ResponseHeaders};
use embassy_executor::Spawner;
use embassy_net::tcp::TcpSocket;
use embassy_net::{IpAddress, Stack};
use embedded_io_async::Read;
use static_cell::ConstStaticCell;
use tidegate_board::host::Arguments;
use tidegate_images::peers::{Failure, PAGE_BUFFER, Pulled, page_buffer};
use tidegate_images::{HOST, apart, done, metered, online, tcp_buffers};

const HEAD_BUFFER: usize = 1_024;
const FIELDS: usize = 16;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let board = tidegate_board::start();
    let stack = apart(pin!(online(spawner, board.network))).await;
    let mut pulled = Pulled::default();
    let (outcome, worked) = metered(pin!(pull(stack, board.arguments, page_buffer(), &mut pulled))).await;
    pulled.tell(outcome, worked);
    done()
}

async fn pull(
    stack: Stack<'static>,
    arguments: Arguments,
    page: &mut [u8; PAGE_BUFFER],
    pulled: &mut Pulled,
) -> Result<(), Failure> {
    static HEAD: ConstStaticCell<[u8; HEAD_BUFFER]> = ConstStaticCell::new([0; HEAD_BUFFER]);
    let (head, (received, sent)) = (HEAD.take(), tcp_buffers());
    let address: IpAddress = HOST.parse().map_err(|_| Failure::Client)?;
    loop {
        let mut socket = TcpSocket::new(stack, received, sent);
        socket.connect((address, arguments.needed("port"))).await.map_err(|_| Failure::Client)?;
        let target = pulled.target(format_args!(""));
        let mut fields = Headers::<FIELDS>::new();
        fields.set("Host", HOST);
        fields.set("X-API-KEY", arguments.get("key").unwrap_or_default());
        fields.set("Connection", "close");
        let request =
            RequestHeaders { http11: true, method: Method::Get, path: target.as_str(), headers: fields };
        let (kind, _) = request.send(false, &mut socket).await.map_err(|_| Failure::Client)?;
        socket.flush().await.map_err(|_| Failure::Client)?;
        let mut response = ResponseHeaders::<FIELDS>::new();
        let (rest, count) =
            response.receive(&mut head[..], &mut socket, false).await.map_err(|_| Failure::Client)?;
        if response.code != 200 {
            return Err(Failure::Status(response.code));
        }
        let (_, form) = response.resolve::<embassy_net::tcp::Error>(kind).map_err(|_| Failure::Client)?;
        let mut body = Body::new(form, rest, count, &mut socket);
        let mut length = 0;
        loop {
            match body.read(&mut page[length..]).await.map_err(|_| Failure::Client)? {
                0 => break,
                count => length += count,
            }
        }
        if !pulled.take(&page[..length])? {
            return Ok(());
        }
    }
}
