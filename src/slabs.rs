//! Memory that JavaScript lends for large pieces of bodies. The engine reads into it, or a piece is copied into it here, and
//! JavaScript hands it on as it is: its thread does not touch the octets.
//!
//! A slab is lent for one piece, and is not looked at any more once that is told of: whoever gets it may do with it
//! what he likes.
//!
//! ```text
//!  nothing ──lend──► lent ──take──► taken ──give──► nothing
//!                      ▲              │
//!                      └─────drop─────┘
//! ```

use std::ptr::{self, NonNull};
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use dodici_engine::slab::Slab;

use crate::layout::{LARGE_SLAB_OCTETS, LARGE_SLABS, SLAB_OCTETS, SLABS};

const PLACES: usize = (SLABS + LARGE_SLABS) as usize;

/// What a slab at a place has.
pub(crate) fn octets_at(place: usize) -> usize {
    if place < SLABS as usize { SLAB_OCTETS as usize } else { LARGE_SLAB_OCTETS as usize }
}

/// The slabs that are lent, by their places.
#[derive(Debug)]
pub(crate) struct Slabs {
    places: [AtomicPtr<u8>; PLACES],
}

impl Slabs {
    pub(crate) fn new() -> Self {
        Self { places: [const { AtomicPtr::new(ptr::null_mut()) }; PLACES] }
    }

    /// Lends the memory at `address`; `false` where there is no such place, or it is taken.
    ///
    /// # Safety
    ///
    /// There are as many octets as `octets_at` says, valid for reads and writes, which nobody else reads or writes until the piece in them is
    /// told of, or the engine's thread has ended.
    pub(crate) unsafe fn lend(&self, place: u32, address: *mut u8) -> bool {
        self.places.get(place as usize).is_some_and(|slab| {
            slab.compare_exchange(ptr::null_mut(), address, Ordering::Release, Ordering::Relaxed).is_ok()
        })
    }

    /// Takes one that is lent, for `most` octets: a large one where they fill it, else a small one. `None` where nothing is lent.
    pub(crate) fn take(self: &Arc<Self>, most: usize) -> Option<Taken> {
        let small = 0..SLABS as usize;
        let large = if most < LARGE_SLAB_OCTETS as usize { 0..0 } else { small.end..PLACES };
        large.chain(small).find_map(|place| {
            let slab = &self.places[place];
            let memory = NonNull::new(slab.swap(ptr::null_mut(), Ordering::Acquire))?;
            Some(Taken { slabs: Arc::clone(self), place, memory, is_given: false })
        })
    }
}

/// A slab that is ours alone until it is given, or dropped and thereby lent again.
#[derive(Debug)]
pub(crate) struct Taken {
    slabs: Arc<Slabs>,
    place: usize,
    memory: NonNull<u8>,
    is_given: bool,
}

// SAFETY: until it is let go the memory is reached through this value alone, on whatever thread that is.
unsafe impl Send for Taken {}

impl Slab for Taken {
    fn give(mut self: Box<Self>) -> u32 {
        self.is_given = true;
        self.place as u32
    }
}

impl AsRef<[u8]> for Taken {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: `lend` was promised these octets, and `take` took them out of the place, so that nobody else has them.
        unsafe { slice::from_raw_parts(self.memory.as_ptr(), octets_at(self.place)) }
    }
}

impl AsMut<[u8]> for Taken {
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `as_ref`.
        unsafe { slice::from_raw_parts_mut(self.memory.as_ptr(), octets_at(self.place)) }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.is_given {
            // JavaScript lends nothing in a place before it was told of what was in it.
            self.slabs.places[self.place].store(self.memory.as_ptr(), Ordering::Release);
        }
    }
}
