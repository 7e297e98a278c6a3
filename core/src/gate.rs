//! What the requests to one project share: the quota, the server's clock, its word on when to come back, and its
//! maintenance. A gate outlives the pulls that go through it, as long as the device runs, and a part of it must survive a
//! restart: see [`Gate::restore`].

#[cfg(test)]
mod tests;

use crate::auth::{AccessToken, TokenFault, TokenRules};
use crate::http::{Fields, Moment};
use crate::maintenance::{Announcement, Maintenance, MaintenanceRules};
use crate::profile::{Everything, Profile};
use crate::queue::Queue;
use crate::quota::{
    self, Calls, Held, Learned, Limited, Quota, QuotaError, Reason, Slot, Slots, Terms, Ticket, Verdict,
    Windows,
};
use crate::retry::Cause;
use crate::secret::Secret;
use crate::time::{Duration, Instant, ServerClock, UnixTime};
use core::fmt;

/// Memory for a gate whose API grants tokens: slots, and room for the token beside them. Tokens have a few dozen bytes at
/// some vendors and two thousand at others; one that does not fit is refused with the size that it needs.
#[derive(Clone)]
pub struct WithToken<S, T> {
    /// One [`crate::quota::Slot`] for each request that the windows admit.
    pub slots: S,
    /// The room for the token, in bytes.
    pub token: T,
}

impl<S: Slots, T: AsRef<[u8]> + AsMut<[u8]>> Slots for WithToken<S, T> {
    fn slots(&self) -> &[Slot] {
        self.slots.slots()
    }

    fn slots_mut(&mut self) -> &mut [Slot] {
        self.slots.slots_mut()
    }

    fn token_buffer(&self) -> &[u8] {
        self.token.as_ref()
    }

    fn token_buffer_mut(&mut self) -> &mut [u8] {
        self.token.as_mut()
    }
}

impl<S: fmt::Debug, T> fmt::Debug for WithToken<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithToken").field("slots", &self.slots).finish_non_exhaustive()
    }
}

/// Why a pull waits.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitReason {
    /// The limit, with the window that counts.
    Limit(Reason),
    /// Maintenance is announced or under way.
    Maintenance,
    /// The last attempt failed, and this is why.
    Backoff(Cause),
    /// Another request is asking for a token.
    Token,
    /// Another request has its turn: it is under way and the API wants one at a time, or it has waited for longer.
    Turn,
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(reason) => reason.fmt(f),
            Self::Maintenance => f.write_str("the server is under maintenance"),
            Self::Backoff(cause) => write!(f, "the last attempt failed: {cause}"),
            Self::Token => f.write_str("a token is being asked for"),
            Self::Turn => f.write_str("another request is under way"),
        }
    }
}

/// A [`WaitReason`] as short as the engine needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Limit(Limited),
    Maintenance,
    Backoff(Cause),
    Token,
    Turn,
}

impl Why {
    /// Whether other pulls may wait for the same, so that there is an order among them.
    pub(crate) const fn is_shared(self) -> bool {
        match self {
            Self::Limit(_) | Self::Token | Self::Turn => true,
            Self::Maintenance | Self::Backoff(_) => false,
        }
    }
}

/// Until when a pull waits, and why.
pub(crate) type Wait = quota::Wait<Instant, Why>;

/// The longest pause a hint can ask for. A gate outlives its pulls, so a server's slip must not shut it for years: then
/// the server is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// What a server said, or its answers taught, that outlives a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// How much longer it wants to be left alone after a rejection.
    pub pause: Duration,
    /// What rejections have taught of its limit.
    pub learned: Learned,
    /// The maintenance it announced last.
    pub maintenance: Option<Announcement>,
    /// How much longer it is to be left alone because of maintenance under way.
    pub shut: Duration,
}

impl Hints {
    /// What is left of them when so much time has passed.
    #[must_use]
    pub fn later(self, elapsed: Duration) -> Self {
        Self {
            pause: self.pause.minus(elapsed),
            learned: self.learned.later(elapsed),
            maintenance: self.maintenance,
            shut: self.shut.minus(elapsed),
        }
    }
}

