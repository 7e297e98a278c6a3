//! The response fields that the engine obeys, read in one pass over whatever the driver has. Field names are compared
//! without case (RFC 9110 §5.1). A field that does not parse is as good as absent: a hint must never stop a pull.

use super::date;
use super::limits::{Limits, Said};
use crate::text::Text;
use crate::time::{Duration, UnixTime};

/// What was read from a response's head.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// `Date` (RFC 9110 §6.6.1).
    pub date: Option<UnixTime>,
    /// `Retry-After` (RFC 9110 §10.2.3).
    pub retry_after: Option<Moment>,
    /// What is said of the limit.
    pub limits: Limits,
    /// `Location` without its query and fragment, which may hold a secret.
    pub location: Text<64>,
    /// `Content-Encoding`, if it is other than `identity`.
    pub encoding: Option<Text<16>>,
    /// `Content-Type` (RFC 9110 §8.3).
    pub media: Option<Media>,
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

/// A moment to come, as a server names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So long after the answer.
    In(Duration),
    /// At a time of the server's clock.
    At(UnixTime),
}

/// What a body is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// A subtype `json`, or one with the suffix `+json` (RFC 6839 §3.1).
    Json,
    /// `text/html` and `application/xhtml+xml`: mostly a page of a proxy, or one to log in.
    Html,
    /// Any other.
    Other,
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
            limits: Limits::default(),
            location: Text::EMPTY,
            encoding: None,
            media: None,
            window: (None, None),
        };
        let mut said = Said::default();
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
            } else if is("content-type") {
                read.media = media(value);
            } else if window.is_some_and(|names| is(names.start)) {
                read.window.0 = unix_seconds(value);
            } else if window.is_some_and(|names| is(names.end)) {
                read.window.1 = unix_seconds(value);
            } else {
                said.hear(name, value);
            }
        }
        read.limits = said.limits();
        read
    }
}

/// Seconds, which some servers give a fraction, or a date.
fn retry_after(value: &str) -> Option<Moment> {
    seconds(value).map(Moment::In).or_else(|| date::parse(value).map(Moment::At))
}

/// A delay in seconds, a moment in seconds or milliseconds since 1970, or a date: nothing but its size tells what a number
/// is. No window lasts for thirty years, and no server's clock still stands before 2001.
pub(super) fn moment(value: &str) -> Option<Moment> {
    const SECONDS_SINCE_1970: u64 = 1_000_000_000;
    const MILLIS_SINCE_1970: u64 = 1_000_000_000_000;
    let Some(delay) = seconds(value) else { return date::parse(value).map(Moment::At) };
    match delay.as_millis() / 1_000 {
        number @ MILLIS_SINCE_1970.. => Some(Moment::At(UnixTime::from_millis(number))),
        SECONDS_SINCE_1970.. => Some(Moment::At(UnixTime::from_millis(delay.as_millis()))),
        _ => Some(Moment::In(delay)),
    }
}

/// A number of seconds, rounded up to the millisecond.
fn seconds(value: &str) -> Option<Duration> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let whole = whole_number(whole)?.checked_mul(1_000)?;
    if fraction.is_empty() {
        return None;
    }
    // What the next digit is worth, in milliseconds.
    let (mut worth, mut millis, mut rounding) = (100_u32, 0_u32, 0_u32);
    for byte in fraction.bytes() {
        let digit = char::from(byte).to_digit(10)?;
        if worth == 0 && digit > 0 {
            rounding = 1;
        }
        millis = millis.saturating_add(digit.saturating_mul(worth));
        worth /= 10;
    }
    Some(Duration::from_millis(whole.checked_add(millis.saturating_add(rounding).into())?))
}

/// A type without its parameters (RFC 9110 §8.3.1).
fn media(value: &str) -> Option<Media> {
    let essence = value.split(';').next()?.trim_matches([' ', '\t']);
    essence.contains('/').then_some(())?;
    let is = |other: &str| essence.eq_ignore_ascii_case(other);
    let end = essence.get(essence.len().saturating_sub("+json".len())..).unwrap_or_default();
    Some(if end.eq_ignore_ascii_case("/json") || end.eq_ignore_ascii_case("+json") {
        Media::Json
    } else if is("text/html") || is("application/xhtml+xml") {
        Media::Html
    } else {
        Media::Other
    })
}

/// Seconds since 1970, no later than the year 9999.
fn unix_seconds(value: &str) -> Option<UnixTime> {
    const YEAR_10000: u64 = 253_402_300_800;
    whole_number(value).filter(|&seconds| seconds < YEAR_10000).map(UnixTime::from_secs)
}

/// Digits and nothing else: `str::parse` would take a sign, and is larger.
pub(super) fn whole_number(value: &str) -> Option<u64> {
    let mut number = None;
    for byte in value.bytes() {
        let digit = char::from(byte).to_digit(10)?;
        number = Some(number.unwrap_or(0_u64).checked_mul(10)?.checked_add(digit.into())?);
    }
    number
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
        assert_eq!(fields.retry_after, Some(Moment::In(Duration::from_secs(30))));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_or_nothing() {
        let table = [
            ("0", Some(Moment::In(Duration::ZERO))),
            ("1.5", Some(Moment::In(Duration::from_millis(1_500)))),
            ("0.0001", Some(Moment::In(Duration::from_millis(1)))),
            ("2.0000", Some(Moment::In(Duration::from_secs(2)))),
            ("Thu, 01 Jan 1970 00:01:00 GMT", Some(Moment::At(UnixTime::from_secs(60)))),
            ("1.", None),
            (".5", None),
            ("1.-5", None),
            ("1.é", None),
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
    fn json_is_told_from_what_a_proxy_puts_in_its_place() {
        let table = [
            ("application/json; charset=utf-8", Some(Media::Json)),
            ("Application/Problem+JSON", Some(Media::Json)),
            ("text/html;charset=UTF-8", Some(Media::Html)),
            ("application/xhtml+xml", Some(Media::Html)),
            ("text/plain", Some(Media::Other)),
            ("application/jsonp", Some(Media::Other)),
            ("json", None),
            ("", None),
        ];
        for (value, expected) in table {
            assert_eq!(read(&[("Content-Type", value)]).media, expected, "{value:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_passed_over() {
        let fields = Fields::read([("Date", &b"\xff\xfe"[..]), ("Retry-After", &b"5"[..])], None);
        assert_eq!((fields.date, fields.retry_after.is_some()), (None, true));
    }
}
