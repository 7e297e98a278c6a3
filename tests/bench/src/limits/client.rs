//! Ways to behave on a limit. Each is asked when to send next, and told what came of it; all times are milliseconds of
//! the client's own clock.

use super::{LIMIT, WINDOW};
use governor::clock::FakeRelativeClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota as GovernorQuota, RateLimiter};
use std::collections::VecDeque;
use std::num::NonZeroU32;
use tidegate_core::http::Limits;
use tidegate_core::quota::{
    Calls, Learned, LearnedWindows, LimiterKind, Quota, Sharing, Slot, Terms, Ticket, Verdict, Window,
    Windows,
};
use tidegate_core::time::{Duration, Instant, ServerClock, UnixTime};

/// The strategies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Asks again 50 ms after every rejection: not a way to behave, but hardly anybody can be faster.
    Oracle,
    /// No pacing; full jitter of up to a minute after a rejection.
    Jitter,
    /// No pacing; a minute after a rejection.
    FixedWait,
    /// The adaptive mode of the AWS SDKs.
    Cubic,
    /// The crate governor at 200 a minute, and full jitter after a rejection.
    Governor,
    /// A window of 200 that begins with its first request, as tower's rate limit, and full jitter after a rejection.
    Tower,
    /// The log of answers, and a whole window after a rejection.
    LogAndWindow,
    /// Tidegate without its phase learning.
    Fallback,
    /// Tidegate.
    Tidegate(Sharing),
    /// Tidegate, which knows of what kind the limiter is.
    Named(LimiterKind),
    /// Even distances of exactly a window's part, for who knows that nothing is late: a bound.
    Line,
}

impl Strategy {
    /// In the order of the tables.
    pub const ALL: [Self; 10] = [
        Self::Oracle,
        Self::Jitter,
        Self::FixedWait,
        Self::Cubic,
        Self::Governor,
        Self::Tower,
        Self::LogAndWindow,
        Self::Tidegate(Sharing::Greedy),
        Self::Tidegate(Sharing::Fair),
        Self::Tidegate(Sharing::Polite),
    ];

    /// How it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Oracle => "oracle",
            Self::Jitter => "full jitter",
            Self::FixedWait => "wait 60 s",
            Self::Cubic => "AWS adaptive",
            Self::Governor => "governor",
            Self::Tower => "tower window",
            Self::LogAndWindow => "log + 60 s",
            Self::Fallback => "without learning",
            Self::Tidegate(Sharing::Greedy) => "**greedy**",
            Self::Tidegate(Sharing::Fair) => "**fair**",
            Self::Tidegate(Sharing::Polite) => "**polite**",
            Self::Named(_) => "**kind named**",
            Self::Line => "even line",
        }
    }

    /// A client that behaves so.
    pub fn client(self, seed: u64) -> Box<dyn Client> {
        match self {
            Self::Oracle => Box::new(Oracle { until: 0 }),
            Self::Jitter => Box::new(Jitter::new(seed)),
            Self::FixedWait => Box::new(FixedWait { until: 0 }),
            Self::Cubic => Box::new(Cubic::new(seed)),
            Self::Governor => Box::new(Governor::new(seed)),
            Self::Tower => Box::new(Tower { start: 0, used: 0, backoff: Jitter::new(seed) }),
            Self::LogAndWindow => Box::new(LogAndWindow { log: VecDeque::new(), until: 0 }),
            Self::Fallback => {
                let learned = Learned { share: None, windows: LearnedWindows::Other };
                Box::new(Tidegate::new(Sharing::Greedy, LimiterKind::Unknown, learned))
            }
            Self::Tidegate(sharing) => {
                Box::new(Tidegate::new(sharing, LimiterKind::Unknown, Learned::default()))
            }
            Self::Named(kind) => Box::new(Tidegate::new(Sharing::Fair, kind, Learned::default())),
            Self::Line => Box::new(Line { due: 0 }),
        }
    }
}

/// What came of a request.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// When it was sent.
    pub sent: u64,
    /// When it was answered.
    pub heard: u64,
    /// Whether it was let in.
    pub is_admitted: bool,
    /// What the server's clock showed, cut to the second.
    pub date: u64,
}

/// A way to behave.
pub trait Client {
    /// When to send, no earlier than `now`.
    fn next(&mut self, now: u64) -> u64;
    /// A request leaves.
    fn sent(&mut self, now: u64);
    /// It was answered.
    fn answered(&mut self, answer: Answer);
    /// Whether it has concluded that the server has no fixed windows.
    fn has_given_up_on_windows(&self) -> bool {
        false
    }
    /// Whether it leaves a part of the limit to others.
    fn gives_share_away(&self) -> bool {
        false
    }
}

struct Line {
    due: u64,
}

