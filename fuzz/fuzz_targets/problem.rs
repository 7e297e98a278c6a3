//! Error bodies: whatever a server sends with an error, the status counts, the same for every split, and what is shown
//! of it is short and quotes no key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegate_core::pull::{Failure, Outcome};
use tidegate_fuzz::Choices;
use tidegate_fuzz::pull::{Answer, Ending, Setup, run};

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices::new(input);
    let status = choices.one_of([400, 401, 403, 404, 422, 500, 503]);
    let split = choices.byte();
    let body = choices.rest();
    let ask = |split| {
        let answer = Answer { status, fields: Vec::new(), body, split, ending: Ending::Whole };
        let mut answers = std::iter::repeat_n(answer, 4);
        run(
            Setup { item_buffer: 16, oversized: tidegate_core::pull::Oversized::Fail, limit: 4, kind: 0 },
            || answers.next(),
        )
    };
    let (outcome, problem) = ask(split);
    assert_eq!((outcome, problem.clone()), ask(39), "another split");
    assert!(problem.len() <= 256, "{} bytes to show", problem.len());
    assert!(!problem.contains("k3y-of-the-project"), "the key is shown");
    match (status, outcome) {
        (401 | 403, Outcome::Failed(Failure::Credential { .. })) => {}
        (404, Outcome::Failed(Failure::NotFound { status: 404 })) => {}
        (400..=499, Outcome::Failed(Failure::Status { status: shown })) => assert_eq!(shown, status),
        (500 | 503, Outcome::Failed(_)) => {}
        other => panic!("{other:?}"),
    }
});
