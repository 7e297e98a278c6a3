//! SIGINT and SIGTERM. The first asks the pull to stop where it can be resumed; the second stops it at once.

use crate::exit::Exit;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The two signals that ask a program to end.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

/// One of them came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    ToInterrupt,
    ToTerminate,
}

impl Asked {
    /// How the program ends if there is nothing to go on from.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::ToInterrupt => Exit::StoppedByInterrupt,
            Self::ToTerminate => Exit::StoppedByTermination,
        }
    }
}

impl Signals {
    /// From now on the signals no longer end the program by themselves.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// The next signal.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any time; no signal is lost.
    pub(crate) async fn next(&mut self) -> Asked {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Asked::ToInterrupt,
            Some(()) = self.terminate.recv() => Asked::ToTerminate,
            else => std::future::pending().await,
        }
    }
}

/// What whoever hears the signals and whoever stores the pages tell each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct StopRequest(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_made: AtomicBool,
    is_pull_idle: AtomicBool,
}

impl StopRequest {
    /// Asks to stop with the page in hand.
    pub(crate) fn make(&self) {
        self.0.is_made.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_made(&self) -> bool {
        self.0.is_made.load(Ordering::Relaxed)
    }

    /// Says whether the pull only waits, so that nothing would be lost by stopping it at once.
    pub(crate) fn set_idle(&self, is_idle: bool) {
        self.0.is_pull_idle.store(is_idle, Ordering::Relaxed);
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.0.is_pull_idle.load(Ordering::Relaxed)
    }
}
