//! Durations, sizes, counts and dates as people write and read them. Pure functions.

use std::fmt;
use tidegate_core::time::{Duration, UnixTime};

const LARGEST_ITEM: u64 = 4 << 30;

/// Reads `500ms`, `60s`, `15m`, `12h`, `1d`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let (digits, unit) = split_number(text);
    let millis: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err("write a whole number and its unit: 500ms, 60s, 15m, 12h or 1d".to_owned()),
    };
    let number: Option<u64> = digits.parse().ok();
    let product = number.and_then(|number| number.checked_mul(millis));
    product
        .map(Duration::from_millis)
        .ok_or_else(|| "the number before the unit is too large or missing".to_owned())
}

/// Reads `65536`, `64KiB`, `16MiB`, `1GiB`.
pub(crate) fn parse_bytes(text: &str) -> Result<usize, String> {
    let (digits, unit) = split_number(text);
    let bytes: usize = match unit {
        "" | "B" => 1,
        "KiB" | "K" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        "GiB" | "G" => 1 << 30,
        _ => return Err("write a whole number of bytes, or with KiB, MiB or GiB after it".to_owned()),
    };
    let number: Option<usize> = digits.parse().ok();
    let product = number.and_then(|number| number.checked_mul(bytes));
    product
        .filter(|&size| size <= isize::MAX as usize)
        .ok_or_else(|| "the size is too large or missing".to_owned())
}

/// Reads the size of the largest item, for which memory is set aside.
pub(crate) fn parse_item_size(text: &str) -> Result<usize, String> {
    match parse_bytes(text)? {
        size if size as u64 <= LARGEST_ITEM => Ok(size),
        _ => Err("no item may be larger than 4GiB".to_owned()),
    }
}

fn split_number(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// A number with commas between its thousands.
pub(crate) struct Count(pub(crate) u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// A length of time in seconds, with as much precision as anyone wants to know.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis < 10_000 {
            write!(f, "{:.1} s", millis as f64 / 1_000.0)
        } else {
            write!(f, "{} s", Count(millis.div_ceil(1_000)))
        }
    }
}

/// The time of day, UTC.
pub(crate) struct TimeOfDay(pub(crate) UnixTime);

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.as_secs() % 86_400;
        write!(f, "{:02}:{:02}:{:02} UTC", second / 3_600, second / 60 % 60, second % 60)
    }
}

/// Date and time, UTC.
pub(crate) struct Moment(pub(crate) UnixTime);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_date(self.0.as_secs() / 86_400);
        write!(f, "{year}-{month:02}-{day:02} {}", TimeOfDay(self.0))
    }
}

/// Year, month and day, so many days after 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil_date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_their_unit() {
        let table =
            [("500ms", 500), ("60s", 60_000), ("15m", 900_000), ("2h", 7_200_000), ("1d", 86_400_000)];
        for (text, millis) in table {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in
            ["", "60", "s", "1.5s", "-1s", "60 s", "1w", "99999999999999999999s", "999999999999999999d"]
        {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_bytes_unless_they_say_otherwise() {
        let table = [("0", 0), ("65536", 65_536), ("64KiB", 65_536), ("16M", 16 << 20), ("1GiB", 1 << 30)];
        for (text, bytes) in table {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "MiB", "1.5G", "-1", "1kb", "99999999999999999999", "99999999999G"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_item_larger_than_any_memory_is_not_waited_for() {
        for (text, bytes) in [("0", 0), ("4GiB", 4 << 30)] {
            assert_eq!(parse_item_size(text), Ok(bytes), "{text}");
        }
        for text in ["4294967297", "5G", "8000000G"] {
            assert!(parse_item_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_and_times_are_readable() {
        let counts = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")];
        for (count, text) in counts {
            assert_eq!(Count(count).to_string(), text);
        }
        assert_eq!(Seconds(Duration::from_millis(3_250)).to_string(), "3.2 s");
        assert_eq!(Seconds(Duration::from_millis(59_001)).to_string(), "60 s");
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let table = [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_800_000_000, "2027-01-15 08:00:00 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ];
        for (secs, text) in table {
            assert_eq!(Moment(UnixTime::from_secs(secs)).to_string(), text);
        }
    }
}
