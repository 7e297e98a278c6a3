//! Bytes of a body, read as what they are: the items of a page, the pieces of a single answer, a token, or the server's words in
//! a refusal. What is found wrong here is only noted; the next call that has the gate acts on it ([`Engine::notice`]).

use super::deduplicator::{Deduplicator, Known};
use super::engine::Engine;
use super::event::Event;
use super::exchange::{Body, Exchange, PageBody, State};
use super::report::{Failure, count};
use super::settings::Oversized;
use crate::api::Endpoint;
use crate::auth::TokenFault;
use crate::fingerprint;
use crate::http::Media;
use crate::page::{Item, PageFault};
use crate::profile::Profile;
use crate::time::Instant;

impl<P: Profile> Engine<'_, P> {
    /// Bytes of a page. Hands back an item of it, and in `rest` the bytes behind that item.
    pub(super) fn receive_page<'c, 'k: 'c>(
        &mut self,
        now: Instant,
        given: &'k [u8],
        rest: &mut &'k [u8],
        item_buffer: &'c mut [u8],
        cursor_buffer: &mut [u8],
        deduplicator: &mut Deduplicator<'_>,
    ) -> Option<Event<'c>> {
        let State::Receiving(Body::Page(page)) = &mut self.state else { return None };
        let exchange = &mut self.exchange;
        let limit = self.settings.page_bytes;
        let room = length(item_buffer);
        let part = within(limit, exchange.bytes, given);
        let scanned = page.scanner.push(part, item_buffer, cursor_buffer);
        let offset = page.scanner.offset();
        let read = offset.saturating_sub(exchange.bytes);
        count(&mut self.counters.bytes, read);
        exchange.bytes = offset;
        // Until it has an item it may turn out to be something else.
        if page.handed_over() == 0 && offset <= self.settings.error_bytes {
            self.words.push(part);
        }
        let (taken, item) = match scanned {
            Ok((taken, Some(item))) => (taken, item),
            Ok((_, None)) => {
                if part.len() < given.len() {
                    self.misread(Failure::PageTooLarge { limit });
                }
                return None;
            }
            Err(fault) => {
                let media = page.media;
                self.misread(page_failure(fault, media));
                return None;
            }
        };
        if let (Item::TooLarge { index, size }, Oversized::Fail) = (item, self.settings.oversized) {
            // The items before it were handed over, and it was not.
            let items = page.handed_over().saturating_sub(1);
            self.failure = Some(Failure::ItemTooLarge { index, size, buffer: room });
            self.state = State::Receiving(Body::Faulty { items });
            return None;
        }
        *rest = given.get(taken..).unwrap_or_default();
        exchange.lent = Some(now);
        Some(page.take::<P>(item, self.endpoint, deduplicator))
    }

    /// Bytes of a single answer.
    pub(super) fn receive_answer<'k>(&mut self, now: Instant, given: &'k [u8]) -> Option<Event<'k>> {
        let State::Receiving(Body::Raw { pieces }) = &mut self.state else { return None };
        let exchange = &mut self.exchange;
        let limit = self.settings.page_bytes;
        let part = within(limit, exchange.bytes, given);
        exchange.count(given.len());
        if part.len() < given.len() {
            self.misread(Failure::PageTooLarge { limit });
            return None;
        }
        if part.is_empty() {
            return None;
        }
        count(&mut self.counters.bytes, length(part));
        let index = *pieces;
        *pieces = pieces.saturating_add(1);
        exchange.lent = Some(now);
        Some(Event::Item { index, bytes: part })
    }

    /// Bytes of the token endpoint's answer. The token is put into the item buffer.
    pub(super) fn receive_token(&mut self, given: &[u8], item_buffer: &mut [u8]) {
        let State::Receiving(Body::Token(scanner)) = &mut self.state else { return };
        let exchange = &mut self.exchange;
        let part = within(self.settings.error_bytes, exchange.bytes, given);
        exchange.count(given.len());
        let is_whole = part.len() == given.len();
        let pushed = scanner.push(part, item_buffer);
        if let Err(fault) = pushed.and(if is_whole { Ok(()) } else { Err(TokenFault::Missing) }) {
            self.failure = Some(Failure::Token(fault));
            self.state = State::Receiving(Body::Faulty { items: 0 });
            item_buffer.fill(0);
        }
    }

    /// Bytes of something that was not asked for.
    pub(super) fn receive_words(&mut self, given: &[u8]) {
        self.words.push(within(self.settings.error_bytes, self.exchange.bytes, given));
        self.exchange.count(given.len());
    }

    /// The body in hand is not what was expected. If nothing of it was handed over yet, it is read on for what the server says
    /// in it; else the rest is of no use.
    #[inline(never)]
    fn misread(&mut self, failure: Failure) {
        let items = self.state.handed_over();
        self.failure = Some(failure);
        self.state = State::Receiving(if items == 0 { Body::NoPage } else { Body::Faulty { items } });
    }
}

impl Exchange {
    /// More of the body came. The time for which the caller had an item is not the server's.
    pub(super) fn goes_on(&mut self, now: Instant) {
        self.began = self.began.after(now.since(self.lent.take().unwrap_or(now)));
        self.heard = now;
    }
}

impl PageBody<'_> {
    /// What becomes of an item of the page.
    #[inline(never)]
    fn take<'i, P: Profile>(
        &mut self,
        item: Item<'i>,
        endpoint: &Endpoint<'_>,
        deduplicator: &mut Deduplicator<'_>,
    ) -> Event<'i> {
        let handed = &mut self.handed;
        match item {
            Item::TooLarge { index, size } => {
                handed.mark = fingerprint::mix(handed.mark, size);
                handed.skipped = handed.skipped.saturating_add(1);
                Event::Skipped { index, size }
            }
            Item::Whole { index, bytes } => {
                match deduplicator.look::<P>(endpoint, bytes, &mut handed.mark) {
                    Known::Repeated => {
                        handed.repeated = handed.repeated.saturating_add(1);
                        return Event::Repeated { index };
                    }
                    Known::Updated => handed.updated = handed.updated.saturating_add(1),
                    Known::New => {}
                }
                Event::Item { index, bytes }
            }
        }
    }
}

/// What is wrong with a page. If it is not even JSON, what it claims to be explains more than its first byte.
#[inline(never)]
pub(super) fn page_failure(fault: PageFault, media: Option<Media>) -> Failure {
    match (media, fault) {
        (Some(media @ (Media::Html | Media::Other)), PageFault::Json(_)) => Failure::NotJson { media },
        _ => Failure::Page(fault),
    }
}

/// A length as a count that does not depend on the machine.
fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// As much of a chunk as a limit allows after so many bytes. The limit counts bytes, so it cuts the chunk where it lies
/// and not at the chunk's edge.
fn within(limit: u64, bytes: u64, chunk: &[u8]) -> &[u8] {
    let allowed = usize::try_from(limit.saturating_sub(bytes)).unwrap_or(usize::MAX);
    chunk.get(..allowed).unwrap_or(chunk)
}
