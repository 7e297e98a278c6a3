//! Numbers: RFC 8259, section 6. In an object they are mostly short and without a point, in an array of any form.

use super::super::containers::Container;
use super::super::number::Number;
use super::state::{FastPath, Stop};
use super::word;

/// Whether a number begins with this byte. One test, not two: whether there is a sign is hard to guess.
#[inline(always)]
pub(super) fn begins(byte: u8) -> bool {
    const FIRST: u64 = 0x3FF << b'0' | 1 << b'-';
    byte < 64 && FIRST.wrapping_shr(byte.into()) & 1 == 1
}

impl FastPath<'_> {
    /// To right behind the number. If the input cuts it off, to its end.
    #[inline(always)]
    pub(super) fn number(&mut self, inside: Container) -> Result<(), Stop> {
        if inside == Container::Object
            && let Some(block) = self.block()
            && let Some(digits) = short_integer(block)
        {
            self.pass(digits);
            return Ok(());
        }
        #[cfg(feature = "simd")]
        if let Some(block) = self.block()
            && let Some(len) = super::vector::number(block)
        {
            self.pass(len);
            return Ok(());
        }
        match behind_number(self.rest()) {
            Some(behind) if !behind.is_empty() => {
                self.at = self.input.len().wrapping_sub(behind.len());
                Ok(())
            }
            // The machine will tell.
            _ => self.more_of_number(None),
        }
    }

    /// More of a number, as much as there is.
    #[inline(always)]
    pub(super) fn more_of_number(&mut self, number: Option<Number>) -> Result<(), Stop> {
        let stop;
        (self.at, stop) = behind_more(self.input, self.at, number);
        stop.map_or(Ok(()), Err)
    }
}

/// How many digits there are, if they are the whole number and right.
#[inline(always)]
fn short_integer(block: &[u8; 8]) -> Option<usize> {
    let digits = word::digits_of(block);
    match (block, block.get(digits)?) {
        (_, b'.' | b'e' | b'E') => None,
        ([b'0', ..], _) if digits > 1 => None,
        _ if digits == 0 => None,
        _ => Some(digits),
    }
}

/// What is behind the number at the front, if it is right.
#[inline(always)]
fn behind_number(bytes: &[u8]) -> Option<&[u8]> {
    let behind = match bytes {
        [b'-', behind @ ..] => behind,
        _ => bytes,
    };
    let behind = match behind {
        [b'0', behind @ ..] => behind,
        _ => behind_digits(behind)?,
    };
    let behind = match behind {
        [b'.', behind @ ..] => behind_digits(behind)?,
        _ => behind,
    };
    match behind {
        [b'e' | b'E', b'+' | b'-', behind @ ..] | [b'e' | b'E', behind @ ..] => behind_digits(behind),
        _ => Some(behind),
    }
}

/// What is behind the digits, if there are any.
#[inline(always)]
fn behind_digits(bytes: &[u8]) -> Option<&[u8]> {
    match word::digits(bytes) {
        0 => None,
        digits => bytes.get(digits..),
    }
}

/// Byte by byte to where the number or the input ends, or where the machine has to look.
#[inline(never)]
fn behind_more(input: &[u8], mut at: usize, mut number: Option<Number>) -> (usize, Option<Stop>) {
    loop {
        let stop = number.map_or(Stop::Value, Stop::Number);
        let Some(byte) = input.get(at) else { return (at, Some(stop)) };
        let more = match number {
            Some(number) => number.step(*byte),
            None => Number::begin(*byte),
        };
        match (more, number) {
            (Some(_), _) => number = more,
            (None, Some(number)) if number.is_whole() => return (at, None),
            (None, _) => return (at, Some(stop)),
        }
        at = at.wrapping_add(1);
    }
}
