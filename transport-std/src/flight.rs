//! A request on its way, in a task of its own. The head of its answer is noted in the gate when it comes, even if nobody polls
//! the pull at that moment: others wait for the server, and never for the owner of a stream.

use crate::shared::Shared;
use reqwest::{Request, Response};
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tidegate_core::pull::{InFlight, TransportFault};
use tokio::task::JoinHandle;

/// What came of a request.
pub(crate) enum Answered {
    Head(Response),
    /// No head. The text is for people.
    Failed(TransportFault, String),
}

/// A request on its way. It is a future of what comes of it; dropping it closes the connection.
pub(crate) struct Flight(JoinHandle<Answered>);

impl Flight {
    /// Sends a request. `in_flight` is what it holds of the gate.
    pub(crate) fn take_off(shared: &Arc<Shared>, in_flight: Option<InFlight>, request: Request) -> Self {
        let held = Held { shared: Arc::clone(shared), in_flight };
        Self(tokio::spawn(async move {
            let answered = held.shared.http.execute(request).await;
            held.settle(&answered);
            match answered {
                Ok(response) => Answered::Head(response),
                Err(error) => {
                    let (fault, explanation) = fault_of(&error);
                    Answered::Failed(fault, explanation)
                }
            }
        }))
    }
}

impl Future for Flight {
    type Output = Answered;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answered> {
        Pin::new(&mut self.0).poll(context).map(|ended| {
            // The task was ended from outside: the runtime is shutting down, or the HTTP library has panicked.
            ended.unwrap_or_else(|error| Answered::Failed(TransportFault::Broken, error.to_string()))
        })
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the request holds of the gate.
struct Held {
    shared: Arc<Shared>,
    in_flight: Option<InFlight>,
}

impl Held {
    fn settle(mut self, answered: &reqwest::Result<Response>) {
        let Some(in_flight) = self.in_flight.take() else { return };
        let (now, api) = (self.shared.clock.now(), self.shared.project.api());
        self.shared.with_gate(|gate| match answered {
            Ok(response) => {
                let fields = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
                in_flight.head(gate, api, now, response.status().as_u16(), fields);
            }
            Err(_) => in_flight.failed(gate, now),
        });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(in_flight) = self.in_flight.take() {
            let now = self.shared.clock.now();
            self.shared.with_gate(|gate| in_flight.dropped(gate, now));
        }
    }
}

/// Of which kind an error of the HTTP library is, and what it says.
pub(crate) fn fault_of(error: &reqwest::Error) -> (TransportFault, String) {
    let explanation = innermost(error);
    let fault = if is_certificate(error) {
        TransportFault::Certificate
    } else if error.is_connect() && is_unknown_host(&explanation) {
        TransportFault::UnknownHost
    } else if error.is_connect() {
        TransportFault::Connect
    } else if error.is_timeout() {
        TransportFault::Timeout
    } else {
        TransportFault::Broken
    };
    (fault, explanation)
}

/// What is really wrong: the libraries wrap it in layers that only say that something is.
fn innermost(error: &reqwest::Error) -> String {
    sources(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// All that an error wraps, from the outside in.
fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let source = next?;
        next = source.source();
        Some(source)
    })
}

/// Whether the server's certificate was refused. That does not pass by itself.
fn is_certificate(error: &reqwest::Error) -> bool {
    sources(error).filter_map(tls_error).any(|error| {
        matches!(error, rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
    })
}

/// What the TLS library says, however often it was wrapped as an error of input and output, which hides what it holds.
fn tls_error<'e>(mut error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    while let Some(io) = error.downcast_ref::<std::io::Error>() {
        error = io.get_ref()?;
    }
    error.downcast_ref()
}

/// Whether the resolver says that there is no such name, in contrast to a resolver that cannot be reached. It says so in its
/// text alone: the texts of `EAI_NONAME` in glibc, musl and on macOS.
fn is_unknown_host(explanation: &str) -> bool {
    ["Name or service not known", "Name does not resolve", "nodename nor servname provided"]
        .iter()
        .any(|text| explanation.contains(text))
}
