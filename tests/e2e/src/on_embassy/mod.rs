//! `tidegate-embassy` on this machine, on a virtual clock: the driver of a microcontroller, with sockets of this machine, or
//! with nothing but the simulator's model, at the other end of its connections.

mod in_memory;
mod sockets;
mod time;

pub(crate) use in_memory::run as run_in_memory;
pub use in_memory::{
    Connections, run_cut_off, run_with_connection_ended, run_with_network_lost, run_with_timeouts,
    send_on_embassy,
};
pub(crate) use sockets::run as run_over_sockets;

use crate::clock::VirtualClock;
use crate::scenario::Scenario;
use crate::trace::Run;
use crate::virtually;
use std::sync::Arc;
use tidegate_core::Pull;
use tidegate_core::pull::{Mark, Settings};
use tidegate_core::time::Duration;
use tidegate_embassy::{Client, Connect, Event, Memory, SendError, SharedGate, clock};
use tidegate_std::{Clock, Spent};

/// The largest head. The simulator's are some hundred bytes long.
const HEAD_BUFFER: usize = 2 << 10;

/// What a device is given for a scenario.
struct Device<'a> {
    scenario: &'a Scenario,
    clock: &'a Arc<VirtualClock>,
    base_url: &'a str,
}

impl Device<'_> {
    /// Runs until the pull ends, started again as often as the scenario says.
    async fn run(&self, connector: &mut impl Connect) -> Run {
        let mut run = Run::of(self.scenario);
        let mut spent = None;
        while let Some(spent_until_now) = self.run_once(connector, &mut run, spent, None).await {
            run.restarted();
            spent = Some(spent_until_now);
        }
        run
    }

    /// Runs until the pull ends, or until the device has to be started again: then what was spent by then comes back. The
    /// driver's future is dropped as `cut_off` says, and the pull run again.
    async fn run_once(
        &self,
        connector: &mut impl Connect,
        run: &mut Run,
        spent: Option<Spent>,
        cut_off: Option<CutOff>,
    ) -> Option<Spent> {
        let Self { scenario, clock, base_url } = self;
        let token_url = scenario.tokens.as_ref().map(|tokens| tokens.url_at(base_url)).unwrap_or_default();
        let project = virtually::project(scenario, base_url, &token_url);
        let mut gate = virtually::gate(scenario);
        match spent {
            Some(spent) => spent.restore(&mut gate, clock::now()),
            None => gate = gate.unused(),
        }
        gate.assume_clock(clock.unix(), clock::now());
        let gate = SharedGate::new(gate);
        let (mut item_buffer, mut ids) = (vec![0; scenario.item_buffer], vec![Mark::EMPTY; scenario.ids]);
        // The seed comes from the client: with another one, the waits of other drivers would not be the same.
        let (settings, seed) = (Settings { seed: 0, ..scenario.settings }, scenario.settings.seed);
        let pull = Pull::new(&project, &scenario.endpoint, &settings, &mut item_buffer, run.checkpoint);
        // On the heap: a future that holds a pull is copied into each future that awaits it.
        let mut pull = Box::new(pull.expect("a usable pull").remembering(&mut ids));
        run.latest(scenario.ids).iter().for_each(|item| pull.recall(item));
        let (mut head, mut chunk) = (vec![0; HEAD_BUFFER], vec![0; scenario.chunk.max(64)]);
        let memory = Memory { head: &mut head, chunk: &mut chunk };
        let mut client = Client::new(&gate, Lent(connector), memory, seed).expect("enough memory");
        let mut checkpoints = 0;
        let mut sink = async |event: Event<'_>| {
            run.take(clock.now(), event);
            match event {
                Event::Waiting { wait, .. } => clock.advance(wait),
                Event::Checkpoint { .. } => {
                    checkpoints += 1;
                    if scenario.restart_every == Some(checkpoints) {
                        return Err(Restart);
                    }
                }
                _ => {}
            }
            in_memory::await_point().await;
            Ok(())
        };
        if let Some(CutOff::AtWait(polls)) = cut_off {
            in_memory::poll_at_most(client.run(&mut pull, &mut sink), polls).await;
        }
        let ended = loop {
            let run = client.run(&mut pull, &mut sink);
            let Some(CutOff::After(longest)) = cut_off else { break run.await };
            let longest = embassy_time::Duration::from_millis(longest.as_millis());
            if let Ok(ended) = embassy_time::with_timeout(longest, run).await {
                break ended;
            }
        };
        let spent = gate.with(|gate| Spent::of(gate, clock::now()));
        match ended {
            Ok(outcome) => {
                run.done(clock.now(), outcome, *pull.counters());
                run.answered(pull.status(), pull.location());
                run.refused(pull.problem());
                run.may_restart(scenario).then_some(spent)
            }
            Err(Restart) => Some(spent),
        }
    }
}

impl Device<'_> {
    /// Sends the scenario's call, as firmware does that wants its answer and nothing else.
    async fn send(&self, connector: &mut impl Connect, room: usize) -> Result<(u16, Vec<u8>), SendError> {
        let Self { scenario, base_url, .. } = self;
        let token_url = scenario.tokens.as_ref().map(|tokens| tokens.url_at(base_url)).unwrap_or_default();
        let project = virtually::project(scenario, base_url, &token_url);
        let gate = SharedGate::new(virtually::gate(scenario).unused());
        let mut item_buffer = vec![0; scenario.item_buffer];
        let mut pull = Pull::new(&project, &scenario.endpoint, &scenario.settings, &mut item_buffer, None)
            .expect("a usable call");
        let (mut head, mut chunk) = (vec![0; HEAD_BUFFER], vec![0; scenario.chunk.max(64)]);
        let memory = Memory { head: &mut head, chunk: &mut chunk };
        let mut client = Client::new(&gate, Lent(connector), memory, 0).expect("enough memory");
        let mut body = vec![0; room];
        let length = client.send(&mut pull, &mut body).await?;
        body.truncate(length);
        Ok((pull.status().expect("an answer came"), body))
    }
}

/// When the driver's future is dropped.
#[derive(Clone, Copy)]
enum CutOff {
    /// Once, where it waits for the so manieth time.
    AtWait(usize),
    /// Each time that it has run for so long.
    After(Duration),
}

/// The scenario starts the device again.
struct Restart;

/// A connector that outlives the client it is lent to.
struct Lent<'a, C>(&'a mut C);

impl<C: Connect> Connect for Lent<'_, C> {
    type Connection<'c>
        = C::Connection<'c>
    where
        Self: 'c;

    async fn ready(&mut self) {
        self.0.ready().await;
    }

    async fn connect<'c>(
        &'c mut self,
        origin: tidegate_core::http::Origin<'_>,
    ) -> Result<C::Connection<'c>, tidegate_embassy::ConnectError> {
        self.0.connect(origin).await
    }
}
