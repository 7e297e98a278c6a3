//! The one reading of times in response fields: `Retry-After`, each field that says when a limit starts anew, and the ends
//! of an announced maintenance window. Vendors write the same thing in many ways, so each field takes all of them:
//!
//! | form | example | read as |
//! |---|---|---|
//! | seconds, also with a fraction | `30`, `1.5` | so long after the answer (RFC 9110 §10.2.3) |
//! | seconds since 1970, also with a fraction | `1800000000` | that moment |
//! | milliseconds since 1970 | `1800000000123` | that moment |
//! | a date of HTTP, in its three forms | `Fri, 15 Jan 2027 08:00:00 GMT` | that moment (RFC 9110 §5.6.7) |
//! | a timestamp of ISO 8601 | `2027-01-15T08:00:00Z` | that moment (RFC 3339) |
//!
//! Only its size tells what a number is. 1,000,000,000 is the threshold: as a delay that is 31 years, longer than any limit
//! or maintenance lasts, and as seconds since 1970 it is September 2001, before any server that is asked today sets its
//! clock. By the same reason 1,000,000,000,000 is the threshold between seconds and milliseconds since 1970. A number that is
//! no moment before the year 10,000 in either unit, however large, is a delay without end.
//!
//! What is negative, or none of these, is absent: a hint never stops a pull.

use super::date;
use super::digits::{thousandths, whole_number};
use crate::ascii;
use crate::time::{Duration, UnixTime};

/// A moment to come, as a server names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So long after the answer.
    In(Duration),
    /// At a time of the server's clock.
    At(UnixTime),
}

/// Numbers from here on are seconds since 1970.
const SECONDS_SINCE_1970: u64 = 1_000_000_000;
/// Numbers from here on are milliseconds since 1970.
const MILLIS_SINCE_1970: u64 = 1_000_000_000_000;
/// 1 January of the year 10,000, the first moment that no form of a date has.
pub(super) const YEAR_10000: UnixTime = UnixTime::from_secs(253_402_300_800);

/// Reads a value in any of the forms above, also in quotes and with space around it.
pub(super) fn moment(value: &[u8]) -> Option<Moment> {
    let value = unquoted(value);
    match seconds(value) {
        Some((whole, millis)) => Some(by_size(whole, millis)),
        None => date::of_http(value).or_else(|| date::timestamp(value)).map(Moment::At),
    }
}

/// A number of seconds and milliseconds, as a delay or as a moment.
pub(super) fn by_size(whole: u64, millis: u32) -> Moment {
    let in_millis = match whole {
        MILLIS_SINCE_1970.. => whole,
        _ => whole.wrapping_mul(1_000).wrapping_add(millis.into()),
    };
    if whole < SECONDS_SINCE_1970 {
        Moment::In(Duration::from_millis(in_millis))
    } else if in_millis < YEAR_10000.as_millis() {
        Moment::At(UnixTime::from_millis(in_millis))
    } else {
        Moment::In(Duration::MAX)
    }
}

/// Digits, and perhaps a point and more digits.
fn seconds(value: &[u8]) -> Option<(u64, u32)> {
    let (whole, mut fraction) = ascii::split_once(value, b'.').unwrap_or((value, b"0"));
    let (whole, millis) = (whole_number(whole)?, thousandths(&mut fraction)?);
    fraction.is_empty().then_some((whole, millis))
}

/// The text between quotes, or all of it, without space around it.
pub(super) fn unquoted(value: &[u8]) -> &[u8] {
    ascii::trimmed(if let [b'"', inner @ .., b'"'] = value { inner } else { value })
}

/// All that an answer says of one moment. Of several values the longest counts, whether they stand in fields of their own
/// or behind commas in one (RFC 9110 §5.3).
#[derive(Clone, Copy, Default)]
pub(super) struct Hints {
    delay: Option<Duration>,
    time: Option<UnixTime>,
}

impl Hints {
    /// Takes one more value.
    #[inline(never)]
    pub(super) fn hear(&mut self, value: &[u8]) {
        // A date has a comma of its own.
        match moment(value) {
            Some(moment) => self.take(moment),
            None => {
                ascii::members(value).filter_map(moment).for_each(|member| self.take(member));
            }
        }
    }

    fn take(&mut self, moment: Moment) {
        match moment {
            Moment::In(delay) if self.delay.is_none_or(|known| known < delay) => self.delay = Some(delay),
            Moment::At(time) if self.time.is_none_or(|known| known < time) => self.time = Some(time),
            _ => {}
        }
    }

