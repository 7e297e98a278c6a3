//! The driver: carries out the engine's steps with reqwest, and reports what came of them. It decides nothing: what to
//! send, when, what the bytes mean and what to retry are the engine's business, so every driver behaves alike.

use crate::clock::Clock;
use crate::error::Error;
use crate::event::{Event, Report, Sink};
use crate::flight::{Answered, Flight};
use crate::refusal::Refusal;
use crate::shared::{Shared, SharedGate};
use bytes::Bytes;
use reqwest::Method;
use reqwest::Response;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::future::Future;
use std::sync::Arc;
use tidegate_core::gate::WaitReason;
use tidegate_core::http::{Body, Request};
use tidegate_core::maintenance::Announcement;
use tidegate_core::problem::Problem;
use tidegate_core::pull::{Mark, Outcome, Settings, TransportFault};
use tidegate_core::time::Instant;
use tidegate_core::{Checkpoint, Endpoint, Pull, Step};
use zeroize::Zeroizing;

/// What a pull begins with: how large its buffers are, and what it goes on from.
#[derive(Debug)]
pub(crate) struct Before {
    /// The largest item in bytes.
    pub(crate) item: usize,
    /// How many ids of items are remembered.
    pub(crate) ids: usize,
    pub(crate) checkpoint: Option<Checkpoint>,
    /// The latest items of an earlier run.
    pub(crate) recalled: Vec<Vec<u8>>,
}

/// Runs a pull to its end.
///
/// # Cancel safety
///
/// The future may be dropped at any await point. Its connection is closed, its request stays counted, and the latest
/// checkpoint that the sink took goes on from there.
pub(crate) async fn drive<K: Sink>(
    shared: &Arc<Shared>,
    endpoint: &Endpoint<'_>,
    settings: Settings,
    before: Before,
    sink: &mut K,
) -> Result<Report, Error> {
    let project = shared.project.borrow()?;
    let (mut item_buffer, mut ids) = (vec![0; before.item], vec![Mark::EMPTY; before.ids]);
    let pull = begin(&project, endpoint, &settings, before, &mut item_buffer, &mut ids)?;
    let refusal = Refusal::default();
    let driver = Driver { shared, sink, pull, exchange: Exchange::None, transport_error: None, refusal };
    driver.run().await
}

/// The pull, on the heap: with its tokens it is large, and a future that holds it is copied into each that awaits it.
fn begin<'a>(
    project: &'a tidegate_core::api::Project<'a>,
    endpoint: &'a Endpoint<'a>,
    settings: &'a Settings,
    before: Before,
    item_buffer: &'a mut [u8],
    ids: &'a mut [Mark],
) -> Result<Box<Pull<'a>>, Error> {
    let pull = Pull::new(project, endpoint, settings, item_buffer, before.checkpoint).map_err(Error::Pull)?;
    let mut pull = Box::new(pull.remembering(ids));
    for item in before.recalled {
        pull.recall(&item);
    }
    Ok(pull)
}

struct Driver<'a, K> {
    shared: &'a Arc<Shared>,
    sink: &'a mut K,
    pull: Box<Pull<'a>>,
    exchange: Exchange,
    /// What the HTTP library said last, for people.
    transport_error: Option<String>,
    refusal: Refusal,
}

/// The request and response in hand. Dropping it closes the connection unless all was read.
enum Exchange {
    None,
    Head(Flight),
    Body(Response),
}

impl<'a, K: Sink> Driver<'a, K> {
    async fn run(mut self) -> Result<Report, Error> {
        loop {
            let now = self.shared.clock.now();
            let (step, seen) = self.with_gate(|pull, gate| (pull.step(gate, now), gate.changed()));
            if !matches!(step, Step::Receive { .. }) {
                self.exchange = Exchange::None;
            }
            match step {
                Step::Wait { until, why } => self.wait(now, until, why, seen).await?,
                Step::Send => self.send().await?,
                Step::Receive { deadline } => self.receive(deadline).await?,
                Step::Checkpoint => {
                    let (checkpoint, counters) = (self.pull.behind(), self.pull.counters());
                    tell(self.sink, Event::Checkpoint { checkpoint, counters }).await?;
                    self.pull.stored();
                }
                Step::Rewind { items } => {
                    tracing::debug!(items, "the page broke off");
                    self.tell(Event::Rewind { items }).await?;
                    self.pull.rewound();
                }
                Step::Done(outcome) => return Ok(self.report(outcome)),
            }
        }
    }

