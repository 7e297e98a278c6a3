//! HTTP-date in its three forms (RFC 9110 §5.6.7): IMF-fixdate, and the obsolete RFC 850 and asctime forms which a
//! recipient must still accept. A pure function from text to [`UnixTime`]; the day's name is not checked.

use crate::time::UnixTime;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads an HTTP-date. `None` if it is none, or lies before 1970.
pub fn parse(text: &str) -> Option<UnixTime> {
    imf_fixdate(text).or_else(|| rfc850(text)).or_else(|| asctime(text))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn imf_fixdate(text: &str) -> Option<UnixTime> {
    let (day_name, rest) = split_day_name(text)?;
    let mut parts = rest.strip_suffix(" GMT")?.split(' ');
    let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (day_name.len() == 3 && parts.next().is_none()).then_some(())?;
    unix_time(number(year, 4)?, month, number(day, 2)?, time)
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn rfc850(text: &str) -> Option<UnixTime> {
    let (_, rest) = split_day_name(text)?;
    let (date, time) = rest.strip_suffix(" GMT")?.split_once(' ')?;
    let mut parts = date.split('-');
    let (day, month, year) = (parts.next()?, parts.next()?, number(parts.next()?, 2)?);
    parts.next().is_none().then_some(())?;
    // The century is not said. Nothing that a server dates today was made before 1970.
    let year = year.checked_add(if year < 70 { 2000 } else { 1900 })?;
    unix_time(year, month, number(day, 2)?, time)
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &str) -> Option<UnixTime> {
    let mut parts = text.split_ascii_whitespace();
    let (_, month, day, time, year) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(())?;
    unix_time(number(year, 4)?, month, number(day, day.len().min(2))?, time)
}

/// What stands before and after the first comma and space.
fn split_day_name(text: &str) -> Option<(&str, &str)> {
    let (day_name, rest) = text.split_once(',')?;
    Some((day_name, rest.strip_prefix(' ')?))
}

fn number(digits: &str, len: usize) -> Option<u64> {
    (digits.len() == len && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

fn unix_time(year: u64, month: &str, day: u64, time: &str) -> Option<UnixTime> {
    let month = u64::try_from(MONTHS.iter().position(|&name| name == month)?).ok()?.checked_add(1)?;
    let mut parts = time.split(':');
    let (hour, minute, second) =
        (number(parts.next()?, 2)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let is_in_range = (1970..=9999).contains(&year) && (1..=31).contains(&day) && hour < 24 && minute < 60;
    // A leap second is written as 60.
    (is_in_range && second <= 60 && parts.next().is_none()).then_some(())?;
    let seconds = days_since_1970(year, month, day)?
        .checked_mul(86_400)?
        .checked_add(hour.checked_mul(3_600)?)?
        .checked_add(minute.checked_mul(60)?)?
        .checked_add(second)?;
    Some(UnixTime::from_secs(seconds))
}

/// Days of the proleptic Gregorian calendar since 1 January 1970, for whoever reads dates of another form. Counted in years
/// that begin in March so that the leap day comes last. `None` before that day, and for a month or day of 0; that neither is
/// beyond its end is the caller's to see.
pub fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    /// Days from 1 March of year 0 to 1 January 1970.
    const EPOCH: u64 = 719_468;
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let month_from_march = if month <= 2 { month.checked_add(9)? } else { month.checked_sub(3)? };
    let days_before_month = month_from_march.checked_mul(153)?.checked_add(2)?.checked_div(5)?;
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