/// What the requests to one project share.
///
/// `S` is the memory for the quota, one [`crate::quota::Slot`] for each request that the windows admit ([`Windows::slots`]): an
/// array, a `&mut [Slot]` or a `Vec<Slot>`. With fewer it takes a little longer; see [`Quota`].
#[derive(Clone, Debug)]
pub struct Gate<S> {
    quota: Quota<S>,
    clock: ServerClock,
    maintenance: Maintenance,
    token: AccessToken,
    /// Whose turn it is where one request at a time is wanted, and until when at the latest.
    turn: Lease,
    turn_until: Instant,
    /// Counts leases.
    leases: Lease,
    /// Who waits, in the order in which they came.
    queue: Queue,
    /// Counts what may have opened the gate earlier than was promised.
    changed: u32,
}

/// The number of a request, by which the gate knows who has a turn or asks for a token. Zero is nobody.
pub(crate) type Lease = u32;

/// What a request on its way holds of its gate: a place in the limits, and the turn. It is given back once, with
/// [`Gate::settle`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hold {
    ticket: Option<Ticket>,
    pub(crate) lease: Lease,
}

/// What a request needs of its gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// As what the limits count it, if they do.
    pub(crate) calls: Option<Calls>,
    /// Nothing else may be under way until the head of its answer comes.
    pub(crate) turn: bool,
    /// It asks for a token, and others wait for that.
    pub(crate) token: bool,
}

/// How a request ended, as far as others wait for it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Settled<'f> {
    /// The head of its answer came. `is_admitted` tells whether the limit let the request in; `None` if that cannot be told.
    Answered { fields: &'f Fields, is_admitted: Option<bool> },
    /// It failed. The server may have counted it.
    Unanswered,
    /// Nobody waits for its answer any more. It may still arrive.
    Dropped,
}

impl<S> Gate<S> {
    /// A number that changes when something may have opened the gate earlier than a wait said: an answer, a request that was
    /// given up, a token, maintenance that is no longer announced. A driver that waits then asks its pull again.
    pub const fn changed(&self) -> u32 {
        self.changed
    }
}

impl<S: Slots> Gate<S> {
    /// A gate that knows nothing of the time before. It begins with a wait for the longest window, which may have been used up
    /// right before; [`Gate::restore`] and [`Gate::unused`] say otherwise.
    ///
    /// # Errors
    ///
    /// Limits that cannot be kept, in this memory or at all; the error says why.
    pub fn new(windows: Windows, terms: Terms, slots: S) -> Result<Self, QuotaError> {
        Ok(Self {
            quota: Quota::new(windows, terms, slots)?,
            clock: ServerClock::Unknown,
            maintenance: Maintenance::default(),
            token: AccessToken::default(),
            turn: 0,
            turn_until: Instant::ZERO,
            leases: 0,
            queue: Queue::default(),
            changed: 0,
        })
    }

    /// The same for a caller who knows that nothing was sent to the project for a whole window, such as after a first
    /// installation. If that is wrong, the first requests may be rejected.
    #[must_use]
    pub fn unused(self) -> Self {
        Self { quota: self.quota.unused(), ..self }
    }

    /// The clock runs from now on. A step of a pull does the same. Call this only to store what is held before the first
    /// step.
    pub fn begin(&mut self, now: Instant) {
        self.quota.begin(now);
    }

    /// The answered requests that still count in some window. With [`Gate::in_flight`] and [`Gate::hints`], this is what
    /// a restart must not forget; it is stored with the checkpoint.
    pub fn held(&self, now: Instant) -> impl Iterator<Item = Held> {
        self.quota.held(now)
    }

    /// How many requests are on their way.
    pub fn in_flight(&self, now: Instant) -> u32 {
        self.quota.in_flight(now)
    }

    /// What the server said, or its answers taught, that outlives a restart.
    pub fn hints(&self, now: Instant) -> Hints {
        Hints {
            pause: self.quota.pause(now),
            learned: self.quota.learned(now),
            maintenance: self.maintenance.announced(),
            shut: self.maintenance.shut_for(now),
        }
    }

    /// Goes on after a restart with what was stored, less the time since then ([`Held::later`], [`Hints::later`]). Each
    /// of the requests in flight may have arrived as late as now. If the clock starts at 0, times before it cannot be
    /// represented, and the begin of the server's window is forgotten; start the clock at one hour.
    pub fn restore(
        &mut self,
        held: impl IntoIterator<Item = Held>,
        in_flight: u32,
        hints: Hints,
        now: Instant,
    ) {
        self.restore_with_profile::<Everything>(held, in_flight, hints, now);
    }