    async fn wait(&mut self, now: Instant, until: Instant, why: WaitReason, seen: u32) -> Result<(), Error> {
        let wait = until.since(now);
        let seconds = wait.as_millis() as f64 / 1000.0;
        match why {
            // These are over soon.
            WaitReason::Token | WaitReason::Turn => tracing::debug!(seconds, "waiting: {why}"),
            _ => tracing::info!(seconds, "waiting: {why}"),
        }
        self.tell(Event::Waiting { wait, why }).await?;
        self.shared.wait(until, seen).await;
        Ok(())
    }

    async fn send(&mut self) -> Result<(), Error> {
        let now = self.shared.clock.now();
        let shared = self.shared;
        let mut refusal = std::mem::take(&mut self.refusal);
        let sendable = self.with_gate(|pull, gate| {
            // Another pull may have taken the last slot since the step was given.
            if !pull.sent(gate, now) {
                return None;
            }
            let request = pull.request(gate)?;
            refusal.sent(&request);
            Some(sendable(&shared.http, &request))
        });
        self.refusal = refusal;
        match sendable {
            None => {}
            Some(Ok(sendable)) => {
                if let Some(target) = self.pull.target() {
                    tracing::debug!(%target, "sending");
                    tell(self.sink, Event::Sending { target }).await?;
                }
                // The sink may have taken its time. Behind the deadline the gate no longer counts the request.
                let now = shared.clock.now();
                if !matches!(self.with_gate(|pull, gate| pull.step(gate, now)), Step::Receive { .. }) {
                    return Ok(());
                }
                self.exchange = Exchange::Head(Flight::take_off(shared, self.pull.detach(), sendable));
            }
            // The library cannot send there: a host that is none, where the server points to a store.
            Some(Err(error)) => {
                self.transport_error = Some(error.to_string());
                self.failed(TransportFault::Connect);
            }
        }
        Ok(())
    }

    /// Receives the next piece of the answer. When the deadline passes first, the engine will see that by itself.
    async fn receive(&mut self, deadline: Instant) -> Result<(), Error> {
        let clock = self.shared.clock.as_ref();
        match &mut self.exchange {
            Exchange::None => {
                // The request was dropped before it was sent.
                self.failed(TransportFault::Broken);
                Ok(())
            }
            Exchange::Head(flight) => match before(clock, deadline, flight).await {
                Some(Answered::Head(response)) => self.head(response).await,
                Some(Answered::Failed(fault, explanation)) => {
                    self.transport_failed(fault, explanation);
                    Ok(())
                }
                None => Ok(()),
            },
            Exchange::Body(response) => match before(clock, deadline, response.chunk()).await {
                Some(Ok(Some(chunk))) => self.body(&chunk).await,
                Some(Ok(None)) => {
                    let now = clock.now();
                    self.with_gate(|pull, gate| pull.end(gate, now));
                    Ok(())
                }
                Some(Err(error)) => {
                    let (fault, explanation) = crate::flight::fault_of(&error);
                    self.transport_failed(fault, explanation);
                    Ok(())
                }
                None => Ok(()),
            },
        }
    }

    async fn head(&mut self, response: Response) -> Result<(), Error> {
        let now = self.shared.clock.now();
        let status = response.status().as_u16();
        let fields = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let announced = self.with_gate(|pull, gate| pull.head(gate, now, status, fields));
        tracing::debug!(status, "answered");
        self.refusal.answered(status);
        self.exchange = Exchange::Body(response);
        match announced {
            Some(event) => self.announce(event).await,
            None => Ok(()),
        }
    }

    async fn announce(&mut self, event: Event<'_>) -> Result<(), Error> {
        if let Event::Maintenance(announcement) = event {
            log_maintenance(announcement);
        }
        self.tell(event).await
    }

    async fn body(&mut self, chunk: &Bytes) -> Result<(), Error> {
        self.refusal.goes_on(chunk);
        let mut rest: &[u8] = chunk;
        while let Some(event) = self.pull.body(self.shared.clock.now(), &mut rest) {
            if let Event::Skipped { index, size } = event {
                tracing::warn!(index, size, "an item is larger than the item buffer and is left out");
            }
            tell(self.sink, event).await?;
        }
        Ok(())
    }

