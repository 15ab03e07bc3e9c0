//! Memory that JavaScript lends for large pieces of bodies. A piece is copied into it here, and JavaScript hands it on as
//! it is: its thread does not touch the octets.
//!
//! A slab is lent for one piece, and is not looked at any more once that is told of: whoever gets it may do with it
//! what he likes.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::layout::{SLAB_OCTETS, SLABS};

/// The slabs that are lent, by their places.
pub(crate) struct Slabs {
    places: [AtomicPtr<u8>; SLABS as usize],
}

impl Slabs {
    pub(crate) fn new() -> Self {
        Self { places: [const { AtomicPtr::new(ptr::null_mut()) }; SLABS as usize] }
    }

    /// Lends the memory at `address`; `false` where there is no such place, or it is taken.
    ///
    /// # Safety
    ///
    /// There are `SLAB_OCTETS` octets, valid for writes, which nobody else reads or writes until the piece in them is
    /// told of, or the engine's thread has ended.
    pub(crate) unsafe fn lend(&self, place: u32, address: *mut u8) -> bool {
        self.places.get(place as usize).is_some_and(|slab| {
            slab.compare_exchange(ptr::null_mut(), address, Ordering::Release, Ordering::Relaxed).is_ok()
        })
    }

    /// Copies the start of `bytes`, as much as a slab has, into one that is lent. Returns its place, and how much that
    /// was; `None` where nothing is lent.
    pub(crate) fn land(&self, bytes: &[u8]) -> Option<(u32, usize)> {
        let length = bytes.len().min(SLAB_OCTETS as usize);
        for (place, slab) in self.places.iter().enumerate() {
            let address = slab.swap(ptr::null_mut(), Ordering::Acquire);
            if !address.is_null() {
                // SAFETY: `lend` was promised the memory, and with the swap it is ours alone; `bytes` cannot lie in
                // memory that nobody else uses.
                unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), address, length) };
                return Some((place as u32, length));
            }
        }
        None
    }
}
