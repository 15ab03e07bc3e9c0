//! The memory of a ring inside a loom model: the same interface as `memory.rs`, with loom's atomics as control
//! words, and data that loom watches for accesses that nothing orders. Only compiled with `--cfg loom`.

use core::cell::UnsafeCell as Plain;
use std::sync::Arc;

use loom::cell::UnsafeCell as Watched;
pub(crate) use loom::sync::atomic::{AtomicU32, Ordering, fence};

use crate::layout::RECORD_ALIGNMENT;
use crate::{Consumer, Producer};

/// The two sides of a new ring. A small capacity keeps the model small; `memory.rs` would refuse it.
pub fn ring(capacity: u32) -> (Producer, Consumer) {
    assert!(capacity.is_power_of_two() && capacity >= 128);
    let shared = Arc::new(Shared {
        control: core::array::from_fn(|_| AtomicU32::new(0)),
        data: (0..capacity / 8).map(|_| Plain::new(0)).collect(),
        watched: (0..capacity / 8).map(|_| Watched::new(())).collect(),
    });
    let memory = |shared| Memory { shared, capacity };
    (Producer::over(memory(Arc::clone(&shared))), Consumer::over(memory(shared)))
}

pub(crate) struct Memory {
    shared: Arc<Shared>,
    capacity: u32,
}

struct Shared {
    control: [AtomicU32; 4],
    data: Box<[Plain<u64>]>,
    /// One for each 8 octets of `data`: touched with every access, so that loom reports races on them.
    watched: Box<[Watched<()>]>,
}

// SAFETY: that the two sides do not touch the same data at once is what the model proves, by `watched`.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Memory {
    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    pub(crate) fn tail(&self) -> &AtomicU32 {
        &self.shared.control[0]
    }

    pub(crate) fn head(&self) -> &AtomicU32 {
        &self.shared.control[1]
    }

    pub(crate) fn consumer_asleep(&self) -> &AtomicU32 {
        &self.shared.control[2]
    }

    pub(crate) fn producer_waiting(&self) -> &AtomicU32 {
        &self.shared.control[3]
    }

    /// # Safety
    ///
    /// As in `memory.rs`.
    pub(crate) unsafe fn header(&self, offset: u32) -> [u32; 2] {
        // SAFETY: the caller's contract is the same.
        let octets = unsafe { self.octets(offset, 8) };
        [0, 4].map(|at| u32::from_ne_bytes(octets[at..at + 4].try_into().expect("four octets")))
    }

    /// # Safety
    ///
    /// As in `memory.rs`.
    pub(crate) unsafe fn write_header(&self, offset: u32, words: [u32; 2]) {
        let octets: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        // SAFETY: the caller's contract is the same.
        unsafe { self.write(offset, &octets) };
    }

    /// # Safety
    ///
    /// As in `memory.rs`.
    pub(crate) unsafe fn octets(&self, offset: u32, length: u32) -> &[u8] {
        for watched in self.watched(offset, length) {
            watched.with(|_| ());
        }
        // SAFETY: `watched` checked the bounds; `data` is contiguous and loom saw no writer.
        unsafe { core::slice::from_raw_parts(self.start().add(offset as usize), length as usize) }
    }

    /// # Safety
    ///
    /// As in `memory.rs`.
    pub(crate) unsafe fn write(&self, offset: u32, octets: &[u8]) {
        for watched in self.watched(offset, octets.len() as u32) {
            watched.with_mut(|_| ());
        }
        // SAFETY: `watched` checked the bounds; `data` is contiguous and loom saw no other access.
        unsafe { self.start().add(offset as usize).copy_from_nonoverlapping(octets.as_ptr(), octets.len()) };
    }

    fn start(&self) -> *mut u8 {
        Plain::raw_get(self.shared.data.as_ptr()).cast()
    }

    fn watched(&self, offset: u32, length: u32) -> &[Watched<()>] {
        assert!(offset + length <= self.capacity);
        let (start, end) = (offset / RECORD_ALIGNMENT, (offset + length).div_ceil(RECORD_ALIGNMENT));
        &self.shared.watched[start as usize..end as usize]
    }
}
