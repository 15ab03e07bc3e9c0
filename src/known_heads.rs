//! Heads that come again. A server says much the same before each of its answers: such a head crosses the bridge
//! once, is kept on the other side, and is named by its place from then on. Both sides go through the same records in
//! the same order, so that they keep the same.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// As many as a place in a record can name.
const PLACES: usize = 64;

/// Larger ones are rare, and would be kept for long.
const LARGEST: usize = 2048;

/// What a record says of its head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// The one in this place.
    Known(u32),
    /// All of it, to be kept in this place.
    Kept(u32),
    /// All of it.
    Whole,
}

/// The heads that are kept, by their octets. All their memory is there from the start: what is held does not depend on
/// what servers say.
pub(crate) struct KnownHeads {
    lengths: [usize; PLACES],
    /// So many octets for each place, of which the system gives those that are used.
    octets: Vec<u8>,
}

impl Default for KnownHeads {
    fn default() -> Self {
        Self { lengths: [0; PLACES], octets: vec![0; PLACES * LARGEST] }
    }
}

impl KnownHeads {
    /// How to tell `head`, which is not empty.
    pub(crate) fn tell(&mut self, head: &[u8]) -> Telling {
        if head.len() > LARGEST {
            return Telling::Whole;
        }
        let mut hasher = FxHasher::default();
        hasher.write(head);
        // The upper half is the better mixed one.
        let place = (hasher.finish() >> 32) as usize % PLACES;
        let length = &mut self.lengths[place];
        let octets = &mut self.octets[place * LARGEST..][..LARGEST];
        if octets[..*length] == *head {
            return Telling::Known(place as u32);
        }
        *length = head.len();
        octets[..head.len()].copy_from_slice(head);
        Telling::Kept(place as u32)
    }
}
