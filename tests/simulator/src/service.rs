//! Which API is simulated, and what each must be able to say. `comanage` and its neighbours implement [`Backend`]; the
//! model knows them by nothing else.

use crate::comanage::Comanage;
use crate::config::Config;
use crate::custom::Custom;
use crate::digest::Digest;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::request::Request;
use crate::response::Response;
use crate::scripted::{Played, Script};
use crate::stats::Stats;
use crate::{coredata, frends, kontent, opsramp};
use std::sync::Arc;

/// The API that is simulated. What is set beside it holds for each where it makes sense: the seed, framing, coding, and
/// faults; the keys, limits, and forms of a page in [`Config`] itself are CoManage's.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Service {
    #[default]
    Comanage,
    Kontent(kontent::Config),
    OpsRamp(opsramp::Config),
    CoreData(coredata::Config),
    Frends(frends::Config),
    Custom(Custom),
    Scripted(Arc<dyn Script>),
}

/// A service's side of an exchange. The order is: [`Backend::admit`], then, if that lets it pass and no fault takes its
/// place, [`Backend::content`], then [`Backend::fields`].
pub(crate) trait Backend {
    /// The whole response, where the service writes it down itself; nothing else is asked for then.
    fn response(&mut self, _now_ms: u64, _request: &Request<'_>) -> Option<Response> {
        None
    }

    /// Whether a request that arrives now is let pass: maintenance, credentials and counters, each in the service's own
    /// order. `reject` wants it rejected as if a limit were reached, if it gets as far as the counters, which are then
    /// left alone. Counts what it decides (`accepted`, `rejected`, `unauthorized`).
    fn admit(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        reject: bool,
        stats: &mut Stats,
    ) -> Result<(), Reply>;

    /// What is answered to a request that was let pass. `fault` is one of content that is not answered by the model
    /// itself; a service does what it knows of it, if anything. Counts `pages`, `items`, `writes` and `tokens`.
    fn content(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        fault: Option<&Fault>,
        stats: &mut Stats,
    ) -> Reply;

    /// Fields that every response has, refusals included, asked after the answer is decided.
    fn fields(&self, _now_ms: u64, _request: &Request<'_>) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The key after which a page is asked for, if one is, for `Trigger::Page`: CoManage's alone.
    fn cursor(&self, _request: &Request<'_>) -> Option<Option<i64>> {
        None
    }

    /// So many requests of others reach the counter that all share. Returns how many it let pass.
    fn take_others(&mut self, _now_ms: u64, _requests: u64, _stats: &mut Stats) -> u64 {
        0
    }

    /// Number and checksum of all items of the list that a target (path and query, filters obeyed, paging ignored)
    /// names: what a whole pull must amount to.
    fn digest(&self, target: &str) -> Option<Digest>;
}

/// The service that is simulated, with all that it remembers.
#[derive(Clone, Debug)]
pub(crate) enum State {
    Comanage(Box<Comanage>),
    Kontent(Box<kontent::Kontent>),
    OpsRamp(Box<opsramp::OpsRamp>),
    CoreData(Box<coredata::CoreData>),
    Frends(Box<frends::Frends>),
    Custom(Custom),
    Scripted(Played),
}

impl State {
    pub(crate) fn new(config: &Config) -> Self {
        let seed = config.seed;
        match &config.service {
            Service::Comanage => Self::Comanage(Box::new(Comanage::new(config.clone()))),
            Service::Kontent(own) => Self::Kontent(Box::new(kontent::Kontent::new(own.clone(), seed))),
            Service::OpsRamp(own) => Self::OpsRamp(Box::new(opsramp::OpsRamp::new(own.clone(), seed))),
            Service::CoreData(own) => Self::CoreData(Box::new(coredata::CoreData::new(own.clone(), seed))),
            Service::Frends(own) => Self::Frends(Box::new(frends::Frends::new(own.clone(), seed))),
            Service::Custom(own) => Self::Custom(*own),
            Service::Scripted(script) => Self::Scripted(Played::new(script)),
        }
    }

    pub(crate) fn backend(&mut self) -> &mut dyn Backend {
        match self {
            Self::Comanage(state) => state.as_mut(),
            Self::Kontent(state) => state.as_mut(),
            Self::OpsRamp(state) => state.as_mut(),
            Self::CoreData(state) => state.as_mut(),
            Self::Frends(state) => state.as_mut(),
            Self::Custom(state) => state,
            Self::Scripted(state) => state,
        }
    }

    pub(crate) fn view(&self) -> &dyn Backend {
        match self {
            Self::Comanage(state) => state.as_ref(),
            Self::Kontent(state) => state.as_ref(),
            Self::OpsRamp(state) => state.as_ref(),
            Self::CoreData(state) => state.as_ref(),
            Self::Frends(state) => state.as_ref(),
            Self::Custom(state) => state,
            Self::Scripted(state) => state,
        }
    }
}
