//! Response fields: nothing they hold stops the reading, and dates are those of httpdate.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::time::{Duration, SystemTime};
use tidegate_core::http::{Fields, WindowFields, date};
use tidegate_core::time::UnixTime;

const NAMES: [&str; 6] = ["Date", "retry-after", "LOCATION", "Content-Encoding", "X-START", "x-end"];

fuzz_target!(|input: &[u8]| {
    let fields = input.split(|&byte| byte == b'\n').map(|line| match line.split_first() {
        Some((&name, value)) => (NAMES[usize::from(name) % NAMES.len()], value),
        None => ("", line),
    });
    let window = WindowFields { start: "x-start", end: "x-end" };
    let read = Fields::read(fields, Some(window));
    assert!(!read.location.as_str().contains(['?', '#']), "a query may hold a secret");

    if let Some((seconds, _)) = input.split_first_chunk() {
        // All that four digits can name.
        let seconds = u64::from_be_bytes(*seconds) % 253_402_300_800;
        let text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(date::parse(&text).map(UnixTime::as_secs), Some(seconds), "{text}");
    }
    // httpdate takes some dates that are none, such as one without the space before the time; ours takes a wrong name of
    // the day. What both take is the same.
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let (Some(ours), Ok(theirs)) = (date::parse(text), httpdate::parse_http_date(text)) {
        assert_eq!(SystemTime::UNIX_EPOCH + Duration::from_secs(ours.as_secs()), theirs, "{text}");
    }
});
