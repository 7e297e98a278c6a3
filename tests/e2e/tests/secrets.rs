//! Secrets stay home: the key is in the one request field where it belongs and nowhere else, however loud the logs.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tidegate_simulator::{ApiKey, Config, ErrorBody, Fault, Server, ServerOptions, Simulator, Trigger};
use tidegate_std::api::comanage;
use tidegate_std::{Client, Project};

const KEY: &str = "k3y-that-must-not-be-seen";

/// Where everything goes that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_key_is_in_no_log_no_error_no_debug_form_and_no_checkpoint() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let faults = vec![
        (Trigger::Request(2), Fault::Cut { at: 50 }),
        (Trigger::Request(4), Fault::Status { status: 401, body: ErrorBody::Problem }),
    ];
    let config =
        Config { keys: vec![ApiKey::active(KEY)], items: 30, page_size: 10, faults, ..Config::default() };
    let simulator = Arc::new(Mutex::new(Simulator::new(config)));
    let server = Server::start(simulator, ServerOptions::default()).await.expect("a free port");
    let project = Project::new(&comanage::API, server.base_url(), KEY).expect("a usable project");
    let mut shown = format!("{project:?}");
    let client = Client::builder(project).unused().build().expect("a client");
    shown += &format!("{client:?}");
    let mut settings = tidegate_core::pull::Settings::DEFAULT;
    settings.retry.first = tidegate_core::time::Duration::ZERO;
    let pull = client.pull(comanage::view_objects("/objects", 42)).settings(settings);
    shown += &format!("{pull:?}");
    let mut items = pull.raw_items();
    let error = loop {
        match items.try_next().await {
            Ok(item) => assert!(item.is_some(), "the key is refused before the end"),
            Err(error) => break error,
        }
    };
    shown += &format!("{error} {error:?} {items:?}");
    let checkpoint = items.checkpoint().expect("two pages are whole").encode();

    let log = log.0.lock().expect("no panic").clone();
    let log = String::from_utf8_lossy(&log);
    assert!(log.contains("/objects"), "the log is on");
    assert!(!log.contains(KEY), "the key was logged");
    assert!(!shown.contains(KEY), "the key was shown");
    assert!(!checkpoint.windows(KEY.len()).any(|window| window == KEY.as_bytes()));
}
