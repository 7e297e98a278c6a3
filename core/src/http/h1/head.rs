//! What a head says: its status, how its body is framed, and whether the connection outlives it. It is read line by line, and
//! judged at its end. The grammar of its lines is in order: `grammar` has seen to that.
//!
//! How a body is framed (RFC 9112 §6.3, where that leaves a choice the strict one), the first row that fits:
//!
//! | response | body |
//! |---|---|
//! | status 101 | refused: nobody asked for it |
//! | other 1xx | an interim response; the next head follows |
//! | to `HEAD`, or status 204 or 304 | none, whatever the fields say |
//! | `Transfer-Encoding` in HTTP/1.0, twice, or other than `chunked` | refused |
//! | `Content-Length` that is no number, too large, or given twice and different | refused |
//! | `Transfer-Encoding` and `Content-Length` | refused |
//! | `Transfer-Encoding: chunked` | chunks |
//! | `Content-Length` | so many bytes |
//! | neither | all until the connection closes |
//!
//! The connection outlives it (RFC 9112 §9.3) unless the body ends with it, `Connection` lists `close`, it is HTTP/1.0 and
//! `Connection` does not list `keep-alive`, or a 204 says that it has a body: the server may mean it.

use super::error::Fault;
use super::grammar::{MINOR_AT, STATUS_AT, State};
use crate::ascii;
use crate::http::digits;

/// The fields that are read here.
#[derive(Clone, Copy)]
enum Name {
    Connection,
    TransferEncoding,
    ContentLength,
}

impl Name {
    fn of(name: &[u8]) -> Option<Self> {
        const NAMES: &str = "connection transfer-encoding content-length";
        const FIELDS: [Name; 3] = [Name::Connection, Name::TransferEncoding, Name::ContentLength];
        FIELDS.get(ascii::place(NAMES, name)?).copied()
    }
}

/// What a head has said so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Announced {
    pub(super) status: u16,
    is_http_1_0: bool,
    /// Whether the connection ends with the response.
    pub(super) closes: bool,
    lists_keep_alive: bool,
    /// Whether a field says that a body follows, rightly or not.
    declares_body: bool,
    has_coding: bool,
    has_length: bool,
    /// What `Content-Length` says. Behind the head, what is left of the body or of the chunk in hand.
    pub(super) left: u64,
    /// Whether the request was one whose response may have a body.
    may_have_body: bool,
    /// What is wrong with it, if something is.
    fault: Option<Fault>,
    /// At which byte of the response that is.
    pub(super) fault_at: u32,
}

impl Announced {
    /// Nothing yet.
    pub(super) const fn nothing(may_have_body: bool) -> Self {
        Self {
            status: 0,
            is_http_1_0: false,
            closes: false,
            lists_keep_alive: false,
            declares_body: false,
            has_coding: false,
            has_length: false,
            left: 0,
            may_have_body,
            fault: None,
            fault_at: 0,
        }
    }

    /// Reads a status line that begins at this byte of the response.
    pub(super) fn begin(&mut self, status_line: &[u8], at: u32) {
        *self = Self::nothing(self.may_have_body);
        self.is_http_1_0 = status_line.get(MINOR_AT) == Some(&b'0');
        let status = status_line.get(STATUS_AT..STATUS_AT + 3).and_then(digits::number);
        self.status = status.unwrap_or_default() as u16;
        if self.status == 101 {
            self.refuse(Fault::SwitchedProtocols, at.wrapping_add(STATUS_AT as u32));
        }
    }

    /// Whether a field of this name says how the body is framed, or what becomes of the connection.
    pub(super) fn is_read(name: &str) -> bool {
        Name::of(name.as_bytes()).is_some()
    }

    /// Reads a field that begins at this byte of the response.
    pub(super) fn hear(&mut self, name: &[u8], value: &[u8], at: u32) {
        match Name::of(name) {
            Some(Name::Connection) => {
                for option in ascii::members(value) {
                    match ascii::place("close keep-alive", option) {
                        Some(0) => self.closes = true,
                        Some(_) => self.lists_keep_alive = true,
                        None => {}
                    }
                }
            }
            Some(Name::TransferEncoding) => {
                if self.has_coding || self.is_http_1_0 || !ascii::is_same(value, b"chunked") {
                    self.refuse(Fault::TransferEncoding, at);
                } else if self.has_length {
                    self.refuse(Fault::LengthAndTransferEncoding, at);
                }
                (self.has_coding, self.declares_body) = (true, true);
            }
            Some(Name::ContentLength) => self.hear_length(value, at),
            None => {}
        }
    }

    /// `5, 5` is what a sender or a proxy makes of two equal fields.
    fn hear_length(&mut self, value: &[u8], at: u32) {
        self.declares_body |= digits::number(value) != Some(0);
        for number in ascii::members(value) {
            match digits::number(number) {
                None => self.refuse(Fault::Length, at),
                Some(length) if !self.has_length => self.left = length,
                Some(length) if length == self.left => {}
                Some(_) => self.refuse(Fault::LengthsDiffer, at),
            }
            if self.has_coding && !self.has_length {
                self.refuse(Fault::LengthAndTransferEncoding, at);
            }
            self.has_length = true;
        }
    }

    /// What follows the head: the next one, a body, or the end.
    pub(super) fn judged(&mut self) -> Result<State, Fault> {
        let is_bodiless = !self.may_have_body || matches!(self.status, ..200 | 204 | 304);
        match self.fault {
            Some(fault) if !is_bodiless || fault == Fault::SwitchedProtocols => return Err(fault),
            _ => {}
        }
        self.closes |= self.is_http_1_0 && !self.lists_keep_alive || self.status == 204 && self.declares_body;
        Ok(if self.status < 200 {
            State::Beginning
        } else if is_bodiless || !self.has_coding && self.has_length && self.left == 0 {
            State::Due
        } else if self.has_coding {
            State::SizeStart
        } else if self.has_length {
            State::Length
        } else {
            self.closes = true;
            State::UntilClose
        })
    }

    /// The first fault counts, but those of the coding go before those of the length, and either before both being there.
    fn refuse(&mut self, fault: Fault, at: u32) {
        let is_kept = match self.fault {
            None | Some(Fault::LengthAndTransferEncoding) => false,
            Some(Fault::Length | Fault::LengthsDiffer) => fault != Fault::TransferEncoding,
            Some(_) => true,
        };
        if !is_kept {
            (self.fault, self.fault_at) = (Some(fault), at);
        }
    }
}
