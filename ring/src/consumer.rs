//! The reading side of a ring: records become messages, and their room goes back to the producer. It trusts no
//! number in the memory: a record that cannot be is an error value, and then the ring is finished.
//!
//! ```text
//!   released            position             tail_seen
//!   ────┼─ read, not yet ───┼─ published records ─┼─
//!       │   given back      │      pop ──────────►│
//!       │◄── release ──────►│
//! ```

use alloc::vec::Vec;
use core::fmt;

use crate::layout::{FLAG_MORE, FLAG_PAD, FLAGS_SHIFT, KIND_MASK, RECORD_HEADER_OCTETS, occupied};
use crate::memory::{Memory, Ordering, fence};

/// A reassembled message above this size does not leave its buffer behind for the next one.
const RETAINED_OCTETS: usize = 256 * 1024;

/// The reading side. There must be one per ring.
pub struct Consumer {
    memory: Memory,
    /// Where the next record starts.
    position: u32,
    /// The value of the shared `head`.
    released: u32,
    /// The shared `tail` as last read.
    tail_seen: u32,
    assembly: Assembly,
    /// The octets of the fragments of one message.
    assembled: Vec<u8>,
    corrupt: bool,
}

/// ```text
///   Nothing ──a record with MORE──► Going(kind) ──the record without──► Complete ──next pop──► Nothing
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
enum Assembly {
    Nothing,
    Going(u16),
    Complete,
}

/// One message, borrowed from the ring, or from the buffer of the consumer if it came in fragments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    kind: u16,
    payload: &'a [u8],
}

/// The memory does not hold what a producer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrupt;

/// A record whose numbers were checked.
struct Record {
    flags: u32,
    kind: u16,
    /// Of the payload, in the data area.
    offset: u32,
    length: u32,
}

impl Consumer {
    /// The reading side of the ring in `length` octets at `memory`.
    ///
    /// # Safety
    ///
    /// * `memory` must be valid for reads and writes of `length` octets for as long as the consumer lives;
    ///   before the first of both sides is made it is zeroed, and nobody else writes to it meanwhile.
    /// * It is the only consumer of this ring, and the producer does not write to what it has published before
    ///   the consumer has given it back. (What it wrote is not trusted; only that it is done with it.)
    ///
    /// # Panics
    ///
    /// If [`crate::layout::capacity`] has no value for `length`, or `memory` is not 8-byte aligned.
    #[cfg(not(loom))]
    pub unsafe fn new(memory: *mut u8, length: usize) -> Self {
        // SAFETY: the caller's contract is that of `Memory`.
        Self::over(unsafe { Memory::new(memory, length) })
    }

    pub(crate) fn over(memory: Memory) -> Self {
        // A record starts aligned, whatever the memory says.
        let position = memory.head().load(Ordering::Relaxed) & !7;
        Self {
            memory,
            position,
            released: position,
            tail_seen: position,
            assembly: Assembly::Nothing,
            assembled: Vec::new(),
            corrupt: false,
        }
    }

