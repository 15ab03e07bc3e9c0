//! The memory of a ring behind a raw pointer: the control words as atomics, records as bounds-checked ranges
//! of the data area. What a range means, and whose it is, is the producer's and the consumer's business.

use core::slice;

pub(crate) use core::sync::atomic::{AtomicU32, Ordering, fence};

use crate::layout::{self, CONTROL_OCTETS};

/// One side's view of the shared memory.
pub(crate) struct Memory {
    start: *mut u8,
    capacity: u32,
}

// SAFETY: the contract of `Memory::new` is about the memory, not about the thread: it stays valid for as long
// as this view lives, wherever that is.
unsafe impl Send for Memory {}

impl Memory {
    /// # Safety
    ///
    /// `start` must be valid for reads and writes of `length` octets for as long as the view lives, and
    /// everybody who uses that memory must keep to the protocol of the ring.
    ///
    /// # Panics
    ///
    /// If `length` is no ring's (see [`layout::capacity`]) or `start` is not 8-byte aligned.
    pub(crate) unsafe fn new(start: *mut u8, length: usize) -> Self {
        let capacity = layout::capacity(length).expect("a ring is 256 octets and a power of two of at least 4096");
        assert!(start.addr().is_multiple_of(8) && !start.is_null(), "the memory of a ring is 8-byte aligned");
        Self { start, capacity }
    }

    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    pub(crate) fn tail(&self) -> &AtomicU32 {
        self.control(layout::TAIL_WORD)
    }

    pub(crate) fn head(&self) -> &AtomicU32 {
        self.control(layout::HEAD_WORD)
    }

    pub(crate) fn consumer_asleep(&self) -> &AtomicU32 {
        self.control(layout::CONSUMER_ASLEEP_WORD)
    }

    pub(crate) fn producer_waiting(&self) -> &AtomicU32 {
        self.control(layout::PRODUCER_WAITING_WORD)
    }

    /// The two header words of the record at `offset`. Atomic loads, so that what is checked afterwards is what
    /// was read, even if the other side breaks the protocol; their order comes from `tail`.
    ///
    /// # Safety
    ///
    /// The record must have been published, and not been given back.
    pub(crate) unsafe fn header(&self, offset: u32) -> [u32; 2] {
        let at = self.range(offset, layout::RECORD_HEADER_OCTETS).cast::<AtomicU32>();
        // SAFETY: `range` checked the bounds and the alignment of two words; atomics may be shared.
        unsafe { [(*at).load(Ordering::Relaxed), (*at.add(1)).load(Ordering::Relaxed)] }
    }

    /// Writes the two header words of the record at `offset`.
    ///
    /// # Safety
    ///
    /// The range must be the producer's: free, and not yet published.
    pub(crate) unsafe fn write_header(&self, offset: u32, words: [u32; 2]) {
        let at = self.range(offset, layout::RECORD_HEADER_OCTETS).cast::<AtomicU32>();
        // SAFETY: `range` checked the bounds and the alignment of two words; atomics may be shared.
        unsafe {
            (*at).store(words[0], Ordering::Relaxed);
            (*at.add(1)).store(words[1], Ordering::Relaxed);
        }
    }

    /// The octets of a published record.
    ///
    /// # Safety
    ///
    /// The range must have been published, and must not be given back while the borrow lives.
    pub(crate) unsafe fn octets(&self, offset: u32, length: u32) -> &[u8] {
        let start = self.range(offset & !7, length + (offset & 7));
        // SAFETY: `range` checked the bounds; by the caller's contract nobody writes there meanwhile.
        unsafe { slice::from_raw_parts(start.add((offset & 7) as usize), length as usize) }
    }

    /// Copies `octets` into the data area.
    ///
    /// # Safety
    ///
    /// The range must be the producer's: free, and not yet published.
    pub(crate) unsafe fn write(&self, offset: u32, octets: &[u8]) {
        let length = u32::try_from(octets.len()).expect("a record is smaller than the ring");
        let start = self.range(offset & !7, length + (offset & 7));
        // SAFETY: `range` checked the bounds; by the caller's contract nobody else reads or writes there, so
        // `octets` is not part of it either.
        unsafe {
            start.add((offset & 7) as usize).copy_from_nonoverlapping(octets.as_ptr(), octets.len());
        }
    }

    fn control(&self, word: u32) -> &AtomicU32 {
        // SAFETY: the control block is part of the valid memory and aligned; a control word is only ever
        // accessed atomically (in JavaScript with `Atomics`).
        unsafe { AtomicU32::from_ptr(self.start.cast::<u32>().add(word as usize)) }
    }

    /// The start of an aligned range of the data area. A range outside would be a mistake in this crate, for
    /// lengths out of the memory are checked where they are read: hence an assertion, not an error value.
    fn range(&self, offset: u32, length: u32) -> *mut u8 {
        assert!(offset.is_multiple_of(8) && u64::from(offset) + u64::from(length) <= u64::from(self.capacity));
        // SAFETY: the data area starts CONTROL_OCTETS into the memory and has `capacity` octets.
        unsafe { self.start.add((CONTROL_OCTETS + offset) as usize) }
    }
}
