//! A response as the decoder reads it, in a form that does not depend on how the bytes came.

use tidegate_core::http::h1::{Decoder, Event, H1Error};

/// A response as the decoder reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) status: Option<u16>,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
    /// The pieces, joined.
    pub(crate) body: Vec<u8>,
    /// Whether the end was told before the connection closed.
    pub(crate) ended: bool,
    /// Before the connection closed.
    pub(crate) reusable: bool,
    pub(crate) error: Option<H1Error>,
}

/// What the decoder reads from these pieces and the end of the connection behind them.
pub(crate) fn decode<'p>(is_head: bool, room: usize, pieces: impl IntoIterator<Item = &'p [u8]>) -> Decoded {
    decode_reading(is_head, room, &|_| true, pieces)
}

/// The same of a decoder that tells only the fields of some names.
pub(crate) fn decode_reading<'p>(
    is_head: bool,
    room: usize,
    is_read: &dyn Fn(&str) -> bool,
    pieces: impl IntoIterator<Item = &'p [u8]>,
) -> Decoded {
    let mut decoder = if is_head { Decoder::without_body() } else { Decoder::new() };
    let mut head_buffer = vec![0xaa; room];
    let mut decoded = Decoded::default();
    for piece in pieces {
        if let Err(error) = push(&mut decoder, &mut head_buffer, is_read, piece, &mut decoded) {
            assert_eq!(decoder.push(b"x", &mut head_buffer).map(|_| ()), Err(error), "an error stays");
            assert_eq!(decoder.eof(), Err(error), "an error stays");
            assert!(!decoder.is_reusable());
            decoded.error = Some(error);
            return decoded;
        }
    }
    decoded.reusable = decoder.is_reusable();
    decoded.error = decoder.eof().err();
    assert!(!decoder.is_reusable(), "the connection is closed");
    assert_eq!(decoder.eof().err(), decoded.error, "asked twice");
    decoded
}

fn push(
    decoder: &mut Decoder,
    head_buffer: &mut [u8],
    is_read: &dyn Fn(&str) -> bool,
    piece: &[u8],
    decoded: &mut Decoded,
) -> Result<(), H1Error> {
    let mut rest = piece;
    loop {
        let before = decoder.offset();
        let (taken, event) = decoder.push_reading(rest, head_buffer, is_read)?;
        assert_eq!(decoder.offset() - before, taken as u64);
        match event {
            Some(Event::Head(head)) => {
                assert!(decoded.status.is_none(), "one response has one head");
                decoded.status = Some(head.status());
                decoded.fields =
                    head.fields().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
            }
            Some(Event::Body(bytes)) => {
                assert!(decoded.status.is_some() && !decoded.ended && !bytes.is_empty());
                decoded.body.extend_from_slice(bytes);
            }
            Some(Event::End) => {
                assert!(!decoded.ended, "one response has one end");
                decoded.ended = true;
            }
            None => {
                assert_eq!(taken, rest.len(), "without an event, all is taken");
                return Ok(());
            }
        }
        rest = &rest[taken..];
    }
}
