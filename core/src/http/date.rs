//! Dates in response fields, as pure functions from text to [`UnixTime`]. The HTTP-date in its three forms (RFC 9110
//! §5.6.7): IMF-fixdate, and the obsolete RFC 850 and asctime forms, which a recipient must still accept; the day's name is
//! not checked. And the timestamp of RFC 3339, which the standard of HTTP does not know and some vendors send.

use super::digits;
use crate::time::UnixTime;

/// The forms of an HTTP-date, as [`read`] takes them.
const FORMS: [&[u8]; 3] = [
    // Sun, 06 Nov 1994 08:49:37 GMT
    b"a, d b y t GMT",
    // Sunday, 06-Nov-94 08:49:37 GMT
    b"l, d-b-c t GMT",
    // Sun Nov  6 08:49:37 1994
    b"_w _b _e _t _y_",
];

/// The form of a timestamp, as [`read`] takes it.
const TIMESTAMP: &[u8] = b"y-m-dstfz";

/// Reads an HTTP-date. `None` if it is none, or lies before 1970.
pub fn parse(text: &str) -> Option<UnixTime> {
    of_http(text.as_bytes())
}

/// The same of bytes.
pub(super) fn of_http(text: &[u8]) -> Option<UnixTime> {
    FORMS.iter().find_map(|form| read(text, form))
}

/// Reads a timestamp such as `2027-01-15T08:00:00.5+02:00` (RFC 3339 §5.6). The seconds and the zone's colon may be left
/// out, a space may stand for the `T`, and without a zone the time is UTC. `None` if it is none, or lies before 1970.
pub(super) fn timestamp(text: &[u8]) -> Option<UnixTime> {
    read(text, TIMESTAMP)
}

/// Reads a date of one form. `None` if it is none, or lies before 1970.
///
/// | in a form | in the text |
/// |---|---|
/// | `a`, `l` | a day's name up to a comma: three bytes, any |
/// | `w` | a day's name up to a space |
/// | `y`, `c` | a year of four digits, of two |
/// | `b`, `m` | a month's name, its number |
/// | `d`, `e` | a day of two digits, of one or two |
/// | `t` | a time of day, perhaps with seconds |
/// | `f` | perhaps a point and a fraction of the second |
/// | `z` | perhaps a zone |
/// | `s` | `T`, `t` or a space |
/// | `_` | any spaces |
/// | other | itself |
#[inline(never)]
fn read(text: &[u8], form: &[u8]) -> Option<UnixTime> {
    let mut text = Reader { rest: text, is_wrong: false };
    let (mut year, mut month, mut day, mut of_day, mut to_utc) = (0, 0, 0, 0_u32, 0_i32);
    for part in form {
        match part {
            b'a' => text.is_wrong |= text.skip_until(b',') != 3,
            b'l' => _ = text.skip_until(b','),
            b'w' => _ = text.skip_until(b' '),
            b'y' => year = text.number(4, 10_000),
            // The century is not said. No server dates an answer before 1970.
            b'c' => {
                year = text.number(2, 100);
                year = year.wrapping_add(if year < 70 { 2000 } else { 1900 });
            }
            b'b' => month = text.month(),
            b'm' => month = text.number(2, 13),
            b'e' if !matches!(text.rest, [_, b'0'..=b'9', ..]) => day = text.number(1, 10),
            b'd' | b'e' => day = text.number(2, 32),
            b't' => of_day = text.time_of_day(),
            b'f' if text.pass(b'.') => match digits::thousandths(&mut text.rest) {
                Some(millis) => of_day = of_day.wrapping_add(millis),
                None => return None,
            },
            b'f' => {}
            b'z' => to_utc = text.zone(),
            b's' => text.is_wrong |= !matches!(text.next(), b'T' | b't' | b' '),
            b'_' => while text.pass(b' ') {},
            itself => text.is_wrong |= text.next() != *itself,
        }
    }
    let local = i64::from(days(year, month, day)?).wrapping_mul(86_400_000).wrapping_add(of_day.into());
    let time = local.wrapping_add(to_utc.into());
    if text.is_wrong || !text.rest.is_empty() || time < 0 {
        return None;
    }
    Some(UnixTime::from_millis(time as u64))
}

/// What is left of a text, and whether something in it was not what had to come.
struct Reader<'t> {
    rest: &'t [u8],
    is_wrong: bool,
}

