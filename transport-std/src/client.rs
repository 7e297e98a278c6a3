//! The client: one project, one connection pool, one gate, and the pulls that go through them.

use crate::answer::{Answer, Gathered};
use crate::clock::{Clock, SystemClock};
use crate::driver;
use crate::error::Error;
use crate::event::{Report, Sink};
use crate::project::Project;
use crate::shared::{Shared, SharedGate};
use crate::spent::Spent;
use crate::stream::{Items, RawItems};
use crate::tls;
use rustls::pki_types::CertificateDer;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use tidegate_core::gate::WithToken;
use tidegate_core::http::{BaseUrl, Scheme};
use tidegate_core::maintenance::Announcement;
use tidegate_core::pull::{Outcome, Settings};
use tidegate_core::quota::Slot;
use tidegate_core::{Checkpoint, Endpoint, Gate};
use zeroize::Zeroizing;

/// The item buffer that a pull has unless it asks for another: 16 MiB, of which only what is used is ever touched.
const ITEM_BUFFER: usize = 16 << 20;

/// The memory for the quota: a quarter of a megabyte at the most.
const SLOTS: usize = 1 << 16;

/// Sends the requests of one project. Clones share the connections and the quota.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
}

/// Tokens that carry claims have some two thousand bytes.
const TOKEN: usize = 16 << 10;

impl Client {
    /// A client for a project, to be configured.
    pub fn builder(project: impl Into<Project>) -> ClientBuilder {
        ClientBuilder { project: project.into(), roots: Vec::new(), clock: None, before: Before::Unknown }
    }

    /// A pull of an endpoint, to be configured and then run.
    pub fn pull<'e>(&self, endpoint: Endpoint<'e>) -> Pull<'e> {
        Pull {
            shared: Arc::clone(&self.shared),
            endpoint,
            settings: with_seed(Settings::DEFAULT),
            item_buffer: ITEM_BUFFER,
            checkpoint: None,
            ids: 0,
            recalled: Vec::new(),
        }
    }

    /// Sends one request and receives its answer, through the same limit, retries and error handling as a pull. What is
    /// described as harmless is sent again where that helps; all else once, unless it is known not to have arrived.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`] if there is no answer that did what was asked, [`Error::NotACall`] for a list.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped the connection is closed; nobody knows whether the request arrived.
    pub async fn send(&self, endpoint: Endpoint<'_>) -> Result<Answer, Error> {
        self.pull(endpoint).send().await
    }

    /// What a restart must not forget: how much of the limit is used up now, and what the server said.
    pub fn spent(&self) -> Spent {
        let now = self.shared.clock.now();
        self.shared.with_gate(|gate| Spent::of(gate, now))
    }

    /// The maintenance that the server announced last.
    pub fn announced_maintenance(&self) -> Option<Announcement> {
        self.shared.with_gate(|gate| gate.announced_maintenance())
    }
}

/// Configures a [`Client`].
#[derive(Clone)]
pub struct ClientBuilder {
    project: Project,
    roots: Vec<CertificateDer<'static>>,
    clock: Option<Arc<dyn Clock>>,
    before: Before,
}

/// What is known of the time before.
#[derive(Clone)]
enum Before {
    Unknown,
    Unused,
    Spent(Spent),
}

impl ClientBuilder {
    /// Also trusts servers that one of these certificates vouches for, in PEM form.
    ///
    /// # Errors
    ///
    /// No certificate, or none that can be read.
    pub fn trust(mut self, pem: &[u8]) -> Result<Self, Error> {
        self.roots.extend(tls::parse_roots(pem)?);
        Ok(self)
    }

    /// Runs on another clock than the system's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Goes on from what was spent before a restart, as [`Client::spent`] told, less the time since then
    /// ([`Spent::later`]).
    #[must_use]
    pub fn spent(mut self, spent: Spent) -> Self {
        self.before = Before::Spent(spent);
        self
    }

    /// Begins at once, for a caller who knows that nothing was sent to the project for a whole window. Without this, and
    /// without [`ClientBuilder::spent`], the first request waits for a window, which a run of the program right before may
    /// have used up: a program that crashes and starts again would otherwise be rejected.
    #[must_use]
    pub fn unused(mut self) -> Self {
        self.before = Before::Unused;
        self
    }

