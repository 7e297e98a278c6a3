//! The engine: one endpoint being pulled, page by page, through a gate.
//!
//! | state | left by | for |
//! |---|---|---|
//! | `Due` | `sent` | `Sent` |
//! | `Sent` | `head` of a success | `Receiving` a page, a token or a single answer |
//! | | `head` with another status | `Receiving` a refusal; for a redirect `Ended` at once, or `Due` where it may be followed |
//! | | `failed`, deadline | `Due` if forgiven, else `Ended` |
//! | `Receiving` a page or an answer | `body` | itself, one item at a time |
//! | | `end` of a whole page | `AwaitingStore` |
//! | | `failed`, deadline, anything wrong with it | `AwaitingRewind`, or as above where no item was handed over |
//! | `Receiving` a token | `end` | `Due` |
//! | | `failed`, deadline, anything wrong with it | `Due` if forgiven, else `Ended` |
//! | `Receiving` a refusal | `end`, `failed`, deadline, enough bytes | `Due` to wait and ask again, else `Ended` |
//! | `AwaitingStore` | `stored` | `Due`, or `Ended` after the last page |
//! | `AwaitingRewind` | `rewound` | `Due` if forgiven, else `Ended` |
//!
//! `Sent` and `Receiving` have an exchange: one request and its answer. An exchange holds a place in the limits, perhaps the turn,
//! and perhaps the question for a token. It gives them back once: with the head of the answer, or when the state is left.
//!
//! A report of the driver that does not fit the state is ignored. So a driver that was cut off in the middle of a step loses
//! nothing: it asks again.

mod answer;
mod deduplicator;
mod engine;
mod event;
mod exchange;
mod failing;
mod id;
mod in_flight;
mod progress;
mod receiving;
mod refusal;
mod report;
mod request;
mod request_kind;
mod settings;
mod status;
mod step;
#[cfg(test)]
mod tests;
mod words;

pub use crate::cursor::End;
pub use deduplicator::Mark;
pub use engine::PullError;
pub use event::Event;
pub use in_flight::InFlight;
pub use report::{Counters, Failure, Outcome, TransportFault, Waited};
pub use request_kind::RequestKind;
pub use settings::{Oversized, Settings};
pub use step::Step;

use crate::api::{Endpoint, Project};
use crate::checkpoint::Checkpoint;
use crate::cursor::{LINK, Token};
use crate::fingerprint;
use crate::gate::Gate;
use crate::http::{Origin, Reading, Request, Target, is_read};
use crate::page::PageEnd;
use crate::problem::Problem;
use crate::profile::{Everything, Profile};
use crate::quota::Slots;
use crate::time::{Duration, Instant};
use core::fmt;
use core::marker::PhantomData;
use deduplicator::Deduplicator;
use engine::Engine;
use exchange::{Body, State};
use receiving::page_failure;

/// Enough for any 64-bit number in decimal, and for the origin at the beginning of a link.
const NUMBER_BUFFER: usize = LINK;

/// Enough for that and for any token.
const CURSOR_BUFFER: usize = if cfg!(feature = "tokens") { Token::CAPACITY } else { NUMBER_BUFFER };

/// One endpoint being pulled. Its `Debug` form leaves out the buffers: they hold other people's data.
pub struct Pull<'a, P = Everything> {
    engine: Engine<'a, P>,
    item_buffer: &'a mut [u8],
    cursor_buffer: [u8; CURSOR_BUFFER],
    deduplicator: Deduplicator<'a>,
}

