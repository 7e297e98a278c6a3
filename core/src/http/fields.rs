//! The response fields that the engine obeys, read in one pass over the fields of a driver's library. Field names are
//! compared without case (RFC 9110 §5.1). A field that does not parse is as good as absent: a hint must never stop a pull.

use super::date;
use super::limits::{self, Limits, RawLimits};
use super::moment::{Hints, Moment, YEAR_10000, moment};
use crate::ascii;
use crate::profile::{Everything, Profile};
use crate::text::Text;
use crate::time::UnixTime;

/// What was read from a response's head.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// `Date` (RFC 9110 §6.6.1).
    pub date: Option<UnixTime>,
    /// `Retry-After` (RFC 9110 §10.2.3). Of several the longest.
    pub retry_after: Option<Moment>,
    /// What is said of the limit.
    pub limits: Limits,
    /// `Location` without its query and fragment, which may hold a secret.
    pub location: Text<64>,
    /// The content coding of the body (RFC 9110 §8.4.1), if there is one. Some servers put a charset there, or `identity`,
    /// or nothing: those code nothing.
    pub encoding: Option<Text<16>>,
    /// `Content-Type` (RFC 9110 §8.3).
    pub media: Option<Media>,
    /// The two ends of an announced maintenance window, as far as they are moments.
    pub window: (Option<UnixTime>, Option<UnixTime>),
}

/// The fields by which an API announces a maintenance window, each in seconds since 1970 or any other form of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowFields {
    /// When it begins.
    pub start: &'static str,
    /// When it ends.
    pub end: &'static str,
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
        let mut reading = Reading::new(window);
        fields.into_iter().for_each(|(name, value)| reading.hear::<Everything>(name, value));
        *reading.finish::<Everything>()
    }
}

/// The fields that are read here, beside those of limits.
#[derive(Clone, Copy)]
enum Name {
    Date,
    RetryAfter,
    Location,
    ContentEncoding,
    ContentType,
    WindowStart,
    WindowEnd,
}

impl Name {
    #[inline(never)]
    fn of(name: &str, window: Option<WindowFields>) -> Option<Self> {
        const NAMES: &str = "date retry-after location content-encoding content-type";
        const FIELDS: [Name; 5] =
            [Name::Date, Name::RetryAfter, Name::Location, Name::ContentEncoding, Name::ContentType];
        if let Some(place) = ascii::place(NAMES, name.as_bytes()) {
            return FIELDS.get(place).copied();
        }
        let is = |other: &str| ascii::is_same(name.as_bytes(), other.as_bytes());
        match window? {
            WindowFields { start, .. } if is(start) => Some(Self::WindowStart),
            WindowFields { end, .. } if is(end) => Some(Self::WindowEnd),
            _ => None,
        }
    }
}

/// Whether a field of this name is one that is read.
pub(crate) fn is_read<P: Profile>(name: &str, window: Option<WindowFields>) -> bool {
    Name::of(name, window).is_some() || P::CAPABILITIES.limit_fields && limits::is_read(name)
}

/// Fields that are being read, for an engine that is able to do what `P` says: if it obeys no fields of limits, it reads none. What
/// is read is lent and not handed over, since it has some hundred bytes.
pub(crate) struct Reading<'f> {
    fields: Fields,
    retry_after: Hints,
    limits: RawLimits<'f>,
    window: Option<WindowFields>,
}

impl<'f> Reading<'f> {
    /// Nothing yet.
    pub(crate) fn new(window: Option<WindowFields>) -> Self {
        Self {
            fields: Fields {
                date: None,
                retry_after: None,
                limits: Limits::default(),
                location: Text::EMPTY,
                encoding: None,
                media: None,
                window: (None, None),
            },
            retry_after: Hints::default(),
            limits: RawLimits::default(),
            window,
        }
    }

    /// Takes a field.
    // Apart from the loop over a driver's own fields, there is one machine code for all drivers.
    #[inline(never)]
    pub(crate) fn hear<P: Profile>(&mut self, name: &str, value: &'f [u8]) {
        if core::str::from_utf8(value).is_err() {
            return;
        }
        let value = ascii::trimmed(value);
        let read = &mut self.fields;
        match Name::of(name, self.window) {
            Some(Name::Date) => read.date = date::of_http(value).or(read.date),
            Some(Name::RetryAfter) => self.retry_after.hear(value),
            Some(Name::Location) => {
                read.location.set(ascii::before(ascii::before(value, b'?'), b'#'));
            }
            Some(Name::ContentEncoding) => {
                if let (None, Some(word)) = (read.encoding, coding(value)) {
                    read.encoding.insert(Text::EMPTY).set(word);
                }
            }
            Some(Name::ContentType) => read.media = media(value),
            Some(Name::WindowStart) => read.window.0 = end_of_window(value),
            Some(Name::WindowEnd) => read.window.1 = end_of_window(value),
            None if P::CAPABILITIES.limit_fields => self.limits.hear(name, value),
            None => {}
        }
    }

    /// There are no more of them.
    #[inline(never)]
    pub(crate) fn finish<P: Profile>(&mut self) -> &Fields {
        let fields = &mut self.fields;
        fields.retry_after = self.retry_after.longest(fields.date);
        if P::CAPABILITIES.limit_fields {
            self.limits.write(fields.date, &mut fields.limits);
        }
        fields
    }
}

/// The first content coding of a list, as it is spelled: one of those that a body may have come in (RFC 9110 §8.4.1, RFC
/// 7932, RFC 8878, RFC 9842). Other words code nothing.
fn coding(value: &[u8]) -> Option<&[u8]> {
    const CODINGS: &str = "gzip x-gzip deflate compress x-compress br zstd dcb dcz";
    ascii::members(value).find(|word| ascii::place(CODINGS, word).is_some())
}