    /// The client. Redirects, retries, proxies from the environment and decompression are all off: the first two are
    /// the engine's business, and the others would send the credential, or take bytes, past it.
    ///
    /// # Errors
    ///
    /// Limits that cannot be kept, or no usable roots of trust on this machine for an `https` project.
    pub fn build(self) -> Result<Client, Error> {
        let Self { project, roots, clock, before } = self;
        let is_https =
            |url: &str| BaseUrl::parse(url).is_ok_and(|url| url.origin().scheme() == Scheme::Https);
        let tls = match tls::client_config(roots) {
            Ok(tls) => tls,
            // A machine without roots may still talk to its own network in plain text.
            Err(_) if !is_https(project.base_url()) && !project.token_url().is_some_and(is_https) => {
                tls::unused_config()?
            }
            Err(error) => return Err(error),
        };
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .user_agent(concat!("tidegate/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Error::Setup(error.into()))?;
        let clock = clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let windows = project.windows();
        // Exact as far as it goes; a limit of more requests than that shares slots, and loses next to nothing by it.
        let slots = vec![Slot::FREE; windows.slots().min(SLOTS)];
        let memory = WithToken { slots, token: Zeroizing::new(vec![0; TOKEN]) };
        let mut gate: SharedGate = Gate::new(windows, project.terms(), memory).map_err(Error::Quota)?;
        match before {
            Before::Unknown => {}
            Before::Unused => gate = gate.unused(),
            Before::Spent(spent) => spent.restore(&mut gate, clock.now()),
        }
        gate.begin(clock.now());
        gate.assume_clock(clock.unix(), clock.now());
        Ok(Client { shared: Arc::new(Shared::new(project, http, clock, gate)) })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("project", &self.project).finish_non_exhaustive()
    }
}

/// A pull of one endpoint, not yet running.
#[derive(Debug)]
pub struct Pull<'e> {
    shared: Arc<Shared>,
    endpoint: Endpoint<'e>,
    settings: Settings,
    item_buffer: usize,
    checkpoint: Option<Checkpoint>,
    ids: usize,
    recalled: Vec<Vec<u8>>,
}

impl<'e> Pull<'e> {
    /// Other limits than [`Settings::DEFAULT`]. A seed of 0 stands for a random one.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = with_seed(settings);
        self
    }

    /// The largest item in bytes, 16 MiB if not given.
    #[must_use]
    pub fn max_item(mut self, bytes: usize) -> Self {
        self.item_buffer = bytes;
        self
    }

    /// Goes on from where a checkpoint stands.
    #[must_use]
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.checkpoint = Some(checkpoint);
        self
    }

    /// Remembers so many ids of items, and leaves out an item whose id is among them: see
    /// [`tidegate_core::Pull::remembering`]. The endpoint says by what items are known ([`Endpoint::known_by`]).
    #[must_use]
    pub fn remembering(mut self, ids: usize) -> Self {
        self.ids = ids;
        self
    }

    /// Remembers the latest items that an earlier run handed over, in their order. They are left out if they come again, as far
    /// as [`Pull::remembering`] has room for them.
    #[must_use]
    pub fn recalling(mut self, items: impl IntoIterator<Item = Vec<u8>>) -> Self {
        self.recalled = items.into_iter().collect();
        self
    }

    /// Sends the one request that the endpoint describes and receives its answer: see [`Client::send`]. The body may have
    /// as many bytes as an item.
    ///
    /// # Errors
    ///
    /// As [`Client::send`].
    ///
    /// # Cancel safety
    ///
    /// As [`Client::send`].
    pub async fn send(mut self) -> Result<Answer, Error> {
        if self.endpoint.is_list() {
            return Err(Error::NotACall);
        }
        self.settings.page_bytes = self.settings.page_bytes.min(self.item_buffer as u64);
        // A body is not put together there, but a token and a location are.
        self.item_buffer = TOKEN;
        let mut body = Gathered::default();
        let report = self.drive(&mut body).await?;
        match report.outcome {
            // A call has no total.
            Outcome::Complete(_) | Outcome::Incomplete { .. } => {
                let Report { status, location, .. } = report;
                // A call that was done before is not done again, and nobody knows what came of it.
                let status = status.ok_or(Error::Ended)?;
                Ok(Answer { status, location, body: body.bytes.into() })
            }
            Outcome::Failed(failure) => Err(Error::failed(failure, report)),
        }
    }

    pub(crate) const fn is_list(&self) -> bool {
        self.endpoint.is_list()
    }

    /// Where it goes on from.
    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint
    }

    /// Typed items, one by one. An unchanged item is not delivered twice, even if its page had to be fetched again.
    pub fn items<T: DeserializeOwned>(self) -> Items<'e, T> {
        Items::new(self.raw_items())
    }

    /// Items as the server wrote them, one by one. An unchanged item is not delivered twice, even if its page had to
    /// be fetched again.
    pub fn raw_items(self) -> RawItems<'e> {
        RawItems::new(self)
    }

    /// Runs the pull and hands everything it gives to a sink, without copying items. With a sink that forgets on
    /// [`crate::Event::Rewind`] and stores on [`crate::Event::Checkpoint`], each item is stored exactly once.
    ///
    /// # Errors
    ///
    /// An endpoint or a checkpoint that cannot be used, or the sink's own error. How the pull itself ended, well or
    /// not, is in the report.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any await point: the latest checkpoint that the sink took goes on from there.
    pub async fn drive<K: Sink>(self, sink: &mut K) -> Result<Report, Error> {
        let Self { shared, endpoint, settings, item_buffer, checkpoint, ids, recalled } = self;
        let before = driver::Before { item: item_buffer, ids, checkpoint, recalled };
        Box::pin(driver::drive(&shared, &endpoint, settings, before, sink)).await
    }
}

/// Clients that fail together must not come back together.
fn with_seed(settings: Settings) -> Settings {
    match settings.seed {
        0 => Settings { seed: fastrand::u64(1..), ..settings },
        _ => settings,
    }
}
