//! The order of those who wait for one gate. A pull that had its turn goes behind all that wait.
//!
//! A number is drawn when a wait begins. Of those who wait for the same moment each wakes a millisecond behind the one before
//! it, so the first in the queue goes first. Nothing is known of a waiter but its number: one that is never polled again is
//! passed over a millisecond later, and stops nobody. One that was passed over keeps its place at the front.

use crate::time::Duration;

/// The numbers that were drawn, and how far they were served. A number of zero is none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Queue {
    drawn: u32,
    served: u32,
}

impl Queue {
    /// A place in the queue: the one that was drawn before, or a new one behind all others.
    pub(crate) fn enter(&mut self, place: u32) -> u32 {
        if place != 0 {
            return place;
        }
        self.drawn = self.drawn.wrapping_add(1).max(1);
        self.drawn
    }

    /// How much longer to wait than the gate says, for those who are ahead: a millisecond for each.
    pub(crate) fn behind(&self, place: u32) -> Duration {
        Duration::from_millis(self.ahead(place).into())
    }

    /// Whether nobody is ahead of this place, or of a newcomer if it is zero.
    pub(crate) fn is_first(&self, place: u32) -> bool {
        self.ahead(place) == 0
    }

    /// A request leaves from this place, or without having waited if it is zero. Whether that brought others forward.
    pub(crate) fn leave(&mut self, place: u32) -> bool {
        let is_forward = place != 0 && is_behind(place, self.served);
        if is_forward {
            self.served = place;
        }
        is_forward && self.served != self.drawn
    }

    fn ahead(&self, place: u32) -> u32 {
        let last = if place == 0 { self.drawn } else { place.wrapping_sub(1) };
        if is_behind(last, self.served) { last.wrapping_sub(self.served) } else { 0 }
    }
}

/// Whether a number was drawn after another one. Numbers wrap around.
fn is_behind(number: u32, other: u32) -> bool {
    let distance = number.wrapping_sub(other);
    distance != 0 && distance <= u32::MAX / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far apart those wake who wait for the same moment.
    const APART: Duration = Duration::from_millis(1);

    #[test]
    fn who_waits_first_goes_first_and_a_newcomer_goes_behind() {
        let mut queue = Queue::default();
        assert!(queue.is_first(0), "nobody waits");
        let (first, second) = (queue.enter(0), queue.enter(0));
        assert_eq!(queue.enter(second), second, "a place is kept");
        assert!(queue.is_first(first) && !queue.is_first(second) && !queue.is_first(0));
        assert_eq!(queue.behind(second), APART);
        assert_eq!(queue.behind(0), APART.times(2));
        assert!(queue.leave(first));
        assert!(queue.is_first(second));
        assert!(!queue.leave(second), "nobody is left to be brought forward");
        assert!(queue.is_first(0));
    }

    #[test]
    fn who_was_passed_over_stops_nobody_and_keeps_the_front() {
        let mut queue = Queue::default();
        let (gone, second, third) = (queue.enter(0), queue.enter(0), queue.enter(0));
        assert!(queue.leave(second));
        assert!(queue.is_first(third) && queue.is_first(gone));
        assert!(!queue.leave(gone), "it was served out of order");
        assert!(queue.is_first(third));
    }

    #[test]
    fn numbers_wrap_around() {
        let mut queue = Queue { drawn: u32::MAX - 1, served: u32::MAX - 1 };
        let places = [queue.enter(0), queue.enter(0), queue.enter(0)];
        assert_eq!(places, [u32::MAX, 1, 2], "zero is no place");
        assert!(queue.is_first(places[0]) && !queue.is_first(places[1]));
        assert!(queue.leave(places[0]));
        // The number that was left out counts as one ahead, which costs a millisecond once.
        assert_eq!(queue.behind(places[1]), APART);
        assert!(queue.leave(places[1]));
        assert!(queue.is_first(places[2]));
    }
}
