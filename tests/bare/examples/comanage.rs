//! The engine with what the objects of a CoManage project need.
#![no_std]

use tidegate_bare::{Device, Objects};
use tidegate_core::pull::{Outcome, PullError};
use tidegate_core::quota::{QuotaError, Slot};
use tidegate_core::{Gate, Project};

/// See [`tidegate_bare::gate`].
#[unsafe(no_mangle)]
pub fn gate() -> Result<Gate<[Slot; 200]>, QuotaError> {
    tidegate_bare::gate()
}

/// See [`tidegate_bare::pull`].
#[unsafe(no_mangle)]
pub fn pull(
    device: &mut dyn Device,
    project: &Project<'_>,
    gate: &mut Gate<[Slot; 200]>,
    stored: Option<&[u8]>,
) -> Result<Outcome, PullError> {
    tidegate_bare::pull::<Objects>(device, project, gate, stored)
}
