//! OpsRamp: nothing is at any path yet.

use crate::digest::Digest;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::Backend;
use crate::stats::Stats;

/// What can be set of OpsRamp.
#[derive(Clone, Debug, Default)]
pub struct Config {}

#[derive(Clone, Debug)]
pub(crate) struct OpsRamp {}

impl OpsRamp {
    pub(crate) fn new(_config: Config, _seed: u64) -> Self {
        Self {}
    }
}

impl Backend for OpsRamp {
    fn admit(
        &mut self,
        _now_ms: u64,
        _request: &Request<'_>,
        _reject: bool,
        stats: &mut Stats,
    ) -> Result<(), Reply> {
        stats.accepted += 1;
        Ok(())
    }

    fn content(
        &mut self,
        _now_ms: u64,
        _request: &Request<'_>,
        _fault: Option<&Fault>,
        _stats: &mut Stats,
    ) -> Reply {
        Reply::empty(404)
    }

    fn digest(&self, _target: &str) -> Option<Digest> {
        None
    }
}