impl Reader<'_> {
    /// The next byte; 0 behind the last one.
    #[inline(never)]
    fn next(&mut self) -> u8 {
        let [next, behind @ ..] = self.rest else { return 0 };
        self.rest = behind;
        *next
    }

    /// Passes a byte, if it comes next.
    #[inline(never)]
    fn pass(&mut self, byte: u8) -> bool {
        let comes = self.rest.first() == Some(&byte);
        if comes {
            self.next();
        }
        comes
    }

    /// Passes all before the first such byte, and tells how many bytes these are.
    #[inline(never)]
    fn skip_until(&mut self, end: u8) -> usize {
        let length = self.rest.iter().position(|byte| *byte == end).unwrap_or(self.rest.len());
        self.rest = self.rest.get(length..).unwrap_or_default();
        length
    }

    /// A number, so many digits wide, below a limit.
    #[inline(never)]
    fn number(&mut self, width: u32, limit: u32) -> u32 {
        let mut number = 0_u32;
        for _ in 0..width {
            let digit = self.next().wrapping_sub(b'0');
            self.is_wrong |= digit > 9;
            number = number.wrapping_mul(10).wrapping_add(digit.into());
        }
        self.is_wrong |= number >= limit;
        number
    }

    /// A month's name. 0 is none.
    fn month(&mut self) -> u32 {
        let Some((name, behind)) = self.rest.split_first_chunk() else { return 0 };
        self.rest = behind;
        let (names, _) = b"JanFebMarAprMayJunJulAugSepOctNovDec".as_chunks::<3>();
        names.iter().position(|month| month == name).map_or(0, |at| (at as u32).wrapping_add(1))
    }

    /// A time of day in milliseconds. A leap second is written as 60.
    fn time_of_day(&mut self) -> u32 {
        let minutes = self.clock(true);
        let second = if self.pass(b':') { self.number(2, 61) } else { 0 };
        minutes.wrapping_mul(60).wrapping_add(second).wrapping_mul(1_000)
    }

    /// Hours and minutes, in minutes.
    #[inline(never)]
    fn clock(&mut self, needs_colon: bool) -> u32 {
        let hour = self.number(2, 24);
        self.is_wrong |= !self.pass(b':') && needs_colon;
        hour.wrapping_mul(60).wrapping_add(self.number(2, 60))
    }

    /// How many milliseconds lead from a zone such as `+02:00` or `-0200` to UTC. No zone and `Z` are UTC itself.
    fn zone(&mut self) -> i32 {
        if self.rest.is_empty() {
            return 0;
        }
        let sign = match self.next() {
            b'Z' | b'z' => return 0,
            b'-' => 60_000,
            b'+' => -60_000,
            _ => {
                self.is_wrong = true;
                return 0;
            }
        };
        (self.clock(false) as i32).wrapping_mul(sign)
    }
}

/// Days of the proleptic Gregorian calendar since 1 January 1970, for readers of dates in other forms. It counts in years
/// that begin in March, so that the leap day comes last. `None` before that day, for a month or day of 0, and beyond the
/// year ten million. The caller checks that month and day are not beyond their ends.
pub fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let short = |number: u64| u32::try_from(number).ok();
    days(short(year)?, short(month)?, short(day)?).map(u64::from)
}

#[inline(never)]
pub(super) fn days(year: u32, month: u32, day: u32) -> Option<u32> {
    /// Days from 1 March of year 0 to 1 January 1970.
    const EPOCH: u32 = 719_468;
    (year < 10_000_000 && (1..=12).contains(&month)).then_some(())?;
    let (year, month_from_march) = if month <= 2 {
        (year.checked_sub(1)?, month.wrapping_add(9))
    } else {
        (year, month.wrapping_sub(3))
    };
    let days_before_month = month_from_march.wrapping_mul(153).wrapping_add(2) / 5;
    let leap_days = (year / 4).wrapping_sub(year / 100).wrapping_add(year / 400);
    let days_before_year = year.wrapping_mul(365).wrapping_add(leap_days);
    days_before_year.wrapping_add(days_before_month).checked_add(day.checked_sub(1)?)?.checked_sub(EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_of_the_standard_are_one_moment() {
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(parse(text), Some(UnixTime::from_secs(784_111_777)), "{text}");
        }
    }

    #[test]
    fn calendars_edges_are_counted_right() {
        let table = [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Thu, 31 Dec 2026 23:59:60 GMT", 1_798_761_600),
        ];
        for (text, seconds) in table {
            assert_eq!(parse(text), Some(UnixTime::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn a_timestamp_is_read_with_or_without_seconds_fraction_and_zone() {
        let noon = 1_800_000_000_000;
        let table = [
            ("2027-01-15T08:00:00Z", noon),
            ("2027-01-15t08:00:00z", noon),
            ("2027-01-15 08:00:00", noon),
            ("2027-01-15T08:00Z", noon),
            ("2027-01-15T08:00:00+00:00", noon),
            ("2027-01-15T10:30:00+02:30", noon),
            ("2027-01-15T10:30:00+0230", noon),
            ("2027-01-14T22:00:00-10:00", noon),
            ("2027-01-15T08:00:00.5Z", noon + 500),
            ("2027-01-15T08:00:00.123456789+00:00", noon + 124),
            ("2024-02-29T23:59:60Z", 1_709_251_200_000),
            ("1970-01-01T00:00:00Z", 0),
        ];
        for (text, millis) in table {
            assert_eq!(timestamp(text.as_bytes()), Some(UnixTime::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_timestamp_is_none() {
        for text in [
            "",
            "2027-01-15",
            "2027-01-15T",
            "2027-01-15T08",
            "2027-01-15T08:00:0",
            "2027-01-15T08:00:000",
            "2027-01-15T08:00:00.Z",
            "2027-01-15T08:00:00.x",
            "2027-01-15T08:00:00 CET",
            "2027-01-15T08:00:00+2",
            "2027-01-15T08:00:00+02:",
            "2027-01-15T08:00:00+02:0",
            "2027-01-15T08:00:00+24:00",
            "2027-01-15T08:00:00é",
            "2027-13-15T08:00:00Z",
            "2027-00-15T08:00:00Z",
            "2027-01-00T08:00:00Z",
            "2027-01-15T24:00:00Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
            "27-01-15T08:00:00Z",
            "+027-01-15T08:00:00Z",
        ] {
            assert_eq!(timestamp(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "120",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:49: GMT",
            "Sun, 06 Nov 1994 08:49:3 GMT",
            "Sun, 06 Nov 1994 08:49.37 GMT",
            "Sun, 06 é 1994 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun Nov  6 08:49:37 94",
            "Sun Nov 006 08:49:37 1994",
            "Sun, 06 Nov 1969 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
