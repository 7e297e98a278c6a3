//! Sixteen bytes at once, in the vectors of the processor. Knows only how a number is made: RFC 8259, section 6.

use wide::{i8x16, u8x16};

/// A bit for each byte that is no plain text: quotes, backslashes, control characters and all that is not ASCII.
#[inline(always)]
pub(super) fn not_plain(block: &[u8; super::state::BLOCK]) -> u64 {
    let (parts, _) = block.as_chunks();
    parts.iter().rev().fold(0, |marks, part| {
        let bytes = u8x16::new(*part);
        // With one bit turned the quote comes right behind the control characters; signed, all that is not ASCII comes
        // before them.
        let turned = (bytes ^ u8x16::splat(0x02)).cast_signed();
        let odd = turned.simd_lt(i8x16::splat(0x21)).cast_unsigned();
        marks << 16 | u64::from((odd | bytes.simd_eq(u8x16::splat(b'\\'))).to_bitmask())
    })
}

/// Whether all is plain text.
#[inline(always)]
pub(super) fn is_plain(block: &[u8; super::state::BLOCK]) -> bool {
    not_plain(block) == 0
}

/// The length of the number at the front, if it is right and a byte that is not part of it is there.
///
/// All its rules at once: where numbers differ, to guess the next rule wrong costs more than to ask them all.
#[inline(always)]
pub(super) fn number(block: &[u8; 32]) -> Option<usize> {
    let (parts, _) = block.as_chunks();
    let (mut digits, mut points, mut exponents, mut signs) = (0_u32, 0_u32, 0_u32, 0_u32);
    for part in parts.iter().rev() {
        let bytes = u8x16::new(*part);
        let values = bytes ^ u8x16::splat(b'0');
        let is = |byte| bytes.simd_eq(u8x16::splat(byte));
        digits = digits << 16 | values.simd_eq(values.min(u8x16::splat(9))).to_bitmask();
        points = points << 16 | is(b'.').to_bitmask();
        exponents = exponents << 16 | (is(b'e') | is(b'E')).to_bitmask();
        signs = signs << 16 | (is(b'-') | is(b'+')).to_bitmask();
    }
    let others = !(digits | points | exponents | signs);
    if others == 0 {
        return None;
    }
    // The bytes before the first other one.
    let within = others.wrapping_sub(1) & !others;
    let (points, exponents, signs) = (points & within, exponents & within, signs & within);
    // A bit that is shifted up stands for the byte behind, one that is shifted down for the byte before.
    let odd = (points | signs) << 1 & !digits
        | exponents << 1 & !(digits | signs)
        | (points | exponents) & !(digits << 1)
        | signs & !(1 | exponents << 1)
        | points & points.wrapping_sub(1)
        | exponents & exponents.wrapping_sub(1);
    let point_behind_exponent = points > exponents.wrapping_sub(1);
    let minus = signs & 1;
    let first = block.get(minus as usize).copied().unwrap_or_default();
    let leading_zero = (first == b'0') & (digits >> 1 >> minus & 1 == 1);
    let wrong = (odd != 0) | point_behind_exponent | leading_zero;
    if wrong { None } else { Some(others.trailing_zeros() as usize) }
}
