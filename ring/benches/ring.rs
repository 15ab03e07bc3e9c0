//! What a message through the ring costs, written and read by one thread: without waking anybody.
//!
//! `cargo bench -p dodici-ring`

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use dodici_ring::layout::CONTROL_OCTETS;
use dodici_ring::{Consumer, Pending, Producer};

const CAPACITY: usize = 1024 * 1024;

fn main() {
    divan::main();
}

/// Both sides over one memory.
struct Ring {
    producer: Producer,
    consumer: Consumer,
    words: *mut [u64],
}

impl Ring {
    fn new() -> Self {
        let words = Box::into_raw(vec![0_u64; (CONTROL_OCTETS as usize + CAPACITY) / 8].into_boxed_slice());
        let (start, length) = (words.cast::<u8>(), words.len() * 8);
        // SAFETY: the memory is zeroed, aligned and outlives both sides, of which this is the only pair.
        let (producer, consumer) = unsafe { (Producer::new(start, length), Consumer::new(start, length)) };
        Self { producer, consumer, words }
    }

    /// Makes visible what was written, and takes it: how many octets. Nobody sleeps, or waits for room.
    fn pass(&mut self) -> usize {
        let _ = self.producer.publish();
        let mut octets = 0;
        while let Some(message) = self.consumer.pop().expect("a sound ring") {
            octets += message.payload().len();
        }
        let _ = self.consumer.release();
        octets
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: it came out of a box, and neither side is used any more.
        drop(unsafe { Box::from_raw(self.words) });
    }
}

/// So many messages of 256 octets, in two parts each, made visible together.
#[divan::bench(args = [1, 10, 50])]
fn batch(bencher: Bencher<'_, '_>, messages: usize) {
    let (mut ring, part) = (Ring::new(), [0_u8; 128]);
    bencher.counter(ItemsCount::new(messages)).bench_local(|| {
        for _ in 0..messages {
            ring.producer.push(1, &[&part, &part]).expect("room");
        }
        ring.pass()
    });
}

/// A message of so many octets; the largest goes in fragments.
#[divan::bench(args = [4096, 65536, 524_288])]
fn large(bencher: Bencher<'_, '_>, octets: usize) {
    let (mut ring, part) = (Ring::new(), vec![0_u8; octets]);
    bencher.counter(BytesCount::new(octets)).bench_local(|| {
        ring.producer.resume(&mut Pending::new(1), &[&part]).expect("room");
        ring.pass()
    });
}
