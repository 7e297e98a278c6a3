//! The loop: carries out the engine's steps on a connection, and reports what came of them. It decides nothing.

use crate::clock;
use crate::connect::Connection;
use crate::fault::Fault;
use crate::gate::SharedGate;
use crate::memory::Memory;
use embassy_time::TimeoutError;
use embedded_io_async::Error as _;
use tidegate_core::http::h1::{self, Decoder, H1ErrorKind};
use tidegate_core::profile::Profile;
use tidegate_core::pull::{Event, Outcome, RequestKind, TransportFault};
use tidegate_core::quota::Slots;
use tidegate_core::time::{Duration, Instant};
use tidegate_core::{Pull, Step};

/// A pull being run.
pub(crate) struct Driver<'r, 'm, 'p, S: Slots, P: Profile, F> {
    pub(crate) gate: &'r SharedGate<S>,
    pub(crate) pull: &'r mut Pull<'p, P>,
    pub(crate) sink: F,
    pub(crate) memory: &'r mut Memory<'m>,
    pub(crate) fault: &'r mut Option<Fault>,
}

/// The longest that an open connection is kept without use. Many servers end it after five seconds, and many a middle box
/// forgets it soon after that without a word to either side.
const IDLE: Duration = Duration::from_secs(5);

/// What is to be done when nothing is left to wait for.
#[derive(Clone, Copy)]
pub(crate) enum Due {
    /// A request may be sent. It is not counted yet.
    Request,
    /// A longer wait than that for which a connection is kept.
    LongWait,
    /// Nothing: the pull is over.
    Over(Outcome),
}

/// What is to be done after an exchange, without its connection.
pub(crate) enum Next {
    /// To see what is due.
    Look,
    /// This request was counted, and is to be sent over a connection of its own.
    Send(RequestKind),
    /// Nothing: the pull is over.
    Over(Outcome),
}

/// What became of a connection with an exchange.
enum After {
    /// The response was whole.
    Whole(Decoder),
    /// What is left of the response is of no use, and nobody knows where it ends.
    Broken,
}

