//! HTTP/1.1 for a client that has bytes and nothing else: [`encode()`] writes a request, [`Decoder`] reads its response
//! out of pieces of any size. Knows the wire format (RFC 9112) and as much of the semantics (RFC 9110) as framing needs;
//! what a status or a field means is the engine's to say. Whatever two readers could frame in different ways is refused.
//!
//! | room | what it holds |
//! |---|---|
//! | `encode` | a request as bytes, whole or in parts |
//! | `decode` | the decoder, and what it does at each byte |
//! | `scan` | the grammar of a head |
//! | `lines` | the grammar of field lines, in heads and in trailers |
//! | `head` | what a head says about the body and the connection |
//! | `fields` | the field lines of a head |
//! | `chunked` | the chunked transfer coding |
//! | `limits` | how much a response may have |
//! | `error` | what can be wrong, in sentences |

mod chunked;
mod decode;
mod encode;
mod error;
mod fields;
mod head;
mod limits;
mod lines;
mod scan;

pub use decode::{Decoder, Event, Head};
pub use encode::{EncodeError, encode, encode_part};
pub use error::{H1Error, H1ErrorKind, Missing};
pub use limits::{FIELDS_LIMIT, SKIPPED_LIMIT};