    /// The longest, by the time at which the server dates the answer. Without that time a moment cannot be compared with a
    /// delay, and the delay counts: it can be kept without knowing the server's clock.
    pub(super) fn longest(self, date: Option<UnixTime>) -> Option<Moment> {
        match (self.delay, self.time) {
            (Some(delay), Some(time)) if date.is_none_or(|date| time.since(date) <= delay) => {
                Some(Moment::In(delay))
            }
            (_, Some(time)) => Some(Moment::At(time)),
            (delay, None) => delay.map(Moment::In),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(millis: u64) -> Option<Moment> {
        Some(Moment::In(Duration::from_millis(millis)))
    }

    fn at(millis: u64) -> Option<Moment> {
        Some(Moment::At(UnixTime::from_millis(millis)))
    }

    const NEVER: Option<Moment> = Some(Moment::In(Duration::MAX));

    #[test]
    fn a_time_is_read_in_every_form_that_servers_write() {
        let table = [
            ("0", after(0)),
            ("30", after(30_000)),
            ("1.5", after(1_500)),
            ("1.25", after(1_250)),
            ("0.0001", after(1)),
            ("2.0000", after(2_000)),
            ("\"30\"", after(30_000)),
            ("\" 30 \"", after(30_000)),
            ("999999999", after(999_999_999_000)),
            ("1000000000", at(1_000_000_000_000)),
            ("1796000000", at(1_796_000_000_000)),
            ("1796000000.5", at(1_796_000_000_500)),
            ("253402300799", at(253_402_300_799_000)),
            ("1000000000000", at(1_000_000_000_000)),
            ("1800000000123", at(1_800_000_000_123)),
            ("Fri, 15 Jan 2027 08:00:00 GMT", at(1_800_000_000_000)),
            ("Friday, 15-Jan-27 08:00:00 GMT", at(1_800_000_000_000)),
            ("Fri Jan 15 08:00:00 2027", at(1_800_000_000_000)),
            ("2027-01-15T08:00:00Z", at(1_800_000_000_000)),
            ("2027-01-15T10:00:00.25+02:00", at(1_800_000_000_250)),
            ("\"2027-01-15T08:00Z\"", at(1_800_000_000_000)),
        ];
        for (value, expected) in table {
            assert_eq!(moment(value.as_bytes()), expected, "{value:?}");
        }
    }

    #[test]
    fn a_number_beyond_all_dates_is_a_delay_without_end() {
        for value in [
            "253402300800",
            "999999999999",
            "253402300800000",
            "18446744073709551",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999.5",
        ] {
            assert_eq!(moment(value.as_bytes()), NEVER, "{value}");
        }
    }

    #[test]
    fn what_is_negative_or_no_time_is_absent() {
        for value in [
            "",
            " ",
            "\"\"",
            "\"",
            "-1",
            "-1796000000",
            "+1",
            "1.",
            ".5",
            "1.-5",
            "1.é",
            "1e3",
            "0x10",
            "soon",
            "30s",
            "NaN",
            "2027-01-15",
            "Fri, 15 Jan 2027 08:00:00",
        ] {
            assert_eq!(moment(value.as_bytes()), None, "{value:?}");
        }
    }

    #[test]
    fn of_several_values_the_longest_counts() {
        let date = Some(UnixTime::from_secs(1_800_000_000));
        let table: [(&[&str], Option<UnixTime>, Option<Moment>); 14] = [
            (&["2", "30"], date, after(30_000)),
            (&["30", "2"], date, after(30_000)),
            (&["2, 30"], date, after(30_000)),
            (&["30 ,2", "7"], None, after(30_000)),
            (&["soon", "30"], date, after(30_000)),
            (&["30", "soon", "-1"], date, after(30_000)),
            (&["soon, 30"], date, after(30_000)),
            (&["1800000010", "1800000020"], None, at(1_800_000_020_000)),
            (&["30", "1800000020"], date, after(30_000)),
            (&["30", "1800000040"], date, at(1_800_000_040_000)),
            (&["Fri, 15 Jan 2027 08:00:40 GMT", "30"], date, at(1_800_000_040_000)),
            (&["30", "1800000040"], None, after(30_000)),
            (&["30", "99999999999999999999"], date, NEVER),
            (&["soon", ""], date, None),
        ];
        for (values, date, expected) in table {
            let mut hints = Hints::default();
            values.iter().for_each(|value| hints.hear(value.as_bytes()));
            assert_eq!(hints.longest(date), expected, "{values:?}");
        }
    }
}
