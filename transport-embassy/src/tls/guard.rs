//! The connection below TLS, watched: what comes is followed by [`Records`], and what is not allowed ends it for good.
//! A TLS library takes its connection away and shows it no more, so what has to be known or told from outside is in a
//! [`Watch`] that both sides share.

use super::records::Records;
use crate::Connection;
use core::cell::Cell;
use embedded_io_async::{Error as _, ErrorKind, ErrorType, Read, Write};

/// What is known of a connection that is inside a TLS library, and what it is told.
#[derive(Debug)]
pub(crate) struct Watch {
    /// A record came that is not allowed at its place.
    pub(crate) has_refused: Cell<bool>,
    /// What came so far ends where a record does.
    pub(crate) is_between_records: Cell<bool>,
    /// Nothing more goes out.
    pub(crate) is_silenced: Cell<bool>,
}

impl Watch {
    /// What is known of one that was just opened.
    pub(crate) const fn new() -> Self {
        Self {
            has_refused: Cell::new(false),
            is_between_records: Cell::new(true),
            is_silenced: Cell::new(false),
        }
    }
}

/// A connection whose records are followed.
#[derive(Debug)]
pub(crate) struct Guard<'w, C> {
    inner: C,
    records: Records,
    watch: &'w Watch,
}

impl<'w, C: Connection> Guard<'w, C> {
    pub(crate) fn new(inner: C, watch: &'w Watch) -> Self {
        Self { inner, records: Records::default(), watch }
    }

    /// Closes the connection itself.
    pub(crate) async fn close(mut self) {
        self.inner.close().await;
    }

    /// Ends the connection itself at once.
    pub(crate) async fn abort(mut self) {
        self.inner.abort().await;
    }
}

impl<C> ErrorType for Guard<'_, C> {
    type Error = ErrorKind;
}

impl<C: Connection> Read for Guard<'_, C> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let read = self.inner.read(buffer).await.map_err(|error| error.kind())?;
        let followed = self.records.follow(buffer.get(..read).unwrap_or_default());
        self.watch.is_between_records.set(self.records.is_between());
        match followed {
            Ok(()) => Ok(read),
            Err(_) => {
                self.watch.has_refused.set(true);
                Err(ErrorKind::InvalidData)
            }
        }
    }
}

impl<C: Connection> Write for Guard<'_, C> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        match self.watch.is_silenced.get() {
            true => Ok(bytes.len()),
            false => self.inner.write(bytes).await.map_err(|error| error.kind()),
        }
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        match self.watch.is_silenced.get() {
            true => Ok(()),
            false => self.inner.flush().await.map_err(|error| error.kind()),
        }
    }
}
