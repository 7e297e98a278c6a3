//! DER as far as certificates need it (ITU-T X.690 §8, §10): one element after another, each a slice of the input.
//! Lengths are definite and as short as can be, and tags are of one byte; all else is refused. Going into an element is
//! the caller's step, so nothing here recurses.

/// The bytes are not the DER that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The first byte of an element.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;

    /// A context-specific tag around a single value.
    pub(crate) const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// A context-specific tag around other elements.
    pub(crate) const fn context_constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    /// Its first byte.
    pub(crate) tag: u8,
    /// What it holds.
    pub(crate) content: &'a [u8],
    /// All of it, with tag and length.
    pub(crate) whole: &'a [u8],
}

/// Reads elements from the front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, whatever it is.
    pub(crate) fn next(&mut self) -> Result<Element<'a>, Malformed> {
        let [tag, after @ ..] = self.0 else { return Err(Malformed) };
        if tag & 0x1f == 0x1f {
            return Err(Malformed); // The tag goes on in further bytes, which no part of a certificate needs.
        }
        let (len, after) = length(after)?;
        let (content, rest) = after.split_at_checked(len).ok_or(Malformed)?;
        let whole = self.0.get(..self.0.len().saturating_sub(rest.len())).ok_or(Malformed)?;
        self.0 = rest;
        Ok(Element { tag: *tag, content, whole })
    }

    /// The content of the next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        self.expect_element(tag).map(|element| element.content)
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect_element(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        let element = self.next()?;
        if element.tag == tag { Ok(element) } else { Err(Malformed) }
    }

    /// The content of the next element if it has this tag. If not, nothing is read.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Malformed> {
        if self.0.first() == Some(&tag) { self.expect(tag).map(Some) } else { Ok(None) }
    }

    /// That nothing is left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.is_at_end() { Ok(()) } else { Err(Malformed) }
    }
}

/// The content of the only element in `bytes`, which must have this tag.
pub(crate) fn only(bytes: &[u8], tag: u8) -> Result<&[u8], Malformed> {
    let mut reader = Reader::new(bytes);
    let content = reader.expect(tag)?;
    reader.end().map(|()| content)
}

/// The value of a BOOLEAN: DER has one form of each.
pub(crate) fn boolean(content: &[u8]) -> Result<bool, Malformed> {
    match content {
        [0x00] => Ok(false),
        [0xff] => Ok(true),
        _ => Err(Malformed),
    }
}

/// The value of an INTEGER from 0 to 255. A larger one is given as 255, a negative one refused.
pub(crate) fn small_integer(content: &[u8]) -> Result<u8, Malformed> {
    match content {
        [] | [0x80..=0xff, ..] | [0, 0..=0x7f, ..] => Err(Malformed),
        [value] | [0, value] => Ok(*value),
        _ => Ok(u8::MAX),
    }
}

/// The bytes of a BIT STRING and how many bits of the last one are not part of it; those must be zero.
pub(crate) fn bits(content: &[u8]) -> Result<(&[u8], u8), Malformed> {
    let [unused @ 0..=7, bytes @ ..] = content else { return Err(Malformed) };
    let padding = !(0xff_u8 << unused);
    match bytes.last() {
        Some(last) if last & padding == 0 => Ok((bytes, *unused)),
        None if *unused == 0 => Ok((bytes, 0)),
        _ => Err(Malformed),
    }
}

/// The bytes of a BIT STRING that is made of whole ones.
pub(crate) fn whole_bytes(content: &[u8]) -> Result<&[u8], Malformed> {
    match bits(content)? {
        (bytes, 0) => Ok(bytes),
        _ => Err(Malformed),
    }
}

