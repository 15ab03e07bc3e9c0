//! Both sides over one memory: what goes in comes out, in order, whatever the sizes; and a memory that says
//! nonsense is an error value.
#![cfg(not(loom))]

use std::collections::VecDeque;

use dodici_ring::layout::{
    CONSUMER_ASLEEP_WORD, CONTROL_OCTETS, FLAG_MORE, FLAG_PAD, FLAGS_SHIFT, HEAD_WORD, TAIL_WORD,
};
use dodici_ring::{Consumer, Corrupt, Full, Pending, Producer};

/// The memory of a ring, for as long as a test uses it.
struct Memory {
    words: *mut [u64],
}

impl Memory {
    fn new(capacity: usize) -> Self {
        let words = vec![0_u64; (CONTROL_OCTETS as usize + capacity) / 8];
        Self { words: Box::into_raw(words.into_boxed_slice()) }
    }

    fn sides(&self) -> (Producer, Consumer) {
        let (start, length) = (self.words.cast::<u8>(), self.words.len() * 8);
        // SAFETY: the memory is zeroed, aligned and outlives both sides in each test; one of each is made.
        unsafe { (Producer::new(start, length), Consumer::new(start, length)) }
    }

    /// Writes a word from outside, as a broken producer would.
    fn set(&self, word: u32, value: u32) {
        assert!((word as usize) < self.words.len() * 2);
        // SAFETY: in bounds and aligned; no other thread uses the memory in these tests.
        unsafe { self.words.cast::<u32>().add(word as usize).write(value) }
    }

    fn get(&self, word: u32) -> u32 {
        assert!((word as usize) < self.words.len() * 2);
        // SAFETY: as in `set`.
        unsafe { self.words.cast::<u32>().add(word as usize).read() }
    }

    /// Moves both positions of a ring that no side was made of yet.
    fn start_at(&self, position: u32) {
        self.set(TAIL_WORD, position);
        self.set(HEAD_WORD, position);
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: it came out of a box, and both sides are gone.
        drop(unsafe { Box::from_raw(self.words) });
    }
}

/// xorshift64*: enough to choose sizes, and the same on each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    /// Mostly small, now and then several fragments.
    fn size(&mut self, maximum: usize) -> usize {
        match self.below(8) {
            0 => 0,
            1 => self.below(maximum * 4),
            2 => maximum - 4 + self.below(9),
            _ => self.below(300),
        }
    }

    fn octets(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.below(256) as u8).collect()
    }
}

fn popped(consumer: &mut Consumer) -> Option<(u16, Vec<u8>)> {
    consumer.pop().unwrap().map(|message| (message.kind(), message.payload().to_vec()))
}

#[test]
fn nothing_is_visible_before_it_is_published() {
    let memory = Memory::new(4096);
    let (mut producer, mut consumer) = memory.sides();
    producer.push(7, &[b"hello ", b"", b"world"]).unwrap();
    assert_eq!(consumer.pop(), Ok(None));
    assert!(!producer.publish());
    assert_eq!(popped(&mut consumer), Some((7, b"hello world".to_vec())));
    assert_eq!(consumer.pop(), Ok(None));
}

#[test]
fn a_record_is_laid_out_as_the_contract_says() {
    let memory = Memory::new(4096);
    let (mut producer, _consumer) = memory.sides();
    producer.push(7, &[b"abcde"]).unwrap();
    producer.push(0xffff, &[]).unwrap();
    let _ = producer.publish();
    let words: Vec<u32> = (64..70).map(|word| memory.get(word)).collect();
    assert_eq!(words[..3], [5, 7, u32::from_ne_bytes(*b"abcd")]);
    assert_eq!(words[3] as u8 * u8::from(cfg!(target_endian = "little")), b'e');
    assert_eq!(words[4..], [0, 0xffff]);
    assert_eq!(memory.get(TAIL_WORD), 24);
}

#[test]
fn a_pad_fills_the_end_of_the_data_area() {
    let memory = Memory::new(4096);
    memory.start_at(4096 - 16);
    let (mut producer, mut consumer) = memory.sides();
    producer.push(1, &[&[9; 9]]).unwrap();
    let _ = producer.publish();
    let end = (CONTROL_OCTETS + 4096) / 4;
    assert_eq!([memory.get(end - 4), memory.get(end - 3)], [8, FLAG_PAD << FLAGS_SHIFT]);
    assert_eq!([memory.get(64), memory.get(65)], [9, 1]);
    assert_eq!(popped(&mut consumer), Some((1, vec![9; 9])));
    let _ = consumer.release();
    assert_eq!(memory.get(HEAD_WORD), 4096 + 24);
}

#[test]
fn a_record_that_ends_with_the_data_area_needs_no_pad() {
    let memory = Memory::new(4096);
    memory.start_at(4096 - 16);
    let (mut producer, mut consumer) = memory.sides();
    for kind in [1, 2] {
        producer.push(kind, &[&[9; 8]]).unwrap();
    }
    let _ = producer.publish();
    assert_eq!(memory.get(TAIL_WORD), 4096 + 16);
    assert_eq!(popped(&mut consumer), Some((1, vec![9; 8])));
    assert_eq!(popped(&mut consumer), Some((2, vec![9; 8])));
}

