//! An API that a test makes up: whatever a function says. It has no counter and no key but what that function knows of.

use crate::digest::Digest;
use crate::fault::Fault;
use crate::reply::{JSON, Reply};
use crate::request::Request;
use crate::service::Backend;
use crate::stats::Stats;

/// A status and a body of JSON for each request.
#[derive(Clone, Copy, Debug)]
pub struct Custom(pub fn(&Request<'_>) -> (u16, String));

impl Backend for Custom {
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
        request: &Request<'_>,
        _fault: Option<&Fault>,
        _stats: &mut Stats,
    ) -> Reply {
        let (status, body) = (self.0)(request);
        Reply::new(status, JSON, body)
    }

    fn digest(&self, _target: &str) -> Option<Digest> {
        None
    }
}
