//! Pulls over HTTP. Arguments: see `tidegate_images::pull`.
#![no_std]
#![no_main]

use embassy_executor::Spawner;
use tidegate_embassy::net::Tcp;
use tidegate_images::{done, online, pull, tcp_buffers};

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let board = tidegate_board::start();
    let stack = online(spawner, board.network).await;
    let (received, sent) = tcp_buffers();
    pull(board.arguments, Tcp::new(stack, received, sent)).await;
    done()
}
