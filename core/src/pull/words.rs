//! The server's own words in a body that is not what was asked for. Nobody sees them before they were checked for secrets.

use crate::problem::{Problem, ProblemScanner};
use core::fmt;

/// What a server says in the latest body.
pub(super) struct Words {
    scanner: ProblemScanner,
    problem: Problem,
    is_verified: bool,
}

impl Words {
    pub(super) const fn new() -> Self {
        Self { scanner: ProblemScanner::new(), problem: Problem::NONE, is_verified: false }
    }

    /// Reads a piece of the body.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.scanner.push(chunk, &mut self.problem);
    }

    /// The body is over: keeps of its words what `verify` leaves.
    pub(super) fn verify(&mut self, verify: impl FnOnce(&mut Problem)) {
        verify(&mut self.problem);
        self.is_verified = true;
    }

    /// The kind of problem that they name, once they were checked.
    pub(super) fn kind(&self) -> &str {
        if self.is_verified { self.problem.kind.as_str() } else { "" }
    }

    /// The code that they name, once they were checked.
    pub(super) fn code(&self) -> &str {
        if self.is_verified { self.problem.code.as_str() } else { "" }
    }

    /// The words, once they were checked.
    pub(super) const fn said(&self) -> &Problem {
        if self.is_verified { &self.problem } else { &Problem::NONE }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(self.said()).finish()
    }
}
