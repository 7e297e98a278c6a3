//! Small things that stand in many lines of a file: numbers, times, names with values.

use tidegate_core::time::Duration;

/// A time: `250ms`, `35s`, `5min` or `2h`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let units = [("ms", 1), ("min", 60_000), ("s", 1_000), ("h", 3_600_000)];
    let (number, unit) = units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
    Some(Duration::from_millis(number.trim().parse::<u64>().ok()?.checked_mul(*unit)?))
}

/// `name = value`.
pub(crate) fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty() && !name.contains(' ')).then(|| (name.to_owned(), value.to_owned()))
}

/// `from..to`, without the last.
pub(crate) fn range(text: &str) -> Option<std::ops::Range<i64>> {
    let (from, to) = text.split_once("..")?;
    Some(from.trim().parse().ok()?..to.trim().parse().ok()?)
}

/// The name of a field: a token of RFC 9110 §5.6.2.
pub(crate) fn is_field_name(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(duration("35s"), Some(Duration::from_secs(35)));
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("5 min"), Some(Duration::from_secs(300)));
        assert_eq!(duration("2h"), Some(Duration::from_secs(7_200)));
        for wrong in ["35", "s", "-1s", "1.5s", "five s", ""] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ranges_leave_the_last_out() {
        assert_eq!(range("0..6"), Some(0..6));
        assert_eq!(range("0-6"), None);
    }
}
