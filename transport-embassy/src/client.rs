//! The client: connections to one project, and the memory in which their bytes lie.

use crate::clock;
use crate::connect::Connect;
use crate::driver::{Driver, Due, Next};
use crate::fault::Fault;
use crate::gate::SharedGate;
use crate::memory::{Memory, MemoryError};
use core::fmt;
use embassy_time::TimeoutError;
use tidegate_core::Pull;
use tidegate_core::profile::Profile;
use tidegate_core::pull::{Event, Failure, Outcome, TransportFault};
use tidegate_core::quota::Slots;
use tidegate_core::time::{Duration, Instant};

/// Why there is no answer to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// None that did what was asked.
    Failed(Failure),
    /// It did, but its body is longer than the buffer for it.
    TooLong {
        /// The size of the buffer in bytes.
        room: usize,
    },
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(f),
            Self::TooLong { room } => {
                write!(
                    f,
                    "the request was carried out, but its answer has more than the {room} bytes of the buffer"
                )
            }
        }
    }
}

impl core::error::Error for SendError {}

/// Runs pulls of one project over connections of one connector, one at a time. For two pulls at once, make two clients and
/// lend both the same gate.
pub struct Client<'a, C, S> {
    gate: &'a SharedGate<S>,
    connector: C,
    memory: Memory<'a>,
    seed: u64,
    fault: Option<Fault>,
}

impl<'a, C: Connect, S: Slots> Client<'a, C, S> {
    /// A client whose requests go through `gate` and over connections of `connector`.
    ///
    /// `seed` must differ between devices: a number of the hardware's random number generator, or the unique id of the chip,
    /// folded into 64 bits. The jitter of retries comes from it. Devices with the same seed fail together and come back
    /// together, so the server fails again. It need not be secret. It is added to the seed of the pull's settings.
    ///
    /// # Errors
    ///
    /// A buffer is too small to be of use.
    pub fn new(
        gate: &'a SharedGate<S>,
        connector: C,
        memory: Memory<'a>,
        seed: u64,
    ) -> Result<Self, MemoryError> {
        memory.check()?;
        Ok(Self { gate, connector, memory, seed, fault: None })
    }

    /// Runs a pull to its end, and hands over what it tells. A pull with a profile of its own ([`Pull::with_profile`]) keeps what it
    /// does not need out of the image.
    ///
    /// # Errors
    ///
    /// Whatever keeps the closure from going on. The pull can be run again, and goes on as after a drop.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any await point, and the pull run again, with this client or with another one. The
    /// connection is closed, and a page in hand breaks off: the next run begins with [`Event::Rewind`] if items of it were
    /// handed over, and with the same event again if the closure was at a checkpoint or a rewind. The request in hand is sent
    /// again, which costs no retry; one that must not be sent twice ends the pull with [`TransportFault::Broken`].
    pub async fn run<P: Profile, E>(
        &mut self,
        pull: &mut Pull<'_, P>,
        sink: impl AsyncFnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<Outcome, E> {
        pull.add_seed(self.seed);
        let Self { gate, connector, memory, fault, .. } = self;
        let mut driver = Driver { gate, pull, sink, memory, fault };
        let mut next = Next::Look;
        loop {
            next = match next {
                Next::Over(outcome) => return Ok(outcome),
                Next::Look => match apart!(driver.until_due(Duration::MAX))? {
                    Due::Over(outcome) => return Ok(outcome),
                    Due::LongWait => Next::Look,
                    Due::Request => {
                        apart!(connector.ready());
                        apart!(driver.begin())?.map_or(Next::Look, Next::Send)
                    }
                },
                Next::Send(recipient) => {
                    // Without a deadline nothing is waited for any more: it has passed.
                    let deadline = driver.deadline().unwrap_or(Instant::ZERO);
                    // The gate counts it, so it is there.
                    let Some((_, origin)) = driver.pull.recipient() else { continue };
                    let mut opened = apart!(clock::before(deadline, connector.connect(origin)));
                    // Not moved out of there: a connection with TLS is large, and the future and the stack would have room for
                    // it once more.
                    match &mut opened {
                        Ok(Ok(connection)) => apart!(driver.exchanges(connection, recipient))?,
                        Ok(Err(error)) => {
                            driver.failed(TransportFault::Connect, Fault::Connect(*error));
                            Next::Look
                        }
                        // The engine sees by itself that the deadline has passed.
                        Err(TimeoutError) => Next::Look,
                    }
                }
            };
        }
    }

    /// Sends the one request that a call describes ([`tidegate_core::Endpoint::call`]), gathers the body of its answer at the
    /// beginning of `body`, and tells how long it is. Status and location are in the pull then. It goes through the same limit,
    /// retries and error handling as a list.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    ///
    /// # Cancel safety
    ///
    /// As [`Client::run`]: what is not described as harmless is not sent again, and nobody knows whether it arrived.
    pub async fn send<P: Profile>(
        &mut self,
        pull: &mut Pull<'_, P>,
        body: &mut [u8],
    ) -> Result<usize, SendError> {
        let mut length: usize = 0;
        let room = body.len();
        let outcome = self.run(pull, async |event| {
            match event {
                Event::Item { bytes, .. } => {
                    let end = length.saturating_add(bytes.len());
                    let place = body.get_mut(length..end).ok_or(SendError::TooLong { room })?;
                    place.copy_from_slice(bytes);
                    length = end;
                }
                Event::Rewind { .. } => length = 0,
                _ => {}
            }
            Ok(())
        });
        match outcome.await? {
            Outcome::Complete(_) | Outcome::Incomplete { .. } => Ok(length),
            Outcome::Failed(failure) => Err(SendError::Failed(failure)),
        }
    }

    /// What went wrong on the way last, for people; a pull that fails with [`TransportFault`] says only of which kind it was.
    pub const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The connector.
    pub const fn connector(&mut self) -> &mut C {
        &mut self.connector
    }
}

impl<C, S> fmt::Debug for Client<'_, C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("fault", &self.fault).finish_non_exhaustive()
    }
}
