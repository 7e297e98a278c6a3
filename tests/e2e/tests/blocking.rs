//! The example of a driver of one's own, against the simulator: what the documentation shows is what runs.

#[path = "../examples/blocking.rs"]
mod blocking;

use std::sync::{Arc, Mutex};
use tidegate_simulator::{Config, DEFAULT_KEY, List, Server, ServerOptions, Simulator, item};

#[test]
fn the_example_of_a_driver_pulls_everything() {
    let config = Config { items: 500, page_size: 100, ..Config::default() };
    let simulator = Arc::new(Mutex::new(Simulator::new(config.clone())));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let server = runtime.block_on(Server::start(simulator, ServerOptions::default())).expect("a free port");
    let mut items = Vec::new();
    let never = |wait| panic!("five requests of an unused window do not wait, least of all {wait:?}");
    let outcome = blocking::pull(&server.base_url(), DEFAULT_KEY, never, &mut |item| items.push(item));
    runtime.block_on(server.stop());
    assert!(outcome.is_complete());
    let expected: Vec<_> = (0..config.items).map(|index| item(&config, List::Objects, index)).collect();
    assert_eq!(items, expected);
}
