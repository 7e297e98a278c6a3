//! What went wrong on the way to a server and back, in detail for people. The engine knows only a few kinds of it, and
//! forgives most.

use crate::connect::ConnectError;
use core::fmt;
use embedded_io_async::ErrorKind;
use tidegate_core::http::h1::H1Error;

/// What went wrong on the way.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No connection came about.
    Connect(ConnectError),
    /// The connection broke.
    Broken(ErrorKind),
    /// What came is not a response, or stops before it is whole.
    Http(H1Error),
    /// The future that waited for the response was dropped.
    Dropped,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Broken(kind) => write!(f, "the connection broke: {kind}"),
            Self::Http(error) => error.fmt(f),
            Self::Dropped => f.write_str("the response was no longer waited for: its future was dropped"),
        }
    }
}

impl core::error::Error for Fault {}
