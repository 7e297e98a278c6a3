//! One request in, one response out, whatever the service: which fault meets the request is found here, what is
//! answered is the service's own business, and how it goes out is the same for all.

use crate::comanage::list::List;
use crate::config::Config;
use crate::digest::{Digest, digest};
use crate::dress::dress;
use crate::fault::{Fault, FaultPlan, Trigger};
use crate::reply::Reply;
use crate::request::Request;
use crate::response::Response;
use crate::service::State;
use crate::stats::Stats;

/// The API: its state is the service's, the faults still to come, and what has been counted.
#[derive(Clone, Debug)]
pub struct Simulator {
    config: Config,
    state: State,
    faults: FaultPlan,
    stats: Stats,
}

impl Simulator {
    /// A server that has seen nothing yet.
    pub fn new(config: Config) -> Self {
        Self {
            state: State::new(&config),
            faults: FaultPlan::new(config.faults.clone()),
            stats: Stats::default(),
            config,
        }
    }

    /// Answers a request that arrives at this Unix time in milliseconds.
    pub fn answer(&mut self, now_ms: u64, request: &Request<'_>) -> Response {
        self.stats.requests += 1;
        let backend = self.state.backend();
        if let Some(whole) = backend.response(now_ms, request) {
            return whole;
        }
        let hit = self.faults.find(self.stats.requests, backend.cursor(request));
        let fault = hit.as_ref().map(|hit| &hit.fault);
        let reject = fault == Some(&Fault::RejectLimit);
        let (reply, hit) = match backend.admit(now_ms, request, reject, &mut self.stats) {
            Ok(()) => {
                let other = fault.and_then(Reply::in_place);
                let reply = other.unwrap_or_else(|| backend.content(now_ms, request, fault, &mut self.stats));
                (reply, hit)
            }
            Err(refusal) => {
                let hit = hit.filter(|hit| hit.holds_for_refusal(refusal.status));
                (refusal, hit)
            }
        };
        let reply = reply.after(backend.fields(now_ms, request));
        if let Some(hit) = &hit {
            self.faults.spend(hit);
            self.stats.faults += 1;
        }
        dress(&self.config, now_ms, request, reply, hit.map(|hit| hit.fault))
    }

    /// What has happened so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// What a complete pull of one of CoManage's lists must amount to.
    pub fn digest(&self, list: List) -> Digest {
        digest(&self.config, list)
    }

    /// What a complete pull must amount to that begins at this path and query, filters obeyed and paging ignored; `None`
    /// if the service has no such list. It is that of the list as it stands now.
    pub fn digest_of(&self, target: &str) -> Option<Digest> {
        self.state.view().digest(target)
    }

    /// How it is configured. Its faults are those of the beginning.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Forgets the faults still to come and takes these.
    pub fn set_faults(&mut self, faults: Vec<(Trigger, Fault)>) {
        self.faults = FaultPlan::new(faults);
    }

    /// One more fault, after those already set.
    pub fn push_fault(&mut self, trigger: Trigger, fault: Fault) {
        self.faults.push(trigger, fault);
    }

    /// So many requests of others that share the counter reach it now. Returns how many it let pass; none where the
    /// service has no counter that all share.
    pub fn take_others(&mut self, now_ms: u64, requests: u64) -> u64 {
        self.state.backend().take_others(now_ms, requests, &mut self.stats)
    }
}