impl<'a> Pull<'a> {
    /// A pull of `endpoint`, from its beginning or from where `checkpoint` stands.
    ///
    /// `item_buffer` bounds the size of an item, in bytes; an item that lies whole in a chunk is lent from there all the
    /// same. Tokens and locations that the server sends are put there too, when no item is.
    ///
    /// # Errors
    ///
    /// The endpoint cannot be requested, or the checkpoint belongs to something else.
    pub fn new(
        project: &'a Project<'a>,
        endpoint: &'a Endpoint<'a>,
        settings: &'a Settings,
        item_buffer: &'a mut [u8],
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, PullError> {
        Self::with_profile(project, endpoint, settings, item_buffer, checkpoint)
    }
}

impl<'a, P: Profile> Pull<'a, P> {
    /// The same by an engine that is able to do what `P` says and no more: `Pull::<'_, MyProfile>::with_profile(…)`.
    ///
    /// # Errors
    ///
    /// As [`Pull::new`], and [`PullError::NotInProfile`].
    #[inline(never)]
    pub fn with_profile(
        project: &'a Project<'a>,
        endpoint: &'a Endpoint<'a>,
        settings: &'a Settings,
        item_buffer: &'a mut [u8],
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, PullError> {
        Engine::<P>::check(project, endpoint)?;
        let binding = project.binding::<P>(endpoint);
        let checkpoint = checkpoint.unwrap_or_else(|| Checkpoint::at_start(binding));
        checkpoint.check_binding(&binding).map_err(PullError::Checkpoint)?;
        Ok(Self {
            engine: Engine::new(project, endpoint, settings, checkpoint),
            item_buffer,
            cursor_buffer: [0; CURSOR_BUFFER],
            deduplicator: Deduplicator::none(),
        })
    }

    /// The same, with memory for the latest items, one mark each. An item with the id and the bytes of one of them is left out
    /// and counted. An item with its id and other bytes is handed over and counted, and takes its place.
    ///
    /// This helps where the endpoint names the member with the id ([`Endpoint::known_by`]) and pages are asked for by number or
    /// offset: there a new row pushes others onto the next page. Room for two pages is enough. After a restart,
    /// [`Pull::recall`] restores what earlier runs handed over.
    #[must_use]
    pub fn remembering(self, items: &'a mut [Mark]) -> Self {
        Self { deduplicator: Deduplicator::remembering(items), ..self }
    }

    /// Remembers an item that an earlier run handed over and stored, so that it is left out if it comes again. Call it before
    /// the first step, for the latest items in their order.
    pub fn recall(&mut self, item: &[u8]) {
        if let Some(id) = self.engine.endpoint.id().filter(|_| P::CAPABILITIES.ids) {
            self.deduplicator.note(item, id, fingerprint::of_line(item));
            self.deduplicator.keep();
        }
    }

    /// Adds to the seed that the settings give ([`Settings::seed`]). For drivers that are given a seed of their own; call it before
    /// the first step.
    pub const fn add_seed(&mut self, seed: u64) {
        self.engine.retry.add_seed(seed);
    }

    /// What to do next. Asked twice it gives the same step, also if the driver was cut off in between.
    #[inline(never)]
    pub fn step<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> Step {
        let was_token = self.is_token();
        let step = self.engine.step(gate, now);
        self.wipe(was_token);
        step
    }

    /// Whether the request may leave now. `true` takes its place in the limit. `false` means that another pull was first, or
    /// that no request was due: send nothing, and ask for a step again.
    #[must_use]
    #[inline(never)]
    pub fn sent<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) -> bool {
        self.engine.sent(gate, now)
    }

    /// The request that [`Pull::sent`] has let leave. It stays the same until the head of its answer comes, so a driver may ask
    /// for it again for each part that it writes. `None` if there is none, also if another pull has replaced its access token
    /// meanwhile: then answer with [`Pull::failed`], unless the step is no longer [`Step::Receive`].
    #[inline(never)]
    pub fn request<'r, S: Slots>(&'r self, gate: &'r Gate<S>) -> Option<Request<'r, P>> {
        self.engine.request(self.item_buffer, gate)
    }

    /// The target of that request. It holds no secret, nor the parameters of a signed URL.
    pub fn target(&self) -> Option<Target<'_>> {
        self.engine.target()
    }

    /// What that request is for, and where it goes.
    pub fn recipient(&self) -> Option<(RequestKind, Origin<'_>)> {
        self.engine.origin(self.item_buffer)
    }

    /// Takes out what the request holds of its gate. A task that waits for the head of the answer settles it then, even if
    /// nobody polls the pull. The driver still calls [`Pull::head`] later. `None` if there is nothing to settle.
    ///
    /// A driver that is polled as long as it waits does not need this.
    pub fn detach(&mut self) -> Option<InFlight<P>> {
        let is_page = self.engine.endpoint.is_list();
        let State::Sent = self.engine.state else { return None };
        let kind = self.engine.kind();
        self.engine.exchange.hold.take().map(|hold| InFlight { hold, kind, is_page, profile: PhantomData })
    }

    /// Whether the field of this name is one that [`Pull::head`] reads, in any case. All others may be left out.
    pub fn reads(&self, name: &str) -> bool {
        is_read::<P>(name, self.engine.project.api().maintenance.map(|rules| rules.fields))
    }

