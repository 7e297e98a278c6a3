//! The whole engine: the input is a trace of answers, its first bytes are buffer sizes, limits and splits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegate_fuzz::Choices;
use tidegate_fuzz::pull::{Answer, Ending, Setup, run};

const FIELDS: [&str; 11] = [
    "date",
    "retry-after",
    "location",
    "content-encoding",
    "x-upcoming-maintenance-start",
    "x-upcoming-maintenance-end",
    "content-type",
    "ratelimit",
    "ratelimit-policy",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices::new(input);
    let setup = Setup::read(&mut choices);
    run(setup, || read_answer(&mut choices));
});

/// An answer is: status, ending, split, number of fields, then each field's name, length and value, then the body's
/// length in two bytes, and the body.
fn read_answer<'a>(choices: &mut Choices<'a>) -> Option<Answer<'a>> {
    if choices.is_over() {
        return None;
    }
    let status = choices.one_of([200, 200, 200, 200, 204, 302, 400, 401, 404, 429, 500, 503]);
    let ending = choices.one_of([Ending::Whole, Ending::Whole, Ending::Broken, Ending::Silent]);
    let split = choices.byte();
    let fields = (0..choices.byte() % 4)
        .map(|_| {
            let name = choices.one_of(FIELDS);
            let len = usize::from(choices.byte());
            (name, choices.take(len))
        })
        .collect();
    let len = usize::from(choices.byte()) << 8 | usize::from(choices.byte());
    Some(Answer { status, fields, body: choices.take(len), split, ending })
}
