//! How much to read at once: enough for what comes, no more than may be handed out. No bytes here.

use bytes::BytesMut;

/// What a connection starts with; most responses fit.
const SMALLEST: usize = 8 * 1024;

/// A system call for so many octets costs next to nothing beside the copy.
const LARGEST: usize = 256 * 1024;

/// The size of the next read: doubles when reads fill the buffer, halves when two in a row would have
/// fitted into half of it.
#[derive(Debug)]
pub(super) struct Reading {
    size: usize,
    was_small: bool,
}

impl Reading {
    pub(super) fn new() -> Self {
        Self { size: SMALLEST, was_small: false }
    }

    /// Makes room in `buffer` for a read, when no more than `capacity` octets can be handed out.
    pub(super) fn reserve(&self, buffer: &mut BytesMut, capacity: usize) {
        let wanted = self.size.min(capacity).max(SMALLEST);
        // A rest of half that size is used up first: for small responses that is one buffer for many.
        if buffer.capacity() - buffer.len() < wanted / 2 {
            buffer.reserve(wanted);
        }
    }

    /// `octets` were read.
    pub(super) fn record(&mut self, octets: usize, buffer_is_full: bool) {
        if buffer_is_full && octets >= self.size / 2 {
            self.size = (self.size * 2).min(LARGEST);
            self.was_small = false;
        } else if octets < self.size / 2 {
            if self.was_small {
                self.size = (self.size / 2).max(SMALLEST);
            }
            self.was_small = !self.was_small;
        } else {
            self.was_small = false;
        }
    }
}
