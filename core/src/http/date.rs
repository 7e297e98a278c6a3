//! Dates in response fields, as pure functions from text to [`UnixTime`]. The HTTP-date in its three forms (RFC 9110
//! §5.6.7): IMF-fixdate, and the obsolete RFC 850 and asctime forms, which a recipient must still accept; the day's name is
//! not checked. And the timestamp of RFC 3339, which the standard of HTTP does not know and some vendors send.

use super::digits::{thousandths, whole_number};
use crate::ascii;
use crate::time::UnixTime;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads an HTTP-date. `None` if it is none, or lies before 1970.
pub fn parse(text: &str) -> Option<UnixTime> {
    imf_fixdate(text).or_else(|| rfc850(text)).or_else(|| asctime(text))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn imf_fixdate(text: &str) -> Option<UnixTime> {
    let (day_name, mut rest) = split_day_name(text)?;
    (day_name.len() == 3).then_some(())?;
    let day = take_number(&mut rest, 2, " ")?;
    let month = take_month(&mut rest, " ")?;
    let year = take_number(&mut rest, 4, " ")?;
    unix_time(year, month, day, rest.strip_suffix(" GMT")?)
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn rfc850(text: &str) -> Option<UnixTime> {
    let (_, mut rest) = split_day_name(text)?;
    let day = take_number(&mut rest, 2, "-")?;
    let month = take_month(&mut rest, "-")?;
    let year = take_number(&mut rest, 2, " ")?;
    // The century is not said. No server dates an answer before 1970.
    let year = year.saturating_add(if year < 70 { 2000 } else { 1900 });
    unix_time(year, month, day, rest.strip_suffix(" GMT")?)
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &str) -> Option<UnixTime> {
    let mut parts = ascii::split(text, b' ').filter(|part| !part.is_empty());
    let (_, mut month, mut day, time, mut year) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && day.len() <= 2 && year.len() == 4).then_some(())?;
    let (length, month) = (day.len(), take_month(&mut month, "")?);
    unix_time(take_number(&mut year, 4, "")?, month, take_number(&mut day, length, "")?, time)
}

/// Reads a timestamp such as `2027-01-15T08:00:00.5+02:00` (RFC 3339 §5.6). The seconds and the zone's colon may be left
/// out, a space may stand for the `T`, and without a zone the time is UTC. `None` if it is none, or lies before 1970.
#[inline(never)]
pub(super) fn parse_timestamp(text: &str) -> Option<UnixTime> {
    let mut rest = text;
    let year = take_number(&mut rest, 4, "-")?;
    let month = take_number(&mut rest, 2, "-")?;
    let day = take_number(&mut rest, 2, "")?;
    rest = rest.strip_prefix(['T', 't', ' '])?;
    let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')).count();
    let (time, zone) = rest.split_at_checked(length)?;
    let (time, fraction) = ascii::split_once(time, b'.').unwrap_or((time, "0"));
    let local = unix_time(year, month, day, time)?.as_millis().saturating_add(thousandths(fraction)?.into());
    let utc = match zone.as_bytes().first() {
        None => local,
        Some(b'Z' | b'z') if zone.len() == 1 => local,
        Some(b'+') => local.checked_sub(zone_millis(zone)?)?,
        Some(b'-') => local.saturating_add(zone_millis(zone)?),
        Some(_) => return None,
    };
    Some(UnixTime::from_millis(utc))
}
/// How far a zone such as `+02:00` or `-0200` is from UTC.
fn zone_millis(zone: &str) -> Option<u64> {
    let mut rest = zone.get(1..)?;
    let hours = take_number(&mut rest, 2, "")?;
    rest = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = take_number(&mut rest, 2, "")?;
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(())?;
    Some(u64::from(hours.saturating_mul(60).saturating_add(minutes).saturating_mul(60_000)))
}

/// What stands before and after the first comma and space.
fn split_day_name(text: &str) -> Option<(&str, &str)> {
    let (day_name, rest) = ascii::split_once(text, b',')?;
    Some((day_name, rest.strip_prefix(' ')?))
}

/// The next part, so many bytes wide, and what ends it passed.
#[inline(never)]
fn take<'t>(rest: &mut &'t str, width: usize, end: &str) -> Option<&'t str> {
    let (part, behind) = rest.split_at_checked(width)?;
    *rest = behind.strip_prefix(end)?;
    Some(part)
}

/// The same of a part that is a number.
#[inline(never)]
fn take_number(rest: &mut &str, width: usize, end: &str) -> Option<u32> {
    u32::try_from(whole_number(take(rest, width, end)?)?).ok()
}

/// The same of a month's name.
#[inline(never)]
fn take_month(rest: &mut &str, end: &str) -> Option<u32> {
    let name = take(rest, 3, end)?;
    u32::try_from(MONTHS.iter().position(|&month| month == name)?).ok()?.checked_add(1)
}

/// The time of day has two or three parts.
#[inline(never)]
fn unix_time(year: u32, month: u32, day: u32, mut time: &str) -> Option<UnixTime> {
    let hour = take_number(&mut time, 2, ":")?;
    let minute = take_number(&mut time, 2, "")?;
    let second = if time.is_empty() { 0 } else { take_number(&mut time.strip_prefix(':')?, 2, "")? };
    (time.is_empty() || time.len() == 3).then_some(())?;
    let is_date = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    // A leap second is written as 60.
    (is_date && hour < 24 && minute < 60 && second <= 60).then_some(())?;
    let minutes = hour.saturating_mul(60).saturating_add(minute);
    let of_day = minutes.saturating_mul(60).saturating_add(second);
    let of_days = u64::from(days(year, month, day)?).saturating_mul(86_400);
    Some(UnixTime::from_secs(of_days.saturating_add(of_day.into())))
}

/// Days of the proleptic Gregorian calendar since 1 January 1970, for readers of dates in other forms. It counts in years
/// that begin in March, so that the leap day comes last. `None` before that day, for a month or day of 0, and beyond the
/// year ten million. The caller checks that month and day are not beyond their ends.
pub fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let short = |number: u64| u32::try_from(number).ok();
    days(short(year)?, short(month)?, short(day)?).map(u64::from)
}

pub(super) fn days(year: u32, month: u32, day: u32) -> Option<u32> {
    /// Days from 1 March of year 0 to 1 January 1970.
    const EPOCH: u32 = 719_468;
    let (year, month_from_march) = if month <= 2 {
        (year.checked_sub(1)?, month.checked_add(9)?)
    } else {
        (year, month.checked_sub(3)?)
    };
    let days_before_month = month_from_march.checked_mul(153)?.checked_add(2)? / 5;
    let leap_days = (year / 4).checked_sub(year / 100)?.checked_add(year / 400)?;
    year.checked_mul(365)?
        .checked_add(leap_days)?
        .checked_add(days_before_month)?
        .checked_add(day.checked_sub(1)?)?
        .checked_sub(EPOCH)
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
            assert_eq!(parse_timestamp(text), Some(UnixTime::from_millis(millis)), "{text}");
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
            assert_eq!(parse_timestamp(text), None, "{text:?}");
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
