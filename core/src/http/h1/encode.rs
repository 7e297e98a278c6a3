//! A request as bytes (RFC 9112 §3): the target in origin form, `Host`, the request's own fields, the body. Knows only
//! [`Request`], whose texts were checked or are encoded while they are written, so no value can end a line.

use core::fmt;

use crate::http::Request;
use crate::profile::Profile;
use crate::sink::Sink;

/// Writes a whole request and tells its length. The buffer then holds the credential: it should not outlive the sending.
///
/// # Errors
///
/// The request is larger than the buffer.
pub fn encode<P: Profile>(request: &Request<'_, P>, request_buffer: &mut [u8]) -> Result<usize, EncodeError> {
    let room = request_buffer.len();
    let mut window = Window { begin: 0, out: request_buffer, written: 0 };
    window.write(request);
    let needed = window.written;
    if needed > room { Err(EncodeError { needed, room }) } else { Ok(needed) }
}

/// Writes the part of a request that begins at byte `begin`, as much of it as fits, and tells how much that is: nothing
/// behind the request's end.
///
/// For a device that has no room for a whole request: it sends part after part, and needs to remember only how much was
/// sent. The parts are those of one request: ask the engine for it once and again, it stays the same until it was sent.
pub fn encode_part<P: Profile>(request: &Request<'_, P>, begin: usize, buffer: &mut [u8]) -> usize {
    let room = buffer.len();
    let mut window = Window { begin, out: buffer, written: 0 };
    window.write(request);
    window.written.saturating_sub(begin).min(room)
}

/// The request buffer is too small. Nothing of what is in it may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// The size of the request in bytes.
    pub needed: usize,
    /// The size of the request buffer in bytes.
    pub room: usize,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, room } = self;
        write!(
            f,
            "the request takes {needed} bytes, and the request buffer has room for {room}: make it larger"
        )
    }
}

impl core::error::Error for EncodeError {}

/// Keeps what falls into a part of all that is written, and counts the rest.
struct Window<'b> {
    /// Where the part begins.
    begin: usize,
    out: &'b mut [u8],
    /// Bytes written, kept or not.
    written: usize,
}

impl Window<'_> {
    fn write<P: Profile>(&mut self, request: &Request<'_, P>) {
        request.write_head(self);
        request.write_body(self);
    }
}

impl Sink for Window<'_> {
    fn take(&mut self, piece: &[u8]) {
        for byte in piece {
            // Before the part, the place is beyond all buffers.
            if let Some(room) = self.out.get_mut(self.written.wrapping_sub(self.begin)) {
                *room = *byte;
            }
            self.written = self.written.wrapping_add(1);
        }
    }
}
