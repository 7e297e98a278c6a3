//! What the benchmark and the differential test share.

pub mod corpora;
pub mod limits;
pub mod peers;
