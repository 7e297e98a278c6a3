//! What a decoder tells of a response, in a form that does not depend on how the bytes came.

use tidegate_core::http::h1::{Decoder, Event, H1Error};

/// All that was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
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

/// What is told of these pieces and the end of the connection behind them.
pub(crate) fn told<'p>(is_head: bool, room: usize, pieces: impl IntoIterator<Item = &'p [u8]>) -> Told {
    let mut decoder = if is_head { Decoder::without_body() } else { Decoder::new() };
    let mut head_buffer = vec![0xaa; room];
    let mut told = Told::default();
    for piece in pieces {
        if let Err(error) = push(&mut decoder, &mut head_buffer, piece, &mut told) {
            assert_eq!(decoder.push(b"x", &mut head_buffer).map(|_| ()), Err(error), "an error stays");
            assert_eq!(decoder.eof(), Err(error), "an error stays");
            assert!(!decoder.is_reusable());
            told.error = Some(error);
            return told;
        }
    }
    told.reusable = decoder.is_reusable();
    told.error = decoder.eof().err();
    assert!(!decoder.is_reusable(), "the connection is closed");
    assert_eq!(decoder.eof().err(), told.error, "asked twice");
    told
}

fn push(decoder: &mut Decoder, head_buffer: &mut [u8], piece: &[u8], told: &mut Told) -> Result<(), H1Error> {
    let mut rest = piece;
    loop {
        let before = decoder.offset();
        let (taken, event) = decoder.push(rest, head_buffer)?;
        assert_eq!(decoder.offset() - before, taken as u64);
        match event {
            Some(Event::Head(head)) => {
                assert!(told.status.is_none(), "one response has one head");
                told.status = Some(head.status());
                told.fields = head.fields().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
            }
            Some(Event::Body(bytes)) => {
                assert!(told.status.is_some() && !told.ended && !bytes.is_empty());
                told.body.extend_from_slice(bytes);
            }
            Some(Event::End) => {
                assert!(!told.ended, "one response has one end");
                told.ended = true;
            }
            None => {
                assert_eq!(taken, rest.len(), "without an event, all is taken");
                return Ok(());
            }
        }
        rest = &rest[taken..];
    }
}
