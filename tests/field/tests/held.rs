//! A stream that is asked once and then held, beside another pull of the same client, over sockets: where the API wants one
//! request at a time, too, the other is delayed by nothing.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tidegate_core::api::{List, kontent};
use tidegate_core::http::Parameter;
use tidegate_core::quota::{Window, Windows};
use tidegate_core::time::{Duration, Instant};
use tidegate_e2e::{START, VirtualClock};
use tidegate_simulator::{Config, Custom, Request, Server, ServerOptions, Service, Simulator};
use tidegate_std::{Client, Clock, Event, Project, RawItems, Sink, SinkError};

/// Three pages.
fn three_pages(request: &Request<'_>) -> (u16, String) {
    let asked = request.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-continuation"));
    let page = asked.map_or(1, |(_, token)| token.trim_start_matches('T').parse().expect("a token of ours"));
    let next = if page < 3 { format!("\"T{}\"", page + 1) } else { "null".to_owned() };
    (200, format!(r#"{{"items":[{{"id":{page}}}],"pagination":{{"continuation_token":{next}}}}}"#))
}

/// Takes everything.
struct Taker;

impl Sink for Taker {
    async fn event(&mut self, _: Event<'_>) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Lets time pass in small steps, each after the sockets had many turns: what waits for a server is served before what waits
/// for the clock.
async fn let_time_pass(clock: Arc<VirtualClock>) {
    const TURNS: usize = 2_000;
    loop {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_millis(100));
    }
}

/// Asks a future once.
async fn ask_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| {
        Poll::Ready(match future.as_mut().poll(context) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}

struct World {
    clock: Arc<VirtualClock>,
    client: Client,
    _server: Server,
}

impl World {
    async fn start() -> Self {
        let clock = Arc::new(VirtualClock::new(START));
        tokio::spawn(let_time_pass(Arc::clone(&clock)));
        let config = Config { service: Service::Custom(Custom(three_pages)), ..Config::default() };
        let arrivals = Arc::clone(&clock);
        let options = ServerOptions {
            clock: Arc::new(move || {
                arrivals.advance(Duration::from_millis(40));
                arrivals.unix().as_millis()
            }),
            ..ServerOptions::default()
        };
        let simulator = Arc::new(Mutex::new(Simulator::new(config)));
        let server = Server::start(simulator, options).await.expect("a free port");
        let project =
            Project::new(&kontent::API, server.base_url(), "k3y-0f-the-harbour").expect("a usable project");
        let wide = Windows::one(Window::new(1_000, Duration::from_secs(1)));
        let client = Client::builder(project.with_windows(wide)).clock(Arc::clone(&clock) as Arc<dyn Clock>);
        Self { clock, client: client.unused().build().expect("a client"), _server: server }
    }

    fn items(&self) -> RawItems<'static> {
        let items = List::named(kontent::LISTS, "items").expect("a list");
        self.client.pull(items.with("environment", Parameter::Text("e1"))).raw_items()
    }

    /// Pulls the whole list, and tells how long that took.
    async fn pull(&self) -> Duration {
        let before: Instant = self.clock.now();
        let items = List::named(kontent::LISTS, "items").expect("a list");
        let pull = self.client.pull(items.with("environment", Parameter::Text("e1")));
        let report = pull.drive(&mut Taker).await.expect("it runs");
        assert!(format!("{:?}", report.outcome).starts_with("Complete"), "{:?}", report.outcome);
        self.clock.now().since(before)
    }
}

#[tokio::test]
async fn a_stream_that_was_asked_once_delays_another_pull_by_nothing() {
    let world = World::start().await;
    let mut held = world.items();
    assert!(ask_once(held.try_next()).await.is_none(), "nothing can be there at once");
    let took = world.pull().await;
    assert!(took <= Duration::from_secs(2), "{took}: a page takes 40 ms, and a turn lasts 30 s at the most");
    drop(held);
}

#[tokio::test]
async fn a_stream_that_is_held_between_two_items_delays_another_pull_by_nothing() {
    let world = World::start().await;
    let mut held = world.items();
    let first = held.try_next().await.expect("it runs").expect("an item");
    assert_eq!(&first[..], br#"{"id":1}"#);
    let took = world.pull().await;
    assert!(took <= Duration::from_secs(2), "{took}: a page takes 40 ms, and a turn lasts 30 s at the most");
    let mut rest = 0;
    while held.try_next().await.expect("it runs").is_some() {
        rest += 1;
    }
    assert_eq!(rest, 2, "and the held one goes on where it was");
}