impl Client for Line {
    fn next(&mut self, now: u64) -> u64 {
        now.max(self.due)
    }
    fn sent(&mut self, now: u64) {
        self.due = now + WINDOW / u64::from(LIMIT);
    }
    fn answered(&mut self, _: Answer) {}
}

struct Oracle {
    until: u64,
}

impl Client for Oracle {
    fn next(&mut self, now: u64) -> u64 {
        now.max(self.until)
    }
    fn sent(&mut self, _: u64) {}
    fn answered(&mut self, answer: Answer) {
        if !answer.is_admitted {
            self.until = answer.heard + 50;
        }
    }
}

/// Exponential backoff with full jitter: from one second, up to a minute.
struct Jitter {
    rng: fastrand::Rng,
    failures: u32,
    until: u64,
}

impl Jitter {
    fn new(seed: u64) -> Self {
        Self { rng: fastrand::Rng::with_seed(seed), failures: 0, until: 0 }
    }
}

impl Client for Jitter {
    fn next(&mut self, now: u64) -> u64 {
        now.max(self.until)
    }
    fn sent(&mut self, _: u64) {}
    fn answered(&mut self, answer: Answer) {
        if answer.is_admitted {
            self.failures = 0;
        } else {
            let longest = (1_000 << self.failures.min(16)).min(60_000);
            self.failures += 1;
            self.until = answer.heard + self.rng.u64(..longest);
        }
    }
}

struct FixedWait {
    until: u64,
}

impl Client for FixedWait {
    fn next(&mut self, now: u64) -> u64 {
        now.max(self.until)
    }
    fn sent(&mut self, _: u64) {}
    fn answered(&mut self, answer: Answer) {
        if !answer.is_admitted {
            self.until = answer.heard + WINDOW;
        }
    }
}

/// As botocore's `retries/adaptive.py` and `retries/throttling.py` have it, with the backoff of its standard mode.
struct Cubic {
    rng: fastrand::Rng,
    is_limiting: bool,
    fill_rate: f64,
    capacity: f64,
    tokens: f64,
    filled_at: f64,
    measured: f64,
    bucket: f64,
    in_bucket: f64,
    last_max: f64,
    time_window: f64,
    last_throttle: f64,
    failures: u32,
    until: u64,
}

impl Cubic {
    fn new(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            is_limiting: false,
            fill_rate: 0.0,
            capacity: 0.0,
            tokens: 0.0,
            filled_at: 0.0,
            measured: 0.0,
            bucket: 0.0,
            in_bucket: 0.0,
            last_max: 0.0,
            time_window: 0.0,
            last_throttle: 0.0,
            failures: 0,
            until: 0,
        }
    }

    fn refill(&mut self, now: f64) {
        self.tokens = (self.tokens + (now - self.filled_at) * self.fill_rate).min(self.capacity);
        self.filled_at = now;
    }

    fn measure(&mut self, now: f64) {
        let bucket = (now * 2.0).floor() / 2.0;
        self.in_bucket += 1.0;
        if bucket > self.bucket {
            let rate = self.in_bucket / (bucket - self.bucket);
            self.measured = 0.8 * rate + 0.2 * self.measured;
            (self.in_bucket, self.bucket) = (0.0, bucket);
        }
    }

    fn set_rate(&mut self, rate: f64, now: f64) {
        self.refill(now);
        self.fill_rate = rate.max(0.5);
        self.capacity = rate.max(1.0);
        self.tokens = self.tokens.min(self.capacity);
    }
}

impl Client for Cubic {
    fn next(&mut self, now: u64) -> u64 {
        let now = now.max(self.until);
        if !self.is_limiting {
            return now;
        }
        self.refill(now as f64 / 1_000.0);
        let missing = (1.0 - self.tokens).max(0.0);
        now + (missing / self.fill_rate * 1_000.0).ceil() as u64
    }
    fn sent(&mut self, now: u64) {
        if self.is_limiting {
            self.refill(now as f64 / 1_000.0);
            self.tokens -= 1.0;
        }
    }
    fn answered(&mut self, answer: Answer) {
        let now = answer.heard as f64 / 1_000.0;
        self.measure(now);
        let rate = if answer.is_admitted {
            self.failures = 0;
            let passed = now - self.last_throttle - self.time_window;
            0.4 * passed.powi(3) + self.last_max
        } else {
            let longest = (1_000 << self.failures.min(16)).min(20_000);
            self.failures += 1;
            self.until = answer.heard + self.rng.u64(..longest);
            let rate = if self.is_limiting { self.measured.min(self.fill_rate) } else { self.measured };
            self.last_max = rate;
            self.time_window = (rate * 0.3 / 0.4).cbrt();
            self.last_throttle = now;
            self.is_limiting = true;
            rate * 0.7
        };
        if self.is_limiting {
            self.set_rate(rate.min(2.0 * self.measured), now);
        }
    }
}

