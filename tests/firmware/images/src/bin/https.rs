//! Pulls over HTTPS, with an engine that is able to do everything. Arguments: see `tidegate_images::https`.
#![no_std]
#![no_main]

use embassy_executor::Spawner;
use tidegate_core::profile::Everything;
use tidegate_images::https;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    https::<Everything>(spawner).await
}
