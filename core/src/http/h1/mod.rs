//! HTTP/1.1 for a client that has bytes and nothing else: [`encode()`] writes a request, [`Decoder`] reads its response
//! out of pieces of any size. Knows the wire format (RFC 9112) and as much of the semantics (RFC 9110) as framing needs;
//! what a status or a field means is the engine's to say. Whatever two readers could frame in different ways is refused.
//!
//! | room | what it holds |
//! |---|---|
//! | `encode` | a request as bytes, whole or in parts |
//! | `decode` | the decoder |
//! | `grammar` | where each byte leads to |
//! | `head` | what a head says about the body and the connection |
//! | `fields` | the field lines of a head |
//! | `limits` | how much a response may have |
//! | `error` | what can be wrong, in sentences |

mod decode;
mod encode;
mod error;
mod fields;
mod grammar;
mod head;
mod limits;

pub use decode::{Decoder, Event, Head};
pub use encode::{EncodeError, encode, encode_part};
pub use error::{H1Error, H1ErrorKind, Missing};
pub use limits::{FIELDS_LIMIT, SKIPPED_LIMIT};
