//! Where a text goes piece by piece while it is put together: onto the wire, into a fingerprint, or to a formatter. A trait
//! object of `fmt::Write` would do the same, and brings the whole machinery of formatting into a device's image.

use core::fmt;

/// Takes every piece.
pub(crate) trait Sink {
    /// Takes the next piece: whole characters.
    fn take(&mut self, piece: &[u8]);
}

impl dyn Sink + '_ {
    /// Takes a text.
    pub(crate) fn put(&mut self, text: &str) {
        self.take(text.as_bytes());
    }

    /// Takes these pieces one after the other.
    #[inline(never)]
    pub(crate) fn put_all(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.put(piece);
        }
    }

    /// Takes a number in decimal, with zeros in front where it has fewer digits than `width`.
    #[inline(never)]
    pub(crate) fn put_number(&mut self, number: u64, width: usize) {
        // As many digits as the largest number has.
        let mut digits = [b'0'; 20];
        let (mut left, mut start) = (number, digits.len());
        while left > 0 || digits.len().wrapping_sub(start) < width.max(1) {
            let Some(place) = start.checked_sub(1).and_then(|at| digits.get_mut(at)) else { break };
            *place = b'0'.wrapping_add((left % 10) as u8);
            (left, start) = (left / 10, start.wrapping_sub(1));
        }
        self.take(digits.get(start..).unwrap_or_default());
    }
}

/// Shows what is written to a sink, for `Display`.
pub(crate) fn show(f: &mut fmt::Formatter<'_>, write: impl FnOnce(&mut dyn Sink)) -> fmt::Result {
    let mut shown = Shown { f, result: Ok(()) };
    write(&mut shown);
    shown.result
}

/// A formatter. After an error nothing more is written.
struct Shown<'s, 'f> {
    f: &'s mut fmt::Formatter<'f>,
    result: fmt::Result,
}

impl Sink for Shown<'_, '_> {
    fn take(&mut self, piece: &[u8]) {
        if self.result.is_ok() {
            self.result = self.f.write_str(core::str::from_utf8(piece).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

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
            let shown = fmt::from_fn(|f| show(f, |out| out.put_number(number, width)));
            assert_eq!(shown.to_string(), expected);
        }
    }
}
