//! Where to read to, and how much at once: enough for what comes, no more than may be handed out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::BytesMut;

use crate::proto::h1::Heads;

/// What a connection starts with; most responses fit.
const SMALLEST: usize = 8 * 1024;

/// A system call for so many octets costs next to nothing beside the copy.
const LARGEST: usize = 256 * 1024;

/// Memory to read into that no session needs now. A session for which nothing has come keeps none of its own, and where
/// there is no session there is none, nor what they have learned.
#[derive(Clone, Debug, Default)]
pub(super) struct Spare(Rc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    memory: RefCell<BytesMut>,
    readers: Cell<usize>,
    /// What the readers have understood.
    heads: Heads,
}

impl Spare {
    /// `heads`: what is forgotten with the last session.
    pub(super) fn beside(heads: Heads) -> Self {
        Self(Rc::new(Shared { heads, ..Shared::default() }))
    }

    /// Nothing has come into `buffer`: its memory is for the next one who reads. Of what has grown the system gets it
    /// back.
    fn put(&self, buffer: &mut BytesMut) {
        let spare = &mut *self.0.memory.borrow_mut();
        if buffer.capacity() > spare.capacity() && buffer.capacity() <= SMALLEST {
            std::mem::swap(buffer, spare);
        }
        if buffer.capacity() > 0 {
            *buffer = BytesMut::new();
        }
    }

    /// Gives what there is to `buffer`, which has nothing.
    fn take(&self, buffer: &mut BytesMut) {
        std::mem::swap(buffer, &mut *self.0.memory.borrow_mut());
    }
}

/// The size of the next read: doubles when reads fill the buffer, halves when two in a row would have
/// fitted into half of it.
#[derive(Debug)]
pub(super) struct Reading {
    spare: Spare,
    size: usize,
    was_small: bool,
}

impl Reading {
    pub(super) fn new(spare: Spare) -> Self {
        spare.0.readers.set(spare.0.readers.get() + 1);
        Self { spare, size: SMALLEST, was_small: false }
    }

    /// Makes room in `buffer` for a read, when no more than `capacity` octets can be handed out.
    pub(super) fn reserve(&self, buffer: &mut BytesMut, capacity: usize) {
        if buffer.capacity() == 0 {
            self.spare.take(buffer);
        }
        let wanted = self.size.min(capacity).max(SMALLEST);
        // A rest of half that size is used up first: for small responses that is one buffer for many.
        if buffer.capacity() - buffer.len() < wanted / 2 {
            buffer.reserve(wanted);
        }
    }

    /// Nothing is there to be read, and no more than `capacity` octets could be handed out. A large buffer stays as long
    /// as there is somebody for whom it has grown.
    pub(super) fn give_back(&self, buffer: &mut BytesMut, capacity: usize) {
        if buffer.is_empty() && (capacity == 0 || buffer.capacity() <= SMALLEST) {
            self.spare.put(buffer);
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

impl Drop for Reading {
    fn drop(&mut self) {
        let Shared { memory, readers, heads } = &*self.spare.0;
        readers.set(readers.get() - 1);
        if readers.get() == 0 {
            drop(memory.take());
            heads.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_for_which_nothing_comes_share_one_buffer() {
        let spare = Spare::default();
        let (one, other) = (Reading::new(spare.clone()), Reading::new(spare.clone()));
        let (mut first, mut second) = (BytesMut::new(), BytesMut::new());
        one.reserve(&mut first, 0);
        let memory = first.as_ptr();
        one.give_back(&mut first, 0);
        assert_eq!(first.capacity(), 0);
        other.reserve(&mut second, 0);
        assert_eq!(second.as_ptr(), memory);
    }

    #[test]
    fn the_last_session_takes_the_memory_with_it() {
        let spare = Spare::default();
        let (one, other) = (Reading::new(spare.clone()), Reading::new(spare.clone()));
        let mut buffer = BytesMut::new();
        one.reserve(&mut buffer, 0);
        one.give_back(&mut buffer, 0);
        drop(one);
        assert_eq!(spare.0.memory.borrow().capacity(), SMALLEST);
        drop(other);
        assert_eq!(spare.0.memory.borrow().capacity(), 0);
    }

    #[test]
    fn what_has_come_stays_with_its_session() {
        let reading = Reading::new(Spare::default());
        let mut buffer = BytesMut::new();
        reading.reserve(&mut buffer, 0);
        buffer.extend_from_slice(b"HTTP");
        reading.give_back(&mut buffer, 0);
        assert_eq!(&buffer[..], b"HTTP");
    }

    #[test]
    fn a_buffer_that_has_grown_stays_for_as_long_as_an_answer_needs_it_and_is_nobodys_then() {
        let spare = Spare::default();
        let mut reading = Reading::new(spare.clone());
        let mut buffer = BytesMut::new();
        reading.record(SMALLEST, true);
        reading.reserve(&mut buffer, LARGEST);
        reading.give_back(&mut buffer, LARGEST);
        assert_eq!(buffer.capacity(), 2 * SMALLEST);
        reading.give_back(&mut buffer, 0);
        assert_eq!((buffer.capacity(), spare.0.memory.borrow().capacity()), (0, 0));
    }
}
