//! What is told of several bytes at once, against what each byte is. The whole is tested in `core/tests/json_fast_path.rs`.

use super::state::BLOCK;
#[cfg(feature = "simd")]
use super::vector as block;
#[cfg(not(feature = "simd"))]
use super::word as block;
use super::{number, word};

#[test]
fn a_byte_that_is_no_plain_text_is_the_first_that_is_marked_wherever_it_is() {
    for byte in 0..=u8::MAX {
        for at in 0..BLOCK {
            for behind in [b'a', b'#', b']', byte] {
                let mut bytes = [b'a'; BLOCK];
                bytes[at..].fill(behind);
                bytes[at] = byte;
                let odd = bytes.iter().position(|byte| !super::super::text::is_plain(*byte));
                let marked = block::not_plain(&bytes).trailing_zeros() as usize;
                assert_eq!(marked, odd.unwrap_or(BLOCK), "{byte:#x} at {at} before {behind:#x}");
                assert_eq!(block::is_plain(&bytes), odd.is_none(), "{byte:#x} at {at} before {behind:#x}");
            }
        }
    }
}

#[test]
fn digits_and_spaces_are_counted_to_the_first_other_byte() {
    for byte in 0..=u8::MAX {
        for at in 0..20 {
            let mut bytes = [b'7'; 20];
            bytes[at] = byte;
            let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            assert_eq!(word::digits(&bytes), digits, "{byte:#x} at {at}");
            let mut bytes = [b' '; 20];
            bytes[at] = byte;
            let spaces = bytes.iter().take_while(|byte| **byte == b' ').count();
            assert_eq!(word::spaces(&bytes), spaces, "{byte:#x} at {at}");
        }
    }
}

#[test]
fn a_number_begins_with_a_digit_or_a_minus() {
    for byte in 0..=u8::MAX {
        assert_eq!(number::begins(byte), super::super::number::Number::begin(byte).is_some(), "{byte:#x}");
    }
}

/// Every text of up to six characters that numbers are made of, by the machine's own rules.
#[cfg(feature = "simd")]
#[test]
fn a_number_is_right_by_all_rules_at_once_if_it_is_by_one_after_the_other() {
    use super::super::number::Number;
    const CHARACTERS: &[u8; 7] = b"05.eE+-";
    for length in 1..=6_u32 {
        for index in 0..CHARACTERS.len().pow(length) {
            let mut bytes = [b','; 32];
            for place in 0..length {
                bytes[place as usize] = CHARACTERS[index / CHARACTERS.len().pow(place) % CHARACTERS.len()];
            }
            let text = &bytes[..length as usize];
            let read =
                text[1..].iter().try_fold(Number::begin(text[0]), |number, byte| Some(number?.step(*byte)));
            let right = read.flatten().is_some_and(Number::is_whole);
            // It is asked only where a number can begin.
            if number::begins(text[0]) {
                let wanted = right.then_some(text.len());
                assert_eq!(super::vector::number(&bytes), wanted, "{}", text.escape_ascii());
            }
        }
    }
}
