//! What can be wrong with a response's bytes, and at which byte. Knows only how to say it.

use core::fmt;

use super::{FIELDS_LIMIT, SKIPPED_LIMIT};

/// Bytes that are no response, or stop before it is whole. The connection is of no more use.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct H1Error {
    /// What is wrong.
    pub kind: H1ErrorKind,
    /// Bytes of the response, interim responses before it included, before the one that is wrong; its length if it was
    /// cut short. The same however the bytes were split.
    pub offset: u64,
}

/// What is wrong with a response.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum H1ErrorKind {
    /// It does not begin with `HTTP/1.1` or `HTTP/1.0`.
    Version,
    /// What follows the version is not a status from 100 to 599 and perhaps a text.
    StatusLine,
    /// The server changed to a protocol that nobody asked for (status 101).
    SwitchedProtocols,
    /// A line of the head, of a chunk's size or of a trailer does not end in CR LF.
    LineEnd,
    /// A field goes on in the next line, which is obsolete and read in different ways (RFC 9112 §5.2).
    Folded,
    /// A field has no name, or a name with a byte that no name has; whitespace before the colon is one.
    FieldName,
    /// A field's value has a control character in it.
    FieldValue,
    /// The head is larger than the head buffer.
    HeadTooLarge {
        /// The size of that buffer in bytes.
        limit: usize,
    },
    /// There are more than [`FIELDS_LIMIT`] fields.
    TooManyFields,
    /// `Content-Length` is not a number of at most 64 bits.
    Length,
    /// `Content-Length` is there more than once, and not always the same.
    LengthsDiffer,
    /// `Transfer-Encoding` is other than `chunked` alone, or stands in an HTTP/1.0 response.
    TransferEncoding,
    /// `Transfer-Encoding` stands beside `Content-Length`.
    LengthAndTransferEncoding,
    /// A chunk's size is not 1 to 16 hexadecimal digits.
    ChunkSize,
    /// A chunk extension has a control character in it.
    ChunkExtension,
    /// A chunk's data is longer than its size: CR LF does not follow.
    ChunkEnd,
    /// More than [`SKIPPED_LIMIT`] bytes of interim responses, fields, chunk extensions and trailers that nobody reads.
    TooMuchSkipped,
    /// The connection closed before the response's end.
    CutShort(Missing),
}

/// What is wrong with a response, without the numbers that belong to it: one byte, as the decoder keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Version,
    StatusLine,
    SwitchedProtocols,
    LineEnd,
    Folded,
    FieldName,
    FieldValue,
    HeadTooLarge,
    TooManyFields,
    Length,
    LengthsDiffer,
    TransferEncoding,
    LengthAndTransferEncoding,
    ChunkSize,
    ChunkExtension,
    ChunkEnd,
    TooMuchSkipped,
    NoHeadEnd,
    NoBytes,
    NoLastChunk,
}

impl Fault {
    /// With its number: the size of the head buffer, or how many bytes of the body are missing.
    pub(super) fn with(self, number: u64) -> H1ErrorKind {
        match self {
            Self::Version => H1ErrorKind::Version,
            Self::StatusLine => H1ErrorKind::StatusLine,
            Self::SwitchedProtocols => H1ErrorKind::SwitchedProtocols,
            Self::LineEnd => H1ErrorKind::LineEnd,
            Self::Folded => H1ErrorKind::Folded,
            Self::FieldName => H1ErrorKind::FieldName,
            Self::FieldValue => H1ErrorKind::FieldValue,
            Self::HeadTooLarge => {
                H1ErrorKind::HeadTooLarge { limit: usize::try_from(number).unwrap_or(usize::MAX) }
            }
            Self::TooManyFields => H1ErrorKind::TooManyFields,
            Self::Length => H1ErrorKind::Length,
            Self::LengthsDiffer => H1ErrorKind::LengthsDiffer,
            Self::TransferEncoding => H1ErrorKind::TransferEncoding,
            Self::LengthAndTransferEncoding => H1ErrorKind::LengthAndTransferEncoding,
            Self::ChunkSize => H1ErrorKind::ChunkSize,
            Self::ChunkExtension => H1ErrorKind::ChunkExtension,
            Self::ChunkEnd => H1ErrorKind::ChunkEnd,
            Self::TooMuchSkipped => H1ErrorKind::TooMuchSkipped,
            Self::NoHeadEnd => H1ErrorKind::CutShort(Missing::HeadEnd),
            Self::NoBytes => H1ErrorKind::CutShort(Missing::Bytes(number)),
            Self::NoLastChunk => H1ErrorKind::CutShort(Missing::LastChunk),
        }
    }
}

/// What had not come yet when a connection closed.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The end of the head. An offset of 0 says that there was no response at all, as when the server closes an idle
    /// connection.
    HeadEnd,
    /// So many bytes of the body.
    Bytes(u64),
    /// The last chunk.
    LastChunk,
}

impl fmt::Display for H1Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, offset } = self;
        match kind {
            H1ErrorKind::CutShort(Missing::HeadEnd) if *offset == 0 => {
                f.write_str("the connection closed before a response came")
            }
            H1ErrorKind::CutShort(missing) => {
                write!(f, "the connection closed after {offset} bytes of the response, and {missing}")
            }
            _ => write!(f, "the response cannot be read at byte {offset}: {kind}"),
        }
    }
}

impl core::error::Error for H1Error {}

impl fmt::Display for H1ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "it is not HTTP/1.1 or HTTP/1.0",
            Self::StatusLine => {
                "the status line has no status from 100 to 599, or more than a text behind it"
            }
            Self::SwitchedProtocols => "the server changed to a protocol that was not asked for",
            Self::LineEnd => "a line does not end in CR LF",
            Self::Folded => "a field goes on in the next line, which is obsolete",
            Self::FieldName => "a field's name is missing, misspelt or not followed by a colon",
            Self::FieldValue => "a field's value holds a control character",
            Self::HeadTooLarge { limit } => {
                return write!(f, "the head is larger than the head buffer of {limit} bytes");
            }
            Self::TooManyFields => return write!(f, "the head has more than {FIELDS_LIMIT} fields"),
            Self::Length => "the Content-Length is not a number of at most 64 bits",
            Self::LengthsDiffer => "two values of Content-Length differ",
            Self::TransferEncoding => "the Transfer-Encoding is not chunked alone, or stands in HTTP/1.0",
            Self::LengthAndTransferEncoding => "Transfer-Encoding and Content-Length contradict each other",
            Self::ChunkSize => "a chunk's size is not 1 to 16 hexadecimal digits",
            Self::ChunkExtension => "a chunk extension holds a control character",
            Self::ChunkEnd => "a chunk's data is longer than its size",
            Self::TooMuchSkipped => {
                return write!(
                    f,
                    "more than {SKIPPED_LIMIT} bytes of interim responses, fields, chunk extensions and trailers"
                );
            }
            Self::CutShort(missing) => return missing.fmt(f),
        })
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeadEnd => f.write_str("the end of its head is missing"),
            Self::Bytes(bytes) => write!(f, "{bytes} bytes of its body are missing"),
            Self::LastChunk => f.write_str("its last chunk is missing"),
        }
    }
}
