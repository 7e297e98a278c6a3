//! What every image with a network has in common: embassy-net over the board's Ethernet controller, with an address by
//! DHCP, and a last line that tells what the image took of the board.
#![no_std]

mod http;
mod https;
pub mod peers;
mod pull;

pub use http::http;
pub use https::https;
pub use pull::{Comanage, Engine, pull};

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};

use embassy_executor::Spawner;
use embassy_net::{Config, Runner, Stack, StackResources};
use static_cell::ConstStaticCell;
use tidegate_board::host::OrStop as _;
use tidegate_board::network::Network;
use tidegate_board::{host, line, memory, stack, time};

/// Where QEMU's user network shows the host's loopback.
pub const HOST: &str = "10.0.2.2";

/// One each for DHCP, DNS and TCP.
const SOCKETS: usize = 3;

/// Awaits a future whose poll has a stack frame of its own, there only while it runs; else its caller's frame has room for
/// all that it ever moves about.
pub async fn apart<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    poll_fn(|context| poll(future.as_mut(), context)).await
}

/// The same, and the time that it worked: its own and what it calls, less what it waited. Under `-icount shift=0` that is
/// its instructions; those of the network's own task are not among them.
pub async fn metered<F: Future>(mut future: Pin<&mut F>) -> (F::Output, u64) {
    let mut worked = 0;
    let output = poll_fn(|context| {
        let begin = time::nanoseconds();
        let polled = poll(future.as_mut(), context);
        worked += time::nanoseconds().saturating_sub(begin);
        polled
    })
    .await;
    (output, worked)
}

#[inline(never)]
fn poll<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
    future.poll(context)
}

/// One segment: QEMU's user network sends one for each acknowledgement, and embassy-net waits 10 ms with that while
/// there is room for another.
pub const RECEIVE_BUFFER: usize = 1_460;
/// Requests are short.
pub const SEND_BUFFER: usize = 512;

/// The buffers of the one connection that is open at a time.
pub fn tcp_buffers() -> (&'static mut [u8; RECEIVE_BUFFER], &'static mut [u8; SEND_BUFFER]) {
    static RECEIVED: ConstStaticCell<[u8; RECEIVE_BUFFER]> = ConstStaticCell::new([0; RECEIVE_BUFFER]);
    static SENT: ConstStaticCell<[u8; SEND_BUFFER]> = ConstStaticCell::new([0; SEND_BUFFER]);
    (RECEIVED.take(), SENT.take())
}

/// Brings the network up. Returns when it has an address.
pub async fn online(spawner: Spawner, network: Network) -> Stack<'static> {
    static RESOURCES: ConstStaticCell<StackResources<SOCKETS>> = ConstStaticCell::new(StackResources::new());
    let config = Config::dhcpv4(Default::default());
    let (stack, runner) = embassy_net::new(network, config, RESOURCES.take(), host::random_u64());
    spawner.spawn(run(runner).or_stop("the network runs once"));
    stack.wait_config_up().await;
    stack
}

#[embassy_executor::task]
async fn run(mut runner: Runner<'static, Network>) -> ! {
    runner.run().await
}

/// Tells what the image took of flash, RAM and stack, and ends the machine.
pub fn done() -> ! {
    let stack = stack::usage();
    line!("flash {}", memory::flash());
    line!("statics {}", memory::statics());
    line!("stack_depth {}", stack.depth);
    line!("stack_free {}", stack.free);
    host::exit(host::exit_code::DONE)
}