    fn transport_failed(&mut self, fault: TransportFault, explanation: String) {
        tracing::warn!(explanation, "{fault}");
        self.transport_error = Some(explanation);
        self.failed(fault);
    }

    fn failed(&mut self, fault: TransportFault) {
        let now = self.shared.clock.now();
        self.with_gate(|pull, gate| pull.failed(gate, now, fault));
    }

    fn report(&self, outcome: Outcome) -> Report {
        use tidegate_core::pull::Failure;
        let explanation = match outcome {
            Outcome::Failed(Failure::Transport(_)) => self.transport_error.clone(),
            // The status has no more to say than the sentence of the failure, so "nothing" is said too.
            Outcome::Failed(
                Failure::Status { .. }
                | Failure::NotFound { .. }
                | Failure::CursorExpired { .. }
                | Failure::TokenStatus { .. }
                | Failure::Credential { .. },
            ) => Some(self.pull.problem().to_string()),
            Outcome::Failed(Failure::Page(_) | Failure::NotJson { .. })
                if *self.pull.problem() != Problem::NONE =>
            {
                Some(self.pull.problem().to_string())
            }
            Outcome::Failed(_) | Outcome::Incomplete { .. } | Outcome::Complete(_) => None,
        };
        let (counters, checkpoint) = (*self.pull.counters(), *self.pull.checkpoint());
        let (status, location) = (self.pull.status(), self.pull.location().map(str::to_owned));
        let refusal = match outcome {
            Outcome::Failed(_) => {
                let project = self.shared.project.borrow().ok();
                project.and_then(|project| self.refusal.text(project.credential()))
            }
            Outcome::Complete(_) | Outcome::Incomplete { .. } => None,
        };
        Report { outcome, counters, checkpoint, status, location, explanation, refusal }
    }

    async fn tell(&mut self, event: Event<'_>) -> Result<(), Error> {
        tell(self.sink, event).await
    }

    fn with_gate<R>(&mut self, work: impl FnOnce(&mut Pull<'a>, &mut SharedGate) -> R) -> R {
        self.shared.with_gate(|gate| work(&mut self.pull, gate))
    }
}

/// Whoever waits for this pull goes on when nobody drives it any more.
impl<K> Drop for Driver<'_, K> {
    fn drop(&mut self) {
        let now = self.shared.clock.now();
        self.shared.with_gate(|gate| self.pull.abandoned(gate, now));
    }
}

fn log_maintenance(announcement: Option<Announcement>) {
    match announcement {
        Some(window) => tracing::warn!(
            start = window.start().as_secs(),
            end = window.end().as_secs(),
            "maintenance is announced"
        ),
        None => tracing::info!("the announced maintenance is no longer announced"),
    }
}

async fn tell<K: Sink>(sink: &mut K, event: Event<'_>) -> Result<(), Error> {
    sink.event(event).await.map_err(Error::Sink)
}

/// The result of `work`, unless the deadline comes first.
async fn before<T>(clock: &dyn Clock, deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = clock.sleep_until(deadline) => None,
    }
}

/// The request as reqwest takes it. Core has checked or encoded every part of it.
fn sendable(http: &reqwest::Client, request: &Request<'_>) -> Result<reqwest::Request, Error> {
    let url = format!("{}{}", request.origin(), request.target());
    let mut fields = HeaderMap::new();
    for field in request.fields() {
        let text = Zeroizing::new(field.value.expose().to_string());
        let mut value = HeaderValue::from_str(&text).map_err(|error| Error::Setup(error.into()))?;
        value.set_sensitive(field.value.is_secret());
        let name = HeaderName::from_bytes(field.name.as_bytes());
        fields.insert(name.map_err(|error| Error::Setup(error.into()))?, value);
    }
    let method = Method::from_bytes(request.method().as_str().as_bytes());
    let method = method.map_err(|error| Error::Setup(error.into()))?;
    let mut sendable = http.request(method, url).headers(fields);
    if request.body() != Body::None {
        let mut body = Vec::new();
        request.body().write(&mut |piece| body.extend_from_slice(piece));
        sendable = sendable.body(body);
    }
    sendable.build().map_err(|error| Error::Setup(error.into()))
}
