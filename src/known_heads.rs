//! Heads that come again. A server says much the same before each of its answers: such a head crosses the bridge
//! once, is kept on the other side, and is named by its place from then on. Both sides go through the same records in
//! the same order, so that they keep the same.

use std::hash::Hasher;
use std::num::NonZeroU64;

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
    /// The number that the engine has for the head in each place, as far as it has one.
    numbers: [Option<NonZeroU64>; PLACES],
    /// Where the last one was put of those whose numbers have the same rest.
    places: [u32; PLACES],
}

impl Default for KnownHeads {
    fn default() -> Self {
        Self { lengths: [0; PLACES], octets: vec![0; PLACES * LARGEST], numbers: [None; PLACES], places: [0; PLACES] }
    }
}

impl KnownHeads {
    /// Where the head is that the engine has this number for.
    pub(crate) fn find(&self, number: NonZeroU64) -> Option<u32> {
        let place = self.places[rest(number)];
        (self.numbers[place as usize] == Some(number)).then_some(place)
    }

    /// How to tell `head`, which is not empty and may have a number.
    pub(crate) fn tell(&mut self, head: &[u8], number: Option<NonZeroU64>) -> Telling {
        if head.len() > LARGEST {
            return Telling::Whole;
        }
        let mut hasher = FxHasher::default();
        hasher.write(head);
        // The upper half is the better mixed one.
        let place = (hasher.finish() >> 32) as usize % PLACES;
        self.numbers[place] = number;
        if let Some(number) = number {
            self.places[rest(number)] = place as u32;
        }
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

fn rest(number: NonZeroU64) -> usize {
    number.get() as usize % PLACES
}
