//! HTTP-date in its three forms (RFC 9110 §5.6.7): IMF-fixdate, and the obsolete RFC 850 and asctime forms which a
//! recipient must still accept. A pure function from text to [`UnixTime`]; the day's name is not checked.

use super::fields::whole_number;
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
    let day = number(take(&mut rest, 2, " ")?)?;
    let month = take(&mut rest, 3, " ")?;
    let year = number(take(&mut rest, 4, " ")?)?;
    unix_time(year, month, day, rest.strip_suffix(" GMT")?)
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn rfc850(text: &str) -> Option<UnixTime> {
    let (_, mut rest) = split_day_name(text)?;
    let day = number(take(&mut rest, 2, "-")?)?;
    let month = take(&mut rest, 3, "-")?;
    let year = number(take(&mut rest, 2, " ")?)?;
    // The century is not said. Nothing that a server dates today was made before 1970.
    let year = year.checked_add(if year < 70 { 2000 } else { 1900 })?;
    unix_time(year, month, day, rest.strip_suffix(" GMT")?)
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &str) -> Option<UnixTime> {
    let mut parts = text.split_ascii_whitespace();
    let (_, month, day, time, year) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && day.len() <= 2 && year.len() == 4).then_some(())?;
    unix_time(number(year)?, month, number(day)?, time)
}

/// What stands before and after the first comma and space.
fn split_day_name(text: &str) -> Option<(&str, &str)> {
    let (day_name, rest) = text.split_once(',')?;
    Some((day_name, rest.strip_prefix(' ')?))
}

/// The next part, so many bytes wide, and what ends it passed.
fn take<'t>(rest: &mut &'t str, width: usize, end: &str) -> Option<&'t str> {
    let (part, behind) = rest.split_at_checked(width)?;
    *rest = behind.strip_prefix(end)?;
    Some(part)
}

fn number(digits: &str) -> Option<u32> {
    u32::try_from(whole_number(digits)?).ok()
}

fn unix_time(year: u32, month: &str, day: u32, mut time: &str) -> Option<UnixTime> {
    let month = u32::try_from(MONTHS.iter().position(|&name| name == month)?).ok()?.checked_add(1)?;
    let hour = number(take(&mut time, 2, ":")?)?;
    let minute = number(take(&mut time, 2, ":")?)?;
    let second = number(take(&mut time, 2, "")?)?;
    let is_in_range = (1970..=9999).contains(&year) && (1..=31).contains(&day) && hour < 24 && minute < 60;
    // A leap second is written as 60.
    (is_in_range && second <= 60 && time.is_empty()).then_some(())?;
    let of_day = hour.checked_mul(60)?.checked_add(minute)?.checked_mul(60)?.checked_add(second)?;
    let of_days = u64::from(days(year, month, day)?).checked_mul(86_400)?;
    Some(UnixTime::from_secs(of_days.checked_add(of_day.into())?))
}

/// Days of the proleptic Gregorian calendar since 1 January 1970, for whoever reads dates of another form. Counted in years
/// that begin in March so that the leap day comes last. `None` before that day, and for a month or day of 0; that neither is
/// beyond its end is the caller's to see. Nor does it count beyond the year ten million.
pub fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let short = |number: u64| u32::try_from(number).ok();
    days(short(year)?, short(month)?, short(day)?).map(u64::from)
}

fn days(year: u32, month: u32, day: u32) -> Option<u32> {
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
            "Sun, 06 Nov 1969 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