#[test]
fn positions_wrap_at_two_to_the_32() {
    let memory = Memory::new(4096);
    memory.start_at(u32::MAX - 1023);
    let (mut producer, mut consumer) = memory.sides();
    for round in 0..100_u8 {
        producer.push(u16::from(round), &[&[round; 100]]).unwrap();
        let _ = producer.publish();
        assert_eq!(popped(&mut consumer), Some((u16::from(round), vec![round; 100])));
        let _ = consumer.release();
    }
    assert!(memory.get(HEAD_WORD) < 16_384);
}

#[test]
fn a_message_goes_in_as_a_whole_or_not_at_all() {
    let memory = Memory::new(4096);
    let (mut producer, mut consumer) = memory.sides();
    producer.push(1, &[&[1; 3000]]).unwrap();
    assert_eq!(producer.push(2, &[&[2; 1500]]), Err(Full));
    producer.push(3, &[&[3; 500]]).unwrap();
    let _ = producer.publish();
    assert_eq!(popped(&mut consumer), Some((1, vec![1; 3000])));
    assert_eq!(popped(&mut consumer), Some((3, vec![3; 500])));
    assert_eq!(consumer.pop(), Ok(None));
}

#[test]
fn a_ring_can_be_filled_to_the_last_octet() {
    let memory = Memory::new(4096);
    let (mut producer, mut consumer) = memory.sides();
    for kind in 0..256 {
        producer.push(kind, &[&[5; 8]]).unwrap();
    }
    assert_eq!(producer.push(256, &[]), Err(Full));
    let _ = producer.publish();
    for kind in 0..256 {
        assert_eq!(popped(&mut consumer), Some((kind, vec![5; 8])));
    }
    assert_eq!(producer.push(256, &[]), Err(Full), "the room comes back with release");
    let _ = consumer.release();
    assert_eq!(producer.push(256, &[]), Ok(()));
}

#[test]
fn a_message_larger_than_the_ring_is_taken_as_room_appears() {
    let memory = Memory::new(4096);
    let (mut producer, mut consumer) = memory.sides();
    let octets = Random(1).octets(100_000);
    let parts = [&octets[..10], &octets[10..77_777], &[], &octets[77_777..]];
    assert_eq!(producer.push(3, &parts), Err(Full));
    let mut pending = Pending::new(3);
    while producer.resume(&mut pending, &parts) == Err(Full) {
        assert_eq!(producer.push(4, &[]), Err(Full), "nothing comes between the fragments");
        assert_eq!(producer.resume(&mut Pending::new(5), &[&[]]), Err(Full));
        let _ = producer.publish();
        assert!(producer.wait_for_room());
        assert_eq!(consumer.pop(), Ok(None));
        assert!(consumer.release());
    }
    producer.push(4, &[b"next"]).unwrap();
    let _ = producer.publish();
    assert_eq!(popped(&mut consumer), Some((3, octets)));
    assert_eq!(popped(&mut consumer), Some((4, b"next".to_vec())));
}

#[test]
fn a_sleeping_consumer_is_to_be_woken_once() {
    let memory = Memory::new(4096);
    let (mut producer, mut consumer) = memory.sides();
    assert!(consumer.sleep());
    assert!(!producer.publish(), "nothing new, nobody to wake");
    producer.push(1, &[]).unwrap();
    assert!(producer.publish());
    producer.push(2, &[]).unwrap();
    assert!(!producer.publish());
    assert!(!consumer.sleep(), "there is something to pop");
    assert_eq!(memory.get(CONSUMER_ASLEEP_WORD), 0);
}

#[test]
fn a_consumer_that_woke_up_by_itself_needs_no_bell() {
    let memory = Memory::new(4096);
    let (mut producer, mut consumer) = memory.sides();
    assert!(consumer.sleep());
    consumer.wake_up();
    producer.push(1, &[]).unwrap();
    assert!(!producer.publish());
}

#[test]
fn a_waiting_producer_is_to_be_woken_once() {
    let memory = Memory::new(4096);
    let (mut producer, mut consumer) = memory.sides();
    assert!(!producer.wait_for_room(), "an empty ring has room");
    producer.push(1, &[&[0; 3000]]).unwrap();
    producer.push(2, &[&[0; 500]]).unwrap();
    let _ = producer.publish();
    assert_eq!(producer.push(3, &[&[0; 1000]]), Err(Full));
    assert!(producer.wait_for_room());
    assert!(consumer.pop().unwrap().is_some());
    assert!(consumer.release());
    assert!(consumer.pop().unwrap().is_some());
    assert!(!consumer.release());
    assert!(!producer.wait_for_room(), "room was made since the last attempt");
}

