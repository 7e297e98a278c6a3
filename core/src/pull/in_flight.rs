//! A request on its way that is settled outside of the pull that sent it. A driver gives it to a task that waits for the head
//! of the answer, so nobody waits for a pull that is not polled.

use super::request_kind::RequestKind;
use super::status::classify;
use crate::api::Api;
use crate::gate::{Gate, Hold, Settled};
use crate::http::Fields;
use crate::profile::{Everything, Profile};
use crate::quota::Slots;
use crate::time::Instant;
use core::marker::PhantomData;

/// What a request on its way holds of its gate, taken out of its pull by [`super::Pull::detach`]. It is settled once, by one of
/// its methods; one that is lost counts until the deadline of its request.
#[derive(Debug)]
#[must_use = "until it is settled, other requests may wait for it"]
pub struct InFlight<P = Everything> {
    pub(super) hold: Hold,
    pub(super) kind: RequestKind,
    pub(super) is_page: bool,
    pub(super) profile: PhantomData<fn() -> P>,
}

impl<P: Profile> InFlight<P> {
    /// The head of the answer came. The driver still calls [`super::Pull::head`] when the pull is polled again.
    pub fn head<'f, S: Slots>(
        self,
        gate: &mut Gate<S>,
        api: &Api,
        now: Instant,
        status: u16,
        fields: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    ) {
        let fields = Fields::read(fields, None);
        let class = classify(api, self.kind, self.is_page, status, &fields);
        gate.settle::<P>(
            self.hold,
            now,
            Settled::Answered { fields: &fields, is_admitted: class.is_admitted(status) },
        );
    }

    /// The request failed, or its answer broke before the head was whole.
    pub fn failed<S: Slots>(self, gate: &mut Gate<S>, now: Instant) {
        gate.settle::<P>(self.hold, now, Settled::Unanswered);
    }

    /// Nobody waits for the answer any more, and the request may still arrive.
    pub fn dropped<S: Slots>(self, gate: &mut Gate<S>, now: Instant) {
        gate.settle::<P>(self.hold, now, Settled::Dropped);
    }
}
