//! A connection in memory, for clients of `embedded-io-async`: takes what is written, and gives a response and then the end.

use crate::verdict::READ_ON;
use core::convert::Infallible;
use core::net::SocketAddr;
use edge_nal::{Close, Readable, TcpConnect, TcpShutdown, TcpSplit};
use embedded_io_async::{ErrorType, Read, Write};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// One side of the connection, and its halves.
#[derive(Clone)]
pub(crate) struct Stream(Rc<RefCell<State>>);

struct State {
    /// What is left of it. A read gives no more than is left of the first piece.
    pieces: VecDeque<Vec<u8>>,
    reads_behind_end: usize,
}

impl Stream {
    pub(crate) fn new(pieces: &[&[u8]]) -> Self {
        let pieces = pieces.iter().map(|piece| piece.to_vec()).collect();
        Self(Rc::new(RefCell::new(State { pieces, reads_behind_end: 0 })))
    }
}

impl ErrorType for Stream {
    type Error = Infallible;
}

impl Read for Stream {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let mut state = self.0.borrow_mut();
        let Some(mut piece) = state.pieces.pop_front() else {
            state.reads_behind_end += 1;
            assert!(state.reads_behind_end < 1_000, "{READ_ON}");
            return Ok(0);
        };
        let rest = piece.split_off(piece.len().min(buffer.len()));
        buffer[..piece.len()].copy_from_slice(&piece);
        if !rest.is_empty() {
            state.pieces.push_front(rest);
        }
        Ok(piece.len())
    }
}

impl Write for Stream {
    async fn write(&mut self, buffer: &[u8]) -> Result<usize, Infallible> {
        Ok(buffer.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Readable for Stream {
    async fn readable(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl TcpShutdown for Stream {
    async fn close(&mut self, _what: Close) -> Result<(), Infallible> {
        Ok(())
    }

    async fn abort(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl TcpSplit for Stream {
    type Read<'a> = Self;
    type Write<'a> = Self;

    fn split(&mut self) -> (Self, Self) {
        (self.clone(), self.clone())
    }
}

impl TcpConnect for Stream {
    type Error = Infallible;
    type Socket<'a> = Self;

    async fn connect(&self, _remote: SocketAddr) -> Result<Self, Infallible> {
        Ok(self.clone())
    }
}
