//! Tidegate's own decoder, driven as a device would drive it.

use crate::case::Case;
use crate::verdict::Verdict;
use tidegate_core::http::h1::{Decoder, Event, H1Error};

pub(crate) fn run(case: &Case, pieces: &[&[u8]]) -> Verdict {
    decode(case, pieces).unwrap_or(Verdict::Refused)
}

fn decode(case: &Case, pieces: &[&[u8]]) -> Result<Verdict, H1Error> {
    let mut decoder = if case.is_head { Decoder::without_body() } else { Decoder::new() };
    let mut head_buffer = vec![0; case.room];
    let (mut status, mut body) = (0, Vec::new());
    for piece in pieces {
        let mut piece = *piece;
        loop {
            let (taken, event) = decoder.push(piece, &mut head_buffer)?;
            match event {
                Some(Event::Head(head)) => status = head.status(),
                Some(Event::Body(bytes)) => body.extend_from_slice(bytes),
                Some(Event::End) => {}
                None => break,
            }
            piece = &piece[taken..];
        }
    }
    let keeps = Some(decoder.is_reusable());
    decoder.eof()?;
    Ok(Verdict::Whole { status, body, keeps })
}
