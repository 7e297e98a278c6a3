//! The span of time in which a certificate is valid (RFC 5280 §4.1.2.5), to the second.

use super::der::{Element, Malformed, Reader, tag};
use tidegate_core::http::date::days_since_1970;
use tidegate_core::time::UnixTime;

/// From when until when; both belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
}

impl Validity {
    /// Reads the content of the `Validity` of a certificate.
    pub(crate) fn read(content: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(content);
        let validity = Self { not_before: time(reader.next()?)?, not_after: time(reader.next()?)? };
        reader.end().map(|()| validity)
    }
}

/// A `Time`: seconds are always there, and the zone is always `Z`.
fn time(element: Element<'_>) -> Result<UnixTime, Malformed> {
    let (digits, b'Z') = element.content.split_last().map(|(last, rest)| (rest, *last)).ok_or(Malformed)?
    else {
        return Err(Malformed);
    };
    let (pairs, []) = digits.as_chunks::<2>() else { return Err(Malformed) };
    match (element.tag, pairs) {
        (tag::UTC_TIME, &[year, month, day, hour, minute, second]) => {
            let year = number(year)?;
            let century = if year >= 50 { 1900 } else { 2000 };
            moment(year.saturating_add(century), [month, day, hour, minute, second])
        }
        (tag::GENERALIZED_TIME, &[century, year, month, day, hour, minute, second]) => {
            let year = number(century)?.saturating_mul(100).saturating_add(number(year)?);
            moment(year, [month, day, hour, minute, second])
        }
        _ => Err(Malformed),
    }
}

fn number([tens, ones]: [u8; 2]) -> Result<u64, Malformed> {
    match (tens, ones) {
        (b'0'..=b'9', b'0'..=b'9') => {
            Ok(u64::from(tens & 0x0f).saturating_mul(10).saturating_add(u64::from(ones & 0x0f)))
        }
        _ => Err(Malformed),
    }
}

/// The moment; the start of 1970 for any that is before it.
fn moment(year: u64, rest: [[u8; 2]; 5]) -> Result<UnixTime, Malformed> {
    let [month, day, hour, minute, second] = rest.map(number);
    let (month, day, hour, minute, second) = (month?, day?, hour?, minute?, second?);
    let is_moment = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !is_moment {
        return Err(Malformed);
    }
    let Some(days) = days_since_1970(year, month, day) else { return Ok(UnixTime::from_secs(0)) };
    let seconds = days
        .saturating_mul(86_400)
        .saturating_add(hour.saturating_mul(3_600))
        .saturating_add(minute.saturating_mul(60))
        .saturating_add(second);
    Ok(UnixTime::from_secs(seconds))
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Option<u64> {
        time(Element { tag, content: text.as_bytes(), whole: &[] }).ok().map(UnixTime::as_secs)
    }

    #[test]
    fn both_forms_of_a_time_are_read() {
        let table = [
            (tag::UTC_TIME, "700101000000Z", 0),
            (tag::UTC_TIME, "491231235959Z", 2_524_607_999),
            (tag::UTC_TIME, "500101000000Z", 0),
            (tag::UTC_TIME, "240229120000Z", 1_709_208_000),
            (tag::GENERALIZED_TIME, "20500101000000Z", 2_524_608_000),
            (tag::GENERALIZED_TIME, "20000229000001Z", 951_782_401),
            (tag::GENERALIZED_TIME, "99991231235959Z", 253_402_300_799),
            (tag::GENERALIZED_TIME, "00000101000000Z", 0),
        ];
        for (tag, text, seconds) in table {
            assert_eq!(read(tag, text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let table = [
            (tag::UTC_TIME, ""),
            (tag::UTC_TIME, "Z"),
            (tag::UTC_TIME, "7001010000Z"),
            (tag::UTC_TIME, "700101000000"),
            (tag::UTC_TIME, "700101000000+0000"),
            (tag::UTC_TIME, "20500101000000Z"),
            (tag::UTC_TIME, "701301000000Z"),
            (tag::UTC_TIME, "700001000000Z"),
            (tag::UTC_TIME, "700100000000Z"),
            (tag::UTC_TIME, "230229000000Z"),
            (tag::UTC_TIME, "230431000000Z"),
            (tag::UTC_TIME, "700101240000Z"),
            (tag::UTC_TIME, "700101006000Z"),
            (tag::UTC_TIME, "700101000060Z"),
            (tag::UTC_TIME, "70010100000:Z"),
            (tag::GENERALIZED_TIME, "500101000000Z"),
            (tag::GENERALIZED_TIME, "21000229000000Z"),
            (tag::GENERALIZED_TIME, "20500101000000.5Z"),
            (tag::SEQUENCE, "700101000000Z"),
        ];
        for (tag, text) in table {
            assert_eq!(read(tag, text), None, "{text}");
        }
    }
}
