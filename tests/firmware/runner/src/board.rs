//! One QEMU: how it is booted, how its power is cut, and what it tells. It never outlives this program: it is killed when
//! dropped, and `setpriv` (util-linux) has the kernel kill it should this program be killed itself.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::{sleep_until, timeout};

/// An image that has not ended by then never will.
const BOOT_LIMIT: Duration = Duration::from_secs(120);

/// Where images are, and where their flash is kept.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) images: PathBuf,
    pub(crate) scratch: PathBuf,
}

/// What the board's time follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The host's.
    Host,
    /// Its own instructions, a nanosecond each; while it waits, time jumps to what it waits for.
    Instructions,
}

impl Board {
    /// Boots an image with arguments of the form `key=value`, without spaces.
    pub(crate) fn boot(&self, image: &str, clock: Clock, arguments: &[String]) -> io::Result<Running> {
        let mut semihosting = "enable=on,target=native,arg=firmware".to_owned();
        for argument in arguments {
            // Two commas are one, to QEMU.
            semihosting += &format!(",arg={}", argument.replace(',', ",,"));
        }
        let mut qemu = Command::new("setpriv");
        qemu.args(["--pdeathsig", "KILL", "--", "qemu-system-arm", "-M", "lm3s6965evb", "-nographic"])
            .args(["-nic", "user,model=stellaris", "-semihosting-config", &semihosting, "-kernel"])
            .arg(self.images.join(image))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if clock == Clock::Instructions {
            qemu.args(["-icount", "shift=0,sleep=off"]);
        }
        let mut child = qemu.spawn()?;
        let (output, errors) =
            child.stdout.take().zip(child.stderr.take()).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Running { child, output: BufReader::new(output), errors, begun: Instant::now(), kill_at: None })
    }

    /// A file of this name for a flash that nobody has written to.
    pub(crate) fn new_flash(&self, name: &str) -> io::Result<PathBuf> {
        std::fs::create_dir_all(&self.scratch)?;
        let path = self.scratch.join(name.replace(' ', "-"));
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(path),
        }
    }

    /// A file of this name with these bytes.
    pub(crate) fn new_file(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        std::fs::create_dir_all(&self.scratch)?;
        let path = self.scratch.join(name);
        std::fs::write(&path, bytes)?;
        Ok(path)
    }
}

/// A board that runs.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    errors: ChildStderr,
    begun: Instant,
    kill_at: Option<usize>,
}

impl Running {
    /// Cuts the power when it has printed so many lines. What a board has done by then at least does not depend on how busy this
    /// machine is.
    pub(crate) fn kill_at_line(self, line: usize) -> Self {
        Self { kill_at: Some(line), ..self }
    }

    /// Waits until it ends, in one way or another.
    pub(crate) async fn wait(mut self) -> io::Result<Ended> {
        let mut lines = Vec::new();
        let limit = (self.begun + BOOT_LIMIT).into();
        let end = tokio::select! {
            read = read(&mut self.output, &mut lines, self.kill_at) => match read? {
                Read::All => None,
                Read::Enough => Some(End::Killed),
            },
            () = sleep_until(limit) => Some(End::TimedOut),
        };
        if end.is_some() {
            self.child.start_kill()?;
        }
        // Its output is at its end, so it is about to end or killed.
        let status = timeout(BOOT_LIMIT, self.child.wait()).await??;
        let took = self.begun.elapsed();
        let mut errors = String::new();
        self.errors.read_to_string(&mut errors).await?;
        // It may have ended by itself before the signal came.
        let end = end.filter(|_| status.code().is_none()).unwrap_or(End::Exited(status));
        Ok(Ended { end, lines, errors, took })
    }
}

enum Read {
    All,
    Enough,
}

/// Reads whole lines, as many as there are or are wanted; what is cut off within one is not told.
async fn read(
    output: &mut BufReader<ChildStdout>,
    lines: &mut Vec<String>,
    wanted: Option<usize>,
) -> io::Result<Read> {
    loop {
        if wanted.is_some_and(|wanted| lines.len() >= wanted) {
            return Ok(Read::Enough);
        }
        let mut line = Vec::new();
        output.read_until(b'\n', &mut line).await?;
        match line.strip_suffix(b"\n") {
            Some(whole) => lines.push(String::from_utf8_lossy(whole).into_owned()),
            None => return Ok(Read::All),
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself: the image's exit code, or QEMU's own end.
    Exited(ExitStatus),
    /// Its power was cut from outside.
    Killed,
    /// It never ended.
    TimedOut,
}

/// A board that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) end: End,
    /// What it printed, in whole lines.
    pub(crate) lines: Vec<String>,
    /// What QEMU itself had to say.
    pub(crate) errors: String,
    /// From the boot to the end, on the host's clock.
    pub(crate) took: Duration,
}

impl Ended {
    /// The image's exit code, if it came to one.
    pub(crate) fn exit(&self) -> Option<i32> {
        match self.end {
            End::Exited(status) => status.code(),
            End::Killed | End::TimedOut => None,
        }
    }

    /// What stands after the last `key ` that it printed.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.lines.iter().rev().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
    }

    /// The same as a number.
    pub(crate) fn number(&self, key: &str) -> Result<u64, String> {
        let value = self.value(key).ok_or_else(|| format!("told no {key}"))?;
        value.parse().map_err(|_| format!("told {key} {value}, which is no number"))
    }

    /// Everything that is known of an end that should not have been.
    pub(crate) fn report(&self) -> String {
        format!("{:?} after {:?}\n{}\n{}", self.end, self.took, self.lines.join("\n"), self.errors)
    }
}

/// An argument for an image.
pub(crate) fn argument(key: &str, value: impl ToString) -> String {
    format!("{key}={}", value.to_string())
}

/// An argument that names a file.
pub(crate) fn file_argument(key: &str, path: &Path) -> String {
    let mut word = OsString::from(format!("{key}="));
    word.push(path);
    word.to_string_lossy().into_owned()
}
