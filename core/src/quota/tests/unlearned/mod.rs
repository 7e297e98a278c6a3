//! A quota with an even line in a build that does not learn from rejections.

#[path = "../even.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests of another quota")]
mod even;
#[path = "../line.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests of another quota")]
mod line;

use super::*;
use crate::profile::Capabilities;

quota_of!(Capabilities::LEAST.even());
