//! What no second attempt can mend below HTTP, where a scripted answer never gets: `tidegate-std` ends at once, and says why.

use std::sync::{Arc, Mutex};
use tidegate_core::api::comanage;
use tidegate_e2e::{START, VirtualClock};
use tidegate_simulator::{Config, Server, ServerOptions, Simulator, TlsIdentity};
use tidegate_std::{Client, Clock, Event, Project, Report, Sink, SinkError};

/// Lets time pass whenever its pull waits, and counts requests.
struct Counter {
    clock: Arc<VirtualClock>,
    requests: usize,
}

impl Sink for Counter {
    async fn event(&mut self, event: Event<'_>) -> Result<(), SinkError> {
        match event {
            Event::Waiting { wait, .. } => self.clock.advance(wait),
            Event::Sending { .. } => self.requests += 1,
            _ => {}
        }
        Ok(())
    }
}

/// Pulls a list from a server that has this certificate, and counts the attempts.
async fn pulled(identity: TlsIdentity, trusted: Option<&str>) -> (Report, usize) {
    let clock = Arc::new(VirtualClock::new(START));
    let simulator = Arc::new(Mutex::new(Simulator::new(Config::default())));
    let at_server = Arc::clone(&clock);
    let options = ServerOptions {
        clock: Arc::new(move || at_server.unix().as_millis()),
        tls: Some(identity),
        ..ServerOptions::default()
    };
    let server = Server::start(simulator, options).await.expect("a free port");
    let project = Project::new(&comanage::API, server.base_url(), tidegate_simulator::DEFAULT_KEY);
    let mut client = Client::builder(project.expect("a usable project"))
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .unused();
    if let Some(roots) = trusted {
        client = client.trust(roots.as_bytes()).expect("a readable certificate");
    }
    let client = client.build().expect("a client");
    let mut sink = Counter { clock, requests: 0 };
    let pull = client.pull(comanage::view_objects("/objects", 42));
    let report = pull.drive(&mut sink).await.expect("it runs");
    (report, sink.requests)
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_ends_a_pull_at_once() {
    let (_, identity) = TlsIdentity::generate(&[]).expect("a certificate");
    let (report, requests) = pulled(identity, None).await;
    let outcome = format!("{:?}", report.outcome);
    assert!(outcome.starts_with("Failed"), "{outcome}");
    assert!(requests <= 2, "{requests} requests: {outcome} {:?}", report.explanation);
}

#[tokio::test]
async fn a_certificate_of_another_authority_ends_a_pull_at_once() {
    let (_, identity) = TlsIdentity::generate(&[]).expect("a certificate");
    let (others, _) = TlsIdentity::generate(&[]).expect("a certificate");
    let (report, requests) = pulled(identity, Some(&others)).await;
    let shown = format!("{:?} {:?}", report.outcome, report.explanation);
    assert!(requests <= 2, "{requests} requests: {shown}");
}

#[tokio::test]
async fn a_certificate_that_is_trusted_holds() {
    let (roots, identity) = TlsIdentity::generate(&[]).expect("a certificate");
    let (report, _) = pulled(identity, Some(&roots)).await;
    assert!(format!("{:?}", report.outcome).starts_with("Complete"), "{:?}", report.outcome);
}
