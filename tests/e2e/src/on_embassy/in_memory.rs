//! No sockets: connections that hold what the simulator's model answers, byte by byte as it would stand on a wire, cut off,
//! reset or falling silent where the scenario says. Fast enough to break every byte, and to drop the driver's future at every
//! point at which it waits.

use super::{CutOff, Device, time};
use crate::clock::VirtualClock;
use crate::scenario::Scenario;
use crate::trace::Run;
use crate::wire;
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tidegate_core::http::Origin;
use tidegate_core::time::{Duration, Instant};
use tidegate_embassy::{Connect, ConnectError, Connection, SendError};
use tidegate_simulator::{Ending, Simulator};
use tidegate_std::Clock as _;

pub(crate) fn run(scenario: &Scenario) -> Run {
    with_model(scenario, |device, model| block_on(&device.clock.clone(), device.run(model)))
}

/// Runs a scenario, drops the driver's future where it waits for the `polls`-th time, and runs the same pull again with the
/// same client. Whether the future was really dropped tells the second part: if not, the scenario has no more such points.
pub fn run_cut_off(scenario: &Scenario, polls: usize) -> (Run, bool) {
    let mut run = Run::of(scenario);
    let mut was_dropped = false;
    let stats = with_model(scenario, |device, model| {
        WAITS.set(Some(0));
        block_on(&device.clock.clone(), async {
            let ended = device.run_once(model, &mut run, None, Some(CutOff::AtWait(polls))).await;
            assert!(ended.is_none(), "nothing restarts here");
        });
        was_dropped = WAITS.take().is_some_and(|waits| waits >= polls);
        run
    });
    (stats, was_dropped)
}

/// Runs a scenario, drops the driver's future each time that it has run for so long, and runs the same pull again.
pub fn run_with_timeouts(scenario: &Scenario, longest: Duration) -> Run {
    let mut run = Run::of(scenario);
    with_model(scenario, |device, model| {
        block_on(&device.clock.clone(), async {
            let ended = device.run_once(model, &mut run, None, Some(CutOff::After(longest))).await;
            assert!(ended.is_none(), "nothing restarts here");
        });
        run
    })
}

/// Sends the call of a scenario with `tidegate-embassy`, and gathers its answer in a buffer of that size: the status, and the
/// body.
pub fn send_on_embassy(scenario: &Scenario, room: usize) -> Result<(u16, Vec<u8>), SendError> {
    let mut sent = None;
    with_model(scenario, |device, model| {
        let clock = device.clock.clone();
        sent = Some(block_on(&clock, device.send(model, room)));
        Run::of(scenario)
    });
    sent.expect("it was sent")
}

/// What became of the connections of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Opened by the driver.
    pub opened: u32,
    /// Closed properly by the driver.
    pub closed: u32,
    /// Ended at once by the driver.
    pub aborted: u32,
}

/// Runs a scenario whose server ends the connection without a word behind the answer to the given request.
pub fn run_with_connection_ended(scenario: &Scenario, request: u64) -> (Run, Connections) {
    let mut connections = Connections::default();
    let run = with_model(scenario, |device, model| {
        model.ends_behind = Some(request);
        let run = block_on(&device.clock.clone(), device.run(model));
        connections = model.connections;
        run
    });
    (run, connections)
}

/// Runs a scenario whose network goes away behind the given request, and comes back after the given time.
pub fn run_with_network_lost(scenario: &Scenario, lost: Option<(u64, Duration)>) -> (Run, Connections) {
    let mut connections = Connections::default();
    let run = with_model(scenario, |device, model| {
        model.lost = lost;
        let run = block_on(&device.clock.clone(), device.run(model));
        connections = model.connections;
        run
    });
    (run, connections)
}

fn with_model(scenario: &Scenario, work: impl FnOnce(&Device<'_>, &mut Model<'_>) -> Run) -> Run {
    let clock = Arc::new(VirtualClock::new(scenario.start));
    let _running = time::Running::on(&clock);
    // As many digits as a real port has, so that a link of the server's to itself is as long.
    let base_url = format!("http://127.0.0.1:54321{}", scenario.base_path());
    let simulator = Simulator::new(scenario.config.clone());
    let connections = Connections::default();
    let (lost, back_at, ends_behind) = (None, Instant::ZERO, None);
    let mut model = Model { scenario, clock: &clock, simulator, connections, lost, back_at, ends_behind };
    let device = Device { scenario, clock: &clock, base_url: &base_url };
    let mut run = work(&device, &mut model);
    run.stats = model.simulator.stats();
    run
}

thread_local! {
    /// How often the driver has waited for something, where that is counted.
    static WAITS: Cell<Option<usize>> = const { Cell::new(None) };
}

