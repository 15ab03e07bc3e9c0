//! Shared memory in which large pieces of request bodies come: JavaScript copies a piece onto a tray, the engine writes it to
//! the socket from there, and the tray is free again. No octet is copied on the engine's thread.
//!
//! ```text
//!        JavaScript puts a piece on it
//!  free ──────────────────────────────► taken
//!    ▲                                    │
//!    └───────── its `Bytes` go ───────────┘
//! ```

use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::{Bytes, BytesMut};

use crate::layout::{TRAY_OCTETS, TRAYS, TRAYS_AT};

/// What the memory of all has.
pub(crate) const OCTETS: usize = TRAYS_AT as usize + TRAYS as usize * TRAY_OCTETS as usize;

/// A word of state for each, 0 for one that is free; behind them, from `TRAYS_AT` on, the trays.
pub(crate) struct Trays {
    memory: *mut u8,
}

// SAFETY: the words of state are reached as atomics, and the octets of a tray by the one `Load` of it alone.
unsafe impl Send for Trays {}
// SAFETY: as above.
unsafe impl Sync for Trays {}

impl Trays {
    /// # Safety
    ///
    /// At `memory`, aligned to 4, are `OCTETS` octets that stay for as long as this and what it has given out. To a tray whose
    /// word is not 0 nobody writes.
    pub(crate) unsafe fn new(memory: *mut u8) -> Self {
        Self { memory }
    }

    /// The first `length` octets of a tray, which is free again when they go. `None` where there is no such tray, or less in it.
    /// To be called once for each time that something was put on it.
    pub(crate) fn load(self: &Arc<Self>, place: u32, length: u32) -> Option<Bytes> {
        let is_one = place < TRAYS && length <= TRAY_OCTETS;
        is_one.then(|| {
            Bytes::from_owner(Load { trays: Arc::clone(self), place: place as usize, length: length as usize })
        })
    }

    /// As [`Self::load`], `length` octets on several trays that are full but for the last one; a copy: they are free at once.
    pub(crate) fn collect(self: &Arc<Self>, places: &[u8], length: u32) -> Option<Bytes> {
        let mut bytes = BytesMut::with_capacity(places.len() * TRAY_OCTETS as usize);
        let mut left = length;
        for &place in places {
            let part = left.min(TRAY_OCTETS);
            bytes.extend_from_slice(&self.load(u32::from(place), part)?);
            left -= part;
        }
        (left == 0).then(|| bytes.freeze())
    }
}

/// What is on a tray.
struct Load {
    trays: Arc<Trays>,
    place: usize,
    length: usize,
}

impl AsRef<[u8]> for Load {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: `load` has checked the numbers, and `new` was promised that nobody writes there until `drop` has freed it.
        unsafe {
            let start = self.trays.memory.add(TRAYS_AT as usize + self.place * TRAY_OCTETS as usize);
            slice::from_raw_parts(start, self.length)
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // SAFETY: the word lies in the memory that `new` was promised, aligned, and is only reached as an atomic.
        let state = unsafe { AtomicU32::from_ptr(self.trays.memory.cast::<u32>().add(self.place)) };
        state.store(0, Ordering::Release);
    }
}
