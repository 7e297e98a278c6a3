//! Whole numbers as fields and targets write them: digits and nothing else.

use core::fmt::{self, Write};

/// Writes a number in decimal, with zeros in front where it has fewer digits than `width`. The `Display` of numbers knows
/// more, and is larger.
#[inline(never)]
pub(super) fn write_number(out: &mut dyn Write, number: u64, width: usize) -> fmt::Result {
    // As many digits as the largest number has.
    let mut digits = [b'0'; 20];
    let (mut left, mut written) = (number, 0_usize);
    for place in digits.iter_mut().rev() {
        if left == 0 && written >= width.max(1) {
            break;
        }
        *place = b'0'.saturating_add((left % 10) as u8);
        (left, written) = (left / 10, written.saturating_add(1));
    }
    let digits = digits.get(digits.len().saturating_sub(written)..).unwrap_or_default();
    out.write_str(core::str::from_utf8(digits).unwrap_or_default())
}

/// Reads digits. A number that is too large for 64 bits is the largest: what it counts is beyond all use, and it must not
/// be taken for absent. `None` if there is anything but digits, or nothing. `str::parse` takes a sign, and is larger.
pub(super) fn whole_number(value: &str) -> Option<u64> {
    let mut number = None;
    for byte in value.bytes() {
        let digit = char::from(byte).to_digit(10)?;
        number = Some(number.unwrap_or(0_u64).saturating_mul(10).saturating_add(digit.into()));
    }
    number
}

/// Reads the digits behind a decimal point as thousandths, rounded up. `None` if there is anything else, or nothing.
pub(super) fn thousandths(fraction: &str) -> Option<u32> {
    // What the next digit is worth.
    let (mut worth, mut sum, mut rounding) = (100_u32, None, 0_u32);
    for byte in fraction.bytes() {
        let digit = char::from(byte).to_digit(10)?;
        if worth == 0 && digit > 0 {
            rounding = 1;
        }
        sum = Some(sum.unwrap_or(0_u32).saturating_add(digit.saturating_mul(worth)));
        worth /= 10;
    }
    Some(sum?.saturating_add(rounding))
}

#[cfg(test)]
mod tests {
    use super::{thousandths, whole_number, write_number};
    use std::string::String;

    #[test]
    fn a_number_is_written_with_as_many_digits_as_it_has_or_as_are_wanted() {
        let table = [
            (0, 0, "0"),
            (0, 2, "00"),
            (7, 2, "07"),
            (10, 1, "10"),
            (1_994, 4, "1994"),
            (12_345, 4, "12345"),
            (u64::MAX, 0, "18446744073709551615"),
        ];
        for (number, width, expected) in table {
            let mut written = String::new();
            write_number(&mut written, number, width).unwrap();
            assert_eq!(written, expected);
        }
    }

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
            assert_eq!(whole_number(value), number, "{value:?}");
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
            assert_eq!(thousandths(fraction), expected, "{fraction:?}");
        }
    }
}
