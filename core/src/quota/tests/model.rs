//! A queue with a slot for each request against a plain list of requests: the same answers to every question, whatever happens.

use super::queue::{Change, Queue};
use super::*;

const PERIOD: u64 = 100;
const RECOVERY: u32 = 100;

/// What a request is to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    OnItsWay,
    Dropped,
    Settled,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    deadline: u32,
    free_from: u32,
    is: Is,
}

/// The requests of one window, as a plain list.
#[derive(Debug, Default)]
struct List {
    limit: usize,
    requests: Vec<Request>,
}

impl List {
    /// Those that were given up are settled, and those that no longer count are gone.
    fn clean(&mut self, at: u32) {
        for request in self.requests.iter_mut().filter(|request| request.deadline <= at) {
            request.is = Is::Settled;
        }
        self.requests.retain(|request| request.free_from > at);
    }

    fn take(&mut self, deadline: u32, at: u32) {
        self.clean(at);
        self.requests.push(Request { deadline, free_from: deadline + RECOVERY, is: Is::OnItsWay });
    }

    /// One with this deadline is answered or given up by its driver. Of several with one deadline, those on their way go first.
    fn settle(&mut self, deadline: u32, change: Change, at: u32) {
        self.clean(at);
        let is_late = deadline <= at;
        let of = |request: &Request| request.deadline == deadline && request.free_from == deadline + RECOVERY;
        let wanted = if is_late { Is::Settled } else { Is::OnItsWay };
        let found = self.requests.iter_mut().find(|request| of(request) && request.is == wanted);
        match (found, change) {
            (Some(request), Change::Answered) => {
                (request.free_from, request.is) = (at + RECOVERY, Is::Settled);
            }
            (Some(request), Change::Dropped) if !is_late => request.is = Is::Dropped,
            _ => {}
        }
    }

    /// Of more than the limit those count that are free last.
    fn restore(&mut self, requests: u32, free_from: u32) {
        let restored = Request { deadline: 0, free_from, is: Is::Settled };
        self.requests.extend(std::iter::repeat_n(restored, requests as usize));
        self.requests.sort_by_key(|request| std::cmp::Reverse(request.free_from));
        self.requests.truncate(self.limit);
    }

    /// When fewer than so many requests count.
    fn opens(&self, share: usize, at: u32) -> u32 {
        let mut counted: Vec<u32> = self.requests.iter().map(|request| request.free_from).collect();
        counted.retain(|free_from| *free_from > at);
        counted.sort_unstable();
        match (counted.len() + 1).checked_sub(share.max(1)) {
            None | Some(0) => 0,
            Some(needed) => counted[needed - 1],
        }
    }

    fn held(&self, at: u32) -> usize {
        self.requests.iter().filter(|request| request.free_from > at).count()
    }

    fn in_flight(&self, at: u32) -> usize {
        let is_flying = |request: &&Request| request.is == Is::OnItsWay && request.deadline > at;
        self.requests.iter().filter(is_flying).count()
    }

    fn unanswered(&self) -> Vec<u32> {
        let open = self.requests.iter().filter(|request| request.is != Is::Settled);
        let mut open: Vec<u32> = open.map(|request| request.free_from).collect();
        open.sort_unstable();
        open
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % end
    }
}

#[test]
fn a_queue_with_a_slot_for_each_request_is_a_list_of_requests() {
    for seed in 0..600 {
        let mut numbers = Numbers(seed);
        let limit = 1 + numbers.below(6);
        let window = Window::new(limit, Duration::from_millis(PERIOD)).with_slack(Duration::ZERO);
        let mut queue = Queue::new(window, limit as u16).unwrap();
        let (mut list, mut slots) = (List { limit: limit as usize, ..List::default() }, [Slot::FREE; 6]);
        let (mut at, mut deadlines) = (1_000, Vec::new());
        for _ in 0..numbers.below(4) {
            let (requests, free_from) = (1 + numbers.below(4), at + numbers.below(RECOVERY + 1));
            queue.add(&mut slots, requests, free_from);
            list.restore(requests, free_from);
        }
        for step in 0..80 {
            at += [0, 0, 1, 5, 20, 60][numbers.below(6) as usize];
            list.clean(at);
            match numbers.below(8) {
                0..=3 if list.requests.len() < list.limit => {
                    let deadline = at + 1 + numbers.below(90);
                    queue.change(&mut slots, Change::Left, deadline, at);
                    list.take(deadline, at);
                    deadlines.push(deadline);
                }
                what @ 4..=6 if !deadlines.is_empty() => {
                    let deadline = deadlines.swap_remove(numbers.below(deadlines.len() as u32) as usize);
                    let change = if what == 6 { Change::Dropped } else { Change::Answered };
                    queue.change(&mut slots, change, deadline, at);
                    list.settle(deadline, change, at);
                }
                _ => queue.clean(&mut slots, at),
            }
            let of = |name| {
                std::format!("{name}, seed {seed}, step {step}, {at} ms: {queue:?} {slots:?} {list:?}")
            };
            let mut unanswered = Vec::new();
            queue.unanswered(&slots, |requests, free_from| {
                unanswered.extend(std::iter::repeat_n(free_from, requests as usize));
            });
            assert_eq!(unanswered, list.unanswered(), "{}", of("unanswered"));
            // Also some time later, before anything is brought up to it.
            for later in [at, at + 7, at + 55] {
                assert_eq!(queue.held(&slots, later) as usize, list.held(later), "{}", of("held"));
                assert_eq!(
                    queue.in_flight(&slots, later) as usize,
                    list.in_flight(later),
                    "{}",
                    of("in flight")
                );
                for share in 0..=limit {
                    let opens = queue.opens(&slots, share);
                    let opens = if opens <= later { 0 } else { opens };
                    assert_eq!(opens, list.opens(share as usize, later), "{}", of("opens"));
                }
            }
        }
    }
}