    /// The next message that is completely there. Its room is given back by the first
    /// [`release`](Self::release) after it; a consumer that got `None` releases, because fragments of a message
    /// that is larger than the ring may have been taken in.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if the memory holds what no producer writes; and from then on at each call.
    pub fn pop(&mut self) -> Result<Option<Message<'_>>, Corrupt> {
        if self.assembly == Assembly::Complete {
            self.assembly = Assembly::Nothing;
            self.assembled.clear();
            self.assembled.shrink_to(RETAINED_OCTETS);
        }
        loop {
            let Some(record) = self.next_record()? else {
                return Ok(None);
            };
            let Record { flags, kind, offset, length } = record;
            match self.assembly {
                _ if flags == FLAG_PAD => {}
                Assembly::Going(first) if first != kind => return Err(self.fail()),
                Assembly::Nothing | Assembly::Complete if flags == 0 => {
                    // SAFETY: `next_record` checked that the record is published; the borrow of `self` keeps
                    // `release` from giving it back.
                    let payload = unsafe { self.memory.octets(offset, length) };
                    return Ok(Some(Message { kind, payload }));
                }
                _ => {
                    // SAFETY: `next_record` checked that the record is published; it is not given back here.
                    self.assembled.extend_from_slice(unsafe { self.memory.octets(offset, length) });
                    self.assembly = Assembly::Going(kind);
                    if flags == 0 {
                        self.assembly = Assembly::Complete;
                        return Ok(Some(Message { kind, payload: &self.assembled }));
                    }
                }
            }
        }
    }

    /// Gives back the room of everything that was popped. True if the producer waits for room and the caller
    /// must wake it: told to one caller only.
    #[must_use = "a waiting producer must be woken"]
    pub fn release(&mut self) -> bool {
        if self.released == self.position {
            return false;
        }
        self.released = self.position;
        let memory = &self.memory;
        memory.head().store(self.position, Ordering::Release);
        // Dekker: head before the flag here, the flag before head in `Producer::wait_for_room`. One of both
        // sees the other's store.
        fence(Ordering::SeqCst);
        memory.producer_waiting().load(Ordering::Relaxed) != 0
            && memory.producer_waiting().swap(0, Ordering::AcqRel) != 0
    }

    /// Asks for a bell with the next publication. False if something is there already: pop it instead of
    /// sleeping. Release first: a producer that waits for room publishes nothing.
    #[must_use = "false means that there is something to pop"]
    pub fn sleep(&mut self) -> bool {
        debug_assert_eq!(self.released, self.position, "what is not given back keeps the producer waiting");
        self.memory.consumer_asleep().store(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if self.memory.tail().load(Ordering::Acquire) == self.position {
            return true;
        }
        self.wake_up();
        false
    }

    /// Takes the wish for a bell back, after waking up for another reason. A bell may have been rung already.
    pub fn wake_up(&mut self) {
        self.memory.consumer_asleep().store(0, Ordering::Relaxed);
    }

    /// Steps over the next published record, every number of which is checked.
    fn next_record(&mut self) -> Result<Option<Record>, Corrupt> {
        if self.corrupt {
            return Err(Corrupt);
        }
        if self.tail_seen == self.position {
            self.tail_seen = self.memory.tail().load(Ordering::Acquire);
            if self.tail_seen == self.position {
                return Ok(None);
            }
        }
        let capacity = self.memory.capacity();
        let available = self.tail_seen.wrapping_sub(self.position);
        if available > capacity || !available.is_multiple_of(8) {
            return Err(self.fail());
        }
        let start = self.position & (capacity - 1);
        let rest = capacity - start;
        // SAFETY: at least one header is published (`available` is a multiple of 8 and not 0).
        let [length, kind_and_flags] = unsafe { self.memory.header(start) };
        let flags = kind_and_flags >> FLAGS_SHIFT;
        // The first comparison also keeps `occupied` from wrapping around.
        if length > capacity || occupied(length) > available.min(rest) {
            return Err(self.fail());
        }
        let is_known = flags == 0 || flags == FLAG_MORE || (flags == FLAG_PAD && occupied(length) == rest);
        if !is_known {
            return Err(self.fail());
        }
        self.position = self.position.wrapping_add(occupied(length));
        let kind = (kind_and_flags & KIND_MASK) as u16;
        Ok(Some(Record { flags, kind, offset: start + RECORD_HEADER_OCTETS, length }))
    }

    fn fail(&mut self) -> Corrupt {
        self.corrupt = true;
        Corrupt
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer")
            .field("position", &self.position)
            .field("released", &self.released)
            .field("tail_seen", &self.tail_seen)
            .field("corrupt", &self.corrupt)
            .finish_non_exhaustive()
    }
}

impl<'a> Message<'a> {
    /// What the producer called it.
    pub fn kind(&self) -> u16 {
        self.kind
    }

    /// Its octets; unfragmented ones are the ring's own memory, 8-byte aligned.
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ring holds a record that no producer writes")
    }
}

impl core::error::Error for Corrupt {}
