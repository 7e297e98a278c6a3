//! Whole numbers as fields write them: digits and nothing else.

use crate::ascii;

/// Reads digits. `None` if there is anything but digits, or nothing, or the number has more than 64 bits. `str::parse` takes a sign,
/// and is larger.
#[inline(never)]
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    let mut number = 0;
    for byte in digits {
        number = ascii::with_digit(number, char::from(*byte))?;
    }
    if digits.is_empty() { None } else { Some(number) }
}

/// Reads digits. A number that is too large for 64 bits is the largest: what it counts is beyond all use, and it must not
/// be taken for absent. `None` if there is anything but digits, or nothing.
#[inline(never)]
pub(crate) fn whole_number(value: &[u8]) -> Option<u64> {
    let are_digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    number(value).or(if are_digits { Some(u64::MAX) } else { None })
}

/// Reads digits, or a minus sign and digits. `None` if there is anything else, or the number has more than 64 bits.
pub(crate) fn signed_number(value: &[u8]) -> Option<i64> {
    match value {
        [b'-', digits @ ..] => 0_i64.checked_sub_unsigned(whole_number(digits)?),
        _ => i64::try_from(whole_number(value)?).ok(),
    }
}

/// Takes the digits behind a decimal point off a text: as thousandths, rounded up. `None` if there are none.
#[inline(never)]
pub(super) fn thousandths(text: &mut &[u8]) -> Option<u32> {
    let length = text.len();
    // What the next digit is worth.
    let (mut worth, mut sum, mut rounding) = (100_u32, 0_u32, 0_u32);
    while let [digit @ b'0'..=b'9', behind @ ..] = *text {
        let digit = u32::from(digit.wrapping_sub(b'0'));
        sum = sum.wrapping_add(digit.wrapping_mul(worth));
        if worth == 0 && digit > 0 {
            rounding = 1;
        }
        worth /= 10;
        *text = behind;
    }
    if text.len() == length { None } else { Some(sum.wrapping_add(rounding)) }
}

#[cfg(test)]
mod tests {
    use super::{signed_number, thousandths, whole_number};

    #[test]
    fn digits_are_a_number_and_nothing_else_is() {
        let table = [
            ("0", Some(0)),
            ("007", Some(7)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", Some(u64::MAX)),
            ("99999999999999999999999999", Some(u64::MAX)),
            ("", None),
            ("-1", None),
            ("+1", None),
            (" 1", None),
            ("1e3", None),
            ("1x", None),
            ("é", None),
            ("٣", None),
        ];
        for (value, number) in table {
            assert_eq!(whole_number(value.as_bytes()), number, "{value:?}");
        }
    }

    #[test]
    fn a_signed_number_has_no_plus_and_fits_its_type() {
        let table = [
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("-9223372036854775808", Some(i64::MIN)),
            ("-9223372036854775809", None),
            ("-99999999999999999999999999", None),
            ("-0", Some(0)),
            ("+1", None),
            ("--1", None),
            ("-", None),
            ("", None),
            ("1.0", None),
        ];
        for (value, number) in table {
            assert_eq!(signed_number(value.as_bytes()), number, "{value:?}");
        }
    }

    #[test]
    fn a_fraction_is_rounded_up_to_thousandths() {
        let table = [
            ("0", Some(0)),
            ("5", Some(500)),
            ("25", Some(250)),
            ("045", Some(45)),
            ("0450", Some(45)),
            ("0001", Some(1)),
            ("9999", Some(1_000)),
            ("", None),
            ("-5", None),
            ("5 ", None),
            ("é", None),
        ];
        for (fraction, expected) in table {
            let mut rest = fraction.as_bytes();
            let read = thousandths(&mut rest);
            assert_eq!(read.filter(|_| rest.is_empty()), expected, "{fraction:?}");
        }
    }
}
