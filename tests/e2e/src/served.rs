//! The simulator on loopback, on a scenario's virtual clock: the bytes and the sockets are real, the waits are not.

use crate::clock::VirtualClock;
use crate::scenario::Scenario;
use std::sync::{Arc, Mutex};
use tidegate_core::time::Duration;
use tidegate_simulator::{Server, ServerOptions, Simulator, Stats, TlsIdentity};
use tidegate_std::Clock;

/// A simulator that listens.
pub(crate) struct Served {
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) base_url: String,
    /// The authority that vouches for it, where it listens with TLS.
    pub(crate) roots: Option<String>,
    simulator: Arc<Mutex<Simulator>>,
    server: Server,
}

impl Served {
    pub(crate) async fn start(scenario: &Scenario) -> Self {
        let clock = Arc::new(VirtualClock::new(scenario.start));
        let simulator = Arc::new(Mutex::new(Simulator::new(scenario.config.clone())));
        let (roots, tls) = if scenario.tls {
            let (roots, identity) = TlsIdentity::generate(&[]).expect("a certificate");
            (Some(roots), Some(identity))
        } else {
            (None, None)
        };
        let options = ServerOptions {
            clock: arrivals(Arc::clone(&clock), scenario.round_trip),
            on_stall: Some(on_stall(Arc::clone(&clock))),
            on_delay: Some(on_delay(Arc::clone(&clock))),
            tls,
            ..ServerOptions::default()
        };
        let server = Server::start(Arc::clone(&simulator), options).await.expect("a free port");
        let base_url = format!("{}{}", server.base_url(), scenario.base_path());
        Self { clock, base_url, roots, simulator, server }
    }

    /// Stops, and tells what was seen.
    pub(crate) async fn stop(self) -> Stats {
        self.server.stop().await;
        self.simulator.lock().expect("no panic").stats()
    }
}

/// The simulator's clock: a request arrives half a round trip after it was sent, and its answer takes the other half.
fn arrivals(clock: Arc<VirtualClock>, round_trip: Duration) -> Arc<dyn Fn() -> u64 + Send + Sync> {
    let half_trip = Duration::from_millis(round_trip.as_millis() / 2);
    Arc::new(move || {
        clock.advance(half_trip);
        let arrival = clock.unix().as_millis();
        clock.advance(half_trip);
        arrival
    })
}

/// When an answer is late, time passes before it is sent. An answer that comes after the client has given up is silence.
fn on_delay(clock: Arc<VirtualClock>) -> Arc<dyn Fn(u64) + Send + Sync> {
    Arc::new(move |delay| clock.advance(Duration::from_millis(delay)))
}

/// When the server falls silent, lets the client read what was sent, and then time pass until the client gives up.
fn on_stall(clock: Arc<VirtualClock>) -> Arc<dyn Fn() + Send + Sync> {
    /// The runtime looks at its sockets every few dozen turns.
    const TURNS: usize = 2_000;
    Arc::new(move || {
        let clock = Arc::clone(&clock);
        tokio::spawn(async move {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            clock.advance_to_first_sleeper();
        });
    })
}
