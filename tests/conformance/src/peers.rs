//! The clients that are compared. Each is used as its documentation shows, with buffers large enough for every case, and
//! where there are several ways to read a body, by the one that notices more.

mod edge;
mod hyper;
mod reqwless;
mod tidegate;

use crate::case::Case;
use crate::verdict::{self, Verdict};

/// A client.
#[derive(Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// Its package, whose version is in the lock file.
    pub(crate) package: &'static str,
    run: fn(&Case, &[&[u8]]) -> Verdict,
}

/// Tidegate, and then the others.
pub(crate) const ALL: [Peer; 4] = [
    Peer { name: "Tidegate", package: "tidegate-core", run: tidegate::run },
    Peer { name: "hyper", package: "hyper", run: hyper::run },
    Peer { name: "reqwless", package: "reqwless", run: reqwless::run },
    Peer { name: "edge-http", package: "edge-http", run: edge::run },
];

impl Peer {
    /// What it makes of a case whose bytes come in these pieces, none of them empty.
    pub(crate) fn verdict(&self, case: &Case, pieces: &[&[u8]]) -> Verdict {
        verdict::of(|| (self.run)(case, pieces))
    }

    /// Whether this is the one whose cases they are.
    pub(crate) fn is_tidegate(&self) -> bool {
        self.package == "tidegate-core"
    }
}
