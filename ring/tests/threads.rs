//! Two threads exchange messages at full speed, and all arrive complete and in order. ThreadSanitizer watches
//! this one: hence no test harness, and bells that are plain atomics. The locks and channels of std, which the
//! harness uses too, are only half instrumented, and would be reported as races.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dodici_ring::layout::CONTROL_OCTETS;
use dodici_ring::{Consumer, Full, Pending, Producer};

const MESSAGES: usize = 20_000;
const CAPACITY: usize = 4096;

/// A bell that nobody waits for yet is not forgotten. Relaxed: nothing but the ring itself orders the data.
#[derive(Default)]
struct Bell(AtomicBool);

impl Bell {
    fn ring(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wait(&self) {
        while !self.0.swap(false, Ordering::Relaxed) {
            thread::yield_now();
        }
    }
}

fn main() {
    let mut words = vec![0_u64; (CONTROL_OCTETS as usize + CAPACITY) / 8];
    let (start, length) = (words.as_mut_ptr().cast::<u8>(), words.len() * 8);
    // SAFETY: the memory is zeroed, aligned and outlives both sides; one of each is made.
    let (producer, consumer) = unsafe { (Producer::new(start, length), Consumer::new(start, length)) };
    let (published, room) = (&Bell::default(), &Bell::default());
    thread::scope(|scope| {
        let writer = scope.spawn(move || write(producer, published, room));
        read(consumer, published, room);
        writer.join().unwrap();
    });
}

/// Mostly one record, now and then fragments, and sometimes more than the ring can hold.
fn payload(message: usize) -> Vec<u8> {
    let length = if message.is_multiple_of(500) { 9_000 } else { message * 31 % 600 };
    vec![message as u8; length]
}

fn write(mut producer: Producer, published: &Bell, room: &Bell) {
    let publish = |producer: &mut Producer| {
        if producer.publish() {
            published.ring();
        }
    };
    for message in 0..MESSAGES {
        let mut pending = Pending::new(message as u16);
        while producer.resume(&mut pending, &[&payload(message)]) == Err(Full) {
            publish(&mut producer);
            if producer.wait_for_room() {
                room.wait();
            }
        }
        if message.is_multiple_of(5) {
            publish(&mut producer);
        }
    }
    publish(&mut producer);
}

fn read(mut consumer: Consumer, published: &Bell, room: &Bell) {
    let mut expected = 0;
    while expected < MESSAGES {
        while let Some(message) = consumer.pop().unwrap() {
            assert_eq!(message.kind(), expected as u16);
            assert!(message.payload() == payload(expected), "message {expected} is damaged");
            expected += 1;
        }
        if consumer.release() {
            room.ring();
        }
        if expected < MESSAGES && consumer.sleep() {
            published.wait();
        }
    }
}
