//! An attempt that failed is made again, or the pull ends. A failure is checked for secrets before it is kept.

use super::answer::TokenReplaced;
use super::engine::Engine;
use super::exchange::{Body, State};
use super::report::{Failure, TransportFault, count};
use super::request_kind::RequestKind;
use crate::gate::{Gate, Settled};
use crate::page::PageFault;
use crate::profile::Profile;
use crate::quota::Slots;
use crate::secret::Secret;
use crate::time::{Duration, Instant};

impl<'a, P: Profile> Engine<'a, P> {
    /// The request could not be sent, or its answer broke or is late.
    #[inline(never)]
    pub(super) fn failed<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, fault: TransportFault) {
        match self.state {
            // The status is known, and that was the news.
            State::Receiving(Body::Refusal(_)) => self.on_refusal(gate, now),
            State::Receiving(Body::NoPage) => self.fail(gate, now, 0, Duration::ZERO),
            // In the state `Due` the request could not even be made.
            State::Due { .. } | State::Sent | State::Receiving(_) => {
                self.break_off(gate, now, Failure::Transport(fault));
            }
            State::AwaitingStore(_) | State::AwaitingRewind { .. } | State::Ended => {}
        }
    }

    /// The driver is going away in the middle of an attempt. Whoever waits for this pull goes on. The attempt is made again, and
    /// since nothing failed, that costs no retry and no pause.
    #[inline(never)]
    pub(super) fn abandoned<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        self.release(gate, now, Settled::Dropped);
        let is_news = matches!(self.state, State::Receiving(Body::Refusal(_) | Body::NoPage));
        if is_news || !self.may_repeat(None) {
            return self.failed(gate, now, TransportFault::Broken);
        }
        if self.state.has_exchange() {
            self.failure = None;
            self.leave(gate, now, self.state.handed_over());
        }
    }

    /// The attempt is over without a page; what was handed over of it must be forgotten.
    pub(super) fn break_off<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, failure: Failure) {
        self.failure = Some(failure);
        self.fail(gate, now, self.state.handed_over(), Duration::ZERO);
    }

    /// The attempt failed, as [`Engine::failure`] says, after `items` items of its page were handed over. The next one is made
    /// after `at_least`, if there is one.
    #[inline(never)]
    pub(super) fn fail<S: Slots>(
        &mut self,
        gate: &mut Gate<S>,
        now: Instant,
        items: u32,
        at_least: Duration,
    ) {
        if let State::Receiving(Body::Page(_) | Body::NoPage | Body::Faulty { .. }) = self.state {
            self.verify_words(gate);
        }
        let Some(failure) = &self.failure else { return };
        let (is_passing, cause) = (failure.is_passing(), failure.cause());
        // A server that asks for a pause beyond all patience is not waited for.
        let is_bearable = at_least <= self.settings.limit_patience;
        let is_forgiven = is_passing
            && !self.is_repetition()
            && is_bearable
            && self.may_repeat(self.failure.as_ref())
            && self.retry.forgive(&self.settings.retry, cause, now, at_least);
        if is_forgiven {
            count(&mut self.counters.retried, 1);
            self.failure = None;
        } else {
            self.withhold(gate);
        }
        self.leave(gate, now, items);
    }

    /// Whether the body was no JSON at the same byte as the last time, or claimed twice to be none. A server that sends the same
    /// twice sends it for ever.
    #[inline(never)]
    fn is_repetition(&mut self) -> bool {
        let before = self.refused_byte;
        self.refused_byte = match &self.failure {
            Some(Failure::Page(PageFault::Json(error))) => error.offset.saturating_add(1),
            Some(Failure::Page(PageFault::CutShort { offset: offset @ 1.. })) => offset.saturating_add(1),
            Some(Failure::NotJson { .. }) => 1,
            _ => 0,
        };
        self.refused_byte != 0 && self.refused_byte == before
    }

    /// Whether the request in hand may be sent again although it failed so, or was given up: always, if it did not do anything
    /// yet.
    fn may_repeat(&self, failure: Option<&Failure>) -> bool {
        // Without an exchange it was not sent.
        if !self.state.has_exchange() {
            return true;
        }
        let is_not_ready = |status: u16| self.project.api().not_ready.contains(&(status, self.words.code()));
        self.endpoint.is_repeatable(self.project.api())
            || self.kind() == RequestKind::Token
            || self.kind() == RequestKind::Api
                && matches!(failure, Some(Failure::Transport(fault)) if fault.is_unsent())
            // Too early: nothing was processed (RFC 8470 §5.2).
            || matches!(failure, Some(Failure::Status { status }) if *status == 425 || is_not_ready(*status))
    }

    /// Withholds of the failure what quotes a secret that was sent.
    fn withhold<S: Slots>(&mut self, gate: &Gate<S>) {
        let (credential, token) = (self.project.credential(), self.token_sent(gate));
        let Some(failure) = &mut self.failure else { return };
        match token {
            Ok(None) => failure.withhold(&[credential]),
            Ok(Some(token)) => failure.withhold(&[credential, token]),
            Err(TokenReplaced) => failure.withhold(&[Secret::IN_EVERYTHING]),
        }
    }

    /// The access token that the request in hand was sent with, if it was sent with one.
    pub(super) fn token_sent<'g, S: Slots>(
        &self,
        gate: &'g Gate<S>,
    ) -> Result<Option<Secret<'g>>, TokenReplaced> {
        match self.exchange.token {
            _ if !P::CAPABILITIES.tokens || !self.state.has_exchange() => Ok(None),
            0 => Ok(None),
            token => gate.token_text(token).map(Some).ok_or(TokenReplaced),
        }
    }
}