/// A type without its parameters (RFC 9110 §8.3.1).
fn media(value: &[u8]) -> Option<Media> {
    let essence = ascii::trimmed(ascii::before(value, b';'));
    ascii::split_once(essence, b'/')?;
    let end = essence.get(essence.len().wrapping_sub("/json".len())..).unwrap_or_default();
    Some(if ascii::place("/json +json", end).is_some() {
        Media::Json
    } else if ascii::place("text/html application/xhtml+xml", essence).is_some() {
        Media::Html
    } else {
        Media::Other
    })
}

/// A moment before the year 10,000. A number that is too small for a moment of this age is one all the same: the field is
/// specified to hold one.
fn end_of_window(value: &[u8]) -> Option<UnixTime> {
    let time = match moment(value)? {
        Moment::At(time) => time,
        Moment::In(since_1970) => UnixTime::from_millis(since_1970.as_millis()),
    };
    Some(time).filter(|&time| time < YEAR_10000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Capabilities;
    use crate::time::Duration;

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

    enum Least {}

    impl Profile for Least {
        const CAPABILITIES: Capabilities = Capabilities::LEAST;
    }

    #[test]
    fn an_engine_that_obeys_no_fields_of_limits_reads_none() {
        let mut reading = Reading::new(None);
        for (name, value) in [("Retry-After", "30"), ("X-RateLimit-Remaining", "0")] {
            reading.hear::<Least>(name, value.as_bytes());
        }
        let fields = reading.finish::<Least>();
        assert_eq!(fields.retry_after, Some(Moment::In(Duration::from_secs(30))));
        assert_eq!(fields.limits, Limits::default());
        assert!(is_read::<Least>("retry-after", None) && !is_read::<Least>("x-ratelimit-remaining", None));
        assert!(is_read::<Everything>("x-ratelimit-remaining", None));
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
            ("1796000000", Some(Moment::At(UnixTime::from_secs(1_796_000_000)))),
            ("1796000000000", Some(Moment::At(UnixTime::from_secs(1_796_000_000)))),
            ("2026-11-30T10:13:20Z", Some(Moment::At(UnixTime::from_secs(1_796_033_600)))),
            ("5, 120", Some(Moment::In(Duration::from_secs(120)))),
            ("99999999999999999999999", Some(Moment::In(Duration::MAX))),
        ];
        for (value, expected) in table {
            assert_eq!(read(&[("Retry-After", value)]).retry_after, expected, "{value:?}");
        }
    }

    #[test]
    fn of_several_pauses_the_longest_counts_wherever_the_date_stands() {
        let (date, later) = (("Date", "Fri, 15 Jan 2027 08:00:00 GMT"), ("retry-after", "1800000060"));
        let moment = Some(Moment::At(UnixTime::from_secs(1_800_000_060)));
        for fields in [
            [("Retry-After", "30"), date, later],
            [later, ("Retry-After", "30"), date],
            [date, later, ("Retry-After", "soon")],
        ] {
            assert_eq!(read(&fields).retry_after, moment, "{fields:?}");
        }
        let fields = [date, later, ("Retry-After", "61")];
        assert_eq!(read(&fields).retry_after, Some(Moment::In(Duration::from_secs(61))));
    }

    #[test]
    fn a_date_that_is_none_takes_nothing_from_one_that_is() {
        let fields = read(&[("Date", "Thu, 01 Jan 1970 00:00:07 GMT"), ("Date", "today")]);
        assert_eq!(fields.date, Some(UnixTime::from_secs(7)));
    }

    #[test]
    fn the_ends_of_a_window_are_moments_of_this_age() {
        let table = [
            ("1800000000", Some(UnixTime::from_secs(1_800_000_000))),
            ("0", Some(UnixTime::from_secs(0))),
            ("253402300800", None),
            ("1800000000.5", Some(UnixTime::from_millis(1_800_000_000_500))),
            ("1800000000000", Some(UnixTime::from_secs(1_800_000_000))),
            ("Fri, 15 Jan 2027 08:00:00 GMT", Some(UnixTime::from_secs(1_800_000_000))),
            ("2027-01-15T08:00:00Z", Some(UnixTime::from_secs(1_800_000_000))),
            ("99999999999999999999", None),
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
    fn only_what_codes_a_body_is_an_encoding() {
        for value in [
            "",
            "identity",
            "utf-8",
            "UTF-8",
            "none",
            "json",
            "identity, utf-8",
            ",",
            "gzipped",
            "aws-chunked",
        ] {
            assert!(read(&[("Content-Encoding", value)]).encoding.is_none(), "{value:?}");
        }
        let table = [
            ("gzip", "gzip"),
            ("GZIP", "GZIP"),
            ("x-gzip", "x-gzip"),
            ("deflate", "deflate"),
            ("compress", "compress"),
            ("x-compress", "x-compress"),
            ("br", "br"),
            ("zstd", "zstd"),
            ("dcb", "dcb"),
            ("dcz", "dcz"),
            ("identity, gzip", "gzip"),
            ("identity ,\tbr , gzip", "br"),
            ("utf-8,zstd", "zstd"),
        ];
        for (value, coding) in table {
            assert_eq!(read(&[("Content-Encoding", value)]).encoding, Some(Text::new(coding)), "{value:?}");
        }
        let twice = read(&[("Content-Encoding", "gzip"), ("Content-Encoding", "identity")]);
        assert_eq!(twice.encoding, Some(Text::new("gzip")));
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
