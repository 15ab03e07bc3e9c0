//! The layout of a ring: the one source of its numbers. The constants of the JavaScript side are generated
//! from [`TABLE`]. No code that touches memory lives here.
//!
//! ```text
//!   octet 0                  64                 128                192               256
//!   ├ word 0: tail           ├ word 16: head    ├ word 32:         ├ word 48:        ├ data ... (a power of two)
//!   │ octets ever published  │ octets ever      │ consumer_asleep  │ producer_waiting │
//!   │ (producer stores)      │ consumed         │ (consumer sets,  │ (producer sets,  │
//!   │                        │ (consumer stores)│ producer clears) │ consumer clears) │
//!
//!   record   ┌ word 0: payload length ┬ word 1: kind | flags << 16 ┬ payload ... ┬ up to 7 octets of filling ┐
//! ```
//!
//! Each control word has a cache line of its own, so that the two threads do not fight over one. `tail` and
//! `head` count octets and wrap at 2^32; their difference is what is in the ring. A record starts 8-byte
//! aligned and is contiguous: where the rest of the data area is too short for it, a record with [`FLAG_PAD`]
//! fills that rest. A message that exceeds [`maximum_payload`] is a run of records of one kind, all but the
//! last with [`FLAG_MORE`]. Words are in the byte order of the machine.

/// Octets of the control block; the data area starts right behind it.
pub const CONTROL_OCTETS: u32 = 256;
/// Control word: octets ever published.
pub const TAIL_WORD: u32 = 0;
/// Control word: octets ever consumed.
pub const HEAD_WORD: u32 = 16;
/// Control word: 1 while the consumer wants a bell after the next publication.
pub const CONSUMER_ASLEEP_WORD: u32 = 32;
/// Control word: 1 while the producer wants a bell after room was made.
pub const PRODUCER_WAITING_WORD: u32 = 48;
/// Octets of a record's header.
pub const RECORD_HEADER_OCTETS: u32 = 8;
/// Every record starts at a multiple of this.
pub const RECORD_ALIGNMENT: u32 = 8;
/// Where the flags start in the second header word; the kind is below.
pub const FLAGS_SHIFT: u32 = 16;
/// The bits of the second header word that are the kind.
pub const KIND_MASK: u32 = 0xffff;
/// Flag: the message goes on in the next record, which has the same kind.
pub const FLAG_MORE: u32 = 1;
/// Flag: no message; the record fills the data area up to its end.
pub const FLAG_PAD: u32 = 2;
/// The smallest data area.
pub const MINIMUM_CAPACITY: u32 = 4096;
/// The largest data area: what is in the ring stays a positive 32-bit integer in JavaScript.
pub const MAXIMUM_CAPACITY: u32 = 1 << 30;
/// A record takes at most this fraction of the data area, so that a pad wastes little and a quarter of the
/// ring being free is always enough to go on.
pub const RECORD_DIVISOR: u32 = 8;

/// Every number above by name, for the generator of the JavaScript constants.
pub const TABLE: &[(&str, u32)] = &[
    ("CONTROL_OCTETS", CONTROL_OCTETS),
    ("TAIL_WORD", TAIL_WORD),
    ("HEAD_WORD", HEAD_WORD),
    ("CONSUMER_ASLEEP_WORD", CONSUMER_ASLEEP_WORD),
    ("PRODUCER_WAITING_WORD", PRODUCER_WAITING_WORD),
    ("RECORD_HEADER_OCTETS", RECORD_HEADER_OCTETS),
    ("RECORD_ALIGNMENT", RECORD_ALIGNMENT),
    ("FLAGS_SHIFT", FLAGS_SHIFT),
    ("KIND_MASK", KIND_MASK),
    ("FLAG_MORE", FLAG_MORE),
    ("FLAG_PAD", FLAG_PAD),
    ("MINIMUM_CAPACITY", MINIMUM_CAPACITY),
    ("MAXIMUM_CAPACITY", MAXIMUM_CAPACITY),
    ("RECORD_DIVISOR", RECORD_DIVISOR),
];

/// The capacity of the ring in `length` octets of memory; `None` if that is no valid ring.
pub fn capacity(length: usize) -> Option<u32> {
    let capacity = u32::try_from(length).ok()?.checked_sub(CONTROL_OCTETS)?;
    let fits = (MINIMUM_CAPACITY..=MAXIMUM_CAPACITY).contains(&capacity);
    (fits && capacity.is_power_of_two()).then_some(capacity)
}

/// The largest payload of one record in a ring of this capacity.
pub const fn maximum_payload(capacity: u32) -> u32 {
    capacity / RECORD_DIVISOR - RECORD_HEADER_OCTETS
}

/// What a record with this payload takes up in the ring. The payload must not exceed [`MAXIMUM_CAPACITY`].
pub(crate) const fn occupied(payload: u32) -> u32 {
    RECORD_HEADER_OCTETS + payload.next_multiple_of(RECORD_ALIGNMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_power_of_two_behind_the_control_block_is_a_ring() {
        assert_eq!(capacity(256 + 4096), Some(4096));
        assert_eq!(capacity(256 + (1 << 30)), Some(1 << 30));
        for length in [0, 255, 256, 256 + 2048, 4096, 256 + 4104, 256 + (1 << 31), usize::MAX] {
            assert_eq!(capacity(length), None, "{length}");
        }
    }

    #[test]
    fn a_record_is_its_header_and_its_payload_rounded_up() {
        assert_eq!([0, 1, 8, 9].map(occupied), [8, 16, 16, 24]);
        assert_eq!(occupied(maximum_payload(4096)), 4096 / RECORD_DIVISOR);
    }

    #[test]
    fn each_control_word_has_a_cache_line_of_its_own() {
        let words = [TAIL_WORD, HEAD_WORD, CONSUMER_ASLEEP_WORD, PRODUCER_WAITING_WORD];
        let mut lines = words.map(|word| word * 4 / 64).to_vec();
        lines.dedup();
        assert_eq!(lines, [0, 1, 2, 3]);
        assert!(words.iter().all(|word| word * 4 < CONTROL_OCTETS));
    }

    #[test]
    fn the_table_names_each_number_once() {
        let mut names: Vec<_> = TABLE.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }
}
