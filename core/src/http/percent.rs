//! Percent-encoding (RFC 3986 §2.1) of what is put into a path, a query or a form.

use crate::ascii::is_alphanumeric_or;
use crate::sink::Sink;

/// RFC 3986 §2.3's unreserved characters beside letters and digits: in paths and queries everything else is encoded.
pub(super) const UNRESERVED: &[u8] = b"-._~";

/// What the form serializer leaves as it is (WHATWG URL, section 5.2). It writes a space as `+`, for which `%20` serves as well.
pub(super) const FORM: &[u8] = b"*-._";

/// Hands over a text piece by piece: letters, digits and these marks as they are, any other byte as `%` and two digits.
#[inline(never)]
pub(super) fn encode(text: &[u8], marks: &[u8], out: &mut dyn Sink) {
    for &byte in text {
        if is_alphanumeric_or(marks, byte) {
            out.take(&[byte]);
        } else {
            out.take(&[b'%', digit(byte >> 4, b'A'), digit(byte & 15, b'A')]);
        }
    }
}

/// A byte in two hexadecimal digits.
pub(super) fn hex(byte: u8) -> [u8; 2] {
    [digit(byte >> 4, b'a'), digit(byte & 15, b'a')]
}

/// A hexadecimal digit; the letters begin at this one.
fn digit(value: u8, letter: u8) -> u8 {
    value.wrapping_add(if value < 10 { b'0' } else { letter.wrapping_sub(10) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::Pieces;
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn encoded(text: &str, marks: &[u8]) -> String {
        let mut bytes = Vec::new();
        encode(text.as_bytes(), marks, &mut Pieces(&mut |piece| bytes.extend_from_slice(piece)));
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_text_is_encoded_as_another_encoder_does_it() {
        const UNRESERVED_SET: &AsciiSet =
            &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
        const FORM_SET: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');
        for c in ('\0'..='\u{7ff}').chain(['€', '\u{ffff}', '🌊']) {
            let text = String::from_iter(['a', c, '9']);
            for (marks, set) in [(UNRESERVED, UNRESERVED_SET), (FORM, FORM_SET)] {
                assert_eq!(encoded(&text, marks), utf8_percent_encode(&text, set).to_string());
            }
        }
    }
}
