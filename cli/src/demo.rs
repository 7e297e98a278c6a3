//! The demo: the simulator on a thread of its own, a pull from it over real HTTP by the same code as `tidegate pull`,
//! and a proof that every item is there.

use crate::apis::PullApi;
use crate::command::{Cli, Command};
use crate::console;
use crate::exit::{Exit, Fault};
use crate::pull::{self, Ended};
use crate::units::{Count, Seconds};
use clap::Parser;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use tidegate_core::time::Duration;
use tidegate_simulator::{Config, DEFAULT_KEY, ItemSizes, Server, ServerOptions, Simulator, WindowKind};

const ITEMS: u64 = 10_000;
const LIMIT: u32 = 20;
const WINDOW: Duration = Duration::from_secs(3);
const VIEW_ID: i64 = 42;

/// Pulls from the simulator, and proves that all came.
pub(crate) fn run() -> Result<Exit, Fault> {
    let addr = start_simulator().map_err(|error| Fault::new(Exit::LocalFile, error))?;
    let directory = fresh_directory()?;
    let output = directory.join("objects.ndjson");
    console::tell(format_args!(
        "a simulated API serves {} items on http://{addr}, at most {LIMIT} requests in {}",
        Count(ITEMS),
        Seconds(WINDOW)
    ));
    let args = arguments(addr, &output, &directory.join("objects.state"))?;
    let ended = pull::run_with_key(&args, DEFAULT_KEY.to_owned())?;
    if ended.exit != Exit::Complete {
        // The simulator ends here, so there is nothing to resume.
        console::tell(format_args!("not complete: {}", ended.summary.outcome));
        let _ = fs::remove_dir_all(&directory);
        return Ok(if ended.exit == Exit::Interrupted { Exit::StoppedByInterrupt } else { ended.exit });
    }
    let expected = fetch_digest(addr).map_err(|error| Fault::new(Exit::Transport, error))?;
    let sha256 = digest(&output).map_err(|error| Fault::file(&output, error))?;
    prove(&ended, &expected, &sha256, &output)
}

fn prove(ended: &Ended, expected: &Digest, sha256: &str, output: &Path) -> Result<Exit, Fault> {
    let summary = &ended.summary;
    let is_equal = sha256 == expected.sha256;
    let is_complete = is_equal && summary.items == Some(expected.items) && summary.rejected == 0;
    // Every window but the first had to be waited for.
    let windows = summary.requests.saturating_sub(1) / u64::from(LIMIT);
    let lines = [
        format!("items       {} of {}", Count(summary.items.unwrap_or_default()), Count(expected.items)),
        format!("requests    {}", Count(summary.requests)),
        format!("rejected    {}", Count(summary.rejected)),
        format!("windows     {windows} waited for, {:.1} s", summary.waited_seconds.quota),
        format!("time        {:.1} s", summary.elapsed_seconds),
        format!(
            "file        {} ({} bytes)",
            output.display(),
            Count(summary.output_bytes.unwrap_or_default())
        ),
        format!("sha256      {sha256}"),
        format!("the server  {}{}", expected.sha256, if is_equal { ", equal" } else { ", DIFFERENT" }),
        format!("complete: {}", if is_complete { "yes" } else { "no" }),
    ];
    for line in lines {
        console::result(line).map_err(|error| Fault::stdout(&error))?;
    }
    Ok(if is_complete { Exit::Complete } else { Exit::Data })
}

/// Serves on a thread of its own, until the program ends.
fn start_simulator() -> io::Result<SocketAddr> {
    let config = Config {
        items: ITEMS,
        page_size: 100,
        item_sizes: ItemSizes::Mixed,
        limit: LIMIT,
        window_ms: WINDOW.as_millis(),
        window: WindowKind::Timer,
        view_ids: vec![VIEW_ID],
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (started, server) = mpsc::channel();
    thread::spawn(move || {
        runtime.block_on(async move {
            let simulator = Arc::new(Mutex::new(Simulator::new(config)));
            let server = Server::start(simulator, ServerOptions::default()).await;
            // If nobody waits for the address any more, the program is over.
            let _ = started.send(server.as_ref().map(Server::addr).map_err(ToString::to_string));
            std::future::pending::<()>().await;
        });
    });
    let addr = server.recv().map_err(io::Error::other)?;
    addr.map_err(io::Error::other)
}

/// A directory that nobody else knew of.
fn fresh_directory() -> Result<PathBuf, Fault> {
    let temporary = std::env::temp_dir();
    for number in 0..1_000 {
        let path = temporary.join(format!("tidegate-demo-{}-{number}", std::process::id()));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Fault::file(&path, error)),
        }
    }
    Err(Fault::file(&temporary, "there are too many directories of earlier demos; remove them"))
}

/// What the same pull would be given on the command line.
fn arguments(addr: SocketAddr, output: &Path, state: &Path) -> Result<PullApi, Fault> {
    let window = format!("{}ms", WINDOW.as_millis());
    let given = [
        ("--base-url", format!("http://{addr}")),
        ("--view-id", VIEW_ID.to_string()),
        ("--limit", LIMIT.to_string()),
        ("--window", window),
        ("--patience", "60s".to_owned()),
        ("--maintenance-patience", "60s".to_owned()),
    ];
    // The simulator has just begun.
    let words = ["tidegate", "pull", "comanage", "/objects", "--unused"].map(OsString::from);
    let given = given.into_iter().flat_map(|(name, value)| [name.into(), OsString::from(value)]);
    let files = ["--output".into(), output.into(), "--state".into(), state.into()];
    let cli = Cli::try_parse_from(words.into_iter().chain(given).chain(files)).map_err(Fault::usage)?;
    match cli.command {
        Some(Command::Pull { api }) => Ok(api),
        _ => Err(Fault::usage("the demo is a pull")),
    }
}

/// What the simulator says that a complete pull amounts to.
#[derive(Deserialize)]
struct Digest {
    items: u64,
    sha256: String,
}

fn fetch_digest(addr: SocketAddr) -> io::Result<Digest> {
    let mut stream = TcpStream::connect(addr)?;
    write!(stream, "GET /_simulator/digest/objects HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) =
        answer.split_once("\r\n\r\n").ok_or_else(|| io::Error::other("the digest has no body"))?;
    Ok(serde_json::from_str(body)?)
}

fn digest(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            length => hash.update(&chunk[..length]),
        }
    }
}
