//! A simulated API in this process, the program as a child process, and a directory for its files. Nothing here waits
//! for time to pass: a test acts when a request arrives or a line is said.

use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use tidegate_simulator::{
    Config, DEFAULT_KEY, Digest, List, Server, ServerOptions, Service, Simulator, Stats, TlsIdentity,
    coredata, frends, opsramp,
};
use tokio::runtime::{Builder, Runtime};

/// A simulated API, until it is dropped.
pub(crate) struct Api {
    pub(crate) url: String,
    simulator: Arc<Mutex<Simulator>>,
    _server: Server,
    _runtime: Runtime,
}

impl Api {
    pub(crate) fn start(config: Config) -> Self {
        Self::watched(config, |_| {})
    }

    /// Serves https; the second is the authority to trust.
    pub(crate) fn over_tls(config: Config) -> (Self, String) {
        let (authority, identity) = TlsIdentity::generate(&[]).unwrap();
        let options = ServerOptions { tls: Some(identity), ..ServerOptions::default() };
        (Self::serve(config, options), authority)
    }

    /// Calls `on_request` with the number of each request as it arrives, before it is answered.
    pub(crate) fn watched(config: Config, on_request: impl Fn(u64) + Send + Sync + 'static) -> Self {
        let arrived = AtomicU64::new(0);
        let clock = move || {
            on_request(arrived.fetch_add(1, Ordering::SeqCst) + 1);
            unix_ms()
        };
        Self::serve(config, ServerOptions { clock: Arc::new(clock), ..ServerOptions::default() })
    }

    fn serve(config: Config, options: ServerOptions) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let simulator = Arc::new(Mutex::new(Simulator::new(config)));
        let server = runtime.block_on(Server::start(Arc::clone(&simulator), options)).unwrap();
        Self { url: server.base_url(), simulator, _server: server, _runtime: runtime }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.simulator.lock().unwrap().stats()
    }

    /// Serves another API than CoManage's.
    pub(crate) fn of(service: Service) -> Self {
        Self::start(Config { service, ..Config::default() })
    }

    /// What a complete pull of the list at a target must amount to, as items and their checksum.
    pub(crate) fn digest_of(&self, target: &str) -> (u64, String) {
        let Digest { items, sha256 } = self.simulator.lock().unwrap().digest_of(target).unwrap();
        (items, sha256)
    }

    /// What a complete pull of the objects must amount to.
    pub(crate) fn expected(&self) -> Vec<u8> {
        let config = self.simulator.lock().unwrap().config().clone();
        let items = (0..config.items).map(|index| tidegate_simulator::item(&config, List::Objects, index));
        items.flat_map(|item| [item, b"\n".to_vec()].concat()).collect()
    }
}

/// A server of a test's own on loopback: answers each request by its number, from 1 on, and its target, with what a server
/// sends after the version. It ends with the test's process.
pub(crate) fn answering(answer: impl Fn(u64, &str) -> (String, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (number, connection) in (1..).zip(listener.incoming()) {
            let mut connection = connection.unwrap();
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            let (mut first, mut line) = (String::new(), String::new());
            reader.read_line(&mut first).unwrap();
            while reader.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let (head, body) = answer(number, first.split(' ').nth(1).unwrap_or_default());
            let length = body.len();
            let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            // A client may be gone by then.
            let _ = connection.write_all(&[head.as_bytes(), body.as_bytes()].concat());
        }
    });
    url
}

/// The head of an answer with JSON.
pub(crate) fn json(status: &str) -> String {
    format!("{status}\r\nContent-Type: application/json")
}

pub(crate) fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

/// Items enough for some pages, and a window that is never full.
pub(crate) fn config(items: u64, page_size: u32) -> Config {
    Config { items, page_size, limit: 10_000, ..Config::default() }
}

/// A directory of a test's own, removed with it.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.file(name).exists()
    }

    /// All files in it.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program, with nothing of this process's environment that means something to it.
pub(crate) fn tidegate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.env_remove("TIDEGATE_API_KEY").env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// A pull of the objects, with a key and whatever else is given.
pub(crate) fn pull(api: &Api, extra: &[&str]) -> Command {
    let mut command = tidegate();
    command.env("TIDEGATE_API_KEY", DEFAULT_KEY);
    command.args(["pull", "comanage", "/objects", "--view-id", "42", "--base-url", &api.url, "--unused"]);
    command.args(extra);
    command
}

/// Items of an output, and their checksum.
pub(crate) fn digest(output: &[u8]) -> (u64, String) {
    let items = output.iter().filter(|&&byte| byte == b'\n').count();
    let sha256 = Sha256::digest(output).iter().map(|byte| format!("{byte:02x}")).collect();
    (items.try_into().unwrap(), sha256)
}

/// A command to an API that the simulator serves at `base`, with what opens it.
pub(crate) fn command(api: &Api, name: &str, base: &str, arguments: &[&str]) -> Command {
    let mut command = tidegate();
    let verb = if arguments.first().is_some_and(|first| first.chars().all(|c| c.is_ascii_uppercase())) {
        "send"
    } else {
        "pull"
    };
    command
        .args([verb, name])
        .args(arguments)
        .args(["--unused", "--base-url"])
        .arg(format!("{}{base}", api.url));
    let key = match name {
        "coredata" => coredata::DEFAULT_CREDENTIALS,
        "opsramp" => {
            command.args(["--client-id", opsramp::DEFAULT_KEY]);
            opsramp::DEFAULT_SECRET
        }
        "frends" => {
            let url = format!("{}/{}/oauth2/token", api.url, frends::DEFAULT_ENTRA_TENANT);
            command.args(["--client-id", frends::DEFAULT_CLIENT, "--resource", frends::DEFAULT_RESOURCE]);
            command.args(["--token-url", &url]);
            frends::DEFAULT_SECRET
        }
        _ => DEFAULT_KEY,
    };
    command.env("TIDEGATE_API_KEY", key);
    command
}

/// A pull of the objects into `objects.ndjson`, with `objects.state` and `summary.json`.
pub(crate) fn pull_with_state(api: &Api, directory: &Directory, extra: &[&str]) -> Command {
    let mut command = pull(api, extra);
    command.arg("--output").arg(directory.file("objects.ndjson"));
    command.arg("--state").arg(directory.file("objects.state"));
    command.arg("--summary").arg(directory.file("summary.json"));
    command
}

/// Runs to the end, and checks the exit code.
#[track_caller]
pub(crate) fn ends_with(code: i32, command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(code), "stderr: {}", said(&output));
    output
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The summary of the last run.
pub(crate) fn summary(directory: &Directory) -> serde_json::Value {
    serde_json::from_slice(&directory.read("summary.json")).unwrap()
}

/// A running program, killed with the test if it still runs.
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr }
    }

    /// Reads what it says until a line has `part` in it.
    pub(crate) fn until_it_says(&mut self, part: &str) {
        self.says(part).unwrap_or_else(|said| panic!("it never said {part:?} but: {said}"));
    }

    /// The same of a program that may end without having said it; what it said instead.
    pub(crate) fn says(&mut self, part: &str) -> Result<(), String> {
        let mut said = String::new();
        loop {
            let start = said.len();
            if self.stderr.read_line(&mut said).unwrap() == 0 {
                return Err(said);
            }
            if said[start..].contains(part) {
                return Ok(());
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Its exit code, and what else it said.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let said = std::io::read_to_string(&mut self.stderr).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal such as `INT`.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().unwrap();
    assert!(sent.success());
}
