//! The answer to a single request, and what gathers it.

use crate::error::Error;
use crate::event::{Event, Sink, SinkError};
use bytes::Bytes;
use serde::de::DeserializeOwned;

/// What came back for a request that did what was asked.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status, from 200 to 299.
    pub status: u16,
    /// The `Location`, such as that of what was created, as the server wrote it.
    pub location: Option<String>,
    /// The body; empty if there was none.
    pub body: Bytes,
}

impl Answer {
    /// The body as a value. Members that the type does not have are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Item`], also where there is no body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|source| Error::Item { index: 0, source })
    }
}

/// The body, as far as it came.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) bytes: Vec<u8>,
}

impl Sink for Gathered {
    async fn event(&mut self, event: Event<'_>) -> Result<(), SinkError> {
        match event {
            Event::Item { bytes, .. } => self.bytes.extend_from_slice(bytes),
            Event::Rewind { .. } => self.bytes.clear(),
            _ => {}
        }
        Ok(())
    }
}