    /// The same for pulls of a profile: of what was learned, it takes what they are able to use. It keeps what they leave out
    /// out of the image.
    pub fn restore_with_profile<P: Profile>(
        &mut self,
        held: impl IntoIterator<Item = Held>,
        in_flight: u32,
        hints: Hints,
        now: Instant,
    ) {
        let pause = hints.pause.min(LONGEST_PAUSE);
        self.quota.restore_with::<P>(held, in_flight, hints.learned, pause, now);
        self.maintenance = Maintenance::restored(hints.maintenance, hints.shut, now);
    }

    /// Takes the device's own clock for the server's until the server says its time. Needed only to obey
    /// announcements of servers that send no `Date`.
    pub fn assume_clock(&mut self, unix: UnixTime, now: Instant) {
        self.clock.assume(unix, now);
    }

    /// The maintenance window announced last.
    pub const fn announced_maintenance(&self) -> Option<Announcement> {
        self.maintenance.announced()
    }

    /// Until when, after `now`, no such request may be sent, and why. Of several reasons the one that lasts longest.
    pub fn opens(&self, calls: Calls, now: Instant) -> Option<(Instant, WaitReason)> {
        let mut wait = Wait { until: now, why: Why::Turn };
        self.hold_back::<Everything>(calls, now, &mut wait);
        (wait.until > now).then(|| (wait.until, self.reason(wait.why)))
    }

    /// The reason that is shown to people.
    pub(crate) fn reason(&self, why: Why) -> WaitReason {
        match why {
            Why::Limit(limited) => WaitReason::Limit(self.quota.reason(limited)),
            Why::Maintenance => WaitReason::Maintenance,
            Why::Backoff(cause) => WaitReason::Backoff(cause),
            Why::Token => WaitReason::Token,
            Why::Turn => WaitReason::Turn,
        }
    }

    /// Such a request waits at least as long as the limit and maintenance want, by what a profile is able to do.
    #[inline(never)]
    pub(crate) fn hold_back<P: Profile>(&self, calls: Calls, now: Instant, wait: &mut Wait) {
        let quota = self.quota.wait_with::<P>(calls, &self.clock, now);
        wait.outlast(quota.until, Why::Limit(quota.why));
        if let Some(until) = self.maintenance.opens(&self.clock, now) {
            wait.outlast(until, Why::Maintenance);
        }
    }

    /// Which token is good now at that base URL.
    pub(crate) fn token_held(&self, base: u64, now: Instant) -> Option<u32> {
        self.token.held(base, now)
    }

    /// Until when at the latest to wait because another request is under way.
    pub(crate) fn turn_opens(&self, now: Instant) -> Option<Instant> {
        (self.turn != 0 && self.turn_until > now).then_some(self.turn_until)
    }

    fn change(&mut self) {
        self.changed = self.changed.wrapping_add(1);
    }

    /// The queue of those who wait.
    pub(crate) const fn queue(&mut self) -> &mut Queue {
        &mut self.queue
    }

    /// A request leaves, to be answered by `deadline` or never. `place` is its place in the queue, if it waited.
    pub(crate) fn leave<P: Profile>(
        &mut self,
        needs: Needs,
        place: u32,
        now: Instant,
        deadline: Instant,
    ) -> Hold {
        self.leases = self.leases.wrapping_add(1).max(1);
        let lease = self.leases;
        if needs.turn {
            (self.turn, self.turn_until) = (lease, deadline);
        }
        if needs.token {
            self.token.ask(lease, deadline);
        }
        if self.queue.leave(place) {
            self.change();
        }
        Hold { ticket: needs.calls.map(|calls| self.quota.take_with::<P>(calls, now, deadline)), lease }
    }

    /// A request ended so. What it held is free, and others may go on.
    pub(crate) fn settle<P: Profile>(&mut self, hold: Hold, now: Instant, how: Settled<'_>) {
        if self.turn == hold.lease {
            self.turn = 0;
        }
        match (hold.ticket, how) {
            (Some(ticket), Settled::Answered { fields, is_admitted }) => {
                self.answered::<P>(ticket, now, fields, is_admitted);
            }
            (Some(ticket), Settled::Unanswered) => {
                self.quota.unanswered::<P>(ticket, now);
            }
            // Its place in the limits is free after its deadline, for it may arrive until then.
            (Some(ticket), Settled::Dropped) => self.quota.dropped_with::<P>(ticket, now),
            (None, _) => {}
        }
        if !matches!(how, Settled::Answered { .. }) {
            self.token.give_up(hold.lease);
        }
        self.change();
    }

