//! What comes back: the heads of answers, what the server refuses, and the tokens that it grants.

use super::engine::Engine;
use super::exchange::{Body, PageBody, State, Tally};
use super::refusal::Refusal;
use super::report::{Failure, count};
use super::request_kind::RequestKind;
use super::status::{StatusClass, classify};
use super::words::Words;
use crate::auth::TokenScanner;
use crate::cursor::{Cursor, shown};
use crate::gate::{Gate, Settled, Wait, Why};
use crate::http::{Fields, Scheme};
use crate::page::{CursorValue, PageEnd, PageScanner, PageShape};
use crate::problem::Problem;
use crate::profile::Profile;
use crate::quota::Slots;
use crate::retry::Cause;
use crate::time::{Duration, Instant};

/// How long to wait before a fresh token that was refused is tried once more. Some servers need a moment until they know it.
const FRESH_TOKEN_PAUSE: Duration = Duration::from_secs(2);

/// The least time until the same is asked again of a server that is not ready, however soon it wants to be asked.
const NOT_YET_PAUSE: Duration = Duration::from_secs(1);

impl<P: Profile> Engine<'_, P> {
    /// A head came. All that is about time is settled here. Its location, if there is room for it, lies in the item buffer.
    #[inline(never)]
    pub(super) fn head<S: Slots>(
        &mut self,
        gate: &mut Gate<S>,
        now: Instant,
        status: u16,
        fields: &Fields,
        item_buffer: &[u8],
    ) {
        // An answer behind its deadline was given up, even if nobody asked for a step in between.
        if let (State::Sent, Some(fault)) = (&self.state, self.overdue(now)) {
            return self.failed(gate, now, fault);
        }
        let is_page = self.endpoint.is_list();
        let api = self.project.api();
        let State::Sent = self.state else { return };
        let kind = self.kind();
        let exchange = &mut self.exchange;
        let class = classify(api, kind, is_page, status, fields);
        if let Some(hold) = exchange.hold.take() {
            let is_admitted = class.is_admitted(status);
            gate.settle::<P>(hold, now, Settled::Answered { fields, is_admitted });
        }
        (exchange.began, exchange.heard) = (now, now);
        self.words = Words::new();
        match (class, fields.encoding) {
            (StatusClass::Answer, Some(encoding)) => {
                self.break_off(gate, now, Failure::Encoding { encoding });
            }
            (StatusClass::Answer, None) => self.begin_body(gate, status, fields),
            (StatusClass::EmptyList, _) => {
                self.status = status;
                // In the middle of a list it says nothing of more, unless the server has said how many items there are.
                let is_list = self.checkpoint.cursor == Cursor::Start || self.checkpoint.latest.is_some();
                let cursor = if is_list { CursorValue::Null } else { CursorValue::Absent };
                self.answered(gate, now, PageEnd { cursor, ..PageEnd::EMPTY });
            }
            // A redirect's body is of no interest, and reading it a risk.
            (StatusClass::Redirect, _) if kind == RequestKind::Api && self.may_follow(item_buffer) => {
                self.ask_again(gate, now);
                self.state = State::Due { is_elsewhere: true };
            }
            (StatusClass::Redirect, _) => {
                let origin = match (kind, self.project.tokens()) {
                    (RequestKind::Token, Some(source)) => source.origin,
                    _ => self.project.base().origin(),
                };
                let configured = shown(origin);
                self.break_off(
                    gate,
                    now,
                    Failure::Redirect { status, location: fields.location, configured },
                );
            }
            (
                StatusClass::Limit
                | StatusClass::NotYet
                | StatusClass::CredentialRefused
                | StatusClass::PerhapsMaintenance
                | StatusClass::Failure,
                _,
            ) => {
                if class == StatusClass::Limit {
                    count(&mut self.counters.rejected, 1);
                }
                let not_before = fields.retry_after.and_then(|hint| gate.place(hint, now));
                let refusal = Refusal { status, class, not_before, window: fields.window };
                // The body is read for what the server says in it, and to keep the connection.
                self.state = State::Receiving(Body::Refusal(refusal));
            }
        }
    }

    /// What was asked for is coming.
    #[inline(never)]
    fn begin_body<S: Slots>(&mut self, gate: &mut Gate<S>, status: u16, fields: &Fields) {
        let kind = self.kind();
        if kind == RequestKind::Api {
            gate.served(fields, self.exchange.token);
        }
        if kind != RequestKind::Token {
            self.status = status;
        }
        let body = match (kind, self.endpoint.shape::<P>()) {
            (RequestKind::Token, _) if P::CAPABILITIES.tokens => Body::Token(TokenScanner::new()),
            (_, Some(shape)) => Body::Page(PageBody {
                scanner: PageScanner::new(PageShape { pinned: self.checkpoint.pinned, ..shape }),
                media: fields.media,
                handed: Tally::default(),
            }),
            (_, None) => Body::Raw { pieces: 0 },
        };
        self.state = State::Receiving(body);
    }

    /// Whether what the API says is elsewhere may be fetched there. Plain text only where the API itself is asked in plain
    /// text.
    fn may_follow(&self, item_buffer: &[u8]) -> bool {
        let is_safe =
            |scheme| scheme == Scheme::Https || self.project.base().origin().scheme() == Scheme::Http;
        P::CAPABILITIES.redirects
            && self.endpoint.is_elsewhere()
            && self.elsewhere(item_buffer).is_some_and(|there| is_safe(there.origin.scheme()))
    }

    /// How much longer the limit or maintenance holds requests back.
    #[inline(never)]
    fn shut_for<S: Slots>(&self, gate: &Gate<S>, now: Instant) -> Duration {
        let mut wait = Wait { until: now, why: Why::Turn };
        gate.hold_back::<P>(self.endpoint.calls(), now, &mut wait);
        wait.until.since(now)
    }

    /// The body of a refusal is over, or enough of it was read.
    pub(super) fn on_refusal<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        let State::Receiving(Body::Refusal(refusal)) = self.state else { return };
        let Refusal { status, class, not_before, window } = refusal;
        self.verify_words(gate);
        if self.renews_token(gate, now, status, class) {
            count(&mut self.counters.retried, 1);
            return self.ask_again(gate, now);
        }
        let maintenance =
            self.project.api().maintenance.filter(|rules| self.words.kind() == rules.problem_type);
        match (class, maintenance) {
            // The window may hold requests back for longer than a rejection or maintenance, so what was waited is not all that
            // counts.
            (StatusClass::Limit, _) => {
                let is_over = self.said_no_for(now) > self.settings.limit_patience;
                self.failure = is_over.then(|| Failure::Limit { wait: self.shut_for(gate, now) });
                self.leave(gate, now, 0);
            }
            (StatusClass::PerhapsMaintenance, Some(rules)) => {
                gate.refused_for_maintenance(now, not_before, window, &rules);
                self.said_no_since = None;
                let so_far = now.since(*self.down_since.get_or_insert(now));
                let is_over = so_far > self.settings.maintenance_patience;
                self.failure = is_over.then(|| Failure::Maintenance { wait: self.shut_for(gate, now) });
                self.leave(gate, now, 0);
            }
            (StatusClass::CredentialRefused, _) => {
                self.failure = Some(Failure::Credential { status });
                self.leave(gate, now, 0);
            }
            (StatusClass::NotYet, _) if self.is_patient(now, not_before) => {
                if let Some(until) = not_before {
                    self.retry.postpone(until.max(now.after(NOT_YET_PAUSE)), Cause::NotYet(status));
                }
                self.ask_again(gate, now);
            }
            _ => {
                let at_least = not_before.map_or(Duration::ZERO, |until| until.since(now));
                self.failure = Some(self.failure_of(status));
                self.fail(gate, now, 0, at_least);
            }
        }
    }

    /// Whether a server that is not ready yet, and says when to come back, is waited for: as long as for a limit.
    fn is_patient(&mut self, now: Instant, not_before: Option<Instant>) -> bool {
        let so_far = self.said_no_for(now);
        not_before
            .is_some_and(|until| until > now && so_far.plus(until.since(now)) <= self.settings.limit_patience)
    }

    /// How long the server has said by now that it is not ready, or that the limit is reached.
    fn said_no_for(&mut self, now: Instant) -> Duration {
        now.since(*self.said_no_since.get_or_insert(now))
    }

    /// The body is over: what the server said in it is kept, without what quotes a secret.
    pub(super) fn verify_words<S: Slots>(&mut self, gate: &Gate<S>) {
        let (credential, token) = (self.project.credential(), self.token_sent(gate));
        self.words.verify(|said| match token {
            Ok(None) => said.withhold(&[credential]),
            Ok(Some(token)) => said.withhold(&[credential, token]),
            // Nobody knows any more what must not be shown.
            Err(TokenReplaced) => *said = Problem::NONE,
        });
    }

    /// Whether a refusal may be about the token, and the request is sent again: once with a new token, and, where the server
    /// has not taken a token yet, once with the same after a pause.
    fn renews_token<S: Slots>(
        &mut self,
        gate: &mut Gate<S>,
        now: Instant,
        status: u16,
        class: StatusClass,
    ) -> bool {
        let (kind, token) = (self.kind(), self.exchange.token);
        let is_expired = self.token_rules().is_some_and(|rules| rules.expired.contains(&status));
        if kind != RequestKind::Api || class == StatusClass::Limit || !is_expired {
            return false;
        }
        let may_repeat = self.endpoint.is_safe(self.project.api());
        let is_refused = class == StatusClass::CredentialRefused;
        let is_fresh = !gate.token_is_proven(token);
        if may_repeat && is_refused && is_fresh && !self.has_paused_for_token {
            self.has_paused_for_token = true;
            self.retry.postpone(now.after(FRESH_TOKEN_PAUSE), Cause::FreshToken(status));
            return true;
        }
        let is_renewed = may_repeat && !self.has_renewed_token;
        if is_renewed || is_refused {
            // The next request needs a new one, even if this one is not sent again.
            gate.token_refused(token);
        }
        self.has_renewed_token |= is_renewed;
        is_renewed
    }

    /// What a status that is no success comes to, by what the body says of it.
    fn failure_of(&self, status: u16) -> Failure {
        let is_named = |codes: &[(u16, &str)]| codes.contains(&(status, self.words.code()));
        match self.kind() {
            RequestKind::Token => Failure::TokenStatus { status },
            RequestKind::Api if self.is_resumed && matches!(status, 400 | 404 | 410 | 422) => {
                Failure::CursorExpired { status }
            }
            RequestKind::Api if status == 404 || is_named(self.project.api().not_found) => {
                Failure::NotFound { status }
            }
            RequestKind::Api | RequestKind::Elsewhere => Failure::Status { status },
        }
    }

    /// The answer of the token endpoint is over: its text lies in the item buffer.
    pub(super) fn granted<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, item_buffer: &[u8]) {
        let State::Receiving(Body::Token(scanner)) = &self.state else { return };
        let base = self.checkpoint.binding.origin;
        let granted = scanner.finish(item_buffer).and_then(|granted| {
            let text = item_buffer.get(..granted.length).unwrap_or_default();
            match self.token_rules() {
                Some(rules) => gate.keep_token(base, text, granted.lifetime, rules, now),
                None => Ok(()),
            }
        });
        match granted {
            Ok(()) => self.ask_again(gate, now),
            Err(fault) => self.break_off(gate, now, Failure::Token(fault)),
        }
    }
}

/// The access token that a request was sent with is no longer here: another pull has replaced it.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenReplaced;