struct Governor {
    limiter: RateLimiter<NotKeyed, InMemoryState, FakeRelativeClock, NoOpMiddleware<Nanos>>,
    clock: FakeRelativeClock,
    at: u64,
    backoff: Jitter,
}

impl Governor {
    fn new(seed: u64) -> Self {
        let clock = FakeRelativeClock::default();
        let quota = GovernorQuota::per_minute(NonZeroU32::new(LIMIT).expect("not zero"));
        Self {
            limiter: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
            at: 0,
            backoff: Jitter::new(seed),
        }
    }

    fn advance(&mut self, to: u64) {
        self.clock.advance(std::time::Duration::from_millis(to.saturating_sub(self.at)));
        self.at = self.at.max(to);
    }
}

impl Client for Governor {
    /// The crate counts a request when it lets it go, so that is done here.
    fn next(&mut self, now: u64) -> u64 {
        use governor::clock::Clock as _;
        let mut at = self.backoff.next(now);
        loop {
            self.advance(at);
            match self.limiter.check() {
                Ok(()) => return at,
                Err(not_until) => {
                    let wait = not_until.wait_time_from(self.clock.now());
                    at += (wait.as_millis() as u64).max(1);
                }
            }
        }
    }
    fn sent(&mut self, _: u64) {}
    fn answered(&mut self, answer: Answer) {
        self.backoff.answered(answer);
    }
}

struct Tower {
    start: u64,
    used: u32,
    backoff: Jitter,
}

impl Client for Tower {
    fn next(&mut self, now: u64) -> u64 {
        let now = self.backoff.next(now);
        if self.used < LIMIT || now >= self.start + WINDOW { now } else { self.start + WINDOW }
    }
    fn sent(&mut self, now: u64) {
        if self.used == 0 || now >= self.start + WINDOW {
            (self.start, self.used) = (now, 0);
        }
        self.used += 1;
    }
    fn answered(&mut self, answer: Answer) {
        self.backoff.answered(answer);
    }
}

struct LogAndWindow {
    log: VecDeque<u64>,
    until: u64,
}

impl Client for LogAndWindow {
    fn next(&mut self, now: u64) -> u64 {
        let full = self.log.len() == LIMIT as usize;
        let free = if full { self.log[0] + WINDOW + 250 } else { 0 };
        now.max(self.until).max(free)
    }
    fn sent(&mut self, _: u64) {}
    fn answered(&mut self, answer: Answer) {
        self.log.push_back(answer.heard);
        if self.log.len() > LIMIT as usize {
            self.log.pop_front();
        }
        if !answer.is_admitted {
            self.until = answer.heard + WINDOW + 250;
        }
    }
}

/// The product's own quota, as it is.
struct Tidegate {
    quota: Quota<Vec<Slot>>,
    clock: ServerClock,
    ticket: Option<Ticket>,
}

impl Tidegate {
    fn new(sharing: Sharing, kind: LimiterKind, learned: Learned) -> Self {
        let windows = Windows::one(Window::new(LIMIT, Duration::from_millis(WINDOW)).kind(kind));
        let terms = Terms { sharing, ..Terms::DEFAULT };
        let mut quota =
            Quota::new(windows, terms, vec![Slot::FREE; windows.slots()]).expect("enough slots").unused();
        quota.restore([], 0, learned, Duration::ZERO, Instant::ZERO);
        Self { quota, clock: ServerClock::Unknown, ticket: None }
    }
}

impl Client for Tidegate {
    fn next(&mut self, now: u64) -> u64 {
        let mut now = Instant::from_millis(now);
        // Of two reasons one may be over before the other begins.
        while let Some((until, _)) = self.quota.opens(Calls::PAGED_READS, &self.clock, now) {
            now = until;
        }
        now.as_millis()
    }
    fn sent(&mut self, now: u64) {
        let now = Instant::from_millis(now);
        self.ticket = Some(self.quota.take(Calls::PAGED_READS, now, now.after(Duration::from_secs(30))));
    }
    fn answered(&mut self, answer: Answer) {
        let (sent, heard) = (Instant::from_millis(answer.sent), Instant::from_millis(answer.heard));
        self.clock.learn(UnixTime::from_millis(answer.date), sent, heard);
        let verdict = if answer.is_admitted { Verdict::Admitted } else { Verdict::Rejected { until: None } };
        let ticket = self.ticket.take().expect("a request was sent");
        self.quota.answered(ticket, heard, &self.clock, verdict, &Limits::default(), None);
    }
    fn gives_share_away(&self) -> bool {
        self.quota.learned(Instant::ZERO).share.is_some()
    }
    fn has_given_up_on_windows(&self) -> bool {
        self.quota.learned(Instant::ZERO).windows == LearnedWindows::Other
    }
}
