//! The response fields that the engine obeys, read in one pass over whatever the driver has. Field names are compared
//! without case (RFC 9110 §5.1). A field that does not parse is as good as absent: a hint must never stop a pull.

use super::date;
use crate::text::Text;
use crate::time::{Duration, UnixTime};

/// What was read from a response's head.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// `Date` (RFC 9110 §6.6.1).
    pub date: Option<UnixTime>,
    /// `Retry-After` (RFC 9110 §10.2.3).
    pub retry_after: Option<RetryAfter>,
    /// `Location` without its query and fragment, which may hold a secret.
    pub location: Text<96>,
    /// `Content-Encoding`, if it is other than `identity`.
    pub encoding: Option<Text<16>>,
    /// The two ends of an announced maintenance window, as far as they are numbers.
    pub window: (Option<UnixTime>, Option<UnixTime>),
}

/// The fields by which an API announces a maintenance window, each in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowFields {
    /// When it begins.
    pub start: &'static str,
    /// When it ends.
    pub end: &'static str,
}

/// How long a server asks to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// From the answer on.
    Delay(Duration),
    /// By the server's clock.
    Until(UnixTime),
}

impl Fields {
    /// Reads name and value pairs; values are bytes because nothing says that they are text (RFC 9110 §5.5).
    pub fn read<'f>(
        fields: impl IntoIterator<Item = (&'f str, &'f [u8])>,
        window: Option<WindowFields>,
    ) -> Self {
        let mut read = Self {
            date: None,
            retry_after: None,
            location: Text::EMPTY,
            encoding: None,
            window: (None, None),
        };
        for (name, value) in fields {
            let Ok(value) = core::str::from_utf8(value) else { continue };
            let value = value.trim_matches([' ', '\t']);
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            if is("date") {
                read.date = date::parse(value);
            } else if is("retry-after") {
                read.retry_after = retry_after(value);
            } else if is("location") {
                read.location = Text::new(value.split(['?', '#']).next().unwrap_or(""));
            } else if is("content-encoding") && !value.is_empty() && !value.eq_ignore_ascii_case("identity") {
                read.encoding = Some(Text::new(value));
            } else if window.is_some_and(|names| is(names.start)) {
                read.window.0 = unix_seconds(value);
            } else if window.is_some_and(|names| is(names.end)) {
                read.window.1 = unix_seconds(value);
            }
        }
        read
    }
}

fn retry_after(value: &str) -> Option<RetryAfter> {
    match whole_number(value) {
        Some(seconds) => Some(RetryAfter::Delay(Duration::from_secs(seconds))),
        None => date::parse(value).map(RetryAfter::Until),
    }
}

/// Seconds since 1970, no later than the year 9999.
fn unix_seconds(value: &str) -> Option<UnixTime> {
    const YEAR_10000: u64 = 253_402_300_800;
    whole_number(value).filter(|&seconds| seconds < YEAR_10000).map(UnixTime::from_secs)
}

/// Digits and nothing else: `str::parse` alone would take a sign.
fn whole_number(value: &str) -> Option<u64> {
    value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: WindowFields = WindowFields { start: "X-M-START", end: "X-M-END" };

    fn read(fields: &[(&str, &str)]) -> Fields {
        Fields::read(fields.iter().map(|(name, value)| (*name, value.as_bytes())), Some(NAMES))
    }

    #[test]
    fn names_are_compared_without_case_and_values_without_outer_space() {
        let fields = read(&[("DATE", " Thu, 01 Jan 1970 00:00:07 GMT\t"), ("retry-AFTER", "30")]);
        assert_eq!(fields.date, Some(UnixTime::from_secs(7)));
        assert_eq!(fields.retry_after, Some(RetryAfter::Delay(Duration::from_secs(30))));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_or_nothing() {
        let table = [
            ("0", Some(RetryAfter::Delay(Duration::ZERO))),
            ("Thu, 01 Jan 1970 00:01:00 GMT", Some(RetryAfter::Until(UnixTime::from_secs(60)))),
            ("-1", None),
            ("+1", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999999", None),
        ];
        for (value, expected) in table {
            assert_eq!(read(&[("Retry-After", value)]).retry_after, expected, "{value:?}");
        }
    }

    #[test]
    fn the_ends_of_a_window_are_seconds_of_this_age() {
        let table = [
            ("1800000000", Some(UnixTime::from_secs(1_800_000_000))),
            ("0", Some(UnixTime::from_secs(0))),
            ("253402300800", None),
            ("1800000000.5", None),
            ("-1", None),
            ("", None),
        ];
        for (value, expected) in table {
            assert_eq!(read(&[("x-m-start", value)]).window, (expected, None), "{value:?}");
        }
    }

    #[test]
    fn a_location_is_kept_without_its_query() {
        let fields = read(&[("Location", "https://other.example/x?token=secret#y")]);
        assert_eq!(fields.location.as_str(), "https://other.example/x");
    }

    #[test]
    fn identity_is_no_encoding() {
        assert!(read(&[("Content-Encoding", "identity")]).encoding.is_none());
        assert_eq!(read(&[("Content-Encoding", "gzip")]).encoding, Some(Text::new("gzip")));
    }

    #[test]
    fn bytes_that_are_no_text_are_passed_over() {
        let fields = Fields::read([("Date", &b"\xff\xfe"[..]), ("Retry-After", &b"5"[..])], None);
        assert_eq!((fields.date, fields.retry_after.is_some()), (None, true));
    }
}
