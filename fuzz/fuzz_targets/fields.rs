//! Response fields: nothing they hold stops the reading, dates are those of httpdate, and what is said of a limit in a
//! structured field is what sfv reads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::time::{Duration, SystemTime};
use tidegate_core::http::{Fields, Limits, Moment, WindowFields, date};
use tidegate_core::time::UnixTime;

const NAMES: [&str; 12] = [
    "Date",
    "retry-after",
    "LOCATION",
    "Content-Encoding",
    "X-START",
    "x-end",
    "content-type",
    "RateLimit",
    "ratelimit-policy",
    "X-RateLimit-Limit",
    "x-ratelimit-remaining",
    "X-Rate-Limit-Reset",
];

fuzz_target!(|input: &[u8]| {
    let fields = input.split(|&byte| byte == b'\n').map(|line| match line.split_first() {
        Some((&name, value)) => (NAMES[usize::from(name) % NAMES.len()], value),
        None => ("", line),
    });
    let window = WindowFields { start: "x-start", end: "x-end" };
    let read = Fields::read(fields, Some(window));
    assert!(!read.location.as_str().contains(['?', '#']), "a query may hold a secret");

    let Ok(text) = std::str::from_utf8(input) else { return };
    compare_limits(text.trim_matches([' ', '\t']));
    compare_dates(input, text);
});

/// What the specified field says when it stands alone. Ours refuses inner lists and display strings, and does not look
/// into what is encoded in base 64.
fn compare_limits(value: &str) {
    if value.contains(['(', '%']) {
        return;
    }
    let ours = Fields::read([("RateLimit", value.as_bytes())], None).limits;
    let parsed = sfv::Parser::new(value).parse::<sfv::List>();
    match parsed.ok().and_then(|list| tightest(&list)) {
        Some((remaining, reset)) => {
            assert_eq!(ours.remaining.map(u64::from), Some(remaining.min(u32::MAX.into())), "{value}");
            // From here on a number is a moment by its size.
            if reset.is_none_or(|secs| secs < 1_000_000_000) {
                let reset = reset.map(|secs| Moment::In(tidegate_core::time::Duration::from_secs(secs)));
                assert_eq!(ours.reset, reset, "{value}");
            }
        }
        None if value.contains(':') => {}
        // The older form has its parts by name.
        None if sfv::Parser::new(value).parse::<sfv::Dictionary>().is_ok() => {}
        None => assert_eq!(ours, Limits::default(), "{value}"),
    }
}

/// Of the windows the one with the least left, and of those the one that starts anew last. `None` if there is none, or if
/// one is not as the draft has it.
fn tightest(list: &[sfv::ListEntry]) -> Option<(u64, Option<u64>)> {
    let mut windows = Vec::new();
    for entry in list {
        let sfv::ListEntry::Item(item) = entry else { return None };
        if !matches!(item.bare_item, sfv::BareItem::String(_) | sfv::BareItem::Token(_)) {
            return None;
        }
        let count = |name: &str| match item.params.get(name)? {
            sfv::BareItem::Integer(number) => u64::try_from(i64::from(*number)).ok(),
            _ => None,
        };
        windows.push((count("r")?, count("t")));
    }
    let key = |window: &(u64, Option<u64>)| (window.0.min(u32::MAX.into()), std::cmp::Reverse(window.1));
    windows.into_iter().min_by_key(key)
}

fn compare_dates(input: &[u8], text: &str) {
    if let Some((seconds, _)) = input.split_first_chunk() {
        // All that four digits can name.
        let seconds = u64::from_be_bytes(*seconds) % 253_402_300_800;
        let text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(date::parse(&text).map(UnixTime::as_secs), Some(seconds), "{text}");
    }
    // httpdate takes some dates that are none, such as one without the space before the time; ours takes a wrong name of
    // the day. What both take is the same.
    if let (Some(ours), Ok(theirs)) = (date::parse(text), httpdate::parse_http_date(text)) {
        assert_eq!(SystemTime::UNIX_EPOCH + Duration::from_secs(ours.as_secs()), theirs, "{text}");
    }
}
