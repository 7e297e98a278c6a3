//! The same as `http`, and the driver's messages go to a debugger by defmt: `tests/firmware/builds` compares the two.
#![no_std]
#![no_main]

use defmt_rtt as _;
use embassy_executor::Spawner;
use tidegate_core::profile::Everything;
use tidegate_images::http;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    http::<Everything>(spawner).await
}