    /// The request of that number no longer asks for a token.
    pub(crate) fn stop_asking(&mut self, lease: Lease) {
        if lease != 0 {
            self.token.give_up(lease);
            self.change();
        }
    }

    /// The text of that token, if it is still the one that is here.
    pub(crate) fn token_text(&self, version: u32) -> Option<Secret<'_>> {
        let text = self.quota.memory().token_buffer().get(..self.token.length(version)?)?;
        Secret::new(core::str::from_utf8(text).ok()?).ok()
    }

    /// Until when at the latest to wait because another request asks for a token.
    pub(crate) fn token_opens(&self, now: Instant) -> Option<Instant> {
        self.token.opens(now)
    }

    /// A token came.
    pub(crate) fn keep_token(
        &mut self,
        base: u64,
        text: &[u8],
        lifetime: Option<Duration>,
        rules: &TokenRules,
        now: Instant,
    ) -> Result<(), TokenFault> {
        let room = self.quota.memory_mut().token_buffer_mut();
        let too_long = TokenFault::TooLong { needed: text.len(), room: room.len() };
        let (place, behind) = room.split_at_mut_checked(text.len()).ok_or(too_long)?;
        place.copy_from_slice(text);
        // Nothing of a longer one before it stays.
        behind.fill(0);
        self.token.keep(base, text.len(), lifetime, rules, now);
        self.change();
        Ok(())
    }

    /// Whether the server has taken that token.
    pub(crate) fn token_is_proven(&self, version: u32) -> bool {
        self.token.is_proven(version)
    }

    /// The server no longer takes that token.
    pub(crate) fn token_refused(&mut self, version: u32) {
        if self.token.refused(version) {
            self.quota.memory_mut().token_buffer_mut().fill(0);
        }
    }

    fn answered<P: Profile>(
        &mut self,
        ticket: Ticket,
        now: Instant,
        fields: &Fields,
        is_admitted: Option<bool>,
    ) {
        if let Some(date) = fields.date {
            self.clock.learn(date, ticket.sent(), now);
        }
        let reset =
            if P::CAPABILITIES.limit_fields { self.pause_until(&fields.limits.reset, now) } else { None };
        let verdict = match is_admitted {
            Some(true) => Verdict::Admitted,
            // Of the two, what was said for this very case goes first.
            Some(false) => Verdict::Rejected { until: self.pause_until(&fields.retry_after, now).or(reset) },
            None => Verdict::Unclear,
        };
        self.quota.answered_with::<P>(ticket, now, &self.clock, verdict, &fields.limits, reset);
    }

    /// The answer to a request that was sent with this token did what was asked.
    pub(crate) fn served(&mut self, fields: &Fields, token: u32) {
        self.token.prove(token);
        let (start, end) = fields.window;
        self.maintenance.served(Announcement::new(start, end));
        self.change();
    }

    /// The answer says that maintenance is under way.
    pub(crate) fn refused_for_maintenance(
        &mut self,
        now: Instant,
        not_before: Option<Instant>,
        (start, end): (Option<UnixTime>, Option<UnixTime>),
        rules: &MaintenanceRules,
    ) {
        let asked = not_before.unwrap_or(now.after(rules.poll));
        self.maintenance.refused(Announcement::new(start, end), &self.clock, now, asked);
    }

    /// Until when a server asks to be left alone, as far as it is believed.
    fn pause_until(&self, moment: &Option<Moment>, now: Instant) -> Option<Instant> {
        Some(self.place((*moment)?, now)?.min(now.after(LONGEST_PAUSE)))
    }

    /// The moment that a server names; `None` if it speaks of its clock and that is unknown.
    pub(crate) fn place(&self, moment: Moment, now: Instant) -> Option<Instant> {
        match moment {
            Moment::In(delay) => Some(now.after(delay)),
            Moment::At(time) => self.clock.latest(time),
        }
    }
}