/// A length of up to 65,535: no certificate that fits into a message a small device can take is longer.
fn length(bytes: &[u8]) -> Result<(usize, &[u8]), Malformed> {
    match bytes {
        [len @ 0..=0x7f, rest @ ..] => Ok((usize::from(*len), rest)),
        [0x81, len @ 0x80..=0xff, rest @ ..] => Ok((usize::from(*len), rest)),
        [0x82, high @ 1..=0xff, low, rest @ ..] => Ok((usize::from(u16::from_be_bytes([*high, *low])), rest)),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn elements_are_read_in_their_order_and_are_slices_of_the_input() {
        let bytes = [0x02, 1, 7, 0x30, 2, 5, 0, 0x04, 0];
        let mut reader = Reader::new(&bytes);
        let element = Element { tag: tag::INTEGER, content: &bytes[2..3], whole: &bytes[..3] };
        assert_eq!(reader.next(), Ok(element));
        assert_eq!(reader.optional(tag::OCTET_STRING), Ok(None));
        assert_eq!(reader.optional(tag::SEQUENCE), Ok(Some(&bytes[5..7])));
        assert_eq!(reader.end(), Err(Malformed));
        assert_eq!(reader.expect(tag::OCTET_STRING), Ok(&[][..]));
        assert_eq!(reader.end(), Ok(()));
        assert_eq!(reader.next(), Err(Malformed));
    }

    #[test]
    fn every_length_has_one_form() {
        let element = |head: &[u8], len: usize| [&[0x04], head, &vec![9; len]].concat();
        for (head, len) in [
            (&[0x00][..], 0),
            (&[0x7f], 127),
            (&[0x81, 0x80], 128),
            (&[0x81, 0xff], 255),
            (&[0x82, 1, 0], 256),
            (&[0x82, 0xff, 0xff], 65_535),
        ] {
            assert_eq!(only(&element(head, len), 0x04).map(<[u8]>::len), Ok(len));
            assert_eq!(only(&element(head, len.wrapping_add(1)), 0x04), Err(Malformed), "a byte too many");
            if len > 0 {
                assert_eq!(only(&element(head, len - 1), 0x04), Err(Malformed), "a byte too few");
            }
        }
        for (head, len) in [
            (&[0x80][..], 0),
            (&[0x81, 0x7f], 127),
            (&[0x82, 0, 0xff], 255),
            (&[0x83, 1, 0, 0], 65_536),
            (&[0x84, 0, 0, 0, 1], 1),
            (&[0xff], 0),
            (&[0x81], 0),
            (&[0x82, 1], 0),
        ] {
            assert_eq!(only(&element(head, len), 0x04), Err(Malformed), "{head:x?}");
        }
        assert_eq!(only(&[0x04], 0x04), Err(Malformed));
        assert_eq!(only(&[0x1f, 0x81, 0x01, 0], 0x1f), Err(Malformed), "a tag of more than one byte");
    }

    #[test]
    fn values_have_one_form_each() {
        let booleans: [(&[u8], _); 4] =
            [(&[0], Ok(false)), (&[0xff], Ok(true)), (&[1], Err(Malformed)), (&[], Err(Malformed))];
        for (content, value) in booleans {
            assert_eq!(boolean(content), value, "{content:x?}");
        }
        let integers: [(&[u8], _); 9] = [
            (&[0], Ok(0)),
            (&[0x7f], Ok(127)),
            (&[0, 0x80], Ok(128)),
            (&[0, 0xff], Ok(255)),
            (&[1, 0], Ok(255)),
            (&[0, 1], Err(Malformed)),
            (&[0xff], Err(Malformed)),
            (&[0, 0], Err(Malformed)),
            (&[], Err(Malformed)),
        ];
        for (content, value) in integers {
            assert_eq!(small_integer(content), value, "{content:x?}");
        }
        type Bits<'b> = Result<(&'b [u8], u8), Malformed>;
        let strings: [(&[u8], Bits<'_>); 7] = [
            (&[0], Ok((&[], 0))),
            (&[0, 0xff], Ok((&[0xff], 0))),
            (&[7, 0x80], Ok((&[0x80], 7))),
            (&[7, 0xc0], Err(Malformed)),
            (&[8, 0], Err(Malformed)),
            (&[1], Err(Malformed)),
            (&[], Err(Malformed)),
        ];
        for (content, value) in strings {
            assert_eq!(bits(content), value, "{content:x?}");
        }
        assert_eq!(whole_bytes(&[4, 0xf0]), Err(Malformed));
    }
}