#[test]
fn every_sequence_of_operations_agrees_with_a_queue() {
    for seed in 1..=60 {
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ seed);
        let memory = Memory::new(4096 << random.below(3));
        memory.start_at((random.below(1 << 20) as u32).wrapping_mul(8).wrapping_sub(1 << 22));
        let (mut producer, mut consumer) = memory.sides();
        let maximum = producer.maximum_payload();
        let mut unpublished = VecDeque::new();
        let mut published = VecDeque::new();
        let mut pending: Option<(Pending, u16, Vec<u8>)> = None;
        for step in 0..2_000_u16 {
            match random.below(10) {
                0..=3 if pending.is_none() => {
                    let size = random.size(maximum);
                    let octets = random.octets(size);
                    let cut = random.below(octets.len() + 1);
                    let parts = [&octets[..cut], &octets[cut..]];
                    match producer.push(step, &parts) {
                        Ok(()) => unpublished.push_back((step, octets)),
                        Err(Full) => pending = Some((Pending::new(step), step, octets)),
                    }
                }
                0..=4 => {
                    if let Some((mut message, kind, octets)) = pending.take() {
                        match producer.resume(&mut message, &[&octets]) {
                            Ok(()) => unpublished.push_back((kind, octets)),
                            Err(Full) => pending = Some((message, kind, octets)),
                        }
                    }
                }
                5 | 6 => {
                    let _ = producer.publish();
                    published.append(&mut unpublished);
                }
                7 => {
                    let _ = consumer.release();
                }
                _ => assert_eq!(popped(&mut consumer), published.pop_front(), "seed {seed}, step {step}"),
            }
        }
    }
}

/// A ring of 4096 octets whose first record has this header, with so many octets published.
fn with_record(published: u32, length: u32, kind_and_flags: u32) -> Result<(), Corrupt> {
    let memory = Memory::new(4096);
    let (_producer, mut consumer) = memory.sides();
    memory.set(CONTROL_OCTETS / 4, length);
    memory.set(CONTROL_OCTETS / 4 + 1, kind_and_flags);
    memory.set(TAIL_WORD, published);
    let result = consumer.pop().map(|_| ());
    assert_eq!(consumer.pop().is_err(), result.is_err(), "a corrupt ring stays corrupt");
    result
}

#[test]
fn a_length_beyond_what_is_published_is_corrupt() {
    assert_eq!(with_record(16, 8, 1), Ok(()));
    for length in [9, 16, 4088, 4096, 4097, 1 << 31, u32::MAX - 8, u32::MAX] {
        assert_eq!(with_record(16, length, 1), Err(Corrupt), "{length}");
    }
}

#[test]
fn a_tail_that_cannot_be_is_corrupt() {
    for tail in [1, 7, 12, 4104, 1 << 31, u32::MAX - 7] {
        assert_eq!(with_record(tail, 0, 1), Err(Corrupt), "{tail}");
    }
}

#[test]
fn flags_that_no_producer_writes_are_corrupt() {
    for flags in [FLAG_MORE | FLAG_PAD, 4, 0x8000, 0xffff] {
        assert_eq!(with_record(16, 8, flags << FLAGS_SHIFT), Err(Corrupt), "{flags}");
    }
    assert_eq!(with_record(16, 8, FLAG_PAD << FLAGS_SHIFT), Err(Corrupt), "a pad reaches to the end");
    assert_eq!(with_record(4096, 4088, FLAG_PAD << FLAGS_SHIFT), Ok(()));
}

#[test]
fn a_fragment_of_another_kind_is_corrupt() {
    let memory = Memory::new(4096);
    let (mut producer, mut consumer) = memory.sides();
    producer.push(1, &[&[0; 600]]).unwrap();
    let _ = producer.publish();
    let second = CONTROL_OCTETS + 512;
    assert_eq!([memory.get(second / 4), memory.get(second / 4 + 1)], [600 - 504, 1]);
    memory.set(second / 4 + 1, 2);
    assert_eq!(consumer.pop(), Err(Corrupt));
}

#[test]
fn no_memory_content_is_more_than_an_error() {
    let mut random = Random(7);
    for _ in 0..3_000 {
        let memory = Memory::new(4096);
        for word in (CONTROL_OCTETS / 4)..(CONTROL_OCTETS + 4096) / 4 {
            let value = [0, 8, 16, 0x1_0001, 0x2_0000, random.below(1 << 31) as u32];
            memory.set(word, value[random.below(value.len())]);
        }
        let start = random.below(1 << 20) as u32 * 8;
        memory.start_at(start);
        let (mut producer, mut consumer) = memory.sides();
        memory.set(TAIL_WORD, start + random.below(600) as u32 * 8);
        while let Ok(Some(message)) = consumer.pop() {
            assert!(message.payload().len() <= 4096);
        }
        let _ = consumer.release();
        memory.set(HEAD_WORD, random.below(1 << 31) as u32);
        while producer.push(1, &[&[0; 700]]).is_ok() {}
        let _ = producer.publish();
    }
}

#[test]
#[should_panic(expected = "a ring is 256 octets and a power of two")]
fn memory_of_another_length_is_refused() {
    let memory = Memory::new(4096);
    // SAFETY: the memory is as long as said, and more.
    let _ = unsafe { Producer::new(memory.words.cast(), 4096) };
}
