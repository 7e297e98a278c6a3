//! The token that the requests to one project share: where it lies, until when it is good, and who is asking for the next.

use super::TokenRules;
use crate::time::{Duration, Instant};

/// The token of a gate. Its text lies at the beginning of memory that the gate was given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AccessToken {
    length: usize,
    /// Zero if there is none.
    good_until: Instant,
    /// Counts tokens, so that who was refused with one does not throw away the next.
    version: u32,
    /// The fingerprint of the base URL that it is for.
    base: u64,
    /// The latest one that the server has taken.
    proven: u32,
    /// Who asks for one, and will have an answer by then. Nobody if it is zero.
    asking: u32,
    asked_until: Instant,
}

/// The least time that a token is good for: one that is over when it comes would be asked for again at once, for ever.
const LEAST: Duration = Duration::from_secs(1);

impl AccessToken {
    /// Which token is good now at that base URL.
    pub(crate) fn held(&self, base: u64, now: Instant) -> Option<u32> {
        (self.length > 0 && self.base == base && now < self.good_until).then_some(self.version)
    }

    /// How long the text of that token is, if it is still the one that is here.
    pub(crate) fn length(&self, version: u32) -> Option<usize> {
        (self.length > 0 && self.version == version).then_some(self.length)
    }

    /// Until when to wait because somebody else asks for one.
    pub(crate) fn opens(&self, now: Instant) -> Option<Instant> {
        (self.asking != 0 && self.asked_until > now).then_some(self.asked_until)
    }

    /// Somebody asks for one, and will have an answer by then.
    pub(crate) fn ask(&mut self, lease: u32, until: Instant) {
        (self.asking, self.asked_until) = (lease, until);
    }

    /// That one does so no longer.
    pub(crate) fn give_up(&mut self, lease: u32) {
        if self.asking == lease {
            self.asking = 0;
        }
    }

    /// A token of that length was put into the memory.
    pub(crate) fn keep(
        &mut self,
        base: u64,
        length: usize,
        lifetime: Option<Duration>,
        rules: &TokenRules,
        now: Instant,
    ) {
        let lifetime = lifetime.unwrap_or(rules.lifetime);
        // A token that lives for less than twice that is not replaced before half its life.
        let early = rules.early.min(Duration::from_millis(lifetime.as_millis() / 2));
        (self.base, self.length) = (base, length);
        self.good_until = now.after(lifetime.minus(early).max(LEAST));
        self.version = self.version.wrapping_add(1);
        self.asking = 0;
    }

    /// The server has taken that one.
    pub(crate) fn prove(&mut self, version: u32) {
        if self.version == version {
            self.proven = version;
        }
    }

    /// Whether the server has taken that one.
    pub(crate) const fn is_proven(&self, version: u32) -> bool {
        self.proven == version
    }

    /// The server no longer takes that one. Whether it was the one that is here.
    pub(crate) fn refused(&mut self, version: u32) -> bool {
        let is_it = self.version == version;
        if is_it {
            self.length = 0;
        }
        is_it
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: TokenRules =
        TokenRules { expired: &[401], early: Duration::from_secs(60), lifetime: Duration::from_secs(600) };

    fn at(secs: u64) -> Instant {
        Instant::from_millis(secs * 1_000)
    }

    #[test]
    fn a_token_is_replaced_before_its_end_and_a_short_one_not_at_once() {
        for (lifetime, good_until) in [(Some(7_199), 7_139), (Some(100), 50), (Some(0), 1), (None, 540)] {
            let mut token = AccessToken::default();
            token.keep(7, 4, lifetime.map(Duration::from_secs), &RULES, at(1_000));
            assert_eq!(token.held(7, at(1_000 + good_until)), None, "{lifetime:?}");
            assert_eq!(token.held(7, at(1_000 + good_until - 1)), Some(1), "{lifetime:?}");
        }
    }

    #[test]
    fn who_was_refused_with_an_old_token_does_not_throw_away_the_new_one() {
        let mut token = AccessToken::default();
        token.keep(7, 4, None, &RULES, at(0));
        token.keep(7, 5, None, &RULES, at(1));
        assert!(!token.refused(1));
        assert_eq!(token.held(7, at(2)), Some(2));
        assert_eq!(token.held(8, at(2)), None, "another base URL");
        assert!(token.refused(2));
        assert_eq!(token.held(7, at(2)), None);
    }

    #[test]
    fn only_one_asks_at_a_time_and_a_silent_one_is_not_waited_for_for_ever() {
        let mut token = AccessToken::default();
        token.ask(1, at(30));
        assert_eq!(token.opens(at(1)), Some(at(30)));
        assert_eq!(token.opens(at(30)), None);
        token.give_up(2);
        assert_eq!(token.opens(at(1)), Some(at(30)), "another gave up");
        token.give_up(1);
        assert_eq!(token.opens(at(1)), None);
    }
}
