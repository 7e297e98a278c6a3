//! Dates as APIs take them in a query: ISO 8601 in the form of RFC 3339, or without its zone. A server that computes in naive
//! time may fail on a `Z`, so the caller chooses the form. Pure functions; [`super::date`] reads the dates of fields.

use super::date::days;
use crate::sink::Sink;
use crate::time::UnixTime;

/// How a date is written. All of them mean UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateForm {
    /// `2019-09-02T15:38:32Z`
    #[default]
    Utc,
    /// `2019-09-02T15:38:32`, for servers that know no zones.
    Naive,
    /// `2019-09-02T15:38:32.000Z`
    UtcMillis,
}

/// The first moment that has no year of four digits.
const YEAR_10000: u64 = 253_402_300_800_000;

impl DateForm {
    /// Whether a moment has such a form: years have four digits.
    pub const fn fits(self, time: UnixTime) -> bool {
        time.as_millis() < YEAR_10000
    }

    /// Writes a moment. What is finer than the form is cut off.
    pub(super) fn write(self, time: UnixTime, out: &mut dyn Sink) {
        let millis = time.as_millis();
        let days = (millis / 86_400_000) as u32;
        // The difference is below a day, so its lower half is all of it.
        let of_day = (millis as u32).wrapping_sub(days.wrapping_mul(86_400_000));
        let seconds = of_day / 1_000;
        let (year, month, day) = civil_date(days);
        let parts = [year, month, day, seconds / 3_600, seconds / 60 % 60, seconds % 60];
        let mut width = 4;
        for (part, mark) in parts.iter().zip(["", "-", "-", "T", ":", ":"]) {
            out.put(mark);
            out.put_number((*part).into(), width);
            width = 2;
        }
        if let Self::UtcMillis = self {
            out.put(".");
            out.put_number((of_day % 1_000).into(), 3);
        }
        if !matches!(self, Self::Naive) {
            out.put("Z");
        }
    }
}

/// Whether a text is a date of the calendar, alone or with a time of day, which may have a fraction and a zone.
pub(crate) fn is_date(text: &str) -> bool {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    is_day(date) && time.is_none_or(is_time_in_zone)
}

/// `2019-09-02`
fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let read = |part: Option<&str>, length| part.and_then(|part| number(part, length));
    let (Some(year), Some(month), Some(day), None) =
        (read(year, 4), read(month, 2), read(day, 2), parts.next())
    else {
        return false;
    };
    // A day that its month does not have is one of the next.
    days(year, month, day).is_some_and(|days| civil_date(days) == (year, month, day))
}

fn is_time_in_zone(text: &str) -> bool {
    let time = match text.strip_suffix('Z') {
        Some(time) => time,
        None => match text.rsplit_once(['+', '-']) {
            Some((time, zone)) if is_clock(zone, 2) => time,
            Some(_) => return false,
            None => text,
        },
    };
    match time.split_once('.') {
        None => is_clock(time, 3),
        Some((time, fraction)) => {
            is_clock(time, 3) && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
        }
    }
}

/// Hours, minutes and, as the third part, seconds.
fn is_clock(text: &str, parts: usize) -> bool {
    let limits = [24, 60, 61];
    text.split(':').count() == parts
        && text.split(':').zip(limits).all(|(part, limit)| number(part, 2).is_some_and(|value| value < limit))
}

fn number(digits: &str, length: usize) -> Option<u32> {
    let is_plain = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| digits.parse().ok()).flatten()
}

