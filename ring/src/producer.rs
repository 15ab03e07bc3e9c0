//! The writing side of a ring: messages become records, records become visible together. It never waits; it
//! only says when its caller has to ring, or may wait for, the other side.
//!
//! ```text
//!   head_seen          published            tail
//!   ────┼─ the consumer's ─┼─ not yet visible ─┼─ free, up to head_seen + capacity ─
//!        published records    push, resume ───►│
//!                          │◄── publish ──────►│
//! ```

use core::fmt;

use crate::layout::{FLAG_MORE, FLAG_PAD, FLAGS_SHIFT, RECORD_HEADER_OCTETS, maximum_payload, occupied};
use crate::memory::{Memory, Ordering, fence};

/// The writing side. There must be one per ring.
pub struct Producer {
    memory: Memory,
    /// Where the next record goes.
    tail: u32,
    /// The value of the shared `tail`.
    published: u32,
    /// The shared `head` as last read.
    head_seen: u32,
    /// A `Pending` was begun and is not complete: nothing else may come between its fragments.
    unfinished: bool,
}

/// A message that goes into the ring bit by bit, because it may be larger than the whole ring.
#[derive(Debug)]
pub struct Pending {
    kind: u16,
    sent: usize,
}

/// There is not enough room at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Producer {
    /// The writing side of the ring in `length` octets at `memory`.
    ///
    /// # Safety
    ///
    /// * `memory` must be valid for reads and writes of `length` octets for as long as the producer lives;
    ///   before the first of both sides is made it is zeroed, and nobody else writes to it meanwhile.
    /// * It is the only producer of this ring, and the consumer keeps to the protocol: it only writes `head`,
    ///   sets `consumer_asleep`, clears `producer_waiting`, and reads no record that it has given back.
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
        let tail = memory.tail().load(Ordering::Relaxed) & !7;
        let head_seen = memory.head().load(Ordering::Acquire);
        Self { memory, tail, published: tail, head_seen, unfinished: false }
    }

    /// The largest message that is one record; larger ones go in fragments.
    pub fn maximum_payload(&self) -> usize {
        maximum_payload(self.memory.capacity()) as usize
    }

    /// Writes one message, the concatenation of `parts`, all or nothing. It becomes visible with the next
    /// [`publish`](Self::publish).
    ///
    /// # Errors
    ///
    /// [`Full`] if there is no room for all of it now, also when a [`Pending`] is unfinished. A message that
    /// could be larger than the ring never fits as a whole: [`resume`](Self::resume) is for those.
    pub fn push(&mut self, kind: u16, parts: &[&[u8]]) -> Result<(), Full> {
        let length = length_of(parts);
        if self.unfinished || !self.has_room(self.extent(length).ok_or(Full)?) {
            return Err(Full);
        }
        let mut written = 0;
        loop {
            written += self.write_record(kind, parts, written, length);
            if written == length {
                return Ok(());
            }
        }
    }

    /// Writes as much of a message, the concatenation of `parts`, as there is room for, going on where the last
    /// call with this `pending` stopped; `parts` must be the same ones each time. Once it is begun, no other
    /// message is taken until it is complete.
    ///
    /// # Errors
    ///
    /// [`Full`] while something is left: publish, [wait for room](Self::wait_for_room) and call again.
    pub fn resume(&mut self, pending: &mut Pending, parts: &[&[u8]]) -> Result<(), Full> {
        if self.unfinished && pending.sent == 0 {
            return Err(Full);
        }
        let length = length_of(parts);
        loop {
            let payload = self.next_payload(length.saturating_sub(pending.sent));
            if !self.has_room(self.pad_before(self.tail, payload) + occupied(payload)) {
                return Err(Full);
            }
            pending.sent += self.write_record(pending.kind, parts, pending.sent, length);
            self.unfinished = pending.sent < length;
            if !self.unfinished {
                return Ok(());
            }
        }
    }

    /// Makes everything pushed so far visible. True if the consumer sleeps and the caller must wake it: told
    /// to one caller only.
    #[must_use = "a sleeping consumer must be woken"]
    pub fn publish(&mut self) -> bool {
        if self.published == self.tail {
            return false;
        }
        self.published = self.tail;
        let memory = &self.memory;
        memory.tail().store(self.tail, Ordering::Release);
        // Dekker: tail before the flag here, the flag before tail in `Consumer::sleep`. One of both sees the
        // other's store.
        fence(Ordering::SeqCst);
        memory.consumer_asleep().load(Ordering::Relaxed) != 0 && memory.consumer_asleep().swap(0, Ordering::AcqRel) != 0
    }

    /// Asks for a bell once there is more room than at the last [`Full`]. Publish first: what is not visible is
    /// never consumed. False if room was made in the meantime: push again instead of waiting.
    #[must_use = "false means that there is no need to wait"]
    pub fn wait_for_room(&mut self) -> bool {
        debug_assert_eq!(self.published, self.tail, "what is not visible is never consumed");
        self.memory.producer_waiting().store(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let head = self.memory.head().load(Ordering::Acquire);
        if head == self.head_seen && head != self.tail {
            return true;
        }
        self.head_seen = head;
        self.memory.producer_waiting().store(0, Ordering::Relaxed);
        false
    }

    /// What a message takes up from `tail` on, with its fragments and pads; `None` if that exceeds the ring.
    fn extent(&self, length: usize) -> Option<u32> {
        let mut extent = 0;
        let mut left = length;
        loop {
            let payload = self.next_payload(left);
            extent += self.pad_before(self.tail.wrapping_add(extent), payload) + occupied(payload);
            if extent > self.memory.capacity() {
                return None;
            }
            left -= payload as usize;
            if left == 0 {
                return Some(extent);
            }
        }
    }

    /// The payload of the next record of a message of which `left` octets are left.
    fn next_payload(&self, left: usize) -> u32 {
        let maximum = maximum_payload(self.memory.capacity());
        u32::try_from(left).map_or(maximum, |left| left.min(maximum))
    }

    /// What has to be skipped at `position` so that a record with this payload is contiguous.
    fn pad_before(&self, position: u32, payload: u32) -> u32 {
        let rest = self.memory.capacity() - (position & (self.memory.capacity() - 1));
        if occupied(payload) > rest { rest } else { 0 }
    }

    fn has_room(&mut self, extent: u32) -> bool {
        if extent <= self.room() {
            return true;
        }
        self.head_seen = self.memory.head().load(Ordering::Acquire);
        extent <= self.room()
    }

    /// Zero if `head` is not a place in the ring: a consumer that breaks the protocol gets nothing more.
    fn room(&self) -> u32 {
        self.memory.capacity().saturating_sub(self.tail.wrapping_sub(self.head_seen))
    }

    /// Writes the record of a message that starts `from` octets into it; the caller has checked the room.
    /// Returns the length of its payload.
    fn write_record(&mut self, kind: u16, parts: &[&[u8]], from: usize, length: usize) -> usize {
        let mask = self.memory.capacity() - 1;
        let left = length.saturating_sub(from);
        let payload = self.next_payload(left);
        let pad = self.pad_before(self.tail, payload);
        if pad > 0 {
            let header = [pad - RECORD_HEADER_OCTETS, FLAG_PAD << FLAGS_SHIFT];
            // SAFETY: the room was checked, so the pad is free; it is not published before `publish`.
            unsafe { self.memory.write_header(self.tail & mask, header) };
            self.tail = self.tail.wrapping_add(pad);
        }
        let flags = if payload as usize == left { 0 } else { FLAG_MORE };
        let start = self.tail & mask;
        // SAFETY: the room was checked, so the record is free; it is not published before `publish`.
        unsafe { self.memory.write_header(start, [payload, u32::from(kind) | flags << FLAGS_SHIFT]) };
        let mut skip = from;
        let mut offset = start + RECORD_HEADER_OCTETS;
        let end = offset + payload;
        for part in parts {
            let skipped = skip.min(part.len());
            skip -= skipped;
            let rest = &part[skipped..];
            let octets = &rest[..rest.len().min((end - offset) as usize)];
            // SAFETY: as above; `end` bounds the copy to this record.
            unsafe { self.memory.write(offset, octets) };
            offset += octets.len() as u32;
        }
        self.tail = self.tail.wrapping_add(occupied(payload));
        payload as usize
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer")
            .field("tail", &self.tail)
            .field("published", &self.published)
            .field("head_seen", &self.head_seen)
            .finish_non_exhaustive()
    }
}

impl Pending {
    /// A message of which nothing is in the ring yet.
    pub fn new(kind: u16) -> Self {
        Self { kind, sent: 0 }
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ring is full")
    }
}

impl core::error::Error for Full {}

fn length_of(parts: &[&[u8]]) -> usize {
    parts.iter().map(|part| part.len()).sum()
}
