//! Pulls over HTTP. Arguments: see `tidegate_images::pull`.
#![no_std]
#![no_main]

use core::pin::pin;

use embassy_executor::Spawner;
use tidegate_embassy::net::Tcp;
use tidegate_images::{apart, done, online, pull, tcp_buffers};

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let board = tidegate_board::start();
    let stack = apart(pin!(online(spawner, board.network))).await;
    let (received, sent) = tcp_buffers();
    apart(pin!(pull(board.arguments, Tcp::new(stack, received, sent)))).await;
    done()
}
