//! The bytes that are to be written next, in order. What they mean is not known here.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes, BytesMut};

/// Pieces up to this size are copied behind one another; a reference costs more than the copy.
const COPY_LIMIT: usize = 4 * 1024;

/// Bytes to write: small pieces coalesced, large ones kept by reference, for vectored writes.
#[derive(Debug, Default)]
pub struct Output {
    /// Finished pieces, none of them empty, oldest first.
    pieces: VecDeque<Bytes>,
    /// The small pieces since the last large one; written after `pieces`.
    tail: BytesMut,
    /// Octets in both.
    len: usize,
}

impl Output {
    /// Nothing to write.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a copy of `bytes`.
    pub fn push(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Appends `bytes`, by reference where that is cheaper than a copy.
    pub fn push_bytes(&mut self, bytes: Bytes) {
        if bytes.len() <= COPY_LIMIT {
            self.push(&bytes);
            return;
        }
        if !self.tail.is_empty() {
            self.pieces.push_back(self.tail.split().freeze());
        }
        self.len += bytes.len();
        self.pieces.push_back(bytes);
    }

    /// Appends what there is of `bytes` from `at` on; a reference to it is made only where it is kept.
    pub fn push_from(&mut self, bytes: &Bytes, at: usize) {
        if bytes.len() - at <= COPY_LIMIT {
            self.push(&bytes[at..]);
        } else {
            self.push_bytes(bytes.slice(at..));
        }
    }

    /// Whether everything was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many octets are to be written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Fills `slices` with the front of what is to be written and says how many of them were filled.
    pub fn io_slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let tail = (!self.tail.is_empty()).then_some(&self.tail[..]);
        let pieces = self.pieces.iter().map(|piece| &piece[..]).chain(tail);
        let mut count = 0;
        for (slot, piece) in slices.iter_mut().zip(pieces) {
            *slot = IoSlice::new(piece);
            count += 1;
        }
        count
    }

    /// Forgets the first `written` octets.
    ///
    /// # Panics
    ///
    /// When that is more than there is.
    pub fn advance(&mut self, written: usize) {
        assert!(written <= self.len, "more was written than there was");
        self.len -= written;
        if self.len == 0 {
            // Mostly all is taken at once, and what comes next has all of the memory.
            self.pieces.clear();
            self.tail.clear();
            return;
        }
        let mut left = written;
        while left > 0 {
            let Some(front) = self.pieces.front_mut() else {
                self.tail.advance(left);
                return;
            };
            if front.len() > left {
                front.advance(left);
                return;
            }
            left -= front.len();
            self.pieces.pop_front();
        }
    }
}