    /// The head of the answer came: its status (no 1xx) and its fields, in any order and any case. Returns an event for the
    /// caller if the announced maintenance changed.
    pub fn head<'f, S: Slots>(
        &mut self,
        gate: &mut Gate<S>,
        now: Instant,
        status: u16,
        fields: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    ) -> Option<Event<'static>> {
        let Self { engine, item_buffer, .. } = self;
        let rules = engine.project.api().maintenance;
        let is_answered = matches!(engine.state, State::Sent);
        if is_answered {
            (engine.located, engine.status) = (0, 0);
        }
        let mut reading = Reading::new(rules.map(|rules| rules.fields));
        for (name, value) in fields {
            let keeps_location = P::CAPABILITIES.calls || P::CAPABILITIES.redirects;
            if is_answered && keeps_location && name.eq_ignore_ascii_case("location") {
                engine.located = keep(value, item_buffer);
            }
            reading.hear::<P>(name, value);
        }
        let announced = gate.announced_maintenance();
        engine.head(gate, now, status, reading.finish::<P>(), item_buffer);
        let announcement = gate.announced_maintenance();
        (announcement != announced).then_some(Event::Maintenance(announcement))
    }

    /// Bytes of the body came, without transfer coding. Takes from the front of `chunk` what belongs to the next event, and
    /// returns that event: an item, lent from the chunk or from the item buffer, or an item that was left out. `None` means
    /// that all of the chunk was taken.
    #[inline(never)]
    pub fn body<'c, 'k: 'c>(&'c mut self, now: Instant, chunk: &mut &'k [u8]) -> Option<Event<'c>> {
        let given = core::mem::take(chunk);
        let Self { engine, item_buffer, cursor_buffer, deduplicator } = self;
        let State::Receiving(body) = &engine.state else { return None };
        engine.exchange.goes_on(now);
        match body {
            Body::Page(_) => engine.receive_page(now, given, chunk, item_buffer, cursor_buffer, deduplicator),
            Body::Raw { .. } if P::CAPABILITIES.calls => engine.receive_answer(now, given),
            Body::Token(_) if P::CAPABILITIES.tokens => {
                engine.receive_token(given, item_buffer);
                None
            }
            Body::Refusal(_) | Body::NoPage => {
                engine.receive_words(given);
                None
            }
            Body::Raw { .. } | Body::Token(_) | Body::Faulty { .. } => None,
        }
    }

    /// The body came to its proper end.
    #[inline(never)]
    pub fn end<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        let Self { engine, item_buffer, cursor_buffer, .. } = self;
        let State::Receiving(body) = &engine.state else { return };
        match body {
            Body::Page(page) => match page.scanner.finish(cursor_buffer) {
                Ok(end) => engine.answered(gate, now, end),
                Err(fault) => {
                    let failure = page_failure(fault, page.media);
                    engine.break_off(gate, now, failure);
                }
            },
            Body::Raw { pieces } if P::CAPABILITIES.calls => {
                let end = PageEnd { items: *pieces, ..PageEnd::EMPTY };
                engine.answered(gate, now, end);
            }
            Body::Token(_) if P::CAPABILITIES.tokens => {
                engine.granted(gate, now, item_buffer);
                item_buffer.fill(0);
            }
            Body::Raw { .. } | Body::Token(_) => {}
            Body::Refusal(_) => engine.on_refusal(gate, now),
            Body::NoPage => engine.fail(gate, now, 0, Duration::ZERO),
            Body::Faulty { items } => {
                let items = *items;
                engine.fail(gate, now, items, Duration::ZERO);
            }
        }
    }

    /// The connection could not be made, or broke before the body's proper end.
    pub fn failed<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, fault: TransportFault) {
        let was_token = self.is_token();
        self.engine.failed(gate, now, fault);
        self.wipe(was_token);
    }

    /// The driver goes away in the middle of a step, and may come back later or never. Other pulls no longer wait for this
    /// one. A request that it sent keeps its place in the limit until its deadline, because it may still arrive. If it may be
    /// sent again it is, which costs no retry.
    pub fn abandoned<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        let was_token = self.is_token();
        self.engine.abandoned(gate, now);
        self.wipe(was_token);
    }

    /// Whether a token is being read into the item buffer.
    const fn is_token(&self) -> bool {
        P::CAPABILITIES.tokens && matches!(self.engine.state, State::Receiving(Body::Token(_)))
    }

    /// A token that was being read, and no longer is, does not stay where it was read.
    fn wipe(&mut self, was_token: bool) {
        if was_token && !self.is_token() {
            self.item_buffer.fill(0);
        }
    }

    /// The checkpoint, and the items before it, are stored.
    pub fn stored(&mut self) {
        if self.engine.stored() && P::CAPABILITIES.ids {
            self.deduplicator.keep();
        }
    }

    /// The items of the broken page are forgotten.
    pub fn rewound(&mut self) {
        if self.engine.rewound() && P::CAPABILITIES.ids {
            self.deduplicator.forget();
        }
    }

    /// The status of the answer that did what was asked, once it came.
    pub const fn status(&self) -> Option<u16> {
        match self.engine.status {
            0 => None,
            status => Some(status),
        }
    }

    /// Where that answer says that something is, such as what was created (RFC 9110 §10.2.2): as the server wrote it. `None`
    /// if it says nothing, or more than the item buffer has room for.
    pub fn location(&self) -> Option<&str> {
        self.engine.location(self.item_buffer)
    }

    /// What this run took so far.
    pub const fn counters(&self) -> &Counters {
        &self.engine.counters
    }

    /// What the server said in its latest answer, if that was not what was asked for. A text that quotes a secret is withheld.
    pub const fn problem(&self) -> &Problem {
        self.engine.words.said()
    }

    /// Where the pull stands behind the page that was just handed over. At [`Step::Checkpoint`], store it after the page's
    /// items. At any other time it is [`Pull::checkpoint`].
    pub const fn behind(&self) -> &Checkpoint {
        match &self.engine.state {
            State::AwaitingStore(behind) => behind,
            _ => &self.engine.checkpoint,
        }
    }

    /// Where the pull stands: everything before it was handed over and stored.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.engine.checkpoint
    }
}

impl<P> fmt::Debug for Pull<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pull").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// Keeps a text in a buffer, and tells its length: zero if it does not fit.
fn keep(text: &[u8], buffer: &mut [u8]) -> u16 {
    match (u16::try_from(text.len()), buffer.get_mut(..text.len())) {
        (Ok(length), Some(room)) => {
            room.copy_from_slice(text);
            length
        }
        _ => 0,
    }
}
