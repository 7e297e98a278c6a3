//! The streams of `tidegate-std`: typed and raw items one by one, and what dropping a future costs.

use serde::Deserialize;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tidegate_simulator::{Config, DEFAULT_KEY, Fault, List, Server, ServerOptions, Simulator, Trigger};
use tidegate_std::api::comanage;
use tidegate_std::{Client, Error, Project};

#[derive(Deserialize)]
struct Object {
    id: i64,
}

struct Site {
    _server: Server,
    simulator: Arc<Mutex<Simulator>>,
    client: Client,
}

impl Site {
    async fn start(config: Config) -> Self {
        let simulator = Arc::new(Mutex::new(Simulator::new(config)));
        let server =
            Server::start(Arc::clone(&simulator), ServerOptions::default()).await.expect("a free port");
        let project = Project::new(&comanage::API, server.base_url(), DEFAULT_KEY).expect("a usable project");
        let client = Client::builder(project).unused().build().expect("a client");
        Self { _server: server, simulator, client }
    }

    fn ids(&self) -> Vec<i64> {
        let simulator = self.simulator.lock().expect("no panic");
        let config = simulator.config();
        (0..config.items).map(|index| tidegate_simulator::item_id(config, List::Objects, index)).collect()
    }
}

const OBJECTS: tidegate_core::Endpoint<'static> = comanage::view_objects("/objects", 42);

#[tokio::test]
async fn typed_items_come_one_by_one_and_then_none() -> Result<(), Error> {
    let site = Site::start(Config { items: 25, page_size: 10, ..Config::default() }).await;
    let mut objects = site.client.pull(OBJECTS).items::<Object>();
    let mut ids = Vec::new();
    while let Some(object) = objects.try_next().await? {
        ids.push(object.id);
    }
    assert_eq!(ids, site.ids());
    assert!(objects.try_next().await?.is_none(), "and none again");
    assert!(objects.is_complete());
    assert!(objects.checkpoint().is_some_and(|checkpoint| checkpoint.is_complete()));
    Ok(())
}

#[tokio::test]
async fn an_unchanged_item_is_never_delivered_twice_after_a_broken_page() -> Result<(), Error> {
    for at in (100..2_000).step_by(100) {
        let faults = vec![(Trigger::Request(2), Fault::Cut { at })];
        let site = Site::start(Config { items: 30, page_size: 10, faults, ..Config::default() }).await;
        let mut settings = tidegate_core::pull::Settings::DEFAULT;
        settings.retry.first = tidegate_core::time::Duration::ZERO;
        let mut objects = site.client.pull(OBJECTS).settings(settings).items::<Object>();
        let mut ids = Vec::new();
        while let Some(object) = objects.try_next().await? {
            ids.push(object.id);
        }
        assert_eq!(ids, site.ids(), "cut at {at}");
    }
    Ok(())
}

#[tokio::test]
async fn an_item_of_another_type_is_an_error_and_the_next_one_comes() {
    #[derive(Deserialize)]
    struct Never {
        #[serde(rename = "a member that no item has")]
        _member: (),
    }
    let site = Site::start(Config { items: 3, ..Config::default() }).await;
    let mut objects = site.client.pull(OBJECTS).items::<Never>();
    for expected in 0..3 {
        match objects.try_next().await {
            Err(Error::Item { index, .. }) => assert_eq!(index, expected),
            other => panic!("{:?}", other.map(|item| item.is_some())),
        }
    }
    assert!(matches!(objects.try_next().await, Ok(None)));
}

#[tokio::test]
async fn a_failure_comes_as_an_error_with_the_servers_words_and_never_passes_for_the_end() {
    let site = Site::start(Config::default()).await;
    let mut objects = site.client.pull(comanage::view_objects("/objects", 7)).raw_items();
    let error = objects.try_next().await.expect_err("there is no view 7");
    assert!(error.to_string().contains("404"), "{error}");
    assert!(matches!(&error, Error::Failed { report, .. } if report.explanation.is_some()));
    assert!(matches!(objects.try_next().await, Err(Error::Ended)));
    assert!(!objects.is_complete());
}

/// Polls a future once and drops it.
fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[tokio::test]
async fn a_future_dropped_at_every_await_point_loses_nothing() -> Result<(), Error> {
    let site = Site::start(Config { items: 60, page_size: 10, ..Config::default() }).await;
    let mut objects = site.client.pull(OBJECTS).items::<Object>();
    let mut ids = Vec::new();
    loop {
        match poll_once(objects.try_next()) {
            Some(item) => match item? {
                Some(object) => ids.push(object.id),
                None => break,
            },
            // Let the connection go on.
            None => tokio::task::yield_now().await,
        }
    }
    assert_eq!(ids, site.ids());
    assert_eq!(site.simulator.lock().expect("no panic").stats().requests, 6);
    Ok(())
}

#[tokio::test]
async fn a_stream_dropped_in_the_middle_goes_on_from_its_checkpoint() -> Result<(), Error> {
    let site = Site::start(Config { items: 40, page_size: 10, ..Config::default() }).await;
    let mut objects = site.client.pull(OBJECTS).items::<Object>();
    let mut ids = Vec::new();
    for _ in 0..25 {
        ids.extend(objects.try_next().await?.map(|object| object.id));
    }
    let checkpoint = objects.checkpoint().expect("two pages are whole");
    drop(objects);
    assert_eq!(checkpoint.items(), 20);
    ids.truncate(20);
    let mut rest = site.client.pull(OBJECTS).resume(checkpoint).items::<Object>();
    assert_eq!(rest.checkpoint(), Some(checkpoint), "whoever stores it now loses nothing");
    while let Some(object) = rest.try_next().await? {
        ids.push(object.id);
    }
    assert_eq!(ids, site.ids());
    Ok(())
}

#[tokio::test]
async fn two_pulls_of_one_client_share_its_window() -> Result<(), Error> {
    let site = Site::start(Config { items: 20, page_size: 10, ..Config::default() }).await;
    let mut first = site.client.pull(OBJECTS).raw_items();
    let mut second = site.client.pull(comanage::list("/folders")).raw_items();
    while first.try_next().await?.is_some() | second.try_next().await?.is_some() {}
    assert_eq!(site.client.spent().held.len(), 4);
    Ok(())
}
