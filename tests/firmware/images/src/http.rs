//! What the images over HTTP have in common. Arguments: see `pull`.

use core::pin::pin;

use embassy_executor::Spawner;
use tidegate_embassy::net::Tcp;

use crate::{Engine, apart, done, online, pull, tcp_buffers};

/// Pulls over HTTP with such an engine, and ends the machine.
pub async fn http<P: Engine>(spawner: Spawner) -> ! {
    let board = tidegate_board::start();
    let stack = apart(pin!(online(spawner, board.network))).await;
    let (received, sent) = tcp_buffers();
    apart(pin!(pull::<P>(board.arguments, Tcp::new(stack, received, sent)))).await;
    done()
}
