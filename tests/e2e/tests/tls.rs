//! TLS: a pull goes through where the server is who it should be, and nowhere else.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tidegate_core::pull::{Failure, Settings, TransportFault};
use tidegate_core::retry::RetryPolicy;
use tidegate_e2e::Scenario;
use tidegate_simulator::{Config, DEFAULT_KEY, Server, ServerOptions, Simulator, TlsIdentity};
use tidegate_std::api::comanage;
use tidegate_std::{Client, Error, Project};

#[test]
fn a_pull_over_tls_gives_the_same_trace() {
    let config = Config { items: 100, page_size: 30, ..Config::default() };
    let scenario = Scenario { tls: true, ..Scenario::new(config) };
    scenario.assert_complete(&scenario.run_everywhere());
}

/// Pulls from a server that shows a certificate for 127.0.0.1, and gives back how that failed.
async fn refusal(host: [u8; 4], trusted: &str, identity: TlsIdentity) -> (Error, u64) {
    let simulator = Arc::new(Mutex::new(Simulator::new(Config::default())));
    let addr = SocketAddr::from((host, 0));
    let options = ServerOptions { addr, tls: Some(identity), ..ServerOptions::default() };
    let server = Server::start(Arc::clone(&simulator), options).await.expect("a free port");
    let base_url = format!("https://{}", server.addr());
    let project = Project::new(&comanage::API, base_url, DEFAULT_KEY).expect("a usable project");
    let builder =
        Client::builder(project).unused().trust(trusted.as_bytes()).expect("a readable certificate");
    let client = builder.build().expect("a client");
    let settings = Settings { retry: RetryPolicy { budget: 0, ..RetryPolicy::DEFAULT }, ..Settings::DEFAULT };
    let mut items = client.pull(comanage::list("/folders")).settings(settings).raw_items();
    let error = items.try_next().await.expect_err("the server is not who it should be");
    let requests = simulator.lock().expect("no panic").stats().requests;
    (error, requests)
}

fn assert_refused(refusal: (Error, u64), reason: &str) {
    let (error, requests) = refusal;
    assert_eq!(requests, 0, "the key was sent");
    // A certificate that is refused ends a pull at once; other faults of a handshake may pass.
    let is_refusal = |failure: &Failure| {
        matches!(failure, Failure::Transport(TransportFault::Certificate | TransportFault::Connect))
    };
    assert!(matches!(&error, Error::Failed { failure, .. } if is_refusal(failure)), "{error}");
    assert!(error.to_string().contains(reason), "{error}");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let (_, identity) = TlsIdentity::generate(&[]).expect("a certificate");
    let (others, _) = TlsIdentity::generate(&[]).expect("a certificate");
    assert_refused(refusal([127, 0, 0, 1], &others, identity).await, "certificate");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let (roots, identity) = TlsIdentity::generate(&[]).expect("a certificate");
    // 127.0.0.2 is this machine too, and not in the certificate.
    assert_refused(refusal([127, 0, 0, 2], &roots, identity).await, "not valid for");
}