/// Year, month and day, so many days after 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"): the
/// way back of [`days`], counted in years that begin in March as well.
fn civil_date(days: u32) -> (u32, u32, u32) {
    let days = days.saturating_add(719_468);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = (day_of_era / 1_460).wrapping_sub(day_of_era / 36_524).wrapping_add(day_of_era / 146_096);
    let year_of_era = day_of_era.wrapping_sub(leap_days) / 365;
    let days_before_year =
        year_of_era.wrapping_mul(365).wrapping_add(year_of_era / 4).wrapping_sub(year_of_era / 100);
    let day_of_year = day_of_era.wrapping_sub(days_before_year);
    let month_from_march = day_of_year.wrapping_mul(5).wrapping_add(2) / 153;
    let days_before_month = month_from_march.wrapping_mul(153).wrapping_add(2) / 5;
    let day = day_of_year.wrapping_sub(days_before_month).wrapping_add(1);
    let year = era.wrapping_mul(400).wrapping_add(year_of_era);
    match month_from_march {
        ..=9 => (year, month_from_march.wrapping_add(3), day),
        _ => (year.wrapping_add(1), month_from_march.wrapping_sub(9), day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::show;
    use core::fmt;
    use std::string::{String, ToString};

    struct Written(DateForm, UnixTime);

    impl fmt::Display for Written {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            show(f, |out| self.0.write(self.1, out))
        }
    }

    fn written(form: DateForm, millis: u64) -> String {
        Written(form, UnixTime::from_millis(millis)).to_string()
    }

    #[test]
    fn a_moment_is_written_in_the_form_that_the_server_takes() {
        let table = [
            (DateForm::Utc, "2019-09-02T15:38:32Z"),
            (DateForm::Naive, "2019-09-02T15:38:32"),
            (DateForm::UtcMillis, "2019-09-02T15:38:32.045Z"),
        ];
        for (form, text) in table {
            assert_eq!(written(form, 1_567_438_712_045), text);
            assert!(is_date(text), "{text}");
        }
    }

    #[test]
    fn every_day_is_written_as_the_calendar_has_it() {
        let table = [
            (0, "1970-01-01T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (951_868_800, "2000-03-01T00:00:00"),
            (1_735_689_599, "2024-12-31T23:59:59"),
            (4_107_542_400, "2100-03-01T00:00:00"),
            (253_402_300_799, "9999-12-31T23:59:59"),
        ];
        for (seconds, text) in table {
            assert_eq!(written(DateForm::Naive, seconds * 1_000), text);
        }
        for day in 0..2_932_897 {
            let (year, month, of_month) = civil_date(day);
            assert_eq!(days(year, month, of_month), Some(day));
        }
    }

    #[test]
    fn a_year_of_five_digits_fits_no_form() {
        assert!(DateForm::Utc.fits(UnixTime::from_secs(253_402_300_799)));
        assert!(!DateForm::Utc.fits(UnixTime::from_secs(253_402_300_800)));
    }

    #[test]
    fn a_date_may_be_alone_or_have_a_time_a_fraction_and_a_zone() {
        for text in [
            "2019-09-02",
            "2024-02-29",
            "2019-09-02T15:38:32",
            "2019-09-02T15:38:32Z",
            "2019-09-02T15:38:32.123456",
            "2019-09-02T15:38:32.1Z",
            "2019-09-02T15:38:32+02:00",
            "2019-09-02T15:38:32.5-11:30",
            "2016-12-31T23:59:60Z",
        ] {
            assert!(is_date(text), "{text}");
        }
    }

    #[test]
    fn what_no_server_could_take_for_a_date_is_none() {
        for text in [
            "",
            "yesterday",
            "2019",
            "2019-09",
            "2019-9-2",
            "2019-02-29",
            "2019-04-31",
            "2019-00-10",
            "2019-13-01",
            "2019-09-00",
            "+019-09-02",
            "2019-09-02T",
            "2019-09-02TZ",
            "2019-09-02 15:38:32",
            "2019-09-02T15:38",
            "2019-09-02T24:00:00",
            "2019-09-02T15:60:00",
            "2019-09-02T15:38:61",
            "2019-09-02T15:38:32.",
            "2019-09-02T15:38:32.Z",
            "2019-09-02T15:38:32ZZ",
            "2019-09-02T15:38:32+0200",
            "2019-09-02T15:38:32+25:00",
            "2019-09-02T15:38:32,2019-09-03",
            "2019-09-02-03",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }
}
