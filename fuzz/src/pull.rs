//! A pull on a virtual clock, driven by answers that the fuzzer chose. It checks what holds whatever a server does:
//! asking twice changes nothing, a rewind takes back exactly what was handed over, committed items are neither lost nor
//! repeated, and the pull comes to an end.

use crate::{Choices, pieces};
use tidegate_core::api::{Api, comanage, coredata, frends, kontent, opsramp};
use tidegate_core::gate::WithToken;
use tidegate_core::http::Parameter;
use tidegate_core::http::{Body, Method};
use tidegate_core::pull::{Event, Mark, Outcome, Oversized, Settings, TransportFault};
use tidegate_core::quota::{Slot, Terms, Window, Windows};
use tidegate_core::retry::RetryPolicy;
use tidegate_core::time::{Duration, Instant};
use tidegate_core::{Checkpoint, Endpoint, Gate, Project, Pull, Step};

/// What is asked of which API: a list by key, by token, by number, by offset; a write; what is elsewhere.
const KINDS: [(&Api, Endpoint<'static>); 6] = [
    (&comanage::API, comanage::view_objects("/objects", 42)),
    (&kontent::API, kontent::LISTS[13].endpoint.with("subscription", Parameter::Int(1))),
    (&opsramp::API, opsramp::search("/search")),
    (&coredata::API, coredata::LISTS[0].endpoint),
    (&frends::API, Endpoint::call(Method::Post, "/things").with_body(Body::JsonString("x\n"))),
    (&coredata::API, coredata::CONTENT.with("id", Parameter::Int(1))),
];
const KEY: &str = "k3y-of-the-project";
const API: &str = "https://api.example";
const LOGIN: &str = "https://login.example";

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
    /// Which of the kinds of pull it is.
    pub kind: usize,
}

impl Setup {
    /// Reads a setup from the front of an input.
    pub fn read(choices: &mut Choices<'_>) -> Self {
        let item_buffer = usize::from(choices.byte());
        let oversized = choices.one_of([Oversized::Fail, Oversized::Skip]);
        let byte = choices.byte();
        Self {
            item_buffer,
            oversized,
            limit: u32::from(byte % 4) + 1,
            kind: usize::from(byte / 4) % KINDS.len(),
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
    let (api, endpoint) = KINDS[setup.kind];
    let project = Project::new(api, API, KEY).expect("a usable project");
    let project = project.with_tokens_of(LOGIN, "client").expect("a usable token URL");
    let memory = WithToken { slots: vec![Slot::FREE; setup.limit as usize], token: vec![0; 64] };
    let mut gate = Gate::new(Windows::one(window), Terms::DEFAULT, memory).expect("enough slots").unused();
    let (mut item_buffer, mut ids) = (vec![0; setup.item_buffer], [Mark::EMPTY; 8]);
    let pull = Pull::new(&project, &endpoint, &settings, &mut item_buffer, None).expect("a usable pull");
    let mut pull = pull.remembering(&mut ids);

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
                let origin = request.origin().to_string();
                let has_secret = request.fields().any(|field| field.value.is_secret());
                assert!(!has_secret || origin == API, "a credential for another origin");
                let is_form = matches!(request.body(), Body::Credentials(_));
                assert!(!is_form || origin == LOGIN, "the secret for another origin");
                sent.push(now);
                now += 40;
                answer = server();
            }
            Step::Receive { deadline } => match answer.take() {
                Some(answer) => {
                    receive(&mut pull, endpoint.is_list(), &mut gate, &mut now, &answer, &mut in_hand)
                }
                None => now = deadline.as_millis(),
            },
            Step::Checkpoint => {
                let checkpoint = pull.behind();
                committed += in_hand;
                in_hand = 0;
                assert_eq!(checkpoint.items() + checkpoint.skipped(), committed, "lost or repeated");
                assert_eq!(Checkpoint::decode(&checkpoint.encode()), Ok(*checkpoint));
                pull.stored();
            }
            Step::Rewind { items } => {
                assert_eq!(u64::from(items), in_hand, "another number than was handed over");
                in_hand = 0;
                pull.rewound();
            }
            Step::Done(outcome) => {
                // After a rejection the own log has not the last word: where windows begin is to be found out.
                if pull.counters().rejected == 0 && setup.kind == 0 {
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
    is_list: bool,
    gate: &mut Gate<WithToken<Vec<Slot>, Vec<u8>>>,
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
        while let Some(event) = pull.body(instant, &mut rest) {
            match event {
                Event::Item { bytes, .. } => {
                    assert!(
                        !is_list
                            || serde_json::from_slice::<&serde_json::value::RawValue>(bytes).is_ok()
                            || is_too_deep(bytes)
                    );
                    *in_hand += 1;
                }
                Event::Skipped { .. } => *in_hand += 1,
                _ => {}
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
