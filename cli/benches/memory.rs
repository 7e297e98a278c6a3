//! How much memory a pull needs when the page grows from 1 MB to 64 MB and the total stays the same: a table, and a
//! failure if it grows by 4 MB or more. Both sides are child processes, so each has a peak of its own.
//!
//! `cargo bench -p tidegate --bench memory`

use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::{env, fs};

const TIDEGATE: &str = env!("CARGO_BIN_EXE_tidegate");
const ITEM_BYTES: u64 = 1_000;
const TOTAL_BYTES: u64 = 128_000_000;
const PAGE_BYTES: [u64; 4] = [1_000_000, 4_000_000, 16_000_000, 64_000_000];
const ALLOWED_GROWTH: u64 = 4_000_000;
const KEY: &str = "simulator-key";

fn main() -> ExitCode {
    // `cargo test --benches` runs it too, and means only to see that it starts.
    if !env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the measurement failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, Box<dyn Error>> {
    let mut out = io::stdout();
    writeln!(out, "{:>10} {:>7} {:>12} {:>12} {:>8}", "page", "pages", "peak memory", "growth", "MB/s")?;
    let mut smallest = None;
    let mut is_fine = true;
    for page_bytes in PAGE_BYTES {
        let Measured { peak, pages, seconds } = measure(page_bytes)?;
        let first = *smallest.get_or_insert(peak);
        let growth = peak.saturating_sub(first);
        is_fine &= growth < ALLOWED_GROWTH;
        let speed = TOTAL_BYTES as f64 / 1e6 / seconds;
        writeln!(
            out,
            "{:>7} MB {pages:>7} {:>9.1} MB {:>9.1} MB {speed:>8.0}",
            page_bytes / 1_000_000,
            peak as f64 / 1e6,
            growth as f64 / 1e6
        )?;
    }
    let verdict = if is_fine { "less than" } else { "NOT less than" };
    writeln!(out, "the growth is {verdict} {} MB", ALLOWED_GROWTH / 1_000_000)?;
    Ok(is_fine)
}

struct Measured {
    peak: u64,
    pages: u64,
    seconds: f64,
}

fn measure(page_bytes: u64) -> Result<Measured, Box<dyn Error>> {
    let simulator = Simulator::start(page_bytes / ITEM_BYTES)?;
    let directory = Directory::new()?;
    let summary = directory.0.join("summary.json");
    let status = Command::new(TIDEGATE)
        .args(["pull", "comanage", "/objects", "--view-id", "42", "--base-url", &simulator.url, "--unused"])
        .args(["--limit", "100000"])
        .arg("--output")
        .arg(directory.0.join("objects.ndjson"))
        .arg("--state")
        .arg(directory.0.join("objects.state"))
        .arg("--summary")
        .arg(&summary)
        .env("TIDEGATE_API_KEY", KEY)
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(format!("the pull of pages of {page_bytes} bytes ended with {status}").into());
    }
    read_summary(&summary)
}

fn read_summary(path: &Path) -> Result<Measured, Box<dyn Error>> {
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(path)?)?;
    if summary["items"] != TOTAL_BYTES / ITEM_BYTES {
        return Err(format!("{} items came", summary["items"]).into());
    }
    let peak =
        summary["peak_memory_bytes"].as_u64().ok_or("this system does not tell a process's peak memory")?;
    let pages = summary["pages"].as_u64().ok_or("no pages")?;
    let seconds = summary["elapsed_seconds"].as_f64().ok_or("no time")?;
    Ok(Measured { peak, pages, seconds })
}

/// `tidegate simulate` as a child process, killed when dropped.
struct Simulator {
    child: Child,
    url: String,
}

impl Simulator {
    fn start(page_size: u64) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(TIDEGATE)
            .args(["simulate", "comanage", "--port", "0", "--limit", "100000", "--key", KEY])
            .args(["--items", &(TOTAL_BYTES / ITEM_BYTES).to_string(), "--page-size", &page_size.to_string()])
            .args(["--item-sizes", &ITEM_BYTES.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = &mut child.stdout {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let simulator = Self { child, url: line.trim().trim_start_matches("serving ").to_owned() };
        if simulator.url.starts_with("http://") {
            Ok(simulator)
        } else {
            Err("the simulator did not start".into())
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory of its own, removed when dropped.
struct Directory(PathBuf);

impl Directory {
    fn new() -> io::Result<Self> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("memory-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