impl<S: Slots, P: Profile, E, F: AsyncFnMut(Event<'_>) -> Result<(), E>> Driver<'_, '_, '_, S, P, F> {
    /// Does what needs no connection until a request is due, the pull is over, or there is a wait of more than `longest`. No
    /// response is being received.
    pub(crate) async fn until_due(&mut self, longest: Duration) -> Result<Due, E> {
        loop {
            let now = clock::now();
            let (step, seen) = self.gate.with(|gate| (self.pull.step(gate, now), gate.changed()));
            match step {
                Step::Wait { until, .. } if until.since(now) > longest => return Ok(Due::LongWait),
                Step::Wait { until, why } => {
                    detail!("waiting: {}", why);
                    (self.sink)(Event::Waiting { wait: until.since(now), why }).await?;
                    self.gate.wait(until, seen).await;
                }
                Step::Send => return Ok(Due::Request),
                // The future that waited for the response was dropped, and nobody said so.
                Step::Receive { .. } => self.gate.with(|gate| self.pull.abandoned(gate, now)),
                Step::Checkpoint => {
                    let (checkpoint, counters) = (self.pull.behind(), self.pull.counters());
                    (self.sink)(Event::Checkpoint { checkpoint, counters }).await?;
                    self.pull.stored();
                }
                Step::Rewind { items } => {
                    (self.sink)(Event::Rewind { items }).await?;
                    self.pull.rewound();
                }
                Step::Done(outcome) => {
                    (self.sink)(Event::Done(outcome)).await?;
                    return Ok(Due::Over(outcome));
                }
            }
        }
    }

    /// Has the request that is due counted. Where it goes to; `None` if another pull took the last slot meanwhile.
    pub(crate) async fn begin(&mut self) -> Result<Option<RequestKind>, E> {
        let is_counted = self.gate.with(|gate| self.pull.sent(gate, clock::now()));
        if !is_counted {
            return Ok(None);
        }
        if let Some(target) = self.pull.target() {
            detail!("sending: {}", target);
            (self.sink)(Event::Sending { target }).await?;
        }
        Ok(self.pull.recipient().map(|(recipient, _)| recipient))
    }

    /// Sends the request that was counted and receives its response, and goes on with the next one as long as the connection
    /// serves and it is for the same recipient. The connection is ended then, and is to be dropped.
    pub(crate) async fn exchanges(
        &mut self,
        connection: &mut impl Connection,
        recipient: RequestKind,
    ) -> Result<Next, E> {
        let (next, is_whole) = loop {
            let After::Whole(decoder) = apart!(self.exchange(connection))? else {
                break (Next::Look, false);
            };
            let next = match decoder.is_reusable() {
                true => apart!(self.next())?,
                false => Next::Look,
            };
            match next {
                // The server has closed it meanwhile, or sends what nobody asked for.
                Next::Send(next) if !connection.is_reusable() => break (Next::Send(next), false),
                // Where elsewhere is may be another place each time.
                Next::Send(next) if next == recipient && next != RequestKind::Elsewhere => {}
                next => break (next, true),
            }
        };
        // Whether it came to its end or not, the connection is dropped.
        let _ = apart!(briefly(end(connection, is_whole)));
        Ok(next)
    }

    /// What comes next while a connection is open.
    async fn next(&mut self) -> Result<Next, E> {
        loop {
            match apart!(self.until_due(IDLE))? {
                Due::Request => {
                    if let Some(recipient) = apart!(self.begin())? {
                        return Ok(Next::Send(recipient));
                    }
                }
                Due::LongWait => return Ok(Next::Look),
                Due::Over(outcome) => return Ok(Next::Over(outcome)),
            }
        }
    }

    async fn exchange(&mut self, connection: &mut impl Connection) -> Result<After, E> {
        if !apart!(self.send(connection)) {
            return Ok(After::Broken);
        }
        let mut decoder = Decoder::new();
        while let Some(deadline) = self.deadline() {
            match apart!(clock::before(deadline, connection.read(self.memory.chunk))) {
                Ok(Ok(0)) => {
                    match decoder.eof() {
                        Ok(()) => self.gate.with(|gate| self.pull.end(gate, clock::now())),
                        Err(error) => self.failed(TransportFault::Broken, Fault::Http(error)),
                    }
                    return Ok(After::Broken);
                }
                Ok(Ok(count)) => {
                    if apart!(self.received(&mut decoder, count))? {
                        return Ok(After::Whole(decoder));
                    }
                }
                Ok(Err(error)) => {
                    self.failed(TransportFault::Broken, Fault::Broken(error.kind()));
                    return Ok(After::Broken);
                }
                // The read was cut off, and may have taken bytes with it.
                Err(TimeoutError) => return Ok(After::Broken),
            }
        }
        Ok(After::Broken)
    }

    /// Sends the request, in parts where the buffer has no room for all of it. Whether that worked.
    async fn send(&mut self, connection: &mut impl Connection) -> bool {
        let mut sent: usize = 0;
        loop {
            let Some(deadline) = self.deadline() else { return false };
            let Self { gate, pull, memory, .. } = self;
            let part = gate.with(|gate| Some(h1::encode_part(&pull.request(gate)?, sent, memory.chunk)));
            let Some(count) = part else {
                // Its token was replaced by another pull. As long as nothing was sent, nothing has happened.
                let kind = if sent == 0 { TransportFault::Connect } else { TransportFault::Broken };
                self.failed(kind, Fault::Dropped);
                return false;
            };
            let part = self.memory.chunk.get(..count).unwrap_or_default();
            let written = clock::before(deadline, async {
                match part {
                    [] => connection.flush().await,
                    part => connection.write_all(part).await,
                }
            });
            let written = written.await;
            // It holds the credential.
            self.memory.chunk.fill(0);
            match written {
                Ok(Ok(())) if count == 0 => return true,
                Ok(Ok(())) => sent = sent.saturating_add(count),
                Ok(Err(error)) => {
                    self.failed(TransportFault::Broken, Fault::Broken(error.kind()));
                    return false;
                }
                Err(TimeoutError) => return false,
            }
        }
    }

    /// Hands over what so many bytes hold, as far as the engine wants it. Whether the response is whole with them.
    async fn received(&mut self, decoder: &mut Decoder, count: usize) -> Result<bool, E> {
        let Self { gate, pull, sink, memory, fault } = self;
        let mut bytes = memory.chunk.get(..count).unwrap_or_default();
        loop {
            let now = clock::now();
            let (taken, event) = match decoder.push_reading(bytes, memory.head, &|name| pull.reads(name)) {
                Ok(taken) => taken,
                Err(error) => {
                    warning!("the response cannot be read: {}", error);
                    **fault = Some(Fault::Http(error));
                    let kind = match error.kind {
                        H1ErrorKind::HeadTooLarge { .. } => TransportFault::HeadTooLarge,
                        _ => TransportFault::Broken,
                    };
                    gate.with(|gate| pull.failed(gate, now, kind));
                    return Ok(false);
                }
            };
            match event {
                None => return Ok(false),
                Some(h1::Event::Head(head)) => {
                    let announced = gate.with(|gate| pull.head(gate, now, head.status(), head.fields()));
                    if let Some(event) = announced {
                        sink(event).await?;
                    }
                }
                Some(h1::Event::Body(mut body)) => {
                    while let Some(event) = pull.body(clock::now(), &mut body) {
                        sink(event).await?;
                    }
                }
                Some(h1::Event::End) => {
                    gate.with(|gate| pull.end(gate, now));
                    // Bytes behind the end make the connection one that cannot be trusted; the decoder must see them.
                    let _ = decoder.push(bytes.get(taken..).unwrap_or_default(), memory.head);
                    return Ok(true);
                }
            }
            bytes = bytes.get(taken..).unwrap_or_default();
            if !matches!(gate.with(|gate| pull.step(gate, clock::now())), Step::Receive { .. }) {
                return Ok(false);
            }
        }
    }

    /// Until when the response is waited for; `None` if it no longer is.
    pub(crate) fn deadline(&mut self) -> Option<Instant> {
        match self.step(clock::now()) {
            Step::Receive { deadline } => Some(deadline),
            _ => None,
        }
    }

    pub(crate) fn failed(&mut self, kind: TransportFault, fault: Fault) {
        warning!("{}", fault);
        *self.fault = Some(fault);
        self.gate.with(|gate| self.pull.failed(gate, clock::now(), kind));
    }

    fn step(&mut self, now: Instant) -> Step {
        self.gate.with(|gate| self.pull.step(gate, now))
    }
}

/// Whoever waits for this pull goes on when nobody drives it any more.
impl<S: Slots, P: Profile, F> Drop for Driver<'_, '_, '_, S, P, F> {
    fn drop(&mut self) {
        self.gate.with(|gate| self.pull.abandoned(gate, clock::now()));
    }
}

/// Ends a connection. One whose last response is not whole is not waited for.
async fn end(connection: &mut impl Connection, is_whole: bool) {
    match is_whole {
        true => connection.close().await,
        false => connection.abort().await,
    }
}

/// Does not wait for it long: everything that a connection was for is done. No async function, for that would have room for
/// `ending` twice.
fn briefly(ending: impl Future<Output = ()>) -> impl Future<Output = Result<(), TimeoutError>> {
    const LONGEST: Duration = Duration::from_secs(2);
    clock::before(clock::now().after(LONGEST), ending)
}
