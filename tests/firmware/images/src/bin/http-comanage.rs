//! Pulls over HTTP, with what a CoManage project needs. Arguments: see `tidegate_images::http`.
#![no_std]
#![no_main]

use embassy_executor::Spawner;
use tidegate_images::{Comanage, http};

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    http::<Comanage>(spawner).await
}
