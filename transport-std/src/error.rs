//! What can go wrong, by whose fault it is.

use crate::event::{Report, SinkError};
use std::fmt;
use tidegate_core::api::ProjectError;
use tidegate_core::pull::{Failure, PullError};
use tidegate_core::quota::QuotaError;

/// Why a client could not be made, or a pull ended early.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The project cannot be used.
    Project(ProjectError),
    /// The limits cannot be kept.
    Quota(QuotaError),
    /// The HTTP client or its TLS could not be set up.
    Setup(Box<dyn std::error::Error + Send + Sync>),
    /// The pull cannot begin.
    Pull(PullError),
    /// The pull ended before everything was there. The report's checkpoint goes on from where it stands.
    Failed {
        /// Why.
        failure: Box<Failure>,
        /// What it took until then.
        report: Box<Report>,
    },
    /// The list ended, and the server counts more items than it gave. All that it gave was handed over.
    Incomplete {
        /// How many more it counts.
        missing: u64,
        /// What the pull took.
        report: Box<Report>,
    },
    /// The endpoint is a list: it is pulled, not sent.
    NotACall,
    /// The endpoint is a call: it is sent or driven, and has no items to stream.
    NotAList,
    /// The pull has failed before, and gives nothing more.
    Ended,
    /// An item is not of the type asked for. The stream goes on with the next item when it is asked again.
    Item {
        /// How many items of the page came before it.
        index: u32,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The sink failed.
    Sink(SinkError),
}

impl Error {
    pub(crate) fn failed(failure: Failure, report: Report) -> Self {
        Self::Failed { failure: Box::new(failure), report: Box::new(report) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(error) => error.fmt(f),
            Self::Quota(error) => error.fmt(f),
            Self::Setup(error) => write!(f, "the HTTP client could not be set up: {error}"),
            Self::Pull(error) => error.fmt(f),
            Self::Failed { failure, report } => {
                failure.fmt(f)?;
                report.explanation.as_deref().map_or(Ok(()), |explanation| write!(f, " ({explanation})"))
            }
            Self::Incomplete { missing, .. } => write!(
                f,
                "the list ended, but the server counts {missing} more items: pull it again, or ask the API's vendor"
            ),
            Self::NotACall => f.write_str("the endpoint is a list: pull it, or describe a call"),
            Self::NotAList => f.write_str("the endpoint is a call: send it, or drive a sink with it"),
            Self::Ended => f.write_str("the pull has failed before: go on from its checkpoint"),
            Self::Item { index, source } => {
                write!(f, "item {index} of the page is not of the type asked for: {source}")
            }
            Self::Sink(error) => write!(f, "the items could not be stored: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Setup(error) | Self::Sink(error) => Some(error.as_ref()),
            Self::Item { source, .. } => Some(source),
            Self::Project(_)
            | Self::Quota(_)
            | Self::Pull(_)
            | Self::Failed { .. }
            | Self::Incomplete { .. }
            | Self::NotACall
            | Self::NotAList
            | Self::Ended => None,
        }
    }
}

impl From<ProjectError> for Error {
    fn from(error: ProjectError) -> Self {
        Self::Project(error)
    }
}
