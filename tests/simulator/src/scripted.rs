//! A server that a test wrote down, answer by answer: what it says goes out as it is, with its own fields, framing and ending.
//! It has no counter, no key and no faults but what the script has.

use crate::digest::Digest;
use crate::fault::Fault;
use crate::reply::{JSON, Reply};
use crate::request::Request;
use crate::response::Response;
use crate::service::Backend;
use crate::stats::Stats;
use std::fmt;
use std::sync::Arc;

/// What answers requests. One script may be played several times, so what a play remembers lies outside of it.
pub trait Script: fmt::Debug + Send + Sync {
    /// What the client's base URL has behind the origin.
    fn base_path(&self) -> &str;

    /// Answers a request that arrives at this Unix time in milliseconds. `memory` is empty at the first request, and kept
    /// from one to the next.
    fn answer(&self, memory: &mut Vec<u64>, now_ms: u64, request: &Request<'_>) -> Response;
}

/// A script that is being played.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    script: Arc<dyn Script>,
    memory: Vec<u64>,
}

impl Played {
    pub(crate) fn new(script: &Arc<dyn Script>) -> Self {
        Self { script: Arc::clone(script), memory: Vec::new() }
    }
}

impl Backend for Played {
    fn response(&mut self, now_ms: u64, request: &Request<'_>) -> Option<Response> {
        Some(self.script.answer(&mut self.memory, now_ms, request))
    }

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
        now_ms: u64,
        request: &Request<'_>,
        _fault: Option<&Fault>,
        _stats: &mut Stats,
    ) -> Reply {
        let Response { status, body, .. } = self.script.answer(&mut self.memory, now_ms, request);
        Reply::new(status, JSON, body)
    }

    fn digest(&self, _target: &str) -> Option<Digest> {
        None
    }
}
