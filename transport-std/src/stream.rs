//! Pulls as streams: the driver runs inside the stream, only while the stream is polled, and hands each event over
//! before it goes on. Asking for the next item therefore says that the one before is taken care of, and a page's
//! checkpoint counts as stored when an item of the next page is asked for.

use crate::client::Pull;
use crate::error::Error;
use crate::event::{Event, Report, Sink, SinkError};
use crate::seen::Seen;
use bytes::Bytes;
use futures_core::Stream;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tidegate_core::Checkpoint;
use tidegate_core::pull::Outcome;

type Running<'e> = Pin<Box<dyn Future<Output = Result<Report, Error>> + Send + 'e>>;

/// The raw items of a pull. Ends after the last one, or with the error that ended the pull; [`RawItems::is_complete`]
/// tells which it was.
pub struct RawItems<'e> {
    state: State<'e>,
    handover: Arc<Handover>,
}

enum State<'e> {
    Running(Running<'e>),
    Complete,
    Failed,
}

impl<'e> RawItems<'e> {
    pub(crate) fn new(pull: Pull<'e>) -> Self {
        let handover = Arc::new(Handover::default());
        handover.lock().checkpoint = pull.checkpoint();
        let mut sink = StreamSink { handover: Arc::clone(&handover), seen: Seen::default() };
        let pull: Running<'e> = Box::pin(async move {
            // The pieces of a body are cut elsewhere each time, and none would be known again after a break.
            if pull.is_list() { pull.drive(&mut sink).await } else { Err(Error::NotAList) }
        });
        Self { state: State::Running(pull), handover }
    }

    /// The next item, or `None` after the last.
    ///
    /// # Errors
    ///
    /// Whatever ended the pull.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any time; nothing is lost, and the next call goes on.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>, Error> {
        Ok(self.next_item().await?.map(|item| item.bytes))
    }

    /// Where the pull stands: every item before this checkpoint was handed out, and the next one was asked for. `None`
    /// until the first page is whole, unless the pull went on from a checkpoint.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.handover.lock().checkpoint
    }

    /// Whether every item was handed out: the end of the stream is the end of the list.
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete)
    }

    async fn next_item(&mut self) -> Result<Option<OwnedItem>, Error> {
        if let State::Failed = self.state {
            // The end of what could be pulled must not pass for the end of the list.
            return Err(Error::Ended);
        }
        poll_fn(|context| self.poll_item(context)).await.transpose()
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<OwnedItem, Error>>> {
        let State::Running(pull) = &mut self.state else { return Poll::Ready(None) };
        let polled = pull.as_mut().poll(context);
        if let Some(item) = self.handover.lock().item.take() {
            return Poll::Ready(Some(Ok(item)));
        }
        let Poll::Ready(ended) = polled else { return Poll::Pending };
        self.state = State::Failed;
        Poll::Ready(match ended {
            Ok(report) => match report.outcome {
                Outcome::Complete(_) => {
                    self.state = State::Complete;
                    None
                }
                Outcome::Incomplete { missing } => {
                    Some(Err(Error::Incomplete { missing, report: Box::new(report) }))
                }
                Outcome::Failed(failure) => Some(Err(Error::failed(failure, report))),
            },
            Err(error) => Some(Err(error)),
        })
    }
}

impl Stream for RawItems<'_> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context).map(|item| item.map(|item| item.map(|item| item.bytes)))
    }
}

impl fmt::Debug for RawItems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawItems").field("checkpoint", &self.checkpoint()).finish_non_exhaustive()
    }
}

/// The typed items of a pull. Ends after the last one, or with the error that ended the pull; an item that is not of
/// the type is an error too, after which the stream goes on with the next.
pub struct Items<'e, T> {
    raw: RawItems<'e>,
    item: PhantomData<fn() -> T>,
}

impl<'e, T: DeserializeOwned> Items<'e, T> {
    pub(crate) fn new(raw: RawItems<'e>) -> Self {
        Self { raw, item: PhantomData }
    }

    /// The next item, or `None` after the last.
    ///
    /// # Errors
    ///
    /// Whatever ended the pull, or [`Error::Item`].
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any time; nothing is lost, and the next call goes on.
    pub async fn try_next(&mut self) -> Result<Option<T>, Error> {
        self.raw.next_item().await?.map(decode).transpose()
    }

    /// Where the pull stands: see [`RawItems::checkpoint`].
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.raw.checkpoint()
    }

    /// Whether every item was handed out: the end of the stream is the end of the list.
    pub fn is_complete(&self) -> bool {
        self.raw.is_complete()
    }
}

impl<T: DeserializeOwned> Stream for Items<'_, T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.raw.poll_item(context).map(|item| item.map(|item| item.and_then(decode)))
    }
}

impl<T> fmt::Debug for Items<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("raw", &self.raw).finish_non_exhaustive()
    }
}

fn decode<T: DeserializeOwned>(item: OwnedItem) -> Result<T, Error> {
    serde_json::from_slice(&item.bytes).map_err(|source| Error::Item { index: item.index, source })
}

struct OwnedItem {
    index: u32,
    bytes: Bytes,
}

/// Where the driver leaves an item for the stream that polls it.
#[derive(Default)]
struct Handover(Mutex<Handed>);

#[derive(Default)]
struct Handed {
    item: Option<OwnedItem>,
    checkpoint: Option<Checkpoint>,
}

impl Handover {
    fn lock(&self) -> std::sync::MutexGuard<'_, Handed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves an item, and goes on when it was taken and the next one is asked for.
    async fn give(&self, item: OwnedItem) {
        self.lock().item = Some(item);
        // No wake-up is needed: whoever takes the item polls again when it wants the next.
        poll_fn(|_| if self.lock().item.is_none() { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

struct StreamSink {
    handover: Arc<Handover>,
    seen: Seen,
}

impl Sink for StreamSink {
    async fn event(&mut self, event: Event<'_>) -> Result<(), SinkError> {
        match event {
            Event::Item { index, bytes } if self.seen.is_new(bytes) => {
                self.handover.give(OwnedItem { index, bytes: Bytes::copy_from_slice(bytes) }).await;
            }
            Event::Checkpoint { checkpoint, .. } => {
                self.seen.forget();
                self.handover.lock().checkpoint = Some(*checkpoint);
            }
            Event::Rewind { .. } => self.seen.rewind()?,
            _ => {}
        }
        Ok(())
    }
}
