//! A pull on a virtual clock, driven by answers that the fuzzer chose. It checks what holds whatever a server does:
//! asking twice changes nothing, a rewind takes back exactly what was handed over, committed items are neither lost nor
//! repeated, and the pull comes to an end.

use crate::{Choices, pieces};
use tidegate_core::api::comanage;
use tidegate_core::page::Item;
use tidegate_core::pull::{Outcome, Oversized, Settings, TransportFault};
use tidegate_core::quota::{Slot, Terms, Window, Windows};
use tidegate_core::retry::RetryPolicy;
use tidegate_core::time::{Duration, Instant};
use tidegate_core::{Checkpoint, Endpoint, Gate, Project, Pull, Step};

const OBJECTS: Endpoint<'static> = comanage::view_objects("/objects", 42);
const KEY: &str = "k3y-of-the-project";

/// An answer that the driver makes up.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// Names and values of fields.
    pub fields: Vec<(&'a str, &'a [u8])>,
    /// The body.
    pub body: &'a [u8],
    /// How the body is split.
    pub split: u8,
    /// How it ends.
    pub ending: Ending,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Properly.
    Whole,
    /// With a broken connection.
    Broken,
    /// Never.
    Silent,
}

/// How a pull is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// The size of the item buffer.
    pub item_buffer: usize,
    /// What becomes of larger items.
    pub oversized: Oversized,
    /// What the server admits in ten seconds.
    pub limit: u32,
}

impl Setup {
    /// Reads a setup from the front of an input.
    pub fn read(choices: &mut Choices<'_>) -> Self {
        Self {
            item_buffer: usize::from(choices.byte()),
            oversized: choices.one_of([Oversized::Fail, Oversized::Skip]),
            limit: u32::from(choices.byte() % 4) + 1,
        }
    }
}

/// Runs a pull against the answers that `server` gives, and hands back its end and what the server said last. When
/// there is no answer left, the server is silent for ever.
pub fn run<'a>(setup: Setup, mut server: impl FnMut() -> Option<Answer<'a>>) -> (Outcome, String) {
    let settings = Settings {
        oversized: setup.oversized,
        retry: RetryPolicy { budget: 3, ..RetryPolicy::DEFAULT },
        page_bytes: 4_096,
        error_bytes: 512,
        pages: 64,
        ..Settings::DEFAULT
    };
    let window = Window::new(setup.limit, Duration::from_secs(10)).with_slack(Duration::from_millis(50));
    let project = Project::new(&comanage::API, "https://api.example", KEY).expect("a usable project");
    let mut slots = vec![Slot::FREE; setup.limit as usize];
    let mut gate =
        Gate::new(Windows::one(window), Terms::DEFAULT, &mut slots[..]).expect("enough slots").unused();
    let mut item_buffer = vec![0; setup.item_buffer];
    let mut pull = Pull::new(&project, &OBJECTS, &settings, &mut item_buffer, None).expect("a usable pull");

    let mut now = 0;
    let mut sent = Vec::new();
    let (mut committed, mut in_hand) = (0_u64, 0_u64);
    let mut answer = None;
    for _ in 0..10_000 {
        let instant = Instant::from_millis(now);
        let step = pull.step(&mut gate, instant);
        let again = pull.step(&mut gate, instant);
        assert_eq!(format!("{step:?}"), format!("{again:?}"), "asking changed the answer");
        match step {
            Step::Wait { until, .. } => {
                assert!(until > instant, "a wait for what is over");
                now = until.as_millis();
            }
            Step::Send => {
                assert!(pull.sent(&mut gate, instant));
                let request = pull.request(&gate).expect("it was just sent");
                assert!(!format!("{request:?} {request}").contains(KEY), "the key is shown");
                sent.push(now);
                now += 40;
                answer = server();
            }
            Step::Receive { deadline } => match answer.take() {
                Some(answer) => receive(&mut pull, &mut gate, &mut now, &answer, &mut in_hand),
                None => now = deadline.as_millis(),
            },
            Step::Checkpoint(checkpoint) => {
                committed += in_hand;
                in_hand = 0;
                assert_eq!(checkpoint.items() + checkpoint.skipped(), committed, "lost or repeated");
                assert_eq!(Checkpoint::decode(&checkpoint.encode()), Ok(checkpoint));
                pull.stored();
            }
            Step::Rewind { items } => {
                assert_eq!(u64::from(items), in_hand, "another number than was handed over");
                in_hand = 0;
                pull.rewound();
            }
            Step::Done(outcome) => {
                // After a rejection the own log has not the last word: where windows begin is to be found out.
                if pull.counters().rejected == 0 {
                    check_limit(&sent, setup.limit);
                }
                assert_eq!(in_hand, 0, "items of a page that was neither stored nor taken back");
                let shown = format!("{outcome:?} {pull:?} {gate:?}");
                assert!(!shown.contains(KEY), "the key is shown");
                return (outcome, pull.problem().to_string());
            }
        }
    }
    panic!("the pull does not end");
}

fn receive(
    pull: &mut Pull<'_>,
    gate: &mut Gate<&mut [Slot]>,
    now: &mut u64,
    answer: &Answer<'_>,
    in_hand: &mut u64,
) {
    pull.head(gate, Instant::from_millis(*now), answer.status, answer.fields.iter().copied());
    for piece in pieces(answer.body, answer.split) {
        *now += 1;
        let instant = Instant::from_millis(*now);
        if !matches!(pull.step(gate, instant), Step::Receive { .. }) {
            return;
        }
        let mut rest = piece;
        loop {
            let (taken, item) = pull.body(instant, rest);
            rest = &rest[taken..];
            if let Some(Item::Whole { bytes, .. }) = item {
                assert!(
                    serde_json::from_slice::<&serde_json::value::RawValue>(bytes).is_ok()
                        || is_too_deep(bytes)
                );
            }
            match item {
                Some(_) => *in_hand += 1,
                None if rest.is_empty() => break,
                None => {}
            }
        }
    }
    let instant = Instant::from_millis(*now);
    if !matches!(pull.step(gate, instant), Step::Receive { .. }) {
        return;
    }
    match answer.ending {
        Ending::Whole => pull.end(gate, instant),
        Ending::Broken => pull.failed(gate, instant, TransportFault::Broken),
        Ending::Silent => {}
    }
}

/// Ours allows 128 containers in each other, the oracle 127.
fn is_too_deep(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() > 120
}

/// No window of ten seconds holds more requests than the limit. All arrive 20 ms after they were sent, or so.
fn check_limit(sent: &[u64], limit: u32) {
    for span in sent.windows(limit as usize + 1) {
        assert!(span[limit as usize] - span[0] >= 10_000, "{} requests in ten seconds", span.len());
    }
}