/// A point at which a driver that is cut off would be cut off: everything that can wait comes through here once.
pub(super) async fn await_point() {
    if WAITS.get().is_some() {
        let mut waited = false;
        poll_fn(|context| {
            if std::mem::replace(&mut waited, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// Runs a future until it has waited so many times, and then drops it.
pub(super) async fn poll_at_most<F: Future>(future: F, polls: usize) {
    let mut future = pin!(future);
    poll_fn(|context| {
        if future.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let waits = WAITS.get().unwrap_or(0) + 1;
        WAITS.set(Some(waits));
        if waits >= polls { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Polls a future to its end. When nothing more can happen now, time passes until something does.
fn block_on<F: Future>(clock: &VirtualClock, future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        WAITING.set(false);
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        if WAITING.get() {
            clock.advance_to_first_sleeper();
        }
    }
}

thread_local! {
    /// Whether the driver waits for a server that says nothing more.
    static WAITING: Cell<bool> = const { Cell::new(false) };
}

/// Connects to the model.
struct Model<'a> {
    scenario: &'a Scenario,
    clock: &'a VirtualClock,
    simulator: Simulator,
    connections: Connections,
    /// Behind which request the network goes away, and for how long.
    lost: Option<(u64, Duration)>,
    back_at: Instant,
    /// Behind the answer to which request the server ends the connection.
    ends_behind: Option<u64>,
}

impl<'a> Connect for Model<'a> {
    type Connection<'c>
        = Line<'c, 'a>
    where
        Self: 'c;

    async fn ready(&mut self) {
        let mut back = pin!(tidegate_embassy::clock::sleep_until(self.back_at));
        poll_fn(|context| {
            WAITING.set(true);
            back.as_mut().poll(context)
        })
        .await;
    }

    async fn connect<'c>(&'c mut self, _: Origin<'_>) -> Result<Line<'c, 'a>, ConnectError> {
        await_point().await;
        if tidegate_embassy::clock::now() < self.back_at {
            return Err(ConnectError::Refused);
        }
        self.connections.opened += 1;
        Ok(Line { model: self, request: Vec::new(), response: Vec::new(), end: End::Open })
    }
}

/// A connection to the model.
struct Line<'c, 'a> {
    model: &'c mut Model<'a>,
    /// What came of the request so far.
    request: Vec<u8>,
    /// What is left of the response, last byte first.
    response: Vec<u8>,
    end: End,
}

/// What comes behind the response.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The next request.
    Open,
    Closed,
    Reset,
    /// Nothing, for ever.
    Silence,
}

impl Line<'_, '_> {
    fn answer(&mut self) {
        let Model { scenario, clock, simulator, lost, back_at, ends_behind, .. } = &mut *self.model;
        let asked = wire::read(&self.request);
        self.request.clear();
        let half_trip = Duration::from_millis(scenario.round_trip.as_millis() / 2);
        clock.advance(half_trip);
        let request = tidegate_simulator::Request {
            method: &asked.method,
            target: &asked.target,
            fields: &asked.fields,
            body: &asked.body,
        };
        let response = simulator.answer(clock.unix().as_millis(), &request);
        clock.advance(half_trip.plus(Duration::from_millis(response.delay_ms)));
        let bytes = response.wire_bytes();
        let mut sent = &bytes[..response.sent_bytes()];
        if let Some((_, time)) = lost.take_if(|(request, _)| simulator.stats().requests >= *request) {
            sent = &[];
            *back_at = tidegate_embassy::clock::now().after(time);
        }
        self.response = sent.iter().rev().copied().collect();
        self.end = match response.ending {
            Ending::Complete if sent.is_empty() => End::Reset,
            Ending::Complete if *ends_behind == Some(simulator.stats().requests) => End::Closed,
            Ending::Complete if wire::is_kept(&response, sent) => End::Open,
            Ending::Complete | Ending::CutWire { .. } | Ending::Cut { .. } => End::Closed,
            Ending::Reset { .. } => End::Reset,
            Ending::Stall { .. } | Ending::StallBeforeHead => End::Silence,
        };
    }
}

impl Connection for Line<'_, '_> {
    fn is_reusable(&mut self) -> bool {
        self.response.is_empty() && self.end == End::Open
    }

    async fn close(&mut self) {
        self.model.connections.closed += 1;
        await_point().await;
    }

    async fn abort(&mut self) {
        self.model.connections.aborted += 1;
        await_point().await;
    }
}

impl ErrorType for Line<'_, '_> {
    type Error = ErrorKind;
}

impl Read for Line<'_, '_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        await_point().await;
        if self.response.is_empty() {
            return match self.end {
                End::Closed => Ok(0),
                End::Reset => Err(ErrorKind::ConnectionReset),
                End::Open | End::Silence => {
                    poll_fn(|_| {
                        WAITING.set(true);
                        Poll::Pending
                    })
                    .await
                }
            };
        }
        let count = buffer.len().min(self.response.len()).min(self.model.scenario.chunk);
        for room in &mut buffer[..count] {
            *room = self.response.pop().expect("so many are left");
        }
        Ok(count)
    }
}

impl Write for Line<'_, '_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        await_point().await;
        // A part of what is offered, as a stack with a short buffer takes it.
        let taken = bytes.len().min(48);
        self.request.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        await_point().await;
        if wire::request_length(&self.request) == Some(self.request.len()) {
            self.answer();
        }
        Ok(())
    }
}
