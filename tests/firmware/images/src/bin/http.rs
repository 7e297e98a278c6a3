//! Pulls over HTTP, with an engine that is able to do everything. Arguments: see `tidegate_images::http`.
#![no_std]
#![no_main]

use embassy_executor::Spawner;
use tidegate_core::profile::Everything;
use tidegate_images::http;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    http::<Everything>(spawner).await
}
