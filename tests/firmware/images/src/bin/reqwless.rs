//! The same pull with reqwless. Arguments: see `tidegate_images::peers`.
#![no_std]
#![no_main]

use core::pin::pin;

use embassy_executor::Spawner;
use embassy_net::Stack;
use embassy_net::dns::DnsSocket;
use embassy_net::tcp::client::{TcpClient, TcpClientState};
use reqwless::client::HttpClient;
use reqwless::request::{Method, RequestBuilder};
use tidegate_board::host::Arguments;
use tidegate_images::peers::{Failure, PAGE_BUFFER, Pulled, page_buffer};
use tidegate_images::{HOST, RECEIVE_BUFFER, SEND_BUFFER, apart, done, metered, online};

type Buffers = TcpClientState<1, SEND_BUFFER, RECEIVE_BUFFER>;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    static BUFFERS: static_cell::StaticCell<Buffers> = static_cell::StaticCell::new();
    let board = tidegate_board::start();
    let stack = apart(pin!(online(spawner, board.network))).await;
    let (buffers, page) = (BUFFERS.init_with(Buffers::new), page_buffer());
    let mut pulled = Pulled::default();
    let (outcome, worked) = metered(pin!(pull(stack, board.arguments, buffers, page, &mut pulled))).await;
    pulled.tell(outcome, worked);
    done()
}

async fn pull(
    stack: Stack<'static>,
    arguments: Arguments,
    buffers: &Buffers,
    page: &mut [u8; PAGE_BUFFER],
    pulled: &mut Pulled,
) -> Result<(), Failure> {
    let (tcp, dns) = (TcpClient::new(stack, buffers), DnsSocket::new(stack));
    let headers = [("X-API-KEY", arguments.get("key").unwrap_or_default())];
    let port: u16 = arguments.needed("port");
    let mut client = HttpClient::new(&tcp, &dns);
    loop {
        let url = pulled.target(format_args!("http://{HOST}:{port}"));
        let request = client.request(Method::GET, url.as_str()).await.map_err(|_| Failure::Client)?;
        let mut request = request.headers(&headers);
        let response = request.send(&mut page[..]).await.map_err(|_| Failure::Client)?;
        if !response.status.is_successful() {
            return Err(Failure::Status(response.status.0));
        }
        let body = response.body().read_to_end().await.map_err(|_| Failure::Client)?;
        if !pulled.take(body)? {
            return Ok(());
        }
    }
}
