//! What comes back, and what becomes of it: heads, refusals, grants of tokens, and all that can break off.

use super::engine::{Engine, Errand, Heard, Reader, Refusal, State};
use super::report::{Failure, Outcome, TransportFault};
use super::status::{self, Meaning};
use crate::auth::{TokenFault, TokenScanner};
use crate::cursor::shown;
use crate::gate::Gate;
use crate::http::{Fields, Media, Scheme};
use crate::page::{PageFault, PageScanner, PageShape};
use crate::problem::{Problem, ProblemScanner};
use crate::quota::Slots;
use crate::time::{Duration, Instant};

impl Engine<'_> {
    /// A head came. Its location, if there is room for it, lies in the item buffer.
    pub(super) fn head<S: Slots>(
        &mut self,
        gate: &mut Gate<S>,
        now: Instant,
        status: u16,
        fields: Fields,
        item_buffer: &[u8],
    ) {
        let State::Sent { errand, ticket, .. } = self.state else { return };
        // Whoever comes after the deadline was given up, even if nobody asked for a step in between.
        if self.deadline().is_some_and(|deadline| now >= deadline) {
            return self.failed(gate, now, TransportFault::Timeout);
        }
        let is_page = self.endpoint.shape().is_some();
        let meaning = status::meaning(self.project.api(), errand, is_page, status);
        if let Some(ticket) = ticket {
            gate.answered(ticket, now, &fields, meaning.is_admitted(status));
        }
        match (meaning, fields.encoding) {
            (Meaning::Answer, Some(encoding)) => self.break_off(now, Failure::Encoding { encoding }),
            (Meaning::Answer, None) => self.welcome(gate, now, errand, status, &fields),
            // A redirect's body is of no interest, and reading it a risk.
            (Meaning::Redirect, _) if errand == Errand::Main && self.may_follow(item_buffer) => {
                self.state = State::Due { is_elsewhere: true };
            }
            (Meaning::Redirect, _) => {
                let origin = match (errand, self.project.tokens()) {
                    (Errand::Token, Some(source)) => source.origin,
                    _ => self.project.base().origin(),
                };
                let configured = shown(origin);
                self.break_off(now, Failure::Redirect { status, location: fields.location, configured });
            }
            (Meaning::Rejected, _) => {
                self.counters.rejected = self.counters.rejected.saturating_add(1);
                // The body is read to keep the connection.
                self.refused(errand, status, meaning, &fields, now);
            }
            (Meaning::CredentialRefused | Meaning::PerhapsMaintenance | Meaning::Failure, _) => {
                self.refused(errand, status, meaning, &fields, now);
            }
        }
    }

    /// What was asked for is coming.
    fn welcome<S: Slots>(
        &mut self,
        gate: &mut Gate<S>,
        now: Instant,
        errand: Errand,
        status: u16,
        fields: &Fields,
    ) {
        if errand == Errand::Token {
            let scanner = TokenScanner::new();
            self.state = State::Grant { scanner, bytes: 0, began: now, heard: now };
            return;
        }
        if errand == Errand::Main {
            gate.served(fields);
        }
        self.status = status;
        let reader = match self.endpoint.shape() {
            Some(shape) => {
                let pinned = self.checkpoint.pinned;
                Reader::Page(PageScanner::new(PageShape { pinned, ..shape }))
            }
            None => Reader::Body { pieces: 0 },
        };
        self.state = State::Answer {
            reader,
            errand,
            media: fields.media,
            bytes: 0,
            skipped: 0,
            repeated: 0,
            updated: 0,
            mark: 0,
            began: now,
            heard: now,
            lent: None,
        };
    }

    /// Whether what the API says is elsewhere may be fetched there. Plain text only where the API itself is asked in plain
    /// text.
    fn may_follow(&self, item_buffer: &[u8]) -> bool {
        let is_safe =
            |scheme| scheme == Scheme::Https || self.project.base().origin().scheme() == Scheme::Http;
        self.endpoint.is_elsewhere()
            && self.elsewhere(item_buffer).is_some_and(|there| is_safe(there.origin.scheme()))
    }

    fn refused(&mut self, errand: Errand, status: u16, meaning: Meaning, fields: &Fields, now: Instant) {
        let refusal =
            Refusal { errand, status, meaning, retry_after: fields.retry_after, window: fields.window };
        self.problem = Problem::NONE;
        self.state = State::Refusal {
            refusal,
            scanner: ProblemScanner::new(),
            said: Heard(Problem::NONE),
            bytes: 0,
            began: now,
            heard: now,
        };
    }

    /// The body of a refusal is over, or enough of it was read.
    pub(super) fn judge<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant) {
        let State::Refusal { refusal, said: Heard(said), .. } = self.state else { return };
        let Refusal { errand, status, meaning, retry_after, window } = refusal;
        self.problem = said.without(self.project.credential());
        match (self.token_rules(), gate.token_text(self.token)) {
            (None, _) => {}
            (Some(_), Some(token)) => self.problem = self.problem.without(token),
            // Nobody knows any more what must not be shown.
            (Some(_), None) if errand == Errand::Main => {
                self.problem = Problem { code: said.code, ..Problem::NONE }
            }
            (Some(_), None) => {}
        }
        let api = self.project.api();
        let is_maintenance =
            |problem: &Problem| api.maintenance.filter(|rules| problem.kind.as_str() == rules.problem_type);
        if errand == Errand::Main && self.gives_token_up(gate, status, meaning) {
            self.counters.retried = self.counters.retried.saturating_add(1);
            self.state = State::DUE;
            return;
        }
        match (meaning, is_maintenance(&self.problem)) {
            (Meaning::Rejected, _) => self.state = State::DUE,
            (Meaning::PerhapsMaintenance, Some(rules)) => {
                gate.refused_for_maintenance(now, retry_after, window, &rules);
                self.state = State::DUE;
            }
            (Meaning::CredentialRefused, _) => {
                self.state = State::Ended(Outcome::Failed(Failure::Credential { status }));
            }
            _ => {
                let asked = retry_after.and_then(|hint| gate.place(hint, now));
                let at_least = asked.map_or(Duration::ZERO, |until| until.since(now));
                self.fail(now, 0, self.failure(errand, status), at_least);
            }
        }
    }

    /// Whether a refusal may be about a token that is over, and the request may be sent again with a new one. That is tried
    /// once between two pages.
    fn gives_token_up<S: Slots>(&mut self, gate: &mut Gate<S>, status: u16, meaning: Meaning) -> bool {
        let is_over = self.token_rules().is_some_and(|rules| rules.expired.contains(&status));
        let may_repeat = self.endpoint.is_safe(self.project.api()) && !self.is_refreshed;
        // The next request needs a new one, even if this one is not sent again.
        if is_over && (may_repeat || meaning == Meaning::CredentialRefused) {
            gate.token_refused(self.token);
        }
        if is_over && may_repeat {
            self.is_refreshed = true;
        }
        is_over && may_repeat
    }

    /// What a status that is no success comes to, by what the body says of it.
    fn failure(&self, errand: Errand, status: u16) -> Failure {
        let is_named = |codes: &[(u16, &str)]| codes.contains(&(status, self.problem.code.as_str()));
        match errand {
            Errand::Token => Failure::TokenStatus { status },
            Errand::Main if status == 404 || is_named(self.project.api().not_found) => {
                Failure::NotFound { status }
            }
            Errand::Main | Errand::Elsewhere => Failure::Status { status },
        }
    }

    /// The answer of the token endpoint is over: its text lies in the item buffer.
    pub(super) fn granted<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, item_buffer: &mut [u8]) {
        let State::Grant { scanner, .. } = &self.state else { return };
        let base = self.checkpoint.binding.origin;
        let granted = scanner.finish(item_buffer).and_then(|granted| {
            let text = item_buffer.get(..granted.length).unwrap_or_default();
            match self.token_rules() {
                Some(rules) => gate.keep_token(base, text, granted.lifetime, rules, now),
                None => Ok(()),
            }
        });
        match granted {
            Ok(()) => self.state = State::DUE,
            Err(fault) => self.no_grant(now, fault),
        }
    }

    /// The answer of the token endpoint is of no use.
    pub(super) fn no_grant(&mut self, now: Instant, fault: TokenFault) {
        self.fail(now, 0, Failure::Token(fault), Duration::ZERO);
    }

    pub(super) fn failed<S: Slots>(&mut self, gate: &mut Gate<S>, now: Instant, fault: TransportFault) {
        match self.state {
            // Nothing came of it, but the server may have counted it.
            State::Sent { ticket, .. } => {
                if let Some(ticket) = ticket {
                    gate.unanswered(ticket, now);
                }
                self.break_off(now, Failure::Transport(fault));
            }
            State::Answer { .. } | State::Grant { .. } => self.break_off(now, Failure::Transport(fault)),
            // The status is known, and that was the news.
            State::Refusal { .. } => self.judge(gate, now),
            // The request could not even be made.
            State::Due { .. } => self.break_off(now, Failure::Transport(fault)),
            State::Handed { .. } | State::Broken { .. } | State::Ended(_) => {}
        }
    }

    /// What came is not the page expected. If it is not even JSON, what it claims to be explains more than its first byte.
    pub(super) fn break_off_page(&mut self, now: Instant, fault: PageFault) {
        let failure = match (&self.state, fault) {
            (State::Answer { media: Some(media @ (Media::Html | Media::Other)), .. }, PageFault::Json(_)) => {
                Failure::NotJson { media: *media }
            }
            _ => Failure::Page(fault),
        };
        self.break_off(now, failure);
    }

    /// The attempt is over without a page; what was handed over of it must be forgotten.
    pub(super) fn break_off(&mut self, now: Instant, failure: Failure) {
        self.fail(now, self.handed_over(), failure, Duration::ZERO);
    }

    pub(super) fn fail(&mut self, now: Instant, items: u32, failure: Failure, at_least: Duration) {
        // A server that asks for a pause beyond all patience is not waited for.
        let is_bearable = at_least <= self.settings.limit_patience;
        let is_forgiven = failure.is_passing()
            && is_bearable
            && self.may_repeat(&failure)
            && self.retry.forgive(&self.settings.retry, now, at_least);
        if is_forgiven {
            self.counters.retried = self.counters.retried.saturating_add(1);
        }
        let failure = (!is_forgiven).then(|| failure.without(self.project.credential()));
        self.state = match (items, failure) {
            (0, None) => State::DUE,
            (0, Some(failure)) => State::Ended(Outcome::Failed(failure)),
            (items, failure) => State::Broken { items, failure },
        };
    }

    /// Whether the request in hand may be sent again although it failed so: always, if it did not do anything yet.
    fn may_repeat(&self, failure: &Failure) -> bool {
        let errand = match &self.state {
            State::Sent { errand, .. } | State::Answer { errand, .. } => *errand,
            State::Refusal { refusal, .. } => refusal.errand,
            State::Grant { .. } => Errand::Token,
            // It was not sent.
            _ => return true,
        };
        let is_not_ready =
            |status: u16| self.project.api().not_ready.contains(&(status, self.problem.code.as_str()));
        self.endpoint.is_repeatable(self.project.api())
            || errand == Errand::Token
            || errand == Errand::Main && matches!(failure, Failure::Transport(TransportFault::Connect))
            || matches!(failure, Failure::Status { status } if is_not_ready(*status))
    }

    /// What a server wrote must not show the token either, wherever it wrote it.
    pub(super) fn withhold<S: Slots>(&mut self, gate: &Gate<S>) {
        let failure = match &mut self.state {
            State::Ended(Outcome::Failed(failure)) | State::Broken { failure: Some(failure), .. } => failure,
            _ => return,
        };
        if let Some(token) = gate.token_text(self.token) {
            *failure = failure.without(token);
        }
    }
}
