//! Pulls over HTTPS, with what a CoManage project needs. Arguments: see `tidegate_images::https`.
#![no_std]
#![no_main]

use embassy_executor::Spawner;
use tidegate_images::{Comanage, https};

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    https::<Comanage>(spawner).await
}
