//! Those who wait for a gate, by what wakes them. There is room for a few. Whoever finds none is told so, and nobody is woken
//! for it: two who make room for each other would wake each other for ever.

use core::task::Waker;
use heapless::Vec;

/// How many tasks wait side by side without looking for themselves.
const ROOM: usize = 4;

/// What wakes those who wait.
pub(crate) struct Waiters(Vec<Waker, ROOM>);

impl Waiters {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Has a task woken with the next [`Waiters::wake`]. Whether there is room for it.
    pub(crate) fn register(&mut self, waker: &Waker) -> bool {
        self.0.iter().any(|known| known.will_wake(waker)) || self.0.push(waker.clone()).is_ok()
    }

    /// Wakes all, and forgets them: who still waits comes back.
    pub(crate) fn wake(&mut self) {
        while let Some(waker) = self.0.pop() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake;
    use std::vec::Vec;

    #[derive(Default)]
    struct Task(AtomicU32);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_finds_no_room_is_told_so_and_wakes_nobody() {
        let tasks: Vec<Arc<Task>> = (0..=ROOM).map(|_| Arc::default()).collect();
        let woken = || tasks.iter().map(|task| task.0.load(Ordering::Relaxed)).collect::<Vec<_>>();
        let mut waiters = Waiters::new();
        for _ in 0..3 {
            let has_room: Vec<bool> =
                tasks.iter().map(|task| waiters.register(&Waker::from(Arc::clone(task)))).collect();
            assert_eq!(has_room, [true, true, true, true, false]);
        }
        assert_eq!(woken(), [0; ROOM + 1]);
        waiters.wake();
        assert_eq!(woken(), [1, 1, 1, 1, 0]);
        waiters.wake();
        assert_eq!(woken(), [1, 1, 1, 1, 0], "each is woken once");
        assert!(waiters.register(&Waker::from(Arc::clone(&tasks[ROOM]))), "there is room again");
    }
}
