//! The states of a pull, as data. An [`Exchange`] is one request and its answer, from the moment at which the request may leave
//! until its answer is over, however it ends.

use super::refusal::Refusal;
use super::request_kind::RequestKind;
use super::settings::Settings;
use crate::auth::TokenScanner;
use crate::checkpoint::Checkpoint;
use crate::gate::{Hold, Lease};
use crate::http::Media;
use crate::page::PageScanner;
use crate::time::Instant;

/// Where a pull stands. The table in [`super`] says which input leads where.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put it on")]
pub(super) enum State<'a> {
    /// The next request may leave as soon as nothing holds it back.
    Due { is_elsewhere: bool },
    /// A request is on its way, and the head of its answer did not come yet.
    Sent,
    /// The body of an answer is coming.
    Receiving(Body<'a>),
    /// A page was handed over whole. The checkpoint behind it waits to be stored.
    AwaitingStore(Checkpoint),
    /// A page broke off. Its items wait to be forgotten; then the pull ends, if there is a failure.
    AwaitingRewind { items: u32 },
    /// The pull is over.
    Ended,
}

impl State<'_> {
    /// The next request goes to the API. No constant, which would take as many bytes as the largest state.
    pub(super) const fn due() -> Self {
        Self::Due { is_elsewhere: false }
    }

    /// Behind a checkpoint: the next request is due, or the list is over.
    pub(super) const fn behind(checkpoint: &Checkpoint) -> Self {
        if checkpoint.is_complete() { Self::Ended } else { Self::due() }
    }

    /// Whether a request is on its way or its answer is coming.
    pub(super) const fn has_exchange(&self) -> bool {
        matches!(self, Self::Sent | Self::Receiving(_))
    }

    /// How many items of the page in hand were handed over, those too large included.
    pub(super) fn handed_over(&self) -> u32 {
        match self {
            Self::Receiving(body) => body.handed_over(),
            _ => 0,
        }
    }
}

/// A request and its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    pub(super) kind: RequestKind,
    /// What it holds of the gate, until it is settled or settled elsewhere.
    pub(super) hold: Option<Hold>,
    /// By which it asks for a token that others wait for; zero if it does not.
    pub(super) asking: Lease,
    /// The access token that it was sent with, by the gate's count; zero if there is none.
    pub(super) token: u32,
    /// When the request left; later, when the head of its answer came. Time that the caller takes over an item is not the
    /// server's, so `began` moves by it.
    pub(super) began: Instant,
    /// When the latest bytes came.
    pub(super) heard: Instant,
    /// When an item was lent that the caller still has.
    pub(super) lent: Option<Instant>,
    /// The bytes of the body so far.
    pub(super) bytes: u64,
}

impl Exchange {
    /// None yet.
    pub(super) const NONE: Self = Self {
        kind: RequestKind::Api,
        hold: None,
        asking: 0,
        token: 0,
        began: Instant::ZERO,
        heard: Instant::ZERO,
        lent: None,
        bytes: 0,
    };

    /// When the server has been silent for too long.
    pub(super) fn idle_at(&self, settings: &Settings) -> Instant {
        self.heard.after(settings.idle_timeout)
    }

    /// So many bytes of the body came.
    pub(super) fn count(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// When the whole answer takes too long.
    pub(super) fn slow_at(&self, settings: &Settings) -> Instant {
        self.began.after(settings.page_timeout)
    }
}

/// What reads the body of an answer.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put it on")]
pub(super) enum Body<'a> {
    /// The items of a page.
    Page(PageBody<'a>),
    /// The body of a single answer, handed over in pieces as it comes.
    Raw { pieces: u32 },
    /// An access token.
    Token(TokenScanner),
    /// An answer that does not do what was asked.
    Refusal(Refusal),
    /// Something else than a page, from the first byte on: [`super::engine::Engine::failure`]. It is read to its end, for what
    /// the server says in it.
    NoPage,
    /// What is left of it is of no use: [`super::engine::Engine::failure`].
    Faulty { items: u32 },
}

impl Body<'_> {
    fn handed_over(&self) -> u32 {
        match self {
            Self::Page(page) => page.handed_over(),
            Self::Raw { pieces } => *pieces,
            Self::Faulty { items } => *items,
            Self::Token(_) | Self::Refusal(_) | Self::NoPage => 0,
        }
    }
}

/// A page being read.
#[derive(Debug)]
pub(super) struct PageBody<'a> {
    pub(super) scanner: PageScanner<'a>,
    /// What the body claims to be.
    pub(super) media: Option<Media>,
    pub(super) handed: Tally,
}

impl PageBody<'_> {
    /// How many of its items were handed over, those too large included.
    pub(super) fn handed_over(&self) -> u32 {
        self.scanner.items().saturating_sub(self.handed.repeated)
    }
}

/// What became of the items of a page.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// Items that were left out because they are too large.
    pub(super) skipped: u32,
    /// Items that were left out because they came before.
    pub(super) repeated: u32,
    /// Items that came before and were changed since.
    pub(super) updated: u32,
    /// A fingerprint of the items: never zero where the client counts, for there the same page may come for ever.
    pub(super) mark: u64,
}
